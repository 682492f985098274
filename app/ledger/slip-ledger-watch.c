/* SPDX-License-Identifier: MIT */
/* News of entries for the window, in the default main context. A process knows its own appends; for
 * those of others a thread looks at the newest sequence number, which costs a few microseconds. A
 * file monitor would also fire for SQLite's own housekeeping, and not on every file system. */

#include "slip-ledger-watch.h"
#include "slip-ledger-lock.h"
#include "slip-ledger-store.h"

#define POLL_INTERVAL_US (200 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  guint id;
  SlipLedgerAppendedFunc func;
  gpointer data;
} Watch;

struct _SlipLedgerWatcher
{
  SlipLedger *ledger; /* not owned */
  char *path;
  GMutex lock;
  GCond stop_changed;
  GArray *watches; /* element-type Watch */
  guint last_id;
  gint64 newest;
  GThread *poller;
  gboolean stop;
  gboolean pending;
};

SlipLedgerWatcher *
slip_ledger_watcher_new (SlipLedger *ledger, const char *path)
{
  SlipLedgerWatcher *watcher = g_new0 (SlipLedgerWatcher, 1);

  watcher->ledger = ledger;
  watcher->path = g_strdup (path);
  watcher->watches = g_array_new (FALSE, FALSE, sizeof (Watch));
  g_mutex_init (&watcher->lock);
  g_cond_init (&watcher->stop_changed);
  return watcher;
}

static gboolean
find_watch (SlipLedgerWatcher *watcher, guint id, guint *position)
{
  for (guint i = 0; i < watcher->watches->len; i++)
    {
      if (g_array_index (watcher->watches, Watch, i).id == id)
        {
          *position = i;
          return TRUE;
        }
    }
  return FALSE;
}

/* Runs in the default main context. A watch may remove itself or others from its function. */
static gboolean
deliver (gpointer data)
{
  SlipLedgerWatcher *watcher = data;
  g_autofree Watch *watches = NULL;
  gint64 newest;
  guint n;

  slip_ledger_lock (&watcher->lock);
  watcher->pending = FALSE;
  newest = watcher->newest;
  n = watcher->watches->len;
  watches = g_memdup2 (watcher->watches->data, n * sizeof (Watch));
  slip_ledger_unlock (&watcher->lock);

  for (guint i = 0; i < n; i++)
    {
      guint position;
      gboolean present;

      slip_ledger_lock (&watcher->lock);
      present = find_watch (watcher, watches[i].id, &position);
      slip_ledger_unlock (&watcher->lock);
      if (present)
        watches[i].func (watcher->ledger, newest, watches[i].data);
    }
  return G_SOURCE_REMOVE;
}

static void
release (gpointer data)
{
  SlipLedgerWatcher *watcher = data;

  g_object_unref (watcher->ledger);
}

void
slip_ledger_watcher_tell (SlipLedgerWatcher *watcher, gint64 seq)
{
  gboolean invoke = FALSE;

  slip_ledger_lock (&watcher->lock);
  if (seq > watcher->newest)
    {
      watcher->newest = seq;
      invoke = !watcher->pending && watcher->watches->len > 0;
      watcher->pending |= invoke;
    }
  slip_ledger_unlock (&watcher->lock);
  if (!invoke)
    return;
  g_object_ref (watcher->ledger);
  slip_handoff_invoke (NULL, deliver, watcher, release);
}

/* An error is not reported: whoever reads the ledger next meets it and says so. */
static void
look (SlipLedgerWatcher *watcher, SlipLedgerStore **store)
{
  guint64 size = 0;

  if (*store == NULL)
    *store = slip_ledger_store_open (watcher->path, SLIP_LEDGER_STORE_READ, NULL);
  if (*store == NULL)
    return;
  if (slip_ledger_store_size (*store, &size, NULL))
    slip_ledger_watcher_tell (watcher, (gint64)size);
  else
    g_clear_pointer (store, slip_ledger_store_close);
}

static gpointer
poll_thread (gpointer data)
{
  SlipLedgerWatcher *watcher = data;
  SlipLedgerStore *store = NULL;

  slip_ledger_lock (&watcher->lock);
  while (!watcher->stop)
    {
      gint64 end = g_get_monotonic_time () + POLL_INTERVAL_US;

      slip_ledger_unlock (&watcher->lock);
      look (watcher, &store);
      slip_ledger_lock (&watcher->lock);
      while (!watcher->stop)
        if (!slip_ledger_wait_until (&watcher->stop_changed, &watcher->lock, end))
          break;
    }
  slip_ledger_unlock (&watcher->lock);
  slip_ledger_store_close (store);
  return NULL;
}

guint
slip_ledger_watcher_add (SlipLedgerWatcher *watcher, SlipLedgerAppendedFunc func, gpointer data)
{
  Watch watch = {0, func, data};

  slip_ledger_lock (&watcher->lock);
  watch.id = ++watcher->last_id;
  g_array_append_val (watcher->watches, watch);
  /* One thread for the rest of the ledger's life: ending it would mean to wait for it, and the main
   * thread must not. */
  if (watcher->poller == NULL)
    watcher->poller = g_thread_new ("ledger-watch", poll_thread, watcher);
  slip_ledger_unlock (&watcher->lock);
  return watch.id;
}

void
slip_ledger_watcher_remove (SlipLedgerWatcher *watcher, guint id)
{
  guint position;

  slip_ledger_lock (&watcher->lock);
  if (find_watch (watcher, id, &position))
    g_array_remove_index (watcher->watches, position);
  slip_ledger_unlock (&watcher->lock);
}

void
slip_ledger_watcher_free (SlipLedgerWatcher *watcher)
{
  if (watcher == NULL)
    return;
  slip_ledger_lock (&watcher->lock);
  watcher->stop = TRUE;
  g_cond_signal (&watcher->stop_changed);
  slip_ledger_unlock (&watcher->lock);
  if (watcher->poller != NULL)
    g_thread_join (watcher->poller);
  g_array_unref (watcher->watches);
  g_mutex_clear (&watcher->lock);
  g_cond_clear (&watcher->stop_changed);
  g_free (watcher->path);
  g_free (watcher);
}
