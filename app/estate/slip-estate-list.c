/* SPDX-License-Identifier: MIT */
/* The first level of a tree as a list model, and how complete it is. Views bind to it; the listing
 * itself is slip-estate-refresh.c, the rows are slip-estate-tree.c. */

#include "slip-estate-list.h"

#include "slip-aws-error.h"
#include "slip-estate-record.h"
#include "slip-estate-refresh.h"
#include "slip-estate-tree.h"

#include <glib/gi18n.h>

struct _SlipEstateList
{
  GObject parent_instance;

  SlipEnvironment *environment; /* owned */
  SlipEstateKind kind;
  SlipEstateTree *tree; /* owned */
  GPtrArray *parts;     /* owned, element-type SlipEstatePart */
  char *summary;
  char *cache_folder;
  SlipEstateRefresh *refresh;    /* owned, nullable; the one that goes on */
  SlipEstateRefresh *cache_read; /* owned, nullable */
  SlipJob *job;                  /* owned, nullable; of the refresh */
  SlipEstateState state;
  guint generation;
  guint n_total;
  gint64 cached_at;
  gint64 begun_at;  /* when the refresh that goes on began */
  gint64 listed_at; /* when the last one that told all began; 0 before */
};

typedef enum
{
  PROP_STATE = 1,
  PROP_SUMMARY,
  PROP_N_TOTAL,
  N_PROPS
} SlipEstateListProp;

static GParamSpec *properties[N_PROPS];

static GType
slip_estate_list_get_item_type (GListModel *model)
{
  return SLIP_TYPE_RESOURCE;
}

static guint
slip_estate_list_get_n_items (GListModel *model)
{
  SlipEstateList *self = SLIP_ESTATE_LIST (model);

  return g_list_model_get_n_items (G_LIST_MODEL (slip_estate_tree_get_roots (self->tree)));
}

