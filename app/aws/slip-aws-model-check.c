/* SPDX-License-Identifier: MIT */

/* Holds a request against its model before anything is sent, and takes secrets out of what was sent or
 * answered before anything is written down. Both walk a JSON value along the shapes. */

#include "slip-aws-model-private.h"

#include <string.h>

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-redact.h"

#define MAX_DEPTH 64

typedef struct
{
  GPtrArray *problems; /* element-type SlipAwsProblem */
  GString *path;
} Check;

static void
problem_free (gpointer data)
{
  SlipAwsProblem *problem = data;
  g_free (problem->path);
  g_free (problem->message);
  g_free (problem);
}

static void G_GNUC_PRINTF (2, 3) add_problem (Check *check, const char *format, ...)
{
  SlipAwsProblem *problem = g_new (SlipAwsProblem, 1);
  va_list args;

  va_start (args, format);
  problem->path = g_strdup (check->path->str);
  problem->message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (check->problems, problem);
}

static gsize
push_name (Check *check, const char *name)
{
  gsize length = check->path->len;
  gboolean plain = *name != '\0';

  for (const char *p = name; *p != '\0'; p++)
    plain = plain && (g_ascii_isalnum (*p) || *p == '_' || *p == '-');
  if (plain)
    g_string_append_printf (check->path, ".%s", name);
  else
    g_string_append_printf (check->path, "['%s']", name);
  return length;
}

static gsize
push_index (Check *check, guint index)
{
  gsize length = check->path->len;
  g_string_append_printf (check->path, "[%u]", index);
  return length;
}

/* Levenshtein's distance without regard to case, given up when it exceeds @limit. */
static guint
distance (const char *a, const char *b, guint limit)
{
  gsize n = strlen (a);
  gsize m = strlen (b);
  if (n > 128 || m > 128 || n > m + limit || m > n + limit)
    return limit + 1;

  guint row[129];
  for (gsize j = 0; j <= m; j++)
    row[j] = j;
  for (gsize i = 1; i <= n; i++)
    {
      guint diagonal = row[0];
      row[0] = i;
      for (gsize j = 1; j <= m; j++)
        {
          guint above = row[j];
          guint cost = g_ascii_tolower (a[i - 1]) != g_ascii_tolower (b[j - 1]);
          row[j] = MIN (MIN (row[j] + 1, row[j - 1] + 1), diagonal + cost);
          diagonal = above;
        }
    }
  return row[m];
}

const char *
slip_aws_nearest_name (const char *name, const char *const *candidates, guint n_candidates)
{
  guint limit = MAX (2, strlen (name) / 4);
  guint best = limit + 1;
  const char *nearest = NULL;

  for (guint i = 0; i < n_candidates; i++)
    {
      guint d = distance (name, candidates[i], limit);
      if (d < best)
        {
          best = d;
          nearest = candidates[i];
        }
    }
  return nearest;
}

/* What the model says of a member of an object; NULL where it says nothing. */
static const SlipAwsMember *
find_part (const SlipAwsShape *shape, const char *name)
{
  if (shape->type == SLIP_AWS_TYPE_STRUCTURE)
    return slip_aws_shape_find_member (shape, name);
  return shape->type == SLIP_AWS_TYPE_MAP ? shape->value : NULL;
}

static void
add_unknown (Check *check, const SlipAwsShape *shape, const char *name)
{
  g_autofree const char **names = g_new (const char *, shape->n_members + 1);

  for (guint i = 0; i < shape->n_members; i++)
    names[i] = shape->members[i]->name;
  const char *nearest = slip_aws_nearest_name (name, names, shape->n_members);
  if (nearest != NULL)
    add_problem (check, "unknown member; did you mean %s?", nearest);
  else
    add_problem (check, "unknown member");
}

static const char *
describe (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "an object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "an array";
  if (JSON_NODE_HOLDS_NULL (node))
    return "null";
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return "a string";
    case G_TYPE_BOOLEAN:
      return "a boolean";
    default:
      return "a number";
    }
}

