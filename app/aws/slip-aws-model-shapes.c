/* SPDX-License-Identifier: MIT */

/* Builds a model's shapes from their JSON: named ones, which may contain themselves, and inline ones,
 * each use with the shape's traits and its own laid over them. Called by slip-aws-model-load.c, which
 * reads everything else of a model. */

#include "slip-aws-model-loader.h"

#include <string.h>

#include "slip-json.h"

#define MAX_INLINE_DEPTH 64

gpointer
slip_aws_loader_allocate (SlipAwsLoader *loader, gsize size)
{
  gpointer block = g_malloc0 (size);
  g_ptr_array_add (loader->model->blocks, block);
  return block;
}

const char *
slip_aws_loader_keep (SlipAwsLoader *loader, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (loader->model->strings, text) : NULL;
}

void
slip_aws_loader_fault (SlipAwsLoader *loader, const char *format, ...)
{
  if (loader->error != NULL)
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  loader->error = g_error_new (SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL, "model %s: %s",
                               loader->model->service, text);
}

static gboolean
parse_type (JsonObject *object, SlipAwsType *type)
{
  static const struct
  {
    const char *name;
    SlipAwsType type;
  } names[] = {
      {"structure", SLIP_AWS_TYPE_STRUCTURE},
      {"string", SLIP_AWS_TYPE_STRING},
      {"character", SLIP_AWS_TYPE_STRING},
      {"list", SLIP_AWS_TYPE_LIST},
      {"map", SLIP_AWS_TYPE_MAP},
      {"boolean", SLIP_AWS_TYPE_BOOLEAN},
      {"integer", SLIP_AWS_TYPE_INTEGER},
      {"byte", SLIP_AWS_TYPE_INTEGER},
      {"short", SLIP_AWS_TYPE_INTEGER},
      {"long", SLIP_AWS_TYPE_LONG},
      {"bigInteger", SLIP_AWS_TYPE_LONG},
      {"float", SLIP_AWS_TYPE_FLOAT},
      {"double", SLIP_AWS_TYPE_DOUBLE},
      {"bigDecimal", SLIP_AWS_TYPE_DOUBLE},
      {"timestamp", SLIP_AWS_TYPE_TIMESTAMP},
      {"blob", SLIP_AWS_TYPE_BLOB},
      {"document", SLIP_AWS_TYPE_DOCUMENT},
  };
  const char *name = slip_json_string (object, "type");

  *type = SLIP_AWS_TYPE_STRING;
  if (name == NULL)
    {
      if (slip_json_object (object, "members") != NULL)
        *type = SLIP_AWS_TYPE_STRUCTURE;
      return !json_object_has_member (object, "type");
    }
  if (slip_json_bool (object, "document", FALSE))
    name = "document";
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].name, name) == 0)
      {
        *type = names[i].type;
        return TRUE;
      }
  return FALSE;
}

static void
read_namespace (SlipAwsLoader *loader, SlipAwsMember *member, JsonObject *object)
{
  const char *plain = slip_json_string (object, "xmlNamespace");
  JsonObject *parts = slip_json_object (object, "xmlNamespace");

  if (plain != NULL)
    member->namespace_uri = slip_aws_loader_keep (loader, plain);
  if (parts != NULL)
    {
      member->namespace_uri = slip_aws_loader_keep (loader, slip_json_string (parts, "uri"));
      member->namespace_prefix = slip_aws_loader_keep (loader, slip_json_string (parts, "prefix"));
    }
}

static void
read_location (SlipAwsLoader *loader, SlipAwsMember *member, const char *location)
{
  static const char *const names[]
      = {"body", "uri", "querystring", "header", "headers", "statusCode"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], location) == 0)
      {
        member->location = i;
        return;
      }
  slip_aws_loader_fault (loader, "unknown location %s", location);
}

