/* SPDX-License-Identifier: MIT */

/* The ec2 protocol: the query protocol with capitalised names, lists without a level of their own, and
 * answers without a wrapper. */

#include "slip-aws-protocol-private.h"

#include <string.h>

static gboolean
build_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               JsonObject *input,
               SlipAwsRequest *request,
               GError **error)
{
  return slip_aws_query_build_request (model, op, input, request, TRUE, error);
}

static gboolean
parse_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               const SlipAwsRequest *request,
               JsonObject *input,
               GError **error)
{
  return slip_aws_query_parse_request (model, op, request, input, TRUE, error);
}

static gboolean
parse_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                const SlipAwsResponse *response,
                const char *const *texts,
                JsonObject *output,
                GError **error)
{
  return slip_aws_protocol_query.parse_response (model, op, response, texts, output, error);
}

static gboolean
build_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                JsonObject *output,
                const char *request_id,
                SlipAwsResponse *response,
                GError **error)
{
  g_autoptr (GString) xml = g_string_new (NULL);

  g_string_append_printf (xml, "<%sResponse xmlns=\"", op->name);
  slip_aws_xml_append_text (xml, model->namespace_uri != NULL ? model->namespace_uri : "");
  g_string_append (xml, "\">");
  slip_aws_xml_append_element (xml, "requestId", request_id);
  if (op->output != NULL && !slip_aws_xml_write_members (xml, op->output, output, error))
    return FALSE;
  g_string_append_printf (xml, "</%sResponse>\n", op->name);
  slip_aws_xml_take_body (response, "text/xml;charset=UTF-8", g_steal_pointer (&xml));
  return TRUE;
}

static void
build_error (const SlipAwsModel *model,
             guint status,
             const char *code,
             const char *message,
             const char *request_id,
             SlipAwsResponse *response)
{
  GString *xml = g_string_new ("<Response><Errors>");

  slip_aws_xml_append_error (xml, NULL, code, message);
  g_string_append (xml, "</Errors>");
  slip_aws_xml_append_element (xml, "RequestID", request_id);
  g_string_append (xml, "</Response>\n");
  slip_aws_xml_take_body (response, "text/xml;charset=UTF-8", xml);
}

const SlipAwsProtocolVtable slip_aws_protocol_ec2 = {
    .build_request = build_request,
    .parse_response = parse_response,
    .parse_error = slip_aws_xml_parse_error,
    .parse_error_details = slip_aws_xml_parse_error_details,
    .route = slip_aws_query_route,
    .parse_request = parse_request,
    .build_response = build_response,
    .build_error = build_error,
};