static gboolean
is_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
is_number (JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

static gboolean
is_special_number (JsonNode *node)
{
  static const char *const names[] = {"NaN", "Infinity", "-Infinity", NULL};
  return is_string (node) && g_strv_contains (names, json_node_get_string (node));
}

static gboolean
is_base64 (const char *text)
{
  gsize n = strlen (text);
  gsize padding = n >= 2 && text[n - 1] == '=' ? 1 + (text[n - 2] == '=') : 0;

  if (n % 4 != 0)
    return FALSE;
  for (gsize i = 0; i < n - padding; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return FALSE;
  return TRUE;
}

static void
check_scalar (Check *check, const SlipAwsMember *member, JsonNode *node)
{
  gint64 ignored = 0;

  switch (member->shape->type)
    {
    case SLIP_AWS_TYPE_STRING:
      if (!is_string (node))
        add_problem (check, "must be a string, not %s", describe (node));
      break;
    case SLIP_AWS_TYPE_BOOLEAN:
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        add_problem (check, "must be true or false, not %s", describe (node));
      break;
    case SLIP_AWS_TYPE_INTEGER:
    case SLIP_AWS_TYPE_LONG:
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
        add_problem (check, "must be a whole number, not %s", describe (node));
      else if (member->shape->type == SLIP_AWS_TYPE_INTEGER
               && (json_node_get_int (node) < G_MININT32 || json_node_get_int (node) > G_MAXINT32))
        add_problem (check, "must be a whole number of 32 bits");
      break;
    case SLIP_AWS_TYPE_FLOAT:
    case SLIP_AWS_TYPE_DOUBLE:
      if (!is_number (node) && !is_special_number (node))
        add_problem (check, "must be a number, not %s", describe (node));
      break;
    case SLIP_AWS_TYPE_TIMESTAMP:
      if (!is_number (node)
          && !(is_string (node) && slip_time_parse (json_node_get_string (node), &ignored)))
        add_problem (check, "must be a time such as 2026-11-21T06:30:00Z");
      break;
    case SLIP_AWS_TYPE_BLOB:
      if (!is_string (node) || !is_base64 (json_node_get_string (node)))
        add_problem (check, "must be bytes in base64");
      break;
    default:
      break;
    }
}

static void check_value (Check *check, const SlipAwsMember *member, JsonNode *node, guint depth);

static void
check_required (Check *check, const SlipAwsShape *shape, JsonObject *object)
{
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      if (!member->required || member->idempotency_token
          || json_object_has_member (object, member->name))
        continue;
      gsize length = push_name (check, member->name);
      add_problem (check, "is required");
      g_string_truncate (check->path, length);
    }
}

static void
check_list (Check *check, const SlipAwsShape *shape, JsonNode *node, guint depth)
{
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      add_problem (check, "must be an array, not %s", describe (node));
      return;
    }
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      gsize length = push_index (check, i);
      check_value (check, shape->element, json_array_get_element (array, i), depth + 1);
      g_string_truncate (check->path, length);
    }
}

static void
check_object (Check *check, const SlipAwsShape *shape, JsonNode *node, guint depth)
{
  JsonObject *object = slip_json_node_object (node);
  JsonObjectIter iter;
  const char *name;
  JsonNode *child;

  if (object == NULL)
    {
      add_problem (check, "must be an object, not %s", describe (node));
      return;
    }
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &child))
    {
      const SlipAwsMember *part = find_part (shape, name);
      gsize length = push_name (check, name);
      if (part == NULL)
        add_unknown (check, shape, name);
      else
        check_value (check, part, child, depth + 1);
      g_string_truncate (check->path, length);
    }
  if (shape->type == SLIP_AWS_TYPE_STRUCTURE)
    check_required (check, shape, object);
  if (shape->is_union && json_object_get_size (object) != 1)
    add_problem (check, "must have exactly one member, not %u", json_object_get_size (object));
}

static void
check_value (Check *check, const SlipAwsMember *member, JsonNode *node, guint depth)
{
  if (depth > MAX_DEPTH)
    add_problem (check, "nests deeper than %d", MAX_DEPTH);
  else if (member->shape->type == SLIP_AWS_TYPE_STRUCTURE
           || member->shape->type == SLIP_AWS_TYPE_MAP)
    check_object (check, member->shape, node, depth);
  else if (member->shape->type == SLIP_AWS_TYPE_LIST)
    check_list (check, member->shape, node, depth);
  else
    check_scalar (check, member, node);
}

GPtrArray *
slip_aws_model_check (const SlipAwsModel *model, const SlipAwsOperation *op, JsonNode *input)
{
  g_return_val_if_fail (model != NULL && op != NULL, NULL);

  static const SlipAwsShape nothing = {.name = "nothing", .type = SLIP_AWS_TYPE_STRUCTURE};
  g_autoptr (JsonNode) empty = input == NULL ? slip_json_new_object (json_object_new ()) : NULL;
  Check check
      = {.problems = g_ptr_array_new_with_free_func (problem_free), .path = g_string_new ("$")};

  check_object (&check, op->input != NULL ? op->input : &nothing, input != NULL ? input : empty, 0);
  g_string_free (check.path, TRUE);
  if (check.problems->len > 0)
    return check.problems;
  g_ptr_array_unref (check.problems);
  return NULL;
}

gboolean
slip_aws_model_check_error (const SlipAwsModel *model,
                            const SlipAwsOperation *op,
                            JsonNode *input,
                            GError **error)
{
  g_autoptr (GPtrArray) problems = slip_aws_model_check (model, op, input);
  if (problems == NULL)
    return TRUE;

  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < problems->len; i++)
    {
      const SlipAwsProblem *problem = problems->pdata[i];
      g_string_append_printf (text, "%s%s: %s", i > 0 ? "\n" : "", problem->path, problem->message);
    }
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s %s: %s", model->service, op->name,
               text->str);
  return FALSE;
}

static JsonNode *hide (const SlipAwsMember *member, JsonNode *node, guint depth);

