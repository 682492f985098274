/* SPDX-License-Identifier: MIT */
/* Locks of Terraform's state. A Terraform that dies, with the machine or by a signal, leaves its lock in
 * the backend for ever; what a run left so itself, it takes away itself. A lock tells only the names of user and
 * host, which two machines or containers may share: the ledger tells on which of them the step began, and when. */

#include "slip-terraform-lock.h"

#include "slip-json.h"
#include "slip-machine.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_SECONDS 5

/* ---- what Terraform says */

static char *
member (const char *info, const char *name)
{
  g_autofree char *key = g_strdup_printf ("%s:", name);
  const char *at = strstr (info, key);

  if (at == NULL)
    return g_strdup ("?");
  at += strlen (key);
  return g_strstrip (g_strndup (at, strcspn (at, "\n")));
}

gboolean
slip_terraform_lock_read (const char *text, SlipTerraformLock *lock)
{
  const char *failure = text != NULL ? strstr (text, "Error acquiring the state lock") : NULL;
  const char *info = failure != NULL ? strstr (failure, "Lock Info:") : NULL;

  memset (lock, 0, sizeof *lock);
  if (info == NULL)
    return FALSE;
  lock->id = member (info, "ID");
  lock->who = member (info, "Who");
  lock->what = member (info, "Operation");
  lock->since = member (info, "Created");
  return TRUE;
}

void
slip_terraform_lock_clear (SlipTerraformLock *lock)
{
  g_clear_pointer (&lock->id, g_free);
  g_clear_pointer (&lock->who, g_free);
  g_clear_pointer (&lock->what, g_free);
  g_clear_pointer (&lock->since, g_free);
}

/* Go prints `2026-11-21 18:33:24.123456789 +0000 UTC`. Returns 0 when it is something else. */
static gint64
time_of (const char *since)
{
  g_auto (GStrv) words = g_strsplit (since, " ", -1);
  g_autofree char *iso = NULL;
  g_autoptr (GDateTime) time = NULL;

  if (g_strv_length (words) < 3 || !g_str_equal (words[2], "+0000"))
    return 0;
  iso = g_strdup_printf ("%sT%sZ", words[0], words[1]);
  time = g_date_time_new_from_iso8601 (iso, NULL);
  return time != NULL
             ? g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time)
             : 0;
}

/* ---- whose it is */

static gboolean
is_of_this_user (const char *who)
{
  g_autofree char *us = g_strdup_printf ("%s@%s", g_get_user_name (), g_get_host_name ());

  return g_str_equal (who, us);
}

static gboolean
is_terraform (int proc, const char *pid)
{
  g_autofree char *path = g_strdup_printf ("%s/exe", pid);
  char exe[4096];
  ssize_t length = readlinkat (proc, path, exe, sizeof exe - 1);
  g_autofree char *name = NULL;

  if (length <= 0)
    return FALSE;
  exe[length] = '\0';
  name = g_path_get_basename (exe);
  return g_str_has_prefix (name, "terraform") || g_str_has_prefix (name, "tofu");
}

/* A process of ours, by its folder in /proc. */
static gboolean
is_ours (int proc, const char *pid)
{
  struct stat owner;

  return fstatat (proc, pid, &owner, 0) == 0 && owner.st_uid == getuid ();
}

/* Whether this user runs Terraform anywhere on this machine: the lock is the backend's, which any checkout of the
 * same root may use. TRUE also when it cannot be seen. */
static gboolean
may_run (void)
{
  g_autoptr (GDir) all = g_dir_open ("/proc", 0, NULL);
  int proc = open ("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  gboolean found = all == NULL || proc < 0;
  const char *pid;

  while (!found && (pid = g_dir_read_name (all)) != NULL)
    found = g_ascii_isdigit (*pid) && is_ours (proc, pid) && is_terraform (proc, pid);
  if (proc >= 0)
    close (proc);
  return found;
}

/* On which machine the step began, shortly before @time, as the last intent before it says. */
static const char *
machine_before (GPtrArray *entries, gint64 time)
{
  const gint64 longest = SLIP_TERRAFORM_LOCK_MINUTES * 60 * G_USEC_PER_SEC;

  for (guint i = entries->len; i > 0; i--)
    {
      JsonObject *entry = g_ptr_array_index (entries, i - 1);
      JsonObject *data = slip_json_object (entry, "data");

      if (g_strcmp0 (slip_json_string (entry, "kind"), SLIP_STEP_INTENT_KIND) == 0
          && slip_run_entry_get_time (entry) <= time)
        return data != NULL && time - slip_run_entry_get_time (entry) <= longest
                   ? slip_json_string (data, "machine")
                   : NULL;
    }
  return NULL;
}

SlipTerraformHolder
slip_terraform_lock_holder (const SlipTerraformLock *lock,
                            GPtrArray *entries,
                            const char *here,
                            gint64 started)
{
  gint64 taken = time_of (lock->since);

  if (!is_of_this_user (lock->who) || g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    return SLIP_TERRAFORM_HOLDER_OTHER;
  switch (slip_machine_compare (machine_before (entries, taken), here))
    {
    case SLIP_MACHINE_OTHER:
      return SLIP_TERRAFORM_HOLDER_OTHER;
    case SLIP_MACHINE_RESTARTED:
      /* What ran before cannot have taken it since. */
      if (taken >= started)
        return SLIP_TERRAFORM_HOLDER_OTHER;
      break;
    case SLIP_MACHINE_SAME:
      break;
    }
  return may_run () ? SLIP_TERRAFORM_HOLDER_ALIVE : SLIP_TERRAFORM_HOLDER_DEAD;
}

/* ---- getting past it */

static gboolean
observe (SlipTerraform *self, const SlipTerraformLock *lock, const char *what, GError **error)
{
  JsonObject *about = json_object_new ();
  g_autofree char *detail
      = g_strdup_printf ("%s (lock %s, %s, since %s)", what, lock->id, lock->what, lock->since);

  json_object_set_string_member (about, "terraform_lock", lock->id);
  return slip_run_local_observe (self->context, detail, -1, about, error);
}

static gboolean
release (SlipTerraform *self, const SlipTerraformLock *lock, GError **error)
{
  const char *const words[] = {"force-unlock", "-force", "-no-color", lock->id, NULL};
  g_auto (SlipProcessResult) result = {0};

  return observe (self, lock, "this step's own Terraform died and left its lock: releasing it",
                  error)
         && slip_terraform_run_once (self, words, TRUE, 0, &result, error);
}

gboolean
slip_terraform_lock_yields (SlipTerraform *self, const SlipTerraformLock *lock, GError **error)
{
  g_autofree char *here = slip_machine_dup_id ();

  switch (slip_terraform_lock_holder (lock, self->context->step->entries, here,
                                      slip_machine_get_start ()))
    {
    case SLIP_TERRAFORM_HOLDER_DEAD:
      return release (self, lock, error);
    case SLIP_TERRAFORM_HOLDER_ALIVE:
      return observe (
                 self, lock,
                 "a Terraform of this user still works, perhaps this step's own: waiting for it",
                 error)
             && slip_run_engine_sleep (self->context->engine, WAIT_SECONDS, error);
    case SLIP_TERRAFORM_HOLDER_OTHER:
      break;
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the state of Terraform is locked by %s since %s (%s, lock %s). Wait for it, then "
               "resume. Only when that process is certainly gone: terraform force-unlock %s",
               lock->who, lock->since, lock->what, lock->id, lock->id);
  return FALSE;
}
