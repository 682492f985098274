/* SPDX-License-Identifier: MIT */

/* What a person is told before a migration is run: where rows go, whether the target has some of it, and what else is not
 * through there. Asks nobody: it is of what was read just before. */

#include "config.h"

#include "slip-migration-question.h"

#include <glib/gi18n.h>

#include "slip-run-list.h"
#include "slip-run-text.h"
#include "slip-stage-words.h"

#define MOST 3 /* that are named; the page of runs has all */

/* Definitions that cannot be read are told of when they are needed. */
static const SlipMigrationRunStatus *
find_taken_up (SlipMigrationData *data, guint *other)
{
  const SlipMigrationRunStatus *run
      = data != NULL && data->migration != NULL
            ? slip_migration_run_status_find_taken_up (data->runs, data->migration)
            : NULL;

  *other = run != NULL
               ? slip_migration_run_status_compare (run, data->migration, data->project->run_date)
               : 0;
  return run;
}

/* Such as “Not as in run 1 any more: definitions, the run date (2022-06-15, now 2022-06-16).” */
static char *
dup_other (const SlipMigrationRunStatus *run, guint other, const char *run_date)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  if (other & SLIP_MIGRATION_OTHER_DEFINITIONS)
    g_ptr_array_add (words, g_strdup (_ ("definitions")));
  if (other & SLIP_MIGRATION_OTHER_SIDECAR)
    g_ptr_array_add (words, g_strdup (_ ("the sidecar or its values")));
  /* Translators: the date of the run before, and the one of now */
  if (other & SLIP_MIGRATION_OTHER_RUN_DATE)
    g_ptr_array_add (words,
                     g_strdup_printf (_ ("the run date (%s, now %s)"), run->run_date, run_date));
  g_ptr_array_add (words, NULL);
  list = g_strjoinv (", ", (char **)words->pdata);
  /* Translators: a run's number, and what is not the same any more */
  return g_strdup_printf (_ ("Not as in run %d any more: %s."), (int)run->run, list);
}

static gboolean
has_rows (const SlipMigrationRunStatus *run)
{
  return run->loaded != NULL && run->loaded->len > 0;
}

static char *
dup_effect_of_other (const SlipMigrationRunStatus *run, guint other, const char *run_date)
{
  g_autofree char *what = dup_other (run, other, run_date);

  if (g_str_equal (run->state, "gone"))
    return g_strdup_printf (_ ("Run %d was loaded and is gone: the target was brought back to a "
                               "time before. %s So it is not gone on with: a new run begins, and "
                               "all of its rows go into the target."),
                            (int)run->run, what);
  if (has_rows (run))
    return g_strdup_printf (_ ("%s A new run is refused while rows of run %d are in the target: "
                               "take that one back first."),
                            what, (int)run->run);
  return g_strdup_printf (_ ("%s So it is not gone on with: a new run begins."), what);
}

/* The first stage that was taken back is where the run goes on; what came before it stands. */
static const char *
find_taken_back (const SlipMigrationRunStatus *run)
{
  for (guint i = 0; g_str_has_prefix (run->state, "taken back") && i < run->stages->len; i++)
    {
      const SlipStageResult *stage = g_ptr_array_index (run->stages, i);

      if (g_str_equal (stage->state, "undone"))
        return stage->stage;
    }
  return NULL;
}

static char *
dup_effect_of_taken_back (const SlipMigrationRunStatus *run, const char *stage)
{
  if (g_str_equal (run->state, "taken back"))
    return g_strdup_printf (_ ("Run %d was taken back. It goes on from stage “%s”, and all of its "
                               "rows go into the target again."),
                            (int)run->run, slip_stage_get_title (stage));
  return has_rows (run)
             ? g_strdup_printf (_ ("Run %d was taken back in part. It goes on from stage “%s”."),
                                (int)run->run, slip_stage_get_title (stage))
             : g_strdup_printf (_ ("Run %d was taken back in part. It goes on from stage “%s”, and "
                                   "all of its rows go into the target again."),
                                (int)run->run, slip_stage_get_title (stage));
}

/* The latest run is the one that is gone on with, if it was not taken back and is of what is there now. */
static char *
dup_effect (SlipMigrationData *data)
{
  guint other = 0;
  const SlipMigrationRunStatus *run = find_taken_up (data, &other);
  const char *stage;

  if (other != 0)
    return dup_effect_of_other (run, other, data->project->run_date);
  if (data != NULL && data->unasked != NULL)
    return g_strdup_printf (_ ("Whether the target has rows of it is not known: %s. What is noted "
                               "as loaded and is not there goes in again."),
                            data->unasked);
  if (run != NULL && g_str_equal (run->state, "gone"))
    return g_strdup_printf (_ ("Run %d was loaded and is gone: the target was brought back to a "
                               "time before. All of its rows go into the target again."),
                            (int)run->run);
  stage = run != NULL ? find_taken_back (run) : NULL;
  if (stage != NULL)
    return dup_effect_of_taken_back (run, stage);
  if (run == NULL && data != NULL && data->runs->len > 0)
    return g_strdup (_ ("There is no run that was not taken back: a new run begins."));
  return g_strdup (_ ("A run that broke off is taken up where it stands; of one that is finished, "
                      "and in the target, nothing is changed."));
}

