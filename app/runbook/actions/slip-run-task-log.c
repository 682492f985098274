/* SPDX-License-Identifier: MIT */
/* Follows CloudWatch Logs of an ECS task by FilterLogEvents. Events may come late and out of order and
 * are told apart by their ids; so each look begins some seconds before the newest event so far. */

#include "slip-run-task-log.h"

#include "slip-json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Events may be ingested so much later than they are dated. */
#define OVERLAP_MS (60 * 1000)

/* Pages of one look; the rest comes with the next. */
#define MAX_PAGES 50

/* Lines in the ledger: of one look, and in all. */
#define EXCERPT_LINES 10
#define EXCERPT_MOST 400

/* What slipwayctl says when it ends badly begins so, and has not many lines. */
#define REASON "slipwayctl: "
#define REASON_LINES 4

typedef struct
{
  char *group;
  char *stream;
  char *container;
  gint64 newest; /* ms */
} Stream;

struct _SlipTaskLog
{
  SlipRunContext *context; /* borrowed */
  GPtrArray *streams;      /* element-type Stream, owned */
  GHashTable *seen;        /* set of event ids, owned */
  GPtrArray *fresh;        /* element-type utf8: lines of this look */
  char *prefix;
  char *path;
  char *last;
  GString *reason; /* what the program said of why it failed */
  guint reason_lines;
  gint64 migration_run;
  SlipMigrationIntegration *integration; /* owned; NULL when no line told of one */
  guint written;                         /* lines in the ledger */
  int fd;
};

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_free (stream->group);
  g_free (stream->stream);
  g_free (stream->container);
  g_free (stream);
}

/* `<prefix>/<container>/<task id>`, as the awslogs driver names them. */
static void
add_stream (SlipTaskLog *self, JsonObject *container, const char *task_id)
{
  JsonObject *configuration = slip_json_object (container, "logConfiguration");
  JsonObject *options = configuration != NULL ? slip_json_object (configuration, "options") : NULL;
  const char *group = options != NULL ? slip_json_string (options, "awslogs-group") : NULL;
  const char *prefix = options != NULL ? slip_json_string (options, "awslogs-stream-prefix") : NULL;
  const char *name = slip_json_string (container, "name");
  Stream *stream;

  if (group == NULL || prefix == NULL || name == NULL)
    return;
  stream = g_new0 (Stream, 1);
  stream->group = g_strdup (group);
  stream->stream = g_strdup_printf ("%s/%s/%s", prefix, name, task_id);
  stream->container = g_strdup (name);
  g_ptr_array_add (self->streams, stream);
}

SlipTaskLog *
slip_task_log_new (SlipRunContext *context, JsonArray *containers, const char *task_arn)
{
  SlipTaskLog *self = g_new0 (SlipTaskLog, 1);
  const char *slash = strrchr (task_arn, '/');

  self->context = context;
  self->streams = g_ptr_array_new_with_free_func (stream_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->fresh = g_ptr_array_new_with_free_func (g_free);
  self->fd = -1;
  self->prefix = g_strdup ("log-");
  self->reason = g_string_new (NULL);
  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      JsonObject *container = slip_json_node_object (json_array_get_element (containers, i));

      if (container != NULL)
        add_stream (self, container, slash != NULL ? slash + 1 : task_arn);
    }
  return self;
}

void
slip_task_log_free (SlipTaskLog *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_ptr_array_unref (self->streams);
  g_ptr_array_unref (self->fresh);
  g_hash_table_unref (self->seen);
  g_free (self->prefix);
  g_free (self->path);
  g_free (self->last);
  g_string_free (self->reason, TRUE);
  g_clear_pointer (&self->integration, slip_migration_integration_free);
  g_free (self);
}

void
slip_task_log_set_prefix (SlipTaskLog *self, const char *prefix)
{
  g_free (self->prefix);
  self->prefix = g_strdup (prefix);
}

const char *
slip_task_log_get_file (SlipTaskLog *self)
{
  return self->path;
}

char *
slip_task_log_dup_last (SlipTaskLog *self)
{
  return g_strdup (self->last);
}

char *
slip_task_log_dup_reason (SlipTaskLog *self)
{
  return g_strdup (self->reason->len > 0 ? self->reason->str : self->last);
}

gint64
slip_task_log_get_migration_run (SlipTaskLog *self)
{
  return self->migration_run;
}

const SlipMigrationIntegration *
slip_task_log_get_integration (SlipTaskLog *self)
{
  return self->integration;
}

/* ---- the file */

static gboolean
open_file (SlipTaskLog *self, GError **error)
{
  if (self->fd >= 0)
    return TRUE;
  g_clear_pointer (&self->path, g_free);
  self->path = slip_run_local_path (self->context, self->prefix, ".txt", error);
  if (self->path == NULL)
    return FALSE;
  self->fd = open (self->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
  if (self->fd >= 0)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "cannot write %s: %s", self->path,
               g_strerror (errno));
  return FALSE;
}

static gboolean
write_line (SlipTaskLog *self, const char *line, GError **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  gsize left = strlen (text);
  const char *at = text;

  if (!open_file (self, error))
    return FALSE;
  while (left > 0)
    {
      gssize done = write (self->fd, at, left);

      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "cannot write %s: %s",
                       self->path, g_strerror (errno));
          return FALSE;
        }
      at += done;
      left -= (gsize)done;
    }
  return TRUE;
}

/* ---- events */

