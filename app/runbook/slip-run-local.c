/* SPDX-License-Identifier: MIT */
/* Work of a run on this machine. It is held to the same promise as calls of AWS: intent on disk, work,
 * outcome on disk; and no secret in any of them. */

#include "slip-run-local.h"

#include "slip-crash.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-machine.h"
#include "slip-redact.h"
#include "slip-run-lock.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* A program that must save its work gets so long for it. */
#define GRACE_SECONDS 300
#define DEFAULT_BYTES (1024 * 1024)

/* Lines of a program in the ledger: no more often, and no more of them in one go. */
#define SHOW_USEC (5 * G_USEC_PER_SEC)
#define SHOW_MOST 60
#define LONGEST_LINE 300

/* ---- files */

char *
slip_run_local_folder (SlipRunContext *context, GError **error)
{
  g_autofree char *ledger = slip_ledger_dup_path (context->engine->ledger);
  g_autofree char *runs = g_strconcat (ledger, ".runs", NULL);
  g_autofree char *folder = g_build_filename (runs, context->engine->fold->id, NULL);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return g_steal_pointer (&folder);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "cannot make the run's folder %s: %s",
               folder, g_strerror (errno));
  return NULL;
}

char *
slip_run_local_path (SlipRunContext *context, const char *what, const char *suffix, GError **error)
{
  g_autofree char *folder = slip_run_local_folder (context, error);
  g_autofree char *id = g_strdup (context->step->id);
  g_autofree char *name = NULL;

  if (folder == NULL)
    return NULL;
  g_strcanon (id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '-');
  name = g_strconcat (what, id, suffix, NULL);
  return g_build_filename (folder, name, NULL);
}

/* ---- what programs left behind */

static char *
log_name (const char *step)
{
  g_autofree char *id = g_strdup (step);

  g_strcanon (id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '-');
  return g_strdup_printf ("output-%s.log", id);
}

static gboolean
is_of_open_step (SlipRunFold *fold, const char *name)
{
  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);
      g_autofree char *of = step->open ? log_name (step->id) : NULL;

      if (g_strcmp0 (of, name) == 0)
        return TRUE;
    }
  return FALSE;
}

void
slip_run_local_sweep (SlipLedger *ledger, const char *run, SlipRunFold *fold)
{
  g_autofree char *path = slip_ledger_dup_path (ledger);
  g_autofree char *runs = g_strconcat (path, ".runs", NULL);
  g_autofree char *folder = g_build_filename (runs, run, NULL);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;

  slip_file_sweep (folder);
  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *log = g_build_filename (folder, name, NULL);

      if (g_str_has_prefix (name, "output-") && g_str_has_suffix (name, ".log")
          && (fold == NULL || !is_of_open_step (fold, name)) && g_unlink (log) != 0
          && errno != ENOENT)
        g_message ("cannot remove %s: %s", log, g_strerror (errno));
    }
}

/* A run that cannot be read any more is not gone on with either. */
static void
sweep_if_over (SlipLedger *ledger, const char *run)
{
  g_autoptr (SlipRunFold) fold = slip_run_fold_new (run);
  gboolean readable = slip_run_fold_sync (fold, ledger, NULL) && fold->plan != NULL;
  gboolean over = !readable || fold->state == SLIP_RUN_DONE || fold->state == SLIP_RUN_CANCELLED;

  slip_run_local_sweep (ledger, run, over ? NULL : fold);
}

void
slip_run_local_sweep_all (SlipLedger *ledger)
{
  g_autofree char *path = slip_ledger_dup_path (ledger);
  g_autofree char *locks = slip_run_lock_folder (ledger);
  g_autofree char *runs = g_strconcat (path, ".runs", NULL);
  g_autoptr (GDir) folders = g_dir_open (runs, 0, NULL);
  const char *run;

  while (folders != NULL && (run = g_dir_read_name (folders)) != NULL)
    if (!slip_run_lock_is_held (locks, run))
      sweep_if_over (ledger, run);
}

/* ---- secrets and environment */

void
slip_run_local_hide (SlipRunContext *context, const char *name, const char *value)
{
  /* A name that no reference can have: the value can be taken out, and never put in. */
  g_hash_table_insert (context->engine->secrets,
                       g_strdup_printf ("\x01%s %s", context->step->id, name),
                       slip_json_new_string (value));
}

static char *
text_of (JsonNode *value)
{
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return json_node_dup_string (value);
  return slip_json_to_text (value, FALSE);
}

