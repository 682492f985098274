/* SPDX-License-Identifier: MIT */

/* How the pages of a list follow each other, by the model's pagination: which members of an answer
 * name the next page, and which members of the request take them. Also merges pages into one answer
 * for the command line. */

#include "slip-aws-pages.h"

#include "slip-json.h"

#include <string.h>

/* Far beyond AWS's: a hundred thousand pages of a hundred items are more than any account may have. Scans with
 * a filter have many pages without a result, but not as many in a row. */
#define MAX_PAGES 100000
#define MAX_EMPTY_PAGES 1000

struct _SlipAwsPages
{
  const SlipAwsPagination *pagination; /* or NULL: one page */
  JsonNode *input;                     /* owned, or NULL */
  guint followed;                      /* pages */
  guint empty;                         /* of these, in a row */
  gboolean done;
};

SlipAwsPages *
slip_aws_pages_new (const SlipAwsOperation *op, JsonNode *input)
{
  SlipAwsPages *self = g_new0 (SlipAwsPages, 1);

  self->pagination = slip_aws_operation_pagination (op);
  self->input = input != NULL ? slip_json_copy (input) : NULL;
  return self;
}

void
slip_aws_pages_free (SlipAwsPages *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->input, json_node_unref);
  g_free (self);
}

gboolean
slip_aws_pages_is_done (SlipAwsPages *self)
{
  return self->done;
}

JsonNode *
slip_aws_pages_get_input (SlipAwsPages *self)
{
  return self->input;
}

/* One member of a path: `Name`, or `Name[-1]` for a list's last element. */
static JsonNode *
step (JsonNode *node, const char *part)
{
  const char *bracket = strchr (part, '[');
  g_autofree char *name
      = bracket != NULL ? g_strndup (part, (gsize)(bracket - part)) : g_strdup (part);
  JsonObject *object = slip_json_node_object (node);
  JsonNode *child = object != NULL ? json_object_get_member (object, name) : NULL;
  JsonArray *array;
  guint length;

  if (child == NULL || bracket == NULL)
    return child;
  if (!JSON_NODE_HOLDS_ARRAY (child))
    return NULL;
  array = json_node_get_array (child);
  length = json_array_get_length (array);
  return length > 0 ? json_array_get_element (array, length - 1) : NULL;
}

static JsonNode *
walk (JsonNode *node, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);

  for (char **part = parts; *part != NULL && node != NULL; part++)
    node = step (node, g_strstrip (*part));
  return node;
}

static gboolean
is_present (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return *json_node_get_string (node) != '\0';
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) > 0;
  return TRUE;
}

/* `A.B || C`: the first that is there. */
static JsonNode *
find (JsonNode *page, const char *expression)
{
  g_auto (GStrv) choices = g_strsplit (expression, "||", -1);

  for (char **choice = choices; *choice != NULL; choice++)
    {
      JsonNode *found = walk (page, g_strstrip (*choice));

      if (is_present (found))
        return found;
    }
  return NULL;
}

static gboolean
has_more (const SlipAwsPagination *pagination, JsonNode *page)
{
  JsonNode *more;

  if (pagination == NULL || pagination->input_tokens == NULL || pagination->output_tokens == NULL)
    return FALSE;
  if (pagination->more_results == NULL)
    return TRUE;
  more = find (page, pagination->more_results);
  return more != NULL && JSON_NODE_HOLDS_VALUE (more) && json_node_get_boolean (more);
}

/* The input of the page after @page; NULL when it names none. @moved tells whether that is another page
 * than @input named. */
static JsonNode *
next_input (const SlipAwsPagination *pagination, JsonNode *input, JsonNode *page, gboolean *moved)
{
  JsonObject *old = slip_json_node_object (input);
  g_autoptr (JsonNode) next
      = input != NULL ? slip_json_copy (input) : slip_json_new_object (json_object_new ());
  gboolean any = FALSE;

  *moved = FALSE;
  for (guint i = 0; pagination->input_tokens[i] != NULL && pagination->output_tokens[i] != NULL;
       i++)
    {
      const char *member = pagination->input_tokens[i];
      JsonNode *token = find (page, pagination->output_tokens[i]);
      JsonNode *before = old != NULL ? json_object_get_member (old, member) : NULL;

      json_object_remove_member (json_node_get_object (next), member);
      if (token == NULL)
        continue;
      any = TRUE;
      *moved = *moved || before == NULL || !slip_json_equal (before, token);
      json_object_set_member (json_node_get_object (next), member, slip_json_copy (token));
    }
  return any ? g_steal_pointer (&next) : NULL;
}

