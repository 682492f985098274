/* SPDX-License-Identifier: MIT */
/* A run's own look at its definitions: what the check calls an error stops it, before a run begins and, against the headers that
 * are landed, before the first stage behind the load. No rows are read; those that must be in the target are for stage prepare. */

#include "slip-migration-run-private.h"

#include "slip-migration-check.h"

static gboolean
read_catalogues (SlipMigrationRun *run,
                 gboolean landed,
                 gboolean target,
                 SlipCheckAgainst *against,
                 GError **error)
{
  SlipCatalogue *source = NULL;

  against->apart = TRUE;
  against->target_db = target ? run->target : NULL;
  if (landed
      && (source
          = slip_catalogue_read_schema (run->pg, run->schemas->source, run->cancellable, error))
             == NULL)
    return FALSE;
  if (source != NULL && slip_catalogue_get_n_tables (source) == 0)
    g_clear_pointer (&source, slip_catalogue_free); /* the load was left out */
  against->source = source;
  against->target = target ? slip_catalogue_read_schema (run->target, run->schemas->target,
                                                         run->cancellable, error)
                           : NULL;
  return !target || against->target != NULL;
}

/* Against what is @landed, and the @target, where these are to be used. */
gboolean
slip_migration_run_check_definitions (SlipMigrationRun *run,
                                      gboolean landed,
                                      gboolean target,
                                      GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  SlipCheckAgainst against = {0};
  gboolean ok
      = read_catalogues (run, landed, target, &against, error)
        && slip_migration_check (run->migration, &against, run->cancellable, findings, error);
  guint errors = 0;

  g_clear_pointer ((SlipCatalogue **)&against.source, slip_catalogue_free);
  g_clear_pointer ((SlipCatalogue **)&against.target, slip_catalogue_free);
  if (ok)
    {
      slip_findings_sort (findings);
      errors = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
    }
  if (errors > 0)
    {
      g_autofree char *told = slip_findings_to_text (findings, SLIP_SEVERITY_ERROR);

      SLIP_STAGE_ERROR (error, DEFINITION, "the check finds %u %s, and nothing runs on that:\n%s",
                        errors, errors == 1 ? "error" : "errors", g_strchomp (told));
    }
  return ok && errors == 0;
}
