/* SPDX-License-Identifier: MIT */

/* Builds a model from its JSON: the compact form of the npm package in data/aws, where shapes may
 * stand inline and a missing type means string, or the form of botocore, where every shape has a name.
 * The result holds nothing of the JSON. Called by slip-aws-model.c. */

#include "slip-aws-model-private.h"

#include <string.h>

#include "slip-json.h"

#define MAX_INLINE_DEPTH 64

typedef struct
{
  SlipAwsModel *model;
  JsonObject *shapes; /* borrowed; may be NULL */
  GHashTable *named;  /* owned; name → SlipAwsShape */
  GQueue pending;     /* names of shapes that are known but not filled in */
  GError *error;      /* owned; the first fault */
} Loader;

static gpointer
allocate (Loader *loader, gsize size)
{
  gpointer block = g_malloc0 (size);
  g_ptr_array_add (loader->model->blocks, block);
  return block;
}

static const char *
keep (Loader *loader, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (loader->model->strings, text) : NULL;
}

static void G_GNUC_PRINTF (2, 3) fault (Loader *loader, const char *format, ...)
{
  if (loader->error != NULL)
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  loader->error = g_error_new (SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL, "model %s: %s",
                               loader->model->service, text);
}

static gboolean
parse_type (JsonObject *object, SlipAwsType *type)
{
  static const struct
  {
    const char *name;
    SlipAwsType type;
  } names[] = {
      {"structure", SLIP_AWS_TYPE_STRUCTURE},
      {"string", SLIP_AWS_TYPE_STRING},
      {"character", SLIP_AWS_TYPE_STRING},
      {"list", SLIP_AWS_TYPE_LIST},
      {"map", SLIP_AWS_TYPE_MAP},
      {"boolean", SLIP_AWS_TYPE_BOOLEAN},
      {"integer", SLIP_AWS_TYPE_INTEGER},
      {"byte", SLIP_AWS_TYPE_INTEGER},
      {"short", SLIP_AWS_TYPE_INTEGER},
      {"long", SLIP_AWS_TYPE_LONG},
      {"bigInteger", SLIP_AWS_TYPE_LONG},
      {"float", SLIP_AWS_TYPE_FLOAT},
      {"double", SLIP_AWS_TYPE_DOUBLE},
      {"bigDecimal", SLIP_AWS_TYPE_DOUBLE},
      {"timestamp", SLIP_AWS_TYPE_TIMESTAMP},
      {"blob", SLIP_AWS_TYPE_BLOB},
      {"document", SLIP_AWS_TYPE_DOCUMENT},
  };
  const char *name = slip_json_string (object, "type");

  *type = SLIP_AWS_TYPE_STRING;
  if (name == NULL)
    {
      if (slip_json_object (object, "members") != NULL)
        *type = SLIP_AWS_TYPE_STRUCTURE;
      return !json_object_has_member (object, "type");
    }
  if (slip_json_bool (object, "document", FALSE))
    name = "document";
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].name, name) == 0)
      {
        *type = names[i].type;
        return TRUE;
      }
  return FALSE;
}

static void
read_namespace (Loader *loader, SlipAwsMember *member, JsonObject *object)
{
  const char *plain = slip_json_string (object, "xmlNamespace");
  JsonObject *parts = slip_json_object (object, "xmlNamespace");

  if (plain != NULL)
    member->namespace_uri = keep (loader, plain);
  if (parts != NULL)
    {
      member->namespace_uri = keep (loader, slip_json_string (parts, "uri"));
      member->namespace_prefix = keep (loader, slip_json_string (parts, "prefix"));
    }
}

static void
read_location (Loader *loader, SlipAwsMember *member, const char *location)
{
  static const char *const names[]
      = {"body", "uri", "querystring", "header", "headers", "statusCode"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], location) == 0)
      {
        member->location = i;
        return;
      }
  fault (loader, "unknown location %s", location);
}

static void
read_time_format (Loader *loader, SlipAwsMember *member, const char *format)
{
  if (g_ascii_strcasecmp (format, "iso8601") == 0)
    member->time_format = SLIP_AWS_TIME_ISO8601;
  else if (g_ascii_strcasecmp (format, "rfc822") == 0)
    member->time_format = SLIP_AWS_TIME_RFC822;
  else if (g_ascii_strcasecmp (format, "unixTimestamp") == 0)
    member->time_format = SLIP_AWS_TIME_UNIX;
  else
    fault (loader, "unknown timestampFormat %s", format);
}