static gboolean
has_results (const SlipAwsPagination *pagination, JsonNode *page)
{
  if (pagination->result_keys == NULL || pagination->result_keys[0] == NULL)
    return TRUE;
  for (guint i = 0; pagination->result_keys[i] != NULL; i++)
    {
      JsonNode *found = walk (page, pagination->result_keys[i]);

      if (is_present (found)
          && (!JSON_NODE_HOLDS_ARRAY (found)
              || json_array_get_length (json_node_get_array (found)) > 0))
        return TRUE;
    }
  return FALSE;
}

/* Ever new names of next pages would keep a list going for ever. */
static gboolean
check_length (SlipAwsPages *self, JsonNode *page, GError **error)
{
  self->followed++;
  self->empty = has_results (self->pagination, page) ? 0 : self->empty + 1;
  if (self->empty >= MAX_EMPTY_PAGES)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                 "the service answered with %u pages in a row that hold nothing, and names yet "
                 "another; the list would never end",
                 self->empty);
  else if (self->followed >= MAX_PAGES)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                 "the service names yet another page after %u; the list would never end. Ask for "
                 "less, with a filter",
                 self->followed);
  else
    return TRUE;
  return FALSE;
}

gboolean
slip_aws_pages_follow (SlipAwsPages *self, JsonNode *page, GError **error)
{
  g_autoptr (JsonNode) next = NULL;
  gboolean moved = FALSE;

  if (has_more (self->pagination, page))
    next = next_input (self->pagination, self->input, page, &moved);
  self->done = next == NULL;
  if (self->done)
    return TRUE;
  if (!moved)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                   "the service names the same next page twice; the list would never end");
      return FALSE;
    }
  if (!check_length (self, page, error))
    return FALSE;
  g_clear_pointer (&self->input, json_node_unref);
  self->input = g_steal_pointer (&next);
  return TRUE;
}

/* Looking ahead */

/* The only member of an answer that names the next page, when it is one right in the output. */
static const char *
get_token_name (const SlipAwsOperation *op)
{
  const SlipAwsPagination *pagination = slip_aws_operation_pagination (op);
  const char *name;

  if (pagination == NULL || pagination->input_tokens == NULL || pagination->output_tokens == NULL
      || pagination->more_results != NULL)
    return NULL;
  name = pagination->output_tokens[0];
  if (name == NULL || pagination->output_tokens[1] != NULL || strpbrk (name, " .[|") != NULL)
    return NULL;
  return name;
}

/* What stands between @before, which must stand there once, and the next @after. */
static char *
dup_between (const char *text, gsize length, const char *before, const char *after)
{
  const char *end = text + length;
  const char *start = memmem (text, length, before, strlen (before));
  const char *stop;

  if (start == NULL)
    return NULL;
  start += strlen (before);
  if (memmem (start, (gsize)(end - start), before, strlen (before)) != NULL)
    return NULL;
  stop = memmem (start, (gsize)(end - start), after, strlen (after));
  return stop != NULL && stop > start ? g_strndup (start, (gsize)(stop - start)) : NULL;
}

static char *
dup_token (const SlipAwsOperation *op, const char *name, const char *text, gsize length)
{
  const SlipAwsMember *member
      = op->output != NULL ? slip_aws_shape_find_member (op->output, name) : NULL;
  const char *wire = member != NULL && member->wire != NULL ? member->wire : name;
  gboolean is_xml = *text == '<';
  g_autofree char *before
      = is_xml ? g_strdup_printf ("<%s>", wire) : g_strdup_printf ("\"%s\":\"", wire);
  g_autofree char *after = is_xml ? g_strdup_printf ("</%s>", wire) : g_strdup ("\"");
  g_autofree char *token = dup_between (text, length, before, after);

  /* What is escaped is left to the one who reads the whole answer. */
  if (token == NULL || strpbrk (token, is_xml ? "&<\r" : "\\") != NULL
      || !g_utf8_validate (token, -1, NULL))
    return NULL;
  return g_steal_pointer (&token);
}

