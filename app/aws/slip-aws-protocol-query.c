/* SPDX-License-Identifier: MIT */

/* The query protocol (STS, IAM, RDS, Elastic Load Balancing, CloudWatch): a form in the request, XML in
 * the answer. The ec2 protocol differs in names and lists only, and uses the same code. */

#include "slip-aws-protocol-private.h"

#include <string.h>

#include "slip-aws-scalar.h"
#include "slip-aws-xml-text.h"
#include "slip-json.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

static gboolean write_value (SlipAwsFormWriter *writer,
                             const char *prefix,
                             const SlipAwsMember *member,
                             JsonNode *node);

/* The name of a structure's member: ec2 begins every name of its own with a capital. */
static char *
dup_member_name (const SlipAwsMember *member, gboolean ec2)
{
  if (ec2 && member->query_name != NULL)
    return g_strdup (member->query_name);
  char *name = g_strdup (member->wire);
  if (ec2)
    name[0] = g_ascii_toupper (name[0]);
  return name;
}

static char *
join (const char *prefix, const char *name)
{
  return *prefix != '\0' ? g_strconcat (prefix, ".", name, NULL) : g_strdup (name);
}

static gboolean
write_members (SlipAwsFormWriter *writer,
               const char *prefix,
               const SlipAwsShape *shape,
               JsonObject *object)
{
  guint known = 0;

  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      JsonNode *node = json_object_get_member (object, member->name);
      known += node != NULL;
      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      g_autofree char *name = dup_member_name (member, writer->ec2);
      g_autofree char *path = join (prefix, name);
      if (!write_value (writer, path, member, node))
        return FALSE;
    }
  if (known == json_object_get_size (object))
    return TRUE;
  g_set_error (writer->error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s has unknown members",
               shape->name);
  return FALSE;
}

/* Where the elements of a list are: `List.member.N`, or `List.N` when it is flattened. */
static char *
dup_list_prefix (const char *prefix, const SlipAwsMember *member, gboolean ec2)
{
  const SlipAwsMember *element = member->shape->element;

  if (ec2 || member->flattened)
    return g_strdup (prefix);
  return join (prefix, element->wire != NULL ? element->wire : "member");
}

static gboolean
write_list (SlipAwsFormWriter *writer,
            const char *prefix,
            const SlipAwsMember *member,
            JsonArray *array)
{
  g_autofree char *base = dup_list_prefix (prefix, member, writer->ec2);
  guint n = json_array_get_length (array);

  /* Only the query protocol can say "an empty list". */
  if (n == 0 && !writer->ec2)
    slip_aws_form_append (writer->body, prefix, "");
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      g_autofree char *path = g_strdup_printf ("%s.%u", base, i + 1);
      if (!JSON_NODE_HOLDS_NULL (node) && !write_value (writer, path, member->shape->element, node))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_map (SlipAwsFormWriter *writer,
           const char *prefix,
           const SlipAwsMember *member,
           JsonObject *object)
{
  const SlipAwsShape *shape = member->shape;
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;
  guint i = 0;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      g_autofree char *entry
          = g_strdup_printf ("%s%s.%u", prefix, member->flattened ? "" : ".entry", ++i);
      g_autofree char *key_path = join (entry, shape->key->wire != NULL ? shape->key->wire : "key");
      g_autofree char *value_path
          = join (entry, shape->value->wire != NULL ? shape->value->wire : "value");
      slip_aws_form_append (writer->body, key_path, key);
      if (!JSON_NODE_HOLDS_NULL (node) && !write_value (writer, value_path, shape->value, node))
        return FALSE;
    }
  return TRUE;
}

static gboolean
set_mismatch (SlipAwsFormWriter *writer, const char *prefix, const SlipAwsMember *member)
{
  g_set_error (writer->error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s: the value is not a %s",
               prefix, slip_aws_type_name (member->shape->type));
  return FALSE;
}

