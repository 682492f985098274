/* SPDX-License-Identifier: MIT */

/* Expressions of DynamoDB (conditions, filters, projections, updates) from their text to a tree, by
 * the grammar of the developer guide. Reserved words are taken as names: the real service refuses
 * them. */

#include "slip-dynamodb-expression.h"

#include <string.h>

#include "slip-json.h"

typedef struct
{
  const char *member; /* of the request, for errors */
  const char *at;
  const char *token; /* where the present token begins */
  int length;        /* 0 at the end */
  SlipDynamodbNames *names;
  GError *error;
} Parser;

void
slip_dynamodb_names_init (SlipDynamodbNames *names, JsonObject *input)
{
  names->names = slip_json_object (input, "ExpressionAttributeNames");
  names->values = slip_json_object (input, "ExpressionAttributeValues");
  names->used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
slip_dynamodb_names_clear (SlipDynamodbNames *names)
{
  g_clear_pointer (&names->used, g_hash_table_unref);
}

static gboolean
check_used (SlipDynamodbNames *names, JsonObject *given, const char *what, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (given == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, given);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!g_hash_table_contains (names->used, name))
      {
        slip_dynamodb_invalid (error, "Value provided in %s unused in expressions: keys: {%s}",
                               what, name);
        return FALSE;
      }
  return TRUE;
}

gboolean
slip_dynamodb_names_check (SlipDynamodbNames *names, GError **error)
{
  return check_used (names, names->names, "ExpressionAttributeNames", error)
         && check_used (names, names->values, "ExpressionAttributeValues", error);
}

static void
clear_step (gpointer step)
{
  g_free (((SlipDynamodbStep *)step)->name);
}

static SlipDynamodbNode *
new_node (SlipDynamodbKind kind, const char *name)
{
  SlipDynamodbNode *node = g_new0 (SlipDynamodbNode, 1);

  node->kind = kind;
  node->name = g_strdup (name);
  node->children = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_dynamodb_node_free);
  return node;
}

void
slip_dynamodb_node_free (SlipDynamodbNode *node)
{
  if (node == NULL)
    return;
  g_free (node->name);
  g_clear_pointer (&node->steps, g_array_unref);
  g_clear_pointer (&node->value, json_object_unref);
  g_ptr_array_unref (node->children);
  g_free (node);
}

static SlipDynamodbNode *refuse (Parser *parser, const char *format, ...) G_GNUC_PRINTF (2, 3);

static SlipDynamodbNode *
refuse (Parser *parser, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list values;

  va_start (values, format);
  reason = g_strdup_vprintf (format, values);
  va_end (values);
  if (parser->error == NULL)
    slip_dynamodb_invalid (&parser->error, "Invalid %s: %s", parser->member, reason);
  return NULL;
}

static SlipDynamodbNode *
refuse_token (Parser *parser)
{
  if (parser->length == 0)
    return refuse (parser, "Syntax error; token: \"<EOF>\"");
  return refuse (parser, "Syntax error; token: \"%.*s\", near: \"%.20s\"", parser->length,
                 parser->token, parser->token);
}

