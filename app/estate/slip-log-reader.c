/* SPDX-License-Identifier: MIT */
/* Finds the log groups and streams that a task or service writes to, from its task definition, and reads
 * them by FilterLogEvents. Events may come late and out of order and are told apart by their ids; so each
 * look begins a minute before the newest event so far. What it keeps does not grow with the log. */

#include "slip-log-reader.h"
#include "slip-aws-error.h"
#include "slip-estate-error.h"
#include "slip-json.h"

#include <string.h>

#define OVERLAP_MS (60 * 1000)
#define FIRST_MS (15 * 60 * 1000)
#define MAX_PAGES 20
#define PAGE_EVENTS 1000

typedef struct
{
  char *group;
  char *stream; /* nullable: all of the group */
  gboolean is_prefix;
  char *token;
  gint64 newest; /* ms */
} Source;

struct _SlipLogReader
{
  SlipEnvironment *environment; /* owned */
  char *arn;
  char *region;
  char *state;
  GPtrArray *sources; /* owned, element-type Source; NULL until found */
  GHashTable *seen;   /* owned; event id → its time in ms */
  gint64 first;       /* ms */
};

static void
source_free (gpointer data)
{
  Source *source = data;

  g_free (source->group);
  g_free (source->stream);
  g_free (source->token);
  g_free (source);
}

void
slip_log_line_free (SlipLogLine *line)
{
  g_free (line->source);
  g_free (line->text);
  g_free (line);
}

SlipLogReader *
slip_log_reader_new (SlipEnvironment *environment, const char *arn)
{
  SlipLogReader *self;
  g_auto (GStrv) parts = g_strsplit (arn, ":", 6);

  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (environment) && arn != NULL, NULL);

  self = g_new0 (SlipLogReader, 1);
  self->environment = g_object_ref (environment);
  self->arn = g_strdup (arn);
  self->region = g_strdup (g_strv_length (parts) == 6 ? parts[3] : NULL);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
slip_log_reader_free (SlipLogReader *self)
{
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_hash_table_unref (self->seen);
  g_object_unref (self->environment);
  g_free (self->arn);
  g_free (self->region);
  g_free (self->state);
  g_free (self);
}

/* What one look needs. */
typedef struct
{
  SlipAwsClient *client;
  GCancellable *cancellable;
} Look;

static JsonNode *
call (SlipLogReader *self,
      Look *look,
      const char *service,
      const char *operation,
      JsonObject *input,
      GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  SlipAwsCall request = {.service = service,
                         .operation = operation,
                         .region = self->region,
                         .priority = SLIP_AWS_PRIORITY_BROWSE,
                         .input = node};

  return slip_aws_client_call (look->client, &request, NULL, look->cancellable, error);
}

/* "CLUSTER" of ":task/CLUSTER/ID" and of ":service/CLUSTER/NAME". */
static char *
dup_cluster (const char *arn, const char *type)
{
  const char *at = strstr (arn, type);
  const char *begin = at != NULL ? at + strlen (type) : NULL;
  const char *end = begin != NULL ? strchr (begin, '/') : NULL;

  return end != NULL ? g_strndup (begin, end - begin) : NULL;
}

/* The task or service itself, described. */
static JsonObject *
describe (SlipLogReader *self, Look *look, gboolean is_task, GError **error)
{
  const char *plural = is_task ? "tasks" : "services";
  JsonObject *input = json_object_new ();
  JsonArray *names = json_array_new ();
  g_autofree char *cluster = dup_cluster (self->arn, is_task ? ":task/" : ":service/");
  g_autoptr (JsonNode) output = NULL;
  JsonArray *found;

  json_array_add_string_element (names, self->arn);
  json_object_set_array_member (input, plural, names);
  if (cluster != NULL)
    json_object_set_string_member (input, "cluster", cluster);
  output = call (self, look, "ecs", is_task ? "DescribeTasks" : "DescribeServices", input, error);
  if (output == NULL)
    return NULL;
  found = slip_json_array (slip_json_node_object (output), plural);
  if (found != NULL && json_array_get_length (found) > 0)
    return json_object_ref (json_array_get_object_element (found, 0));
  g_set_error (
      error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
      "%s is not there any more. ECS forgets a stopped task after about an hour; its log is "
      "still in its log group",
      self->arn);
  return NULL;
}

