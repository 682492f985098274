/* SPDX-License-Identifier: MIT */

/* Rows on their way into a view: what a model in portions tells of itself is always true, and a page
 * whose filter works in portions ends with the rows and the selection that it is to have. */

#include "config.h"

#include "slip-ui-harness.h"

#include "slip-batch-model.h"
#include "slip-cell.h"
#include "slip-estate-page.h"
#include "slip-estate-record.h"

#define ROUNDS 4000
#define SNAPSHOTS 600

static GListModel *
no_children (gpointer item, gpointer data)
{
  return NULL;
}

static GListModel *
new_tree (GListStore *store)
{
  return G_LIST_MODEL (gtk_tree_list_model_new (g_object_ref (G_LIST_MODEL (store)), FALSE, FALSE,
                                                no_children, NULL, NULL));
}

/* A copy that only knows what the model tells. It holds all places, as a view holds some. */
static void
follow_cb (GListModel *model, guint position, guint removed, guint added, GPtrArray *copy)
{
  g_assert_cmpuint (position + removed, <=, copy->len);
  if (removed > 0)
    g_ptr_array_remove_range (copy, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (copy, (int)(position + i), g_list_model_get_item (model, position + i));
}

static void
assert_followed (SlipBatchModel *batch, GListModel *model, GPtrArray *copy)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  guint n_shown = slip_batch_model_get_n_shown (batch);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (batch)), ==, copy->len);
  for (guint i = 0; i < copy->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (batch), i);

      g_assert_true (item == g_ptr_array_index (copy, i));
      g_assert_true (g_hash_table_add (places, item));
    }
  for (guint i = 0; i < n_shown; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      g_assert_true (item == slip_slot_get_item (g_ptr_array_index (copy, i)));
    }
  if (!slip_batch_model_is_growing (batch))
    g_assert_cmpuint (copy->len, ==, g_list_model_get_n_items (model));
}

static void
change (GRand *random, GListStore *store)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (store));
  guint position = (guint)g_rand_int_range (random, 0, (gint32)n + 1);
  guint removed = (guint)g_rand_int_range (random, 0, (gint32)MIN (n - position, 30) + 1);
  guint added = (guint)g_rand_int_range (random, 0, n > 300 ? 5 : 40);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < added; i++)
    g_ptr_array_add (items, g_object_new (G_TYPE_OBJECT, NULL));
  g_list_store_splice (store, position, removed, items->pdata, added);
}

/* As a selection does, which holds on to its row however the rows move. */
static void
pin_some (GRand *random, SlipBatchModel *batch, GPtrArray *copy)
{
  guint position = (guint)g_rand_int_range (random, 0, (gint32)copy->len + 1);

  if (g_rand_int_range (random, 0, 4) == 0)
    slip_batch_model_pin (batch, position < copy->len ? g_ptr_array_index (copy, position) : NULL);
}

static void
test_followed (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261121);
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GPtrArray) copy = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (SlipBatchModel) batch = NULL;
  guint portions = 0;

  batch = slip_batch_model_new (new_tree (store), 0);
  g_signal_connect (batch, "items-changed", G_CALLBACK (follow_cb), copy);
  for (guint round = 0; round < ROUNDS; round++)
    {
      pin_some (random, batch, copy);
      slip_batch_model_set_at_top (batch, g_rand_boolean (random));
      if (g_rand_int_range (random, 0, 3) > 0)
        change (random, store);
      else
        {
          slip_batch_model_begin (batch);
          for (int i = g_rand_int_range (random, 0, 4); i > 0; i--)
            change (random, store);
          slip_batch_model_end (batch, (guint)g_rand_int_range (random, 0, 30),
                                (guint)g_rand_int_range (random, 0, 30));
        }
      assert_followed (batch, G_LIST_MODEL (store), copy);
      portions += slip_batch_model_is_growing (batch);
      if (g_rand_boolean (random))
        slip_batch_model_grow (batch, (guint)g_rand_int_range (random, 1, 50));
      assert_followed (batch, G_LIST_MODEL (store), copy);
    }
  g_assert_cmpuint (portions, >, ROUNDS / 20);
  slip_batch_model_grow (batch, G_MAXUINT);
  g_assert_false (slip_batch_model_is_growing (batch));
  assert_followed (batch, G_LIST_MODEL (store), copy);
}