static gboolean
is_name (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static void
next (Parser *parser)
{
  const char *at = parser->at;

  while (g_ascii_isspace (*at))
    at++;
  parser->token = at;
  if (*at == '#' || *at == ':')
    at++;
  if (is_name (*at))
    while (is_name (*at))
      at++;
  else if (strncmp (at, "<>", 2) == 0 || strncmp (at, "<=", 2) == 0 || strncmp (at, ">=", 2) == 0)
    at += 2;
  else if (*at != '\0' && at == parser->token)
    at++;
  parser->length = (int)(at - parser->token);
  parser->at = at;
}

static gboolean
is_token (Parser *parser, const char *text)
{
  return parser->length == (int)strlen (text)
         && g_ascii_strncasecmp (parser->token, text, (gsize)parser->length) == 0;
}

static gboolean
take (Parser *parser, const char *text)
{
  if (!is_token (parser, text))
    return FALSE;
  next (parser);
  return TRUE;
}

static gboolean
expect (Parser *parser, const char *text)
{
  if (take (parser, text))
    return TRUE;
  refuse_token (parser);
  return FALSE;
}

/* Where an update's next clause begins. */
static gboolean
at_clause (Parser *parser)
{
  return is_token (parser, "SET") || is_token (parser, "REMOVE") || is_token (parser, "ADD")
         || is_token (parser, "DELETE");
}

static char *
take_name (Parser *parser)
{
  g_autofree char *token = g_strndup (parser->token, (gsize)parser->length);
  const char *name;

  if (parser->length == 0 || !(is_name (*token) || (*token == '#' && token[1] != '\0'))
      || g_ascii_isdigit (*token))
    {
      refuse_token (parser);
      return NULL;
    }
  next (parser);
  if (*token != '#')
    return g_steal_pointer (&token);
  name = parser->names->names != NULL ? slip_json_string (parser->names->names, token) : NULL;
  if (name == NULL)
    {
      refuse (parser,
              "An expression attribute name used in the document path is not defined; attribute "
              "name: %s",
              token);
      return NULL;
    }
  g_hash_table_add (parser->names->used, g_steal_pointer (&token));
  return g_strdup (name);
}

static gboolean
take_index (Parser *parser, GArray *steps)
{
  SlipDynamodbStep step = {NULL, 0};
  guint64 index;
  g_autofree char *token = g_strndup (parser->token, (gsize)parser->length);

  if (!g_ascii_string_to_unsigned (token, 10, 0, G_MAXINT, &index, NULL))
    {
      refuse_token (parser);
      return FALSE;
    }
  next (parser);
  step.index = (guint)index;
  g_array_append_val (steps, step);
  return expect (parser, "]");
}

static SlipDynamodbNode *
parse_path (Parser *parser)
{
  g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_PATH, NULL);
  SlipDynamodbStep step = {take_name (parser), 0};

  if (step.name == NULL)
    return NULL;
  node->steps = g_array_new (FALSE, FALSE, sizeof (SlipDynamodbStep));
  g_array_set_clear_func (node->steps, clear_step);
  g_array_append_val (node->steps, step);
  for (;;)
    if (take (parser, "["))
      {
        if (!take_index (parser, node->steps))
          return NULL;
      }
    else if (take (parser, "."))
      {
        step.name = take_name (parser);
        if (step.name == NULL)
          return NULL;
        g_array_append_val (node->steps, step);
      }
    else
      return g_steal_pointer (&node);
}

static SlipDynamodbNode *
parse_value (Parser *parser)
{
  g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_VALUE, NULL);
  g_autofree char *token = g_strndup (parser->token, (gsize)parser->length);
  JsonObject *given
      = parser->names->values != NULL ? slip_json_object (parser->names->values, token) : NULL;

  if (given == NULL)
    return refuse (
        parser,
        "An expression attribute value used in expression is not defined; attribute value: %s",
        token);
  node->value = slip_dynamodb_value_normal (given, parser->error == NULL ? &parser->error : NULL);
  if (node->value == NULL)
    return NULL;
  g_hash_table_add (parser->names->used, g_steal_pointer (&token));
  next (parser);
  return g_steal_pointer (&node);
}

static SlipDynamodbNode *parse_operand (Parser *parser);
static SlipDynamodbNode *parse_or (Parser *parser);

static gboolean
add_child (SlipDynamodbNode *node, SlipDynamodbNode *child)
{
  if (child != NULL)
    g_ptr_array_add (node->children, child);
  return child != NULL;
}

static gboolean
add_operands (Parser *parser, SlipDynamodbNode *node)
{
  do
    if (!add_child (node, parse_operand (parser)))
      return FALSE;
  while (take (parser, ","));
  return TRUE;
}

static SlipDynamodbNode *
parse_call (Parser *parser, const char *name, guint arguments)
{
  g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_CALL, name);

  next (parser);
  if (!expect (parser, "(") || !add_operands (parser, node) || !expect (parser, ")"))
    return NULL;
  if (node->children->len != arguments)
    return refuse (parser,
                   "Incorrect number of operands for operator or function; operator or function: "
                   "%s, number of operands: %u",
                   name, node->children->len);
  return g_steal_pointer (&node);
}

