/* SPDX-License-Identifier: MIT */

/* The spans of a time axis. Runs of ten thousand entries are folded into it once, entry by entry, and
 * drawn and listed without another copy. */

#include "config.h"

#include "slip-timeline.h"

#include <glib/gi18n.h>

#include "slip-format.h"

struct _SlipTimeline
{
  GObject parent_instance;

  GPtrArray *lanes; /* owned; element-type utf8 */
  GArray *spans;    /* owned; element-type SlipSpan */
  GArray *planned;  /* owned; element-type SlipSpan */
  guint told;       /* how many spans are known to listeners */
  guint first;      /* the first span that changed since */
  gint64 start;
  gint64 end;
  gint64 now;
};

struct _SlipTimelineItem
{
  GObject parent_instance;

  SlipTimeline *timeline; /* owned */
  guint index;
};

static guint signal_changed;

static GType
get_item_type (GListModel *model)
{
  return SLIP_TYPE_TIMELINE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return SLIP_TIMELINE (model)->told;
}

static gpointer
get_item (GListModel *model, guint position)
{
  SlipTimeline *self = SLIP_TIMELINE (model);
  SlipTimelineItem *item;

  if (position >= self->told)
    return NULL;
  item = g_object_new (SLIP_TYPE_TIMELINE_ITEM, NULL);
  item->timeline = g_object_ref (self);
  item->index = position;
  return item;
}

static void
list_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipTimeline,
                               slip_timeline,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_init))
G_DEFINE_FINAL_TYPE (SlipTimelineItem, slip_timeline_item, G_TYPE_OBJECT)

static void
clear_span (gpointer data)
{
  SlipSpan *span = data;

  g_free (span->label);
  g_free (span->detail);
}

static void
slip_timeline_finalize (GObject *object)
{
  SlipTimeline *self = SLIP_TIMELINE (object);

  g_ptr_array_unref (self->lanes);
  g_array_unref (self->spans);
  g_array_unref (self->planned);
  G_OBJECT_CLASS (slip_timeline_parent_class)->finalize (object);
}

