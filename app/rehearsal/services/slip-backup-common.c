/* SPDX-License-Identifier: MIT */

/* What all of AWS Backup's operations need: its errors, its records, its lists in pages. */

#include "slip-backup.h"

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-permissions.h"

#include <string.h>

#define PAGE_SIZE 1000

/* --- Errors --- */

static gpointer
fail (GError **error, const char *code, const char *format, va_list args)
{
  g_autofree char *message = g_strdup_vprintf (format, args);

  return slip_service_error (error, 400, code, "%s", message);
}

gpointer
slip_backup_missing (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fail (error, "ResourceNotFoundException", format, args);
  va_end (args);
  return NULL;
}

gpointer
slip_backup_invalid (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fail (error, "InvalidParameterValueException", format, args);
  va_end (args);
  return NULL;
}

gpointer
slip_backup_refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fail (error, "InvalidRequestException", format, args);
  va_end (args);
  return NULL;
}

/* --- Records --- */

char *
slip_backup_vault_arn (const char *account, const char *region, const char *name)
{
  return g_strdup_printf ("arn:aws:backup:%s:%s:backup-vault:%s", region, account, name);
}

JsonObject *
slip_backup_shape (const SlipWorldRecord *record)
{
  return slip_json_object (record->data, "shape");
}

const char *
slip_backup_get (const SlipWorldRecord *record, const char *member)
{
  return slip_json_string (slip_backup_shape (record), member);
}

JsonObject *
slip_backup_new (JsonObject **shape)
{
  JsonObject *data = json_object_new ();

  *shape = json_object_new ();
  json_object_set_object_member (data, "shape", *shape);
  return data;
}

JsonObject *
slip_backup_edit (SlipWorld *world, const SlipWorldRecord *record, JsonObject **shape)
{
  JsonObject *data
      = slip_world_edit (world, record->account, record->region, record->type, record->id);

  if (data != NULL && shape != NULL)
    *shape = slip_json_object (data, "shape");
  return data;
}

void
slip_backup_put (SlipWorld *world, const SlipWorldRecord *record, JsonObject *data)
{
  slip_world_put (world, record->account, record->region, record->type, record->id, data);
}

void
slip_backup_copy_members (JsonObject *from, JsonObject *to, const char *const *names)
{
  for (; *names != NULL; names++)
    {
      JsonNode *node = json_object_get_member (from, *names);

      if (node != NULL)
        json_object_set_member (to, *names, slip_json_copy (node));
    }
}

JsonNode *
slip_backup_answer (const SlipWorldRecord *record, const char *const *names)
{
  JsonObject *output = json_object_new ();

  slip_backup_copy_members (slip_backup_shape (record), output, names);
  return slip_json_new_object (output);
}

void
slip_backup_set_time (JsonObject *object, const char *name, gint64 time_us)
{
  g_autofree char *text = slip_time_format (time_us);

  json_object_set_string_member (object, name, text);
}

static gboolean
names_service (JsonNode *node)
{
  const char *const service = "backup.amazonaws.com";
  JsonArray *array;

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node))
    return g_strcmp0 (json_node_get_string (node), service) == 0;
  array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (g_strcmp0 (json_array_get_string_element (array, i), service) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
trusts_backup (const SlipWorldRecord *role)
{
  const char *text = slip_json_string (role->data, "AssumeRolePolicyDocument");
  g_autoptr (JsonNode) policy = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  JsonObject *root = policy != NULL ? slip_json_node_object (policy) : NULL;
  JsonArray *statements = root != NULL ? slip_json_array (root, "Statement") : NULL;

  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++)
    {
      JsonObject *statement = slip_json_node_object (json_array_get_element (statements, i));
      JsonObject *principal = statement != NULL ? slip_json_object (statement, "Principal") : NULL;

      if (principal != NULL && g_strcmp0 (slip_json_string (statement, "Effect"), "Allow") == 0
          && names_service (json_object_get_member (principal, "Service")))
        return TRUE;
    }
  return FALSE;
}

gboolean
slip_backup_check_role (SlipServiceContext *ctx, const char *arn, GError **error)
{
  g_autoptr (SlipArn) parts = arn != NULL ? slip_arn_parse (arn) : NULL;
  const SlipWorldRecord *role = NULL;

  if (parts == NULL || strcmp (parts->service, "iam") != 0
      || !g_str_has_prefix (parts->resource, "role/"))
    {
      slip_backup_invalid (error, "Invalid IAM role ARN: %s", arn != NULL ? arn : "none is given");
      return FALSE;
    }
  if (strcmp (parts->account, ctx->account) == 0)
    role = slip_permissions_find_identity (ctx->world, arn);
  if (role != NULL && trusts_backup (role))
    return TRUE;
  slip_backup_invalid (error, "IAM Role %s cannot be assumed by AWS Backup", arn);
  return FALSE;
}

