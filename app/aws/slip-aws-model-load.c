/* SPDX-License-Identifier: MIT */

/* Builds a model from its JSON: the compact form of the npm package in data/aws, where shapes may
 * stand inline and a missing type means string, or the form of botocore, where every shape has a name.
 * The result holds nothing of the JSON. Called by slip-aws-model.c. */

#include "slip-aws-model-loader.h"

#include <string.h>

#include "slip-json.h"

static const char *const *
keep_strings (SlipAwsLoader *loader, JsonObject *object, const char *name)
{
  JsonArray *array = slip_json_array (object, name);
  const char *single = slip_json_string (object, name);
  guint n = array != NULL ? json_array_get_length (array) : single != NULL;
  const char **strings = slip_aws_loader_allocate (loader, (n + 1) * sizeof (char *));

  for (guint i = 0, at = 0; i < n; i++)
    {
      JsonNode *node = array != NULL ? json_array_get_element (array, i) : NULL;
      const char *text
          = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : single;
      if (text != NULL)
        strings[at++] = slip_aws_loader_keep (loader, text);
    }
  return strings;
}

static const SlipAwsPagination *
new_pagination (SlipAwsLoader *loader, JsonObject *object)
{
  SlipAwsPagination *pagination = slip_aws_loader_allocate (loader, sizeof (SlipAwsPagination));

  pagination->input_tokens = keep_strings (loader, object, "input_token");
  pagination->output_tokens = keep_strings (loader, object, "output_token");
  pagination->result_keys = keep_strings (loader, object, "result_key");
  pagination->limit_key = slip_aws_loader_keep (loader, slip_json_string (object, "limit_key"));
  pagination->more_results
      = slip_aws_loader_keep (loader, slip_json_string (object, "more_results"));
  return pagination;
}

static void
read_http (SlipAwsLoader *loader, SlipAwsOperation *op, JsonObject *object)
{
  JsonObject *http = slip_json_object (object, "http");
  JsonObject *endpoint = slip_json_object (object, "endpoint");
  JsonObject *checksum = slip_json_object (object, "httpChecksum");
  const char *method = http != NULL ? slip_json_string (http, "method") : NULL;
  const char *uri = http != NULL ? slip_json_string (http, "requestUri") : NULL;

  op->http_method = slip_aws_loader_keep (loader, method != NULL ? method : "POST");
  op->http_uri = slip_aws_loader_keep (loader, uri != NULL ? uri : "/");
  op->http_status
      = http != NULL ? CLAMP (slip_json_int (http, "responseCode", 200), 200, 299) : 200;
  op->host_prefix = endpoint != NULL
                        ? slip_aws_loader_keep (loader, slip_json_string (endpoint, "hostPrefix"))
                        : NULL;
  op->checksum_required
      = slip_json_bool (object, "httpChecksumRequired", FALSE)
        || (checksum != NULL && slip_json_bool (checksum, "requestChecksumRequired", FALSE));
  op->gzip = slip_aws_loader_array_has (
      slip_json_object (object, "requestcompression") != NULL
          ? slip_json_array (slip_json_object (object, "requestcompression"), "encodings")
          : NULL,
      "gzip");
}

