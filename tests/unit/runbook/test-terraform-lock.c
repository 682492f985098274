/* SPDX-License-Identifier: MIT */
/* Claims of Terraform's locks: what a step's own dead Terraform left is released on record, and nothing
 * else ever is. A script stands for Terraform: no backend on this machine keeps a lock of the dead. */

#include "run-fixture.h"

#include "actions/slip-terraform-lock.h"
#include "slip-machine.h"
#include "slip-run-entry.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define ID "5d26d4fc-1b50-1859-b8de-fdfb76f9966b"
#define INTENT "2026-11-21T10:00:00.000000Z"
#define SOON "2026-11-21 10:00:03.425655618 +0000 UTC"
#define LATER "2026-11-21 10:06:03.425655618 +0000 UTC"
#define EARLIER "2001-01-02 03:04:05.425655618 +0000 UTC"

/* As Terraform 1.11 prints it. Its plan fails until the lock is released. */
#define SCRIPT                                                                                     \
  "#!/bin/sh\n"                                                                                    \
  "case $1 in\n"                                                                                   \
  "plan)\n"                                                                                        \
  "  if [ ! -e released ]; then\n"                                                                 \
  "    cat lock >&2\n"                                                                             \
  "    exit 1\n"                                                                                   \
  "  fi\n"                                                                                         \
  "  for word; do case $word in -out=*) : >\"${word#-out=}\" ;; esac; done ;;\n"                   \
  "force-unlock) echo \"$*\" >>released ;;\n"                                                      \
  "show) echo '{\"format_version\":\"1.2\",\"resource_changes\":[]}' ;;\n"                         \
  "esac\n"

typedef struct
{
  Fixture run;
  char *directory;
  char *program;
} Project;

static void
set_up (Project *project, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_set_up (&project->run, data);
  project->directory = g_build_filename (project->run.folder, "project", NULL);
  g_assert_cmpint (g_mkdir (project->directory, 0700), ==, 0);
  project->program = g_build_filename (project->run.folder, "terraform", NULL);
  g_file_set_contents (project->program, SCRIPT, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (project->program, 0700), ==, 0);
}

static void
tear_down (Project *project, gconstpointer data)
{
  fixture_tear_down (&project->run, data);
  g_free (project->directory);
  g_free (project->program);
}

static char *
who_we_are (void)
{
  return g_strdup_printf ("%s@%s", g_get_user_name (), g_get_host_name ());
}

/* What a step writes before it acts, on the machine @machine, or where that was not told yet. */
static GPtrArray *
intent_on (const char *machine)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  JsonObject *entry = slip_run_entry_new (SLIP_STEP_INTENT_KIND, "run", "MakePlan", NULL);

  json_object_set_string_member (entry, "time", INTENT);
  if (machine != NULL)
    json_object_set_string_member (slip_run_entry_data (entry), "machine", machine);
  g_ptr_array_add (entries, entry);
  return entries;
}

#define HERE "cafe:beef"
#define HERE_BEFORE "cafe:4567"

/* On HERE, which was started at @started. */
static SlipTerraformHolder
holder_on (const char *machine, const char *since, const char *started)
{
  g_autofree char *who = who_we_are ();
  SlipTerraformLock lock = {(char *)ID, who, (char *)"OperationTypeApply", (char *)since};
  g_autoptr (GPtrArray) entries = intent_on (machine);
  gint64 time;

  g_assert_true (slip_time_parse (started, &time));
  return slip_terraform_lock_holder (&lock, entries, HERE, time);
}

static SlipTerraformHolder
holder_after (const char *machine, const char *since)
{
  return holder_on (machine, since, "2026-11-20T00:00:00Z");
}

/* Seconds after the run's steps begin: its clock turns only when somebody waits. */
static char *
soon (Project *project)
{
  g_autoptr (GDateTime) time
      = g_date_time_new_from_unix_utc (slip_clock_now (project->run.clock) / G_USEC_PER_SEC + 3);

  return g_date_time_format (time, "%Y-%m-%d %H:%M:%S.425655618 +0000 UTC");
}

