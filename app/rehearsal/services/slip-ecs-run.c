/* SPDX-License-Identifier: MIT */

/* Containers' programs. A scenario says which program on this machine stands for an image; it is run as
 * a process of its own with the container's environment, the rehearsal's endpoint and a session of the
 * task's role. What it prints goes to the container's log as it comes, and its exit code is the
 * container's. Processes live on the main loop and die with the server. */

#include "slip-ecs-private.h"

#include <signal.h>
#include <sys/prctl.h>

#include "slip-json.h"
#include "slip-logs-world.h"
#include "slip-principals.h"

#define SESSION_SECONDS (6 * 3600)
#define SELF "@slipway-rehearsal"
#define COMMAND_LINE "@slipwayctl"

typedef struct
{
  SlipWorld *world;
  char *account;
  char *region;
  char *task;
  char *container;
  char *group; /* nullable: the log group */
  char *stream;
  GSubprocess *process;
  GDataInputStream *lines;
  gboolean read;
  gboolean ended;
} Running;

static GPtrArray *all_running; /* element-type Running */

static void
running_free (Running *running)
{
  g_free (running->account);
  g_free (running->region);
  g_free (running->task);
  g_free (running->container);
  g_free (running->group);
  g_free (running->stream);
  g_clear_object (&running->process);
  g_clear_object (&running->lines);
  g_free (running);
}

static const SlipWorldRecord *
definition_of (SlipWorld *world, const SlipWorldRecord *task)
{
  return slip_ecs_find_definition (world, task->account, task->region,
                                   slip_json_string (task->data, "taskDefinitionArn"));
}

static JsonObject *
find_by_name (JsonArray *list, const char *name)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (list, i), "name"), name) == 0)
      return json_array_get_object_element (list, i);
  return NULL;
}

static JsonObject *
override_of (const SlipWorldRecord *task, const char *container)
{
  return find_by_name (
      slip_json_array (slip_json_object (task->data, "overrides"), "containerOverrides"),
      container);
}

/* The program for an image: the first pattern, in the order of their bytes, that fits. */
static JsonArray *
find_program (SlipWorld *world, const SlipWorldRecord *task, const char *image)
{
  g_autoptr (GPtrArray) programs
      = slip_world_list (world, task->account, task->region, ECS_PROGRAM);

  for (guint i = 0; i < programs->len; i++)
    {
      const SlipWorldRecord *program = programs->pdata[i];

      if (g_pattern_match_simple (program->id, image))
        return slip_json_array (program->data, "argv");
    }
  return NULL;
}

gboolean
slip_ecs_run_has_program (SlipWorld *world, const SlipWorldRecord *task, JsonObject *container)
{
  return find_program (world, task, slip_json_string (container, "image")) != NULL;
}

static const char *
role_arn (SlipWorld *world, const SlipWorldRecord *task, const char *member)
{
  const char *given = slip_json_string (slip_json_object (task->data, "overrides"), member);
  const SlipWorldRecord *definition = definition_of (world, task);

  if (given != NULL || definition == NULL)
    return given;
  return slip_json_string (definition->data, member);
}

static const SlipWorldRecord *
find_role (SlipWorld *world, const SlipWorldRecord *task, const char *arn)
{
  g_autofree char *name = slip_ecs_base_name (arn);
  const SlipWorldRecord *role = slip_world_get (world, task->account, "", SLIP_TYPE_IAM_ROLE, name);

  return role != NULL && g_strcmp0 (slip_json_string (role->data, "Arn"), arn) == 0 ? role : NULL;
}

static const char *
log_option (JsonObject *definition, const char *name)
{
  JsonObject *log = slip_json_object (definition, "logConfiguration");
  JsonObject *options = log != NULL ? slip_json_object (log, "options") : NULL;

  if (log == NULL || g_strcmp0 (slip_json_string (log, "logDriver"), "awslogs") != 0)
    return NULL;
  return options != NULL ? slip_json_string (options, name) : NULL;
}

