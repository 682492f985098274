/* SPDX-License-Identifier: MIT */

/* What a person is asked before a migration does anything, with the target's name, and what is begun then. Whether
 * something else comes first is app/runbook's to say; the work itself refuses it as well. */

#include "config.h"

#include "slip-migration-ask.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"
#include "slip-migration-question.h"
#include "slip-run-options.h"
#include "slip-stage-tree.h"

#define ASKING "slipway-migration-asking"

typedef struct
{
  SlipPage *page;          /* owned */
  SlipMigrationDesk *desk; /* owned */
  char *stage;
  char *opens;               /* the page that leads out */
  gint64 run;                /* to take back; 0 to go on */
  SlipRunOptions *options;   /* owned; of a run of all stages, or NULL */
  GCancellable *cancellable; /* owned; of what is asked next, or NULL */
  SlipMigrationInstead instead;
} Asked;

static gboolean
is_asking (SlipPage *page)
{
  return g_object_get_data (G_OBJECT (page), ASKING) != NULL;
}

static Asked *
new_asked (SlipPage *page, SlipMigrationDesk *desk, const char *stage, gint64 run)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->page = g_object_ref (page);
  asked->desk = g_object_ref (desk);
  asked->stage = g_strdup (stage);
  asked->run = run;
  g_object_set_data (G_OBJECT (page), ASKING, GINT_TO_POINTER (TRUE));
  return asked;
}

static void
asked_free (Asked *asked)
{
  g_object_set_data (G_OBJECT (asked->page), ASKING, NULL);
  g_object_unref (asked->page);
  g_object_unref (asked->desk);
  g_clear_object (&asked->options);
  g_clear_object (&asked->cancellable);
  g_free (asked->stage);
  g_free (asked->opens);
  g_free (asked);
}

static void
start (Asked *asked)
{
  g_auto (GStrv) skip = NULL;

  if (asked->options == NULL)
    {
      slip_migration_desk_start (asked->desk, asked->stage);
      return;
    }
  skip = slip_run_options_dup_skip (asked->options);
  slip_migration_desk_run (asked->desk, slip_run_options_get_no_reload (asked->options),
                           (const char *const *)skip);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer memory)
{
  Asked *asked = memory;

  if (slip_confirm_finish (result, NULL))
    {
      if (asked->run > 0)
        slip_migration_desk_undo (asked->desk, asked->run, asked->stage);
      else
        start (asked);
    }
  asked_free (asked);
}

static void
ask (Asked *asked, SlipConfirm *confirm, gboolean typed, GCancellable *cancellable)
{
  SlipMigrationProject *project = slip_migration_desk_get_project (asked->desk);
  SlipEnvironment *environment = slip_workbench_find_environment (
      slip_migration_desk_get_workbench (asked->desk), project->environment);

  confirm->environment_protected
      = environment != NULL && slip_environment_is_protected (environment);
  confirm->environment_title
      = environment != NULL ? slip_environment_get_title (environment) : NULL;
  confirm->typed = confirm->environment_protected || typed ? project->name : NULL;
  slip_confirm_async (GTK_WIDGET (asked->page), confirm, cancellable, answered_cb, asked);
}

static void
refused_cb (GObject *source, GAsyncResult *result, gpointer memory)
{
  Asked *asked = memory;

  if (slip_confirm_finish (result, NULL))
    slip_page_open (asked->page, asked->opens);
  asked_free (asked);
}

/* As the command line refuses it; the work itself would too. */
gboolean
slip_migration_ask_refuse (SlipPage *page, SlipMigrationDesk *desk, GCancellable *cancellable)
{
  SlipMigrationData *data;
  g_autofree char *body = NULL;
  SlipConfirm confirm = {.heading = _ ("Another run comes first"), .verb = _ ("_Show the Run")};
  Asked *asked;

  g_return_val_if_fail (SLIP_IS_PAGE (page) && SLIP_IS_MIGRATION_DESK (desk), TRUE);

  if (is_asking (page))
    return TRUE;
  data = slip_migration_desk_get_data (desk);
  body = slip_migration_question_dup_refusal (data);
  if (body == NULL)
    return FALSE;
  confirm.body = body;
  asked = new_asked (page, desk, NULL, 0);
  asked->opens = g_strdup_printf ("run/%s", data->clash->id);
  slip_confirm_async (GTK_WIDGET (page), &confirm, cancellable, refused_cb, asked);
  return TRUE;
}