/* Lays the traits in @object over those that @member has already. */
static void
read_traits (Loader *loader, SlipAwsMember *member, JsonObject *object)
{
  /* Most uses say nothing but the shape, and there are tens of thousands. */
  guint n = json_object_get_size (object);
  if (n == 0
      || (n == 1
          && (json_object_has_member (object, "shape") || json_object_has_member (object, "type"))))
    return;
  const char *text = slip_json_string (object, "locationName");
  if (text != NULL)
    {
      member->wire = keep (loader, text);
      member->renamed = TRUE;
    }
  if ((text = slip_json_string (object, "queryName")) != NULL)
    member->query_name = keep (loader, text);
  if ((text = slip_json_string (object, "location")) != NULL)
    read_location (loader, member, text);
  if ((text = slip_json_string (object, "timestampFormat")) != NULL)
    read_time_format (loader, member, text);
  read_namespace (loader, member, object);
  member->sensitive |= slip_json_bool (object, "sensitive", FALSE);
  member->flattened |= slip_json_bool (object, "flattened", FALSE);
  member->streaming |= slip_json_bool (object, "streaming", FALSE);
  member->idempotency_token |= slip_json_bool (object, "idempotencyToken", FALSE);
  member->host_label |= slip_json_bool (object, "hostLabel", FALSE);
  member->xml_attribute |= slip_json_bool (object, "xmlAttribute", FALSE);
  member->json_value |= slip_json_bool (object, "jsonvalue", FALSE);
  member->event_stream |= slip_json_bool (object, "eventstream", FALSE);
}

static SlipAwsShape *
named_shape (Loader *loader, const char *name)
{
  SlipAwsShape *shape = g_hash_table_lookup (loader->named, name);

  if (shape != NULL)
    return shape;
  if (loader->shapes == NULL || slip_json_object (loader->shapes, name) == NULL)
    {
      fault (loader, "there is no shape %s", name);
      return NULL;
    }
  shape = allocate (loader, sizeof (SlipAwsShape));
  shape->name = keep (loader, name);
  /* Filled in later, from the queue: shapes may contain themselves. The type is needed at once. */
  if (!parse_type (slip_json_object (loader->shapes, name), &shape->type))
    fault (loader, "shape %s has an unknown type", name);
  g_hash_table_insert (loader->named, (gpointer)shape->name, shape);
  g_queue_push_tail (&loader->pending, (gpointer)shape->name);
  return shape;
}

static void fill_shape (Loader *loader, SlipAwsShape *shape, JsonObject *object, guint depth);

/* @context names an inline shape after the place where it stands. */
static SlipAwsMember *
new_member (Loader *loader, JsonObject *object, const char *name, const char *context, guint depth)
{
  SlipAwsMember *member = allocate (loader, sizeof (SlipAwsMember));
  const char *target = slip_json_string (object, "shape");

  member->name = keep (loader, name);
  member->wire = member->name;
  if (target != NULL)
    {
      member->shape = named_shape (loader, target);
      if (member->shape != NULL)
        read_traits (loader, member, slip_json_object (loader->shapes, target));
      /* A shape's own name is for documents made of it, not for its uses. */
      member->wire = member->name;
      member->renamed = FALSE;
    }
  else if (depth > MAX_INLINE_DEPTH)
    fault (loader, "%s nests too deeply", context);
  else
    {
      SlipAwsShape *shape = allocate (loader, sizeof (SlipAwsShape));
      shape->name = keep (loader, context);
      member->shape = shape;
      fill_shape (loader, shape, object, depth + 1);
    }
  read_traits (loader, member, object);
  return member;
}

static int
by_name (const void *a, const void *b)
{
  const SlipAwsMember *const *left = a;
  const SlipAwsMember *const *right = b;
  return strcmp ((*left)->name, (*right)->name);
}

static int
by_wire (const void *a, const void *b)
{
  const SlipAwsMember *const *left = a;
  const SlipAwsMember *const *right = b;
  return strcmp ((*left)->wire, (*right)->wire);
}

