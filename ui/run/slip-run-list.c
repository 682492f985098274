/* SPDX-License-Identifier: MIT */

/* The runs of a ledger, shared by the page that lists them and the navigator that counts them. */

#include "config.h"

#include "slip-run-list.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "slip-run-text.h"
#include "slip-task.h"

#define COALESCE_MS 300

struct _SlipRunList
{
  GObject parent_instance;

  SlipLedger *ledger; /* owned */
  GListStore *rows;   /* owned; element-type SlipRunRow */
  char *message;
  SlipOpenCall *open_call; /* owned; the oldest, or NULL */
  guint source;
  gboolean loading;
  gboolean again;
};

static guint signal_loaded;

static GType
slip_run_list_get_item_type (GListModel *model)
{
  return SLIP_TYPE_RUN_ROW;
}

static guint
slip_run_list_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (SLIP_RUN_LIST (model)->rows));
}

static gpointer
slip_run_list_get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (SLIP_RUN_LIST (model)->rows), position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = slip_run_list_get_item_type;
  iface->get_n_items = slip_run_list_get_n_items;
  iface->get_item = slip_run_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipRunList,
                               slip_run_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

typedef struct
{
  SlipLedger *ledger;
  GPtrArray *summaries;
  SlipOpenCall *open_call;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_object_unref (load->ledger);
  g_clear_pointer (&load->summaries, g_ptr_array_unref);
  g_clear_pointer (&load->open_call, slip_open_call_free);
  g_free (load);
}

/* One that is being sent is nobody's business yet. */
static gboolean
load_open_call (Load *load, GError **error)
{
  g_autoptr (GPtrArray) calls = slip_open_call_list (load->ledger, error);

  for (guint i = 0; calls != NULL && load->open_call == NULL && i < calls->len; i++)
    if (!((SlipOpenCall *)g_ptr_array_index (calls, i))->in_flight)
      load->open_call = slip_open_call_copy (g_ptr_array_index (calls, i));
  return calls != NULL;
}

static gboolean
load_runs (SlipJob *job, gpointer data, GError **error)
{
  Load *load = data;

  load->summaries = slip_run_list (load->ledger, error);
  return load->summaries != NULL && load_open_call (load, error);
}

static void
loaded_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipRunList *self = owner;
  Load *load = data;

  self->loading = FALSE;
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    self->message = g_strdup (error->message);
  else
    {
      slip_run_rows_update (self->rows, load->summaries);
      g_clear_pointer (&self->open_call, slip_open_call_free);
      self->open_call = g_steal_pointer (&load->open_call);
    }
  g_signal_emit (self, signal_loaded, 0);
  if (self->again)
    slip_run_list_load_soon (self);
}

static void
load_now (SlipRunList *self)
{
  Load *load;
  g_autoptr (SlipJob) job = NULL;

  self->again = self->loading;
  if (self->loading)
    return;
  self->loading = TRUE;
  load = g_new0 (Load, 1);
  load->ledger = g_object_ref (self->ledger);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Reading runs"), load_runs, loaded_cb, load,
                       load_free);
}

static gboolean
load_source_cb (gpointer data)
{
  SlipRunList *self = data;

  self->source = 0;
  load_now (self);
  return G_SOURCE_REMOVE;
}

static void
rows_changed_cb (SlipRunList *self, guint position, guint removed, guint added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
slip_run_list_finalize (GObject *object)
{
  SlipRunList *self = SLIP_RUN_LIST (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->rows);
  g_clear_object (&self->ledger);
  g_free (self->message);
  g_clear_pointer (&self->open_call, slip_open_call_free);
  G_OBJECT_CLASS (slip_run_list_parent_class)->finalize (object);
}

static void
slip_run_list_class_init (SlipRunListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_run_list_finalize;
  signal_loaded = g_signal_new ("loaded", SLIP_TYPE_RUN_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
slip_run_list_init (SlipRunList *self)
{
  self->rows = g_list_store_new (SLIP_TYPE_RUN_ROW);
  g_signal_connect_object (self->rows, "items-changed", G_CALLBACK (rows_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

SlipRunList *
slip_run_list_new (SlipLedger *ledger)
{
  SlipRunList *self = g_object_new (SLIP_TYPE_RUN_LIST, NULL);

  self->ledger = g_object_ref (ledger);
  load_now (self);
  return self;
}

void
slip_run_list_load_soon (SlipRunList *self)
{
  g_return_if_fail (SLIP_IS_RUN_LIST (self));
  if (self->source == 0)
    self->source = g_timeout_add (COALESCE_MS, load_source_cb, self);
}

guint
slip_run_list_count (SlipRunList *self, guint *waiting, guint *going)
{
  guint n;

  g_return_val_if_fail (SLIP_IS_RUN_LIST (self), 0);

  n = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  if (waiting != NULL)
    *waiting = 0;
  if (going != NULL)
    *going = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), i);
      SlipRunState state = slip_run_row_get_summary (row)->state;
      SlipTone tone = slip_run_state_tone (state);

      if (waiting != NULL && (tone == SLIP_TONE_WARNING || tone == SLIP_TONE_UNKNOWN))
        (*waiting)++;
      if (going != NULL && state == SLIP_RUN_RUNNING)
        (*going)++;
    }
  return n;
}

const SlipOpenCall *
slip_run_list_get_open_call (SlipRunList *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_LIST (self), NULL);
  return self->open_call;
}

const char *
slip_run_list_get_message (SlipRunList *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_LIST (self), NULL);
  return self->message;
}
