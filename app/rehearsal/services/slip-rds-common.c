/* SPDX-License-Identifier: MIT */
/* What every file of the RDS service needs: kinds, names, ARNs, errors, changing a resource, keys,
 * tags, events. Holds no rule of a single operation. */

#include "slip-rds.h"

#include "slip-aws-error.h"
#include "slip-json.h"
#include "slip-kms-world.h"

#include <string.h>

static const SlipRdsKind kinds[] = {
    {SLIP_RDS_CLUSTER, "cluster", "DBClusterIdentifier", "DBClusterArn", "DBClusterIdentifier",
     "DBClusterNotFoundFault", "DBCluster %s not found.", FALSE},
    {SLIP_RDS_INSTANCE, "db", "DBInstanceIdentifier", "DBInstanceArn", "DBInstanceIdentifier",
     "DBInstanceNotFound", "DBInstance %s not found.", FALSE},
    {SLIP_RDS_SNAPSHOT, "cluster-snapshot", "DBClusterSnapshotIdentifier", "DBClusterSnapshotArn",
     "DBClusterSnapshotIdentifier", "DBClusterSnapshotNotFoundFault",
     "DBClusterSnapshot %s not found.", FALSE},
    {SLIP_RDS_GLOBAL, "global-cluster", "GlobalClusterIdentifier", "GlobalClusterArn",
     "GlobalClusterIdentifier", "GlobalClusterNotFoundFault", "Global cluster %s not found.", TRUE},
    {SLIP_RDS_BACKUP, "cluster-auto-backup", "DbClusterResourceId", "DBClusterAutomatedBackupsArn",
     "DbClusterResourceId", "DBClusterAutomatedBackupNotFoundFault",
     "DBCluster automated backup %s not found.", FALSE},
    {SLIP_RDS_CLUSTER_GROUP, "cluster-pg", "DBClusterParameterGroupName",
     "DBClusterParameterGroupArn", "DBClusterParameterGroupName", "DBParameterGroupNotFound",
     "DBClusterParameterGroup not found: %s", FALSE},
    {SLIP_RDS_GROUP, "pg", "DBParameterGroupName", "DBParameterGroupArn", "DBParameterGroupName",
     "DBParameterGroupNotFound", "DBParameterGroup %s not found.", FALSE},
    {SLIP_RDS_SUBNETS, "subgrp", "DBSubnetGroupName", "DBSubnetGroupArn", "DBSubnetGroupName",
     "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", FALSE},
};

/* All others are answered with 400. */
static const struct
{
  const char *code;
  guint status;
} statuses[] = {
    {"DBClusterNotFoundFault", 404},          {"DBInstanceNotFound", 404},
    {"DBClusterSnapshotNotFoundFault", 404},  {"DBSnapshotNotFound", 404},
    {"GlobalClusterNotFoundFault", 404},      {"DBClusterAutomatedBackupNotFoundFault", 404},
    {"DBClusterParameterGroupNotFound", 404}, {"DBParameterGroupNotFound", 404},
    {"DBSubnetGroupNotFoundFault", 404},      {"DBClusterRoleNotFound", 404},
    {"DBClusterEndpointNotFoundFault", 404},  {"CertificateNotFound", 404},
    {"ResourceNotFoundFault", 404},           {"DBClusterQuotaExceededFault", 403},
};

const SlipRdsKind *
slip_rds_kind (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].type, type) == 0)
      return &kinds[i];
  g_return_val_if_reached (NULL);
}

const SlipRdsKind *
slip_rds_kind_of_arn_part (const char *arn_part)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].arn_part, arn_part) == 0)
      return &kinds[i];
  return NULL;
}

gpointer
slip_rds_fail (GError **error, const char *code, const char *format, ...)
{
  g_autofree char *message = NULL;
  guint status = 400;
  va_list args;

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (strcmp (statuses[i].code, code) == 0)
      status = statuses[i].status;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  return slip_service_error (error, status, code, "%s", message);
}

gboolean
slip_rds_refuse (GError **error, const char *code, const char *message)
{
  slip_rds_fail (error, code, "%s", message);
  return FALSE;
}

/* --- Names --- */