static gpointer
slip_estate_list_get_item (GListModel *model, guint position)
{
  SlipEstateList *self = SLIP_ESTATE_LIST (model);

  return g_list_model_get_item (G_LIST_MODEL (slip_estate_tree_get_roots (self->tree)), position);
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = slip_estate_list_get_item_type;
  iface->get_n_items = slip_estate_list_get_n_items;
  iface->get_item = slip_estate_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipEstateList,
                               slip_estate_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
part_free (gpointer data)
{
  SlipEstatePart *part = data;

  g_free (part->label);
  g_free (part->message);
  g_free (part);
}

static guint
count_parts (SlipEstateList *self, SlipEstateState state)
{
  guint n = 0;

  for (guint i = 0; i < self->parts->len; i++)
    n += ((SlipEstatePart *)g_ptr_array_index (self->parts, i))->state == state;
  return n;
}

static char *
describe (SlipEstateList *self)
{
  guint n = self->parts->len;
  guint complete = count_parts (self, SLIP_ESTATE_COMPLETE);
  guint partial = count_parts (self, SLIP_ESTATE_PARTIAL);
  g_autofree char *count = slip_estate_kind_get (self->kind)->count (self->n_total);

  if (self->cached_at != 0)
    return g_strdup_printf (_ ("%s · kept from an earlier start"), count);
  switch (self->state)
    {
    case SLIP_ESTATE_EMPTY:
      return g_strdup (_ ("not listed yet"));
    case SLIP_ESTATE_LOADING:
      return g_strdup_printf (_ ("%u of %u listings · loading"), complete + partial, n);
    case SLIP_ESTATE_COMPLETE:
      return g_strdup_printf (_ ("%s · %u of %u listings · complete"), count, complete, n);
    case SLIP_ESTATE_PARTIAL:
    default:
      return g_strdup_printf (_ ("%s · %u of %u listings · incomplete"), count, complete, n);
    }
}

static void
update (SlipEstateList *self, SlipEstateState state)
{
  g_autofree char *summary = NULL;
  guint n_total = slip_estate_tree_count (self->tree);

  g_object_freeze_notify (G_OBJECT (self));
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
  if (self->n_total != n_total)
    {
      self->n_total = n_total;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
    }
  summary = describe (self);
  if (g_strcmp0 (summary, self->summary) != 0)
    {
      g_free (self->summary);
      self->summary = g_steal_pointer (&summary);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
records_cb (gpointer list, guint number, GPtrArray *records, gint64 cached_at)
{
  SlipEstateList *self = list;
  SlipEstatePart *part = g_ptr_array_index (self->parts, number);

  slip_estate_tree_merge (self->tree, records, number, self->generation);
  part->items += records->len;
  self->cached_at = 0;
  update (self, self->state);
}

static void
ended_cb (gpointer list, guint number, const GError *error)
{
  SlipEstateList *self = list;
  SlipEstatePart *part = g_ptr_array_index (self->parts, number);

  part->state = error != NULL ? SLIP_ESTATE_PARTIAL : SLIP_ESTATE_COMPLETE;
  part->message = error != NULL ? g_strdup (error->message) : NULL;
  part->unreached = g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT);
  /* What a failed listing did not reach may still be there: only a complete one takes rows away. */
  if (error == NULL)
    slip_estate_tree_sweep (self->tree, number, self->generation);
  update (self, self->state);
}

/* The job's last words give the number that the list shows: one resource may stand in several listings. */
static void
tell_outcome (SlipEstateList *self)
{
  g_autofree char *count
      = slip_estate_kind_get (self->kind)->count (slip_estate_tree_count (self->tree));

  slip_job_set_outcome (self->job, count);
}

static void
finished_cb (gpointer list)
{
  SlipEstateList *self = list;
  gboolean complete = count_parts (self, SLIP_ESTATE_COMPLETE) == self->parts->len;

  g_clear_pointer (&self->refresh, slip_estate_refresh_unref);
  slip_estate_tree_settle (self->tree);
  tell_outcome (self);
  g_clear_object (&self->job);
  /* What a failed listing did not reach is as old as it was. */
  if (complete || (self->listed_at == 0 && slip_estate_tree_count (self->tree) > 0))
    self->listed_at = self->begun_at;
  if (complete)
    self->cached_at = 0;
  update (self, complete ? SLIP_ESTATE_COMPLETE : SLIP_ESTATE_PARTIAL);
}

/* AWS's own answer may have come first; then the cache has nothing to add. */
static void
cached_records_cb (gpointer list, guint number, GPtrArray *records, gint64 cached_at)
{
  SlipEstateList *self = list;
  SlipEstatePart *part = g_ptr_array_index (self->parts, number);

  if (part->items > 0 || part->state == SLIP_ESTATE_COMPLETE)
    return;
  slip_estate_tree_merge (self->tree, records, number, 0);
  if (records->len > 0 && (self->cached_at == 0 || cached_at < self->cached_at))
    self->cached_at = cached_at;
  update (self, self->state);
}

static void
cached_finished_cb (gpointer list)
{
  SlipEstateList *self = list;

  g_clear_pointer (&self->cache_read, slip_estate_refresh_unref);
  if (self->refresh == NULL)
    slip_estate_tree_settle (self->tree);
  update (self, self->state);
}

static const SlipEstateSink refresh_sink = {records_cb, ended_cb, finished_cb};
static const SlipEstateSink cache_sink = {cached_records_cb, NULL, cached_finished_cb};

static void
disconnect (SlipEstateRefresh **refresh)
{
  if (*refresh != NULL)
    slip_estate_refresh_disconnect (*refresh);
  g_clear_pointer (refresh, slip_estate_refresh_unref);
}

static void
slip_estate_list_dispose (GObject *object)
{
  SlipEstateList *self = SLIP_ESTATE_LIST (object);

  if (self->job != NULL)
    slip_job_cancel (self->job);
  disconnect (&self->refresh);
  disconnect (&self->cache_read);
  g_clear_object (&self->job);
  G_OBJECT_CLASS (slip_estate_list_parent_class)->dispose (object);
}

static void
slip_estate_list_finalize (GObject *object)
{
  SlipEstateList *self = SLIP_ESTATE_LIST (object);

  g_clear_pointer (&self->tree, slip_estate_tree_free);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_clear_object (&self->environment);
  g_free (self->summary);
  g_free (self->cache_folder);
  G_OBJECT_CLASS (slip_estate_list_parent_class)->finalize (object);
}

static void
slip_estate_list_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SlipEstateList *self = SLIP_ESTATE_LIST (object);

  switch ((SlipEstateListProp)prop_id)
    {
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case PROP_N_TOTAL:
      g_value_set_uint (value, self->n_total);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_estate_list_class_init (SlipEstateListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = slip_estate_list_dispose;
  object_class->finalize = slip_estate_list_finalize;
  object_class->get_property = slip_estate_list_get_property;

  properties[PROP_STATE]
      = g_param_spec_uint ("state", NULL, NULL, 0, SLIP_ESTATE_PARTIAL, 0, flags);
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  properties[PROP_N_TOTAL] = g_param_spec_uint ("n-total", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
slip_estate_list_init (SlipEstateList *self)
{
  self->parts = g_ptr_array_new_with_free_func (part_free);
}

SlipEstateList *
slip_estate_list_new (SlipEnvironment *environment, SlipEstateKind kind)
{
  SlipEstateList *self;
  guint n_parts;

  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (environment), NULL);

  self = g_object_new (SLIP_TYPE_ESTATE_LIST, NULL);
  self->environment = g_object_ref (environment);
  self->kind = kind;
  self->tree = slip_estate_tree_new (environment);
  n_parts = slip_estate_n_parts (environment, kind);
  for (guint i = 0; i < n_parts; i++)
    {
      SlipEstatePart *part = g_new0 (SlipEstatePart, 1);

      part->label = slip_estate_part_dup_label (environment, kind, i);
      g_ptr_array_add (self->parts, part);
    }
  self->summary = describe (self);
  g_signal_connect_object (slip_estate_tree_get_roots (self->tree), "items-changed",
                           G_CALLBACK (g_list_model_items_changed), self, G_CONNECT_SWAPPED);
  return self;
}

SlipEnvironment *
slip_estate_list_get_environment (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), NULL);

  return self->environment;
}

SlipEstateKind
slip_estate_list_get_kind (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), SLIP_ESTATE_DATABASES);

  return self->kind;
}

