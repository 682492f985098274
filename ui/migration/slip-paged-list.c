/* SPDX-License-Identifier: MIT */

/* A long answer, page by page. The connection belongs to whichever worker fetches; only one does at a time. Pages that
 * nobody looked at for long are let go, so that memory does not grow with the answer. */

#include "config.h"

#include "slip-paged-list.h"

#include <glib/gi18n.h>

#include "slip-landed-lines.h"
#include "slip-pg.h"
#include "slip-task.h"

#define PAGE_ROWS 200
#define MAX_PAGES 50
#define RETRY_MS 1000 /* and twice as long each time */
#define MOST_RETRY_MS 30000

/* ---- rows */

struct _SlipPagedRow
{
  GObject parent_instance;

  char **values; /* owned; NULL until its page has come */
  guint n_values;
};

G_DEFINE_FINAL_TYPE (SlipPagedRow, slip_paged_row, G_TYPE_OBJECT)

static GParamSpec *loaded_property;

static void
slip_paged_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, SLIP_PAGED_ROW (object)->values != NULL);
}

static void
slip_paged_row_finalize (GObject *object)
{
  SlipPagedRow *self = SLIP_PAGED_ROW (object);

  for (guint i = 0; self->values != NULL && i < self->n_values; i++)
    g_free (self->values[i]);
  g_free (self->values);
  G_OBJECT_CLASS (slip_paged_row_parent_class)->finalize (object);
}

static void
slip_paged_row_class_init (SlipPagedRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = slip_paged_row_get_property;
  object_class->finalize = slip_paged_row_finalize;
  loaded_property
      = g_param_spec_boolean ("loaded", NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, loaded_property);
}

static void
slip_paged_row_init (SlipPagedRow *self)
{
}

gboolean
slip_paged_row_is_loaded (SlipPagedRow *self)
{
  g_return_val_if_fail (SLIP_IS_PAGED_ROW (self), FALSE);
  return self->values != NULL;
}

const char *
slip_paged_row_get (SlipPagedRow *self, guint column)
{
  g_return_val_if_fail (SLIP_IS_PAGED_ROW (self), NULL);
  return self->values != NULL && column < self->n_values ? self->values[column] : NULL;
}

char *
slip_paged_row_dup_line (SlipPagedRow *self, guint line, guint exact)
{
  const char *number = slip_paged_row_get (self, line);

  if (number == NULL)
    return NULL;
  return g_strconcat (g_strcmp0 (slip_paged_row_get (self, exact), "t") == 0 ? "" : "≥ ", number,
                      NULL);
}

static void
fill_row (SlipPagedRow *row, const SlipPgRows *rows, guint position)
{
  if (row->values != NULL)
    return;
  row->n_values = slip_pg_rows_get_n_columns (rows);
  row->values = g_new0 (char *, row->n_values + 1);
  for (guint i = 0; i < row->n_values; i++)
    row->values[i] = g_strdup (slip_pg_rows_get (rows, position, i));
  g_object_notify_by_pspec (G_OBJECT (row), loaded_property);
}

/* ---- the connection, of the one worker that fetches */

typedef struct
{
  GMutex mutex;
  SlipPg *pg; /* owned; opened by the first fetch */
  char *conninfo;
  char *sql;
  char *frame;               /* nullable; what is put around a page */
  GCancellable *cancellable; /* owned; ends it with the list */
} Source;

static void
source_clear (gpointer memory)
{
  Source *source = memory;

  g_clear_pointer (&source->pg, slip_pg_close);
  g_mutex_clear (&source->mutex);
  g_free (source->conninfo);
  g_free (source->sql);
  g_free (source->frame);
  g_object_unref (source->cancellable);
}

static void
source_unref (Source *source)
{
  g_atomic_rc_box_release_full (source, source_clear);
}

/* ---- the list */

struct _SlipPagedList
{
  GObject parent_instance;

  Source *source; /* owned */
  guint n;
  GHashTable *pages; /* owned; page number → GPtrArray of SlipPagedRow */
  GQueue used;       /* page numbers, the latest first */
  GQueue wanted;     /* page numbers, the latest first */
  char *message;
  guint retry;    /* the source that fetches again what could not be fetched */
  guint retry_ms; /* how long it waits; 0 while nothing failed */
  gboolean counted;
  gboolean busy;
};

static guint signal_changed;

static void fetch_next (SlipPagedList *self);

static GType
slip_paged_list_get_item_type (GListModel *model)
{
  return SLIP_TYPE_PAGED_ROW;
}

static guint
slip_paged_list_get_n_items (GListModel *model)
{
  return SLIP_PAGED_LIST (model)->n;
}

