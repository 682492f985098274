/* SPDX-License-Identifier: MIT */
/* What will be deleted when a snapshot of a fixed name is made anew: its age, what it is a copy of, who
 * it is shared with; and whether somebody still reads it. */

#include "slip-aws-error.h"
#include "slip-guards.h"
#include "slip-json.h"
#include "slip-run-foreign.h"

#include <string.h>

static const char *const inputs[] = {"snapshot", "cluster?", "readBy?", "created?", NULL};

static char *
describe_sharing (SlipGuardContext *context, const char *name)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) values = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  JsonArray *accounts;

  json_object_set_string_member (input, "DBClusterSnapshotIdentifier", name);
  output = slip_guard_call (context, "rds", "DescribeDBClusterSnapshotAttributes", input, NULL);
  if (output != NULL)
    values = slip_json_select (output,
                               "$.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes[*]"
                               ".AttributeValues[*]",
                               NULL);
  if (values == NULL)
    return g_strdup ("sharing not known");
  accounts = json_node_get_array (values);
  for (guint i = 0; i < json_array_get_length (accounts); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            json_array_get_string_element (accounts, i));
  return text->len > 0 ? g_strdup_printf ("shared with %s", text->str) : g_strdup ("not shared");
}

/* A copy in another environment that is still being made from @arn, NULL when there is none. */
static char *
find_reader (SlipGuardContext *context, const char *environment, const char *arn, gboolean *known)
{
  SlipGuardContext there = *context;
  g_autoptr (JsonArray) snapshots = NULL;

  there.environment = environment;
  snapshots = slip_guard_list_snapshots (&there, NULL);
  *known = snapshots != NULL;
  for (guint i = 0; snapshots != NULL && i < json_array_get_length (snapshots); i++)
    {
      JsonObject *snapshot = json_array_get_object_element (snapshots, i);
      const char *status = slip_json_string (snapshot, "Status");

      if (status != NULL && (g_str_equal (status, "copying") || g_str_equal (status, "creating"))
          && g_strcmp0 (slip_json_string (snapshot, "SourceDBClusterSnapshotArn"), arn) == 0)
        return g_strdup (slip_json_string (snapshot, "DBClusterSnapshotIdentifier"));
    }
  return NULL;
}

/* Whether @snapshot is one of those that the run found under this name before, told by when they were
 * made. Whoever approved has seen those, and no other that took the name since. */
static gboolean
was_found (SlipGuardContext *context, JsonObject *snapshot)
{
  g_auto (GStrv) found = slip_guard_input_list (context, "created");
  const char *created = slip_json_string (snapshot, "SnapshotCreateTime");

  return created != NULL && g_strv_contains ((const char *const *)found, created);
}

/* ", made by run …": whose it is, when its tags say so. A run that is not in this audit log may be under
 * way on another workstation. */
static char *
describe_maker (SlipGuardContext *context, JsonObject *snapshot)
{
  const char *run = slip_run_foreign_tag (snapshot);
  g_autofree char *maker = run != NULL ? slip_run_foreign_maker (context->ledger, run) : NULL;

  if (run == NULL)
    return g_strdup (", nothing tells that a run made it");
  if (maker == NULL || g_strcmp0 (run, context->run) == 0)
    return g_strdup ("");
  return g_strdup_printf (", made %s", maker);
}

static SlipGuardState
judge (SlipGuardContext *context, JsonObject *snapshot, const char *name, char **message)
{
  const char *status = slip_json_string (snapshot, "Status");
  const char *type = slip_json_string (snapshot, "SnapshotType");
  const char *cluster = slip_guard_input (context, "cluster");
  const char *reader = slip_guard_input (context, "readBy");
  const char *source = slip_json_string (snapshot, "DBClusterIdentifier");
  g_autofree char *copy = NULL;
  g_autofree char *age = NULL;
  g_autofree char *sharing = NULL;
  g_autofree char *made = NULL;
  gboolean known = TRUE;

  if (g_strcmp0 (type, "manual") != 0)
    {
      *message = g_strdup_printf ("%s is a snapshot of type %s; only manual ones are replaced",
                                  name, type);
      return SLIP_GUARD_BLOCK;
    }
  if (cluster != NULL && g_strcmp0 (cluster, source) != 0)
    {
      *message = g_strdup_printf (
          "%s is a copy of cluster %s, not of %s. Choose another name for the copy", name, source,
          cluster);
      return SLIP_GUARD_BLOCK;
    }
  if (json_object_has_member (context->inputs, "created") && !was_found (context, snapshot))
    {
      *message = g_strdup_printf ("%s is not the snapshot that was found under this name: it was "
                                  "made at %s. Ask whose it is, then plan again",
                                  name, slip_json_string (snapshot, "SnapshotCreateTime"));
      return SLIP_GUARD_BLOCK;
    }
  if (reader != NULL)
    copy = find_reader (context, reader, slip_json_string (snapshot, "DBClusterSnapshotArn"),
                        &known);
  if (copy != NULL)
    {
      *message = g_strdup_printf ("%s is being read: %s copies it to %s. Wait until that is done",
                                  name, reader, copy);
      return SLIP_GUARD_BLOCK;
    }
  age = slip_guard_age (context, slip_json_string (snapshot, "SnapshotCreateTime"));
  sharing = describe_sharing (context, name);
  made = describe_maker (context, snapshot);
  *message = g_strdup_printf ("%s exists (%s, %s, %s%s) and will be deleted%s", name, status, age,
                              sharing, made,
                              known ? "" : "; whether somebody still reads it could not be told");
  return known ? SLIP_GUARD_WARN : SLIP_GUARD_UNPROVABLE;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "snapshot");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) snapshot = NULL;

  snapshot = slip_guard_find_snapshot (context, name != NULL ? name : "", &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "whether an older copy is there", error);
  if (snapshot != NULL)
    return judge (context, snapshot, name, message);
  *message = g_strdup_printf ("no snapshot is called %s; nothing is replaced", name);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_snapshot_replaceable = {
    .id = "snapshot-replaceable",
    .title = "What is replaced may go",
    .inputs = inputs,
    .evaluate = evaluate,
};
