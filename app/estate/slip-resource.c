/* SPDX-License-Identifier: MIT */
/* One row of an estate tree. The list that made it changes it; views bind to it. It keeps the API's
 * answer as text, because a list of 50,000 shows the details of one. */

#include "slip-resource.h"
#include "slip-estate-record.h"
#include "slip-json.h"

struct _SlipResource
{
  GObject parent_instance;

  SlipResourceKind kind;
  SlipEnvironment *environment; /* owned */
  SlipResource *parent;         /* borrowed: the list drops a row before its parent */
  char *id;
  char *name;
  const char *region; /* interned */
  const char *status; /* interned */
  const char *detail; /* interned */
  char *text;
  char *search_text;
  GListStore *children; /* owned, nullable */
  gint64 size;
  gint64 created;
  guint part;
  guint generation;
};

typedef enum
{
  PROP_NAME = 1,
  PROP_STATUS,
  PROP_REGION,
  PROP_DETAIL,
  PROP_SIZE,
  PROP_CREATED,
  N_PROPS
} SlipResourceProp;

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SlipResource, slip_resource, G_TYPE_OBJECT)

const char *
slip_resource_kind_get_name (SlipResourceKind kind)
{
  static const char *const names[]
      = {"global-cluster", "cluster",           "instance",       "cluster-snapshot",
         "snapshot-group", "backup-vault",      "recovery-point", "copy",
         "table",          "replica",           "index",          "ecs-cluster",
         "ecs-service",    "ecs-task",          "pipeline",       "alarm",
         "terraform-root", "terraform-resource"};

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == SLIP_RESOURCE_N_KINDS);
  g_return_val_if_fail (kind < G_N_ELEMENTS (names), NULL);

  return names[kind];
}

static void
slip_resource_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SlipResource *self = SLIP_RESOURCE (object);

  switch ((SlipResourceProp)prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_STATUS:
      g_value_set_static_string (value, self->status);
      break;
    case PROP_REGION:
      g_value_set_static_string (value, self->region);
      break;
    case PROP_DETAIL:
      g_value_set_static_string (value, self->detail);
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, self->size);
      break;
    case PROP_CREATED:
      g_value_set_int64 (value, self->created);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_resource_finalize (GObject *object)
{
  SlipResource *self = SLIP_RESOURCE (object);

  g_clear_object (&self->environment);
  g_clear_object (&self->children);
  g_free (self->id);
  g_free (self->name);
  g_free (self->text);
  g_free (self->search_text);
  G_OBJECT_CLASS (slip_resource_parent_class)->finalize (object);
}

static void
slip_resource_class_init (SlipResourceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = slip_resource_get_property;
  object_class->finalize = slip_resource_finalize;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_REGION] = g_param_spec_string ("region", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_SIZE] = g_param_spec_int64 ("size", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_CREATED] = g_param_spec_int64 ("created", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
slip_resource_init (SlipResource *self)
{
  self->size = -1;
}

static gboolean
may_have_children (SlipResourceKind kind)
{
  switch (kind)
    {
    case SLIP_RESOURCE_GLOBAL_CLUSTER:
    case SLIP_RESOURCE_CLUSTER:
    case SLIP_RESOURCE_SNAPSHOT_GROUP:
    case SLIP_RESOURCE_VAULT:
    case SLIP_RESOURCE_ECS_CLUSTER:
    case SLIP_RESOURCE_ECS_SERVICE:
    case SLIP_RESOURCE_TERRAFORM_ROOT:
      return TRUE;
    default:
      return FALSE;
    }
}

SlipResource *
slip_resource_new (SlipEnvironment *environment, const SlipEstateRecord *record)
{
  SlipResource *self = g_object_new (SLIP_TYPE_RESOURCE, NULL);

  self->environment = g_object_ref (environment);
  self->kind = record->kind;
  self->id = g_strdup (record->id);
  slip_resource_update (self, record);
  /* A view asks once whether a row can have children, so what may have some has a store at once. */
  if (record->is_parent || may_have_children (record->kind))
    self->children = g_list_store_new (SLIP_TYPE_RESOURCE);
  return self;
}

static gboolean
set_interned (SlipResource *self, const char **field, const char *value, SlipResourceProp prop)
{
  const char *interned = g_intern_string (value);

  if (*field == interned)
    return FALSE;
  *field = interned;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
  return TRUE;
}

static gboolean
set_searched (SlipResource *self, const char **field, const char *value, SlipResourceProp prop)
{
  if (!set_interned (self, field, value, prop))
    return FALSE;
  g_clear_pointer (&self->search_text, g_free);
  return TRUE;
}

static gboolean
set_number (SlipResource *self, gint64 *field, gint64 value, SlipResourceProp prop)
{
  if (*field == value)
    return FALSE;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
  return TRUE;
}

/* Made when the row comes or changes, so that a key in a filter has only to search it. */
static void
fold (SlipResource *self)
{
  const char *const texts[] = {self->name, self->status, self->detail, self->region};
  gsize length = 1;
  char *end;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    length += texts[i] != NULL ? strlen (texts[i]) + 1 : 0;
  self->search_text = end = g_malloc (length);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      for (const char *c = texts[i]; c != NULL && *c != '\0'; c++)
        *end++ = g_ascii_tolower (*c);
      if (texts[i] != NULL)
        *end++ = '\n';
    }
  *end = '\0';
}