static void
read_time_format (SlipAwsLoader *loader, SlipAwsMember *member, const char *format)
{
  if (g_ascii_strcasecmp (format, "iso8601") == 0)
    member->time_format = SLIP_AWS_TIME_ISO8601;
  else if (g_ascii_strcasecmp (format, "rfc822") == 0)
    member->time_format = SLIP_AWS_TIME_RFC822;
  else if (g_ascii_strcasecmp (format, "unixTimestamp") == 0)
    member->time_format = SLIP_AWS_TIME_UNIX;
  else
    slip_aws_loader_fault (loader, "unknown timestampFormat %s", format);
}

/* Lays the traits in @object over those that @member has already. */
static void
read_traits (SlipAwsLoader *loader, SlipAwsMember *member, JsonObject *object)
{
  /* Most uses say nothing but the shape, and there are tens of thousands. */
  guint n = json_object_get_size (object);
  if (n == 0
      || (n == 1
          && (json_object_has_member (object, "shape") || json_object_has_member (object, "type"))))
    return;
  const char *text = slip_json_string (object, "locationName");
  if (text != NULL)
    {
      member->wire = slip_aws_loader_keep (loader, text);
      member->renamed = TRUE;
    }
  if ((text = slip_json_string (object, "queryName")) != NULL)
    member->query_name = slip_aws_loader_keep (loader, text);
  if ((text = slip_json_string (object, "location")) != NULL)
    read_location (loader, member, text);
  if ((text = slip_json_string (object, "timestampFormat")) != NULL)
    read_time_format (loader, member, text);
  read_namespace (loader, member, object);
  member->sensitive |= slip_json_bool (object, "sensitive", FALSE);
  member->flattened |= slip_json_bool (object, "flattened", FALSE);
  member->streaming |= slip_json_bool (object, "streaming", FALSE);
  member->idempotency_token |= slip_json_bool (object, "idempotencyToken", FALSE);
  member->host_label |= slip_json_bool (object, "hostLabel", FALSE);
  member->xml_attribute |= slip_json_bool (object, "xmlAttribute", FALSE);
  member->json_value |= slip_json_bool (object, "jsonvalue", FALSE);
  member->event_stream |= slip_json_bool (object, "eventstream", FALSE);
}

SlipAwsShape *
slip_aws_loader_named_shape (SlipAwsLoader *loader, const char *name)
{
  SlipAwsShape *shape = g_hash_table_lookup (loader->named, name);

  if (shape != NULL)
    return shape;
  if (loader->shapes == NULL || slip_json_object (loader->shapes, name) == NULL)
    {
      slip_aws_loader_fault (loader, "there is no shape %s", name);
      return NULL;
    }
  shape = slip_aws_loader_allocate (loader, sizeof (SlipAwsShape));
  shape->name = slip_aws_loader_keep (loader, name);
  /* Filled in later, from the queue: shapes may contain themselves. The type is needed at once. */
  if (!parse_type (slip_json_object (loader->shapes, name), &shape->type))
    slip_aws_loader_fault (loader, "shape %s has an unknown type", name);
  g_hash_table_insert (loader->named, (gpointer)shape->name, shape);
  g_queue_push_tail (&loader->pending, (gpointer)shape->name);
  return shape;
}

static void
fill_shape (SlipAwsLoader *loader, SlipAwsShape *shape, JsonObject *object, guint depth);