char *
slip_rds_check_name (const char *value, const char *parameter, guint max_length, GError **error)
{
  gsize length = value != NULL ? strlen (value) : 0;

  if (length == 0)
    return slip_rds_fail (error, "InvalidParameterValue",
                          "The parameter %s must be provided and must not be blank.", parameter);
  if (length > max_length)
    return slip_rds_fail (error, "InvalidParameterValue",
                          "The parameter %s is not a valid identifier because it is longer than %u "
                          "characters.",
                          parameter, max_length);
  if (!g_ascii_isalpha (value[0]) || value[length - 1] == '-' || strstr (value, "--") != NULL
      || strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
             != length)
    return slip_rds_fail (
        error, "InvalidParameterValue",
        "The parameter %s is not a valid identifier. Identifiers must begin with a "
        "letter; must contain only ASCII letters, digits, and hyphens; and must "
        "not end with a hyphen or contain two consecutive hyphens.",
        parameter);
  return g_ascii_strdown (value, -1);
}

char *
slip_rds_arn (const char *type, const char *account, const char *region, const char *id)
{
  const SlipRdsKind *kind = slip_rds_kind (type);

  return g_strdup_printf ("arn:aws:rds:%s:%s:%s:%s", kind->global ? "" : region, account,
                          kind->arn_part, id);
}

void
slip_rds_name_clear (SlipRdsName *name)
{
  g_clear_pointer (&name->account, g_free);
  g_clear_pointer (&name->region, g_free);
  g_clear_pointer (&name->id, g_free);
}

gboolean
slip_rds_parse_name (
    SlipServiceContext *ctx, const char *value, const char *type, SlipRdsName *name, GError **error)
{
  const SlipRdsKind *kind = slip_rds_kind (type);
  g_autoptr (SlipArn) arn = NULL;
  g_autofree char *prefix = g_strconcat (kind->arn_part, ":", NULL);

  *name = (SlipRdsName){0};
  if (value == NULL || *value == '\0')
    {
      slip_rds_fail (error, "InvalidParameterValue",
                     "The parameter %s must be provided and must not be blank.", kind->parameter);
      return FALSE;
    }
  if (!g_str_has_prefix (value, "arn:"))
    {
      name->account = g_strdup (ctx->account);
      name->region = g_strdup (kind->global ? "" : ctx->region);
      name->id = g_ascii_strdown (value, -1);
      return TRUE;
    }
  arn = slip_arn_parse (value);
  if (arn == NULL || strcmp (arn->service, "rds") != 0 || !g_str_has_prefix (arn->resource, prefix))
    {
      slip_rds_fail (error, "InvalidParameterValue", "Invalid resource ARN for %s: %s",
                     kind->parameter, value);
      return FALSE;
    }
  name->is_arn = TRUE;
  name->account = g_strdup (arn->account);
  name->region = g_strdup (kind->global ? "" : arn->region);
  name->id = g_ascii_strdown (arn->resource + strlen (prefix), -1);
  return TRUE;
}

const SlipWorldRecord *
slip_rds_find (SlipServiceContext *ctx, const char *value, const char *type, GError **error)
{
  const SlipRdsKind *kind = slip_rds_kind (type);
  const SlipWorldRecord *record = NULL;
  g_auto (SlipRdsName) name = {0};

  if (!slip_rds_parse_name (ctx, value, type, &name, error))
    return NULL;
  if (strcmp (name.account, ctx->account) == 0
      && (kind->global || strcmp (name.region, ctx->region) == 0))
    record = slip_world_get (ctx->world, name.account, name.region, type, name.id);
  if (record == NULL)
    {
      g_auto (GStrv) parts = g_strsplit (kind->missing_text, "%s", 2);
      return slip_rds_fail (error, kind->missing_code, "%s%s%s", parts[0], value, parts[1]);
    }
  return record;
}

/* --- Editing --- */

static SlipRdsEdit *
new_edit (SlipWorld *world,
          const char *account,
          const char *region,
          const char *type,
          const char *id,
          JsonObject *data)
{
  SlipRdsEdit *edit = g_new0 (SlipRdsEdit, 1);

  edit->world = world;
  edit->type = slip_rds_kind (type)->type;
  edit->account = g_strdup (account);
  edit->region = g_strdup (region);
  edit->id = g_strdup (id);
  edit->data = data;
  edit->shape = slip_json_object (data, "shape");
  return edit;
}

SlipRdsEdit *
slip_rds_edit (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id)
{
  JsonObject *data = slip_world_edit (world, account, region, type, id);

  return data != NULL ? new_edit (world, account, region, type, id, data) : NULL;
}

SlipRdsEdit *
slip_rds_edit_record (SlipWorld *world, const SlipWorldRecord *record)
{
  return slip_rds_edit (world, record->account, record->region, record->type, record->id);
}

