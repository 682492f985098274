/* SPDX-License-Identifier: MIT */
/* Custody of an Aurora global cluster: its members in their regions and each member's instances, with
 * the requests that bring them back, flat, so that a document can loop over them. */

#include "slip-capture-read.h"

#include "slip-json.h"
#include "slip-runbook-error.h"

/* What DescribeGlobalClusters calls a cluster, and what `DescribeDBClusters` of its region does. */
typedef struct
{
  const char *arn;
  char *region;
  char *cluster;
  gboolean writer;
} Member;

static void
member_clear (Member *member)
{
  g_free (member->region);
  g_free (member->cluster);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Member, member_clear)

/* arn:aws:rds:REGION:ACCOUNT:cluster:NAME */
static gboolean
read_member (JsonObject *object, Member *member)
{
  g_auto (GStrv) parts = NULL;

  member->arn = slip_json_string (object, "DBClusterArn");
  member->writer = slip_json_bool (object, "IsWriter", FALSE);
  parts = g_strsplit (member->arn != NULL ? member->arn : "", ":", 7);
  if (g_strv_length (parts) != 7)
    return FALSE;
  member->region = g_strdup (parts[3]);
  member->cluster = g_strdup (parts[6]);
  return TRUE;
}

static JsonNode *
request_of (JsonObject *document, const char *name)
{
  JsonObject *requests = slip_json_object (document, "requests");
  JsonNode *node = requests != NULL ? json_object_get_member (requests, name) : NULL;

  return node != NULL ? slip_json_copy (node) : slip_json_new_object (json_object_new ());
}

static gboolean
capture_instance (const SlipCaptureReader *reader,
                  const Member *member,
                  const char *id,
                  gboolean writer,
                  JsonArray *into,
                  GError **error)
{
  JsonObject *document
      = slip_capture_read (reader, slip_capture_table_find ("rds-instance"), id, error);
  JsonObject *instance;

  if (document == NULL)
    return FALSE;
  instance = json_object_new ();
  json_object_set_string_member (instance, "region", member->region);
  json_object_set_string_member (instance, "cluster", member->cluster);
  json_object_set_string_member (instance, "id", id);
  json_object_set_boolean_member (instance, "writer", writer);
  json_object_set_member (instance, "create", request_of (document, "create"));
  json_object_set_object_member (instance, "document", document);
  json_array_add_object_element (into, instance);
  return TRUE;
}

static gboolean
holds (JsonArray *list, const char *text)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (g_strcmp0 (json_array_get_string_element (list, i), text) == 0)
      return TRUE;
  return FALSE;
}

/* The writer first: whoever is made first becomes the writer. */
static gboolean
capture_instances (const SlipCaptureReader *reader,
                   const Member *member,
                   JsonObject *document,
                   JsonArray *into,
                   GError **error)
{
  JsonObject *fields = slip_json_object (document, "fields");
  JsonArray *ids = slip_json_array (fields, "DBClusterMembers");
  JsonArray *writers = slip_json_array (fields, "Writer");

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
      {
        const char *id = json_array_get_string_element (ids, i);
        gboolean writer = holds (writers, id);

        if (writer == (pass == 0) && !capture_instance (reader, member, id, writer, into, error))
          return FALSE;
      }
  return TRUE;
}

static JsonObject *
describe_member (const Member *member, JsonObject *document)
{
  JsonObject *object = json_object_new ();
  JsonObject *fields = slip_json_object (document, "fields");

  json_object_set_string_member (object, "region", member->region);
  json_object_set_string_member (object, "cluster", member->cluster);
  json_object_set_string_member (object, "arn", member->arn);
  json_object_set_string_member (object, "resource_id",
                                 slip_json_string (fields, "DbClusterResourceId"));
  json_object_set_member (object, "restore", request_of (document, "restore"));
  json_object_set_member (object, "create", request_of (document, "create"));
  json_object_set_object_member (object, "document", document);
  return object;
}

static gboolean
capture_member (const SlipCaptureReader *reader, JsonObject *from, JsonObject *into, GError **error)
{
  g_auto (Member) member = {0};
  SlipCaptureReader there = *reader;
  JsonObject *document;
  gboolean ok;

  if (!read_member (from, &member))
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
                   "the global cluster has a member without an ARN that can be read: %s",
                   member.arn != NULL ? member.arn : "none");
      return FALSE;
    }
  there.region = member.region;
  document
      = slip_capture_read (&there, slip_capture_table_find ("rds-cluster"), member.cluster, error);
  if (document == NULL)
    return FALSE;
  ok = capture_instances (
      &there, &member, document,
      slip_json_array (into, member.writer ? "primary_instances" : "secondary_instances"), error);
  if (member.writer)
    json_object_set_object_member (into, "primary", describe_member (&member, document));
  else
    json_array_add_object_element (slip_json_array (into, "secondaries"),
                                   describe_member (&member, document));
  return ok;
}

static JsonObject *
find_global (const SlipCaptureReader *reader, const char *target, JsonNode **answer, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonArray *found;

  json_object_set_string_member (input, "GlobalClusterIdentifier", target);
  node = slip_json_new_object (json_object_ref (input));
  *answer
      = reader->call (reader->data, reader->region, "rds", "DescribeGlobalClusters", node, error);
  if (*answer == NULL)
    return NULL;
  found = slip_json_array (slip_json_node_object (*answer), "GlobalClusters");
  if (found != NULL && json_array_get_length (found) == 1)
    return json_array_get_object_element (found, 0);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
               "AWS shows no global cluster %s", target);
  return NULL;
}

static void
take_fields (JsonObject *global, JsonObject *document)
{
  static const char *const kept[]
      = {"Engine",           "EngineVersion",      "DatabaseName",
         "StorageEncrypted", "DeletionProtection", "GlobalClusterResourceId"};
  JsonObject *fields = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_has_member (global, kept[i]))
      json_object_set_member (fields, kept[i],
                              slip_json_copy (json_object_get_member (global, kept[i])));
  json_object_set_object_member (document, "fields", fields);
}

JsonObject *
slip_capture_read_global (const SlipCaptureReader *reader, const char *target, GError **error)
{
  g_autoptr (JsonNode) answer = NULL;
  JsonObject *global = find_global (reader, target, &answer, error);
  JsonArray *members = global != NULL ? slip_json_array (global, "GlobalClusterMembers") : NULL;
  g_autoptr (JsonObject) document = json_object_new ();

  if (global == NULL)
    return NULL;
  json_object_set_string_member (document, "kind", SLIP_CAPTURE_GLOBAL);
  json_object_set_string_member (document, "target", target);
  json_object_set_string_member (document, "arn", slip_json_string (global, "GlobalClusterArn"));
  take_fields (global, document);
  json_object_set_array_member (document, "primary_instances", json_array_new ());
  json_object_set_array_member (document, "secondaries", json_array_new ());
  json_object_set_array_member (document, "secondary_instances", json_array_new ());
  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    if (!capture_member (reader, json_array_get_object_element (members, i), document, error))
      return NULL;
  if (json_object_has_member (document, "primary"))
    return g_steal_pointer (&document);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
               "global cluster %s has no writer", target);
  return NULL;
}
