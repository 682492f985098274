/* SPDX-License-Identifier: MIT */

/* The way out of what a button in the window cannot mend: files, and a server that is gone. */

#include "config.h"

#include "slip-way-out.h"

#include <glib/gi18n.h>

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
slip_way_out_dup_listing (SlipEnvironment *environment, const char *message)
{
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (environment), NULL);

  if (message == NULL || !slip_environment_is_rehearsal (environment)
      || slip_environment_get_endpoint_url (environment) == NULL)
    return g_strdup (message);
  return g_strdup_printf (
      _ ("%s\n\nCalls go to %s. Is its server still there? ./app/run starts that of the rehearsal "
         "again, slipway-rehearsal --state FOLDER one in a folder of yours; both say why when "
         "their "
         "world is damaged, and ./app/run --fresh begins a new one, with a new audit log."),
      message, slip_environment_get_endpoint_url (environment));
}