/* The value that a container's secret names: a secret of Secrets Manager by its ARN, all of it or, with
 * `:key::` behind, one member. */
static char *
read_secret (SlipWorld *world, const SlipWorldRecord *task, const char *from)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (from);
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn->resource, ":", -1) : NULL;
  g_autoptr (GPtrArray) secrets = NULL;

  if (arn == NULL || !g_str_equal (arn->service, "secretsmanager") || parts[1] == NULL)
    return NULL;
  secrets = slip_world_list (world, task->account, task->region, "secretsmanager.secret");
  for (guint i = 0; i < secrets->len; i++)
    {
      const SlipWorldRecord *secret = secrets->pdata[i];
      JsonObject *versions = slip_json_object (secret->data, "VersionIdsToStages");
      g_autoptr (GList) ids = json_object_get_members (versions);
      g_autofree char *prefix = g_strconcat (secret->id, "-", NULL);

      if (!g_str_equal (parts[1], secret->id) && !g_str_has_prefix (parts[1], prefix))
        continue;
      for (GList *id = ids; id != NULL; id = id->next)
        {
          g_autofree char *key = g_strdup_printf ("%s\t%s", secret->id, (char *)id->data);
          const SlipWorldRecord *version
              = slip_world_get (world, task->account, task->region, "secretsmanager.version", key);
          JsonArray *stages = slip_json_array (versions, id->data);
          const char *text;
          g_autoptr (JsonNode) node = NULL;

          if (version == NULL
              || g_strcmp0 (json_array_get_string_element (stages, 0), "AWSCURRENT") != 0)
            continue;
          text = slip_json_string (version->data, "SecretString");
          if (parts[2] == NULL || *parts[2] == '\0')
            return g_strdup (text);
          node = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
          if (node != NULL && slip_json_node_object (node) != NULL)
            return g_strdup (slip_json_string (slip_json_node_object (node), parts[2]));
        }
    }
  return NULL;
}

static char *
check_container (SlipWorld *world, const SlipWorldRecord *task, JsonObject *definition)
{
  const char *group = log_option (definition, "awslogs-group");
  JsonArray *secrets = slip_json_array (definition, "secrets");

  if (group != NULL && !slip_logs_world_has_group (world, task->account, task->region, group))
    return g_strdup (
        "ResourceInitializationError: failed to validate logger args: create stream has "
        "been retried 1 times: failed to create Cloudwatch log stream: "
        "ResourceNotFoundException: The specified log group does not exist. : exit "
        "status 1");
  for (guint i = 0; secrets != NULL && i < json_array_get_length (secrets); i++)
    {
      const char *from = slip_json_string (json_array_get_object_element (secrets, i), "valueFrom");
      g_autofree char *value = from != NULL ? read_secret (world, task, from) : NULL;

      if (value == NULL)
        return g_strdup_printf (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution "
            "resource retrieval failed: unable to retrieve secret from asm: service call has been "
            "retried 1 time(s): failed to fetch secret %s from secrets manager: "
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
            from);
    }
  return NULL;
}

char *
slip_ecs_run_check (SlipWorld *world, const SlipWorldRecord *task)
{
  const char *role = role_arn (world, task, "taskRoleArn");
  const SlipWorldRecord *definition = definition_of (world, task);
  JsonArray *containers
      = definition != NULL ? slip_json_array (definition->data, "containerDefinitions") : NULL;

  if (role != NULL && find_role (world, task, role) == NULL)
    return g_strdup_printf (
        "ECS was unable to assume the role '%s' that was provided for this task. "
        "Please verify that the role being passed has the proper trust "
        "relationship and permissions and that your IAM user has permissions to "
        "pass this role.",
        role);
  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      char *problem = check_container (world, task, json_array_get_object_element (containers, i));

      if (problem != NULL)
        return problem;
    }
  return NULL;
}