/* A deprecated member may share its name on the wire with the list that took its place. */
static void
drop_shadowed (SlipAwsShape *shape)
{
  guint kept = 0;

  for (guint i = 0; i < shape->n_wire; i++)
    {
      const SlipAwsMember *member = shape->by_wire[i];
      if (kept > 0 && strcmp (shape->by_wire[kept - 1]->wire, member->wire) == 0)
        {
          if (member->flattened)
            shape->by_wire[kept - 1] = member;
        }
      else
        shape->by_wire[kept++] = member;
    }
  shape->n_wire = kept;
}

static void
index_shape (Loader *loader, SlipAwsShape *shape)
{
  gsize size = (shape->n_members + 1) * sizeof (SlipAwsMember *);

  shape->by_name = allocate (loader, size);
  shape->by_wire = allocate (loader, size);
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      shape->by_name[i] = member;
      shape->n_body += member->location == SLIP_AWS_LOCATION_BODY;
      /* In an answer there is neither path nor query string: such members are in the body. */
      if (member->location <= SLIP_AWS_LOCATION_QUERY)
        shape->by_wire[shape->n_wire++] = member;
    }
  if (shape->n_members == 0)
    return;
  qsort (shape->by_name, shape->n_members, sizeof (SlipAwsMember *), by_name);
  qsort (shape->by_wire, shape->n_wire, sizeof (SlipAwsMember *), by_wire);
  drop_shadowed (shape);
}

static gboolean
array_has (JsonArray *array, const char *text)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
          && strcmp (json_node_get_string (node), text) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
fill_structure (Loader *loader, SlipAwsShape *shape, JsonObject *object, guint depth)
{
  JsonObject *members = slip_json_object (object, "members");
  JsonArray *required = slip_json_array (object, "required");
  const char *payload = slip_json_string (object, "payload");
  guint n = members != NULL ? json_object_get_size (members) : 0;

  shape->members = allocate (loader, (n + 1) * sizeof (SlipAwsMember *));
  if (payload != NULL && (n == 0 || !json_object_has_member (members, payload)))
    fault (loader, "%s has no payload member %s", shape->name, payload);
  if (n == 0)
    return;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  json_object_iter_init_ordered (&iter, members);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          fault (loader, "member %s of %s is not an object", name, shape->name);
          return;
        }
      g_autofree char *context = g_strconcat (shape->name, ".", name, NULL);
      SlipAwsMember *member
          = new_member (loader, json_node_get_object (node), name, context, depth);
      if (loader->error != NULL)
        return;
      member->required = array_has (required, name);
      shape->has_required |= member->required;
      shape->members[shape->n_members++] = member;
      if (payload != NULL && strcmp (payload, name) == 0)
        shape->payload = member;
    }
}

static const SlipAwsMember *
new_part (Loader *loader, SlipAwsShape *shape, JsonObject *object, const char *part, guint depth)
{
  JsonObject *child = slip_json_object (object, part);
  g_autofree char *context = g_strconcat (shape->name, ".", part, NULL);

  if (child != NULL)
    return new_member (loader, child, NULL, context, depth);
  fault (loader, "%s has no %s", shape->name, part);
  return NULL;
}

/* The npm package calls shapes S1, S2, S1a; inline shapes are called after their place, with a dot. */
static gboolean
has_made_up_name (const SlipAwsShape *shape)
{
  const char *name = shape->name;
  return strchr (name, '.') != NULL
         || (name[0] == 'S'
             && name[1 + strspn (name + 1, "0123456789abcdefghijklmnopqrstuvwxyz")] == '\0'
             && strlen (name) <= 5);
}

