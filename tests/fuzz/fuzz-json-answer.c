/* SPDX-License-Identifier: MIT */

/* Any bytes as an answer, a request or a form in the protocols that carry JSON, and as a model. The
 * first byte chooses an operation, the second the status. */

#include <stdint.h>
#include <string.h>

#include "slip-aws-protocol.h"
#include "slip-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const struct
{
  const char *service;
  const char *operation;
} operations[] = {
    {"dynamodb", "GetItem"},           {"kms", "DescribeKey"},
    {"secretsmanager", "ListSecrets"}, {"dms", "DescribeReplicationTasks"},
    {"ecs", "DescribeTasks"},          {"states", "GetExecutionHistory"},
    {"backup", "ListRestoreJobs"},     {"osis", "GetPipeline"},
    {"pricing", "GetProducts"},        {"logs", "GetLogEvents"},
};

static void
read_as_request (const SlipAwsModel *model, const char *operation, const uint8_t *data, size_t size)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("POST", "/");
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (GError) error = NULL;
  const SlipAwsOperation *op = NULL;

  if (slip_aws_model_get_target_prefix (model) != NULL)
    {
      g_autofree char *target
          = g_strconcat (slip_aws_model_get_target_prefix (model), ".", operation, NULL);
      slip_aws_headers_set (request->headers, "X-Amz-Target", target);
    }
  request->body = g_bytes_new (data, size);
  g_assert (slip_aws_protocol_parse_request (model, request, &op, &input, &error)
            == (error == NULL));
}

static void
read_as_form (const uint8_t *data, size_t size)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("POST", "/");
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (GError) error = NULL;
  const SlipAwsOperation *op = NULL;
  SlipAwsModel *model = slip_aws_model_get ("rds", NULL);

  request->body = g_bytes_new (data, size);
  g_assert (slip_aws_protocol_parse_request (model, request, &op, &input, &error)
            == (error == NULL));
}

static void
read_as_model (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse ((const char *)data, (gssize)size, NULL);

  if (node == NULL)
    return;
  g_autoptr (SlipAwsModel) model = slip_aws_model_new_from_json (node, "fuzz", &error);
  g_assert ((model == NULL) == (error != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;

  const char *service = operations[data[0] % G_N_ELEMENTS (operations)].service;
  const char *name = operations[data[0] % G_N_ELEMENTS (operations)].operation;
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, name, &model, NULL);
  g_autoptr (GError) error = NULL;

  g_assert (op != NULL);
  g_autoptr (SlipAwsResponse) response = slip_aws_response_new (data[1] % 4 == 0 ? 400 : 200);
  response->body = g_bytes_new (data + 2, size - 2);
  g_autoptr (JsonNode) output = slip_aws_protocol_parse_response (model, op, response, &error);
  g_assert ((output == NULL) == (error != NULL));
  g_assert (error == NULL || g_utf8_validate (error->message, -1, NULL));
  if (output != NULL)
    {
      g_autoptr (SlipAwsResponse) again
          = slip_aws_protocol_build_response (model, op, output, "id", NULL);
      g_assert (again != NULL);
    }
  read_as_request (model, name, data + 2, size - 2);
  read_as_form (data + 2, size - 2);
  read_as_model (data + 2, size - 2);
  return 0;
}