static char **
add_own (SlipRunContext *context, char **envp, JsonObject *own)
{
  g_autoptr (GList) names = own != NULL ? json_object_get_members (own) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *value = text_of (json_object_get_member (own, l->data));

      envp = g_environ_setenv (envp, l->data, value, TRUE);
      if (slip_redact_name_is_secret (l->data))
        slip_run_local_hide (context, l->data, value);
    }
  return envp;
}

static void
hide_lent (SlipRunContext *context, char **envp)
{
  static const char *const names[] = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_environ_getenv (envp, names[i]) != NULL)
      slip_run_local_hide (context, names[i], g_environ_getenv (envp, names[i]));
}

static char **
lend (SlipRunContext *context, char **envp, GError **error)
{
  SlipRunEngine *engine = context->engine;
  const char *environment = slip_plan_step_get_environment (context->plan);

  for (;;)
    {
      g_autoptr (GError) local = NULL;

      if (!slip_run_engine_identify (engine, environment, error)
          || !slip_run_engine_lent_runway (engine, context->step, error))
        break;
      envp = slip_run_caller_lend (engine->caller, environment, envp, engine->cancellable, &local);
      if (local == NULL)
        {
          hide_lent (context, envp);
          return envp;
        }
      if (!slip_run_error_is_sign_in (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          break;
        }
      if (!slip_run_engine_sign_in (engine, environment, context->step, local->message, error))
        break;
    }
  slip_aws_environ_free (envp);
  return NULL;
}

char **
slip_run_local_environ (SlipRunContext *context,
                        JsonObject *own,
                        const char *const *passed,
                        gboolean lend_credentials,
                        GError **error)
{
  const char *region = slip_plan_step_get_region (context->plan);
  char **envp = slip_process_environ (passed);

  if (lend_credentials)
    {
      envp = g_environ_setenv (envp, "AWS_REGION", region, TRUE);
      envp = g_environ_setenv (envp, "AWS_DEFAULT_REGION", region, TRUE);
      envp = lend (context, envp, error);
    }
  return envp != NULL ? add_own (context, envp, own) : NULL;
}

/* ---- entries */

static JsonObject *
entry_new (SlipRunContext *context, const char *kind, const char *operation)
{
  JsonObject *entry = slip_run_engine_entry (context->engine, kind, context->step);

  if (operation != NULL)
    json_object_set_string_member (entry, "operation", operation);
  return entry;
}

gboolean
slip_run_local_intent (SlipRunContext *context,
                       const char *operation,
                       JsonObject *request,
                       GError **error)
{
  JsonObject *entry = entry_new (context, SLIP_STEP_INTENT_KIND, operation);
  g_autoptr (JsonNode) node = request != NULL ? slip_json_new_object (request) : NULL;
  g_autofree char *machine = slip_machine_dup_id ();

  if (node != NULL)
    {
      g_autoptr (JsonNode) redacted = slip_redact_json (node);
      JsonNode *stored = slip_run_engine_scrub (context->engine, json_node_ref (redacted));
      g_autofree char *digest = slip_json_sha256 (stored);

      json_object_set_string_member (entry, "request_sha256", digest);
      json_object_set_member (entry, "request", stored);
    }
  json_object_set_string_member (slip_run_entry_data (entry), "machine", machine);
  return slip_run_engine_append (context->engine, entry, error);
}

static void
add_data (SlipRunContext *context, JsonObject *entry, JsonObject *data)
{
  g_autoptr (JsonNode) node = data != NULL ? slip_json_new_object (data) : NULL;
  g_autoptr (JsonNode) stored
      = node != NULL ? slip_run_engine_scrub (context->engine, json_node_ref (node)) : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (stored == NULL)
    return;
  json_object_iter_init_ordered (&iter, json_node_get_object (stored));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (slip_run_entry_data (entry), name, json_node_ref (value));
}

static void
set_detail (SlipRunContext *context, JsonObject *entry, const char *detail)
{
  g_autofree char *scrubbed
      = detail != NULL ? slip_run_engine_scrub_text (context->engine, detail) : NULL;
  g_autofree char *redacted = scrubbed != NULL ? slip_redact_text (scrubbed) : NULL;

  slip_run_entry_set_text (slip_run_entry_data (entry), "detail", redacted);
}

gboolean
slip_run_local_settle (SlipRunContext *context,
                       const char *operation,
                       const char *outcome,
                       const char *detail,
                       JsonObject *data,
                       GError **error)
{
  JsonObject *entry = entry_new (context, SLIP_STEP_OUTCOME_KIND, operation);

  slip_crash_point ("done on this machine");
  json_object_set_string_member (entry, "outcome", outcome);
  set_detail (context, entry, detail);
  add_data (context, entry, data);
  return slip_run_engine_append (context->engine, entry, error);
}

gboolean
slip_run_local_observe (
    SlipRunContext *context, const char *detail, double progress, JsonObject *data, GError **error)
{
  JsonObject *entry = entry_new (context, SLIP_STEP_OBSERVED_KIND, NULL);

  set_detail (context, entry, detail);
  if (progress >= 0)
    json_object_set_double_member (slip_run_entry_data (entry), "progress", progress);
  add_data (context, entry, data);
  return slip_run_engine_append (context->engine, entry, error);
}

JsonNode *
slip_run_local_find_data (SlipRunContext *context, const char *name)
{
  GPtrArray *entries = context->step->entries;

  for (guint i = entries->len; i > 0; i--)
    {
      JsonObject *data = slip_json_object (g_ptr_array_index (entries, i - 1), "data");

      if (data != NULL && json_object_has_member (data, name))
        return json_object_get_member (data, name);
    }
  return NULL;
}

/* ---- resuming */

static gboolean
judge_open (SlipRunContext *context, SlipRunVerdict *verdict, char **why, GError **error)
{
  g_autoptr (JsonNode) found = NULL;
  gboolean did;

  if (!slip_run_probe (context, verdict, &found, why, error))
    return FALSE;
  if (*verdict == SLIP_RUN_SEND || *verdict == SLIP_RUN_ADOPT)
    return TRUE;
  if (!slip_run_engine_decide (context->engine, context->step, *why, &did, error))
    return FALSE;
  *verdict = did ? SLIP_RUN_ADOPT : SLIP_RUN_SEND;
  return TRUE;
}

gboolean
slip_run_local_may_begin (SlipRunContext *context, gboolean *begin, GError **error)
{
  SlipResumeRule rule = slip_plan_step_get_resume_rule (context->plan);
  JsonObject *resume = slip_plan_step_get_resume (context->plan);
  gboolean looks = resume != NULL && slip_json_string (resume, "operation") != NULL;
  SlipRunVerdict verdict = SLIP_RUN_SEND;
  g_autofree char *why = NULL;

  *begin = TRUE;
  if (!context->step->open || rule == SLIP_RESUME_R0 || rule == SLIP_RESUME_R2
      || (rule == SLIP_RESUME_R3 && !looks))
    return slip_run_engine_check (context->engine, error);
  if (!judge_open (context, &verdict, &why, error))
    return FALSE;
  *begin = verdict == SLIP_RUN_SEND;
  if (!*begin)
    {
      context->outcome = "adopted";
      context->changed = TRUE;
      context->detail = g_strdup (why != NULL ? why : "it was done");
      return TRUE;
    }
  return slip_run_local_settle (context, NULL, "absent", why, NULL, error)
         && slip_run_engine_guards (context->engine, context->step, error);
}

gboolean
slip_run_local_ask (SlipRunContext *context, GError *failure, GError **error)
{
  g_autoptr (GError) owned = failure;
  gboolean did = FALSE;

  if (slip_plan_step_get_effect (context->plan) == SLIP_AWS_EFFECT_READ
      || slip_run_error_is_stop (owned)
      || slip_plan_step_get_resume_rule (context->plan) != SLIP_RESUME_R4)
    {
      g_propagate_error (error, g_steal_pointer (&owned));
      return FALSE;
    }
  context->changed = TRUE;
  if (!slip_run_local_settle (context, NULL, "unknown", owned->message, NULL, error)
      || !slip_run_engine_decide (context->engine, context->step, owned->message, &did, error))
    return FALSE;
  if (did)
    {
      context->outcome = "adopted";
      context->detail = g_strdup ("it did its work, as a person says");
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&owned));
  return FALSE;
}