JsonNode *
slip_aws_pages_peek (const SlipAwsOperation *op, JsonNode *input, const char *text, gsize length)
{
  const char *name = get_token_name (op);
  g_autofree char *token = name != NULL && length > 0 ? dup_token (op, name, text, length) : NULL;
  g_autoptr (JsonNode) page = NULL;
  g_autoptr (JsonNode) next = NULL;
  gboolean moved;

  if (token == NULL)
    return NULL;
  page = slip_json_new_object (json_object_new ());
  json_object_set_string_member (json_node_get_object (page), name, token);
  next = next_input (slip_aws_operation_pagination (op), input, page, &moved);
  return next != NULL && moved ? g_steal_pointer (&next) : NULL;
}

/* Merging */

static void
merge_array (JsonArray *whole, JsonArray *page)
{
  for (guint i = 0; i < json_array_get_length (page); i++)
    json_array_add_element (whole, json_node_ref (json_array_get_element (page, i)));
}

/* Puts @page's value under @path into @whole, whose earlier pages lacked it. */
static void
adopt (JsonNode *whole, const char *path, JsonNode *value)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);
  JsonNode *node = whole;

  for (char **part = parts; *part != NULL && slip_json_node_object (node) != NULL; part++)
    {
      JsonObject *object = json_node_get_object (node);

      if (part[1] == NULL)
        json_object_set_member (object, *part, json_node_ref (value));
      else if (!json_object_has_member (object, *part))
        json_object_set_member (object, *part, slip_json_new_object (json_object_new ()));
      node = json_object_get_member (object, *part);
    }
}

static void
merge_result (JsonNode *whole, JsonNode *page, const char *path)
{
  JsonNode *more = walk (page, path);
  JsonNode *had = walk (whole, path);

  if (more == NULL)
    return;
  if (had == NULL)
    adopt (whole, path, more);
  else if (JSON_NODE_HOLDS_ARRAY (had) && JSON_NODE_HOLDS_ARRAY (more))
    merge_array (json_node_get_array (had), json_node_get_array (more));
  else if (JSON_NODE_HOLDS_VALUE (had) && json_node_get_value_type (had) == G_TYPE_INT64)
    json_node_set_int (had, json_node_get_int (had) + json_node_get_int (more));
}

void
slip_aws_pages_merge (const SlipAwsOperation *op, JsonNode *whole, JsonNode *page)
{
  const SlipAwsPagination *pagination = slip_aws_operation_pagination (op);

  for (guint i = 0;
       pagination != NULL && pagination->result_keys != NULL && pagination->result_keys[i] != NULL;
       i++)
    merge_result (whole, page, pagination->result_keys[i]);
}

/* Not results, but the same on every page. */
static gboolean
is_common (const char *name)
{
  static const char *const names[] = {
      "AggregationPeriod",
      "AnalysisStatus",
      "ChecksumAlgorithm",
      "ChecksumType",
      "ConsumedCapacity",
      "Count",
      "FormatVersion",
      "Group",
      "Initiator",
      "Owner",
      "Prefix",
      "RequestCharged",
      "ScannedCount",
      "StorageClass",
      "imageId",
      "imageScanFindings",
      "imageScanStatus",
      "lifecyclePolicyText",
      "registryId",
      "repositoryName",
      "status",
      "summary",
      NULL,
  };

  return g_strv_contains (names, name);
}

static gboolean
is_result (const SlipAwsPagination *pagination, const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; pagination->result_keys[i] != NULL; i++)
    {
      const char *path = pagination->result_keys[i];

      if (strncmp (path, name, length) == 0 && (path[length] == '\0' || path[length] == '.'))
        return TRUE;
    }
  return FALSE;
}

void
slip_aws_pages_keep_results (const SlipAwsOperation *op, JsonNode *whole)
{
  const SlipAwsPagination *pagination = slip_aws_operation_pagination (op);
  JsonObject *object = slip_json_node_object (whole);
  g_autoptr (GList) names = object != NULL ? json_object_get_members (object) : NULL;

  if (pagination == NULL || pagination->result_keys == NULL || pagination->result_keys[0] == NULL)
    return;
  for (GList *name = names; name != NULL; name = name->next)
    if (!is_result (pagination, name->data) && !is_common (name->data))
      json_object_remove_member (object, name->data);
}
