/* SPDX-License-Identifier: MIT */

/* Log events: written, read along one stream with tokens that stay the same at the end, and searched
 * over streams. */

#include "slip-logs-private.h"

#include "slip-json.h"

#define MAX_EVENTS 10000
#define TOO_OLD_MS (14LL * 24 * 3600 * 1000)
#define TOO_NEW_MS (2LL * 3600 * 1000)

static JsonNode *
put_answer (int too_old, int too_new)
{
  JsonObject *output = json_object_new ();

  json_object_set_string_member (output, "nextSequenceToken",
                                 "49590302591245367923874621092837465910283746592837465912");
  if (too_old >= 0 || too_new >= 0)
    {
      JsonObject *rejected = json_object_new ();

      if (too_old >= 0)
        json_object_set_int_member (rejected, "tooOldLogEventEndIndex", too_old);
      if (too_new >= 0)
        json_object_set_int_member (rejected, "tooNewLogEventStartIndex", too_new);
      json_object_set_object_member (output, "rejectedLogEventsInfo", rejected);
    }
  return slip_json_new_object (output);
}

JsonNode *
slip_logs_put_events (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  const char *stream = slip_json_string (input, "logStreamName");
  JsonArray *events = slip_json_array (input, "logEvents");
  gint64 now = slip_logs_now (ctx->world);
  gint64 before = G_MININT64;
  int too_old = -1, too_new = -1;

  if (group == NULL || slip_logs_need_stream (ctx, group, stream, error) == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);
      gint64 time = slip_json_int (event, "timestamp", 0);

      if (time < before)
        return slip_service_error (error, 400, "InvalidParameterException",
                                   "Log events in a single PutLogEvents request must be in "
                                   "chronological order.");
      before = time;
      if (time < now - TOO_OLD_MS)
        too_old = (int)i + 1;
      else if (time > now + TOO_NEW_MS)
        too_new = too_new < 0 ? (int)i : too_new;
      else
        slip_logs_world_write (ctx->world, ctx->account, ctx->region, group->id, stream, time,
                               slip_json_string (event, "message"));
    }
  return put_answer (too_old, too_new);
}

static gboolean
in_time (JsonObject *event, JsonObject *input)
{
  gint64 time = slip_json_int (event, "timestamp", 0);

  return time >= slip_json_int (input, "startTime", 0)
         && time < slip_json_int (input, "endTime", G_MAXINT64);
}

static JsonObject *
show (JsonObject *event)
{
  static const char *const members[] = {"timestamp", "message", "ingestionTime"};
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_set_member (object, members[i],
                            json_node_copy (json_object_get_member (event, members[i])));
  return object;
}

/* Tokens are the way and the id of the event they stand behind or before. */
static char *
make_token (char way, const char *id)
{
  g_autofree char *marker = slip_marker_encode (id);

  return g_strdup_printf ("%c/%s", way, marker);
}

/* Which of the events are the page: from @first, @count of them. */
static void
find_page (
    GPtrArray *events, JsonObject *input, const char *after, char way, guint *first, guint *count)
{
  guint limit = (guint)CLAMP (slip_json_int (input, "limit", MAX_EVENTS), 1, MAX_EVENTS);
  guint at = 0;

  while (after != NULL && at < events->len
         && strcmp (((const SlipWorldRecord *)events->pdata[at])->id, after) < (way == 'f' ? 1 : 0))
    at++;
  if (way == 'f')
    {
      *first = at;
      *count = MIN (limit, events->len - at);
      return;
    }
  at = after != NULL ? at : events->len;
  *count = MIN (limit, at);
  *first = at - *count;
}

static JsonNode *
show_page (GPtrArray *events, guint first, guint count, const char *token, const char *stream_key)
{
  JsonObject *output = json_object_new ();
  JsonArray *list = json_array_new ();
  g_autofree char *forward = NULL;
  g_autofree char *backward = NULL;

  for (guint i = first; i < first + count; i++)
    json_array_add_object_element (list, show (((const SlipWorldRecord *)events->pdata[i])->data));
  if (count > 0)
    {
      forward = make_token ('f', ((const SlipWorldRecord *)events->pdata[first + count - 1])->id);
      backward = make_token ('b', ((const SlipWorldRecord *)events->pdata[first])->id);
    }
  else if (token != NULL)
    {
      /* At an end: the same place, whichever way one goes on. */
      forward = g_strconcat ("f", token + 1, NULL);
      backward = g_strconcat ("b", token + 1, NULL);
    }
  else
    {
      forward = make_token ('f', stream_key);
      backward = make_token ('b', stream_key);
    }
  json_object_set_array_member (output, "events", list);
  json_object_set_string_member (output, "nextForwardToken", forward);
  json_object_set_string_member (output, "nextBackwardToken", backward);
  return slip_json_new_object (output);
}

