/* SPDX-License-Identifier: MIT */

/* Filtering of resource trees, level by level, so that rows below a collapsed one are found too and a
 * keystroke costs one pass over plain strings. */

#include "config.h"

#include "slip-tree-filter.h"

#define MAX_DEPTH 8

struct _SlipFilterState
{
  GObject parent_instance;

  char *text;
  char **words; /* owned; NULL-terminated */
  char *region; /* owned; NULL for all */
  GPtrArray
      *filters; /* owned; element-type SlipTreeFilter, not referenced, in the order they came */
};

G_DEFINE_FINAL_TYPE (SlipFilterState, slip_filter_state, G_TYPE_OBJECT)

struct _SlipTreeFilter
{
  GtkFilter parent_instance;

  SlipFilterState *state; /* owned */
  SlipResource *parent;   /* owned, nullable; its children are filtered */
  char *ancestors;        /* owned, nullable; in lower case */
  gboolean is_behind;     /* its list still shows what another text let through */
  GtkFilterChange change;
};

G_DEFINE_FINAL_TYPE (SlipTreeFilter, slip_tree_filter, GTK_TYPE_FILTER)

/* Words are in lower case, as is the text of a resource and of those above it. */
static gboolean
matches_itself (SlipFilterState *state, SlipResource *resource, const char *ancestors)
{
  const char *text = slip_resource_get_search_text (resource);
  const char *region = state->region != NULL ? slip_resource_get_region (resource) : NULL;

  if (region != NULL && !g_str_equal (region, state->region))
    return FALSE;
  for (guint i = 0; state->words != NULL && state->words[i] != NULL; i++)
    if (strstr (text, state->words[i]) == NULL
        && (ancestors == NULL || strstr (ancestors, state->words[i]) == NULL))
      return FALSE;
  return TRUE;
}

static gboolean
matches (SlipFilterState *state, SlipResource *resource, const char *ancestors, guint depth)
{
  GListModel *children = slip_resource_get_children (resource);
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  guint n;

  if (children == NULL || depth > MAX_DEPTH)
    return matches_itself (state, resource, ancestors);
  if (state->region == NULL && matches_itself (state, resource, ancestors))
    return TRUE;

  n = g_list_model_get_n_items (children);
  name = g_ascii_strdown (slip_resource_get_name (resource), -1);
  path = g_strconcat (ancestors != NULL ? ancestors : "", " ", name, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) child = g_list_model_get_item (children, i);

      if (matches (state, child, path, depth + 1))
        return TRUE;
    }
  return FALSE;
}

static void
slip_filter_state_finalize (GObject *object)
{
  SlipFilterState *self = SLIP_FILTER_STATE (object);

  g_free (self->text);
  g_strfreev (self->words);
  g_free (self->region);
  g_ptr_array_unref (self->filters);
  G_OBJECT_CLASS (slip_filter_state_parent_class)->finalize (object);
}

static void
slip_filter_state_class_init (SlipFilterStateClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_filter_state_finalize;
}

static void
slip_filter_state_init (SlipFilterState *self)
{
  self->filters = g_ptr_array_new ();
}

static void
catch_up (SlipTreeFilter *self)
{
  if (!self->is_behind)
    return;
  self->is_behind = FALSE;
  gtk_filter_changed (GTK_FILTER (self), self->change);
}

static void
fall_behind (SlipTreeFilter *self, GtkFilterChange change)
{
  self->change = self->is_behind && self->change != change ? GTK_FILTER_CHANGE_DIFFERENT : change;
  self->is_behind = TRUE;
}

gboolean
slip_tree_filter_is_long (SlipResource *parent)
{
  SlipResourceKind kind = slip_resource_get_kind (parent);

  return kind == SLIP_RESOURCE_SNAPSHOT_GROUP || kind == SLIP_RESOURCE_VAULT;
}

static GPtrArray *
ref_filters (SlipFilterState *self)
{
  GPtrArray *filters = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->filters->len; i++)
    g_ptr_array_add (filters, g_object_ref (g_ptr_array_index (self->filters, i)));
  return filters;
}

/* The root first, since it may drop whole groups. Long lists wait until they are asked for. */
static void
tell_filters (SlipFilterState *self, GtkFilterChange change)
{
  g_autoptr (GPtrArray) filters = ref_filters (self);

  for (guint i = 0; i < filters->len; i++)
    fall_behind (g_ptr_array_index (filters, i), change);
  for (guint i = 0; i < filters->len; i++)
    {
      SlipTreeFilter *filter = g_ptr_array_index (filters, i);

      if (filter->parent == NULL || !slip_tree_filter_is_long (filter->parent))
        catch_up (filter);
    }
}

