/* SPDX-License-Identifier: MIT */
/* The reads of a capture, one resource at a time. The same for a plan and for a run, so that what the
 * run reads again can be held against what was planned for. */

#include "slip-capture-read.h"

#include "slip-aws-error.h"
#include "slip-aws-model.h"
#include "slip-aws-pages.h"
#include "slip-json.h"
#include "slip-runbook-error.h"

static JsonNode *
read_all (const SlipCaptureReader *reader, JsonObject *read, JsonNode *input, GError **error)
{
  const char *service = slip_json_string (read, "service");
  const char *operation = slip_json_string (read, "operation");
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, NULL, error);
  g_autoptr (SlipAwsPages) pages = op != NULL ? slip_aws_pages_new (op, input) : NULL;
  g_autoptr (JsonNode) whole = NULL;

  if (op == NULL)
    return NULL;
  while (whole == NULL || !slip_aws_pages_is_done (pages))
    {
      g_autoptr (JsonNode) page = reader->call (reader->data, reader->region, service, operation,
                                                slip_aws_pages_get_input (pages), error);

      if (page == NULL || !slip_aws_pages_follow (pages, page, error))
        return NULL;
      if (whole == NULL)
        whole = slip_json_copy (page);
      else
        slip_aws_pages_merge (op, whole, page);
    }
  return g_steal_pointer (&whole);
}

static gboolean
is_absent (JsonObject *read, const GError *failure)
{
  JsonArray *codes = slip_json_array (read, "absent");
  const char *code = slip_aws_error_get_code (failure);

  for (guint i = 0; codes != NULL && code != NULL && i < json_array_get_length (codes); i++)
    if (g_str_equal (code, json_array_get_string_element (codes, i)))
      return TRUE;
  return FALSE;
}

/* That AWS does not tell, while it, or the rest of it, can be asked. */
static gboolean
may_do_without (const SlipCaptureReader *reader, JsonObject *read, const GError *failure)
{
  return reader->refused != NULL && slip_json_bool (read, "optional", FALSE)
         && !slip_aws_error_is_expired_token (failure)
         && (g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE)
             || g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT));
}

static void
note_refused (const SlipCaptureReader *reader,
              JsonObject *table,
              JsonObject *read,
              const GError *failure)
{
  JsonArray *fields = slip_json_array (table, "fields");
  g_autofree char *why = g_strdup_printf ("%s:%s: %s", slip_json_string (read, "service"),
                                          slip_json_string (read, "operation"), failure->message);

  for (guint i = 0; i < json_array_get_length (fields); i++)
    {
      JsonObject *field = json_array_get_object_element (fields, i);
      const char *name = slip_json_string (field, "field");

      if (g_strcmp0 (slip_json_string (field, "read"), slip_json_string (read, "name")) == 0
          && (reader->only == NULL || g_hash_table_contains (reader->only, name)))
        json_object_set_string_member (reader->refused, name, why);
    }
}

/* What cannot be read is not captured, and nothing may be lost unseen. */
static gboolean
read_one (const SlipCaptureReader *reader,
          JsonObject *table,
          JsonObject *read,
          JsonObject *answers,
          GError **error)
{
  const char *name = slip_json_string (read, "name");
  g_autoptr (JsonNode) input
      = slip_capture_expand (json_object_get_member (read, "input"), answers);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) answer = read_all (reader, read, input, &local);
  JsonNode *selected;

  if (answer == NULL && is_absent (read, local))
    {
      json_object_set_null_member (answers, name);
      return TRUE;
    }
  if (answer == NULL && may_do_without (reader, read, local))
    {
      note_refused (reader, table, read, local);
      return TRUE;
    }
  if (answer == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                  "%s:%s: ", slip_json_string (read, "service"),
                                  slip_json_string (read, "operation"));
      return FALSE;
    }
  selected = slip_json_select (answer, slip_json_string (read, "select"), error);
  if (selected == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND, "AWS shows no %s %s",
                     slip_json_string (table, "title"), slip_json_string (answers, "target"));
      return FALSE;
    }
  json_object_set_member (answers, name, selected);
  return TRUE;
}

JsonObject *
slip_capture_read (const SlipCaptureReader *reader,
                   JsonObject *table,
                   const char *target,
                   GError **error)
{
  JsonArray *reads = slip_json_array (table, "reads");
  g_autoptr (JsonObject) answers = json_object_new ();

  json_object_set_string_member (answers, "target", target);
  for (guint i = 0; i < json_array_get_length (reads); i++)
    if (slip_capture_needs_read (table, i, reader->only)
        && !read_one (reader, table, json_array_get_object_element (reads, i), answers, error))
      return NULL;
  return slip_capture_take (table, target, answers);
}