JsonNode *
slip_logs_get_events (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  const char *stream = slip_json_string (input, "logStreamName");
  const char *token = slip_json_string (input, "nextToken");
  g_autofree char *after
      = token != NULL && strlen (token) > 2 ? slip_marker_decode (token + 2) : NULL;
  g_autofree char *key = group != NULL ? slip_logs_stream_key (group->id, stream) : NULL;
  g_autoptr (GPtrArray) events = NULL;
  guint first, count;
  char way = token != NULL ? *token : slip_json_bool (input, "startFromHead", FALSE) ? 'f' : 'b';

  if (group == NULL || slip_logs_need_stream (ctx, group, stream, error) == NULL)
    return NULL;
  if ((token != NULL && after == NULL) || (way != 'f' && way != 'b'))
    return slip_service_error (error, 400, "InvalidParameterException",
                               "The specified nextToken is invalid.");
  events = slip_logs_list_events (ctx->world, group, stream);
  for (guint i = events->len; i > 0; i--)
    if (!in_time (((const SlipWorldRecord *)events->pdata[i - 1])->data, input))
      g_ptr_array_remove_index (events, i - 1);
  find_page (events, input, after, way, &first, &count);
  return show_page (events, first, count, token, key);
}

/* --- FilterLogEvents --- */

/* A pattern of terms: all must be there, `-term` must not, and of `?term` one is enough. Quotes keep a
 * phrase together. */
static GPtrArray *
split_terms (const char *pattern)
{
  GPtrArray *terms = g_ptr_array_new_with_free_func (g_free);
  GString *term = g_string_new (NULL);
  gboolean quoted = FALSE;

  for (const char *at = pattern; *at != '\0'; at++)
    {
      if (*at == '"')
        quoted = !quoted;
      else if (*at == ' ' && !quoted)
        {
          if (term->len > 0)
            g_ptr_array_add (terms, g_strdup (term->str));
          g_string_truncate (term, 0);
        }
      else
        g_string_append_c (term, *at);
    }
  if (term->len > 0)
    g_ptr_array_add (terms, g_strdup (term->str));
  g_string_free (term, TRUE);
  return terms;
}

static gboolean
matches (GPtrArray *terms, const char *message)
{
  gboolean any = FALSE, wanted = FALSE;

  for (guint i = 0; i < terms->len; i++)
    {
      const char *term = terms->pdata[i];

      if (*term == '-' && strstr (message, term + 1) != NULL)
        return FALSE;
      if (*term == '?')
        {
          wanted = TRUE;
          any = any || strstr (message, term + 1) != NULL;
        }
      else if (*term != '-' && strstr (message, term) == NULL)
        return FALSE;
    }
  return any || !wanted;
}

static int
compare_time (gconstpointer a, gconstpointer b)
{
  const SlipWorldRecord *x = *(gpointer const *)a;
  const SlipWorldRecord *y = *(gpointer const *)b;
  gint64 first = slip_json_int (x->data, "timestamp", 0);
  gint64 second = slip_json_int (y->data, "timestamp", 0);

  if (first != second)
    return first < second ? -1 : 1;
  return strcmp (x->id, y->id);
}

static gboolean
names_stream (JsonObject *input, const char *stream)
{
  JsonArray *names = slip_json_array (input, "logStreamNames");
  const char *prefix = slip_json_string (input, "logStreamNamePrefix");

  if (prefix != NULL)
    return g_str_has_prefix (stream, prefix);
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    if (g_str_equal (json_array_get_string_element (names, i), stream))
      return TRUE;
  return names == NULL;
}

static GPtrArray *
find_events (SlipServiceContext *ctx, const SlipWorldRecord *group, JsonObject *input)
{
  const char *pattern = slip_json_string (input, "filterPattern");
  g_autoptr (GPtrArray) terms = split_terms (pattern != NULL ? pattern : "");
  g_autoptr (GPtrArray) streams = slip_logs_list_streams (ctx->world, group);
  GPtrArray *found = g_ptr_array_new ();

  for (guint s = 0; s < streams->len; s++)
    {
      const char *stream
          = slip_json_string (((const SlipWorldRecord *)streams->pdata[s])->data, "logStreamName");
      g_autoptr (GPtrArray) events = NULL;

      if (!names_stream (input, stream))
        continue;
      events = slip_logs_list_events (ctx->world, group, stream);
      for (guint i = 0; i < events->len; i++)
        {
          const SlipWorldRecord *event = events->pdata[i];

          if (in_time (event->data, input)
              && matches (terms, slip_json_string (event->data, "message")))
            g_ptr_array_add (found, (gpointer)event);
        }
    }
  g_ptr_array_sort (found, compare_time);
  return found;
}

JsonNode *
slip_logs_filter_events (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_logs_need_group (ctx, input, error);
  const char *pattern = slip_json_string (input, "filterPattern");
  JsonArray *names = slip_json_array (input, "logStreamNames");
  g_autoptr (GPtrArray) events = NULL;
  JsonArray *list;

  if (group == NULL)
    return NULL;
  if (pattern != NULL && strchr ("{[%", *pattern) != NULL && *pattern != '\0')
    return slip_service_error (
        error, 400, "InvalidParameterException",
        "Invalid filter pattern: the rehearsal knows patterns of terms only");
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    if (slip_logs_need_stream (ctx, group, json_array_get_string_element (names, i), error) == NULL)
      return NULL;
  events = find_events (ctx, group, input);
  list = json_array_new ();
  for (guint i = 0; i < events->len; i++)
    {
      const SlipWorldRecord *event = events->pdata[i];
      JsonObject *object = show (event->data);
      g_autofree char *id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, event->id, -1);

      json_object_set_string_member (object, "logStreamName",
                                     slip_json_string (event->data, "stream"));
      id[56] = '\0';
      json_object_set_string_member (object, "eventId", id);
      json_array_add_object_element (list, object);
    }
  return slip_logs_page (input, "events", list, MAX_EVENTS, error);
}