static void
read_errors (SlipAwsLoader *loader, SlipAwsOperation *op, JsonObject *object)
{
  JsonArray *array = slip_json_array (object, "errors");
  guint n = array != NULL ? json_array_get_length (array) : 0;
  const SlipAwsShape **errors
      = slip_aws_loader_allocate (loader, (n + 1) * sizeof (SlipAwsShape *));

  for (guint i = 0; i < n; i++)
    {
      JsonObject *item = slip_json_node_object (json_array_get_element (array, i));
      const char *name = item != NULL ? slip_json_string (item, "shape") : NULL;
      SlipAwsShape *shape = name != NULL ? slip_aws_loader_named_shape (loader, name) : NULL;
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
    if (slip_aws_loader_array_has (slip_json_array (effects, slip_aws_effect_name (effect)),
                                   op->name))
      op->effect = effect;
  op->secret_output
      = slip_aws_loader_array_has (slip_json_array (effects, "secret_output"), op->name);
}

static const SlipAwsMember *
new_ref (SlipAwsLoader *loader, JsonObject *object, const char *operation, const char *part)
{
  JsonObject *ref = slip_json_object (object, part);
  g_autofree char *context
      = g_strdup_printf ("%s%s", operation, part[0] == 'i' ? "Input" : "Output");

  return ref != NULL ? slip_aws_loader_new_member (loader, ref, NULL, context, 0) : NULL;
}

static const char *
read_wrapper (SlipAwsLoader *loader, JsonObject *object)
{
  JsonObject *output = slip_json_object (object, "output");
  const char *target = output != NULL ? slip_json_string (output, "shape") : NULL;
  JsonObject *shape
      = target != NULL && loader->shapes != NULL ? slip_json_object (loader->shapes, target) : NULL;
  const char *wrapper = output != NULL ? slip_json_string (output, "resultWrapper") : NULL;

  if (wrapper == NULL && shape != NULL)
    wrapper = slip_json_string (shape, "resultWrapper");
  return slip_aws_loader_keep (loader, wrapper);
}

static void
read_operation (SlipAwsLoader *loader,
                const char *name,
                JsonObject *object,
                JsonObject *root,
                JsonObject *effects,
                JsonObject *supplement)
{
  SlipAwsOperation *op = slip_aws_loader_allocate (loader, sizeof (SlipAwsOperation));
  JsonObject *pages = slip_json_object (root, "pagination");
  JsonObject *page = pages != NULL ? slip_json_object (pages, name) : NULL;
  const char *authtype = slip_json_string (object, "authtype");

  op->name = slip_aws_loader_keep (loader, name);
  read_http (loader, op, object);
  op->input_ref = new_ref (loader, object, name, "input");
  op->output_ref = new_ref (loader, object, name, "output");
  op->input = op->input_ref != NULL ? op->input_ref->shape : NULL;
  op->output = op->output_ref != NULL ? op->output_ref->shape : NULL;
  if ((op->input != NULL && op->input->type != SLIP_AWS_TYPE_STRUCTURE)
      || (op->output != NULL && op->output->type != SLIP_AWS_TYPE_STRUCTURE))
    slip_aws_loader_fault (loader, "input or output of %s is not a structure", name);
  op->result_wrapper = read_wrapper (loader, object);
  op->idempotent = slip_json_bool (object, "idempotent", FALSE);
  op->deprecated = slip_json_bool (object, "deprecated", FALSE);
  op->unsigned_payload = slip_json_bool (object, "unsignedPayload", FALSE)
                         || g_strcmp0 (authtype, "v4-unsigned-body") == 0;
  op->unsigned_request
      = g_strcmp0 (authtype, "none") == 0
        || (supplement != NULL
            && slip_aws_loader_array_has (slip_json_array (supplement, "unsigned"), name));
  read_errors (loader, op, object);
  read_effect (op, effects);
  op->pagination = page != NULL ? new_pagination (loader, page) : NULL;
  g_ptr_array_add (loader->model->operations, op);
}

static gboolean
read_acceptor (SlipAwsLoader *loader, SlipAwsAcceptor *acceptor, JsonObject *object)
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
  acceptor->argument = slip_aws_loader_keep (loader, slip_json_string (object, "argument"));
  acceptor->expected = slip_json_copy (json_object_get_member (object, "expected"));
  g_ptr_array_add (loader->model->nodes, acceptor->expected);
  return TRUE;
}

static void
read_waiter (SlipAwsLoader *loader, const char *name, JsonObject *object)
{
  SlipAwsWaiter *waiter = slip_aws_loader_allocate (loader, sizeof (SlipAwsWaiter));
  JsonArray *array = slip_json_array (object, "acceptors");
  guint n = array != NULL ? json_array_get_length (array) : 0;
  SlipAwsAcceptor *acceptors
      = slip_aws_loader_allocate (loader, (n + 1) * sizeof (SlipAwsAcceptor));

  waiter->name = slip_aws_loader_keep (loader, name);
  waiter->operation = slip_aws_loader_keep (loader, slip_json_string (object, "operation"));
  waiter->delay = CLAMP (slip_json_int (object, "delay", 30), 1, 3600);
  waiter->max_attempts = CLAMP (slip_json_int (object, "maxAttempts", 60), 1, 10000);
  waiter->acceptors = acceptors;
  for (guint i = 0; i < n; i++)
    if (read_acceptor (loader, &acceptors[i],
                       slip_json_node_object (json_array_get_element (array, i))))
      waiter->n_acceptors = i + 1;
    else
      slip_aws_loader_fault (loader, "waiter %s: acceptor %u is malformed", name, i);
  if (waiter->operation == NULL)
    slip_aws_loader_fault (loader, "waiter %s names no operation", name);
  g_ptr_array_add (loader->model->waiters, waiter);
}

