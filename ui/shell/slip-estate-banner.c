/* SPDX-License-Identifier: MIT */

/* The words of the bar that says that this is not AWS. */

#include "config.h"

#include "slip-estate-banner.h"

#include <glib/gi18n.h>

static SlipEnvironment *
find_environment (SlipWorkbench *workbench, SlipEnvironment *shown)
{
  SlipWorkspace *workspace = slip_workbench_get_workspace (workbench);

  if (shown != NULL)
    return slip_environment_get_endpoint_url (shown) != NULL ? shown : NULL;
  for (guint i = 0; workspace != NULL; i++)
    {
      g_autoptr (SlipEnvironment) environment
          = g_list_model_get_item (slip_workspace_get_environments (workspace), i);

      if (environment == NULL)
        break;
      if (slip_environment_get_endpoint_url (environment) != NULL)
        return environment; /* The workspace keeps it. */
    }
  return NULL;
}

char *
slip_estate_banner_dup_text (SlipWorkbench *workbench, SlipEnvironment *shown)
{
  SlipEnvironment *environment;

  g_return_val_if_fail (SLIP_IS_WORKBENCH (workbench), NULL);

  environment = find_environment (workbench, shown);
  if (environment == NULL)
    return NULL;
  if (slip_environment_is_rehearsal (environment))
    return g_strdup_printf (_ ("Rehearsal estate – %s – nothing here is real AWS"),
                            slip_environment_get_endpoint_url (environment));
  return g_strdup_printf (_ ("Endpoint override – requests go to %s, not to AWS"),
                          slip_environment_get_endpoint_url (environment));
}