static void
count_cb (GListModel *model, guint position, guint removed, guint added, guint *largest)
{
  *largest = MAX (*largest, added);
}

static void
test_portions (void)
{
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (SlipBatchModel) batch = NULL;
  guint largest = 0;

  batch = slip_batch_model_new (new_tree (store), 0);
  g_signal_connect (batch, "items-changed", G_CALLBACK (count_cb), &largest);
  slip_batch_model_begin (batch);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GObject) item = g_object_new (G_TYPE_OBJECT, NULL);

      g_list_store_append (store, item);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (batch)), ==, 0);
  g_assert_true (slip_batch_model_end (batch, 25, 25));
  g_assert_cmpuint (slip_batch_model_get_n_shown (batch), ==, 25);
  slip_batch_model_grow (batch, 10);
  g_assert_cmpuint (slip_batch_model_get_n_shown (batch), ==, 35);
  g_assert_cmpuint (largest, ==, 25);

  /* A change far below is nobody's business while the rows are not shown. */
  slip_batch_model_begin (batch);
  g_list_store_remove (store, 999);
  g_assert_false (slip_batch_model_end (batch, 25, 25));
  g_assert_cmpuint (slip_batch_model_get_n_shown (batch), ==, 35);
}

static void
told_cb (guint *told)
{
  (*told)++;
}

/* All rows of a view are replaced: no place is made or dropped, and each says that it has another row;
 * the pinned one, which is selected, does not stand for another row. */
static void
test_places_stay (void)
{
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) copy = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (SlipBatchModel) batch = NULL;
  gpointer pinned_item;
  guint told = 0;
  guint kept = 0;

  for (guint i = 0; i < 40; i++)
    g_ptr_array_add (items, g_object_new (G_TYPE_OBJECT, NULL));
  g_list_store_splice (store, 0, 0, items->pdata, 20);
  batch = slip_batch_model_new (new_tree (store), G_MAXUINT);
  for (guint i = 0; i < 20; i++)
    {
      g_ptr_array_add (before, g_list_model_get_item (G_LIST_MODEL (batch), i));
      g_signal_connect_swapped (g_ptr_array_index (before, i), "changed", G_CALLBACK (told_cb),
                                &told);
    }
  slip_batch_model_pin (batch, g_ptr_array_index (before, 7));
  follow_cb (G_LIST_MODEL (batch), 0, 0, 20, copy);
  g_signal_connect (batch, "items-changed", G_CALLBACK (follow_cb), copy);
  pinned_item = slip_slot_get_item (g_ptr_array_index (before, 7));
  g_list_store_splice (store, 0, 20, items->pdata + 20, 20);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (batch)); i++)
    {
      g_autoptr (SlipSlot) slot = g_list_model_get_item (G_LIST_MODEL (batch), i);

      g_assert_true (slip_slot_get_item (slot) == g_ptr_array_index (items, 20 + i));
      kept += g_ptr_array_find (before, slot, NULL);
    }
  slip_batch_model_grow (batch, G_MAXUINT);
  g_assert_cmpuint (kept, ==, 19);
  g_assert_cmpuint (told, ==, 19);
  g_assert_true (slip_slot_get_item (g_ptr_array_index (before, 7)) == pinned_item);
}

static SlipResource *
new_snapshot (SlipEnvironment *environment, guint index)
{
  g_autofree char *name = g_strdup_printf ("nightly-%03u", index);
  g_autofree char *id = g_strdup_printf ("arn:aws:rds:eu-west-1:1:cluster-snapshot:%s", name);
  SlipEstateRecord record = {.kind = SLIP_RESOURCE_SNAPSHOT,
                             .id = id,
                             .name = name,
                             .region = (char *)"eu-west-1",
                             .status = (char *)"available",
                             .detail = (char *)"Manual",
                             .text = (char *)"{\"StorageEncrypted\":true}",
                             .size = (gint64)1 << 30,
                             .created = (gint64)(10000 - index) * 3600 * G_USEC_PER_SEC};

  return slip_resource_new (environment, &record);
}

