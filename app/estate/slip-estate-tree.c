/* SPDX-License-Identifier: MIT */
/* Keeps the rows of a list in order while listings land page by page and in any order. Rows are
 * changed, never replaced, so that a view keeps selection, expansion and scroll position. */

#include "slip-estate-tree.h"

/* How many rows a listing has, and how many of them its last refresh listed again. */
typedef struct
{
  guint rows;
  guint fresh;
  guint generation;
} Tally;

struct _SlipEstateTree
{
  SlipEnvironment *environment; /* owned */
  GListStore *roots;            /* owned */
  GHashTable *index;            /* owned; id (borrowed from the row) → SlipResource (owned) */
  GHashTable *adopted;          /* owned; child's id (owned) → parent's id (owned) */
  GHashTable *orphans; /* owned; parent's id (owned) → GPtrArray of SlipResource, borrowed */
  GHashTable *pending; /* owned; GListStore → GPtrArray of SlipResource (owned) */
  GHashTable *copies;  /* owned; id (interned) → GPtrArray of SlipEstateCopy (owned) */
  GArray *tallies;     /* owned; element-type Tally, by part */
  guint n_groups;
  gboolean has_empty_group; /* perhaps */
};

SlipEstateTree *
slip_estate_tree_new (SlipEnvironment *environment)
{
  SlipEstateTree *tree = g_new0 (SlipEstateTree, 1);

  tree->environment = g_object_ref (environment);
  tree->roots = g_list_store_new (SLIP_TYPE_RESOURCE);
  tree->index = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  tree->adopted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  tree->orphans
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  tree->pending = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  tree->copies = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  tree->tallies = g_array_new (FALSE, TRUE, sizeof (Tally));
  return tree;
}

void
slip_estate_tree_free (SlipEstateTree *tree)
{
  g_array_unref (tree->tallies);
  g_hash_table_unref (tree->copies);
  g_hash_table_unref (tree->pending);
  g_hash_table_unref (tree->orphans);
  g_hash_table_unref (tree->adopted);
  g_object_unref (tree->roots);
  g_hash_table_unref (tree->index);
  g_object_unref (tree->environment);
  g_free (tree);
}

GListStore *
slip_estate_tree_get_roots (SlipEstateTree *tree)
{
  return tree->roots;
}

SlipResource *
slip_estate_tree_find (SlipEstateTree *tree, const char *id)
{
  return g_hash_table_lookup (tree->index, id);
}

guint
slip_estate_tree_count (SlipEstateTree *tree)
{
  return g_hash_table_size (tree->index) - tree->n_groups;
}

static Tally *
get_tally (SlipEstateTree *tree, guint part)
{
  if (part >= tree->tallies->len)
    g_array_set_size (tree->tallies, part + 1);
  return &g_array_index (tree->tallies, Tally, part);
}

static void
count_out (SlipEstateTree *tree, SlipResource *row)
{
  Tally *tally = get_tally (tree, slip_resource_get_part (row));

  tally->rows--;
  if (slip_resource_get_generation (row) == tally->generation)
    tally->fresh--;
}

static void
count_in (SlipEstateTree *tree, SlipResource *row, guint part, guint generation)
{
  Tally *tally = get_tally (tree, part);

  slip_resource_mark (row, part, generation);
  if (generation > tally->generation)
    {
      tally->generation = generation;
      tally->fresh = 0;
    }
  tally->rows++;
  if (generation == tally->generation)
    tally->fresh++;
}

/* As a rule nothing went since the last refresh, and then no row has to be looked at. */
static gboolean
may_have_stale (SlipEstateTree *tree, guint part, guint generation)
{
  const Tally *tally = get_tally (tree, part);

  return tree->has_empty_group
         || tally->rows > (tally->generation == generation ? tally->fresh : 0);
}

static GListStore *
store_below (SlipEstateTree *tree, SlipResource *parent)
{
  return parent != NULL ? slip_resource_make_store (parent) : tree->roots;
}

/* The order is total, so a row that has not changed its key is found by halving. A row whose key was
 * just changed is looked for from the front. */
static gboolean
find_in_store (GListStore *store, SlipResource *row, guint *position)
{
  guint low = 0;
  guint high = g_list_model_get_n_items (G_LIST_MODEL (store));

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      g_autoptr (SlipResource) there = g_list_model_get_item (G_LIST_MODEL (store), middle);
      int order = slip_resource_compare (there, row, NULL);

      if (there == row)
        {
          *position = middle;
          return TRUE;
        }
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return g_list_store_find (store, row, position);
}