/* ---- programs */

typedef struct
{
  SlipRunContext *context;
  gint64 shown_at;
  guint shown;
  gboolean in_key; /* between the lines of a private key */
  GError *error;   /* the ledger's */
} Watch;

static char *
clean (SlipRunContext *context, const char *text)
{
  g_autofree char *scrubbed = slip_run_engine_scrub_text (context->engine, text);

  return slip_redact_text (scrubbed);
}

static char *
shorten (char *line)
{
  g_strstrip (line);
  if (strlen (line) > LONGEST_LINE)
    *g_utf8_find_prev_char (line, line + LONGEST_LINE) = '\0';
  return line;
}

/* A private key is secret in each of its lines, which come one by one. */
static gboolean
is_in_key (Watch *watch, const char *line)
{
  gboolean was = watch->in_key;

  if (strstr (line, "-----BEGIN ") != NULL && strstr (line, "PRIVATE KEY-----") != NULL)
    watch->in_key = TRUE;
  if (strstr (line, "-----END ") != NULL)
    watch->in_key = FALSE;
  return was || watch->in_key;
}

static void
watch_line (const char *line, gboolean is_error, gpointer data)
{
  Watch *watch = data;
  g_autofree char *shown
      = is_in_key (watch, line) ? g_strdup ("") : shorten (clean (watch->context, line));
  gint64 now = g_get_monotonic_time ();

  if (*shown == '\0')
    return;
  slip_job_set_detail (watch->context->engine->job, shown);
  if (watch->error != NULL || watch->shown >= SHOW_MOST || now < watch->shown_at + SHOW_USEC)
    return;
  watch->shown_at = now;
  watch->shown++;
  slip_run_local_observe (watch->context, shown, -1, NULL, &watch->error);
}