void
slip_filter_state_tell_below (SlipFilterState *self, SlipResource *parent)
{
  g_return_if_fail (SLIP_IS_FILTER_STATE (self));

  for (guint i = 0; i < self->filters->len; i++)
    {
      SlipTreeFilter *filter = g_ptr_array_index (self->filters, i);

      if (filter->parent == parent)
        {
          g_autoptr (SlipTreeFilter) held = g_object_ref (filter);

          catch_up (held);
          return;
        }
    }
}

void
slip_filter_state_tell_all (SlipFilterState *self)
{
  g_autoptr (GPtrArray) filters = NULL;

  g_return_if_fail (SLIP_IS_FILTER_STATE (self));

  filters = ref_filters (self);
  for (guint i = 0; i < filters->len; i++)
    catch_up (g_ptr_array_index (filters, i));
}

SlipFilterState *
slip_filter_state_new (void)
{
  return g_object_new (SLIP_TYPE_FILTER_STATE, NULL);
}

static char **
split_words (const char *text)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *lower = g_ascii_strdown (text, -1);
  g_auto (GStrv) parts = g_strsplit_set (lower, " \t\n", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_strv_builder_add (builder, parts[i]);
  return g_strv_builder_end (builder);
}

void
slip_filter_state_set_text (SlipFilterState *self, const char *text)
{
  GtkFilterChange change = GTK_FILTER_CHANGE_DIFFERENT;

  g_return_if_fail (SLIP_IS_FILTER_STATE (self));

  if (text == NULL)
    text = "";
  if (g_strcmp0 (self->text, text) == 0)
    return;
  if (self->text == NULL || g_str_has_prefix (text, self->text))
    change = GTK_FILTER_CHANGE_MORE_STRICT;
  else if (g_str_has_prefix (self->text, text))
    change = GTK_FILTER_CHANGE_LESS_STRICT;

  g_free (self->text);
  self->text = g_strdup (text);
  g_strfreev (self->words);
  self->words = split_words (text);
  tell_filters (self, change);
}

const char *
slip_filter_state_get_text (SlipFilterState *self)
{
  g_return_val_if_fail (SLIP_IS_FILTER_STATE (self), NULL);
  return self->text != NULL ? self->text : "";
}

gboolean
slip_filter_state_is_empty (SlipFilterState *self)
{
  g_return_val_if_fail (SLIP_IS_FILTER_STATE (self), TRUE);
  return (self->words == NULL || self->words[0] == NULL) && self->region == NULL;
}

void
slip_filter_state_set_region (SlipFilterState *self, const char *region)
{
  g_return_if_fail (SLIP_IS_FILTER_STATE (self));

  if (g_strcmp0 (self->region, region) == 0)
    return;
  g_free (self->region);
  self->region = g_strdup (region);
  tell_filters (self, GTK_FILTER_CHANGE_DIFFERENT);
}

static gboolean
slip_tree_filter_match (GtkFilter *filter, gpointer item)
{
  SlipTreeFilter *self = SLIP_TREE_FILTER (filter);

  if (slip_filter_state_is_empty (self->state))
    return TRUE;
  return matches (self->state, item, self->ancestors, 0);
}

static GtkFilterMatch
slip_tree_filter_get_strictness (GtkFilter *filter)
{
  return slip_filter_state_is_empty (SLIP_TREE_FILTER (filter)->state) ? GTK_FILTER_MATCH_ALL
                                                                       : GTK_FILTER_MATCH_SOME;
}

static void
slip_tree_filter_finalize (GObject *object)
{
  SlipTreeFilter *self = SLIP_TREE_FILTER (object);

  g_ptr_array_remove (self->state->filters, self);
  g_clear_object (&self->state);
  g_clear_object (&self->parent);
  g_free (self->ancestors);
  G_OBJECT_CLASS (slip_tree_filter_parent_class)->finalize (object);
}

static void
slip_tree_filter_class_init (SlipTreeFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_tree_filter_finalize;
  GTK_FILTER_CLASS (klass)->match = slip_tree_filter_match;
  GTK_FILTER_CLASS (klass)->get_strictness = slip_tree_filter_get_strictness;
}

static void
slip_tree_filter_init (SlipTreeFilter *self)
{
}

SlipTreeFilter *
slip_tree_filter_new (SlipFilterState *state, SlipResource *parent)
{
  SlipTreeFilter *self = g_object_new (SLIP_TYPE_TREE_FILTER, NULL);

  self->state = g_object_ref (state);
  if (parent != NULL)
    {
      self->parent = g_object_ref (parent);
      self->ancestors = g_ascii_strdown (slip_resource_get_name (parent), -1);
    }
  g_ptr_array_add (state->filters, self);
  return self;
}