static void
fill_shape (Loader *loader, SlipAwsShape *shape, JsonObject *object, guint depth)
{
  JsonObject *error = NULL;

  /* An inline string has no traits but those of its use. */
  if (json_object_get_size (object) == 0)
    {
      shape->type = SLIP_AWS_TYPE_STRING;
      return;
    }
  error = slip_json_object (object, "error");
  if (!parse_type (object, &shape->type))
    fault (loader, "shape %s has an unknown type", shape->name);
  shape->is_union = slip_json_bool (object, "union", FALSE);
  shape->is_exception = slip_json_bool (object, "exception", FALSE);
  shape->document = keep (loader, slip_json_string (object, "locationName"));
  if (shape->document == NULL && !has_made_up_name (shape))
    shape->document = shape->name;
  if (error != NULL)
    {
      shape->error_code = keep (loader, slip_json_string (error, "code"));
      shape->http_status = CLAMP (slip_json_int (error, "httpStatusCode", 0), 0, 599);
    }
  if (shape->type == SLIP_AWS_TYPE_STRUCTURE)
    fill_structure (loader, shape, object, depth);
  else if (shape->type == SLIP_AWS_TYPE_LIST)
    shape->element = new_part (loader, shape, object, "member", depth);
  else if (shape->type == SLIP_AWS_TYPE_MAP)
    {
      shape->key = new_part (loader, shape, object, "key", depth);
      shape->value = new_part (loader, shape, object, "value", depth);
    }
  if (shape->n_members > 0)
    {
      g_queue_push_tail (&loader->pending, NULL);
      g_queue_push_tail (&loader->pending, shape);
    }
}

static const char *const *
keep_strings (Loader *loader, JsonObject *object, const char *name)
{
  JsonArray *array = slip_json_array (object, name);
  const char *single = slip_json_string (object, name);
  guint n = array != NULL ? json_array_get_length (array) : single != NULL;
  const char **strings = allocate (loader, (n + 1) * sizeof (char *));

  for (guint i = 0, at = 0; i < n; i++)
    {
      JsonNode *node = array != NULL ? json_array_get_element (array, i) : NULL;
      const char *text
          = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : single;
      if (text != NULL)
        strings[at++] = keep (loader, text);
    }
  return strings;
}

static const SlipAwsPagination *
new_pagination (Loader *loader, JsonObject *object)
{
  SlipAwsPagination *pagination = allocate (loader, sizeof (SlipAwsPagination));

  pagination->input_tokens = keep_strings (loader, object, "input_token");
  pagination->output_tokens = keep_strings (loader, object, "output_token");
  pagination->result_keys = keep_strings (loader, object, "result_key");
  pagination->limit_key = keep (loader, slip_json_string (object, "limit_key"));
  pagination->more_results = keep (loader, slip_json_string (object, "more_results"));
  return pagination;
}

static void
read_http (Loader *loader, SlipAwsOperation *op, JsonObject *object)
{
  JsonObject *http = slip_json_object (object, "http");
  JsonObject *endpoint = slip_json_object (object, "endpoint");
  JsonObject *checksum = slip_json_object (object, "httpChecksum");
  const char *method = http != NULL ? slip_json_string (http, "method") : NULL;
  const char *uri = http != NULL ? slip_json_string (http, "requestUri") : NULL;

  op->http_method = keep (loader, method != NULL ? method : "POST");
  op->http_uri = keep (loader, uri != NULL ? uri : "/");
  op->http_status
      = http != NULL ? CLAMP (slip_json_int (http, "responseCode", 200), 200, 299) : 200;
  op->host_prefix
      = endpoint != NULL ? keep (loader, slip_json_string (endpoint, "hostPrefix")) : NULL;
  op->checksum_required
      = slip_json_bool (object, "httpChecksumRequired", FALSE)
        || (checksum != NULL && slip_json_bool (checksum, "requestChecksumRequired", FALSE));
  op->gzip = array_has (slip_json_object (object, "requestcompression") != NULL ? slip_json_array (
                            slip_json_object (object, "requestcompression"), "encodings")
                                                                                : NULL,
                        "gzip");
}

static void
read_errors (Loader *loader, SlipAwsOperation *op, JsonObject *object)
{
  JsonArray *array = slip_json_array (object, "errors");
  guint n = array != NULL ? json_array_get_length (array) : 0;
  const SlipAwsShape **errors = allocate (loader, (n + 1) * sizeof (SlipAwsShape *));

  for (guint i = 0; i < n; i++)
    {
      JsonObject *item = slip_json_node_object (json_array_get_element (array, i));
      const char *name = item != NULL ? slip_json_string (item, "shape") : NULL;
      SlipAwsShape *shape = name != NULL ? named_shape (loader, name) : NULL;
      if (shape != NULL)
        errors[op->n_errors++] = shape;
    }
  op->errors = errors;
}