static gboolean
write_value (SlipAwsFormWriter *writer,
             const char *prefix,
             const SlipAwsMember *member,
             JsonNode *node)
{
  if (member->shape->type == SLIP_AWS_TYPE_STRUCTURE)
    return JSON_NODE_HOLDS_OBJECT (node)
               ? write_members (writer, prefix, member->shape, json_node_get_object (node))
               : set_mismatch (writer, prefix, member);
  if (member->shape->type == SLIP_AWS_TYPE_LIST)
    return JSON_NODE_HOLDS_ARRAY (node)
               ? write_list (writer, prefix, member, json_node_get_array (node))
               : set_mismatch (writer, prefix, member);
  if (member->shape->type == SLIP_AWS_TYPE_MAP)
    return JSON_NODE_HOLDS_OBJECT (node)
               ? write_map (writer, prefix, member, json_node_get_object (node))
               : set_mismatch (writer, prefix, member);

  g_autofree char *text
      = slip_aws_scalar_to_text (member, node, SLIP_AWS_TIME_ISO8601, writer->error);
  if (text == NULL)
    return FALSE;
  slip_aws_form_append (writer->body, prefix, text);
  return TRUE;
}

gboolean
slip_aws_query_build_request (const SlipAwsModel *model,
                              const SlipAwsOperation *op,
                              JsonObject *input,
                              SlipAwsRequest *request,
                              gboolean ec2,
                              GError **error)
{
  SlipAwsFormWriter writer = {.ec2 = ec2, .body = g_string_new (NULL), .error = error};

  slip_aws_form_append (writer.body, "Action", op->name);
  slip_aws_form_append (writer.body, "Version",
                        model->api_version != NULL ? model->api_version : "");
  gboolean ok = op->input == NULL || write_members (&writer, "", op->input, input);
  request->body = slip_aws_body_take (writer.body);
  slip_aws_headers_set (request->headers, "Content-Type", FORM_TYPE);
  return ok;
}

static gboolean
build_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               JsonObject *input,
               SlipAwsRequest *request,
               GError **error)
{
  return slip_aws_query_build_request (model, op, input, request, FALSE, error);
}

/* Moves to the element that holds the output: the model's wrapper, or, where the model is silent, one
 * called after the operation if there is any. */
static gboolean
find_result (SlipAwsXmlReader *reader, const SlipAwsOperation *op, const char *text, gsize length)
{
  g_autofree char *usual = g_strconcat (op->name, "Result", NULL);
  const char *wrapper = op->result_wrapper;

  if (wrapper == NULL && memmem (text, length, usual, strlen (usual)) != NULL)
    wrapper = usual;
  while (wrapper != NULL)
    switch (slip_aws_xml_reader_next (reader))
      {
      case SLIP_AWS_XML_START:
        if (slip_aws_xml_reader_is (reader, wrapper))
          return TRUE;
        if (!slip_aws_xml_reader_skip (reader))
          return FALSE;
        break;
      case SLIP_AWS_XML_TEXT:
        break;
      case SLIP_AWS_XML_END:
        {
          g_autofree char *message = g_strdup_printf ("there is no element %s", wrapper);
          slip_aws_xml_reader_fail (reader, message);
          return FALSE;
        }
      default:
        return FALSE;
      }
  return TRUE;
}

/* Reads what is left, so that a truncated or garbled rest is noticed. */
static gboolean
read_to_end (SlipAwsXmlReader *reader)
{
  SlipAwsXmlToken token;

  do
    token = slip_aws_xml_reader_next (reader);
  while (token != SLIP_AWS_XML_EOF && token != SLIP_AWS_XML_ERROR);
  return token == SLIP_AWS_XML_EOF;
}

static gboolean
is_text (const SlipAwsMember *member, const char *const *texts)
{
  return texts != NULL && g_strv_contains (texts, member->name) && !member->flattened
         && slip_aws_xml_text_is_possible (member->shape);
}

static gboolean
read_text_list (SlipAwsXmlReader *reader, const SlipAwsMember *member, JsonObject *output)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!slip_aws_xml_read_list_text (reader, member->shape, text, SLIP_AWS_TEXT_DEPTH))
    return FALSE;
  json_object_set_string_member (output, member->name, text->str);
  return TRUE;
}

static gboolean
read_output (SlipAwsXmlReader *reader,
             const SlipAwsShape *shape,
             const char *const *texts,
             JsonObject *output)
{
  SlipAwsXmlMembers members = {.shape = shape};
  const SlipAwsMember *member;

  while ((member = slip_aws_xml_next_member (reader, &members)) != NULL)
    if (!(is_text (member, texts) ? read_text_list (reader, member, output)
                                  : slip_aws_xml_read_member (reader, member, output)))
      return FALSE;
  return TRUE;
}