static gpointer slip_paged_list_get_item (GListModel *model, guint position);

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = slip_paged_list_get_item_type;
  iface->get_n_items = slip_paged_list_get_n_items;
  iface->get_item = slip_paged_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipPagedList,
                               slip_paged_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GPtrArray *
ensure_page (SlipPagedList *self, guint number)
{
  gpointer key = GUINT_TO_POINTER (number);
  GPtrArray *page = g_hash_table_lookup (self->pages, key);

  if (page != NULL)
    {
      if (g_queue_peek_head (&self->used) != key)
        {
          g_queue_remove (&self->used, key);
          g_queue_push_head (&self->used, key);
        }
      return page;
    }
  page = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = number * PAGE_ROWS; i < MIN (self->n, (number + 1) * PAGE_ROWS); i++)
    g_ptr_array_add (page, g_object_new (SLIP_TYPE_PAGED_ROW, NULL));
  g_hash_table_insert (self->pages, key, page);
  g_queue_push_head (&self->used, key);
  g_queue_push_head (&self->wanted, key);
  if (self->used.length > MAX_PAGES)
    {
      gpointer oldest = g_queue_pop_tail (&self->used);

      g_hash_table_remove (self->pages, oldest);
      g_queue_remove (&self->wanted, oldest);
    }
  fetch_next (self);
  return page;
}

static gpointer
slip_paged_list_get_item (GListModel *model, guint position)
{
  SlipPagedList *self = SLIP_PAGED_LIST (model);
  GPtrArray *page;

  if (position >= self->n)
    return NULL;
  page = ensure_page (self, position / PAGE_ROWS);
  return g_object_ref (g_ptr_array_index (page, position % PAGE_ROWS));
}

/* ---- fetching */

typedef struct
{
  Source *source;
  guint page;
  gboolean count;
  gint64 n;
  SlipPgRows *rows;
} Fetch;

static void
fetch_free (gpointer memory)
{
  Fetch *fetch = memory;

  source_unref (fetch->source);
  g_clear_pointer (&fetch->rows, slip_pg_rows_free);
  g_free (fetch);
}

static gboolean
fetch_locked (Fetch *fetch, GError **error)
{
  Source *source = fetch->source;
  g_autofree char *page = NULL;
  g_autofree char *sql = NULL;
  g_autoptr (SlipPgRows) counted = NULL;

  if (source->pg == NULL)
    source->pg = slip_pg_open (source->conninfo, "database", source->cancellable, error);
  if (source->pg == NULL)
    return FALSE;
  if (fetch->count)
    {
      sql = g_strdup_printf ("SELECT count (*) FROM (%s) AS counted", source->sql);
      counted = slip_pg_query (source->pg, sql, NULL, NULL, error);
      if (counted == NULL)
        return FALSE;
      fetch->n = slip_pg_rows_get_int (counted, 0, 0);
      return TRUE;
    }
  page = g_strdup_printf ("%s LIMIT %d OFFSET %" G_GINT64_FORMAT, source->sql, PAGE_ROWS,
                          (gint64)fetch->page * PAGE_ROWS);
  sql = slip_landed_lines_put (source->frame, page);
  fetch->rows = slip_pg_query (source->pg, sql, NULL, NULL, error);
  return fetch->rows != NULL;
}

static gboolean
fetch_page (SlipJob *job, gpointer memory, GError **error)
{
  Fetch *fetch = memory;
  gboolean ok;

  g_mutex_lock (&fetch->source->mutex);
  ok = fetch_locked (fetch, error);
  if (!ok)
    g_clear_pointer (&fetch->source->pg, slip_pg_close); /* the next one opens it anew */
  g_mutex_unlock (&fetch->source->mutex);
  return ok;
}

static void
take_page (SlipPagedList *self, const Fetch *fetch)
{
  GPtrArray *page = g_hash_table_lookup (self->pages, GUINT_TO_POINTER (fetch->page));

  for (guint i = 0; page != NULL && i < MIN (page->len, slip_pg_rows_get_n_rows (fetch->rows)); i++)
    fill_row (g_ptr_array_index (page, i), fetch->rows, i);
}

static gboolean
retry_cb (gpointer data)
{
  SlipPagedList *self = data;

  self->retry = 0;
  fetch_next (self);
  return G_SOURCE_REMOVE;
}