static void
slip_timeline_class_init (SlipTimelineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_timeline_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static GArray *
new_spans (void)
{
  GArray *spans = g_array_new (FALSE, TRUE, sizeof (SlipSpan));

  g_array_set_clear_func (spans, clear_span);
  return spans;
}

static void
slip_timeline_init (SlipTimeline *self)
{
  self->lanes = g_ptr_array_new_with_free_func (g_free);
  self->spans = new_spans ();
  self->planned = new_spans ();
  self->first = G_MAXUINT;
}

SlipTimeline *
slip_timeline_new (void)
{
  return g_object_new (SLIP_TYPE_TIMELINE, NULL);
}

guint
slip_timeline_ensure_lane (SlipTimeline *self, const char *name)
{
  guint index;

  g_return_val_if_fail (SLIP_IS_TIMELINE (self), 0);
  g_return_val_if_fail (name != NULL, 0);

  if (!g_ptr_array_find_with_equal_func (self->lanes, name, g_str_equal, &index))
    {
      index = self->lanes->len;
      g_ptr_array_add (self->lanes, g_strdup (name));
    }
  return index;
}

guint
slip_timeline_get_n_lanes (SlipTimeline *self)
{
  g_return_val_if_fail (SLIP_IS_TIMELINE (self), 0);
  return self->lanes->len;
}

const char *
slip_timeline_get_lane (SlipTimeline *self, guint lane)
{
  g_return_val_if_fail (SLIP_IS_TIMELINE (self), NULL);
  return lane < self->lanes->len ? g_ptr_array_index (self->lanes, lane) : NULL;
}

static void
append (GArray *spans, const SlipSpan *span)
{
  SlipSpan copy = *span;

  copy.label = g_strdup (span->label);
  copy.detail = g_strdup (span->detail);
  copy.tag = g_intern_string (span->tag);
  g_array_append_val (spans, copy);
}

guint
slip_timeline_add (SlipTimeline *self, const SlipSpan *span)
{
  g_return_val_if_fail (SLIP_IS_TIMELINE (self), 0);
  g_return_val_if_fail (span != NULL, 0);

  self->first = MIN (self->first, self->spans->len);
  append (self->spans, span);
  return self->spans->len - 1;
}

void
slip_timeline_end (SlipTimeline *self, guint index, gint64 end, SlipTone tone)
{
  SlipSpan *span;

  g_return_if_fail (SLIP_IS_TIMELINE (self));
  g_return_if_fail (index < self->spans->len);

  span = &g_array_index (self->spans, SlipSpan, index);
  span->end = MAX (end, span->start);
  span->tone = tone;
  self->first = MIN (self->first, index);
}

void
slip_timeline_clear_planned (SlipTimeline *self)
{
  g_return_if_fail (SLIP_IS_TIMELINE (self));
  g_array_set_size (self->planned, 0);
}

void
slip_timeline_add_planned (SlipTimeline *self, const SlipSpan *span)
{
  g_return_if_fail (SLIP_IS_TIMELINE (self));
  g_return_if_fail (span != NULL);
  append (self->planned, span);
}

void
slip_timeline_set_range (SlipTimeline *self, gint64 start, gint64 end, gint64 now)
{
  g_return_if_fail (SLIP_IS_TIMELINE (self));
  self->start = start;
  self->end = end;
  self->now = now;
}

void
slip_timeline_get_range (SlipTimeline *self, gint64 *start, gint64 *end, gint64 *now)
{
  g_return_if_fail (SLIP_IS_TIMELINE (self));
  *start = self->start;
  *end = self->end;
  *now = self->now;
}

void
slip_timeline_commit (SlipTimeline *self)
{
  guint before = self->told;
  guint first = MIN (self->first, before);

  g_return_if_fail (SLIP_IS_TIMELINE (self));

  self->told = self->spans->len;
  self->first = G_MAXUINT;
  if (first < self->told || before != self->told)
    g_list_model_items_changed (G_LIST_MODEL (self), first, before - first, self->told - first);
  g_signal_emit (self, signal_changed, 0);
}

const SlipSpan *
slip_timeline_get_spans (SlipTimeline *self, guint *n)
{
  g_return_val_if_fail (SLIP_IS_TIMELINE (self), NULL);
  *n = self->spans->len;
  return (const SlipSpan *)self->spans->data;
}

const SlipSpan *
slip_timeline_get_planned (SlipTimeline *self, guint *n)
{
  g_return_val_if_fail (SLIP_IS_TIMELINE (self), NULL);
  *n = self->planned->len;
  return (const SlipSpan *)self->planned->data;
}

char *
slip_timeline_dup_text (SlipTimeline *self, guint index)
{
  const SlipSpan *span;
  g_autoptr (GString) text = NULL;
  g_autofree char *from = NULL;

  g_return_val_if_fail (SLIP_IS_TIMELINE (self), NULL);
  g_return_val_if_fail (index < self->spans->len, NULL);

  span = &g_array_index (self->spans, SlipSpan, index);
  from = slip_format_clock (span->start);
  text = g_string_new (from);
  if (span->end != span->start)
    {
      gint64 end = span->end != 0 ? span->end : self->now;
      g_autofree char *length
          = slip_format_duration ((double)MAX (end - span->start, 0) / G_USEC_PER_SEC);

      g_string_append_printf (text, span->end != 0 ? _ (", %s") : _ (", %s so far"), length);
    }
  g_string_append_printf (text, " · %s · %s", slip_timeline_get_lane (self, span->lane),
                          span->label != NULL ? span->label : "");
  if (span->detail != NULL)
    g_string_append_printf (text, " · %s", span->detail);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- items */

static void
slip_timeline_item_finalize (GObject *object)
{
  g_object_unref (SLIP_TIMELINE_ITEM (object)->timeline);
  G_OBJECT_CLASS (slip_timeline_item_parent_class)->finalize (object);
}

static void
slip_timeline_item_class_init (SlipTimelineItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_timeline_item_finalize;
}

static void
slip_timeline_item_init (SlipTimelineItem *self)
{
}

const SlipSpan *
slip_timeline_item_get_span (SlipTimelineItem *self)
{
  g_return_val_if_fail (SLIP_IS_TIMELINE_ITEM (self), NULL);
  return &g_array_index (self->timeline->spans, SlipSpan, self->index);
}

const char *
slip_timeline_item_get_lane (SlipTimelineItem *self)
{
  g_return_val_if_fail (SLIP_IS_TIMELINE_ITEM (self), NULL);
  return slip_timeline_get_lane (self->timeline, slip_timeline_item_get_span (self)->lane);
}
