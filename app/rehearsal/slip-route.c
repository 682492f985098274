/* SPDX-License-Identifier: MIT */

/* One endpoint serves all services; this file tells which one a request is for. */

#include "slip-route.h"

#include "slip-service.h"

static gboolean
has_target (const SlipAwsModel *model, const SlipAwsRequest *request)
{
  const char *target = slip_aws_headers_get (request->headers, "x-amz-target");
  const char *prefix = slip_aws_model_get_target_prefix (model);

  return target != NULL && prefix != NULL && g_str_has_prefix (target, prefix)
         && target[strlen (prefix)] == '.';
}

static gboolean
has_version (const SlipAwsModel *model, const SlipAwsRequest *request)
{
  SlipAwsProtocol protocol = slip_aws_model_get_protocol (model);
  gsize length = 0;
  const char *body = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;
  g_autofree char *version = g_strdup_printf ("Version=%s", slip_aws_model_get_api_version (model));
  const char *in_query = slip_aws_request_get_query (request, "Version");

  if (protocol != SLIP_AWS_PROTOCOL_QUERY && protocol != SLIP_AWS_PROTOCOL_EC2)
    return FALSE;
  if (g_strcmp0 (in_query, slip_aws_model_get_api_version (model)) == 0)
    return TRUE;
  return body != NULL && g_strstr_len (body, (gssize)length, version) != NULL;
}

static SlipAwsModel *
find_by_content (const SlipAwsRequest *request)
{
  for (const SlipService *const *service = slip_services_list (); *service != NULL; service++)
    {
      SlipAwsModel *model = slip_aws_model_get ((*service)->name, NULL);

      if (model != NULL && (has_target (model, request) || has_version (model, request)))
        return model;
    }
  return NULL;
}

/* A model that fits the name and the content wins over one that fits the name only. */
static SlipAwsModel *
find_by_name (const SlipAwsRequest *request, const char *signing_name)
{
  SlipAwsModel *found = NULL;

  for (const char *const *name = slip_aws_model_list_services (); *name != NULL; name++)
    {
      SlipAwsModel *model = slip_aws_model_get (*name, NULL);

      if (model == NULL || !g_str_equal (slip_aws_model_get_signing_name (model), signing_name))
        continue;
      if (has_target (model, request) || has_version (model, request))
        return model;
      if (found == NULL)
        found = model;
    }
  return found;
}

SlipAwsModel *
slip_route_find_model (const SlipAwsRequest *request, const char *signing_name)
{
  SlipAwsModel *model
      = slip_aws_model_find_json_twin (slip_aws_headers_get (request->headers, "x-amz-target"));

  if (model != NULL)
    return model;
  if (signing_name == NULL)
    return find_by_content (request);
  /* Mostly the model is called like the signature's service, and loading all others is not needed. */
  if (g_strv_contains (slip_aws_model_list_services (), signing_name))
    {
      model = slip_aws_model_get (signing_name, NULL);
      if (model != NULL && g_str_equal (slip_aws_model_get_signing_name (model), signing_name))
        return model;
    }
  return find_by_name (request, signing_name);
}

char *
slip_route_dup_bucket (const char *host)
{
  g_autoptr (GRegex) regex = g_regex_new (
      "^(.+?)\\.(?:s3[.-](?:[a-z0-9-]+\\.)?)?(?:localhost|amazonaws\\.com)(?::[0-9]+)?$",
      G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (!g_regex_match (regex, host, 0, &match))
    return NULL;
  return g_match_info_fetch (match, 1);
}