SlipRdsEdit *
slip_rds_edit_transition (SlipWorld *world, const SlipTransition *transition)
{
  return slip_rds_edit (world, transition->account, transition->region, transition->type,
                        transition->id);
}

SlipRdsEdit *
slip_rds_edit_new (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id)
{
  const SlipRdsKind *kind = slip_rds_kind (type);
  JsonObject *data = json_object_new ();
  JsonObject *shape = json_object_new ();
  g_autofree char *arn = slip_rds_arn (type, account, region, id);

  json_object_set_object_member (data, "shape", shape);
  json_object_set_string_member (shape, kind->id_member, id);
  json_object_set_string_member (shape, kind->arn_member, arn);
  return new_edit (world, account, region, type, id, data);
}

void
slip_rds_edit_save (SlipRdsEdit *edit)
{
  slip_world_put (edit->world, edit->account, edit->region, edit->type, edit->id,
                  g_steal_pointer (&edit->data));
  slip_rds_edit_free (edit);
}

void
slip_rds_edit_free (SlipRdsEdit *edit)
{
  if (edit == NULL)
    return;
  g_clear_pointer (&edit->data, json_object_unref);
  g_free (edit->account);
  g_free (edit->region);
  g_free (edit->id);
  g_free (edit);
}

void
slip_rds_rename (SlipRdsEdit *edit, const char *id)
{
  const SlipRdsKind *kind = slip_rds_kind (edit->type);
  g_autofree char *arn = slip_rds_arn (edit->type, edit->account, edit->region, id);

  slip_world_remove (edit->world, edit->account, edit->region, edit->type, edit->id);
  json_object_set_string_member (edit->shape, kind->id_member, id);
  json_object_set_string_member (edit->shape, kind->arn_member, arn);
  g_free (edit->id);
  edit->id = g_strdup (id);
  slip_rds_edit_save (edit);
}

JsonObject *
slip_rds_shape (const SlipWorldRecord *record)
{
  return json_object_get_object_member (record->data, "shape");
}

const char *
slip_rds_get (const SlipWorldRecord *record, const char *member)
{
  return slip_json_string (slip_rds_shape (record), member);
}

gboolean
slip_rds_is (const SlipWorldRecord *record, const char *member, const char *value)
{
  return g_strcmp0 (slip_rds_get (record, member), value) == 0;
}

/* --- JSON --- */

void
slip_rds_copy_members (JsonObject *input, JsonObject *shape, const SlipRdsMember *members)
{
  for (; members->input != NULL; members++)
    {
      JsonNode *node = json_object_get_member (input, members->input);

      if (node != NULL)
        json_object_set_member (shape, members->shape != NULL ? members->shape : members->input,
                                slip_json_copy (node));
    }
}

void
slip_rds_set_default (JsonObject *object, const char *name, const char *value)
{
  if (!json_object_has_member (object, name) && value != NULL)
    json_object_set_string_member (object, name, value);
}

void
slip_rds_set_default_int (JsonObject *object, const char *name, gint64 value)
{
  if (!json_object_has_member (object, name))
    json_object_set_int_member (object, name, value);
}

void
slip_rds_set_default_bool (JsonObject *object, const char *name, gboolean value)
{
  if (!json_object_has_member (object, name))
    json_object_set_boolean_member (object, name, value);
}

void
slip_rds_set_now (SlipWorld *world, JsonObject *object, const char *name)
{
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (object, name, now);
}

JsonArray *
slip_rds_strings (const char *const *strings)
{
  JsonArray *array = json_array_new ();

  for (; strings != NULL && *strings != NULL; strings++)
    json_array_add_string_element (array, *strings);
  return array;
}

JsonNode *
slip_rds_wrap (const char *name, JsonObject *object)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, name, object);
  return slip_json_new_object (output);
}

gboolean
slip_rds_require_status (const SlipWorldRecord *record,
                         const char *const *allowed,
                         const char *code,
                         GError **error)
{
  gboolean instance = strcmp (record->type, SLIP_RDS_INSTANCE) == 0;
  const char *status = slip_rds_get (record, instance ? "DBInstanceStatus" : "Status");
  g_autofree char *list = NULL;

  if (g_strv_contains (allowed, status))
    return TRUE;
  list = g_strjoinv (",", (char **)allowed);
  slip_rds_fail (error, code, "%s %s is in %s state but expected it to be one of %s.",
                 instance                                        ? "DbInstance"
                 : strcmp (record->type, SLIP_RDS_SNAPSHOT) == 0 ? "DbClusterSnapshot"
                 : strcmp (record->type, SLIP_RDS_GLOBAL) == 0   ? "GlobalCluster"
                                                                 : "DbCluster",
                 record->id, status, list);
  return FALSE;
}

