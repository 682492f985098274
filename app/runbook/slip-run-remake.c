/* SPDX-License-Identifier: MIT */
/* What a wait waited for came to nothing: AWS made it, and then said that it failed. Waiting again does
 * not mend that. A person finds the cause and deletes what is left; when the run is resumed and it is
 * gone, the run goes back to the step that makes it, which looks before it sends as at any resume. Nothing
 * is deleted here, and nothing that is still there is made a second time. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-run-lost.h"

static gboolean
is_gone (SlipRunContext *context, const SlipRunWaitSpec *spec, JsonArray *codes, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonNode) response = slip_run_engine_read (
      context, spec->service, spec->operation, spec->request, SLIP_AWS_PRIORITY_WAIT, &failure);
  const char *code;

  if (response != NULL)
    return FALSE;
  if (slip_run_error_is_stop (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  code = slip_aws_error_get_code (failure);
  for (guint i = 0; code != NULL && codes != NULL && i < json_array_get_length (codes); i++)
    if (g_str_equal (code, json_array_get_string_element (codes, i)))
      return TRUE;
  return FALSE;
}

gboolean
slip_run_remake (SlipRunContext *context,
                 const SlipRunWaitSpec *spec,
                 gboolean *back,
                 GError **error)
{
  SlipFoldStep *maker = slip_run_fold_find_maker (context->engine->fold, context->step);
  g_autoptr (GError) local = NULL;

  *back = FALSE;
  if (maker == NULL)
    return TRUE;
  *back
      = is_gone (context, spec,
                 slip_json_array (slip_plan_step_get_resume (maker->plan_step), "absent"), &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!*back)
    return TRUE;
  context->outcome = "failed";
  context->gone = TRUE;
  g_free (context->detail);
  context->detail
      = g_strdup_printf ("what failed is gone; back to step %s, which makes it again", maker->id);
  g_free (context->next);
  context->next = g_strdup (maker->id);
  context->next_set = TRUE;
  return TRUE;
}