/* Who looks at the page that did not come would look at it for ever: it is wanted still, behind the others. */
static void
retry_later (SlipPagedList *self, const Fetch *fetch)
{
  gpointer key = GUINT_TO_POINTER (fetch->page);

  if (!fetch->count && g_hash_table_contains (self->pages, key))
    g_queue_push_tail (&self->wanted, key);
  self->retry_ms = CLAMP (2 * self->retry_ms, RETRY_MS, MOST_RETRY_MS);
  g_clear_handle_id (&self->retry, g_source_remove);
  self->retry = g_timeout_add (self->retry_ms, retry_cb, self);
}

static void
fetched_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipPagedList *self = owner;
  Fetch *fetch = memory;
  gboolean failed = self->message != NULL;

  self->busy = FALSE;
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    {
      self->message = g_strdup (error->message);
      retry_later (self, fetch);
    }
  else if (fetch->count)
    {
      self->n = (guint)MIN (fetch->n, G_MAXINT);
      self->counted = TRUE;
      if (self->n > 0)
        g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, self->n);
    }
  else
    take_page (self, fetch);
  if (error != NULL || fetch->count || failed)
    g_signal_emit (self, signal_changed, 0);
  if (error != NULL)
    return;
  self->retry_ms = 0;
  fetch_next (self);
}

static void
fetch_next (SlipPagedList *self)
{
  Fetch *fetch;
  g_autoptr (SlipJob) job = NULL;

  if (self->busy || (self->counted && self->wanted.length == 0))
    return;
  self->busy = TRUE;
  fetch = g_new0 (Fetch, 1);
  fetch->source = g_atomic_rc_box_acquire (self->source);
  fetch->count = !self->counted;
  if (self->counted)
    fetch->page = GPOINTER_TO_UINT (g_queue_pop_head (&self->wanted));
  job = slip_task_run (self, slip_pool_get_io (), _ ("Reading rows"), fetch_page, fetched_cb, fetch,
                       fetch_free);
}

static void
slip_paged_list_finalize (GObject *object)
{
  SlipPagedList *self = SLIP_PAGED_LIST (object);

  g_clear_handle_id (&self->retry, g_source_remove);
  if (self->source != NULL)
    {
      g_cancellable_cancel (self->source->cancellable);
      source_unref (self->source);
    }
  g_hash_table_unref (self->pages);
  g_queue_clear (&self->used);
  g_queue_clear (&self->wanted);
  g_free (self->message);
  G_OBJECT_CLASS (slip_paged_list_parent_class)->finalize (object);
}

static void
slip_paged_list_class_init (SlipPagedListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_paged_list_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_PAGED_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
slip_paged_list_init (SlipPagedList *self)
{
  self->pages = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  g_queue_init (&self->used);
  g_queue_init (&self->wanted);
}

SlipPagedList *
slip_paged_list_new (const char *conninfo, const char *sql, const char *frame)
{
  SlipPagedList *self;

  g_return_val_if_fail (conninfo != NULL && sql != NULL, NULL);

  self = g_object_new (SLIP_TYPE_PAGED_LIST, NULL);
  self->source = g_atomic_rc_box_new0 (Source);
  g_mutex_init (&self->source->mutex);
  self->source->conninfo = g_strdup (conninfo);
  self->source->sql = g_strdup (sql);
  self->source->frame = g_strdup (frame);
  self->source->cancellable = g_cancellable_new ();
  fetch_next (self);
  return self;
}

void
slip_paged_list_retry (SlipPagedList *self)
{
  g_return_if_fail (SLIP_IS_PAGED_LIST (self));

  if (self->retry == 0)
    return;
  g_clear_handle_id (&self->retry, g_source_remove);
  self->retry_ms = 0;
  fetch_next (self);
}

const char *
slip_paged_list_get_message (SlipPagedList *self)
{
  g_return_val_if_fail (SLIP_IS_PAGED_LIST (self), NULL);
  return self->message;
}

gboolean
slip_paged_list_is_counted (SlipPagedList *self)
{
  g_return_val_if_fail (SLIP_IS_PAGED_LIST (self), FALSE);
  return self->counted;
}

char *
slip_paged_list_dup_unfinished (SlipPagedList *self)
{
  const char *message = slip_paged_list_get_message (self);

  if (message != NULL)
    return g_strdup (message);
  return slip_paged_list_is_counted (self) ? NULL : g_strdup (_ ("Counting…"));
}

char *
slip_paged_list_dup_sql (SlipPagedList *self)
{
  g_return_val_if_fail (SLIP_IS_PAGED_LIST (self), NULL);
  return slip_landed_lines_put (self->source->frame, self->source->sql);
}

const char *
slip_paged_list_get_conninfo (SlipPagedList *self)
{
  g_return_val_if_fail (SLIP_IS_PAGED_LIST (self), NULL);
  return self->source->conninfo;
}