static void
add_source (SlipLogReader *self, const char *group, char *stream, gboolean is_prefix)
{
  Source *source = g_new0 (Source, 1);

  source->group = g_strdup (group);
  source->stream = stream;
  source->is_prefix = is_prefix;
  g_ptr_array_add (self->sources, source);
}

/* The awslogs driver names a stream `<prefix>/<container>/<task id>`. */
static void
add_container (SlipLogReader *self, JsonObject *container, const char *task_id)
{
  JsonObject *configuration = slip_json_object (container, "logConfiguration");
  JsonObject *options = configuration != NULL ? slip_json_object (configuration, "options") : NULL;
  const char *group = options != NULL ? slip_json_string (options, "awslogs-group") : NULL;
  const char *prefix = options != NULL ? slip_json_string (options, "awslogs-stream-prefix") : NULL;
  const char *name = slip_json_string (container, "name");

  if (group != NULL && prefix != NULL && name != NULL)
    add_source (self, group,
                g_strdup_printf ("%s/%s/%s", prefix, name, task_id != NULL ? task_id : ""),
                task_id == NULL);
}

static gboolean
add_definition (
    SlipLogReader *self, Look *look, const char *definition, const char *task_id, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  JsonObject *described;
  JsonArray *containers;

  json_object_set_string_member (input, "taskDefinition", definition);
  output = call (self, look, "ecs", "DescribeTaskDefinition", input, error);
  if (output == NULL)
    return FALSE;
  described = slip_json_object (slip_json_node_object (output), "taskDefinition");
  containers = described != NULL ? slip_json_array (described, "containerDefinitions") : NULL;
  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    add_container (self, json_array_get_object_element (containers, i), task_id);
  if (self->sources->len > 0)
    return TRUE;
  g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_ENVIRONMENT,
               "no container of %s writes to CloudWatch Logs by the awslogs driver", definition);
  return FALSE;
}

static gint64
task_begin (JsonObject *task)
{
  gint64 time = 0;
  double seconds = slip_json_double (task, "createdAt", 0);

  if (seconds > 0)
    return (gint64)(seconds * 1000);
  return slip_time_parse (slip_json_string (task, "createdAt"), &time) ? time / 1000 : 0;
}

static gboolean
find_sources (SlipLogReader *self, Look *look, GError **error)
{
  const char *group = strstr (self->arn, ":log-group:");
  gboolean is_task = strstr (self->arn, ":task/") != NULL;
  const char *task_id = is_task ? strrchr (self->arn, '/') + 1 : NULL;
  g_autoptr (SlipClock) clock = slip_environment_ref_clock (self->environment);
  g_autoptr (JsonObject) described = NULL;

  if (self->sources == NULL)
    self->sources = g_ptr_array_new_with_free_func (source_free);
  self->first = slip_clock_now (clock) / 1000 - FIRST_MS;
  if (group != NULL)
    {
      g_auto (GStrv) name = g_strsplit (group + strlen (":log-group:"), ":", 2);

      add_source (self, name[0], NULL, FALSE);
      return TRUE;
    }
  described = describe (self, look, is_task, error);
  if (described == NULL)
    return FALSE;
  if (is_task)
    self->first = task_begin (described);
  return add_definition (
      self, look, slip_json_string (described, is_task ? "taskDefinitionArn" : "taskDefinition"),
      task_id, error);
}

static JsonObject *
request_of (SlipLogReader *self, Source *source)
{
  JsonObject *input = json_object_new ();
  gint64 from = source->newest > 0 ? source->newest - OVERLAP_MS : self->first;

  json_object_set_string_member (input, "logGroupName", source->group);
  json_object_set_int_member (input, "startTime", MAX (from, 0));
  json_object_set_int_member (input, "limit", PAGE_EVENTS);
  if (source->token != NULL)
    json_object_set_string_member (input, "nextToken", source->token);
  if (source->stream != NULL && source->is_prefix)
    json_object_set_string_member (input, "logStreamNamePrefix", source->stream);
  else if (source->stream != NULL)
    {
      JsonArray *names = json_array_new ();

      json_array_add_string_element (names, source->stream);
      json_object_set_array_member (input, "logStreamNames", names);
    }
  return input;
}