/* --- Events --- */

void
slip_rds_event (
    SlipWorld *world, const SlipWorldRecord *record, const char *category, const char *format, ...)
{
  const char *source = strcmp (record->type, SLIP_RDS_INSTANCE) == 0   ? "db-instance"
                       : strcmp (record->type, SLIP_RDS_SNAPSHOT) == 0 ? "db-cluster-snapshot"
                                                                       : "db-cluster";
  g_autofree char *arn = slip_rds_arn (record->type, record->account, record->region, record->id);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  slip_world_add_event (world, record->account, record->region, "rds", source, record->id, arn,
                        category, message);
}

/* --- Keys --- */

char *
slip_rds_resolve_key (SlipServiceContext *ctx, const char *key_id, GError **error)
{
  const char *wanted = key_id != NULL ? key_id : "alias/aws/rds";
  const SlipWorldRecord *key
      = slip_kms_world_find_key (ctx->world, ctx->account, ctx->region, wanted);

  /* A key serves its own region only, also when an ARN names one elsewhere. */
  if (key == NULL || strcmp (key->region, ctx->region) != 0 || !slip_kms_world_is_enabled (key)
      || !slip_kms_world_allows (ctx->world, key, ctx->account, ctx->principal_arn,
                                 "kms:CreateGrant")
      || !slip_kms_world_allows (ctx->world, key, ctx->account, ctx->principal_arn,
                                 "kms:DescribeKey"))
    return slip_rds_fail (
        error, "KMSKeyNotAccessibleFault",
        "Specified KMS key [%s] does not exist, is not enabled or you do not have "
        "permissions to access it.",
        wanted);
  return g_strdup_printf ("arn:aws:kms:%s:%s:key/%s", key->region, key->account, key->id);
}

gboolean
slip_rds_key_usable (SlipServiceContext *ctx, const char *arn)
{
  const char *const needed[] = {"kms:Decrypt", "kms:DescribeKey", "kms:CreateGrant"};
  const SlipWorldRecord *key = slip_kms_world_find_key (ctx->world, ctx->account, ctx->region, arn);

  if (key == NULL || !slip_kms_world_is_enabled (key))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!slip_kms_world_allows (ctx->world, key, ctx->account, ctx->principal_arn, needed[i]))
      return FALSE;
  return TRUE;
}

/* --- Tags --- */

gboolean
slip_rds_check_tags (JsonArray *tags, GError **error)
{
  guint length = tags != NULL ? json_array_get_length (tags) : 0;

  if (length > 50)
    {
      slip_rds_fail (error, "InvalidParameterValue", "Cannot add more than 50 tags to a resource.");
      return FALSE;
    }
  for (guint i = 0; i < length; i++)
    {
      const char *key = slip_json_string (json_array_get_object_element (tags, i), "Key");

      if (key == NULL || *key == '\0' || g_utf8_strlen (key, -1) > 128)
        {
          slip_rds_fail (error, "InvalidParameterValue",
                         "Tag keys must be between 1 and 128 characters in length.");
          return FALSE;
        }
      if (g_ascii_strncasecmp (key, "aws:", 4) == 0 || g_ascii_strncasecmp (key, "rds:", 4) == 0)
        {
          slip_rds_fail (error, "InvalidParameterValue",
                         "Tag keys cannot start with the reserved prefix for system tags.");
          return FALSE;
        }
    }
  return TRUE;
}

/* Groups and global clusters do not show their tags, so those are kept beside the shape. */
static gboolean
shows_tags (const char *type)
{
  return strcmp (type, SLIP_RDS_CLUSTER) == 0 || strcmp (type, SLIP_RDS_INSTANCE) == 0
         || strcmp (type, SLIP_RDS_SNAPSHOT) == 0;
}

JsonArray *
slip_rds_tags (const SlipWorldRecord *record)
{
  return shows_tags (record->type) ? slip_json_array (slip_rds_shape (record), "TagList")
                                   : slip_json_array (record->data, "tags");
}

void
slip_rds_set_tags (SlipRdsEdit *edit, JsonArray *tags)
{
  if (shows_tags (edit->type))
    json_object_set_array_member (edit->shape, "TagList", tags);
  else
    json_object_set_array_member (edit->data, "tags", tags);
}
