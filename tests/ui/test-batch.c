/* SPDX-License-Identifier: MIT */

/* Rows on their way into a view: what a model in portions tells of itself is always true, and a page
 * whose filter works in portions ends with the rows and the selection that it is to have. */

#include "config.h"

#include "slip-ui-harness.h"

#include "slip-batch-model.h"
#include "slip-estate-page.h"
#include "slip-estate-record.h"

#define ROUNDS 4000
#define SNAPSHOTS 600

/* A copy that only knows what the model tells. */
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
  guint n_shown = slip_batch_model_get_n_shown (batch);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (batch)), ==, copy->len);
  for (guint i = 0; i < copy->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (batch), i);

      g_assert_true (item == g_ptr_array_index (copy, i));
    }
  for (guint i = 0; i < n_shown; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      g_assert_true (item == g_ptr_array_index (copy, i));
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

static void
test_followed (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261121);
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GPtrArray) copy = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (SlipBatchModel) batch = NULL;
  guint portions = 0;

  batch = slip_batch_model_new (G_LIST_MODEL (g_object_ref (store)));
  g_signal_connect (batch, "items-changed", G_CALLBACK (follow_cb), copy);
  for (guint round = 0; round < ROUNDS; round++)
    {
      if (g_rand_int_range (random, 0, 3) > 0)
        change (random, store);
      else
        {
          slip_batch_model_begin (batch, (guint)g_rand_int_range (random, 0, 60));
          for (int i = g_rand_int_range (random, 0, 4); i > 0; i--)
            change (random, store);
          slip_batch_model_end (batch, (guint)g_rand_int_range (random, 0, 200),
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

  batch = slip_batch_model_new (G_LIST_MODEL (g_object_ref (store)));
  g_signal_connect (batch, "items-changed", G_CALLBACK (count_cb), &largest);
  slip_batch_model_begin (batch, 0);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GObject) item = g_object_new (G_TYPE_OBJECT, NULL);

      g_list_store_append (store, item);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (batch)), ==, 0);
  g_assert_true (slip_batch_model_end (batch, 240, 25));
  g_assert_cmpuint (slip_batch_model_get_n_shown (batch), ==, 25);
  slip_batch_model_grow (batch, 10);
  g_assert_cmpuint (slip_batch_model_get_n_shown (batch), ==, 35);
  g_assert_cmpuint (largest, ==, 25);

  /* A change far below is nobody's business while the rows are not shown. */
  slip_batch_model_begin (batch, 240);
  g_list_store_remove (store, 999);
  g_assert_false (slip_batch_model_end (batch, 240, 25));
  g_assert_cmpuint (slip_batch_model_get_n_shown (batch), ==, 35);
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
                             .size_gib = 1,
                             .created = (gint64)(10000 - index) * 3600 * G_USEC_PER_SEC};

  return slip_resource_new (environment, &record);
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
  slip_ui_settle ();
  return page;
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

static char *
dup_selected (SlipEstatePage *page)
{
  GtkSingleSelection *selection = GTK_SINGLE_SELECTION (get_rows (page));
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (selection);
  g_autoptr (SlipResource) resource = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  return resource != NULL ? g_strdup (slip_resource_get_name (resource)) : NULL;
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

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/batch/tells_the_truth_about_any_changes", test_followed);
  g_test_add_func ("/ui/batch/gives_a_view_few_rows_at_once", test_portions);
  g_test_add_func ("/ui/batch/page_keeps_rows_and_selection_through_a_filter", test_page);
  return g_test_run ();
}