/* --- One process --- */

/* Passes a program's end on, outside all transactions. */
static void
report (Running *running, int code, const char *reason)
{
  JsonObject *payload = json_object_new ();
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (payload, "container", running->container);
  json_object_set_int_member (payload, "code", code);
  if (reason != NULL)
    json_object_set_string_member (payload, "reason", reason);
  slip_world_begin (running->world);
  slip_world_schedule (running->world, 0, "ecs.task-exited", running->account, running->region,
                       ECS_TASK, running->task, payload);
  if (!slip_world_commit (running->world, &error))
    g_warning ("the end of task %s cannot be written: %s", running->task, error->message);
}

static void
finish (Running *running)
{
  int code = 0;

  if (!running->read || !running->ended)
    return;
  if (g_subprocess_get_if_exited (running->process))
    code = g_subprocess_get_exit_status (running->process);
  else
    code = 128 + g_subprocess_get_term_sig (running->process);
  report (running, code, NULL);
  g_ptr_array_remove_fast (all_running, running);
}

static void
write_line (Running *running, const char *line)
{
  g_autofree char *text = g_utf8_make_valid (line, -1);
  g_autoptr (GError) error = NULL;

  if (running->group == NULL)
    return;
  slip_world_begin (running->world);
  slip_logs_world_write (running->world, running->account, running->region, running->group,
                         running->stream, slip_world_now (running->world) / 1000, text);
  if (!slip_world_commit (running->world, &error))
    g_warning ("a log line of task %s cannot be written: %s", running->task, error->message);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Running *running = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line
      = g_data_input_stream_read_line_finish (running->lines, result, NULL, &error);

  if (line != NULL)
    {
      write_line (running, line);
      g_data_input_stream_read_line_async (running->lines, G_PRIORITY_DEFAULT, NULL, on_line,
                                           running);
      return;
    }
  running->read = TRUE;
  finish (running);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  Running *running = data;

  g_subprocess_wait_finish (running->process, result, NULL);
  running->ended = TRUE;
  finish (running);
}

