/* SPDX-License-Identifier: MIT */

/* Service Quotas: what the other services of the rehearsal enforce, under AWS's codes. A scenario's
 * `quotas` are an account's applied values. */

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-services-list.h"

#define PAGE_SIZE 100

typedef struct
{
  const char *service;
  const char *code;
  const char *name;
  const char *quota; /* of slip_world_get_quota() */
  gint64 value;      /* AWS's default, and what the service falls back on */
} Quota;

/* Sorted by service and code. */
static const Quota quotas[] = {
    {"dynamodb", "L-34F6A552", "Account-level read throughput limit (Provisioned mode)",
     "dynamodb.account-read-capacity", 80000},
    {"dynamodb", "L-34F8CCC8", "Account-level write throughput limit (Provisioned mode)",
     "dynamodb.account-write-capacity", 80000},
    {"dynamodb", "L-AB614373", "Table-level write throughput limit",
     "dynamodb.table-write-capacity", 40000},
    {"dynamodb", "L-CF0CBE56", "Table-level read throughput limit", "dynamodb.table-read-capacity",
     40000},
    {"dynamodb", "L-F98FE922", "Maximum number of tables", "dynamodb.tables", 2500},
    {"rds", "L-7B6409FD", "DB instances", "rds.instances", 40},
    {"rds", "L-952B80B8", "DB clusters", "rds.clusters", 40},
    {"rds", "L-9B510759", "Manual DB cluster snapshots", "rds.manual-cluster-snapshots", 100},
    {"rds", "L-DE55804A", "Parameter groups", "rds.parameter-group", 50},
    {"rds", "L-E4C808A8", "DB cluster parameter groups", "rds.cluster-parameter-group", 50},
};

static const struct
{
  const char *code;
  const char *name;
} services[]
    = {{"dynamodb", "Amazon DynamoDB"}, {"rds", "Amazon Relational Database Service (Amazon RDS)"}};

static const char *
title_of (const char *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    if (g_strcmp0 (services[i].code, service) == 0)
      return services[i].name;
  return NULL;
}

static JsonObject *
show (SlipServiceContext *ctx, const Quota *quota, gboolean applied)
{
  JsonObject *shown = json_object_new ();
  g_autofree char *arn = g_strdup_printf ("arn:aws:servicequotas:%s:%s:%s/%s", ctx->region,
                                          applied ? ctx->account : "", quota->service, quota->code);
  gint64 value = applied ? slip_world_get_quota (ctx->world, ctx->account, ctx->region,
                                                 quota->quota, quota->value)
                         : quota->value;

  json_object_set_string_member (shown, "ServiceCode", quota->service);
  json_object_set_string_member (shown, "ServiceName", title_of (quota->service));
  json_object_set_string_member (shown, "QuotaArn", arn);
  json_object_set_string_member (shown, "QuotaCode", quota->code);
  json_object_set_string_member (shown, "QuotaName", quota->name);
  json_object_set_double_member (shown, "Value", (double)value);
  json_object_set_string_member (shown, "Unit", "None");
  json_object_set_boolean_member (shown, "Adjustable", TRUE);
  json_object_set_boolean_member (shown, "GlobalQuota", FALSE);
  if (applied)
    json_object_set_string_member (shown, "QuotaAppliedAtLevel", "ACCOUNT");
  return shown;
}

static JsonNode *
get_quota (SlipServiceContext *ctx, JsonObject *input, gboolean applied, GError **error)
{
  const char *service = slip_json_string (input, "ServiceCode");
  const char *code = slip_json_string (input, "QuotaCode");
  JsonObject *output;

  for (guint i = 0; i < G_N_ELEMENTS (quotas); i++)
    if (g_strcmp0 (quotas[i].service, service) == 0 && g_strcmp0 (quotas[i].code, code) == 0)
      {
        output = json_object_new ();
        json_object_set_object_member (output, "Quota", show (ctx, &quotas[i], applied));
        return slip_json_new_object (output);
      }
  return slip_service_error (error, 400, "NoSuchResourceException",
                             "The request failed because the specified quota does not exist: %s %s",
                             service, code);
}

static JsonNode *
get_service_quota (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return get_quota (ctx, input, TRUE, error);
}

static JsonNode *
get_default_quota (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return get_quota (ctx, input, FALSE, error);
}

/* Takes @items over. */
static JsonNode *
page_of (JsonObject *input, const char *member, JsonArray *items, GError **error)
{
  static const SlipPaging paging = {
      .token = "NextToken",
      .limit = "MaxResults",
      .standard = PAGE_SIZE,
      .most = PAGE_SIZE,
      .code = "InvalidPaginationTokenException",
      .message = "Invalid pagination token was used.",
  };

  return slip_page_array (input, member, items, &paging, error);
}

static JsonNode *
list_quotas (SlipServiceContext *ctx, JsonObject *input, gboolean applied, GError **error)
{
  const char *service = slip_json_string (input, "ServiceCode");
  const char *code = slip_json_string (input, "QuotaCode");
  JsonArray *list;

  if (title_of (service) == NULL)
    return slip_service_error (
        error, 400, "NoSuchResourceException",
        "The request failed because the specified service does not exist: %s", service);
  list = json_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (quotas); i++)
    if (g_strcmp0 (quotas[i].service, service) == 0
        && (code == NULL || g_strcmp0 (quotas[i].code, code) == 0))
      json_array_add_object_element (list, show (ctx, &quotas[i], applied));
  return page_of (input, "Quotas", list, error);
}

static JsonNode *
list_service_quotas (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return list_quotas (ctx, input, TRUE, error);
}

static JsonNode *
list_default_quotas (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return list_quotas (ctx, input, FALSE, error);
}

static JsonNode *
list_services (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    {
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "ServiceCode", services[i].code);
      json_object_set_string_member (one, "ServiceName", services[i].name);
      json_array_add_object_element (list, one);
    }
  return page_of (input, "Services", list, error);
}

static const SlipServiceOperation operations[] = {
    {"GetAWSDefaultServiceQuota", get_default_quota},
    {"GetServiceQuota", get_service_quota},
    {"ListAWSDefaultServiceQuotas", list_default_quotas},
    {"ListServiceQuotas", list_service_quotas},
    {"ListServices", list_services},
    {NULL, NULL},
};

const SlipService slip_servicequotas_service = {
    .name = "servicequotas",
    .operations = operations,
};