static void
read_effect (SlipAwsOperation *op, JsonObject *effects)
{
  static const char *const reading[] = {"Describe", "Get", "List", "Head"};

  op->effect = SLIP_AWS_EFFECT_CHANGE;
  for (gsize i = 0; i < G_N_ELEMENTS (reading); i++)
    if (g_str_has_prefix (op->name, reading[i]))
      op->effect = SLIP_AWS_EFFECT_READ;
  if (effects == NULL)
    return;
  for (SlipAwsEffect effect = SLIP_AWS_EFFECT_READ; effect <= SLIP_AWS_EFFECT_FINAL; effect++)
    if (array_has (slip_json_array (effects, slip_aws_effect_name (effect)), op->name))
      op->effect = effect;
  op->secret_output = array_has (slip_json_array (effects, "secret_output"), op->name);
}

static const SlipAwsMember *
new_ref (Loader *loader, JsonObject *object, const char *operation, const char *part)
{
  JsonObject *ref = slip_json_object (object, part);
  g_autofree char *context
      = g_strdup_printf ("%s%s", operation, part[0] == 'i' ? "Input" : "Output");

  return ref != NULL ? new_member (loader, ref, NULL, context, 0) : NULL;
}

static const char *
read_wrapper (Loader *loader, JsonObject *object)
{
  JsonObject *output = slip_json_object (object, "output");
  const char *target = output != NULL ? slip_json_string (output, "shape") : NULL;
  JsonObject *shape
      = target != NULL && loader->shapes != NULL ? slip_json_object (loader->shapes, target) : NULL;
  const char *wrapper = output != NULL ? slip_json_string (output, "resultWrapper") : NULL;

  if (wrapper == NULL && shape != NULL)
    wrapper = slip_json_string (shape, "resultWrapper");
  return keep (loader, wrapper);
}

static void
read_operation (Loader *loader,
                const char *name,
                JsonObject *object,
                JsonObject *root,
                JsonObject *effects,
                JsonObject *supplement)
{
  SlipAwsOperation *op = allocate (loader, sizeof (SlipAwsOperation));
  JsonObject *pages = slip_json_object (root, "pagination");
  JsonObject *page = pages != NULL ? slip_json_object (pages, name) : NULL;
  const char *authtype = slip_json_string (object, "authtype");

  op->name = keep (loader, name);
  read_http (loader, op, object);
  op->input_ref = new_ref (loader, object, name, "input");
  op->output_ref = new_ref (loader, object, name, "output");
  op->input = op->input_ref != NULL ? op->input_ref->shape : NULL;
  op->output = op->output_ref != NULL ? op->output_ref->shape : NULL;
  if ((op->input != NULL && op->input->type != SLIP_AWS_TYPE_STRUCTURE)
      || (op->output != NULL && op->output->type != SLIP_AWS_TYPE_STRUCTURE))
    fault (loader, "input or output of %s is not a structure", name);
  op->result_wrapper = read_wrapper (loader, object);
  op->idempotent = slip_json_bool (object, "idempotent", FALSE);
  op->deprecated = slip_json_bool (object, "deprecated", FALSE);
  op->unsigned_payload = slip_json_bool (object, "unsignedPayload", FALSE)
                         || g_strcmp0 (authtype, "v4-unsigned-body") == 0;
  op->unsigned_request
      = g_strcmp0 (authtype, "none") == 0
        || (supplement != NULL && array_has (slip_json_array (supplement, "unsigned"), name));
  read_errors (loader, op, object);
  read_effect (op, effects);
  op->pagination = page != NULL ? new_pagination (loader, page) : NULL;
  g_ptr_array_add (loader->model->operations, op);
}

static gboolean
read_acceptor (Loader *loader, SlipAwsAcceptor *acceptor, JsonObject *object)
{
  static const char *const matchers[] = {"path", "pathAll", "pathAny", "status", "error"};
  static const char *const states[] = {"success", "failure", "retry"};
  const char *matcher = object != NULL ? slip_json_string (object, "matcher") : NULL;
  const char *state = object != NULL ? slip_json_string (object, "state") : NULL;
  gboolean has_matcher = FALSE;
  gboolean has_state = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (matchers); i++)
    if (g_strcmp0 (matcher, matchers[i]) == 0)
      {
        acceptor->matcher = i;
        has_matcher = TRUE;
      }
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (state, states[i]) == 0)
      {
        acceptor->state = i;
        has_state = TRUE;
      }
  if (!has_matcher || !has_state || !json_object_has_member (object, "expected"))
    return FALSE;
  acceptor->argument = keep (loader, slip_json_string (object, "argument"));
  acceptor->expected = slip_json_copy (json_object_get_member (object, "expected"));
  g_ptr_array_add (loader->model->nodes, acceptor->expected);
  return TRUE;
}