/* Rows wait here until the end of a merge, so that a page of a hundred is a few splices. */
static void
place (SlipEstateTree *tree, SlipResource *row, SlipResource *parent)
{
  GListStore *store = store_below (tree, parent);
  GPtrArray *rows = g_hash_table_lookup (tree->pending, store);

  if (rows == NULL)
    {
      rows = g_ptr_array_new_with_free_func (g_object_unref);
      g_hash_table_insert (tree->pending, store, rows);
    }
  slip_resource_set_parent (row, parent);
  g_ptr_array_add (rows, g_object_ref (row));
}

static void
unplace (SlipEstateTree *tree, SlipResource *row)
{
  GListStore *store = store_below (tree, slip_resource_get_parent (row));
  GPtrArray *waiting = g_hash_table_lookup (tree->pending, store);
  guint position;

  if (waiting != NULL && g_ptr_array_remove (waiting, row))
    return;
  if (find_in_store (store, row, &position))
    g_list_store_remove (store, position);
  if (g_list_model_get_n_items (G_LIST_MODEL (store)) == 0)
    tree->has_empty_group = TRUE;
}

static guint
position_for (GListStore *store, SlipResource *row)
{
  guint low = 0;
  guint high = g_list_model_get_n_items (G_LIST_MODEL (store));

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      g_autoptr (SlipResource) there = g_list_model_get_item (G_LIST_MODEL (store), middle);

      if (slip_resource_compare (there, row, NULL) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static int
compare_pointers (gconstpointer a, gconstpointer b)
{
  return slip_resource_compare (*(gconstpointer *)a, *(gconstpointer *)b, NULL);
}

/* Inserts sorted rows as runs: all that go before the same neighbour go in one splice. */
static void
insert_rows (GListStore *store, GPtrArray *rows)
{
  guint i = 0;

  g_ptr_array_sort (rows, compare_pointers);
  while (i < rows->len)
    {
      guint position = position_for (store, g_ptr_array_index (rows, i));
      g_autoptr (SlipResource) next = g_list_model_get_item (G_LIST_MODEL (store), position);
      guint end = i + 1;

      while (end < rows->len
             && (next == NULL
                 || slip_resource_compare (g_ptr_array_index (rows, end), next, NULL) < 0))
        end++;
      g_list_store_splice (store, position, 0, rows->pdata + i, end - i);
      i = end;
    }
}

static void
flush_pending (SlipEstateTree *tree)
{
  GHashTableIter iter;
  gpointer store;
  gpointer rows;

  g_hash_table_iter_init (&iter, tree->pending);
  while (g_hash_table_iter_next (&iter, &store, &rows))
    insert_rows (store, rows);
  g_hash_table_remove_all (tree->pending);
}

static void
keep_back (SlipEstateTree *tree, SlipResource *row, const char *parent_id)
{
  GPtrArray *rows = g_hash_table_lookup (tree->orphans, parent_id);

  if (rows == NULL)
    {
      rows = g_ptr_array_new ();
      g_hash_table_insert (tree->orphans, g_strdup (parent_id), rows);
    }
  g_ptr_array_add (rows, row);
}

static gboolean
is_kept_back (SlipEstateTree *tree, SlipResource *row)
{
  GHashTableIter iter;
  gpointer rows;

  g_hash_table_iter_init (&iter, tree->orphans);
  while (g_hash_table_iter_next (&iter, NULL, &rows))
    if (g_ptr_array_find (rows, row, NULL))
      return TRUE;
  return FALSE;
}

static SlipResource *
add_row (SlipEstateTree *tree, const SlipEstateRecord *record)
{
  SlipResource *row = slip_resource_new (tree->environment, record);

  g_hash_table_insert (tree->index, (gpointer)slip_resource_get_id (row), row);
  return row;
}

static SlipResource *
add_group (SlipEstateTree *tree, const SlipEstateRecord *member)
{
  SlipEstateRecord group = {.kind = SLIP_RESOURCE_SNAPSHOT_GROUP,
                            .id = member->parent_id,
                            .name = member->parent_name,
                            .region = member->region,
                            .size = -1};
  SlipResource *row = add_row (tree, &group);

  tree->n_groups++;
  place (tree, row, NULL);
  return row;
}

static SlipResource *
parent_of (SlipEstateTree *tree, const SlipEstateRecord *record, const char **parent_id)
{
  SlipResource *parent;

  *parent_id = g_hash_table_lookup (tree->adopted, record->id);
  if (*parent_id == NULL)
    *parent_id = record->parent_id;
  if (*parent_id == NULL)
    return NULL;
  parent = slip_estate_tree_find (tree, *parent_id);
  if (parent == NULL && record->parent_name != NULL)
    parent = add_group (tree, record);
  return parent;
}

static void
take_in_orphans (SlipEstateTree *tree, SlipResource *parent)
{
  GPtrArray *rows = g_hash_table_lookup (tree->orphans, slip_resource_get_id (parent));

  if (rows == NULL)
    return;
  for (guint i = 0; i < rows->len; i++)
    place (tree, g_ptr_array_index (rows, i), parent);
  g_hash_table_remove (tree->orphans, slip_resource_get_id (parent));
}

static void
move (SlipEstateTree *tree, SlipResource *row, SlipResource *parent)
{
  if (slip_resource_get_parent (row) == parent)
    return;
  unplace (tree, row);
  place (tree, row, parent);
}

/* A global cluster names its members; one that it names no more goes back to the first level. */
static void
adopt (SlipEstateTree *tree, SlipResource *parent, char **children)
{
  const char *parent_id = slip_resource_get_id (parent);
  GHashTableIter iter;
  gpointer child;
  gpointer holder;

  g_hash_table_iter_init (&iter, tree->adopted);
  while (g_hash_table_iter_next (&iter, &child, &holder))
    {
      SlipResource *row = slip_estate_tree_find (tree, child);

      if (!g_str_equal (holder, parent_id)
          || g_strv_contains ((const char *const *)children, child))
        continue;
      if (row != NULL)
        move (tree, row, NULL);
      g_hash_table_iter_remove (&iter);
    }
  for (guint i = 0; children[i] != NULL; i++)
    {
      SlipResource *row = slip_estate_tree_find (tree, children[i]);

      g_hash_table_replace (tree->adopted, g_strdup (children[i]), g_strdup (parent_id));
      if (row != NULL && row != parent)
        move (tree, row, parent);
    }
}

static void
merge_known (SlipEstateTree *tree, SlipResource *row, const SlipEstateRecord *record)
{
  const char *parent_id;
  SlipResource *parent;
  gboolean waits = g_hash_table_size (tree->orphans) > 0 && is_kept_back (tree, row);

  if (waits)
    {
      slip_resource_update (row, record);
      return;
    }
  parent = parent_of (tree, record, &parent_id);
  if (parent_id != NULL && parent == NULL)
    parent = slip_resource_get_parent (row);
  if (slip_resource_update (row, record) || slip_resource_get_parent (row) != parent)
    {
      unplace (tree, row);
      place (tree, row, parent);
    }
}

static void
merge_new (SlipEstateTree *tree, const SlipEstateRecord *record, SlipResource **row)
{
  const char *parent_id;
  SlipResource *parent = parent_of (tree, record, &parent_id);

  *row = add_row (tree, record);
  if (parent_id != NULL && parent == NULL)
    keep_back (tree, *row, parent_id);
  else
    place (tree, *row, parent);
  take_in_orphans (tree, *row);
}

static void
link_one (
    SlipEstateTree *tree, const char *from, const char *id, const char *vault, gboolean is_original)
{
  GPtrArray *links;
  SlipEstateCopy *copy;

  from = g_intern_string (from);
  id = g_intern_string (id);
  links = g_hash_table_lookup (tree->copies, from);
  if (links == NULL)
    {
      links = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (tree->copies, (gpointer)from, links);
    }
  for (guint i = 0; i < links->len; i++)
    if (((SlipEstateCopy *)g_ptr_array_index (links, i))->id == id)
      return;
  copy = g_new0 (SlipEstateCopy, 1);
  copy->id = id;
  copy->vault = g_intern_string (vault);
  copy->is_original = is_original;
  g_ptr_array_add (links, copy);
}

/* A copy job: its record's parent is the original, what it adopts is the copy; both with their vaults. */
static void
link_copy (SlipEstateTree *tree, const SlipEstateRecord *record)
{
  link_one (tree, record->parent_id, record->adopts[0], record->adopts[1], FALSE);
  link_one (tree, record->adopts[0], record->parent_id, record->parent_name, TRUE);
}

GPtrArray *
slip_estate_tree_get_copies (SlipEstateTree *tree, const char *id)
{
  GQuark quark = g_quark_try_string (id);

  return quark != 0 ? g_hash_table_lookup (tree->copies, g_quark_to_string (quark)) : NULL;
}

void
slip_estate_tree_merge (SlipEstateTree *tree, GPtrArray *records, guint part, guint generation)
{
  for (guint i = 0; i < records->len; i++)
    {
      const SlipEstateRecord *record = g_ptr_array_index (records, i);
      SlipResource *row;

      if (record->kind == SLIP_RESOURCE_COPY)
        {
          link_copy (tree, record);
          continue;
        }
      row = slip_estate_tree_find (tree, record->id);
      if (row != NULL)
        {
          merge_known (tree, row, record);
          count_out (tree, row);
        }
      else
        merge_new (tree, record, &row);
      count_in (tree, row, part, generation);
      if (record->adopts != NULL)
        adopt (tree, row, record->adopts);
    }
  flush_pending (tree);
}

static gboolean
is_stale (SlipResource *row, guint part, guint generation)
{
  return slip_resource_get_kind (row) != SLIP_RESOURCE_SNAPSHOT_GROUP
         && slip_resource_get_part (row) == part && slip_resource_get_generation (row) < generation;
}

/* What stood below a row that goes is shown on the first level until its own listing tells more. */
static void
release_children (SlipEstateTree *tree, SlipResource *row)
{
  GListStore *store = slip_resource_get_store (row);
  guint n = store != NULL ? g_list_model_get_n_items (G_LIST_MODEL (store)) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) child = g_list_model_get_item (G_LIST_MODEL (store), i);

      place (tree, child, NULL);
    }
  if (n > 0)
    g_list_store_remove_all (store);
}