static SlipRunFold *
plan_behind_lock (Project *project, const char *who, const char *since)
{
  g_autofree char *lock
      = g_strdup_printf ("╷\n│ Error: Error acquiring the state lock\n│ \n│ Error message: "
                         "ConditionalCheckFailedException: The conditional request failed\n"
                         "│ Lock Info:\n│   ID:        " ID "\n│   Path:      bucket/key\n"
                         "│   Operation: OperationTypePlan\n│   Who:       %s\n"
                         "│   Version:   1.11.4\n│   Created:   %s\n│   Info:      \n╵\n",
                         who, since);
  g_autofree char *path = g_build_filename (project->directory, "lock", NULL);
  g_autofree char *inputs
      = g_strdup_printf ("{\"Operation\":\"plan\",\"Directory\":\"%s\",\"Program\":\"%s\"}",
                         project->directory, project->program);
  g_autofree char *step = fixture_step ("MakePlan", "slipway:terraform", inputs, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, lock, -1, &error);
  g_assert_no_error (error);
  fixture_plan (&project->run, step);
  return fixture_go (&project->run);
}

static char *
released (Project *project)
{
  g_autofree char *path = g_build_filename (project->directory, "released", NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static void
lock_of_own_dead_terraform_is_released (Project *project, gconstpointer data)
{
  g_autofree char *who = who_we_are ();
  g_autofree char *since = soon (project);
  g_autoptr (SlipRunFold) fold = plan_behind_lock (project, who, since);
  g_autofree char *text = released (project);
  GPtrArray *entries = slip_run_fold_find (fold, "MakePlan")->entries;
  gboolean told = FALSE;

  g_assert_no_error (project->run.error);
  g_assert_cmpstr (text, ==, "force-unlock -force -no-color " ID "\n");
  for (guint i = 0; i < entries->len; i++)
    {
      JsonObject *about = slip_json_object (g_ptr_array_index (entries, i), "data");

      told = told
             || (about != NULL && g_strcmp0 (slip_json_string (about, "terraform_lock"), ID) == 0);
    }
  g_assert_true (told);
}

static void
lock_of_another_is_left (Project *project, gconstpointer data)
{
  g_autofree char *since = soon (project);
  g_autoptr (SlipRunFold) fold = plan_behind_lock (project, "carol@elsewhere", since);
  g_autofree char *text = released (project);

  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "locked by carol@elsewhere"));
  g_assert_nonnull (strstr (project->run.error->message, "terraform force-unlock " ID));
  g_assert_null (text);
}

static void
lock_from_before_the_step_is_left (Project *project, gconstpointer data)
{
  g_autofree char *who = who_we_are ();
  g_autoptr (SlipRunFold) fold = plan_behind_lock (project, who, EARLIER);
  g_autofree char *text = released (project);

  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_null (text);
}

static void
lock_of_unknown_time_is_left (Project *project, gconstpointer data)
{
  g_autofree char *who = who_we_are ();
  g_autoptr (SlipRunFold) fold = plan_behind_lock (project, who, "a moment ago");
  g_autofree char *text = released (project);

  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_null (text);
}

/* In another folder than the step's: a lock is the backend's, and checkouts share it. */
static void
holder_is_alive_while_terraform_runs_anywhere (Project *project, gconstpointer data)
{
  g_autofree char *program = g_build_filename (project->run.folder, "terraform-1.11", NULL);
  g_autoptr (GFile) sleep = g_file_new_for_path ("/bin/sleep");
  g_autoptr (GFile) copy = g_file_new_for_path (program);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;

  g_file_copy (sleep, copy, G_FILE_COPY_TARGET_DEFAULT_PERMS, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (program, 0700), ==, 0);
  child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "300", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (holder_after (HERE, SOON), ==, SLIP_TERRAFORM_HOLDER_ALIVE);
  g_assert_cmpint (holder_on (HERE_BEFORE, SOON, "2026-11-21T11:00:00Z"), ==,
                   SLIP_TERRAFORM_HOLDER_ALIVE);
  g_subprocess_force_exit (child);
  g_subprocess_wait (child, NULL, NULL);
}