static void
in_child (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
set_environment (GSubprocessLauncher *launcher, JsonArray *environment)
{
  for (guint i = 0; environment != NULL && i < json_array_get_length (environment); i++)
    {
      JsonObject *item = json_array_get_object_element (environment, i);
      const char *value = slip_json_string (item, "value");

      if (slip_json_string (item, "name") != NULL)
        g_subprocess_launcher_setenv (launcher, slip_json_string (item, "name"),
                                      value != NULL ? value : "", TRUE);
    }
}

static void
set_role (GSubprocessLauncher *launcher, SlipWorld *world, const SlipWorldRecord *task)
{
  const char *arn = role_arn (world, task, "taskRoleArn");
  const SlipWorldRecord *role = arn != NULL ? find_role (world, task, arn) : NULL;
  g_autofree char *name = slip_ecs_base_name (task->id);
  g_auto (SlipSessionKeys) keys = {NULL};

  if (role == NULL)
    return;
  slip_principals_new_role_session (world, role, name, SESSION_SECONDS, FALSE, NULL, &keys);
  g_subprocess_launcher_setenv (launcher, "AWS_ACCESS_KEY_ID", keys.access_key, TRUE);
  g_subprocess_launcher_setenv (launcher, "AWS_SECRET_ACCESS_KEY", keys.secret_key, TRUE);
  g_subprocess_launcher_setenv (launcher, "AWS_SESSION_TOKEN", keys.token, TRUE);
}

static GSubprocessLauncher *
new_launcher (SlipWorld *world, const SlipWorldRecord *task, JsonObject *definition)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                             | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  char *nothing[] = {NULL};
  const char *path = g_getenv ("PATH");
  const char *endpoint = slip_world_get_setting (world, "endpoint");
  JsonObject *override = override_of (task, slip_json_string (definition, "name"));
  JsonArray *secrets = slip_json_array (definition, "secrets");
  g_autofree char *speed = g_strdup_printf ("%g", slip_world_get_speed (world));

  g_subprocess_launcher_set_environ (launcher, nothing);
  g_subprocess_launcher_setenv (launcher, "PATH", path != NULL ? path : "/usr/bin:/bin", TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "AWS_REGION", task->region, TRUE);
  g_subprocess_launcher_setenv (launcher, "AWS_DEFAULT_REGION", task->region, TRUE);
  g_subprocess_launcher_setenv (launcher, "AWS_EC2_METADATA_DISABLED", "true", TRUE);
  g_subprocess_launcher_setenv (launcher, "AWS_CONFIG_FILE", "/dev/null", TRUE);
  g_subprocess_launcher_setenv (launcher, "AWS_SHARED_CREDENTIALS_FILE", "/dev/null", TRUE);
  g_subprocess_launcher_setenv (launcher, "SLIPWAY_REHEARSAL_SPEED", speed, TRUE);
  if (endpoint != NULL)
    g_subprocess_launcher_setenv (launcher, "AWS_ENDPOINT_URL", endpoint, TRUE);
  set_role (launcher, world, task);
  set_environment (launcher, slip_json_array (definition, "environment"));
  for (guint i = 0; secrets != NULL && i < json_array_get_length (secrets); i++)
    {
      JsonObject *secret = json_array_get_object_element (secrets, i);
      g_autofree char *value = read_secret (world, task, slip_json_string (secret, "valueFrom"));

      if (value != NULL)
        g_subprocess_launcher_setenv (launcher, slip_json_string (secret, "name"), value, TRUE);
    }
  if (override != NULL)
    set_environment (launcher, slip_json_array (override, "environment"));
  g_subprocess_launcher_set_child_setup (launcher, in_child, NULL, NULL);
  return launcher;
}

/* The command line that belongs to this server: beside it, in the build's folder for it, or where PATH says. */
static char *
find_command_line (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  static const char *const places[] = {"slipwayctl", "../cli/slipwayctl"};

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  return g_strdup ("slipwayctl");
}

static void
add_words (GPtrArray *argv, JsonArray *words)
{
  for (guint i = 0; words != NULL && i < json_array_get_length (words); i++)
    {
      const char *word = json_array_get_string_element (words, i);

      if (argv->len == 0 && g_str_equal (word, SELF))
        g_ptr_array_add (argv, g_file_read_link ("/proc/self/exe", NULL));
      else if (argv->len == 0 && g_str_equal (word, COMMAND_LINE))
        g_ptr_array_add (argv, find_command_line ());
      else
        g_ptr_array_add (argv, g_strdup (word));
    }
}

/* The image's program, then the entry point and the command, which an override replaces. */
static GPtrArray *
build_argv (SlipWorld *world, const SlipWorldRecord *task, JsonObject *definition)
{
  JsonObject *override = override_of (task, slip_json_string (definition, "name"));
  JsonArray *command = override != NULL ? slip_json_array (override, "command") : NULL;
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  add_words (argv, find_program (world, task, slip_json_string (definition, "image")));
  add_words (argv, slip_json_array (definition, "entryPoint"));
  add_words (argv, command != NULL ? command : slip_json_array (definition, "command"));
  g_ptr_array_add (argv, NULL);
  return argv;
}

static Running *
new_running (SlipWorld *world, const SlipWorldRecord *task, JsonObject *definition)
{
  Running *running = g_new0 (Running, 1);
  const char *prefix = log_option (definition, "awslogs-stream-prefix");
  g_autofree char *task_id = slip_ecs_base_name (task->id);

  running->world = world;
  running->account = g_strdup (task->account);
  running->region = g_strdup (task->region);
  running->task = g_strdup (task->id);
  running->container = g_strdup (slip_json_string (definition, "name"));
  running->group = g_strdup (log_option (definition, "awslogs-group"));
  running->stream
      = g_strdup_printf ("%s/%s/%s", prefix != NULL ? prefix : "ecs", running->container, task_id);
  return running;
}