gboolean
slip_backup_role_may (SlipWorld *world, const char *arn, const char *action, GError **error)
{
  const SlipWorldRecord *role = slip_permissions_find_identity (world, arn);
  g_auto (SlipPermission) permission = {0};
  SlipPolicyRequest request = {.principal_arn = arn, .action = action};

  if (action == NULL)
    return TRUE;
  if (role != NULL)
    {
      request.account = role->account;
      slip_permissions_judge (world, role, &request, &permission);
      if (permission.verdict == SLIP_POLICY_ALLOWS)
        return TRUE;
    }
  slip_service_error (error, 403, "AccessDeniedException",
                      "IAM Role %s does not have sufficient permissions to execute: it is not "
                      "authorized to perform: %s",
                      arn, action);
  return FALSE;
}

/* --- Lists --- */

static gboolean
time_matches (JsonObject *shape, const SlipBackupFilter *filter, const char *wanted)
{
  const char *have = slip_json_string (shape, filter->member);
  gint64 limit = 0;
  gint64 time_us = 0;

  if (have == NULL || !slip_time_parse (have, &time_us) || !slip_time_parse (wanted, &limit))
    return FALSE;
  return filter->order > 0 ? time_us > limit : time_us < limit;
}

gboolean
slip_backup_matches (const SlipWorldRecord *record,
                     JsonObject *input,
                     const SlipBackupFilter *filters)
{
  JsonObject *shape = slip_backup_shape (record);

  for (; filters->input != NULL; filters++)
    {
      const char *wanted = slip_json_string (input, filters->input);

      if (wanted == NULL)
        continue;
      if (filters->order == 0 && g_strcmp0 (slip_json_string (shape, filters->member), wanted) != 0)
        return FALSE;
      if (filters->order != 0 && !time_matches (shape, filters, wanted))
        return FALSE;
    }
  return TRUE;
}

/* The order within a list: ids as they are, jobs by their age. */
static char *
dup_order (const SlipWorldRecord *record, gboolean newest_first)
{
  if (!newest_first)
    return g_strdup (record->id);
  return g_strdup_printf ("%020" G_GINT64_FORMAT "/%s",
                          G_MAXINT64 - slip_json_int (record->data, "created_us", 0), record->id);
}

static int
compare_age (gconstpointer a, gconstpointer b)
{
  const SlipWorldRecord *first = *(const SlipWorldRecord *const *)a;
  const SlipWorldRecord *second = *(const SlipWorldRecord *const *)b;
  gint64 first_us = slip_json_int (first->data, "created_us", 0);
  gint64 second_us = slip_json_int (second->data, "created_us", 0);

  if (first_us != second_us)
    return first_us > second_us ? -1 : 1;
  return strcmp (first->id, second->id);
}

static gboolean
read_page (JsonObject *input, guint *size, char **after, GError **error)
{
  gint64 limit = slip_json_int (input, "MaxResults", PAGE_SIZE);
  const char *token = slip_json_string (input, "NextToken");

  *after = NULL;
  if (limit < 1 || limit > PAGE_SIZE)
    {
      slip_backup_invalid (error, "MaxResults must be between 1 and %d", PAGE_SIZE);
      return FALSE;
    }
  *size = (guint)limit;
  if (token == NULL)
    return TRUE;
  *after = slip_marker_decode (token);
  if (*after == NULL)
    slip_backup_invalid (error, "Invalid NextToken");
  return *after != NULL;
}

JsonNode *
slip_backup_list (SlipServiceContext *ctx,
                  JsonObject *input,
                  const SlipBackupList *list,
                  GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autofree char *after = NULL;
  g_autofree char *last = NULL;
  JsonObject *output;
  JsonArray *items;
  guint size;

  if (!read_page (input, &size, &after, error))
    return NULL;
  all = slip_world_list (ctx->world, ctx->account, ctx->region, list->type);
  if (list->newest_first)
    g_ptr_array_sort (all, compare_age);
  output = json_object_new ();
  items = json_array_new ();
  json_object_set_array_member (output, list->output, items);
  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *record = g_ptr_array_index (all, i);
      g_autofree char *order = dup_order (record, list->newest_first);

      if ((after != NULL && strcmp (order, after) <= 0)
          || (list->match != NULL && !list->match (record, input)))
        continue;
      if (json_array_get_length (items) == size)
        {
          g_autofree char *token = slip_marker_encode (last);

          json_object_set_string_member (output, "NextToken", token);
          break;
        }
      json_array_add_object_element (items, list->view != NULL
                                                ? list->view (ctx->world, record)
                                                : json_object_ref (slip_backup_shape (record)));
      g_free (last);
      last = g_steal_pointer (&order);
    }
  return slip_json_new_object (output);
}