/* User and host of both are called the same: that is no proof. */
static void
lock_of_a_machine_of_the_same_name_is_left (Project *project, gconstpointer data)
{
  g_autofree char *id = slip_machine_dup_id ();

  g_assert_cmpint (holder_after ("0123:4567", SOON), ==, SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (holder_after ("cafe:", SOON), ==, SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (holder_after (":4567", SOON), ==, SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (holder_after (":", SOON), ==, SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (holder_after (NULL, SOON), ==, SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_nonnull (strchr (id, ':'));
  g_assert_cmpuint (strlen (strchr (id, ':') + 1), ==, 64);
}

/* The step went on here, and the lock is from when it was at work elsewhere. */
static void
lock_from_before_the_step_came_here_is_left (Project *project, gconstpointer data)
{
  g_autofree char *who = who_we_are ();
  SlipTerraformLock lock = {(char *)ID, who, (char *)"OperationTypeApply", (char *)SOON};
  g_autoptr (GPtrArray) entries = intent_on ("0123:4567");
  JsonObject *entry = slip_run_entry_new (SLIP_STEP_INTENT_KIND, "run", "MakePlan", NULL);

  json_object_set_string_member (entry, "time", "2026-11-21T12:00:00.000000Z");
  json_object_set_string_member (slip_run_entry_data (entry), "machine", HERE);
  g_ptr_array_add (entries, entry);
  g_assert_cmpint (slip_terraform_lock_holder (&lock, entries, HERE, 0), ==,
                   SLIP_TERRAFORM_HOLDER_OTHER);
}

/* The step died here before it took any; somebody of the same names took one since, anywhere. Whether a lock of our
 * own is of a living Terraform depends on what else this user runs just now. */
static void
lock_that_is_taken_long_after_the_intent_is_left (Project *project, gconstpointer data)
{
  g_assert_cmpint (holder_after (HERE, SOON), !=, SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (holder_after (HERE, LATER), ==, SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (holder_on (HERE_BEFORE, LATER, "2026-11-21T11:00:00Z"), ==,
                   SLIP_TERRAFORM_HOLDER_OTHER);
}

static void
lock_from_before_a_restart_is_our_own (Project *project, gconstpointer data)
{
  gint64 start = slip_machine_get_start ();

  g_assert_cmpint (holder_on (HERE_BEFORE, SOON, "2026-11-21T10:01:00Z"), !=,
                   SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (holder_on (HERE_BEFORE, SOON, "2026-11-21T10:00:02Z"), ==,
                   SLIP_TERRAFORM_HOLDER_OTHER);
  g_assert_cmpint (start, >, 0);
  g_assert_cmpint (start, <, g_get_real_time ());
}

#define ADD(name, test)                                                                            \
  g_test_add ("/runbook/terraform-lock/" name, Project, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("own-dead", lock_of_own_dead_terraform_is_released);
  ADD ("another", lock_of_another_is_left);
  ADD ("earlier", lock_from_before_the_step_is_left);
  ADD ("unknown-time", lock_of_unknown_time_is_left);
  ADD ("alive-anywhere", holder_is_alive_while_terraform_runs_anywhere);
  ADD ("another-machine", lock_of_a_machine_of_the_same_name_is_left);
  ADD ("moved", lock_from_before_the_step_came_here_is_left);
  ADD ("taken-later", lock_that_is_taken_long_after_the_intent_is_left);
  ADD ("restarted", lock_from_before_a_restart_is_our_own);
  return g_test_run ();
}
