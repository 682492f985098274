/* SPDX-License-Identifier: MIT */
/* What an entry must be before it is stored: its canonical text, within bounds that every reader of
 * it, also the verifier's, can rely on. */

#include "slip-ledger-entry.h"
#include "slip-json.h"

#include <string.h>

const char *
slip_ledger_entry_boot (void)
{
  static char *id;

  if (g_once_init_enter (&id))
    {
      g_autofree char *text = NULL;

      if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL)
          || strlen (text) < 8)
        {
          g_free (text);
          text = g_strdup ("unknown-");
        }
      g_once_init_leave (&id, g_strndup (text, 8));
    }
  return id;
}

gboolean
slip_ledger_entry_check (JsonObject *entry, GError **error)
{
  static const char *const reserved[] = {"v", "seq", "log", "prev", "time", "mono", "boot"};

  for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      if (json_object_has_member (entry, reserved[i]))
        {
          g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_ENTRY,
                       "an entry may not set %s: the ledger does", reserved[i]);
          return FALSE;
        }
    }
  return TRUE;
}

static guint
text_depth (const char *text)
{
  guint depth = 0;
  guint deepest = 0;
  gboolean in_string = FALSE;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (in_string)
        {
          if (*p == '\\')
            p++;
          else if (*p == '"')
            in_string = FALSE;
        }
      else if (*p == '"')
        in_string = TRUE;
      else if (*p == '{' || *p == '[')
        {
          depth++; /* Not within MAX(), which evaluates its arguments twice. */
          deepest = MAX (deepest, depth);
        }
      else if (*p == '}' || *p == ']')
        depth--;
    }
  return deepest;
}

char *
slip_ledger_entry_text (JsonNode *node, gsize *length, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = slip_json_canonical (node, &local);

  if (text == NULL)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_ENTRY, "cannot record entry: %s",
                   local->message);
      return NULL;
    }
  *length = strlen (text);
  if (*length > SLIP_LEDGER_ENTRY_MAX)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_ENTRY,
                   "cannot record entry: it has %" G_GSIZE_FORMAT " bytes, more than %d", *length,
                   SLIP_LEDGER_ENTRY_MAX);
      return NULL;
    }
  if (text_depth (text) > SLIP_LEDGER_ENTRY_DEPTH)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_ENTRY,
                   "cannot record entry: it nests deeper than %d", SLIP_LEDGER_ENTRY_DEPTH);
      return NULL;
    }
  if (!g_utf8_validate (text, (gssize)*length, NULL))
    {
      g_set_error_literal (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_ENTRY,
                           "cannot record entry: a member's name is not UTF-8");
      return NULL;
    }
  return g_steal_pointer (&text);
}
