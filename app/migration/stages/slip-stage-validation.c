/* SPDX-License-Identifier: MIT */
/* Stage validation: what should be in the target against what is. The work is in app/migration/compare; here is where rows
 * are read, and what the stage says of itself. */

#include "slip-migration-run-private.h"

#include "slip-validation-run.h"

static gboolean
prepare (SlipPg *pg, gboolean target, gpointer data, GError **error)
{
  SlipMigrationRun *run = data;

  if (target)
    return slip_stage_patience_take (&run->patience, pg, run->options->target_db, error);
  return slip_stage_patience_take (&run->patience, pg, run->options->migration_db, error)
         && slip_migration_run_lock_beside (pg, SLIP_STAGE_RUN_LOCK, error);
}

/* Expected rows come from where the steps read theirs: filters hold for both. */
GPtrArray *
slip_stage_validate (SlipMigrationRun *run, SlipValidationOptions *options, GError **error)
{
  g_autofree char *filter = slip_migration_run_dup_stage (run, "filter", error);

  if (filter == NULL)
    return NULL;
  options->run = run->id;
  options->token = run->token;
  options->run_date = run->run_date;
  options->source = g_str_equal (filter, "done") ? run->kept : run->schemas->source;
  options->progress = run->options->progress;
  options->data = run->options->data;
  options->connections = run->options->connections;
  options->migration_db = run->options->migration_db;
  options->target_db = run->options->target_db;
  options->prepare = prepare;
  options->prepare_data = run;
  options->cancellable = run->cancellable;
  return slip_validation_execute (run->migration, run->pg, run->target, options, error);
}

static char *
dup_time (gint64 microseconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);

  return g_date_time_format (time, "%F %T UTC");
}

/* Rows that are not as they should be, of all mappings. */
typedef struct
{
  gint64 wrong;
  gint64 known;
  gint64 flagged;       /* of mappings that were rechecked, when all their rows were compared */
  gint64 flagged_known; /* of all mappings, at that time */
  gint64 flagged_all;
  gint64 compared; /* when */
  gint64 rechecked;
} Counts;

static void
add_counts (Counts *counts, const SlipValidationResult *one)
{
  gint64 wrong = one->missing + one->extra + one->differing + one->duplicated;

  counts->wrong += wrong - one->known;
  counts->known += one->known;
  counts->flagged += one->rechecked > 0 ? one->flagged : 0;
  counts->flagged_all += one->rechecked > 0 ? one->flagged : wrong;
  counts->flagged_known += one->rechecked > 0 ? one->flagged_known : one->known;
  counts->compared = counts->compared > 0 ? MIN (counts->compared, one->ended) : one->ended;
  counts->rechecked = MAX (counts->rechecked, one->rechecked);
}

/* What a recheck found is no finding of all rows. slip-migration-validate.c knows this sentence by how it begins. */
static void
append_recheck (GString *note, const Counts *counts)
{
  g_autofree char *rechecked = dup_time (counts->rechecked);
  g_autofree char *compared = dup_time (counts->compared);
  gint64 before = counts->flagged_all - counts->flagged_known;

  g_string_append_printf (
      note,
      "recheck on %s of %" G_GINT64_FORMAT " flagged %s alone: %" G_GINT64_FORMAT
      " %s now, and %" G_GINT64_FORMAT " that the sidecar has a reason for; all rows were "
      "validated last on %s, when %" G_GINT64_FORMAT " %s, and %" G_GINT64_FORMAT " had a reason",
      rechecked, counts->flagged, counts->flagged == 1 ? "row" : "rows", counts->wrong,
      counts->wrong == 1 ? "of what was flagged is not as expected"
                         : "of what was flagged are not as expected",
      counts->known, compared, before, before == 1 ? "was not as expected" : "were not as expected",
      counts->flagged_known);
}

/* What the stage says of itself: all mappings of the run that were looked at, whether now or before. */
char *
slip_stage_validation_dup_note (GPtrArray *results, gint64 *rows)
{
  g_autoptr (GString) note = g_string_new (NULL);
  Counts counts = {0};
  gint64 outside = 0;
  guint back = 0;

  for (guint i = 0; i < results->len; i++)
    {
      const SlipValidationResult *one = g_ptr_array_index (results, i);

      *rows += one->expected;
      add_counts (&counts, one);
      outside += one->outside;
      back += one->independent ? 0 : 1;
    }
  if (counts.rechecked > 0)
    append_recheck (note, &counts);
  else if (counts.wrong > 0 || counts.known > 0)
    g_string_append_printf (note,
                            "%" G_GINT64_FORMAT " %s not as expected, and %" G_GINT64_FORMAT
                            " that the sidecar has a reason for",
                            counts.wrong, counts.wrong == 1 ? "row is" : "rows are", counts.known);
  if (outside > 0)
    g_string_append_printf (
        note, "%s%" G_GINT64_FORMAT " %s outside of the definitions' queries: read back",
        note->len > 0 ? "; " : "", outside, outside == 1 ? "row is" : "rows are");
  if (back > 0)
    g_string_append_printf (note, "%s%u of %u %s read back, not independent",
                            note->len > 0 ? "; " : "", back, results->len,
                            back == 1 ? results->len == 1 ? "mapping is" : "mappings is"
                                      : "mappings are");
  return note->len > 0 ? g_strdup (note->str) : NULL;
}

gboolean
slip_stage_validation (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autofree char *load = slip_migration_run_dup_stage (run, "load_to_target", error);
  SlipValidationOptions options = {0};
  g_autoptr (GPtrArray) results = NULL;

  if (load == NULL)
    return FALSE;
  if (!g_str_equal (load, "done"))
    {
      result->state = g_strdup ("skipped");
      result->note = g_strdup ("nothing is loaded that could be looked at");
      return TRUE;
    }
  results = slip_stage_validate (run, &options, error);
  if (results == NULL)
    return FALSE;
  result->note = slip_stage_validation_dup_note (results, &result->rows);
  return TRUE;
}