SlipAwsMember *
slip_aws_loader_new_member (
    SlipAwsLoader *loader, JsonObject *object, const char *name, const char *context, guint depth)
{
  SlipAwsMember *member = slip_aws_loader_allocate (loader, sizeof (SlipAwsMember));
  const char *target = slip_json_string (object, "shape");

  member->name = slip_aws_loader_keep (loader, name);
  member->wire = member->name;
  if (target != NULL)
    {
      member->shape = slip_aws_loader_named_shape (loader, target);
      if (member->shape != NULL)
        read_traits (loader, member, slip_json_object (loader->shapes, target));
      /* A shape's own name is for documents made of it, not for its uses. */
      member->wire = member->name;
      member->renamed = FALSE;
    }
  else if (depth > MAX_INLINE_DEPTH)
    slip_aws_loader_fault (loader, "%s nests too deeply", context);
  else
    {
      SlipAwsShape *shape = slip_aws_loader_allocate (loader, sizeof (SlipAwsShape));
      shape->name = slip_aws_loader_keep (loader, context);
      member->shape = shape;
      fill_shape (loader, shape, object, depth + 1);
    }
  read_traits (loader, member, object);
  return member;
}

static int
by_name (const void *a, const void *b)
{
  const SlipAwsMember *const *left = a;
  const SlipAwsMember *const *right = b;
  return strcmp ((*left)->name, (*right)->name);
}

static int
by_wire (const void *a, const void *b)
{
  const SlipAwsMember *const *left = a;
  const SlipAwsMember *const *right = b;
  return strcmp ((*left)->wire, (*right)->wire);
}

/* A deprecated member may share its name on the wire with the list that took its place. */
static void
drop_shadowed (SlipAwsShape *shape)
{
  guint kept = 0;

  for (guint i = 0; i < shape->n_wire; i++)
    {
      const SlipAwsMember *member = shape->by_wire[i];
      if (kept > 0 && strcmp (shape->by_wire[kept - 1]->wire, member->wire) == 0)
        {
          if (member->flattened)
            shape->by_wire[kept - 1] = member;
        }
      else
        shape->by_wire[kept++] = member;
    }
  shape->n_wire = kept;
}

static void
index_shape (SlipAwsLoader *loader, SlipAwsShape *shape)
{
  gsize size = (shape->n_members + 1) * sizeof (SlipAwsMember *);

  shape->by_name = slip_aws_loader_allocate (loader, size);
  shape->by_wire = slip_aws_loader_allocate (loader, size);
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      shape->by_name[i] = member;
      shape->n_body += member->location == SLIP_AWS_LOCATION_BODY;
      /* In an answer there is neither path nor query string: such members are in the body. */
      if (member->location <= SLIP_AWS_LOCATION_QUERY)
        shape->by_wire[shape->n_wire++] = member;
    }
  if (shape->n_members == 0)
    return;
  qsort (shape->by_name, shape->n_members, sizeof (SlipAwsMember *), by_name);
  qsort (shape->by_wire, shape->n_wire, sizeof (SlipAwsMember *), by_wire);
  drop_shadowed (shape);
  for (guint i = 0; i < shape->n_wire; i++)
    shape->members[shape->by_wire[i]->index]->on_wire = TRUE;
}

gboolean
slip_aws_loader_array_has (JsonArray *array, const char *text)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
          && strcmp (json_node_get_string (node), text) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
fill_structure (SlipAwsLoader *loader, SlipAwsShape *shape, JsonObject *object, guint depth)
{
  JsonObject *members = slip_json_object (object, "members");
  JsonArray *required = slip_json_array (object, "required");
  const char *payload = slip_json_string (object, "payload");
  guint n = members != NULL ? json_object_get_size (members) : 0;

  shape->members = slip_aws_loader_allocate (loader, (n + 1) * sizeof (SlipAwsMember *));
  if (payload != NULL && (n == 0 || !json_object_has_member (members, payload)))
    slip_aws_loader_fault (loader, "%s has no payload member %s", shape->name, payload);
  if (n > SLIP_AWS_SHAPE_MAX_MEMBERS)
    slip_aws_loader_fault (loader, "%s has more than %d members", shape->name,
                           SLIP_AWS_SHAPE_MAX_MEMBERS);
  if (n == 0 || loader->error != NULL)
    return;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  json_object_iter_init_ordered (&iter, members);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          slip_aws_loader_fault (loader, "member %s of %s is not an object", name, shape->name);
          return;
        }
      g_autofree char *context = g_strconcat (shape->name, ".", name, NULL);
      SlipAwsMember *member
          = slip_aws_loader_new_member (loader, json_node_get_object (node), name, context, depth);
      if (loader->error != NULL)
        return;
      member->required = slip_aws_loader_array_has (required, name);
      shape->has_required |= member->required;
      member->index = shape->n_members;
      shape->members[shape->n_members++] = member;
      if (payload != NULL && strcmp (payload, name) == 0)
        shape->payload = member;
    }
}

