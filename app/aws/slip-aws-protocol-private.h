/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model-private.h"
#include "slip-aws-protocol.h"
#include "slip-aws-xml-shape.h"

G_BEGIN_DECLS

/**
 * SlipAwsFailure:
 * @code: (nullable): the code on the wire
 * @message: (nullable): the service's words
 * @request_id: (nullable): from the body
 * @type: (nullable): the name of the error's shape, where it differs from @code
 *
 * What the body of an error says.
 */
typedef struct
{
  char *code;
  char *message;
  char *request_id;
  char *type;
} SlipAwsFailure;

void slip_aws_failure_clear (SlipAwsFailure *failure);

/**
 * SlipAwsProtocolVtable:
 *
 * What each protocol does, with inputs and outputs that are objects and errors that are as
 * slip-aws-protocol.h says.
 */
typedef struct
{
  gboolean (*build_request) (const SlipAwsModel *model,
                             const SlipAwsOperation *op,
                             JsonObject *input,
                             SlipAwsRequest *request,
                             GError **error);
  gboolean (*parse_response) (const SlipAwsModel *model,
                              const SlipAwsOperation *op,
                              const SlipAwsResponse *response,
                              const char *const *texts, /* see slip_aws_protocol_parse_page() */
                              JsonObject *output,
                              GError **error);
  void (*parse_error) (const SlipAwsModel *model,
                       const SlipAwsResponse *response,
                       SlipAwsFailure *failure);
  /* Reads the members of a modelled exception; FALSE when the body cannot be read. */
  gboolean (*parse_error_details) (const SlipAwsModel *model,
                                   const SlipAwsShape *shape,
                                   const SlipAwsResponse *response,
                                   JsonObject *details);
  const SlipAwsOperation *(*route) (const SlipAwsModel *model,
                                    const SlipAwsRequest *request,
                                    GError **error);
  gboolean (*parse_request) (const SlipAwsModel *model,
                             const SlipAwsOperation *op,
                             const SlipAwsRequest *request,
                             JsonObject *input,
                             GError **error);
  gboolean (*build_response) (const SlipAwsModel *model,
                              const SlipAwsOperation *op,
                              JsonObject *output,
                              const char *request_id,
                              SlipAwsResponse *response,
                              GError **error);
  void (*build_error) (const SlipAwsModel *model,
                       guint status,
                       const char *code,
                       const char *message,
                       const char *request_id,
                       SlipAwsResponse *response);
} SlipAwsProtocolVtable;

extern const SlipAwsProtocolVtable slip_aws_protocol_query;
extern const SlipAwsProtocolVtable slip_aws_protocol_ec2;
extern const SlipAwsProtocolVtable slip_aws_protocol_json;
extern const SlipAwsProtocolVtable slip_aws_protocol_rest_json;
extern const SlipAwsProtocolVtable slip_aws_protocol_rest_xml;

/* Bodies. */
const char *slip_aws_body_text (GBytes *body, gsize *length);
GBytes *slip_aws_body_take (GString *text);

/* Makes @xml, which it takes, the answer's body. */
void slip_aws_xml_take_body (SlipAwsResponse *response, const char *content_type, GString *xml);

/* Form bodies, in slip-aws-form.c: names such as `Tags.Tag.1.Key` and a tree made of them. */
typedef struct _SlipAwsForm SlipAwsForm;

SlipAwsForm *slip_aws_form_parse (const char *text, gsize length, GError **error);
void slip_aws_form_free (SlipAwsForm *form);
const char *slip_aws_form_get_value (const SlipAwsForm *form);
const SlipAwsForm *slip_aws_form_get_child (const SlipAwsForm *form, const char *name);
gboolean slip_aws_form_has_children (const SlipAwsForm *form);

/**
 * slip_aws_form_list_numbered:
 *
 * Returns: (transfer container) (element-type SlipAwsForm): the children called 1, 2, …, in the order
 *   of their numbers
 */
GPtrArray *slip_aws_form_list_numbered (const SlipAwsForm *form);

void slip_aws_form_append (GString *body, const char *name, const char *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsForm, slip_aws_form_free)

/* Shared by query and ec2, in slip-aws-protocol-query.c. */
typedef struct
{
  gboolean ec2;
  GString *body;
  GError **error;
} SlipAwsFormWriter;

gboolean slip_aws_query_build_request (const SlipAwsModel *model,
                                       const SlipAwsOperation *op,
                                       JsonObject *input,
                                       SlipAwsRequest *request,
                                       gboolean ec2,
                                       GError **error);