static void
forget (SlipEstateTree *tree, SlipResource *row)
{
  if (slip_resource_get_kind (row) == SLIP_RESOURCE_SNAPSHOT_GROUP)
    tree->n_groups--;
  else
    count_out (tree, row);
  release_children (tree, row);
  g_hash_table_remove (tree->index, slip_resource_get_id (row));
}

static gboolean
is_empty_group (SlipResource *row)
{
  return slip_resource_get_kind (row) == SLIP_RESOURCE_SNAPSHOT_GROUP
         && g_list_model_get_n_items (G_LIST_MODEL (slip_resource_get_store (row))) == 0;
}

/* From the back, in runs, so that a thousand rows that went are one change and not a thousand. */
static void
sweep_store (SlipEstateTree *tree, GListStore *store, guint part, guint generation)
{
  guint end = g_list_model_get_n_items (G_LIST_MODEL (store));

  while (end > 0)
    {
      g_autoptr (GPtrArray) run = g_ptr_array_new_with_free_func (g_object_unref);

      while (end > 0)
        {
          g_autoptr (SlipResource) row = g_list_model_get_item (G_LIST_MODEL (store), end - 1);

          if (slip_resource_get_store (row) != NULL)
            sweep_store (tree, slip_resource_get_store (row), part, generation);
          if (!is_stale (row, part, generation) && !is_empty_group (row))
            break;
          g_ptr_array_add (run, g_steal_pointer (&row));
          end--;
        }
      if (run->len > 0)
        g_list_store_splice (store, end, run->len, NULL, 0);
      for (guint i = 0; i < run->len; i++)
        forget (tree, g_ptr_array_index (run, i));
      if (end > 0)
        end--;
    }
}

static void
sweep_orphans (SlipEstateTree *tree, guint part, guint generation)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, tree->orphans);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GPtrArray *rows = value;

      for (guint i = rows->len; i > 0; i--)
        {
          SlipResource *row = g_ptr_array_index (rows, i - 1);

          if (is_stale (row, part, generation))
            {
              g_ptr_array_remove_index (rows, i - 1);
              forget (tree, row);
            }
        }
    }
}

void
slip_estate_tree_sweep (SlipEstateTree *tree, guint part, guint generation)
{
  if (!may_have_stale (tree, part, generation))
    return;
  tree->has_empty_group = FALSE;
  sweep_orphans (tree, part, generation);
  sweep_store (tree, tree->roots, part, generation);
  flush_pending (tree);
}

void
slip_estate_tree_settle (SlipEstateTree *tree)
{
  GHashTableIter iter;
  gpointer rows;

  g_hash_table_iter_init (&iter, tree->orphans);
  while (g_hash_table_iter_next (&iter, NULL, &rows))
    for (guint i = 0; i < ((GPtrArray *)rows)->len; i++)
      place (tree, g_ptr_array_index ((GPtrArray *)rows, i), NULL);
  g_hash_table_remove_all (tree->orphans);
  flush_pending (tree);
}
