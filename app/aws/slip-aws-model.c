/* SPDX-License-Identifier: MIT */

/* The models of all services, loaded from the program's own resources when first asked for and kept
 * for the life of the process, and the plain lookups in them. What a model says of one request is in
 * slip-aws-model-check.c, how its JSON becomes structures in slip-aws-model-load.c. */

#include "slip-aws-model-private.h"

#include <string.h>

#include "slip-aws-resources.h"
#include "slip-handoff.h"
#include "slip-json.h"

#define RESOURCE_PATH "/org/slipway/aws/"

typedef struct
{
  GMutex lock;
  GHashTable *models; /* owned; service → SlipAwsModel, for good */
  JsonNode *effects;  /* owned; data/aws/effects.json */
  JsonNode *supplement;
} Cache;

static Cache cache;

static const char *const services[] = {
    "application-autoscaling",
    "backup",
    "cloudtrail",
    "codedeploy",
    "dms",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "elbv2",
    "iam",
    "kms",
    "logs",
    "monitoring",
    "osis",
    "pricing",
    "rds",
    "s3",
    "secretsmanager",
    "servicequotas",
    "ssm",
    "states",
    "sts",
    NULL,
};

static JsonNode *
read_resource (const char *name, GError **error)
{
  g_autofree char *path = g_strconcat (RESOURCE_PATH, name, ".json", NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (slip_aws_get_resource (), path,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  gsize size = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  return text != NULL ? slip_json_parse (text, size, error) : NULL;
}

static JsonObject *
table_entry (JsonNode *table, const char *service)
{
  JsonObject *object = table != NULL ? slip_json_node_object (table) : NULL;
  return object != NULL ? slip_json_object (object, service) : NULL;
}

/* Called with the lock held. */
static SlipAwsModel *
load_service (const char *service, GError **error)
{
  g_autoptr (JsonNode) node = NULL;

  if (cache.effects == NULL && (cache.effects = read_resource ("effects", error)) == NULL)
    return NULL;
  if (cache.supplement == NULL && (cache.supplement = read_resource ("supplement", error)) == NULL)
    return NULL;
  if ((node = read_resource (service, error)) == NULL)
    return NULL;
  return slip_aws_model_load (node, service, table_entry (cache.effects, service),
                              table_entry (cache.supplement, service), error);
}

static void
set_unknown_service (const char *service, GError **error)
{
  const char *nearest
      = slip_aws_nearest_name (service, services, g_strv_length ((char **)services));

  if (nearest != NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL,
                 "there is no service %s. Did you mean %s?", service, nearest);
  else
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL, "there is no service %s", service);
}

SlipAwsModel *
slip_aws_model_get (const char *service, GError **error)
{
  g_return_val_if_fail (service != NULL, NULL);

  if (!g_strv_contains (services, service))
    {
      set_unknown_service (service, error);
      return NULL;
    }
  g_mutex_lock (&cache.lock);
  if (cache.models == NULL)
    {
      slip_aws_register_resource ();
      cache.models = g_hash_table_new (g_str_hash, g_str_equal);
    }
  SlipAwsModel *model = g_hash_table_lookup (cache.models, service);
  g_autoptr (GError) local = NULL;
  if (model == NULL && (model = load_service (service, &local)) != NULL)
    {
      SLIP_HANDOFF_GIVE (model);
      g_hash_table_insert (cache.models, (gpointer)model->service, model);
    }
  g_mutex_unlock (&cache.lock);
  if (model != NULL)
    SLIP_HANDOFF_TAKE (model);
  else
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL, "model %s cannot be read: %s",
                 service, local->message);
  return model;
}

/* Services whose model here is of the query protocol, while newer clients send them JSON. */
static const struct
{
  const char *service;
  const char *target_prefix;
} json_twins[] = {{"monitoring", "GraniteServiceVersion20100801"}};

