/* SPDX-License-Identifier: MIT */

/* Which columns each kind of list has. A column is one row of a table: how its cell looks, where its text
 * comes from and how it sorts. The cells themselves are in slip-resource-columns.c. */

#include "config.h"

#include "slip-resource-table.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-format.h"
#include "slip-json.h"
#include "slip-resource-columns.h"
#include "slip-resource-look.h"
#include "slip-resource-text.h"
#include "slip-status.h"

static char *
text_name (const SlipResourceRow *row)
{
  const char *name = slip_resource_get_name (row->resource);
  const char *region = slip_resource_get_region (row->resource);

  /* Clusters of one name in two regions have a group each. */
  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_SNAPSHOT_GROUP && region != NULL)
    return g_strdup_printf ("%s · %s", name, region);
  return g_strdup (name);
}

static char *
text_status (const SlipResourceRow *row)
{
  const char *status = slip_resource_get_status (row->resource);
  g_autofree char *percent = NULL;

  if (status == NULL || slip_tone_of_aws_status (status) != SLIP_TONE_BUSY)
    return g_strdup (status);
  percent = slip_resource_dup_member (row->resource, "PercentProgress");
  if (percent == NULL || g_str_equal (percent, "100"))
    return g_strdup (status);
  return g_strdup_printf (_ ("%s %s %%"), status, percent);
}

static char *
text_region (const SlipResourceRow *row)
{
  return g_strdup (slip_resource_get_region (row->resource));
}

static char *
text_size (const SlipResourceRow *row)
{
  return slip_format_size (slip_resource_get_size (row->resource));
}

char *
slip_resource_dup_age (SlipResource *resource)
{
  return slip_format_age (slip_resource_get_created (resource), g_get_real_time ());
}

static char *
text_age (const SlipResourceRow *row)
{
  return slip_resource_dup_age (row->resource);
}

static char *
text_type (const SlipResourceRow *row)
{
  const char *type = slip_resource_get_detail (row->resource);
  GListModel *children = slip_resource_get_children (row->resource);

  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_SNAPSHOT_GROUP && children != NULL)
    {
      guint n = g_list_model_get_n_items (children);

      return g_strdup_printf (ngettext ("%u snapshot", "%u snapshots", n), n);
    }
  if (g_strcmp0 (type, "shared") == 0)
    return g_strdup (_ ("shared with us"));
  return g_strdup (type);
}

static char *
text_encryption (const SlipResourceRow *row)
{
  const char *key = slip_resource_get_key (row->resource);
  g_autofree char *encrypted = NULL;

  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_SNAPSHOT_GROUP)
    return NULL;
  if (key != NULL)
    return g_strdup (
        slip_key_kinds_describe (row->keys, key, slip_resource_get_region (row->resource)));
  encrypted = slip_resource_dup_member (row->resource, "StorageEncrypted");
  return g_strdup (g_strcmp0 (encrypted, "true") == 0 ? _ ("encrypted") : _ ("not encrypted"));
}

/* Whether the parent's list of members says that @value is the writer; -1 when it does not say. */
static int
is_writer (
    SlipResource *parent, const char *list, const char *member, const char *value, const char *flag)
{
  g_autoptr (JsonObject) fields = NULL;
  JsonArray *members;

  if (parent == NULL || value == NULL)
    return -1;
  fields = slip_resource_dup_fields (parent);
  members = slip_json_array (fields, list);
  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      JsonObject *object = slip_json_node_object (json_array_get_element (members, i));

      if (object != NULL && g_strcmp0 (slip_json_string (object, member), value) == 0)
        return slip_json_bool (object, flag, FALSE) ? 1 : 0;
    }
  return -1;
}

static char *
text_role (const SlipResourceRow *row)
{
  int writer;

  switch (slip_resource_get_kind (row->resource))
    {
    case SLIP_RESOURCE_GLOBAL_CLUSTER:
      return g_strdup (_ ("global"));
    case SLIP_RESOURCE_CLUSTER:
      writer = is_writer (row->parent, "GlobalClusterMembers", "DBClusterArn",
                          slip_resource_get_id (row->resource), "IsWriter");
      return g_strdup (writer < 0 ? _ ("cluster") : writer > 0 ? _ ("primary") : _ ("secondary"));
    case SLIP_RESOURCE_INSTANCE:
      writer = is_writer (row->parent, "DBClusterMembers", "DBInstanceIdentifier",
                          slip_resource_get_name (row->resource), "IsClusterWriter");
      return g_strdup (writer < 0 ? _ ("instance") : writer > 0 ? _ ("writer") : _ ("reader"));
    default:
      return NULL;
    }
}

