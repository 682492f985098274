/* SPDX-License-Identifier: MIT */

/* OpenSearch Ingestion: pipelines, started and stopped. They carry no data; their states gate what a
 * restore does before and after it. */

#include "slip-osis.h"

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-scenario.h"

#include <string.h>

#define PAGE_SIZE 100
#define MAX_PIPELINES 40

static const char *const kept[] = {"MinUnits",
                                   "MaxUnits",
                                   "PipelineConfigurationBody",
                                   "LogPublishingOptions",
                                   "BufferOptions",
                                   "EncryptionAtRestOptions"};

static JsonObject *
show (const SlipWorldRecord *pipeline, gboolean summary)
{
  static const char *const summarized[]
      = {"Status",    "StatusReason",  "PipelineName", "PipelineArn", "MinUnits", "MaxUnits",
         "CreatedAt", "LastUpdatedAt", "Destinations", "Tags",        NULL};
  JsonObject *shown = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, pipeline->data);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_ascii_isupper (*name) && (!summary || g_strv_contains (summarized, name)))
      json_object_set_member (shown, name, slip_json_copy (node));
  return shown;
}

static JsonNode *
answer (SlipServiceContext *ctx, const char *name)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (
      output, "Pipeline",
      show (slip_world_get (ctx->world, ctx->account, ctx->region, OSIS_PIPELINE, name), FALSE));
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
need (SlipServiceContext *ctx, const char *name, GError **error)
{
  const SlipWorldRecord *pipeline
      = slip_world_get (ctx->world, ctx->account, ctx->region, OSIS_PIPELINE, name);

  if (pipeline == NULL)
    return slip_service_error (error, 404, "ResourceNotFoundException",
                               "Pipeline with name %s is not found", name);
  return pipeline;
}

/* Each change is possible in some states only. */
static gboolean
check_status (const SlipWorldRecord *pipeline,
              const char *const *allowed,
              const char *what,
              GError **error)
{
  const char *status = slip_json_string (pipeline->data, "Status");

  if (g_strv_contains (allowed, status))
    return TRUE;
  slip_service_error (error, 409, "ConflictException",
                      "Pipeline %s cannot be %s while its status is %s", pipeline->id, what,
                      status);
  return FALSE;
}

/* A pipeline's definition names at least where data comes from and where it goes. */
static const char *
find_fault (const char *body)
{
  if (strstr (body, "version:") == NULL)
    return "The pipeline configuration has no version.";
  if (strstr (body, "source:") == NULL)
    return "The pipeline configuration has no source.";
  return strstr (body, "sink:") == NULL ? "The pipeline configuration has no sink." : NULL;
}

static gboolean
check_input (JsonObject *input, GError **error)
{
  const char *body = slip_json_string (input, "PipelineConfigurationBody");
  const char *fault = body != NULL ? find_fault (body) : NULL;
  gint64 low = slip_json_int (input, "MinUnits", 1), high = slip_json_int (input, "MaxUnits", low);

  if (fault != NULL)
    slip_service_error (error, 400, "ValidationException", "%s", fault);
  else if (low < 1 || high < low || high > 96)
    slip_service_error (error, 400, "ValidationException",
                        "MinUnits must be at least 1 and not greater than MaxUnits, which must not "
                        "be greater than 96");
  else
    return TRUE;
  return FALSE;
}

static JsonObject *
new_pipeline (SlipWorld *world, const char *account, const char *region, JsonObject *input)
{
  const char *name = slip_json_string (input, "PipelineName");
  g_autofree char *arn = g_strdup_printf ("arn:aws:osis:%s:%s:pipeline/%s", region, account, name);
  g_autofree char *tail = slip_random_id (NULL, 26, SLIP_ALPHABET_LOWER);
  g_autofree char *url = g_strdup_printf ("%s-%s.%s.osis.amazonaws.com", name, tail, region);
  g_autofree char *now = slip_world_dup_now (world);
  JsonObject *data = json_object_new ();
  JsonArray *urls = json_array_new ();

  json_object_set_string_member (data, "PipelineName", name);
  json_object_set_string_member (data, "PipelineArn", arn);
  json_object_set_string_member (data, "CreatedAt", now);
  json_object_set_string_member (data, "LastUpdatedAt", now);
  json_array_add_string_element (urls, url);
  json_object_set_array_member (data, "IngestEndpointUrls", urls);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_has_member (input, kept[i]))
      json_object_set_member (data, kept[i],
                              slip_json_copy (json_object_get_member (input, kept[i])));
  json_object_set_array_member (data, "Tags",
                                slip_tags_merge (NULL, slip_json_array (input, "Tags"), "Key"));
  return data;
}