static const SlipAwsMember *
new_part (
    SlipAwsLoader *loader, SlipAwsShape *shape, JsonObject *object, const char *part, guint depth)
{
  JsonObject *child = slip_json_object (object, part);
  g_autofree char *context = g_strconcat (shape->name, ".", part, NULL);

  if (child != NULL)
    return slip_aws_loader_new_member (loader, child, NULL, context, depth);
  slip_aws_loader_fault (loader, "%s has no %s", shape->name, part);
  return NULL;
}

/* The npm package calls shapes S1, S2, S1a; inline shapes are called after their place, with a dot. */
static gboolean
has_made_up_name (const SlipAwsShape *shape)
{
  const char *name = shape->name;
  return strchr (name, '.') != NULL
         || (name[0] == 'S'
             && name[1 + strspn (name + 1, "0123456789abcdefghijklmnopqrstuvwxyz")] == '\0'
             && strlen (name) <= 5);
}

static void
fill_shape (SlipAwsLoader *loader, SlipAwsShape *shape, JsonObject *object, guint depth)
{
  JsonObject *error = NULL;

  /* An inline string has no traits but those of its use. */
  if (json_object_get_size (object) == 0)
    {
      shape->type = SLIP_AWS_TYPE_STRING;
      return;
    }
  error = slip_json_object (object, "error");
  if (!parse_type (object, &shape->type))
    slip_aws_loader_fault (loader, "shape %s has an unknown type", shape->name);
  shape->is_union = slip_json_bool (object, "union", FALSE);
  shape->is_exception = slip_json_bool (object, "exception", FALSE);
  shape->document = slip_aws_loader_keep (loader, slip_json_string (object, "locationName"));
  if (shape->document == NULL && !has_made_up_name (shape))
    shape->document = shape->name;
  if (error != NULL)
    {
      shape->error_code = slip_aws_loader_keep (loader, slip_json_string (error, "code"));
      shape->http_status = CLAMP (slip_json_int (error, "httpStatusCode", 0), 0, 599);
    }
  if (shape->type == SLIP_AWS_TYPE_STRUCTURE)
    fill_structure (loader, shape, object, depth);
  else if (shape->type == SLIP_AWS_TYPE_LIST)
    shape->element = new_part (loader, shape, object, "member", depth);
  else if (shape->type == SLIP_AWS_TYPE_MAP)
    {
      shape->key = new_part (loader, shape, object, "key", depth);
      shape->value = new_part (loader, shape, object, "value", depth);
    }
  if (shape->n_members > 0)
    {
      g_queue_push_tail (&loader->pending, NULL);
      g_queue_push_tail (&loader->pending, shape);
    }
}

void
slip_aws_loader_fill_pending (SlipAwsLoader *loader)
{
  GPtrArray *filled = g_ptr_array_new ();

  while (loader->error == NULL && !g_queue_is_empty (&loader->pending))
    {
      const char *name = g_queue_pop_head (&loader->pending);
      if (name == NULL)
        g_ptr_array_add (filled, g_queue_pop_head (&loader->pending));
      else
        fill_shape (loader, g_hash_table_lookup (loader->named, name),
                    slip_json_object (loader->shapes, name), 0);
    }
  for (guint i = 0; loader->error == NULL && i < filled->len; i++)
    index_shape (loader, filled->pdata[i]);
  g_ptr_array_unref (filled);
}