static void
read_metadata (SlipAwsLoader *loader, JsonObject *metadata)
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
    slip_aws_loader_fault (loader, "unknown protocol %s", protocol != NULL ? protocol : "(none)");
  model->protocol_name = slip_aws_loader_keep (loader, protocol);
  model->api_version = slip_aws_loader_keep (loader, slip_json_string (metadata, "apiVersion"));
  model->endpoint_prefix
      = slip_aws_loader_keep (loader, slip_json_string (metadata, "endpointPrefix"));
  model->signing_name = slip_aws_loader_keep (loader, slip_json_string (metadata, "signingName"));
  model->service_id = slip_aws_loader_keep (loader, slip_json_string (metadata, "serviceId"));
  model->title = slip_aws_loader_keep (loader, slip_json_string (metadata, "serviceFullName"));
  model->target_prefix = slip_aws_loader_keep (loader, slip_json_string (metadata, "targetPrefix"));
  model->json_version = slip_aws_loader_keep (loader, slip_json_string (metadata, "jsonVersion"));
  model->namespace_uri = slip_aws_loader_keep (loader, slip_json_string (metadata, "xmlNamespace"));
  model->global_endpoint
      = slip_aws_loader_keep (loader, slip_json_string (metadata, "globalEndpoint"));
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

/* Some services have idempotency tokens that their models do not mark. */
static void
mark_tokens (SlipAwsLoader *loader, JsonObject *tokens)
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
open_member (const SlipAwsShape *shape, JsonArray *names)
{
  for (guint i = 0; shape != NULL && i < shape->n_members; i++)
    if (slip_aws_loader_array_has (names, shape->members[i]->name))
      shape->members[i]->sensitive = FALSE;
}

/* Some members are marked as sensitive as a whole and hold names of groups and keys, which who approves a
 * plan must see. What looks like a secret in them is still redacted by its name. */
static void
open_members (SlipAwsLoader *loader, JsonObject *open)
{
  GPtrArray *operations = loader->model->operations;

  for (guint i = 0; i < operations->len; i++)
    {
      const SlipAwsOperation *op = operations->pdata[i];
      JsonArray *names = slip_json_array (open, op->name);

      if (names == NULL)
        continue;
      open_member (op->input, names);
      open_member (op->output, names);
    }
}

static void
read_supplement (SlipAwsLoader *loader, JsonObject *supplement)
{
  SlipAwsModel *model = loader->model;
  JsonObject *tokens = supplement != NULL ? slip_json_object (supplement, "tokens") : NULL;
  JsonObject *errors = supplement != NULL ? slip_json_object (supplement, "errors") : NULL;
  JsonObject *open = supplement != NULL ? slip_json_object (supplement, "open") : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (tokens != NULL)
    mark_tokens (loader, tokens);
  if (open != NULL)
    open_members (loader, open);
  if (errors == NULL)
    return;
  model->error_codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_iter_init (&iter, errors);
  while (json_object_iter_next (&iter, &name, &node))
    if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node) != NULL)
      g_hash_table_insert (model->error_codes, g_strdup (name), json_node_dup_string (node));
}

static void
read_root (SlipAwsLoader *loader, JsonObject *root, JsonObject *effects, JsonObject *supplement)
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
      slip_aws_loader_fault (loader, "it has no metadata or no operations");
      return;
    }
  read_metadata (loader, metadata);
  json_object_iter_init_ordered (&iter, operations);
  while (loader->error == NULL && json_object_iter_next_ordered (&iter, &name, &node))
    if (JSON_NODE_HOLDS_OBJECT (node))
      read_operation (loader, name, json_node_get_object (node), root, effects, supplement);
    else
      slip_aws_loader_fault (loader, "operation %s is not an object", name);
  slip_aws_loader_fill_pending (loader);
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
  SlipAwsLoader loader = {.model = model, .pending = G_QUEUE_INIT};

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
    slip_aws_loader_fault (&loader, "it is not an object");
  g_hash_table_unref (loader.named);
  g_queue_clear (&loader.pending);
  if (loader.error == NULL)
    return g_steal_pointer (&model);
  g_propagate_error (error, loader.error);
  return NULL;
}
