/* SPDX-License-Identifier: MIT */

/* The programs inside the containers of the ordered restore tasks, for the rehearsal: what the shell
 * scripts of the real images do with the AWS CLI, step by step and in the same order, with the same
 * environment variables. They know nothing of the rehearsal but how fast its clock runs. */

#include "slip-task.h"

#include <stdio.h>

#include "slip-aws-client.h"
#include "slip-json.h"

#define POLL_SECONDS 10.0

typedef struct
{
  SlipAwsClient *client;
  const char *database;
  const char *environment;
  char *cluster;
  char *restore_name; /* of the snapshot that the first task leaves for the second */
} Task;

static void say (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format, ...)
{
  va_list values;

  va_start (values, format);
  vprintf (format, values);
  va_end (values);
  putchar ('\n');
  fflush (stdout);
}

/* An input with one string. */
static JsonObject *
one (const char *member, const char *value)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, member, value);
  return object;
}

/* Takes @input over. */
static JsonNode *
call (Task *task, const char *operation, JsonObject *input, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  SlipAwsCall request = {.service = "rds", .operation = operation, .input = node};

  return slip_aws_client_call (task->client, &request, NULL, NULL, error);
}

static gboolean
change (Task *task, const char *operation, JsonObject *input, GError **error)
{
  g_autoptr (JsonNode) output = call (task, operation, input, error);

  return output != NULL;
}

static gboolean
is_code (const GError *error, const char *code)
{
  return g_strcmp0 (slip_aws_error_get_code (error), code) == 0;
}

static void
wait_a_little (void)
{
  const char *text = g_getenv ("SLIPWAY_REHEARSAL_SPEED");
  double speed = text != NULL ? g_ascii_strtod (text, NULL) : 1;

  g_usleep ((gulong)(MAX (POLL_SECONDS / MAX (speed, 1), 0.05) * G_USEC_PER_SEC));
}

/* What a Describe call tells about one resource; the first of its list. */
typedef struct
{
  const char *operation;
  const char *member; /* of the input */
  const char *list;
  const char *status;
  const char *gone; /* the code that says that it is not there */
} Kind;

static const Kind snapshots = {"DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier",
                               "DBClusterSnapshots", "Status", "DBClusterSnapshotNotFoundFault"};
static const Kind clusters = {"DescribeDBClusters", "DBClusterIdentifier", "DBClusters", "Status",
                              "DBClusterNotFoundFault"};
static const Kind instances = {"DescribeDBInstances", "DBInstanceIdentifier", "DBInstances",
                               "DBInstanceStatus", "DBInstanceNotFound"};

/* Returns: (transfer full) (nullable): %NULL without an error when it is not there */
static JsonNode *
describe (Task *task, const Kind *kind, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) output = call (task, kind->operation, one (kind->member, name), &problem);
  JsonArray *list
      = output != NULL ? slip_json_array (slip_json_node_object (output), kind->list) : NULL;

  if (output == NULL && !is_code (problem, kind->gone))
    g_propagate_error (error, g_steal_pointer (&problem));
  if (list == NULL || json_array_get_length (list) == 0)
    return NULL;
  return json_node_copy (json_array_get_element (list, 0));
}

static gboolean
wait_available (Task *task, const Kind *kind, const char *name, GError **error)
{
  g_autofree char *before = NULL;

  for (;; wait_a_little ())
    {
      g_autoptr (GError) problem = NULL;
      g_autoptr (JsonNode) node = describe (task, kind, name, &problem);
      const char *status
          = node != NULL ? slip_json_string (slip_json_node_object (node), kind->status) : "absent";

      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      if (g_strcmp0 (status, before) != 0)
        say ("%s is %s", name, status);
      g_free (before);
      before = g_strdup (status);
      if (g_str_equal (status, "available"))
        return TRUE;
      if (g_str_equal (status, "absent") || g_str_equal (status, "failed")
          || g_str_has_prefix (status, "incompatible-"))
        {
          g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE, "%s is %s", name, status);
          return FALSE;
        }
    }
}