static char *
text_engine (const SlipResourceRow *row)
{
  g_autofree char *engine = NULL;
  g_autofree char *version = NULL;

  if (slip_resource_get_kind (row->resource) != SLIP_RESOURCE_INSTANCE)
    return g_strdup (slip_resource_get_detail (row->resource));
  engine = slip_resource_dup_member (row->resource, "Engine");
  version = slip_resource_dup_member (row->resource, "EngineVersion");
  return g_strdup_printf ("%s %s", engine != NULL ? engine : "", version != NULL ? version : "");
}

static char *
text_class (const SlipResourceRow *row)
{
  gint64 size = slip_resource_get_size (row->resource);

  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_INSTANCE)
    return g_strdup (slip_resource_get_detail (row->resource));
  /* Aurora's storage grows by itself, and the API then always says 1. */
  return size > ((gint64)1 << 30) ? slip_format_size (size) : NULL;
}

static int
compare_name (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_name (a), slip_resource_get_name (b));
}

static int
compare_status (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_status (a), slip_resource_get_status (b));
}

static int
compare_region (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_region (a), slip_resource_get_region (b));
}

static int
compare_detail (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_detail (a), slip_resource_get_detail (b));
}

static int
compare_kind (SlipResource *a, SlipResource *b)
{
  return (int)slip_resource_get_kind (a) - (int)slip_resource_get_kind (b);
}

static int
compare_number (gint64 a, gint64 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_size (SlipResource *a, SlipResource *b)
{
  return compare_number (slip_resource_get_size (a), slip_resource_get_size (b));
}

/* By age, so that ascending puts the newest first. */
static int
compare_age (SlipResource *a, SlipResource *b)
{
  return compare_number (slip_resource_get_created (b), slip_resource_get_created (a));
}

static int
compare_encryption (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_key (a), slip_resource_get_key (b));
}

/* ---- what columns of later kinds say */

static char *
text_detail (const SlipResourceRow *row)
{
  return g_strdup (slip_resource_get_detail (row->resource));
}

static char *
text_point_type (const SlipResourceRow *row)
{
  GListModel *children = slip_resource_get_children (row->resource);
  guint n;

  if (children == NULL)
    return text_detail (row);
  n = g_list_model_get_n_items (children);
  return g_strdup_printf (ngettext ("%u point", "%u points", n), n);
}

static const char *
last_part (const char *arn)
{
  const char *end = arn != NULL ? strrchr (arn, ':') : NULL;

  return end != NULL ? end + 1 : arn;
}

static char *
text_origin (const SlipResourceRow *row)
{
  g_autofree char *source = NULL;

  if (slip_resource_get_kind (row->resource) != SLIP_RESOURCE_RECOVERY_POINT)
    return NULL;
  source = slip_resource_dup_member (row->resource, "SourceBackupVaultArn");
  return source != NULL ? g_strdup_printf (_ ("copy of %s"), last_part (source))
                        : g_strdup (_ ("backup"));
}

static gint64
get_number (SlipResource *resource, const char *member)
{
  g_autofree char *text = slip_resource_dup_member (resource, member);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : -1;
}

static char *
text_items (const SlipResourceRow *row)
{
  g_autofree char *items = slip_resource_dup_member (row->resource, "ItemCount");

  return items != NULL ? g_strdup_printf ("%\'" G_GINT64_FORMAT, g_ascii_strtoll (items, NULL, 10))
                       : NULL;
}

static char *
text_recovery (const SlipResourceRow *row)
{
  g_autoptr (JsonObject) fields = NULL;
  JsonObject *backups;
  JsonObject *point;

  if (slip_resource_get_kind (row->resource) != SLIP_RESOURCE_TABLE)
    return NULL;
  fields = slip_resource_dup_fields (row->resource);
  backups = slip_json_object (fields, "ContinuousBackupsDescription");
  point = backups != NULL ? slip_json_object (backups, "PointInTimeRecoveryDescription") : NULL;
  if (point == NULL)
    return g_strdup (_ ("not known"));
  return g_strdup (g_strcmp0 (slip_json_string (point, "PointInTimeRecoveryStatus"), "ENABLED") == 0
                       ? _ ("on")
                       : _ ("off"));
}

static void
append (GString *text, const char *word)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", word);
}

static char *
table_settings (SlipResource *resource)
{
  g_autoptr (JsonObject) fields = slip_resource_dup_fields (resource);
  JsonObject *ttl = slip_json_object (fields, "TimeToLiveDescription");
  JsonObject *stream = slip_json_object (fields, "StreamSpecification");
  GString *text = g_string_new (NULL);

  if (slip_json_bool (fields, "DeletionProtectionEnabled", FALSE))
    append (text, _ ("protected"));
  if (stream != NULL && slip_json_bool (stream, "StreamEnabled", FALSE))
    append (text, _ ("stream"));
  if (ttl != NULL && g_strcmp0 (slip_json_string (ttl, "TimeToLiveStatus"), "ENABLED") == 0)
    append (text, _ ("TTL"));
  if (slip_json_array (fields, "Replicas") != NULL)
    append (text, _ ("replicas"));
  return g_string_free (text, FALSE);
}