static gboolean
parse_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                const SlipAwsResponse *response,
                const char *const *texts,
                JsonObject *output,
                GError **error)
{
  SlipAwsXmlReader reader;
  GError *local = NULL;
  gsize length = 0;
  const char *text = slip_aws_body_text (response->body, &length);

  if (length == 0 && (op->output == NULL || op->output->n_members == 0))
    return TRUE;
  slip_aws_xml_reader_init (&reader, text, length, &local);
  if (slip_aws_xml_reader_next (&reader) == SLIP_AWS_XML_START && op->output != NULL
      && op->output->n_members > 0 && find_result (&reader, op, text, length))
    read_output (&reader, op->output, texts, output);
  if (local == NULL)
    read_to_end (&reader);
  slip_aws_xml_reader_clear (&reader);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

const SlipAwsOperation *
slip_aws_query_route (const SlipAwsModel *model, const SlipAwsRequest *request, GError **error)
{
  gsize length = 0;
  const char *text = slip_aws_body_text (request->body, &length);
  g_autoptr (SlipAwsForm) form = slip_aws_form_parse (text, length, error);
  const SlipAwsForm *field = form != NULL ? slip_aws_form_get_child (form, "Action") : NULL;
  const char *action = field != NULL ? slip_aws_form_get_value (field) : NULL;

  if (form == NULL)
    return NULL;
  if (action == NULL)
    action = slip_aws_request_get_query (request, "Action");
  if (action == NULL || *action == '\0')
    {
      slip_aws_error_set_service (error, "MissingAction", 400,
                                  "The request is missing an action or a required parameter");
      return NULL;
    }
  const SlipAwsOperation *op = slip_aws_model_find_operation (model, action);
  if (op == NULL)
    slip_aws_error_set_service (error, "InvalidAction", 400,
                                "Could not find operation %s for version %s", action,
                                model->api_version);
  return op;
}

static JsonNode *
read_value (const SlipAwsForm *form, const SlipAwsMember *member, gboolean ec2, GError **error);

static gboolean
read_members (const SlipAwsForm *form,
              const SlipAwsShape *shape,
              JsonObject *into,
              gboolean ec2,
              GError **error)
{
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      g_autofree char *name = dup_member_name (member, ec2);
      const SlipAwsForm *child = slip_aws_form_get_child (form, name);
      g_autoptr (GError) local = NULL;
      JsonNode *node = child != NULL ? read_value (child, member, ec2, &local) : NULL;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (node != NULL)
        json_object_set_member (into, member->name, node);
    }
  return TRUE;
}

static JsonNode *
read_list (const SlipAwsForm *form, const SlipAwsMember *member, gboolean ec2, GError **error)
{
  const SlipAwsMember *element = member->shape->element;
  g_autoptr (JsonArray) array = json_array_new ();

  if (!ec2 && !member->flattened && slip_aws_form_has_children (form))
    {
      const SlipAwsForm *inner = slip_aws_form_get_child (form, element->wire);
      /* Services take the generic name too, whatever name their model gives. */
      form = inner != NULL ? inner : slip_aws_form_get_child (form, "member");
      if (form == NULL)
        return slip_json_new_array (g_steal_pointer (&array));
    }
  g_autoptr (GPtrArray) items = slip_aws_form_list_numbered (form);
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GError) local = NULL;
      JsonNode *node = read_value (items->pdata[i], element, ec2, &local);
      if (node != NULL)
        json_array_add_element (array, node);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  return slip_json_new_array (g_steal_pointer (&array));
}

static JsonNode *
read_map (const SlipAwsForm *form, const SlipAwsMember *member, gboolean ec2, GError **error)
{
  const SlipAwsShape *shape = member->shape;
  g_autoptr (JsonObject) object = json_object_new ();

  if (!member->flattened && (form = slip_aws_form_get_child (form, "entry")) == NULL)
    return slip_json_new_object (g_steal_pointer (&object));
  g_autoptr (GPtrArray) items = slip_aws_form_list_numbered (form);
  for (guint i = 0; i < items->len; i++)
    {
      const SlipAwsForm *key = slip_aws_form_get_child (
          items->pdata[i], shape->key->wire != NULL ? shape->key->wire : "key");
      const SlipAwsForm *value = slip_aws_form_get_child (
          items->pdata[i], shape->value->wire != NULL ? shape->value->wire : "value");
      g_autoptr (GError) local = NULL;
      JsonNode *node = value != NULL ? read_value (value, shape->value, ec2, &local) : NULL;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (node != NULL && key != NULL && slip_aws_form_get_value (key) != NULL)
        json_object_set_member (object, slip_aws_form_get_value (key), node);
      else
        g_clear_pointer (&node, json_node_unref);
    }
  return slip_json_new_object (g_steal_pointer (&object));
}

