/* SPDX-License-Identifier: MIT */
/* A run for those who look at it: the fold over its ledger entries as a list of steps that notifies.
 * It follows the ledger and never a timer of its own, and reads the disk on a worker only. It changes
 * nothing; SlipRunner does. */

#include "slip-run-private.h"

#include "slip-handoff.h"
#include "slip-json.h"
#include "slip-pool.h"
#include "slip-run-lock.h"

enum
{
  PROP_ID = 1,
  PROP_TITLE,
  PROP_ENVIRONMENT,
  PROP_STATE,
  PROP_MESSAGE,
  PROP_NEED_STEP,
  PROP_PROGRESS,
  PROP_REMAINING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GType
run_get_item_type (GListModel *model)
{
  return SLIP_TYPE_RUN_STEP;
}

static guint
run_get_n_items (GListModel *model)
{
  return SLIP_RUN (model)->steps->len;
}

static gpointer
run_get_item (GListModel *model, guint position)
{
  SlipRun *self = SLIP_RUN (model);

  return position < self->steps->len ? g_object_ref (g_ptr_array_index (self->steps, position))
                                     : NULL;
}

static void
run_list_init (GListModelInterface *iface)
{
  iface->get_item_type = run_get_item_type;
  iface->get_n_items = run_get_n_items;
  iface->get_item = run_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipRun,
                               slip_run,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, run_list_init))