static void
take_event (
    SlipLogReader *self, Source *source, JsonObject *event, gint64 *newest, GPtrArray *lines)
{
  const char *id = slip_json_string (event, "eventId");
  const char *message = slip_json_string (event, "message");
  const char *stream = slip_json_string (event, "logStreamName");
  gint64 time = slip_json_int (event, "timestamp", 0);
  SlipLogLine *line;

  if (id == NULL || message == NULL || g_hash_table_contains (self->seen, id))
    return;
  g_hash_table_insert (self->seen, g_strdup (id), g_memdup2 (&time, sizeof time));
  *newest = MAX (*newest, time);
  line = g_new0 (SlipLogLine, 1);
  line->time = time * 1000;
  line->text = g_utf8_make_valid (message, -1);
  if (source->stream == NULL || source->is_prefix || self->sources->len > 1)
    line->source = g_strdup (stream);
  g_ptr_array_add (lines, line);
}

static gboolean
read_source (SlipLogReader *self, Look *look, Source *source, GPtrArray *lines, GError **error)
{
  gint64 newest = source->newest;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (JsonNode) output
          = call (self, look, "logs", "FilterLogEvents", request_of (self, source), &local_error);
      JsonObject *root = output != NULL ? slip_json_node_object (output) : NULL;
      JsonArray *events = root != NULL ? slip_json_array (root, "events") : NULL;

      /* The stream is made with its first event. */
      if (output == NULL
          && g_strcmp0 (slip_aws_error_get_code (local_error), "ResourceNotFoundException") == 0)
        return TRUE;
      if (output == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      for (guint i = 0; events != NULL && i < json_array_get_length (events); i++)
        take_event (self, source, json_array_get_object_element (events, i), &newest, lines);
      g_free (source->token);
      source->token = g_strdup (slip_json_string (root, "nextToken"));
      if (source->token == NULL)
        break;
    }
  /* A token goes with the request that it came from. */
  if (source->token == NULL)
    source->newest = newest;
  return TRUE;
}

static gboolean
is_old (gpointer id, gpointer time, gpointer oldest)
{
  return *(gint64 *)time < *(gint64 *)oldest;
}

/* Ids from before the next look's beginning cannot come again. */
static void
forget_old (SlipLogReader *self)
{
  gint64 oldest = G_MAXINT64;

  for (guint i = 0; i < self->sources->len; i++)
    {
      const Source *source = g_ptr_array_index (self->sources, i);

      oldest = MIN (oldest, source->newest - OVERLAP_MS);
    }
  g_hash_table_foreach_remove (self->seen, is_old, &oldest);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const SlipLogLine *left = *(gpointer *)a;
  const SlipLogLine *right = *(gpointer *)b;

  return left->time < right->time ? -1 : left->time > right->time;
}

static void
read_state (SlipLogReader *self, Look *look)
{
  g_autoptr (JsonObject) task = NULL;

  if (strstr (self->arn, ":task/") == NULL)
    return;
  /* The state only stands beside the log. */
  task = describe (self, look, TRUE, NULL);
  g_free (self->state);
  self->state = g_strdup (task != NULL ? slip_json_string (task, "lastStatus") : NULL);
}

GPtrArray *
slip_log_reader_read (SlipLogReader *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipAwsClient) client = slip_environment_ref_client (self->environment, error);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_log_line_free);
  Look look = {client, cancellable};

  if (client == NULL)
    return NULL;
  if ((self->sources == NULL || self->sources->len == 0) && !find_sources (self, &look, error))
    return NULL;
  /* Before the lines: what a task wrote before it stopped is then in this look or an earlier one. */
  read_state (self, &look);
  for (guint i = 0; i < self->sources->len; i++)
    if (!read_source (self, &look, g_ptr_array_index (self->sources, i), lines, error))
      return NULL;
  forget_old (self);
  g_ptr_array_sort (lines, compare_times);
  return g_steal_pointer (&lines);
}

gboolean
slip_log_reader_has_more (SlipLogReader *self)
{
  for (guint i = 0; self->sources != NULL && i < self->sources->len; i++)
    if (((const Source *)g_ptr_array_index (self->sources, i))->token != NULL)
      return TRUE;
  return FALSE;
}

const char *
slip_log_reader_get_state (SlipLogReader *self)
{
  return self->state;
}