static gboolean
check_name (const char *name)
{
  return g_regex_match_simple ("^[a-z][a-z0-9-]{2,27}$", name, 0, 0);
}

static JsonNode *
create_pipeline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "PipelineName");

  if (!check_name (name))
    return slip_service_error (error, 400, "ValidationException",
                               "PipelineName must begin with a small letter and have 3 to 28 small "
                               "letters, digits and hyphens: %s",
                               name);
  if (!check_input (input, error))
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, OSIS_PIPELINE, name) != NULL)
    return slip_service_error (error, 409, "ResourceAlreadyExistsException",
                               "Pipeline with name %s already exists", name);
  if (slip_world_count (ctx->world, ctx->account, ctx->region, OSIS_PIPELINE)
      >= slip_world_get_quota (ctx->world, ctx->account, ctx->region, "osis.pipelines",
                               MAX_PIPELINES))
    return slip_service_error (error, 409, "LimitExceededException",
                               "The account has as many pipelines as it may have");
  slip_osis_begin (ctx->world, ctx->account, ctx->region, name,
                   new_pipeline (ctx->world, ctx->account, ctx->region, input), SLIP_OSIS_CREATE);
  return answer (ctx, name);
}

static JsonNode *
get_pipeline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "PipelineName");

  return need (ctx, name, error) != NULL ? answer (ctx, name) : NULL;
}

static JsonObject *
show_summary (const SlipWorldRecord *pipeline, JsonObject *input)
{
  return show (pipeline, TRUE);
}

static JsonNode *
list_pipelines (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipListing listing
      = {.type = OSIS_PIPELINE, .member = "Pipelines", .show = show_summary};
  static const SlipPaging paging = {
      .token = "NextToken",
      .limit = "MaxResults",
      .standard = PAGE_SIZE,
      .most = PAGE_SIZE,
      .code = "InvalidPaginationTokenException",
      .message = "The pagination token is invalid",
  };

  return slip_page_records (ctx, input, &listing, &paging, error);
}

static JsonNode *
begin (SlipServiceContext *ctx,
       JsonObject *input,
       SlipOsisChange change,
       const char *const *allowed,
       const char *what,
       GError **error)
{
  const char *name = slip_json_string (input, "PipelineName");
  const SlipWorldRecord *pipeline = need (ctx, name, error);

  if (pipeline == NULL || !check_status (pipeline, allowed, what, error))
    return NULL;
  slip_osis_begin (ctx->world, ctx->account, ctx->region, name,
                   slip_world_edit (ctx->world, ctx->account, ctx->region, OSIS_PIPELINE, name),
                   change);
  return answer (ctx, name);
}

static JsonNode *
start_pipeline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const allowed[] = {"STOPPED", "START_FAILED", NULL};

  return begin (ctx, input, SLIP_OSIS_START, allowed, "started", error);
}

static JsonNode *
stop_pipeline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const allowed[] = {"ACTIVE", "START_FAILED", "UPDATE_FAILED", NULL};

  return begin (ctx, input, SLIP_OSIS_STOP, allowed, "stopped", error);
}

static JsonNode *
delete_pipeline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const allowed[]
      = {"ACTIVE", "STOPPED", "CREATE_FAILED", "UPDATE_FAILED", "START_FAILED", NULL};
  JsonNode *shown = begin (ctx, input, SLIP_OSIS_DELETE, allowed, "deleted", error);

  g_clear_pointer (&shown, json_node_unref);
  return NULL;
}

static JsonNode *
update_pipeline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const allowed[]
      = {"ACTIVE", "CREATE_FAILED", "UPDATE_FAILED", "START_FAILED", NULL};
  const char *name = slip_json_string (input, "PipelineName");
  const SlipWorldRecord *pipeline = need (ctx, name, error);
  JsonObject *data, *desired;

  if (pipeline == NULL || !check_status (pipeline, allowed, "updated", error)
      || !check_input (input, error))
    return NULL;
  desired = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_has_member (input, kept[i]))
      json_object_set_member (desired, kept[i],
                              slip_json_copy (json_object_get_member (input, kept[i])));
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, OSIS_PIPELINE, name);
  json_object_set_object_member (data, "desired", desired);
  slip_osis_begin (ctx->world, ctx->account, ctx->region, name, data, SLIP_OSIS_UPDATE);
  return answer (ctx, name);
}