static void
read_waiter (Loader *loader, const char *name, JsonObject *object)
{
  SlipAwsWaiter *waiter = allocate (loader, sizeof (SlipAwsWaiter));
  JsonArray *array = slip_json_array (object, "acceptors");
  guint n = array != NULL ? json_array_get_length (array) : 0;
  SlipAwsAcceptor *acceptors = allocate (loader, (n + 1) * sizeof (SlipAwsAcceptor));

  waiter->name = keep (loader, name);
  waiter->operation = keep (loader, slip_json_string (object, "operation"));
  waiter->delay = CLAMP (slip_json_int (object, "delay", 30), 1, 3600);
  waiter->max_attempts = CLAMP (slip_json_int (object, "maxAttempts", 60), 1, 10000);
  waiter->acceptors = acceptors;
  for (guint i = 0; i < n; i++)
    if (read_acceptor (loader, &acceptors[i],
                       slip_json_node_object (json_array_get_element (array, i))))
      waiter->n_acceptors = i + 1;
    else
      fault (loader, "waiter %s: acceptor %u is malformed", name, i);
  if (waiter->operation == NULL)
    fault (loader, "waiter %s names no operation", name);
  g_ptr_array_add (loader->model->waiters, waiter);
}

static void
read_metadata (Loader *loader, JsonObject *metadata)
{
  static const char *const protocols[] = {"query", "ec2", "json", "rest-json", "rest-xml"};
  SlipAwsModel *model = loader->model;
  const char *protocol = slip_json_string (metadata, "protocol");
  gboolean known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (g_strcmp0 (protocol, protocols[i]) == 0)
      {
        model->protocol = i;
        known = TRUE;
      }
  if (!known)
    fault (loader, "unknown protocol %s", protocol != NULL ? protocol : "(none)");
  model->protocol_name = keep (loader, protocol);
  model->api_version = keep (loader, slip_json_string (metadata, "apiVersion"));
  model->endpoint_prefix = keep (loader, slip_json_string (metadata, "endpointPrefix"));
  model->signing_name = keep (loader, slip_json_string (metadata, "signingName"));
  model->service_id = keep (loader, slip_json_string (metadata, "serviceId"));
  model->title = keep (loader, slip_json_string (metadata, "serviceFullName"));
  model->target_prefix = keep (loader, slip_json_string (metadata, "targetPrefix"));
  model->json_version = keep (loader, slip_json_string (metadata, "jsonVersion"));
  model->namespace_uri = keep (loader, slip_json_string (metadata, "xmlNamespace"));
  model->global_endpoint = keep (loader, slip_json_string (metadata, "globalEndpoint"));
  model->query_compatible = json_object_has_member (metadata, "awsQueryCompatible");
  if (model->endpoint_prefix == NULL)
    model->endpoint_prefix = model->service;
  if (model->signing_name == NULL)
    model->signing_name = model->endpoint_prefix;
  if (model->service_id == NULL)
    model->service_id = model->service;
  model->is_s3 = strcmp (model->endpoint_prefix, "s3") == 0;
}

static int
compare_operations (gconstpointer a, gconstpointer b)
{
  const SlipAwsOperation *const *left = a;
  const SlipAwsOperation *const *right = b;
  return strcmp ((*left)->name, (*right)->name);
}

static int
compare_waiters (gconstpointer a, gconstpointer b)
{
  const SlipAwsWaiter *const *left = a;
  const SlipAwsWaiter *const *right = b;
  return strcmp ((*left)->name, (*right)->name);
}