char *
slip_run_program_excerpt (SlipRunContext *context, const char *text, guint lines)
{
  /* Whole first: what is secret may have more than one line. */
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autofree char *cleaned = clean (context, valid);
  g_auto (GStrv) all = g_strsplit (cleaned, "\n", -1);
  guint n = g_strv_length (all);
  GString *excerpt = g_string_new (NULL);

  while (n > 0 && *all[n - 1] == '\0')
    n--;
  for (guint i = n > lines ? n - lines : 0; i < n; i++)
    g_string_append_printf (excerpt, "%s%s", excerpt->len > 0 ? "\n" : "", shorten (all[i]));
  return g_string_free (excerpt, FALSE);
}

static void
set_error (SlipRunContext *context, const SlipRunProgram *program, GError *local, GError **error)
{
  g_autofree char *message = slip_run_engine_scrub_text (context->engine, local->message);

  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s: %s", program->argv[0], message);
}

/* The raw log is for the time in which nobody may be listening; what is kept of it is in the ledger. */
static void
remove_log (const char *log)
{
  if (log != NULL && g_unlink (log) != 0 && errno != ENOENT)
    g_message ("cannot remove %s: %s", log, g_strerror (errno));
}

/* Everybody on the machine can read a command line. */
static gboolean
check_words (SlipRunContext *context, const SlipRunProgram *program, GError **error)
{
  for (guint i = 0; program->argv[i] != NULL; i++)
    {
      g_autofree char *scrubbed = slip_run_engine_scrub_text (context->engine, program->argv[i]);

      if (g_str_equal (scrubbed, program->argv[i]))
        continue;
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED,
                   "%s: argument %u holds a secret, and everybody on this machine can read command "
                   "lines. Hand it over in Environment",
                   program->argv[0], i);
      return FALSE;
    }
  return TRUE;
}

gboolean
slip_run_program (SlipRunContext *context,
                  const SlipRunProgram *program,
                  SlipProcessResult *result,
                  GError **error)
{
  gint64 timeout = slip_plan_step_get_timeout (context->plan);
  gboolean outlives = program->change || program->outlives;
  g_autofree char *log = outlives ? slip_run_local_path (context, "output-", ".log", error) : NULL;
  Watch watch = {.context = context, .shown_at = g_get_monotonic_time ()};
  const SlipProcess process = {
      .argv = program->argv,
      .envp = program->envp,
      .folder = program->folder,
      .log = log,
      .timeout_s = timeout > 0 ? (guint)timeout : SLIP_RUN_PROGRAM_SECONDS,
      .grace_s = outlives ? GRACE_SECONDS : 0,
      .max_bytes = program->max_bytes > 0 ? program->max_bytes : DEFAULT_BYTES,
      .drop = program->drop,
      .on_line = program->data ? NULL : watch_line,
      .data = &watch,
  };
  g_autoptr (GError) local = NULL;
  gboolean ok;

  memset (result, 0, sizeof *result);
  if ((outlives && log == NULL) || !check_words (context, program, error))
    return FALSE;
  ok = slip_process_run (&process, result, program->change ? NULL : context->engine->cancellable,
                         &local);
  slip_crash_point ("program ended");
  remove_log (log);
  if (watch.error != NULL)
    {
      g_propagate_error (error, watch.error);
      return FALSE;
    }
  if (ok)
    return TRUE;
  if (slip_run_engine_check (context->engine, error))
    set_error (context, program, local, error);
  return FALSE;
}
