/* SPDX-License-Identifier: MIT */

/* Any bytes as a workspace file: either it is read, and every environment is found by its name and
 * tells what it must have, or there is an error of ours with a message. */

#include "slip-estate-error.h"
#include "slip-workspace.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
look_at (SlipWorkspace *workspace, SlipEnvironment *environment)
{
  g_assert_true (slip_workspace_find (workspace, slip_environment_get_name (environment))
                 == environment);
  g_assert_nonnull (
      slip_workspace_find_account (workspace, slip_environment_get_account (environment)));
  g_assert_nonnull (slip_environment_get_title (environment));
  g_assert_nonnull (slip_environment_get_regions (environment)[0]);
  g_assert_nonnull (slip_environment_get_settings (environment));
  if (slip_environment_is_rehearsal (environment))
    g_assert_cmpfloat (slip_environment_get_speed (environment), >=, 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipWorkspace) workspace = slip_workspace_new_from_text (
      (const char *)data, (gssize)size, "/nowhere/workspace.json", &error);

  if (workspace == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (error->domain == SLIP_ESTATE_ERROR);
      g_assert_cmpstr (error->message, !=, "");
      return 0;
    }
  GListModel *environments = slip_workspace_get_environments (workspace);

  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);

      look_at (workspace, environment);
    }
  return 0;
}
