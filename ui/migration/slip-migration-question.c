/* SPDX-License-Identifier: MIT */

/* What a person is told before a migration is run: where rows go, whether the target has some of it, and what else is not
 * through there. Asks nobody: it is of what was read just before. */

#include "config.h"

#include "slip-migration-question.h"

#include <glib/gi18n.h>

#include "slip-run-list.h"
#include "slip-run-text.h"

#define MOST 3 /* that are named; the page of runs has all */

/* The latest run is the one that is gone on with. */
static char *
dup_effect (SlipMigrationData *data)
{
  const SlipMigrationRunStatus *run
      = data != NULL && data->runs->len > 0 ? g_ptr_array_index (data->runs, 0) : NULL;

  if (data != NULL && data->unasked != NULL)
    return g_strdup_printf (_ ("Whether the target has rows of it is not known: %s. What is noted "
                               "as loaded and is not there goes in again."),
                            data->unasked);
  if (run != NULL && g_str_equal (run->state, "gone"))
    return g_strdup_printf (_ ("Run %d was loaded and is gone: the target was brought back to a "
                               "time before. All of its rows go into the target again."),
                            (int)run->run);
  return g_strdup (_ ("A run that broke off is taken up where it stands; of one that is finished, "
                      "and in the target, nothing is changed."));
}

char *
slip_migration_question_dup_body (SlipMigrationDesk *desk, const char *unfinished)
{
  SlipMigrationProject *project;
  g_autofree char *effect = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (desk), NULL);

  project = slip_migration_desk_get_project (desk);
  effect = dup_effect (slip_migration_desk_get_data (desk));
  return g_strdup_printf (_ ("From: %s\nBy way of: %s\nInto: %s\n\n%s%s%s It can be taken back."),
                          project->source != NULL ? project->source : _ ("what is landed"),
                          project->migration_db, project->target_db,
                          unfinished != NULL ? unfinished : "", unfinished != NULL ? "\n\n" : "",
                          effect);
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
