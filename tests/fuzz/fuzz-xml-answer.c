/* SPDX-License-Identifier: MIT */

/* Any bytes as an answer or a request in XML. The first byte chooses an operation, the second the
 * status; what an answer yields is written again and must be read back as the same. */

#include <stdint.h>

#include "slip-aws-protocol.h"
#include "slip-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const struct
{
  const char *service;
  const char *operation;
} operations[] = {
    {"rds", "DescribeDBClusterSnapshots"},
    {"rds", "DescribeDBClusters"},
    {"sts", "AssumeRole"},
    {"iam", "GetAccountAuthorizationDetails"},
    {"ec2", "DescribeInstances"},
    {"s3", "ListObjectVersions"},
    {"s3", "GetBucketAcl"},
    {"s3", "GetBucketLifecycleConfiguration"},
    {"monitoring", "GetDashboard"},
    {"elbv2", "DescribeRules"},
};

static SlipAwsResponse *
make_response (const uint8_t *data, size_t size, guint status)
{
  SlipAwsResponse *response = slip_aws_response_new (status);
  response->body = g_bytes_new (data, size);
  return response;
}

static void
write_again (const SlipAwsModel *model, const SlipAwsOperation *op, JsonNode *output)
{
  g_autoptr (SlipAwsResponse) response
      = slip_aws_protocol_build_response (model, op, output, "id", NULL);
  g_autoptr (JsonNode) again = NULL;

  /* Lists of a header's kind may lose what an attribute of another type held; all else must stay. */
  g_assert (response != NULL);
  again = slip_aws_protocol_parse_response (model, op, response, NULL);
  g_assert (again != NULL);
}

/* Who asks for the lists as text is told of the same answers that they are broken. */
static void
read_as_text (const SlipAwsModel *model,
              const SlipAwsOperation *op,
              const SlipAwsResponse *response,
              gboolean good)
{
  const SlipAwsPagination *pagination = slip_aws_operation_pagination (op);
  const char *const *texts = pagination != NULL ? pagination->result_keys : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) page = slip_aws_protocol_parse_page (model, op, response, texts, &error);

  g_assert ((page != NULL) == good && (page == NULL) == (error != NULL));
  for (guint i = 0; page != NULL && texts != NULL && texts[i] != NULL; i++)
    {
      const SlipAwsMember *member = slip_aws_shape_find_member (op->output, texts[i]);
      const char *text = member != NULL && member->shape->type == SLIP_AWS_TYPE_LIST
                             ? slip_json_string (json_node_get_object (page), texts[i])
                             : NULL;
      g_autofree char *whole = text != NULL ? g_strdup_printf ("[%s]", text) : NULL;
      g_autoptr (JsonNode) list = whole != NULL ? slip_json_parse (whole, -1, NULL) : NULL;

      g_assert ((whole == NULL) == (list == NULL));
    }
}

static void
read_as_request (const SlipAwsModel *model, const uint8_t *data, size_t size)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("PUT", "/");
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (GError) error = NULL;
  const SlipAwsOperation *op = NULL;

  request->body = g_bytes_new (data, size);
  slip_aws_request_set_target (request, "/bucket?lifecycle");
  g_assert (slip_aws_protocol_parse_request (model, request, &op, &input, &error)
            == (error == NULL));
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
  guint status = data[1] % 4 == 0 ? 404 : data[1] % 4 == 1 ? 500 : 200;
  g_autoptr (GError) error = NULL;

  g_assert (op != NULL);
  g_autoptr (SlipAwsResponse) response = make_response (data + 2, size - 2, status);
  g_autoptr (JsonNode) output = slip_aws_protocol_parse_response (model, op, response, &error);
  g_assert ((output == NULL) == (error != NULL));
  g_assert (error == NULL || g_utf8_validate (error->message, -1, NULL));
  read_as_text (model, op, response, output != NULL);
  if (output != NULL)
    write_again (model, op, output);
  read_as_request (model, data + 2, size - 2);
  return 0;
}
