/* SPDX-License-Identifier: MIT */
/* Follows an execution's history, which Step Functions keeps in order and complete: the newest events are read first, down
 * to the last that is known. A state that runs an ECS task tells its ARN, and by it the task's log is found. Inputs and
 * outputs of states never reach the ledger. */

#include "slip-run-execution-events.h"
#include "slip-run-task-log.h"

#include "slip-json.h"

#include <string.h>

/* Events of one page, and pages of one look. */
#define PAGE 100
#define MAX_PAGES 250

typedef struct
{
  char *name; /* of the state */
  char *entered;
  char *left;
  char *task;
  SlipTaskLog *log; /* owned; NULL when it has none, or none is followed */
  gboolean over;    /* the task has stopped; its log is read once more */
} State;

struct _SlipExecutionEvents
{
  SlipRunContext *context; /* borrowed */
  char *arn;
  gboolean logs;
  gint64 seen; /* the last event that was read */
  GHashTable *
      places; /* event id → State of it or NULL: which state what follows it is of; owned keys no */
  GPtrArray *states; /* element-type State: those that run tasks, owned */
  char *at;          /* the state that was entered last */
  guint total;       /* states that run tasks, or 0 */
};

static void
state_free (gpointer data)
{
  State *state = data;

  g_free (state->name);
  g_free (state->entered);
  g_free (state->left);
  g_free (state->task);
  g_clear_pointer (&state->log, slip_task_log_free);
  g_free (state);
}

SlipExecutionEvents *
slip_execution_events_new (SlipRunContext *context, const char *arn, gboolean logs)
{
  SlipExecutionEvents *self = g_new0 (SlipExecutionEvents, 1);

  self->context = context;
  self->arn = g_strdup (arn);
  self->logs = logs;
  self->places = g_hash_table_new (NULL, NULL);
  self->states = g_ptr_array_new_with_free_func (state_free);
  return self;
}

void
slip_execution_events_free (SlipExecutionEvents *self)
{
  g_hash_table_unref (self->places);
  g_ptr_array_unref (self->states);
  g_free (self->arn);
  g_free (self->at);
  g_free (self);
}

void
slip_execution_events_set_total (SlipExecutionEvents *self, guint total)
{
  self->total = total;
}

/* ---- what a task writes */

static JsonNode *
describe_task_definition (SlipExecutionEvents *self, const char *name, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);

  json_object_set_string_member (input, "taskDefinition", name);
  return slip_run_engine_read (self->context, "ecs", "DescribeTaskDefinition", node,
                               SLIP_AWS_PRIORITY_RUN, error);
}