static JsonNode *
get_progress (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *pipeline = need (ctx, slip_json_string (input, "PipelineName"), error);
  JsonObject *output, *progress;
  JsonArray *list;

  if (pipeline == NULL)
    return NULL;
  list = json_array_new ();
  progress = slip_osis_show_progress (pipeline->data);
  if (progress != NULL)
    json_array_add_object_element (list, progress);
  output = json_object_new ();
  json_object_set_array_member (output, "ChangeProgressStatuses", list);
  return slip_json_new_object (output);
}

static JsonNode *
validate_pipeline (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *fault = find_fault (slip_json_string (input, "PipelineConfigurationBody"));
  JsonObject *output = json_object_new ();
  JsonArray *faults = json_array_new ();

  json_object_set_boolean_member (output, "isValid", fault == NULL);
  if (fault != NULL)
    {
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "Message", fault);
      json_array_add_object_element (faults, one);
    }
  json_object_set_array_member (output, "Errors", faults);
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
need_arn (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "Arn");
  g_autoptr (SlipArn) parts = slip_arn_parse (arn);

  if (parts == NULL || !g_str_has_prefix (parts->resource, "pipeline/")
      || !g_str_equal (parts->account, ctx->account) || !g_str_equal (parts->region, ctx->region))
    return slip_service_error (error, 404, "ResourceNotFoundException", "Unknown: %s", arn);
  return need (ctx, parts->resource + strlen ("pipeline/"), error);
}

static const SlipTagging tagging
    = {.stored = "Tags", .given = "Tags", .keys = "TagKeys", .key = "Key"};

static JsonNode *
list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_show (need_arn (ctx, input, error), &tagging);
}

static JsonNode *
tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_set (ctx, need_arn (ctx, input, error), input, &tagging);
}

static JsonNode *
untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_unset (ctx, need_arn (ctx, input, error), input, &tagging);
}

static gboolean
seed_pipeline (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[]
      = {"name", "configuration", "min_units", "max_units", "status", "hours_ago", "tags", NULL};
  const SlipSeed *seed = data;
  g_autoptr (JsonObject) input = json_object_new ();
  const char *name, *body, *status;
  gint64 low = 1, high = 4, hours = 0;
  g_autofree char *made_at = NULL;
  JsonObject *tags, *made;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "configuration", TRUE, &body, error)
      || !slip_scenario_get_string (item, path, "status", FALSE, &status, error)
      || !slip_scenario_get_int (item, path, "min_units", 1, 96, &low, error)
      || !slip_scenario_get_int (item, path, "max_units", low, 96, &high, error)
      || !slip_scenario_get_int (item, path, "hours_ago", 0, 1000000, &hours, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error))
    return FALSE;
  if (!check_name (name) || find_fault (body) != NULL)
    return slip_scenario_error (error, path, "%s",
                                check_name (name) ? find_fault (body) : "it is no pipeline's name");
  json_object_set_string_member (input, "PipelineName", name);
  json_object_set_string_member (input, "PipelineConfigurationBody", body);
  json_object_set_int_member (input, "MinUnits", low);
  json_object_set_int_member (input, "MaxUnits", high);
  json_object_set_array_member (input, "Tags", slip_tags_from_object (tags));
  made = new_pipeline (seed->world, seed->account, seed->region, input);
  made_at = slip_time_format (slip_world_now (seed->world) - hours * G_TIME_SPAN_HOUR);
  json_object_set_string_member (made, "CreatedAt", made_at);
  json_object_set_string_member (made, "LastUpdatedAt", made_at);
  json_object_set_string_member (made, "Status", status != NULL ? status : "ACTIVE");
  slip_world_put (seed->world, seed->account, seed->region, OSIS_PIPELINE, name, made);
  return TRUE;
}

static gboolean
seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "pipelines", seed_pipeline, error);
}

static const SlipServiceOperation operations[] = {
    {"CreatePipeline", create_pipeline},
    {"DeletePipeline", delete_pipeline},
    {"GetPipeline", get_pipeline},
    {"GetPipelineChangeProgress", get_progress},
    {"ListPipelines", list_pipelines},
    {"ListTagsForResource", list_tags},
    {"StartPipeline", start_pipeline},
    {"StopPipeline", stop_pipeline},
    {"TagResource", tag},
    {"UntagResource", untag},
    {"UpdatePipeline", update_pipeline},
    {"ValidatePipeline", validate_pipeline},
    {NULL, NULL},
};

const SlipService slip_osis_service = {
    .name = "osis",
    .operations = operations,
    .attach = slip_osis_attach,
    .seed = seed,
};
