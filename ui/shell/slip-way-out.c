/* SPDX-License-Identifier: MIT */

/* The way out of what a button in the window cannot mend: files, and a server that is gone. */

#include "config.h"

#include "slip-way-out.h"

#include <glib/gi18n.h>

#include "slip-format.h"

static gboolean
is_ledger (const GError *error)
{
  return error != NULL && error->domain == SLIP_LEDGER_ERROR;
}

const char *
slip_way_out_get_title (const GError *error)
{
  return is_ledger (error) ? _ ("The audit log cannot be opened")
                           : _ ("The workspace cannot be opened");
}

char *
slip_way_out_dup_text (SlipWorkbench *workbench, const GError *error)
{
  g_autofree char *ledger = NULL;

  g_return_val_if_fail (SLIP_IS_WORKBENCH (workbench), NULL);

  if (!is_ledger (error))
    return g_strdup_printf (
        _ ("Mend the file %s, then try again; or start Slipway with --workspace and another one. A "
           "rehearsal writes its own file anew when its server starts."),
        slip_workbench_get_workspace_path (workbench));
  if (error->code != SLIP_LEDGER_ERROR_DAMAGED)
    return g_strdup (_ ("Nothing is planned or run without it. Mend that, then try again."));
  ledger = g_build_filename (slip_workbench_get_state_dir (workbench), "ledger.db", NULL);
  return g_strdup_printf (
      _ ("Move %s, and what stands beside it under the same name, to a safe place as evidence. "
         "Then "
         "try again: a new log begins. Look at AWS before you plan, since what runs of the old log "
         "began may still go on."),
      ledger);
}

char *
slip_way_out_dup_listing (SlipEnvironment *environment, const SlipEstatePart *part)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (environment), NULL);

  if (part == NULL)
    return NULL;
  if (!part->unreached || !slip_environment_is_rehearsal (environment)
      || slip_environment_get_endpoint_url (environment) == NULL)
    return g_strdup (part->message);
  return g_strdup_printf (
      _ ("%s\n\nCalls go to %s. Is its server still there? ./app/run starts that of the rehearsal "
         "again, slipway-rehearsal --state FOLDER one in a folder of yours; both say why when "
         "their "
         "world is damaged, and ./app/run --fresh begins a new one, with a new audit log."),
      part->message, slip_environment_get_endpoint_url (environment));
}

const SlipEstatePart *
slip_way_out_find_failed (SlipEstateList *list)
{
  GPtrArray *parts;

  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (list), NULL);

  parts = slip_estate_list_get_parts (list);
  for (guint i = 0; i < parts->len; i++)
    {
      const SlipEstatePart *part = g_ptr_array_index (parts, i);

      if (part->message != NULL)
        return part;
    }
  return NULL;
}

char *
slip_way_out_dup_stale (SlipEstateList *list, gint64 now_us)
{
  const SlipEstatePart *part;
  gint64 listed;
  g_autofree char *time = NULL;

  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (list), NULL);

  part = slip_way_out_find_failed (list);
  if (slip_estate_list_get_state (list) != SLIP_ESTATE_PARTIAL || part == NULL)
    return NULL;
  listed = slip_estate_list_get_listed_at (list);
  if (listed == 0)
    return g_strdup_printf (_ ("Not all could be listed. %s"), part->message);
  time = slip_format_moment (listed, now_us);
  return g_strdup_printf (_ ("Rows are old, as of %s: not all could be listed anew. %s"), time,
                          part->message);
}