const SlipAwsOperation *
slip_aws_query_route (const SlipAwsModel *model, const SlipAwsRequest *request, GError **error);
gboolean slip_aws_query_parse_request (const SlipAwsModel *model,
                                       const SlipAwsOperation *op,
                                       const SlipAwsRequest *request,
                                       JsonObject *input,
                                       gboolean ec2,
                                       GError **error);

/* Errors in XML, in slip-aws-xml-error.c: an element Error with Code and Message, wherever it is. */
void slip_aws_xml_parse_error (const SlipAwsModel *model,
                               const SlipAwsResponse *response,
                               SlipAwsFailure *failure);
gboolean slip_aws_xml_parse_error_details (const SlipAwsModel *model,
                                           const SlipAwsShape *shape,
                                           const SlipAwsResponse *response,
                                           JsonObject *details);

/* JSON along the shapes, in slip-aws-json-shape.c. */
JsonNode *slip_aws_json_to_wire (const SlipAwsMember *member, JsonNode *node, GError **error);
JsonNode *slip_aws_json_from_wire (const SlipAwsMember *member, JsonNode *node, GError **error);
gboolean slip_aws_json_members_to_wire (const SlipAwsShape *shape,
                                        JsonObject *object,
                                        JsonObject *into,
                                        GError **error);
gboolean slip_aws_json_members_from_wire (const SlipAwsShape *shape,
                                          JsonObject *object,
                                          JsonObject *into,
                                          GError **error);
JsonNode *slip_aws_json_parse_body (GBytes *body, GError **error);
GBytes *slip_aws_json_to_body (JsonNode *node);

/* The object that a body must be; NULL with @error when it is none. */
JsonObject *slip_aws_json_body_object (JsonNode *body, GError **error);
void slip_aws_json_parse_error (const SlipAwsModel *model,
                                const SlipAwsResponse *response,
                                SlipAwsFailure *failure);
void slip_aws_json_build_error (guint status,
                                const char *code,
                                const char *message,
                                const char *request_id,
                                const char *content_type,
                                SlipAwsResponse *response);

/* What the REST protocols share, in slip-aws-rest.c: path, query string, headers, status. */
gboolean slip_aws_rest_write_head (const SlipAwsOperation *op,
                                   JsonObject *input,
                                   SlipAwsRequest *request,
                                   GError **error);
gboolean slip_aws_rest_read_head (const SlipAwsShape *shape,
                                  const SlipAwsResponse *response,
                                  JsonObject *output,
                                  GError **error);
const SlipAwsOperation *
slip_aws_rest_route (const SlipAwsModel *model, const SlipAwsRequest *request, GError **error);
gboolean slip_aws_rest_read_request_head (const SlipAwsOperation *op,
                                          const SlipAwsRequest *request,
                                          JsonObject *input,
                                          GError **error);
gboolean slip_aws_rest_write_response_head (const SlipAwsOperation *op,
                                            JsonObject *output,
                                            const char *request_id,
                                            SlipAwsResponse *response,
                                            GError **error);

/* Reads a body into the members of @shape that stand in it. */
typedef gboolean (*SlipAwsRestReadBody) (const SlipAwsShape *shape,
                                         GBytes *body,
                                         JsonObject *into,
                                         GError **error);

/* Head and body of an answer. */
gboolean slip_aws_rest_read_response (const SlipAwsOperation *op,
                                      const SlipAwsResponse *response,
                                      SlipAwsRestReadBody read_body,
                                      JsonObject *output,
                                      GError **error);

/* Head and body of a request; a body that cannot be read is the service's error @code, whose message
 * is @prefix and what is wrong. */
gboolean slip_aws_rest_read_request (const SlipAwsOperation *op,
                                     const SlipAwsRequest *request,
                                     SlipAwsRestReadBody read_body,
                                     const char *code,
                                     const char *prefix,
                                     JsonObject *input,
                                     GError **error);

/**
 * slip_aws_rest_is_raw:
 *
 * Returns: whether the payload goes into the body as it is: a blob or a string
 */
gboolean slip_aws_rest_is_raw (const SlipAwsMember *payload);
gboolean slip_aws_rest_write_raw (const SlipAwsMember *payload,
                                  JsonNode *node,
                                  SlipAwsHeaders *headers,
                                  GBytes **body,
                                  GError **error);
gboolean slip_aws_rest_read_raw (const SlipAwsMember *payload,
                                 GBytes *body,
                                 JsonObject *into,
                                 GError **error);
gboolean slip_aws_rest_has_body_members (const SlipAwsShape *shape);

G_END_DECLS