static JsonNode *
hide_object (const SlipAwsShape *shape, JsonObject *object, guint depth)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *child;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &child))
    {
      const SlipAwsMember *part = find_part (shape, name);
      json_object_set_member (
          copy, name, part != NULL ? hide (part, child, depth + 1) : slip_json_copy (child));
    }
  return slip_json_new_object (copy);
}

static JsonNode *
hide_array (const SlipAwsShape *shape, JsonArray *array, guint depth)
{
  JsonArray *copy = json_array_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    json_array_add_element (copy,
                            hide (shape->element, json_array_get_element (array, i), depth + 1));
  return slip_json_new_array (copy);
}

static JsonNode *
hide (const SlipAwsMember *member, JsonNode *node, guint depth)
{
  if (depth > MAX_DEPTH || member->sensitive)
    return slip_json_new_string (SLIP_REDACTED);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return hide_object (member->shape, json_node_get_object (node), depth);
  if (JSON_NODE_HOLDS_ARRAY (node) && member->shape->type == SLIP_AWS_TYPE_LIST)
    return hide_array (member->shape, json_node_get_array (node), depth);
  return slip_json_copy (node);
}

static JsonNode *
hide_all (JsonNode *node)
{
  JsonObject *object = slip_json_node_object (node);
  JsonObject *hidden = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *child;

  if (object != NULL)
    {
      json_object_iter_init_ordered (&iter, object);
      while (json_object_iter_next_ordered (&iter, &name, &child))
        json_object_set_string_member (hidden, name, SLIP_REDACTED);
    }
  return slip_json_new_object (hidden);
}

JsonNode *
slip_aws_model_redact (const SlipAwsOperation *op, JsonNode *node, gboolean output)
{
  g_return_val_if_fail (op != NULL, NULL);

  const SlipAwsMember *ref = output ? op->output_ref : op->input_ref;
  if (node == NULL)
    return NULL;
  if (output && op->secret_output)
    return hide_all (node);

  g_autoptr (JsonNode) marked = ref != NULL ? hide (ref, node, 0) : NULL;
  return slip_redact_json (marked != NULL ? marked : node);
}

typedef struct
{
  SlipAwsSensitiveFunc func;
  gpointer data;
} Sensitive;

static void visit (const Sensitive *visitor,
                   const char *path,
                   const SlipAwsMember *member,
                   gboolean marked,
                   JsonNode *node,
                   guint depth);

static void
visit_object (const Sensitive *visitor,
              const char *path,
              const SlipAwsShape *shape,
              gboolean marked,
              JsonObject *object,
              guint depth)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *child;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &child))
    {
      g_autofree char *at = g_strdup_printf ("%s.%s", path, name);
      const SlipAwsMember *part = shape != NULL ? find_part (shape, name) : NULL;

      visit (visitor, at, part, marked, child, depth + 1);
    }
}

static void
visit_array (const Sensitive *visitor,
             const char *path,
             const SlipAwsShape *shape,
             gboolean marked,
             JsonArray *array,
             guint depth)
{
  const SlipAwsMember *part
      = shape != NULL && shape->type == SLIP_AWS_TYPE_LIST ? shape->element : NULL;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s[%u]", path, i);

      visit (visitor, at, part, marked, json_array_get_element (array, i), depth + 1);
    }
}

/* @member is NULL where the model ends; what is marked is so as a whole. */
static void
visit (const Sensitive *visitor,
       const char *path,
       const SlipAwsMember *member,
       gboolean marked,
       JsonNode *node,
       guint depth)
{
  const SlipAwsShape *shape = member != NULL ? member->shape : NULL;

  marked = marked || (member != NULL && member->sensitive);
  if (depth > MAX_DEPTH || (!marked && shape == NULL))
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    visit_object (visitor, path, shape, marked, json_node_get_object (node), depth);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    visit_array (visitor, path, shape, marked, json_node_get_array (node), depth);
  else if (marked && JSON_NODE_HOLDS_VALUE (node)
           && json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    visitor->func (path, node, visitor->data);
}

/* The model marks the value of every parameter of the Parameter Store, of which only a SecureString is a
 * secret. Without a type it is of the type that it had, which is not known here. */
static gboolean
is_plain_parameter (const SlipAwsOperation *op, JsonNode *input)
{
  JsonObject *object = slip_json_node_object (input);
  const char *type = object != NULL ? slip_json_string (object, "Type") : NULL;

  return g_str_equal (op->name, "PutParameter")
         && (g_strcmp0 (type, "String") == 0 || g_strcmp0 (type, "StringList") == 0);
}

void
slip_aws_model_foreach_sensitive (const SlipAwsOperation *op,
                                  JsonNode *input,
                                  SlipAwsSensitiveFunc func,
                                  gpointer data)
{
  const Sensitive visitor = {func, data};

  g_return_if_fail (op != NULL && func != NULL);
  if (input != NULL && op->input_ref != NULL && !is_plain_parameter (op, input))
    visit (&visitor, "$", op->input_ref, FALSE, input, 0);
}