static char *
text_settings (const SlipResourceRow *row)
{
  return slip_resource_get_kind (row->resource) == SLIP_RESOURCE_TABLE
             ? table_settings (row->resource)
             : text_detail (row);
}

static char *
text_definition (const SlipResourceRow *row)
{
  gboolean is_task = slip_resource_get_kind (row->resource) == SLIP_RESOURCE_ECS_TASK;
  g_autofree char *arn
      = slip_resource_dup_member (row->resource, is_task ? "taskDefinitionArn" : "taskDefinition");
  const char *slash = arn != NULL ? strrchr (arn, '/') : NULL;

  return g_strdup (slash != NULL ? slash + 1 : NULL);
}

static char *
text_condition (const SlipResourceRow *row)
{
  static const char *const signs[][2] = {
      {"GreaterThanThreshold", ">"},
      {"GreaterThanOrEqualToThreshold", "≥"},
      {"LessThanThreshold", "<"},
      {"LessThanOrEqualToThreshold", "≤"},
  };
  g_autofree char *operator= slip_resource_dup_member (row->resource, "ComparisonOperator");
  g_autofree char *threshold = slip_resource_dup_member (row->resource, "Threshold");
  const char *sign = operator;

  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (g_strcmp0 (operator, signs[i][0]) == 0)
      sign = signs[i][1];
  return sign != NULL && threshold != NULL
             ? g_strdup_printf ("%s %g", sign, g_ascii_strtod (threshold, NULL))
             : NULL;
}

static char *
text_lock (const SlipResourceRow *row)
{
  return slip_resource_get_kind (row->resource) == SLIP_RESOURCE_TERRAFORM_ROOT
             ? slip_resource_dup_lock (row->resource)
             : slip_resource_dup_member (row->resource, "Id");
}

static int
compare_items (SlipResource *a, SlipResource *b)
{
  return compare_number (get_number (a, "ItemCount"), get_number (b, "ItemCount"));
}

/* What rings first. */
static int
compare_urgency (SlipResource *a, SlipResource *b)
{
  int order = slip_resource_get_urgency (a) - slip_resource_get_urgency (b);

  return order != 0 ? order : compare_name (a, b);
}

static const SlipResourceColumn snapshot_columns[] = {
    {"name", N_ ("Name"), SLIP_CELL_NAME, TRUE, 16, 30, FALSE, text_name, compare_name},
    {"status", N_ ("Status"), SLIP_CELL_STATUS, FALSE, 8, 13, FALSE, text_status, compare_status},
    {"age", N_ ("Age"), SLIP_CELL_NUMBER, FALSE, 5, 5, TRUE, text_age, compare_age,
     .follows_clock = TRUE},
    {"size", N_ ("Size"), SLIP_CELL_NUMBER, FALSE, 6, 7, FALSE, text_size, compare_size},
    {"type", N_ ("Type"), SLIP_CELL_TEXT, FALSE, 8, 12, FALSE, text_type, compare_detail,
     .follows_children = TRUE},
    {"encryption", N_ ("Encryption"), SLIP_CELL_TEXT, FALSE, 11, 14, FALSE, text_encryption,
     compare_encryption, .follows_keys = TRUE},
};

static const SlipResourceColumn database_columns[] = {
    {"name", N_ ("Name"), SLIP_CELL_NAME, TRUE, 16, 30, FALSE, text_name, compare_name},
    {"status", N_ ("Status"), SLIP_CELL_STATUS, FALSE, 8, 13, FALSE, text_status, compare_status},
    {"role", N_ ("Role"), SLIP_CELL_TEXT, FALSE, 7, 10, FALSE, text_role, compare_kind},
    {"region", N_ ("Region"), SLIP_CELL_TEXT, FALSE, 8, 10, FALSE, text_region, compare_region},
    {"class", N_ ("Class"), SLIP_CELL_TEXT, FALSE, 11, 14, FALSE, text_class, compare_size},
    {"engine", N_ ("Engine"), SLIP_CELL_TEXT, TRUE, 8, 16, FALSE, text_engine, compare_detail},
};

#define NAME                                                                                       \
  {                                                                                                \
    "name", N_ ("Name"), SLIP_CELL_NAME, TRUE, 16, 30, FALSE, text_name, compare_name              \
  }