void
slip_migration_ask_run (SlipPage *page, SlipMigrationDesk *desk, GCancellable *cancellable)
{
  g_autofree char *unfinished = slip_migration_question_dup_unfinished (desk);
  g_autofree char *body = slip_migration_question_dup_body (desk, unfinished);
  SlipConfirm confirm = {.heading = _ ("Run the migration?"), .body = body, .verb = _ ("_Run")};
  Asked *asked;

  g_return_if_fail (SLIP_IS_PAGE (page) && SLIP_IS_MIGRATION_DESK (desk));
  if (is_asking (page))
    return;
  asked = new_asked (page, desk, NULL, 0);
  confirm.extra = slip_run_options_new (slip_migration_desk_get_project (desk)->source != NULL);
  asked->options = g_object_ref_sink (SLIP_RUN_OPTIONS (confirm.extra));
  ask (asked, &confirm, unfinished != NULL, cancellable);
}

static void
instead_cb (GObject *source, GAsyncResult *result, gpointer memory)
{
  Asked *asked = memory;
  gboolean agreed = slip_confirm_finish (result, NULL);
  g_autoptr (SlipPage) page = g_object_ref (asked->page);
  g_autoptr (SlipMigrationDesk) desk = g_object_ref (asked->desk);
  g_autoptr (GCancellable) cancellable = g_object_ref (asked->cancellable);
  SlipMigrationInstead instead = asked->instead;

  /* One question after the other. */
  asked_free (asked);
  if (agreed && instead == SLIP_MIGRATION_INSTEAD_SHOW)
    slip_migration_desk_show_run (desk, 0);
  else if (agreed && !slip_migration_desk_is_busy (desk))
    slip_migration_ask_run (page, desk, cancellable);
}

/* What would be refused is not asked; what leads there is. */
static gboolean
ask_instead (SlipPage *page, SlipMigrationDesk *desk, const char *stage, GCancellable *cancellable)
{
  static const char *const verbs[] = {N_ ("_Run…"), N_ ("_Show That Run"), N_ ("_Take Back")};
  SlipMigrationInstead instead;
  g_autofree char *body = slip_migration_question_dup_no_stage (desk, stage, &instead);
  g_autofree char *heading = NULL;
  SlipConfirm confirm = {.body = body};
  Asked *asked;

  if (body == NULL)
    return FALSE;
  heading = g_strdup_printf (_ ("Stage “%s” cannot be run now"), slip_stage_get_title (stage));
  confirm.heading = heading;
  confirm.verb = _ (verbs[instead]);
  confirm.destructive = instead == SLIP_MIGRATION_INSTEAD_UNDO;
  if (confirm.destructive)
    {
      ask (new_asked (page, desk, stage, slip_migration_desk_get_data (desk)->run), &confirm, FALSE,
           cancellable);
      return TRUE;
    }
  asked = new_asked (page, desk, NULL, 0);
  asked->instead = instead;
  asked->cancellable = g_object_ref (cancellable);
  slip_confirm_async (GTK_WIDGET (page), &confirm, cancellable, instead_cb, asked);
  return TRUE;
}

void
slip_migration_ask_stage (SlipPage *page,
                          SlipMigrationDesk *desk,
                          const char *stage,
                          GCancellable *cancellable)
{
  g_autofree char *heading = NULL;
  SlipConfirm confirm = {.verb = _ ("_Run the Stage")};

  g_return_if_fail (stage != NULL);

  if (slip_migration_ask_refuse (page, desk, cancellable)
      || ask_instead (page, desk, stage, cancellable))
    return;
  heading = g_strdup_printf (_ ("Run stage “%s” again?"), slip_stage_get_title (stage));
  confirm.heading = heading;
  if (g_str_equal (stage, "validation"))
    confirm.body
        = _ ("It reads the target as it is now, compares it with what should be there, and "
             "changes nothing in it. What was found before is replaced.");
  else
    confirm.body = _ ("What was made behind it is old then, and is made anew by “Run…”.");
  ask (new_asked (page, desk, stage, 0), &confirm, FALSE, cancellable);
}

void
slip_migration_ask_undo (SlipPage *page,
                         SlipMigrationDesk *desk,
                         gint64 run,
                         GCancellable *cancellable)
{
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;
  SlipConfirm confirm = {.verb = _ ("_Take Back"), .destructive = TRUE};

  g_return_if_fail (run > 0);

  if (slip_migration_ask_refuse (page, desk, cancellable))
    return;
  heading = g_strdup_printf (_ ("Take run %d back?"), (int)run);
  body = g_strdup_printf (_ ("Exactly the rows that its manifest names leave %s, in one "
                             "transaction. It is refused where a row was "
                             "changed since, or where later rows depend on one."),
                          slip_migration_desk_get_project (desk)->target_db);
  confirm.heading = heading;
  confirm.body = body;
  ask (new_asked (page, desk, NULL, run), &confirm, FALSE, cancellable);
}