/* Called with the lock held. */
static SlipAwsModel *
load_json_twin (const char *service, const char *target_prefix)
{
  g_autoptr (JsonNode) node = read_resource (service, NULL);
  JsonObject *metadata
      = node != NULL ? slip_json_object (json_node_get_object (node), "metadata") : NULL;

  if (metadata == NULL)
    return NULL;
  json_object_set_string_member (metadata, "protocol", "json");
  json_object_set_string_member (metadata, "jsonVersion", "1.0");
  json_object_set_string_member (metadata, "targetPrefix", target_prefix);
  return slip_aws_model_load (node, service, table_entry (cache.effects, service),
                              table_entry (cache.supplement, service), NULL);
}

SlipAwsModel *
slip_aws_model_find_json_twin (const char *target)
{
  static SlipAwsModel *loaded[G_N_ELEMENTS (json_twins)];
  SlipAwsModel *model = NULL;

  for (guint i = 0; target != NULL && i < G_N_ELEMENTS (json_twins); i++)
    {
      gsize length = strlen (json_twins[i].target_prefix);

      if (strncmp (target, json_twins[i].target_prefix, length) != 0 || target[length] != '.'
          || slip_aws_model_get (json_twins[i].service, NULL) == NULL)
        continue;
      g_mutex_lock (&cache.lock);
      if (loaded[i] == NULL)
        loaded[i] = load_json_twin (json_twins[i].service, json_twins[i].target_prefix);
      model = loaded[i];
      g_mutex_unlock (&cache.lock);
    }
  return model;
}

const char *const *
slip_aws_model_list_services (void)
{
  return services;
}

SlipAwsModel *
slip_aws_model_new_from_json (JsonNode *node, const char *name, GError **error)
{
  g_return_val_if_fail (node != NULL && name != NULL, NULL);

  return slip_aws_model_load (node, name, NULL, NULL, error);
}

void
slip_aws_model_free (SlipAwsModel *model)
{
  if (model == NULL)
    return;
  g_clear_pointer (&model->operations, g_ptr_array_unref);
  g_clear_pointer (&model->waiters, g_ptr_array_unref);
  g_clear_pointer (&model->error_codes, g_hash_table_unref);
  g_clear_pointer (&model->nodes, g_ptr_array_unref);
  g_clear_pointer (&model->blocks, g_ptr_array_unref);
  g_clear_pointer (&model->strings, g_string_chunk_free);
  g_free (model);
}

const char *
slip_aws_model_get_service (const SlipAwsModel *model)
{
  return model->service;
}

SlipAwsProtocol
slip_aws_model_get_protocol (const SlipAwsModel *model)
{
  return model->protocol;
}

const char *
slip_aws_model_get_protocol_name (const SlipAwsModel *model)
{
  return model->protocol_name;
}

const char *
slip_aws_model_get_api_version (const SlipAwsModel *model)
{
  return model->api_version;
}

const char *
slip_aws_model_get_endpoint_prefix (const SlipAwsModel *model)
{
  return model->endpoint_prefix;
}

const char *
slip_aws_model_get_signing_name (const SlipAwsModel *model)
{
  return model->signing_name;
}

const char *
slip_aws_model_get_service_id (const SlipAwsModel *model)
{
  return model->service_id;
}

const char *
slip_aws_model_get_title (const SlipAwsModel *model)
{
  return model->title != NULL ? model->title : model->service;
}

const char *
slip_aws_model_get_target_prefix (const SlipAwsModel *model)
{
  return model->target_prefix;
}

const char *
slip_aws_model_get_json_version (const SlipAwsModel *model)
{
  return model->json_version;
}

const char *
slip_aws_model_get_xml_namespace (const SlipAwsModel *model)
{
  return model->namespace_uri;
}

const char *
slip_aws_model_get_global_endpoint (const SlipAwsModel *model)
{
  return model->global_endpoint;
}

