/* SPDX-License-Identifier: MIT */

/* The control endpoint, /_slipway/…: what tests and the workbench ask the rehearsal itself. It shows
 * the world and its calls, sets and removes faults, and ends or renews sessions. */

#include "slip-control.h"

#include "slip-calls.h"
#include "slip-estate-files.h"
#include "slip-json.h"
#include "slip-principals.h"
#include "slip-rds-world.h"
#include "slip-redact.h"

#define PREFIX "/_slipway/"
#define MAX_CALLS 10000

typedef JsonNode *(*ControlFunc) (SlipServer *server,
                                  const SlipAwsRequest *request,
                                  const char *rest,
                                  JsonNode *body,
                                  GError **error);

gboolean
slip_control_is_for (const SlipAwsRequest *request)
{
  return g_str_has_prefix (request->path, PREFIX);
}

static JsonNode *
get_state (SlipServer *server,
           const SlipAwsRequest *request,
           const char *rest,
           JsonNode *body,
           GError **error)
{
  SlipWorld *world = slip_server_get_world (server);
  JsonObject *state = json_object_new ();
  g_autofree char *now = slip_world_dup_now (world);
  const char *scenario = slip_world_get_setting (world, "scenario");

  json_object_set_string_member (state, "now", now);
  json_object_set_double_member (state, "speed", slip_world_get_speed (world));
  if (scenario != NULL)
    json_object_set_string_member (state, "scenario", scenario);
  json_object_set_string_member (state, "endpoint", slip_server_get_endpoint (server));
  json_object_set_object_member (state, "calls", slip_calls_count (world));
  json_object_set_object_member (state, "resources", slip_world_describe (world));
  json_object_set_array_member (state, "schedule", slip_world_describe_schedule (world));
  json_object_set_array_member (state, "faults",
                                slip_faults_to_json (slip_server_get_faults (server)));
  return slip_json_new_object (state);
}

static gint64
query_int (const SlipAwsRequest *request, const char *name, gint64 fallback)
{
  const char *text = slip_aws_request_get_query (request, name);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : fallback;
}

static JsonNode *
get_calls (SlipServer *server,
           const SlipAwsRequest *request,
           const char *rest,
           JsonNode *body,
           GError **error)
{
  JsonObject *object = json_object_new ();
  gint64 limit = CLAMP (query_int (request, "limit", MAX_CALLS), 1, MAX_CALLS);

  json_object_set_array_member (
      object, "calls",
      slip_calls_list (slip_server_get_world (server), query_int (request, "after", 0), limit,
                       slip_aws_request_get_query (request, "operation")));
  return slip_json_new_object (object);
}

static JsonNode *
get_operations (SlipServer *server,
                const SlipAwsRequest *request,
                const char *rest,
                JsonNode *body,
                GError **error)
{
  JsonObject *object = json_object_new ();

  for (const SlipService *const *service = slip_services_list (); *service != NULL; service++)
    {
      JsonArray *names = json_array_new ();

      for (const SlipServiceOperation *entry = (*service)->operations; entry->name != NULL; entry++)
        json_array_add_string_element (names, entry->name);
      json_object_set_array_member (object, (*service)->name, names);
    }
  return slip_json_new_object (object);
}

static gboolean
add_resource (const SlipWorldRecord *record, gpointer data)
{
  JsonObject *item = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (record->data));

  json_object_set_string_member (item, "account", record->account);
  json_object_set_string_member (item, "region", record->region);
  json_object_set_string_member (item, "type", record->type);
  json_object_set_string_member (item, "id", record->id);
  json_object_set_member (item, "data", slip_redact_json (node));
  json_array_add_object_element (data, item);
  return TRUE;
}

/* Keys and key material stay inside, whatever their members are called. */
static gboolean
is_hidden (const char *type)
{
  return g_str_equal (type, SLIP_TYPE_ACCESS_KEY) || g_str_equal (type, "kms.material")
         || g_str_equal (type, "secretsmanager.version");
}