/* A name followed by a bracket is a function; all else that is a name is a path. */
static gboolean
is_call (Parser *parser)
{
  const char *at = parser->at;

  while (g_ascii_isspace (*at))
    at++;
  return *at == '(' && parser->length > 0 && is_name (*parser->token);
}

static SlipDynamodbNode *
parse_operand (Parser *parser)
{
  if (is_call (parser))
    {
      if (is_token (parser, "size"))
        return parse_call (parser, "size", 1);
      if (is_token (parser, "if_not_exists"))
        return parse_call (parser, "if_not_exists", 2);
      if (is_token (parser, "list_append"))
        return parse_call (parser, "list_append", 2);
      return refuse (parser, "Invalid function name; function: %.*s", parser->length,
                     parser->token);
    }
  if (parser->length > 1 && *parser->token == ':')
    return parse_value (parser);
  return parse_path (parser);
}

static SlipDynamodbNode *
parse_test (Parser *parser)
{
  static const struct
  {
    const char *name;
    guint arguments;
  } tests[] = {{"attribute_exists", 1},
               {"attribute_not_exists", 1},
               {"attribute_type", 2},
               {"begins_with", 2},
               {"contains", 2}};

  if (is_call (parser))
    for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
      if (is_token (parser, tests[i].name))
        return parse_call (parser, tests[i].name, tests[i].arguments);
  return NULL;
}

static SlipDynamodbNode *
parse_between (Parser *parser, SlipDynamodbNode *first)
{
  g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_BETWEEN, NULL);

  add_child (node, first);
  if (!add_child (node, parse_operand (parser)) || !expect (parser, "AND")
      || !add_child (node, parse_operand (parser)))
    return NULL;
  return g_steal_pointer (&node);
}

static SlipDynamodbNode *
parse_in (Parser *parser, SlipDynamodbNode *first)
{
  g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_IN, NULL);

  add_child (node, first);
  if (!expect (parser, "(") || !add_operands (parser, node) || !expect (parser, ")"))
    return NULL;
  return g_steal_pointer (&node);
}

static SlipDynamodbNode *
parse_comparison (Parser *parser)
{
  static const char *const operators[] = {"=", "<>", "<=", ">=", "<", ">"};
  g_autoptr (SlipDynamodbNode) node = parse_test (parser);
  SlipDynamodbNode *first;

  if (node != NULL || parser->error != NULL)
    return g_steal_pointer (&node);
  first = parse_operand (parser);
  if (first == NULL)
    return NULL;
  if (take (parser, "BETWEEN"))
    return parse_between (parser, first);
  if (take (parser, "IN"))
    return parse_in (parser, first);
  node = new_node (SLIP_DYNAMODB_COMPARE, NULL);
  add_child (node, first);
  for (guint i = 0; i < G_N_ELEMENTS (operators) && node->name == NULL; i++)
    if (take (parser, operators[i]))
      node->name = g_strdup (operators[i]);
  if (node->name == NULL)
    return refuse_token (parser);
  return add_child (node, parse_operand (parser)) ? g_steal_pointer (&node) : NULL;
}

static SlipDynamodbNode *
parse_not (Parser *parser)
{
  if (take (parser, "NOT"))
    {
      g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_NOT, NULL);

      return add_child (node, parse_not (parser)) ? g_steal_pointer (&node) : NULL;
    }
  if (take (parser, "("))
    {
      g_autoptr (SlipDynamodbNode) inner = parse_or (parser);

      return inner != NULL && expect (parser, ")") ? g_steal_pointer (&inner) : NULL;
    }
  return parse_comparison (parser);
}

static SlipDynamodbNode *
parse_joined (Parser *parser,
              const char *word,
              SlipDynamodbKind kind,
              SlipDynamodbNode *(*parse) (Parser *))
{
  g_autoptr (SlipDynamodbNode) left = parse (parser);

  while (left != NULL && take (parser, word))
    {
      g_autoptr (SlipDynamodbNode) node = new_node (kind, NULL);

      add_child (node, g_steal_pointer (&left));
      if (!add_child (node, parse (parser)))
        return NULL;
      left = g_steal_pointer (&node);
    }
  return g_steal_pointer (&left);
}

