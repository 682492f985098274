/* SPDX-License-Identifier: MIT */

/* A run as a row. Lists are updated by difference, so that selection and scrolling stay. */

#include "config.h"

#include "slip-run-row.h"

struct _SlipRunRow
{
  GObject parent_instance;

  SlipRunSummary *summary; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipRunRow, slip_run_row, G_TYPE_OBJECT)

typedef enum
{
  PROP_SUMMARY = 1,
} SlipRunRowProp;

static GParamSpec *properties[PROP_SUMMARY + 1];

static void
slip_run_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch ((SlipRunRowProp)prop_id)
    {
    case PROP_SUMMARY:
      g_value_set_pointer (value, SLIP_RUN_ROW (object)->summary);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_run_row_finalize (GObject *object)
{
  slip_run_summary_free (SLIP_RUN_ROW (object)->summary);
  G_OBJECT_CLASS (slip_run_row_parent_class)->finalize (object);
}

static void
slip_run_row_class_init (SlipRunRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = slip_run_row_get_property;
  object_class->finalize = slip_run_row_finalize;
  properties[PROP_SUMMARY] = g_param_spec_pointer (
      "summary", NULL, NULL, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
slip_run_row_init (SlipRunRow *self)
{
}

SlipRunRow *
slip_run_row_new (SlipRunSummary *summary)
{
  SlipRunRow *self = g_object_new (SLIP_TYPE_RUN_ROW, NULL);

  self->summary = summary;
  return self;
}

const SlipRunSummary *
slip_run_row_get_summary (SlipRunRow *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_ROW (self), NULL);
  return self->summary;
}

void
slip_run_row_take_summary (SlipRunRow *self, SlipRunSummary *summary)
{
  gboolean same;

  g_return_if_fail (SLIP_IS_RUN_ROW (self));

  same = self->summary->changed == summary->changed && self->summary->state == summary->state;
  slip_run_summary_free (self->summary);
  self->summary = summary;
  if (!same)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

static SlipRunRow *
find_row (GListStore *store, const char *id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (store));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (G_LIST_MODEL (store), i);

      if (g_strcmp0 (row->summary->id, id) == 0)
        return g_steal_pointer (&row);
    }
  return NULL;
}

void
slip_run_rows_update (GListStore *store, GPtrArray *summaries)
{
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (G_IS_LIST_STORE (store));

  g_ptr_array_set_free_func (summaries, NULL);
  for (guint i = 0; i < summaries->len; i++)
    {
      SlipRunSummary *summary = g_ptr_array_index (summaries, i);
      g_autoptr (SlipRunRow) row = find_row (store, summary->id);

      /* Runs are never removed from the ledger, so what is new is all there is to add. */
      if (row != NULL)
        slip_run_row_take_summary (row, summary);
      else
        g_ptr_array_add (fresh, slip_run_row_new (summary));
    }
  g_ptr_array_set_size (summaries, 0);
  if (fresh->len > 0)
    g_list_store_splice (store, 0, 0, fresh->pdata, fresh->len);
}