static JsonNode *
get_resources (SlipServer *server,
               const SlipAwsRequest *request,
               const char *rest,
               JsonNode *body,
               GError **error)
{
  const char *type = slip_aws_request_get_query (request, "type");
  JsonArray *list;

  if (type == NULL || is_hidden (type))
    return slip_service_error (error, 400, "BadRequest", "type is missing or not to be shown");
  list = json_array_new ();
  slip_world_foreach (
      slip_server_get_world (server), slip_aws_request_get_query (request, "account"),
      slip_aws_request_get_query (request, "region"), type, NULL, add_resource, list);
  return slip_json_new_array (list);
}

static JsonNode *
get_faults (SlipServer *server,
            const SlipAwsRequest *request,
            const char *rest,
            JsonNode *body,
            GError **error)
{
  return slip_json_new_array (slip_faults_to_json (slip_server_get_faults (server)));
}

static gboolean
add_fault (SlipServer *server, JsonNode *node, JsonArray *ids, GError **error)
{
  JsonObject *object = slip_json_node_object (node);
  g_autoptr (GError) problem = NULL;
  gint64 id;

  if (object == NULL)
    {
      slip_service_error (error, 400, "BadRequest", "a fault is an object");
      return FALSE;
    }
  id = slip_faults_add (slip_server_get_faults (server), object, &problem);
  if (id == 0)
    {
      slip_service_error (error, 400, "BadRequest", "%s", problem->message);
      return FALSE;
    }
  json_array_add_int_element (ids, id);
  return TRUE;
}

static JsonNode *
post_faults (SlipServer *server,
             const SlipAwsRequest *request,
             const char *rest,
             JsonNode *body,
             GError **error)
{
  g_autoptr (JsonArray) ids = json_array_new ();
  JsonObject *object;
  JsonArray *faults
      = body != NULL && JSON_NODE_HOLDS_ARRAY (body) ? json_node_get_array (body) : NULL;

  for (guint i = 0; faults != NULL && i < json_array_get_length (faults); i++)
    if (!add_fault (server, json_array_get_element (faults, i), ids, error))
      return NULL;
  if (faults == NULL && !add_fault (server, body, ids, error))
    return NULL;
  object = json_object_new ();
  json_object_set_array_member (object, "ids", g_steal_pointer (&ids));
  return slip_json_new_object (object);
}

static JsonNode *
delete_faults (SlipServer *server,
               const SlipAwsRequest *request,
               const char *rest,
               JsonNode *body,
               GError **error)
{
  gint64 id = *rest == '/' ? g_ascii_strtoll (rest + 1, NULL, 10) : 0;
  JsonObject *object;
  guint removed;

  if (*rest == '/' && id <= 0)
    return slip_service_error (error, 404, "NotFound", "there is no fault %s", rest + 1);
  removed = slip_faults_remove (slip_server_get_faults (server), id);
  if (id != 0 && removed == 0)
    return slip_service_error (error, 404, "NotFound", "there is no fault %" G_GINT64_FORMAT, id);
  /* What was stuck happens now. */
  slip_world_tick (slip_server_get_world (server));
  object = json_object_new ();
  json_object_set_int_member (object, "removed", removed);
  return slip_json_new_object (object);
}

static JsonNode *
post_expire (SlipServer *server,
             const SlipAwsRequest *request,
             const char *rest,
             JsonNode *body,
             GError **error)
{
  SlipWorld *world = slip_server_get_world (server);
  JsonObject *input = slip_json_node_object (body);
  const char *pattern = input != NULL ? slip_json_string (input, "match") : NULL;
  JsonObject *object;
  guint count;

  if (pattern == NULL)
    return slip_service_error (error, 400, "BadRequest",
                               "match is missing: a pattern of a profile or a principal's ARN");
  slip_world_begin (world);
  count = slip_principals_expire (world, pattern);
  if (!slip_world_commit (world, error))
    return NULL;
  object = json_object_new ();
  json_object_set_int_member (object, "expired", count);
  return slip_json_new_object (object);
}