static JsonNode *
read_value (const SlipAwsForm *form, const SlipAwsMember *member, gboolean ec2, GError **error)
{
  if (member->shape->type == SLIP_AWS_TYPE_STRUCTURE)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      if (!read_members (form, member->shape, object, ec2, error))
        return NULL;
      return slip_json_new_object (g_steal_pointer (&object));
    }
  if (member->shape->type == SLIP_AWS_TYPE_LIST)
    return read_list (form, member, ec2, error);
  if (member->shape->type == SLIP_AWS_TYPE_MAP)
    return read_map (form, member, ec2, error);

  const char *text = slip_aws_form_get_value (form);
  g_autoptr (GError) local = NULL;
  JsonNode *node = text != NULL ? slip_aws_scalar_from_text (member, text, &local) : NULL;
  if (local != NULL)
    slip_aws_error_set_service (error, "MalformedInput", 400, "%s", local->message);
  return node;
}

gboolean
slip_aws_query_parse_request (const SlipAwsModel *model,
                              const SlipAwsOperation *op,
                              const SlipAwsRequest *request,
                              JsonObject *input,
                              gboolean ec2,
                              GError **error)
{
  gsize length = 0;
  const char *text = slip_aws_body_text (request->body, &length);
  g_autoptr (GString) all = g_string_new_len (text, length);

  /* Parameters may stand in the query string, as presigned requests have them. */
  for (guint i = 0; i < request->query->len; i++)
    {
      const SlipAwsPair *pair = request->query->pdata[i];
      slip_aws_form_append (all, pair->name, pair->value);
    }
  g_autoptr (SlipAwsForm) form = slip_aws_form_parse (all->str, all->len, error);
  if (form == NULL)
    return FALSE;
  return op->input == NULL || read_members (form, op->input, input, ec2, error);
}

static gboolean
parse_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               const SlipAwsRequest *request,
               JsonObject *input,
               GError **error)
{
  return slip_aws_query_parse_request (model, op, request, input, FALSE, error);
}

static void
open_root (GString *xml, const char *name, const char *suffix, const char *namespace_uri)
{
  g_string_append_printf (xml, "<%s%s", name, suffix);
  if (namespace_uri != NULL)
    {
      g_string_append (xml, " xmlns=\"");
      slip_aws_xml_append_text (xml, namespace_uri);
      g_string_append_c (xml, '"');
    }
  g_string_append (xml, ">");
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

  open_root (xml, op->name, "Response", model->namespace_uri);
  if (op->result_wrapper != NULL)
    g_string_append_printf (xml, "<%s>", op->result_wrapper);
  if (op->output != NULL && !slip_aws_xml_write_members (xml, op->output, output, error))
    return FALSE;
  if (op->result_wrapper != NULL)
    g_string_append_printf (xml, "</%s>", op->result_wrapper);
  g_string_append (xml, "<ResponseMetadata>");
  slip_aws_xml_append_element (xml, "RequestId", request_id);
  g_string_append_printf (xml, "</ResponseMetadata></%sResponse>\n", op->name);
  slip_aws_xml_take_body (response, "text/xml", g_steal_pointer (&xml));
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
  GString *xml = g_string_new (NULL);

  open_root (xml, "ErrorResponse", "", model->namespace_uri);
  slip_aws_xml_append_error (xml, status < 500 ? "Sender" : "Receiver", code, message);
  slip_aws_xml_append_element (xml, "RequestId", request_id);
  g_string_append (xml, "</ErrorResponse>\n");
  slip_aws_xml_take_body (response, "text/xml", xml);
}

const SlipAwsProtocolVtable slip_aws_protocol_query = {
    .build_request = build_request,
    .parse_response = parse_response,
    .parse_error = slip_aws_xml_parse_error,
    .parse_error_details = slip_aws_xml_parse_error_details,
    .route = slip_aws_query_route,
    .parse_request = parse_request,
    .build_response = build_response,
    .build_error = build_error,
};