static void
slip_run_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SlipRun *self = SLIP_RUN (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->fold->id);
      break;
    case PROP_TITLE:
      g_value_set_string (value, slip_run_get_title (self));
      break;
    case PROP_ENVIRONMENT:
      g_value_set_string (value, slip_run_get_environment (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (gint)self->state);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->fold->message);
      break;
    case PROP_NEED_STEP:
      g_value_set_string (value, self->fold->need_step);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, slip_run_get_progress (self));
      break;
    case PROP_REMAINING:
      g_value_set_double (value, slip_run_get_remaining (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
slip_run_dispose (GObject *object)
{
  SlipRun *self = SLIP_RUN (object);

  if (self->watch != 0)
    slip_ledger_unwatch (self->ledger, self->watch);
  self->watch = 0;
  G_OBJECT_CLASS (slip_run_parent_class)->dispose (object);
}

static void
slip_run_finalize (GObject *object)
{
  SlipRun *self = SLIP_RUN (object);

  g_clear_pointer (&self->fold, slip_run_fold_free);
  g_ptr_array_unref (self->steps);
  g_free (self->lock_folder);
  g_clear_object (&self->ledger);
  G_OBJECT_CLASS (slip_run_parent_class)->finalize (object);
}

static void
slip_run_class_init (SlipRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = slip_run_get_property;
  object_class->dispose = slip_run_dispose;
  object_class->finalize = slip_run_finalize;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_ENVIRONMENT] = g_param_spec_string ("environment", NULL, NULL, NULL, flags);
  properties[PROP_STATE]
      = g_param_spec_enum ("state", NULL, NULL, SLIP_TYPE_RUN_STATE, SLIP_RUN_PLANNED, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  properties[PROP_NEED_STEP] = g_param_spec_string ("need-step", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_REMAINING]
      = g_param_spec_double ("remaining", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  /**
   * SlipRun::changed:
   *
   * The run has new ledger entries.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_run_init (SlipRun *self)
{
  self->steps = g_ptr_array_new_with_free_func (g_object_unref);
  self->speed = 1;
}

/* Whether somebody executes a run that its entries call running. A lock file is asked, which is one
 * system call on a file that was read a moment ago; good enough for the main thread. */
static void
settle_state (SlipRun *self)
{
  self->state = self->fold->state;
  if (self->state == SLIP_RUN_RUNNING && !slip_run_lock_is_held (self->lock_folder, self->fold->id))
    self->state = SLIP_RUN_INTERRUPTED;
}

/* Steps only ever appear (turns of loops), so that what is there keeps its object and its row keeps
 * selection and expansion. */
static void
settle_steps (SlipRun *self)
{
  for (guint i = 0; i < self->fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (self->fold->steps, i);
      SlipRunStep *shown = i < self->steps->len ? g_ptr_array_index (self->steps, i) : NULL;

      if (shown != NULL && slip_run_step_get_fold (shown) == step)
        {
          slip_run_step_changed (shown);
          continue;
        }
      g_ptr_array_insert (self->steps, (gint)i, slip_run_step_new (step));
      g_list_model_items_changed (G_LIST_MODEL (self), i, 0, 1);
    }
}

static void
settle (SlipRun *self)
{
  GObject *object = G_OBJECT (self);

  settle_state (self);
  settle_steps (self);
  g_object_freeze_notify (object);
  for (guint i = PROP_STATE; i < N_PROPS; i++)
    g_object_notify_by_pspec (object, properties[i]);
  g_object_thaw_notify (object);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- following the ledger */

typedef struct
{
  SlipRun *run;       /* owned; touched on the main thread only */
  SlipLedger *ledger; /* owned */
  char *id;
  gint64 from_seq;
  GPtrArray *entries; /* element-type JsonObject */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_object_unref (reading->run);
  g_object_unref (reading->ledger);
  g_free (reading->id);
  g_ptr_array_unref (reading->entries);
  g_free (reading);
}

static gboolean
collect_entry (const SlipLedgerEntry *entry, gpointer data)
{
  g_ptr_array_add (data, json_object_ref (entry->object));
  return TRUE;
}

static void read_more (SlipRun *self);

static gboolean
take_entries (gpointer data)
{
  Reading *reading = data;
  SlipRun *self = reading->run;

  SLIP_HANDOFF_TAKE (reading);
  self->reading = FALSE;
  for (guint i = 0; i < reading->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (reading->entries, i);
      g_autoptr (GError) error = NULL;

      /* A refresh in between may have been faster. */
      if (slip_json_int (entry, "seq", 0) > self->fold->last_seq
          && !slip_run_fold_apply (self->fold, entry, &error))
        g_message ("%s", error->message);
    }
  if (self->read_again)
    read_more (self);
  settle (self);
  return G_SOURCE_REMOVE;
}

static gboolean
read_entries (SlipJob *job, gpointer data, GError **error)
{
  Reading *reading = data;
  SlipLedgerFilter filter = {.run = reading->id, .from_seq = reading->from_seq};
  gboolean ok
      = slip_ledger_foreach (reading->ledger, &filter, collect_entry, reading->entries, error);

  SLIP_HANDOFF_GIVE (reading);
  slip_handoff_invoke (NULL, take_entries, reading, reading_free);
  return ok;
}

static void
read_more (SlipRun *self)
{
  g_autoptr (SlipJob) job = NULL;
  Reading *reading;

  self->read_again = self->reading;
  if (self->reading)
    return;
  self->reading = TRUE;
  reading = g_new0 (Reading, 1);
  reading->run = g_object_ref (self);
  reading->ledger = g_object_ref (self->ledger);
  reading->id = g_strdup (self->fold->id);
  reading->from_seq = self->fold->last_seq + 1;
  reading->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  job = slip_job_new ("Reading the ledger");
  slip_pool_run (slip_pool_get_io (), job, read_entries, reading, NULL);
}

static void
ledger_appended (SlipLedger *ledger, gint64 seq, gpointer data)
{
  SlipRun *self = data;

  if (seq > self->fold->last_seq)
    read_more (self);
}

/* ---- loading */

static SlipRunFold *
load_fold (SlipLedger *ledger, const char *id, GError **error)
{
  g_autoptr (SlipRunFold) fold = slip_run_fold_new (id);

  if (!slip_run_fold_sync (fold, ledger, error))
    return NULL;
  if (fold->plan == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_FOUND, "the ledger holds no run %s",
                   id);
      return NULL;
    }
  return g_steal_pointer (&fold);
}

static SlipRun *
wrap_fold (SlipLedger *ledger, SlipRunFold *fold)
{
  SlipRun *self = g_object_new (SLIP_TYPE_RUN, NULL);

  self->ledger = g_object_ref (ledger);
  self->fold = fold;
  self->lock_folder = slip_run_lock_folder (ledger);
  settle_state (self);
  settle_steps (self);
  self->watch = slip_ledger_watch (ledger, ledger_appended, self);
  return self;
}

SlipRun *
slip_run_load (SlipLedger *ledger, const char *id, GError **error)
{
  SlipRunFold *fold;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && id != NULL, NULL);

  fold = load_fold (ledger, id, error);
  return fold != NULL ? wrap_fold (ledger, fold) : NULL;
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  SlipRunFold *fold = load_fold (source, data, &error);

  if (fold == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  SLIP_HANDOFF_GIVE (fold);
  g_task_return_pointer (task, fold, (GDestroyNotify)slip_run_fold_free);
}

void
slip_run_load_async (SlipLedger *ledger,
                     const char *id,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (ledger, cancellable, callback, user_data);

  g_return_if_fail (SLIP_IS_LEDGER (ledger) && id != NULL);

  g_task_set_source_tag (task, slip_run_load_async);
  g_task_set_task_data (task, g_strdup (id), g_free);
  g_task_run_in_thread (task, load_thread);
}

SlipRun *
slip_run_load_finish (GAsyncResult *result, GError **error)
{
  SlipRunFold *fold;
  SlipRun *self;

  g_return_val_if_fail (G_IS_TASK (result), NULL);

  fold = g_task_propagate_pointer (G_TASK (result), error);
  if (fold == NULL)
    return NULL;
  SLIP_HANDOFF_TAKE (fold);
  self = wrap_fold (g_task_get_source_object (G_TASK (result)), fold);
  /* What was written after the thread had read and before the watch began would be told by nobody. */
  read_more (self);
  return self;
}

gboolean
slip_run_refresh (SlipRun *self, GError **error)
{
  gint64 before;

  g_return_val_if_fail (SLIP_IS_RUN (self), FALSE);

  before = self->fold->last_seq;
  if (!slip_run_fold_sync (self->fold, self->ledger, error))
    return FALSE;
  if (self->fold->last_seq != before || self->state == SLIP_RUN_RUNNING)
    settle (self);
  return TRUE;
}

void
slip_run_set_speed (SlipRun *self, double speed)
{
  g_return_if_fail (SLIP_IS_RUN (self) && speed > 0);

  self->speed = speed;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REMAINING]);
}