static gboolean
wait_gone (Task *task, const Kind *kind, const char *name, GError **error)
{
  for (;; wait_a_little ())
    {
      g_autoptr (GError) problem = NULL;
      g_autoptr (JsonNode) node = describe (task, kind, name, &problem);

      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      if (node == NULL)
        {
          say ("%s is gone", name);
          return TRUE;
        }
    }
}

static gboolean
delete_snapshot (Task *task, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) known = describe (task, &snapshots, name, &problem);

  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (known == NULL)
    return TRUE;
  say ("deleting snapshot %s of before", name);
  return change (task, "DeleteDBClusterSnapshot", one ("DBClusterSnapshotIdentifier", name), error)
         && wait_gone (task, &snapshots, name, error);
}

static void
add_tag (JsonArray *tags, const char *key, const char *value)
{
  JsonObject *tag = one ("Key", key);

  json_object_set_string_member (tag, "Value", value != NULL ? value : "");
  json_array_add_object_element (tags, tag);
}

/* A shared snapshot's tags cannot be copied, so the task sets its own. */
static JsonArray *
make_tags (Task *task)
{
  JsonArray *tags = json_array_new ();

  add_tag (tags, "account", g_getenv ("ACCOUNT_NAME"));
  add_tag (tags, "environment-name", task->environment);
  add_tag (tags, "is-production", "false");
  return tags;
}

/* --- copy-shared-snapshot --- */

static gboolean
copy_snapshot (Task *task, GError **error)
{
  const char *key = g_getenv ("KMS_KEY_ID");
  const char *region = g_getenv ("AWS_DEFAULT_REGION");
  const char *given = g_getenv ("SNAPSHOT_NAME");
  g_autofree char *name = given != NULL && *given != '\0'
                              ? g_strdup (given)
                              : g_strdup_printf ("%s-%s-snapshot-for-copy", task->database,
                                                 g_getenv ("SOURCE_ENVIRONMENT_NAME"));
  g_autofree char *source = g_strdup_printf ("arn:aws:rds:%s:%s:cluster-snapshot:%s", region,
                                             g_getenv ("SOURCE_ACCOUNT_ID"), name);
  JsonObject *input;

  if (!delete_snapshot (task, task->restore_name, error))
    return FALSE;
  say ("copying %s to %s", source, task->restore_name);
  input = one ("SourceDBClusterSnapshotIdentifier", source);
  json_object_set_string_member (input, "TargetDBClusterSnapshotIdentifier", task->restore_name);
  if (key != NULL)
    json_object_set_string_member (input, "KmsKeyId", key);
  json_object_set_array_member (input, "Tags", make_tags (task));
  return change (task, "CopyDBClusterSnapshot", input, error)
         && wait_available (task, &snapshots, task->restore_name, error);
}

/* --- restore-database-snapshot --- */

static gboolean
delete_members (Task *task, JsonArray *members, GError **error)
{
  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      const char *name
          = slip_json_string (json_array_get_object_element (members, i), "DBInstanceIdentifier");

      say ("deleting instance %s", name);
      if (!change (task, "DeleteDBInstance", one ("DBInstanceIdentifier", name), error))
        return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (members); i++)
    if (!wait_gone (
            task, &instances,
            slip_json_string (json_array_get_object_element (members, i), "DBInstanceIdentifier"),
            error))
      return FALSE;
  return TRUE;
}

static gboolean
set_protection (Task *task, gboolean on, GError **error)
{
  JsonObject *input = one ("DBClusterIdentifier", task->cluster);
  const char *password = g_getenv ("DATABASE_PASSWORD");

  json_object_set_boolean_member (input, "DeletionProtection", on);
  json_object_set_boolean_member (input, "ApplyImmediately", TRUE);
  if (on && password != NULL)
    json_object_set_string_member (input, "MasterUserPassword", password);
  say ("%s deletion protection of %s%s", on ? "setting" : "removing", task->cluster,
       on && password != NULL ? ", and the password of its master user" : "");
  return change (task, "ModifyDBCluster", input, error)
         && wait_available (task, &clusters, task->cluster, error);
}