/* An error has lines of its own below the first; the table of stages, written beside it, is not of it. */
static void
take_reason (SlipTaskLog *self, const char *line, gboolean is_of_run)
{
  if (g_str_has_prefix (line, REASON))
    {
      g_string_assign (self->reason, line + strlen (REASON));
      self->reason_lines = 1;
    }
  else if (is_of_run)
    self->reason_lines = REASON_LINES;
  else if (self->reason->len > 0 && self->reason_lines < REASON_LINES)
    {
      g_string_append_printf (self->reason, "\n%s", line);
      self->reason_lines++;
    }
}

/* As `slipwayctl migrate stage` tells of its run, first and last: "run 3, run date 2022-06-15". */
static gboolean
take_migration_run (SlipTaskLog *self, const char *line)
{
  static const char begin[] = "run ";
  char *end = NULL;
  gint64 number;

  if (!g_str_has_prefix (line, begin) || !g_ascii_isdigit (line[strlen (begin)]))
    return FALSE;
  number = g_ascii_strtoll (line + strlen (begin), &end, 10);
  if (!g_str_has_prefix (end, ", run date "))
    return FALSE;
  self->migration_run = number;
  return TRUE;
}

static void
take_integration (SlipTaskLog *self, const char *line)
{
  SlipMigrationIntegration *told = slip_migration_integration_parse (line);

  if (told == NULL)
    return;
  g_clear_pointer (&self->integration, slip_migration_integration_free);
  self->integration = told;
}

static gboolean
take_event (SlipTaskLog *self, Stream *stream, JsonObject *event, GError **error)
{
  const char *id = slip_json_string (event, "eventId");
  const char *message = slip_json_string (event, "message");
  gint64 timestamp = slip_json_int (event, "timestamp", 0);
  g_autofree char *clean = NULL;
  g_autofree char *time = NULL;
  g_autofree char *line = NULL;

  if (id == NULL || message == NULL || !g_hash_table_add (self->seen, g_strdup (id)))
    return TRUE;
  stream->newest = MAX (stream->newest, timestamp);
  clean = slip_run_program_excerpt (self->context, message, 100);
  time = slip_time_format (timestamp * 1000);
  line = self->streams->len > 1 ? g_strdup_printf ("%s %s: %s", time, stream->container, clean)
                                : g_strdup_printf ("%s %s", time, clean);
  g_free (self->last);
  self->last = g_strdup (clean);
  g_ptr_array_add (self->fresh, g_strdup (line));
  take_reason (self, clean, take_migration_run (self, clean));
  take_integration (self, clean);
  return write_line (self, line, error);
}

static JsonNode *
request_of (Stream *stream, const char *token)
{
  JsonObject *input = json_object_new ();
  JsonArray *names = json_array_new ();

  json_array_add_string_element (names, stream->stream);
  json_object_set_string_member (input, "logGroupName", stream->group);
  json_object_set_array_member (input, "logStreamNames", names);
  if (stream->newest > 0)
    json_object_set_int_member (input, "startTime", MAX (stream->newest - OVERLAP_MS, 0));
  if (token != NULL)
    json_object_set_string_member (input, "nextToken", token);
  return slip_json_new_object (input);
}

/* Empty pages with a token are usual. */
static gboolean
follow_stream (SlipTaskLog *self, Stream *stream, GError **error)
{
  g_autofree char *token = NULL;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autoptr (JsonNode) input = request_of (stream, token);
      g_autoptr (GError) local = NULL;
      g_autoptr (JsonNode) answer = slip_run_engine_read (self->context, "logs", "FilterLogEvents",
                                                          input, SLIP_AWS_PRIORITY_WAIT, &local);
      JsonObject *root = slip_json_node_object (answer);
      JsonArray *events = root != NULL ? slip_json_array (root, "events") : NULL;

      if (answer == NULL && slip_run_error_is_stop (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      /* The stream is made with its first event; and a task is not failed because its log is. */
      if (answer == NULL)
        return TRUE;
      for (guint i = 0; events != NULL && i < json_array_get_length (events); i++)
        if (!take_event (self, stream, json_array_get_object_element (events, i), error))
          return FALSE;
      g_free (token);
      token = g_strdup (slip_json_string (root, "nextToken"));
      if (token == NULL)
        return TRUE;
    }
  return TRUE;
}

static gboolean
write_excerpt (SlipTaskLog *self, GError **error)
{
  guint first = self->fresh->len > EXCERPT_LINES ? self->fresh->len - EXCERPT_LINES : 0;
  JsonObject *data;
  JsonArray *lines;

  if (self->fresh->len == 0 || self->written >= EXCERPT_MOST)
    return TRUE;
  data = json_object_new ();
  lines = json_array_new ();
  for (guint i = first; i < self->fresh->len; i++)
    json_array_add_string_element (lines, g_ptr_array_index (self->fresh, i));
  self->written += json_array_get_length (lines);
  json_object_set_array_member (data, "log", lines);
  json_object_set_int_member (data, "log_omitted", first);
  return slip_run_local_observe (self->context, self->last, -1, data, error);
}

gboolean
slip_task_log_follow (SlipTaskLog *self, GError **error)
{
  g_ptr_array_set_size (self->fresh, 0);
  for (guint i = 0; i < self->streams->len; i++)
    if (!follow_stream (self, g_ptr_array_index (self->streams, i), error))
      return FALSE;
  return write_excerpt (self, error);
}