static void
start_one (SlipWorld *world, const SlipWorldRecord *task, JsonObject *definition)
{
  Running *running = new_running (world, task, definition);
  g_autoptr (GPtrArray) argv = build_argv (world, task, definition);
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (all_running, running);
  slip_world_begin (world);
  launcher = new_launcher (world, task, definition);
  if (slip_world_commit (world, &error))
    running->process
        = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv->pdata, &error);
  if (running->process == NULL)
    {
      g_autofree char *reason = g_strdup_printf (
          "CannotStartContainerError: Error response from daemon: %s", error->message);

      write_line (running, error->message);
      report (running, 127, reason);
      g_ptr_array_remove_fast (all_running, running);
      return;
    }
  running->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (running->process));
  g_data_input_stream_read_line_async (running->lines, G_PRIORITY_DEFAULT, NULL, on_line, running);
  g_subprocess_wait_async (running->process, NULL, on_ended, running);
}

/* --- A task's processes --- */

typedef struct
{
  SlipWorld *world;
  char *account;
  char *region;
  char *task;
} Wish;

static void
wish_free (Wish *wish)
{
  g_free (wish->account);
  g_free (wish->region);
  g_free (wish->task);
  g_free (wish);
}

static gboolean
is_running (const char *task)
{
  for (guint i = 0; i < all_running->len; i++)
    if (g_str_equal (((Running *)all_running->pdata[i])->task, task))
      return TRUE;
  return FALSE;
}

static gboolean
on_start (gpointer data)
{
  Wish *wish = data;
  const SlipWorldRecord *task
      = slip_world_get (wish->world, wish->account, wish->region, ECS_TASK, wish->task);
  const SlipWorldRecord *definition = task != NULL ? definition_of (wish->world, task) : NULL;
  JsonArray *containers
      = definition != NULL ? slip_json_array (definition->data, "containerDefinitions") : NULL;

  if (containers == NULL || is_running (wish->task)
      || g_strcmp0 (slip_json_string (task->data, "lastStatus"), "RUNNING") != 0)
    return G_SOURCE_REMOVE;
  for (guint i = 0; i < json_array_get_length (containers); i++)
    {
      JsonObject *container = json_array_get_object_element (containers, i);

      if (!slip_ecs_run_has_program (wish->world, task, container))
        continue;
      start_one (wish->world, task, container);
      task = slip_world_get (wish->world, wish->account, wish->region, ECS_TASK, wish->task);
    }
  return G_SOURCE_REMOVE;
}

void
slip_ecs_run_start (SlipWorld *world, const SlipWorldRecord *task)
{
  Wish *wish = g_new0 (Wish, 1);

  if (all_running == NULL)
    all_running = g_ptr_array_new_with_free_func ((GDestroyNotify)running_free);
  wish->world = world;
  wish->account = g_strdup (task->account);
  wish->region = g_strdup (task->region);
  wish->task = g_strdup (task->id);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_start, wish, (GDestroyNotify)wish_free);
}

void
slip_ecs_run_end (const char *task_id, gboolean at_once)
{
  for (guint i = 0; all_running != NULL && i < all_running->len; i++)
    {
      Running *running = all_running->pdata[i];

      if (g_str_equal (running->task, task_id) && running->process != NULL)
        g_subprocess_send_signal (running->process, at_once ? SIGKILL : SIGTERM);
    }
}

void
slip_ecs_run_stop (SlipWorld *world)
{
  for (guint i = 0; all_running != NULL && i < all_running->len; i++)
    {
      Running *running = all_running->pdata[i];

      g_subprocess_force_exit (running->process);
      g_subprocess_wait (running->process, NULL, NULL);
    }
}
