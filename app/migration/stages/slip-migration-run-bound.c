/* SPDX-License-Identifier: MIT */
/* What a run is bound to: stages before the one that is asked for. */

#include "slip-migration-run-private.h"

static gboolean
is_left_out (SlipMigrationRun *run, const char *stage)
{
  return run->options->skip != NULL && g_strv_contains (run->options->skip, stage);
}

static gboolean
refuse_order (SlipMigrationRun *run, const char *before, const char *state, GError **error)
{
  const char *what = g_str_equal (state, "")          ? "not done yet"
                     : g_str_equal (state, "running") ? "broken off"
                                                      : state;

  if (run->id == 0)
    SLIP_STAGE_ERROR (
        error, STATE,
        "there is no run of %s with these definitions, values and run date in %s that "
        "stage %s could go on with. Begin with “slipwayctl migrate stage %s”, or with "
        "“slipwayctl migrate run”",
        slip_migration_get_name (run->migration), slip_pg_get_where (run->pg), run->options->only,
        before);
  else
    SLIP_STAGE_ERROR (error, STATE,
                      "stage %s works on what stage %s makes, and that is %s in run "
                      "%" G_GINT64_FORMAT ". Run it first: slipwayctl migrate stage %s; or say "
                      "with --skip %s that it is left out",
                      run->options->only, before, what, run->id, before, before);
  return FALSE;
}

/* One stage by itself works on what those before it made, and what their gates stopped goes no further by hand either. The
 * API's tests make nothing, so that they need not be done; what they found counts. */
gboolean
slip_migration_run_check_order (SlipMigrationRun *run, GError **error)
{
  const char *const *stages = slip_migration_run_get_stages ();

  for (guint i = 0; stages[i] != NULL && !g_str_equal (stages[i], run->options->only); i++)
    {
      g_autofree char *state = NULL;

      if (is_left_out (run, stages[i]))
        continue;
      state = slip_migration_run_dup_stage (run, stages[i], error);
      if (state == NULL)
        return FALSE;
      if (g_str_equal (state, "done"))
        {
          if (!slip_migration_run_check_gates (run, stages[i], error))
            return FALSE;
        }
      else if (!g_str_equal (state, "skipped") && !g_str_equal (stages[i], "api"))
        return refuse_order (run, stages[i], state, error);
    }
  return TRUE;
}