char *
slip_migration_question_dup_body (SlipMigrationDesk *desk, const char *unfinished)
{
  SlipMigrationProject *project;
  const SlipMigrationRunStatus *run;
  guint other;
  gboolean refused;
  g_autofree char *effect = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (desk), NULL);

  project = slip_migration_desk_get_project (desk);
  effect = dup_effect (slip_migration_desk_get_data (desk));
  run = find_taken_up (slip_migration_desk_get_data (desk), &other);
  refused = other != 0 && has_rows (run);
  return g_strdup_printf (_ ("From: %s\nBy way of: %s\nInto: %s\n\n%s%s%s%s"),
                          project->source != NULL ? project->source : _ ("what is landed"),
                          project->migration_db, project->target_db,
                          unfinished != NULL ? unfinished : "", unfinished != NULL ? "\n\n" : "",
                          effect, refused ? "" : _ (" It can be taken back."));
}

char *
slip_migration_question_dup_no_stage (SlipMigrationDesk *desk,
                                      const char *stage,
                                      SlipMigrationInstead *instead)
{
  SlipMigrationData *data;
  const SlipMigrationRunStatus *run;
  guint other = 0;
  g_autofree char *what = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (desk) && stage != NULL && instead != NULL, NULL);

  data = slip_migration_desk_get_data (desk);
  run = find_taken_up (data, &other);
  *instead = SLIP_MIGRATION_INSTEAD_RUN;
  if (data == NULL || data->migration == NULL)
    return NULL;
  if (run == NULL)
    return g_strdup (
        _ ("A stage is run of a run, and there is none that was not taken back. “Run…” "
           "begins one, with all stages."));
  if (other != 0)
    {
      what = dup_other (run, other, data->project->run_date);
      if (g_str_equal (stage, "validation") && has_rows (run))
        return g_strdup_printf (_ ("%s A stage is run of what its run was begun with. “slipwayctl "
                                   "migrate validate” compares the rows of run %d by the "
                                   "definitions as they are now. “Run…” is refused while these "
                                   "rows are in the target: take the run back first."),
                                what, (int)run->run);
      return g_strdup_printf (_ ("%s A stage is run of what its run was begun with. “Run…” begins "
                                 "a new one, with all stages."),
                              what);
    }
  if (data->run != run->run)
    {
      *instead = SLIP_MIGRATION_INSTEAD_SHOW;
      return g_strdup_printf (_ ("Stages are run of run %d, which comes later and was not taken "
                                 "back; this page shows run %d."),
                              (int)run->run, (int)data->run);
    }
  if (!slip_migration_run_status_keeps (run, stage))
    return NULL;
  *instead = SLIP_MIGRATION_INSTEAD_UNDO;
  return g_strdup_printf (_ ("Rows of run %d are in the target, and were made of what this stage "
                             "made. Take them back, from this stage on: exactly the rows that its "
                             "manifest names leave %s. “Run…” goes on from there."),
                          (int)run->run, data->project->target_db);
}

/* A plan that was not begun has changed nothing, and what is through changes nothing any more. */
static gboolean
is_unfinished (const SlipRunSummary *run, const char *environment)
{
  return run->state != SLIP_RUN_DONE && run->state != SLIP_RUN_CANCELLED
         && run->state != SLIP_RUN_PLANNED && run->state != SLIP_RUN_APPROVED
         && (environment == NULL || run->environment == NULL
             || g_str_equal (run->environment, environment));
}

char *
slip_migration_question_dup_unfinished (SlipMigrationDesk *desk)
{
  GListModel *runs;
  const char *environment;
  GString *text = g_string_new (NULL);
  guint n = 0;

  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (desk), NULL);

  environment = slip_migration_desk_get_project (desk)->environment;
  runs = G_LIST_MODEL (slip_workbench_get_runs (slip_migration_desk_get_workbench (desk)));
  for (guint i = 0; i < g_list_model_get_n_items (runs); i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (runs, i);
      const SlipRunSummary *run = slip_run_row_get_summary (row);

      if (!is_unfinished (run, environment) || ++n > MOST)
        continue;
      /* Translators: a procedure's title, the run's id, where it stands */
      g_string_append_printf (text, _ ("Not through: %s, run %s: %s. "), run->title, run->id,
                              slip_run_state_title (run->state));
    }
  if (n > MOST)
    g_string_append_printf (text, _ ("There are %u more. "), n - MOST);
  if (n > 0)
    g_string_append (text, _ ("It may have to do with this target, and rows that go in now may be "
                              "lost, or be in its way. Carry it on or cancel it first."));
  return g_string_free (text, text->len == 0);
}

char *
slip_migration_question_dup_refusal (SlipMigrationData *data)
{
  g_autofree char *clash = NULL;

  if (data == NULL || data->clash == NULL)
    return NULL;
  clash = slip_run_clash_describe (data->clash);
  /* Translators: an environment's name, and a sentence that names the run and the ways out */
  return g_strdup_printf (
      _ ("The migration works in databases of %s, and %s.\n\nWhat goes in or out now could be "
         "lost with those databases, or spoil what that run makes."),
      data->project->environment, clash);
}
