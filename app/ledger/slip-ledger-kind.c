/* SPDX-License-Identifier: MIT */
/* Which entries are surely not of a kind, by a look at their bytes. The file has no stored column for the kind:
 * SQLite reads a whole entry as JSON to tell it, and a log has many entries for one that is asked for. */

#include "slip-ledger-kind.h"
#include "slip-json.h"

#include <string.h>

#define MEMBER "\"kind\":"

/* Every kind in it, of the entry or of what it tells of, ends as one ends in canonical text. What is otherwise was
 * not written so, and is left to SQLite to complain of. */
static gboolean
is_as_written (const char *text, gsize length)
{
  const char *end = text + length;
  const char *at = text;
  gboolean told = FALSE;

  if (length == 0 || end[-1] != '}' || memchr (text, '\0', length) != NULL)
    return FALSE;
  while ((at = memmem (at, (gsize)(end - at), MEMBER, strlen (MEMBER))) != NULL)
    {
      at += strlen (MEMBER);
      if (*at != '"')
        return FALSE;
      at += 1 + strcspn (at + 1, "\"\\");
      if (*at != '"' || (at[1] != ',' && at[1] != '}'))
        return FALSE;
      told = TRUE;
    }
  return told;
}

static void
may_be (sqlite3_context *context, int n_values, sqlite3_value **values)
{
  const char *body = (const char *)sqlite3_value_text (values[0]);
  const char *kind = (const char *)sqlite3_value_text (values[1]);
  gsize length = (gsize)sqlite3_value_bytes (values[0]);

  sqlite3_result_int (context, body == NULL || kind == NULL
                                   || memmem (body, length, kind, strlen (kind)) != NULL
                                   || !is_as_written (body, length));
}

int
slip_ledger_kind_add_function (sqlite3 *db)
{
  return sqlite3_create_function_v2 (db, SLIP_LEDGER_KIND_MAY_BE, 2,
                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                     may_be, NULL, NULL, NULL);
}

char *
slip_ledger_kind_dup_text (const char *kind)
{
  gboolean any = g_str_has_suffix (kind, "*");
  g_autofree char *begin = g_strndup (kind, strlen (kind) - any);
  g_autoptr (JsonNode) node = slip_json_new_string (begin);
  g_autofree char *text = slip_json_canonical (node, NULL);

  /* What is no text is no entry's kind: each holds this, and SQLite is left to find that out. */
  if (text == NULL)
    return g_strdup (MEMBER);
  return g_strdup_printf (MEMBER "%.*s", (int)strlen (text) - any, text);
}