#define STATUS                                                                                     \
  {                                                                                                \
    "status", N_ ("Status"), SLIP_CELL_STATUS, FALSE, 8, 13, FALSE, text_status, compare_status    \
  }
#define REGION                                                                                     \
  {                                                                                                \
    "region", N_ ("Region"), SLIP_CELL_TEXT, FALSE, 8, 10, FALSE, text_region, compare_region      \
  }
#define SIZE                                                                                       \
  {                                                                                                \
    "size", N_ ("Size"), SLIP_CELL_NUMBER, FALSE, 6, 7, FALSE, text_size, compare_size             \
  }
#define AGE(first)                                                                                 \
  {                                                                                                \
    "age", N_ ("Age"), SLIP_CELL_NUMBER, FALSE, 5, 5, first, text_age, compare_age,                \
        .follows_clock = TRUE                                                                      \
  }
#define TEXT(id, title, width, natural, text, compare)                                             \
  {                                                                                                \
    id, title, SLIP_CELL_TEXT, FALSE, width, natural, FALSE, text, compare                         \
  }

static const SlipResourceColumn vault_columns[] = {
    NAME,
    STATUS,
    AGE (TRUE),
    SIZE,
    {"type", N_ ("Type"), SLIP_CELL_TEXT, FALSE, 8, 11, FALSE, text_point_type, compare_detail,
     .follows_children = TRUE},
    TEXT ("origin", N_ ("Origin"), 10, 24, text_origin, compare_detail),
};

static const SlipResourceColumn table_columns[] = {
    NAME,
    STATUS,
    {"items", N_ ("Items"), SLIP_CELL_NUMBER, FALSE, 7, 11, FALSE, text_items, compare_items},
    SIZE,
    TEXT ("recovery", N_ ("Point in time"), 9, 11, text_recovery, compare_name),
    TEXT ("settings", N_ ("Settings"), 14, 24, text_settings, compare_detail),
};

static const SlipResourceColumn task_columns[] = {
    NAME,
    STATUS,
    TEXT ("state", N_ ("State"), 14, 26, text_detail, compare_detail),
    AGE (FALSE),
    TEXT ("definition", N_ ("Definition"), 10, 22, text_definition, compare_name),
    REGION,
};

static const SlipResourceColumn pipeline_columns[] = {
    NAME,        STATUS, TEXT ("units", N_ ("Capacity"), 10, 14, text_detail, compare_detail),
    AGE (FALSE), REGION,
};

static const SlipResourceColumn alarm_columns[] = {
    NAME,
    {"urgency", N_ ("State"), SLIP_CELL_STATUS, FALSE, 8, 17, TRUE, text_status, compare_urgency},
    {"since", N_ ("For"), SLIP_CELL_NUMBER, FALSE, 5, 5, FALSE, text_age, compare_age,
     .follows_clock = TRUE},
    TEXT ("condition", N_ ("Condition"), 8, 10, text_condition, compare_name),
    TEXT ("metric", N_ ("Metric"), 14, 28, text_detail, compare_detail),
};

static const SlipResourceColumn terraform_columns[] = {
    NAME,
    {"status", N_ ("Lock"), SLIP_CELL_STATUS, FALSE, 8, 11, FALSE, text_status, compare_status},
    TEXT ("state", N_ ("State"), 14, 26, text_detail, compare_detail),
    TEXT ("holder", N_ ("Held by, or id"), 14, 36, text_lock, compare_name),
};

#define COLUMNS(table)                                                                             \
  {                                                                                                \
    table, G_N_ELEMENTS (table)                                                                    \
  }

static const struct
{
  const SlipResourceColumn *columns;
  guint n_columns;
} kinds[SLIP_ESTATE_N_KINDS] = {
    [SLIP_ESTATE_DATABASES] = COLUMNS (database_columns),
    [SLIP_ESTATE_SNAPSHOTS] = COLUMNS (snapshot_columns),
    [SLIP_ESTATE_VAULTS] = COLUMNS (vault_columns),
    [SLIP_ESTATE_TABLES] = COLUMNS (table_columns),
    [SLIP_ESTATE_TASKS] = COLUMNS (task_columns),
    [SLIP_ESTATE_PIPELINES] = COLUMNS (pipeline_columns),
    [SLIP_ESTATE_ALARMS] = COLUMNS (alarm_columns),
    [SLIP_ESTATE_TERRAFORM] = COLUMNS (terraform_columns),
};

const SlipResourceColumn *
slip_resource_table_get (SlipEstateKind kind, guint *n_columns)
{
  g_return_val_if_fail ((guint)kind < G_N_ELEMENTS (kinds), NULL);

  *n_columns = kinds[kind].n_columns;
  return kinds[kind].columns;
}