static void
fill_pending (Loader *loader)
{
  GPtrArray *filled = g_ptr_array_new ();

  while (loader->error == NULL && !g_queue_is_empty (&loader->pending))
    {
      const char *name = g_queue_pop_head (&loader->pending);
      if (name == NULL)
        g_ptr_array_add (filled, g_queue_pop_head (&loader->pending));
      else
        fill_shape (loader, g_hash_table_lookup (loader->named, name),
                    slip_json_object (loader->shapes, name), 0);
    }
  for (guint i = 0; loader->error == NULL && i < filled->len; i++)
    index_shape (loader, filled->pdata[i]);
  g_ptr_array_unref (filled);
}

/* Some services have idempotency tokens that their models do not mark. */
static void
mark_tokens (Loader *loader, JsonObject *tokens)
{
  GPtrArray *operations = loader->model->operations;

  for (guint i = 0; i < operations->len; i++)
    {
      const SlipAwsOperation *op = operations->pdata[i];
      const char *name = slip_json_string (tokens, op->name);
      for (guint j = 0; name != NULL && op->input != NULL && j < op->input->n_members; j++)
        if (strcmp (op->input->members[j]->name, name) == 0)
          op->input->members[j]->idempotency_token = TRUE;
    }
}

static void
read_supplement (Loader *loader, JsonObject *supplement)
{
  SlipAwsModel *model = loader->model;
  JsonObject *tokens = supplement != NULL ? slip_json_object (supplement, "tokens") : NULL;
  JsonObject *errors = supplement != NULL ? slip_json_object (supplement, "errors") : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (tokens != NULL)
    mark_tokens (loader, tokens);
  if (errors == NULL)
    return;
  model->error_codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_iter_init (&iter, errors);
  while (json_object_iter_next (&iter, &name, &node))
    if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node) != NULL)
      g_hash_table_insert (model->error_codes, g_strdup (name), json_node_dup_string (node));
}

static void
read_root (Loader *loader, JsonObject *root, JsonObject *effects, JsonObject *supplement)
{
  JsonObject *metadata = slip_json_object (root, "metadata");
  JsonObject *operations = slip_json_object (root, "operations");
  JsonObject *waiters = slip_json_object (root, "waiters");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  loader->shapes = slip_json_object (root, "shapes");
  if (metadata == NULL || operations == NULL)
    {
      fault (loader, "it has no metadata or no operations");
      return;
    }
  read_metadata (loader, metadata);
  json_object_iter_init_ordered (&iter, operations);
  while (loader->error == NULL && json_object_iter_next_ordered (&iter, &name, &node))
    if (JSON_NODE_HOLDS_OBJECT (node))
      read_operation (loader, name, json_node_get_object (node), root, effects, supplement);
    else
      fault (loader, "operation %s is not an object", name);
  fill_pending (loader);
  g_ptr_array_sort (loader->model->operations, compare_operations);
  if (waiters != NULL && json_object_get_size (waiters) > 0)
    {
      json_object_iter_init_ordered (&iter, waiters);
      while (loader->error == NULL && json_object_iter_next_ordered (&iter, &name, &node))
        if (JSON_NODE_HOLDS_OBJECT (node))
          read_waiter (loader, name, json_node_get_object (node));
    }
  g_ptr_array_sort (loader->model->waiters, compare_waiters);
  read_supplement (loader, supplement);
}

SlipAwsModel *
slip_aws_model_load (
    JsonNode *node, const char *name, JsonObject *effects, JsonObject *supplement, GError **error)
{
  g_autoptr (SlipAwsModel) model = g_new0 (SlipAwsModel, 1);
  Loader loader = {.model = model, .pending = G_QUEUE_INIT};

  model->strings = g_string_chunk_new (4096);
  model->blocks = g_ptr_array_new_with_free_func (g_free);
  model->operations = g_ptr_array_new ();
  model->waiters = g_ptr_array_new ();
  model->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  model->service = g_string_chunk_insert_const (model->strings, name);
  loader.named = g_hash_table_new (g_str_hash, g_str_equal);
  if (JSON_NODE_HOLDS_OBJECT (node))
    read_root (&loader, json_node_get_object (node), effects, supplement);
  else
    fault (&loader, "it is not an object");
  g_hash_table_unref (loader.named);
  g_queue_clear (&loader.pending);
  if (loader.error == NULL)
    return g_steal_pointer (&model);
  g_propagate_error (error, loader.error);
  return NULL;
}