static GListModel *
get_rows (SlipEstatePage *page)
{
  return G_LIST_MODEL (gtk_column_view_get_model (slip_estate_page_get_view (page)));
}

static gboolean
is_whole (gpointer data)
{
  return !slip_estate_page_is_growing (data);
}

static SlipEstatePage *
show_snapshots (SlipUi *ui)
{
  g_autoptr (GListStore) roots = g_list_store_new (SLIP_TYPE_RESOURCE);
  SlipEnvironment *environment = slip_workbench_find_environment (ui->workbench, "production");
  SlipEstatePage *page;

  for (guint i = 0; i < SNAPSHOTS; i++)
    {
      g_autoptr (SlipResource) row = new_snapshot (environment, i);

      g_list_store_append (roots, row);
    }
  slip_window_go (ui->window, "snapshots/production");
  page = SLIP_ESTATE_PAGE (slip_window_get_page (ui->window));
  slip_estate_page_set_model (page, G_LIST_MODEL (roots));
  slip_ui_wait (is_whole, page, 20, "all rows");
  return page;
}

static char *
dup_selected (SlipEstatePage *page)
{
  GtkSingleSelection *selection = GTK_SINGLE_SELECTION (get_rows (page));
  SlipSlot *slot = gtk_single_selection_get_selected_item (selection);

  return slot != NULL ? g_strdup (slip_resource_get_name (slip_slot_get_item (slot))) : NULL;
}

static void
filter (SlipEstatePage *page, const char *text, guint expected)
{
  slip_estate_page_set_filter (page, text);
  slip_ui_wait (is_whole, page, 20, "all rows");
  g_assert_cmpuint (g_list_model_get_n_items (get_rows (page)), ==, expected);
}

static void
test_page (void)
{
  static const char id[] = "arn:aws:rds:eu-west-1:1:cluster-snapshot:nightly-455";
  g_autoptr (SlipUi) ui = slip_ui_start (60);
  g_autofree char *hidden = NULL;
  g_autofree char *back = NULL;
  g_autofree char *among = NULL;
  SlipEstatePage *page;

  if (ui == NULL)
    return;
  page = show_snapshots (ui);
  g_assert_cmpuint (g_list_model_get_n_items (get_rows (page)), ==, SNAPSHOTS);
  g_assert_true (slip_estate_page_select (page, id));

  slip_estate_page_set_filter (page, "nightly-4");
  g_assert_true (slip_estate_page_is_growing (page));
  filter (page, "NIGHTLY-4", 100);
  among = dup_selected (page);
  g_assert_cmpstr (among, ==, "nightly-455");
  filter (page, "nightly-1", 100);
  hidden = dup_selected (page);
  g_assert_null (hidden);
  filter (page, "manual available nightly-00", 10);
  filter (page, "nothing-like-this", 0);
  filter (page, "", SNAPSHOTS);
  back = dup_selected (page);
  g_assert_cmpstr (back, ==, "nightly-455");
}

static void
test_cell_is_named (void)
{
  g_autoptr (GtkWidget) cell = g_object_ref_sink (slip_cell_new ());

  slip_cell_set_text (cell, "nightly-001");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "nightly-001");
  slip_cell_set_text (cell, "nightly-002");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "nightly-002");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/batch/tells_the_truth_about_any_changes", test_followed);
  g_test_add_func ("/ui/batch/gives_a_view_few_rows_at_once", test_portions);
  g_test_add_func ("/ui/batch/rows_that_come_take_the_places_of_those_that_went", test_places_stay);
  g_test_add_func ("/ui/batch/cell_is_named_as_it_reads", test_cell_is_named);
  g_test_add_func ("/ui/batch/page_keeps_rows_and_selection_through_a_filter", test_page);
  return g_test_run ();
}