gboolean
slip_resource_update (SlipResource *self, const SlipEstateRecord *record)
{
  gboolean moved = FALSE;

  if (g_strcmp0 (self->text, record->text) != 0)
    {
      g_free (self->text);
      self->text = g_strdup (record->text);
    }
  if (g_strcmp0 (self->name, record->name) != 0)
    {
      g_free (self->name);
      self->name = g_strdup (record->name);
      g_clear_pointer (&self->search_text, g_free);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
      moved = TRUE;
    }
  set_searched (self, &self->region, record->region, PROP_REGION);
  if (set_searched (self, &self->status, record->status, PROP_STATUS)
      && self->kind == SLIP_RESOURCE_ALARM)
    moved = TRUE;
  set_searched (self, &self->detail, record->detail, PROP_DETAIL);
  if (self->search_text == NULL)
    fold (self);
  set_number (self, &self->size, record->size, PROP_SIZE);
  return set_number (self, &self->created, record->created, PROP_CREATED) || moved;
}

GListStore *
slip_resource_get_store (SlipResource *self)
{
  return self->children;
}

GListStore *
slip_resource_make_store (SlipResource *self)
{
  if (self->children == NULL)
    self->children = g_list_store_new (SLIP_TYPE_RESOURCE);
  return self->children;
}

void
slip_resource_mark (SlipResource *self, guint part, guint generation)
{
  self->part = part;
  self->generation = generation;
}

guint
slip_resource_get_part (SlipResource *self)
{
  return self->part;
}

guint
slip_resource_get_generation (SlipResource *self)
{
  return self->generation;
}

void
slip_resource_set_parent (SlipResource *self, SlipResource *parent)
{
  self->parent = parent;
}

SlipResource *
slip_resource_get_parent (SlipResource *self)
{
  return self->parent;
}

static gboolean
is_newest_first (SlipResourceKind kind)
{
  return kind == SLIP_RESOURCE_SNAPSHOT || kind == SLIP_RESOURCE_RECOVERY_POINT
         || kind == SLIP_RESOURCE_ECS_TASK;
}

int
slip_resource_get_urgency (const SlipResource *self)
{
  if (g_strcmp0 (self->status, "ALARM") == 0)
    return 0;
  return g_strcmp0 (self->status, "OK") == 0 ? 2 : 1;
}

int
slip_resource_compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const SlipResource *left = a;
  const SlipResource *right = b;
  int by_name;

  if (left->kind != right->kind)
    return left->kind < right->kind ? -1 : 1;
  if (left->created != right->created && is_newest_first (left->kind))
    return left->created > right->created ? -1 : 1;
  if (left->kind == SLIP_RESOURCE_ALARM
      && slip_resource_get_urgency (left) != slip_resource_get_urgency (right))
    return slip_resource_get_urgency (left) - slip_resource_get_urgency (right);
  by_name = g_strcmp0 (left->name, right->name);
  return by_name != 0 ? by_name : g_strcmp0 (left->id, right->id);
}

SlipResourceKind
slip_resource_get_kind (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), SLIP_RESOURCE_CLUSTER);

  return self->kind;
}

SlipEnvironment *
slip_resource_get_environment (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->environment;
}

const char *
slip_resource_get_id (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->id;
}

const char *
slip_resource_get_name (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->name;
}

const char *
slip_resource_get_region (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->region;
}

const char *
slip_resource_get_status (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->status;
}

const char *
slip_resource_get_detail (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->detail;
}

const char *
slip_resource_get_search_text (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->search_text;
}

gint64
slip_resource_get_size (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), -1);

  return self->size;
}

gint64
slip_resource_get_created (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), 0);

  return self->created;
}

const char *
slip_resource_get_text (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  return self->text != NULL ? self->text : "{}";
}

JsonObject *
slip_resource_dup_fields (SlipResource *self)
{
  g_autoptr (JsonNode) node = NULL;

  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  node = slip_json_parse (slip_resource_get_text (self), -1, NULL);
  if (slip_json_node_object (node) == NULL)
    return json_object_new ();
  return json_node_dup_object (node);
}

GListModel *
slip_resource_get_children (SlipResource *self)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (self), NULL);

  /* A filter asks this of fifty thousand rows a key, and the cast of an interface searches for it. */
  return (GListModel *)self->children;
}