SlipEstateState
slip_estate_list_get_state (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), SLIP_ESTATE_EMPTY);

  return self->state;
}

const char *
slip_estate_list_get_summary (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), NULL);

  return self->summary;
}

guint
slip_estate_list_get_n_total (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), 0);

  return self->n_total;
}

GPtrArray *
slip_estate_list_get_parts (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), NULL);

  return self->parts;
}

SlipJob *
slip_estate_list_refresh (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), NULL);

  if (self->refresh != NULL)
    return g_object_ref (self->job);
  self->generation++;
  self->begun_at = g_get_real_time ();
  for (guint i = 0; i < self->parts->len; i++)
    {
      SlipEstatePart *part = g_ptr_array_index (self->parts, i);

      part->state = SLIP_ESTATE_LOADING;
      part->items = 0;
      g_clear_pointer (&part->message, g_free);
    }
  self->refresh = slip_estate_refresh_new (self->environment, self->kind, self->cache_folder,
                                           &refresh_sink, self);
  self->job = slip_estate_refresh_start (self->refresh);
  update (self, SLIP_ESTATE_LOADING);
  return g_object_ref (self->job);
}

SlipResource *
slip_estate_list_find (SlipEstateList *self, const char *id)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  return slip_estate_tree_find (self->tree, id);
}

GPtrArray *
slip_estate_list_get_copies (SlipEstateList *self, const char *id)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  return slip_estate_tree_get_copies (self->tree, id);
}

void
slip_estate_list_set_cache_folder (SlipEstateList *self, const char *folder)
{
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_ESTATE_LIST (self));
  g_return_if_fail (folder != NULL && self->cache_folder == NULL && self->generation == 0);

  self->cache_folder = g_strdup (folder);
  self->cache_read
      = slip_estate_refresh_new (self->environment, self->kind, folder, &cache_sink, self);
  job = slip_estate_refresh_start_cached (self->cache_read);
}

gint64
slip_estate_list_get_cached_at (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), 0);

  return self->cached_at;
}

gint64
slip_estate_list_get_asked_at (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), 0);

  return self->begun_at;
}

gint64
slip_estate_list_get_listed_at (SlipEstateList *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_LIST (self), 0);

  return self->cached_at != 0 ? self->cached_at : self->listed_at;
}