gboolean
slip_aws_model_is_s3 (const SlipAwsModel *model)
{
  return model->is_s3;
}

const SlipAwsOperation *
slip_aws_model_find_operation (const SlipAwsModel *model, const char *name)
{
  guint low = 0;
  guint high = model->operations->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      const SlipAwsOperation *op = model->operations->pdata[middle];
      int order = strcmp (name, op->name);
      if (order == 0)
        return op;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

static void
set_unknown_operation (const SlipAwsModel *model, const char *name, GError **error)
{
  guint n = model->operations->len;
  g_autofree const char **names = g_new (const char *, n);

  for (guint i = 0; i < n; i++)
    names[i] = ((const SlipAwsOperation *)model->operations->pdata[i])->name;
  const char *nearest = slip_aws_nearest_name (name, names, n);
  if (nearest != NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL,
                 "%s has no operation %s. Did you mean %s?", model->service, name, nearest);
  else
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL, "%s has no operation %s",
                 model->service, name);
}

const SlipAwsOperation *
slip_aws_model_lookup_operation (const char *service,
                                 const char *name,
                                 SlipAwsModel **model,
                                 GError **error)
{
  g_return_val_if_fail (service != NULL && name != NULL, NULL);

  SlipAwsModel *found = slip_aws_model_get (service, error);
  if (found == NULL)
    return NULL;
  const SlipAwsOperation *op = slip_aws_model_find_operation (found, name);
  if (op == NULL)
    set_unknown_operation (found, name, error);
  else if (model != NULL)
    *model = found;
  return op;
}

guint
slip_aws_model_get_n_operations (const SlipAwsModel *model)
{
  return model->operations->len;
}

const SlipAwsOperation *
slip_aws_model_get_operation (const SlipAwsModel *model, guint index)
{
  g_return_val_if_fail (index < model->operations->len, NULL);
  return model->operations->pdata[index];
}

SlipAwsEffect
slip_aws_operation_effect (const SlipAwsOperation *op)
{
  return op->effect;
}

static const char *const effect_names[] = {"read", "change", "final"};

const char *
slip_aws_effect_name (SlipAwsEffect effect)
{
  return effect_names[effect];
}

gboolean
slip_aws_effect_from_name (const char *name, SlipAwsEffect *effect)
{
  for (guint i = 0; i < G_N_ELEMENTS (effect_names); i++)
    if (g_strcmp0 (name, effect_names[i]) == 0)
      {
        *effect = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
slip_aws_operation_secret_output (const SlipAwsOperation *op)
{
  return op->secret_output;
}

const char *
slip_aws_operation_token_member (const SlipAwsOperation *op)
{
  for (guint i = 0; op->input != NULL && i < op->input->n_members; i++)
    if (op->input->members[i]->idempotency_token)
      return op->input->members[i]->name;
  return NULL;
}

const SlipAwsPagination *
slip_aws_operation_pagination (const SlipAwsOperation *op)
{
  return op->pagination;
}

const SlipAwsWaiter *
slip_aws_model_waiter (const SlipAwsModel *model, const char *name)
{
  for (guint i = 0; i < model->waiters->len; i++)
    {
      const SlipAwsWaiter *waiter = model->waiters->pdata[i];
      if (strcmp (waiter->name, name) == 0)
        return waiter;
    }
  return NULL;
}

guint
slip_aws_model_get_n_waiters (const SlipAwsModel *model)
{
  return model->waiters->len;
}

const SlipAwsWaiter *
slip_aws_model_get_waiter (const SlipAwsModel *model, guint index)
{
  g_return_val_if_fail (index < model->waiters->len, NULL);
  return model->waiters->pdata[index];
}

const char *
slip_aws_model_error_code (const SlipAwsModel *model, const char *shape_name)
{
  const char *code
      = model->error_codes != NULL ? g_hash_table_lookup (model->error_codes, shape_name) : NULL;
  return code != NULL ? code : shape_name;
}