static gboolean
delete_cluster (Task *task, GError **error)
{
  JsonObject *input = NULL;
  g_autofree char *final = g_strconcat (task->cluster, "-final-snapshot", NULL);
  gboolean skip = g_strcmp0 (g_getenv ("SKIP_SNAPSHOT"), "true") == 0;

  if (!skip && !delete_snapshot (task, final, error))
    return FALSE;
  input = one ("DBClusterIdentifier", task->cluster);
  json_object_set_boolean_member (input, "SkipFinalSnapshot", skip);
  if (!skip)
    json_object_set_string_member (input, "FinalDBSnapshotIdentifier", final);
  say ("deleting cluster %s, %s%s", task->cluster, skip ? "without a final snapshot" : "leaving ",
       skip ? "" : final);
  return change (task, "DeleteDBCluster", input, error)
         && wait_gone (task, &clusters, task->cluster, error);
}

static void
copy_string (JsonObject *to, const char *as, JsonObject *from, const char *member)
{
  if (slip_json_string (from, member) != NULL)
    json_object_set_string_member (to, as, slip_json_string (from, member));
}

static JsonObject *
restore_input (Task *task, JsonObject *before)
{
  JsonObject *input = one ("DBClusterIdentifier", task->cluster);
  JsonArray *groups = slip_json_array (before, "VpcSecurityGroups");
  JsonArray *ids = json_array_new ();
  const char *parameter_group = g_getenv ("PARAMETER_GROUP");

  json_object_set_string_member (input, "SnapshotIdentifier", task->restore_name);
  copy_string (input, "Engine", before, "Engine");
  copy_string (input, "EngineVersion", before, "EngineVersion");
  copy_string (input, "DBSubnetGroupName", before, "DBSubnetGroup");
  copy_string (input, "KmsKeyId", before, "KmsKeyId");
  copy_string (input, "DBClusterParameterGroupName", before, "DBClusterParameterGroup");
  if (parameter_group != NULL && *parameter_group != '\0')
    json_object_set_string_member (input, "DBClusterParameterGroupName", parameter_group);
  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    json_array_add_string_element (
        ids, slip_json_string (json_array_get_object_element (groups, i), "VpcSecurityGroupId"));
  if (json_array_get_length (ids) > 0)
    json_object_set_array_member (input, "VpcSecurityGroupIds", ids);
  else
    json_array_unref (ids);
  if (json_object_has_member (before, "Port"))
    json_object_set_int_member (input, "Port", slip_json_int (before, "Port", 5432));
  if (json_object_has_member (before, "ServerlessV2ScalingConfiguration"))
    json_object_set_member (
        input, "ServerlessV2ScalingConfiguration",
        json_node_copy (json_object_get_member (before, "ServerlessV2ScalingConfiguration")));
  json_object_set_array_member (input, "Tags", make_tags (task));
  return input;
}

static gboolean
make_instances (Task *task, JsonArray *known, GError **error)
{
  for (guint i = 0; i < json_array_get_length (known); i++)
    {
      JsonObject *before = json_array_get_object_element (known, i);
      JsonObject *input = one ("DBClusterIdentifier", task->cluster);

      copy_string (input, "DBInstanceIdentifier", before, "DBInstanceIdentifier");
      copy_string (input, "DBInstanceClass", before, "DBInstanceClass");
      copy_string (input, "Engine", before, "Engine");
      copy_string (input, "AvailabilityZone", before, "AvailabilityZone");
      json_object_set_int_member (input, "PromotionTier",
                                  slip_json_int (before, "PromotionTier", 1));
      json_object_set_array_member (input, "Tags", make_tags (task));
      say ("creating instance %s", slip_json_string (before, "DBInstanceIdentifier"));
      if (!change (task, "CreateDBInstance", input, error))
        return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (known); i++)
    if (!wait_available (
            task, &instances,
            slip_json_string (json_array_get_object_element (known, i), "DBInstanceIdentifier"),
            error))
      return FALSE;
  return TRUE;
}

/* What the members were, for the new ones. */
static JsonArray *
describe_members (Task *task, JsonArray *members, GError **error)
{
  g_autoptr (JsonArray) known = json_array_new ();

  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      const char *name
          = slip_json_string (json_array_get_object_element (members, i), "DBInstanceIdentifier");
      JsonNode *node = describe (task, &instances, name, error);

      if (node == NULL)
        {
          if (error != NULL && *error == NULL)
            g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE, "instance %s is gone",
                         name);
          return NULL;
        }
      json_array_add_element (known, node);
    }
  return g_steal_pointer (&known);
}

