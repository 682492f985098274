/* SPDX-License-Identifier: MIT */

/* The audit log as a lazy list. The ledger reads forwards from a sequence number, so older entries
 * are fetched by windows of sequence numbers that grow until enough of them match the filter. */

#include "config.h"

#include "slip-entry-list.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "slip-task.h"

#define PAGE 300
#define FIRST_WINDOW 600
#define MAX_WINDOW 200000

struct _SlipEntryList
{
  GObject parent_instance;

  SlipLedger *ledger; /* owned */
  GPtrArray *entries; /* owned; element-type SlipEntry, newest first */
  char *run;
  char *kind;
  char *text;
  char *message;
  gint64 newest; /* the highest sequence number looked at */
  gint64 oldest; /* the lowest one; 0 before the first reading */
  guint generation;
  gboolean loading;
  gboolean complete;
  gboolean again;
};

typedef struct
{
  SlipLedger *ledger;
  GPtrArray *found; /* oldest first */
  char *run;
  char *kind;
  char *text;
  gint64 from;
  gint64 before; /* only entries before this one; 0 for all */
  gint64 newest;
  gint64 oldest;
  guint generation;
  gboolean older;
} Reading;

typedef enum
{
  PROP_LOADING = 1,
} SlipEntryListProp;

static GParamSpec *properties[PROP_LOADING + 1];

static GType
slip_entry_list_get_item_type (GListModel *model)
{
  return SLIP_TYPE_ENTRY;
}

static guint
slip_entry_list_get_n_items (GListModel *model)
{
  return SLIP_ENTRY_LIST (model)->entries->len;
}

static gpointer
slip_entry_list_get_item (GListModel *model, guint position)
{
  SlipEntryList *self = SLIP_ENTRY_LIST (model);

  if (position >= self->entries->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->entries, position));
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = slip_entry_list_get_item_type;
  iface->get_n_items = slip_entry_list_get_n_items;
  iface->get_item = slip_entry_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipEntryList,
                               slip_entry_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_object_unref (reading->ledger);
  g_ptr_array_unref (reading->found);
  g_free (reading->run);
  g_free (reading->kind);
  g_free (reading->text);
  g_free (reading);
}

static gboolean
collect_cb (const SlipLedgerEntry *entry, gpointer data)
{
  Reading *reading = data;

  if (reading->before != 0 && entry->seq >= reading->before)
    return FALSE;
  g_ptr_array_add (reading->found, slip_entry_new (entry));
  return TRUE;
}

static gboolean
read_window (Reading *reading, gint64 from, gint64 before, GError **error)
{
  SlipLedgerFilter filter = {
      .run = reading->run,
      .kind = reading->kind,
      .text = reading->text,
      .from_seq = from,
  };

  reading->before = before;
  return slip_ledger_foreach (reading->ledger, &filter, collect_cb, reading, error);
}

/* Older entries: windows below the oldest one, twice as large each time, until a page is full. */
static gboolean
read_older (Reading *reading, GError **error)
{
  gint64 before = reading->oldest;
  gint64 window = FIRST_WINDOW;

  while (before > 1 && reading->found->len < PAGE)
    {
      gint64 from = MAX (before - window, 1);
      g_autoptr (GPtrArray) later = g_steal_pointer (&reading->found);

      reading->found = g_ptr_array_new_with_free_func (g_object_unref);
      if (!read_window (reading, from, before, error))
        return FALSE;
      g_ptr_array_extend_and_steal (reading->found, g_steal_pointer (&later));
      before = from;
      window = MIN (window * 2, MAX_WINDOW);
    }
  reading->oldest = before;
  return TRUE;
}

static gboolean
read_entries (SlipJob *job, gpointer data, GError **error)
{
  Reading *reading = data;
  guint8 root[SLIP_LEDGER_HASH_SIZE];
  guint64 size = 0;

  if (reading->older && reading->oldest > 0)
    return read_older (reading, error);

  if (!slip_ledger_get_head (reading->ledger, &size, root, error))
    return FALSE;
  if (reading->oldest == 0)
    {
      reading->newest = (gint64)size;
      reading->oldest = (gint64)size + 1;
      return read_older (reading, error);
    }
  if ((gint64)size > reading->newest
      && !read_window (reading, reading->newest + 1, (gint64)size + 1, error))
    return FALSE;
  reading->newest = MAX (reading->newest, (gint64)size);
  return TRUE;
}