/* The output of RunTask as Step Functions writes it, with capitals. */
static gboolean
begin_log (SlipExecutionEvents *self, State *state, const char *output, GError **error)
{
  g_autoptr (JsonNode) node = output != NULL ? slip_json_parse (output, -1, NULL) : NULL;
  g_autoptr (JsonNode) arn
      = node != NULL ? slip_json_select (node, "$.Tasks[0].TaskArn", NULL) : NULL;
  g_autoptr (JsonNode) definition
      = node != NULL ? slip_json_select (node, "$.Tasks[0].TaskDefinitionArn", NULL) : NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (JsonNode) containers = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *prefix = NULL;

  if (arn == NULL || slip_json_node_string (arn) == NULL)
    return TRUE;
  g_free (state->task);
  state->task = json_node_dup_string (arn);
  if (!self->logs || definition == NULL)
    return TRUE;
  answer = describe_task_definition (self, json_node_get_string (definition), &local);
  if (answer == NULL && slip_run_error_is_stop (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  containers = answer != NULL
                   ? slip_json_select (answer, "$.taskDefinition.containerDefinitions", NULL)
                   : NULL;
  if (containers == NULL)
    {
      g_message ("the task definition of %s cannot be read, so its log is not followed",
                 state->task);
      return TRUE;
    }
  g_clear_pointer (&state->log, slip_task_log_free);
  state->log = slip_task_log_new (self->context, json_node_get_array (containers), state->task);
  prefix = g_strdup_printf ("log-%u-", self->states->len);
  slip_task_log_set_prefix (state->log, prefix);
  return TRUE;
}

static gboolean
follow_logs (SlipExecutionEvents *self, GError **error)
{
  for (guint i = 0; i < self->states->len; i++)
    {
      State *state = g_ptr_array_index (self->states, i);
      gboolean last = state->left != NULL;

      if (state->log == NULL || state->over)
        continue;
      if (!slip_task_log_follow (state->log, error))
        return FALSE;
      state->over = last;
    }
  return TRUE;
}

/* ---- events */

static const char *
detail_of (JsonObject *event, const char *member, const char *name)
{
  JsonObject *details = slip_json_object (event, member);

  return details != NULL ? slip_json_string (details, name) : NULL;
}

static State *
add_state (SlipExecutionEvents *self, JsonObject *event, const char *name)
{
  State *state = g_new0 (State, 1);

  state->name = g_strdup (name);
  state->entered = g_strdup (slip_json_string (event, "timestamp"));
  g_ptr_array_add (self->states, state);
  return state;
}

/* Branches run side by side: whose an event is tells the event before it. */
static gboolean
take_event (SlipExecutionEvents *self, JsonObject *event, GError **error)
{
  gint64 id = slip_json_int (event, "id", 0);
  const char *type = slip_json_string (event, "type");
  const char *name = detail_of (event, "stateEnteredEventDetails", "name");
  State *state = g_hash_table_lookup (
      self->places, GINT_TO_POINTER (slip_json_int (event, "previousEventId", 0)));
  gboolean good = TRUE;

  self->seen = MAX (self->seen, id);
  if (name != NULL)
    {
      g_free (self->at);
      self->at = g_strdup (name);
      state = g_strcmp0 (type, "TaskStateEntered") == 0 ? add_state (self, event, name) : NULL;
    }
  else if (state != NULL && g_strcmp0 (type, "TaskSubmitted") == 0)
    good = begin_log (self, state, detail_of (event, "taskSubmittedEventDetails", "output"), error);
  else if (state != NULL && g_strcmp0 (type, "TaskStateExited") == 0)
    state->left = g_strdup (slip_json_string (event, "timestamp"));
  g_hash_table_insert (self->places, GINT_TO_POINTER (id), state);
  return good;
}

/* What the ledger keeps of an event: neither input nor output. */
static JsonObject *
shorten (JsonObject *event)
{
  static const char *const failures[] = {"taskFailedEventDetails", "taskSubmitFailedEventDetails",
                                         "taskTimedOutEventDetails", "executionFailedEventDetails"};
  JsonObject *kept = json_object_new ();
  const char *name = detail_of (event, "stateEnteredEventDetails", "name");

  if (name == NULL)
    name = detail_of (event, "stateExitedEventDetails", "name");
  json_object_set_int_member (kept, "id", slip_json_int (event, "id", 0));
  json_object_set_string_member (kept, "type", slip_json_string (event, "type"));
  json_object_set_string_member (kept, "timestamp", slip_json_string (event, "timestamp"));
  if (name != NULL)
    json_object_set_string_member (kept, "state", name);
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    if (detail_of (event, failures[i], "error") != NULL)
      json_object_set_string_member (kept, "error", detail_of (event, failures[i], "error"));
  return kept;
}

/* The events behind the last that is known, newest first; NULL when they cannot be read just now. */
static GPtrArray *
read_new (SlipExecutionEvents *self, GError **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  g_autofree char *token = NULL;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      JsonObject *input = json_object_new ();
      g_autoptr (JsonNode) node = slip_json_new_object (input);
      g_autoptr (JsonNode) answer = NULL;
      JsonArray *list;

      json_object_set_string_member (input, "executionArn", self->arn);
      json_object_set_int_member (input, "maxResults", PAGE);
      json_object_set_boolean_member (input, "reverseOrder", TRUE);
      if (token != NULL)
        json_object_set_string_member (input, "nextToken", token);
      answer = slip_run_engine_read (self->context, "states", "GetExecutionHistory", node,
                                     SLIP_AWS_PRIORITY_WAIT, error);
      list = answer != NULL ? slip_json_array (json_node_get_object (answer), "events") : NULL;
      if (list == NULL)
        return NULL;
      for (guint i = 0; i < json_array_get_length (list); i++)
        {
          JsonObject *event = json_array_get_object_element (list, i);

          if (slip_json_int (event, "id", 0) <= self->seen)
            return g_steal_pointer (&events);
          g_ptr_array_add (events, json_object_ref (event));
        }
      g_free (token);
      token = g_strdup (slip_json_string (json_node_get_object (answer), "nextToken"));
      if (token == NULL)
        break;
    }
  return g_steal_pointer (&events);
}

static double
progress_of (SlipExecutionEvents *self)
{
  guint left = 0;

  for (guint i = 0; i < self->states->len; i++)
    left += ((State *)g_ptr_array_index (self->states, i))->left != NULL;
  return self->total > 0 ? MIN ((double)left / self->total, 1) : -1;
}

static gboolean
take_events (SlipExecutionEvents *self, GPtrArray *events, GError **error)
{
  JsonObject *data;
  JsonArray *kept;
  g_autofree char *detail = NULL;

  if (events->len == 0)
    return TRUE;
  data = json_object_new ();
  kept = json_array_new ();
  json_object_set_array_member (data, "events", kept);
  for (guint i = events->len; i > 0; i--)
    {
      JsonObject *event = g_ptr_array_index (events, i - 1);

      json_array_add_object_element (kept, shorten (event));
      if (!take_event (self, event, error))
        {
          json_object_unref (data);
          return FALSE;
        }
    }
  detail = slip_execution_events_dup_detail (self);
  return slip_run_local_observe (self->context, detail != NULL ? detail : "started",
                                 progress_of (self), data, error);
}

gboolean
slip_execution_events_follow (SlipExecutionEvents *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) events = read_new (self, &local);

  if (events == NULL && local != NULL && slip_run_error_is_stop (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return (events == NULL || take_events (self, events, error)) && follow_logs (self, error);
}

gboolean
slip_execution_events_look_again (SlipExecutionEvents *self, GError **error)
{
  for (guint i = 0; i < self->states->len; i++)
    ((State *)g_ptr_array_index (self->states, i))->over = FALSE;
  return follow_logs (self, error);
}

/* ---- what is told */

char *
slip_execution_events_dup_detail (SlipExecutionEvents *self)
{
  State *state = NULL;
  g_autofree char *line = NULL;

  for (guint i = self->states->len; i > 0 && state == NULL; i--)
    {
      State *one = g_ptr_array_index (self->states, i - 1);

      state = one->left == NULL ? one : NULL;
    }
  if (state == NULL)
    return g_strdup (self->at);
  line = state->log != NULL ? slip_task_log_dup_last (state->log) : NULL;
  /* A stage's own lines begin with its name; then this is what its log was told as already. */
  if (line != NULL && g_str_has_prefix (line, state->name))
    return g_steal_pointer (&line);
  return line != NULL ? g_strdup_printf ("%s: %s", state->name, line) : g_strdup (state->name);
}

char *
slip_execution_events_dup_reason (SlipExecutionEvents *self, const char *cause)
{
  for (guint i = self->states->len; i > 0; i--)
    {
      const State *state = g_ptr_array_index (self->states, i - 1);
      g_autofree char *reason = NULL;

      if (state->log == NULL || strstr (cause, state->task) == NULL)
        continue;
      /* Once more, for lines come late; what cannot be written of them ends nothing that has not ended. */
      slip_task_log_follow (state->log, NULL);
      reason = slip_task_log_dup_reason (state->log);
      return reason != NULL ? g_strdup_printf ("%s\nAll of its log is in %s", reason,
                                               slip_task_log_get_file (state->log))
                            : NULL;
    }
  return NULL;
}

gint64
slip_execution_events_get_migration_run (SlipExecutionEvents *self)
{
  gint64 run = 0;

  for (guint i = 0; i < self->states->len; i++)
    {
      const State *state = g_ptr_array_index (self->states, i);

      if (state->log != NULL && slip_task_log_get_migration_run (state->log) > 0)
        run = slip_task_log_get_migration_run (state->log);
    }
  return run;
}

const SlipMigrationIntegration *
slip_execution_events_get_integration (SlipExecutionEvents *self)
{
  const SlipMigrationIntegration *last = NULL;

  for (guint i = 0; i < self->states->len; i++)
    {
      const State *state = g_ptr_array_index (self->states, i);

      if (state->log != NULL && slip_task_log_get_integration (state->log) != NULL)
        last = slip_task_log_get_integration (state->log);
    }
  return last;
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

JsonArray *
slip_execution_events_new_states (SlipExecutionEvents *self)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < self->states->len; i++)
    {
      const State *state = g_ptr_array_index (self->states, i);
      JsonObject *object = json_object_new ();

      set_text (object, "name", state->name);
      set_text (object, "entered", state->entered);
      set_text (object, "left", state->left);
      set_text (object, "taskArn", state->task);
      set_text (object, "logFile", state->log != NULL ? slip_task_log_get_file (state->log) : NULL);
      json_array_add_object_element (array, object);
    }
  return array;
}