static JsonNode *
post_renew (SlipServer *server,
            const SlipAwsRequest *request,
            const char *rest,
            JsonNode *body,
            GError **error)
{
  if (!slip_estate_files_write (slip_server_get_world (server), slip_server_get_endpoint (server),
                                TRUE, error))
    return NULL;
  return slip_json_new_object (json_object_new ());
}

static JsonNode *
post_break (SlipServer *server,
            const SlipAwsRequest *request,
            const char *rest,
            JsonNode *body,
            GError **error)
{
  SlipWorld *world = slip_server_get_world (server);
  JsonObject *wish = slip_json_node_object (body);

  if (wish == NULL)
    return slip_service_error (error, 400, "BadRequest", "cluster, region and state are missing");
  slip_world_begin (world);
  if (!slip_rds_cluster_break (world, wish, error))
    {
      slip_world_rollback (world);
      return NULL;
    }
  return slip_world_commit (world, error) ? slip_json_new_object (json_object_new ()) : NULL;
}

static const struct
{
  const char *method;
  const char *path;
  ControlFunc func;
} routes[] = {
    {"GET", "state", get_state},
    {"GET", "calls", get_calls},
    {"GET", "operations", get_operations},
    {"GET", "resources", get_resources},
    {"GET", "faults", get_faults},
    {"POST", "faults", post_faults},
    {"DELETE", "faults", delete_faults},
    {"POST", "sessions/expire", post_expire},
    {"POST", "sessions/renew", post_renew},
    {"POST", "clusters/break", post_break},
};

/* A web page can make a browser send requests here, but neither without Origin nor with our Host. */
static gboolean
is_local (const SlipAwsRequest *request, const char *host)
{
  g_autofree char *uri = g_strdup_printf ("http://%s/", host);
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  const char *name = parsed != NULL ? g_uri_get_host (parsed) : NULL;
  g_autoptr (GInetAddress) address = name != NULL ? g_inet_address_new_from_string (name) : NULL;

  if (slip_aws_headers_get (request->headers, "origin") != NULL)
    return FALSE;
  return (address != NULL && g_inet_address_get_is_loopback (address))
         || g_strcmp0 (name, "localhost") == 0;
}

static ControlFunc
find_route (const SlipAwsRequest *request, const char **rest)
{
  const char *path = request->path + strlen (PREFIX);

  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      gsize length = strlen (routes[i].path);

      if (g_str_equal (request->method, routes[i].method)
          && strncmp (path, routes[i].path, length) == 0
          && (path[length] == '\0'
              || (path[length] == '/' && g_str_equal (request->method, "DELETE"))))
        {
          *rest = path + length;
          return routes[i].func;
        }
    }
  return NULL;
}

static JsonNode *
run (SlipServer *server, const SlipAwsRequest *request, const char *host, GError **error)
{
  const char *rest = "";
  ControlFunc func = find_route (request, &rest);
  gsize length = 0;
  const char *text = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;
  g_autoptr (JsonNode) body = NULL;

  if (!is_local (request, host))
    return slip_service_error (error, 403, "Forbidden", "only programs of this machine may ask");
  if (func == NULL)
    return slip_service_error (error, 404, "NotFound", "there is no %s %s", request->method,
                               request->path);
  if (length > 0)
    {
      g_autoptr (GError) problem = NULL;

      body = slip_json_parse (text, (gssize)length, &problem);
      if (body == NULL)
        return slip_service_error (error, 400, "BadRequest", "%s", problem->message);
    }
  return func (server, request, rest, body, error);
}

SlipAwsResponse *
slip_control_run (SlipServer *server, const SlipAwsRequest *request, const char *host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = run (server, request, host, &error);
  SlipAwsResponse *response = slip_aws_response_new (200);
  char *text;

  if (error != NULL)
    {
      JsonObject *problem = json_object_new ();
      guint status = slip_aws_error_get_status (error);

      response->status = status != 0 ? status : 500;
      json_object_set_string_member (problem, "error", error->message);
      output = slip_json_new_object (problem);
    }
  text = slip_json_to_text (output, FALSE);
  slip_aws_headers_set (response->headers, "Content-Type", "application/json");
  response->body = g_bytes_new_take (text, strlen (text));
  return response;
}