static void
set_loading (SlipEntryList *self, gboolean loading)
{
  self->loading = loading;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static void
insert_found (SlipEntryList *self, GPtrArray *found, gboolean at_end)
{
  guint position = at_end ? self->entries->len : 0;

  for (guint i = 0; i < found->len; i++)
    {
      gpointer entry = g_object_ref (g_ptr_array_index (found, i));

      /* Found is oldest first, the list newest first. */
      g_ptr_array_insert (self->entries, position, entry);
    }
  if (found->len > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 0, found->len);
}

static void
read_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipEntryList *self = owner;
  Reading *reading = data;

  if (reading->generation != self->generation)
    return;
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    self->message = g_strdup (error->message);
  else
    {
      insert_found (self, reading->found, reading->older || self->oldest == 0);
      self->newest = reading->newest;
      self->oldest = reading->oldest;
      self->complete = self->oldest <= 1;
    }
  set_loading (self, FALSE);
  if (self->again)
    slip_entry_list_load_new (self);
}

static void
start_reading (SlipEntryList *self, gboolean older)
{
  Reading *reading = g_new0 (Reading, 1);
  g_autoptr (SlipJob) job = NULL;

  reading->ledger = g_object_ref (self->ledger);
  reading->found = g_ptr_array_new_with_free_func (g_object_unref);
  reading->run = g_strdup (self->run);
  reading->kind = g_strdup (self->kind);
  reading->text = g_strdup (self->text);
  reading->newest = self->newest;
  reading->oldest = self->oldest;
  reading->generation = self->generation;
  reading->older = older;
  self->again = FALSE;
  set_loading (self, TRUE);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Reading the audit log"), read_entries,
                       read_cb, reading, reading_free);
}

static void
slip_entry_list_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch ((SlipEntryListProp)prop_id)
    {
    case PROP_LOADING:
      g_value_set_boolean (value, SLIP_ENTRY_LIST (object)->loading);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_entry_list_finalize (GObject *object)
{
  SlipEntryList *self = SLIP_ENTRY_LIST (object);

  g_clear_object (&self->ledger);
  g_ptr_array_unref (self->entries);
  g_free (self->run);
  g_free (self->kind);
  g_free (self->text);
  g_free (self->message);
  G_OBJECT_CLASS (slip_entry_list_parent_class)->finalize (object);
}

static void
slip_entry_list_class_init (SlipEntryListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = slip_entry_list_get_property;
  object_class->finalize = slip_entry_list_finalize;
  properties[PROP_LOADING]
      = g_param_spec_boolean ("loading", NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
slip_entry_list_init (SlipEntryList *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_object_unref);
}

SlipEntryList *
slip_entry_list_new (SlipLedger *ledger)
{
  SlipEntryList *self = g_object_new (SLIP_TYPE_ENTRY_LIST, NULL);

  self->ledger = g_object_ref (ledger);
  start_reading (self, TRUE);
  return self;
}

void
slip_entry_list_set_filter (SlipEntryList *self,
                            const char *run,
                            const char *kind,
                            const char *text)
{
  guint n;

  g_return_if_fail (SLIP_IS_ENTRY_LIST (self));

  if (text != NULL && text[0] == '\0')
    text = NULL;
  if (g_strcmp0 (self->run, run) == 0 && g_strcmp0 (self->kind, kind) == 0
      && g_strcmp0 (self->text, text) == 0)
    return;
  g_free (self->run);
  g_free (self->kind);
  g_free (self->text);
  self->run = g_strdup (run);
  self->kind = g_strdup (kind);
  self->text = g_strdup (text);
  self->generation++;
  self->newest = self->oldest = 0;
  self->complete = FALSE;
  n = self->entries->len;
  g_ptr_array_set_size (self->entries, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
  start_reading (self, TRUE);
}

void
slip_entry_list_load_more (SlipEntryList *self)
{
  g_return_if_fail (SLIP_IS_ENTRY_LIST (self));
  if (!self->loading && !self->complete)
    start_reading (self, TRUE);
}

void
slip_entry_list_load_new (SlipEntryList *self)
{
  g_return_if_fail (SLIP_IS_ENTRY_LIST (self));
  if (self->loading)
    self->again = TRUE;
  else
    start_reading (self, FALSE);
}

gboolean
slip_entry_list_is_loading (SlipEntryList *self)
{
  g_return_val_if_fail (SLIP_IS_ENTRY_LIST (self), FALSE);
  return self->loading;
}

gboolean
slip_entry_list_is_complete (SlipEntryList *self)
{
  g_return_val_if_fail (SLIP_IS_ENTRY_LIST (self), FALSE);
  return self->complete;
}

const char *
slip_entry_list_get_message (SlipEntryList *self)
{
  g_return_val_if_fail (SLIP_IS_ENTRY_LIST (self), NULL);
  return self->message;
}