static gboolean
restore_database (Task *task, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonArray) known = NULL;
  JsonObject *before;
  JsonArray *members;

  if (!wait_available (task, &snapshots, task->restore_name, error))
    return FALSE;
  node = describe (task, &clusters, task->cluster, error);
  if (node == NULL)
    {
      if (*error == NULL)
        g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE,
                     "there is no cluster %s whose configuration could be kept", task->cluster);
      return FALSE;
    }
  before = slip_json_node_object (node);
  members = slip_json_array (before, "DBClusterMembers");
  known = describe_members (task, members, error);
  if (known == NULL || !set_protection (task, FALSE, error)
      || !delete_members (task, members, error) || !delete_cluster (task, error))
    return FALSE;
  say ("restoring %s from %s", task->cluster, task->restore_name);
  return change (task, "RestoreDBClusterFromSnapshot", restore_input (task, before), error)
         && wait_available (task, &clusters, task->cluster, error)
         && make_instances (task, known, error) && set_protection (task, TRUE, error);
}

/* --- The program --- */

typedef gboolean (*TaskFunc) (Task *task, GError **error);

typedef struct
{
  const char *name;
  TaskFunc func;
  const char *needs[8]; /* environment variables, %NULL at the end */
} Program;

static const Program programs[] = {
    {"copy-shared-snapshot",
     copy_snapshot,
     {"ACCOUNT_NAME", "DATABASE", "ENVIRONMENT_NAME", "SOURCE_ENVIRONMENT_NAME",
      "SOURCE_ACCOUNT_ID", "AWS_DEFAULT_REGION"}},
    {"restore-database-snapshot",
     restore_database,
     {"ACCOUNT_NAME", "DATABASE", "ENVIRONMENT_NAME"}},
};

static const Program *
find_program (const char *name)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (programs); i++)
    if (g_str_equal (programs[i].name, name))
      return &programs[i];
  return NULL;
}

static gpointer
run (gpointer data)
{
  const Program *program = data;
  g_autoptr (GError) error = NULL;
  Task task = {.database = g_getenv ("DATABASE"), .environment = g_getenv ("ENVIRONMENT_NAME")};
  gboolean good = FALSE;

  task.cluster = g_strdup_printf ("%s-%s", task.database, task.environment);
  task.restore_name = g_strconcat (task.cluster, "-snapshot-for-restore", NULL);
  task.client = slip_aws_client_new_for_profile (NULL, NULL, NULL, &error);
  if (task.client != NULL)
    {
      slip_aws_client_unlock (task.client, "a rehearsal's task");
      good = program->func (&task, &error);
    }
  if (!good)
    say ("ERROR %s", error->message);
  else
    say ("%s is done", program->name);
  g_clear_object (&task.client);
  g_free (task.cluster);
  g_free (task.restore_name);
  return GINT_TO_POINTER (good ? 0 : 1);
}

int
slip_task_main (int argc, char **argv)
{
  const Program *program = argc > 0 ? find_program (argv[0]) : NULL;

  if (program == NULL)
    {
      say ("ERROR there is no task %s. Tasks: copy-shared-snapshot, restore-database-snapshot",
           argc > 0 ? argv[0] : "without a name");
      return 2;
    }
  for (guint i = 0; program->needs[i] != NULL; i++)
    if (g_getenv (program->needs[i]) == NULL || *g_getenv (program->needs[i]) == '\0')
      {
        say ("ERROR %s is not set", program->needs[i]);
        return 2;
      }
  if (g_str_equal (g_getenv ("ENVIRONMENT_NAME"), "production"))
    {
      say ("ERROR %s refuses ENVIRONMENT_NAME=production", program->name);
      return 2;
    }
  /* The client blocks, which it does on any thread but the main one. */
  return GPOINTER_TO_INT (g_thread_join (g_thread_new ("task", run, (gpointer)program)));
}
