/* SPDX-License-Identifier: MIT */
/* Stage api: the new system is asked, and its answers held against what is expected. The work is in app/migration/api; here is
 * when there is something to ask, and what the stage says of itself. */

#include "slip-migration-run-private.h"

#include "slip-api-check.h"

static gboolean
skip (SlipStageResult *result, const char *why)
{
  result->state = g_strdup ("skipped");
  result->note = g_strdup (why);
  return TRUE;
}

gboolean
slip_stage_api (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autofree char *load = slip_migration_run_dup_stage (run, "load_to_target", error);
  SlipApiOptions options = {
      .url = run->options->api_url, .progress = run->options->progress, .data = run->options->data};
  g_autoptr (GPtrArray) checks = NULL;
  guint wrong, skipped;

  if (load == NULL)
    return FALSE;
  slip_api_options_take_environment (&options);
  if (slip_migration_get_api (run->migration)->checks->len == 0)
    return skip (result, "the sidecar has no checks of an API");
  if (!g_str_equal (load, "done"))
    return skip (result, "nothing is loaded that could be asked for");
  if (options.url == NULL || *options.url == '\0')
    return skip (result, "no address of the API was given: ApiUrl, --api-url or SLIPWAY_API_URL");
  checks = slip_api_execute (run->migration, &options, run->pg, run->target, run->run_date,
                             run->cancellable, error);
  if (checks == NULL || !slip_api_store (run->pg, run->id, checks, error))
    return FALSE;
  wrong = slip_api_count (checks, "failed") + slip_api_count (checks, "error");
  skipped = slip_api_count (checks, "skipped");
  result->rows = checks->len;
  if (wrong > 0 || skipped > 0)
    result->note
        = g_strdup_printf ("%u %s failed, %u %s skipped", wrong, wrong == 1 ? "check" : "checks",
                           skipped, skipped == 1 ? "was" : "were");
  return TRUE;
}