static SlipDynamodbNode *
parse_and (Parser *parser)
{
  return parse_joined (parser, "AND", SLIP_DYNAMODB_AND, parse_not);
}

static SlipDynamodbNode *
parse_or (Parser *parser)
{
  return parse_joined (parser, "OR", SLIP_DYNAMODB_OR, parse_and);
}

static SlipDynamodbNode *
parse_projection (Parser *parser)
{
  g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_LIST, NULL);

  do
    if (!add_child (node, parse_path (parser)))
      return NULL;
  while (take (parser, ","));
  return g_steal_pointer (&node);
}

static SlipDynamodbNode *
parse_sum (Parser *parser)
{
  g_autoptr (SlipDynamodbNode) left = parse_operand (parser);
  SlipDynamodbKind kind = SLIP_DYNAMODB_PLUS;
  g_autoptr (SlipDynamodbNode) node = NULL;

  if (left == NULL)
    return NULL;
  if (take (parser, "-"))
    kind = SLIP_DYNAMODB_MINUS;
  else if (!take (parser, "+"))
    return g_steal_pointer (&left);
  node = new_node (kind, NULL);
  add_child (node, g_steal_pointer (&left));
  return add_child (node, parse_operand (parser)) ? g_steal_pointer (&node) : NULL;
}

static SlipDynamodbNode *
parse_action (Parser *parser, const char *clause)
{
  g_autoptr (SlipDynamodbNode) action = new_node (SLIP_DYNAMODB_ACTION, clause);
  gboolean set = g_str_equal (clause, "SET");

  if (!add_child (action, parse_path (parser)) || (set && !expect (parser, "=")))
    return NULL;
  if (!g_str_equal (clause, "REMOVE")
      && !add_child (action, set ? parse_sum (parser) : parse_operand (parser)))
    return NULL;
  return g_steal_pointer (&action);
}

static SlipDynamodbNode *
parse_update (Parser *parser)
{
  static const char *const clauses[] = {"SET", "REMOVE", "ADD", "DELETE"};
  g_autoptr (SlipDynamodbNode) node = new_node (SLIP_DYNAMODB_LIST, NULL);

  while (at_clause (parser))
    for (guint i = 0; i < G_N_ELEMENTS (clauses); i++)
      if (take (parser, clauses[i]))
        {
          do
            if (!add_child (node, parse_action (parser, clauses[i])))
              return NULL;
          while (take (parser, ","));
          break;
        }
  return node->children->len > 0 ? g_steal_pointer (&node) : refuse_token (parser);
}

static SlipDynamodbNode *
run (JsonObject *input,
     const char *member,
     SlipDynamodbNames *names,
     SlipDynamodbNode *(*parse) (Parser *),
     GError **error)
{
  const char *text = slip_json_string (input, member);
  Parser parser = {.member = member, .at = text, .names = names};
  g_autoptr (SlipDynamodbNode) node = NULL;

  if (text == NULL)
    return NULL;
  if (*text == '\0')
    return slip_dynamodb_invalid (error, "Invalid %s: The expression can not be empty;", member);
  next (&parser);
  node = parse (&parser);
  if (node != NULL && parser.length > 0)
    refuse_token (&parser);
  if (parser.error == NULL)
    return g_steal_pointer (&node);
  g_propagate_error (error, parser.error);
  return NULL;
}

SlipDynamodbNode *
slip_dynamodb_parse_condition (JsonObject *input,
                               const char *member,
                               SlipDynamodbNames *names,
                               GError **error)
{
  return run (input, member, names, parse_or, error);
}

SlipDynamodbNode *
slip_dynamodb_parse_projection (JsonObject *input, SlipDynamodbNames *names, GError **error)
{
  return run (input, "ProjectionExpression", names, parse_projection, error);
}

SlipDynamodbNode *
slip_dynamodb_parse_update (JsonObject *input, SlipDynamodbNames *names, GError **error)
{
  return run (input, "UpdateExpression", names, parse_update, error);
}
