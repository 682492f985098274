/* SPDX-License-Identifier: MIT */
/* The audit log. This file opens it, appends to it and seals it; slip-ledger-query.c reads it. There
 * is one connection that writes, under a lock, and as many that read as there are readers at once,
 * so that a long reading holds no append up. */

#include "slip-ledger.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-ledger-entry.h"
#include "slip-ledger-key.h"
#include "slip-ledger-lock.h"
#include "slip-ledger-private.h"
#include "slip-ledger-watch.h"
#include "slip-redact.h"

#include <glib/gstdio.h>
#include <string.h>

#define FORMAT_VERSION 1
#define CHECK_MAX_BYTES (32 * 1024 * 1024)
#define CHECKPOINT_INTERVAL 256

struct _SlipLedger
{
  GObject parent_instance;
  char *path;
  char *origin;
  char *verifier;
  const char *log_id; /* the last part of @origin */
  gboolean read_only;
  SlipClock *clock;
  SlipLedgerWatcher *watcher;

  GMutex write_lock; /* guards what follows */
  SlipLedgerStore *writer;
  SlipTreeFrontier frontier; /* as of the last append seen */
  guint interval;

  GMutex key_lock;
  SlipLedgerSigner *signer; /* NULL while the key is missing */

  GMutex reader_lock;
  GQueue readers; /* element-type SlipLedgerStore; idle ones */
};

G_DEFINE_FINAL_TYPE (SlipLedger, slip_ledger, G_TYPE_OBJECT)

GQuark
slip_ledger_error_quark (void)
{
  return g_quark_from_static_string ("slip-ledger-error-quark");
}

static void
slip_ledger_finalize (GObject *object)
{
  SlipLedger *self = SLIP_LEDGER (object);

  slip_ledger_watcher_free (self->watcher);
  g_queue_clear_full (&self->readers, (GDestroyNotify)slip_ledger_store_close);
  slip_ledger_store_close (self->writer);
  slip_ledger_signer_free (self->signer);
  g_clear_pointer (&self->clock, slip_clock_unref);
  g_mutex_clear (&self->write_lock);
  g_mutex_clear (&self->key_lock);
  g_mutex_clear (&self->reader_lock);
  g_free (self->path);
  g_free (self->origin);
  g_free (self->verifier);
  G_OBJECT_CLASS (slip_ledger_parent_class)->finalize (object);
}

static void
slip_ledger_class_init (SlipLedgerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_ledger_finalize;
}

static void
slip_ledger_init (SlipLedger *self)
{
  g_mutex_init (&self->write_lock);
  g_mutex_init (&self->key_lock);
  g_mutex_init (&self->reader_lock);
  g_queue_init (&self->readers);
  self->interval = CHECKPOINT_INTERVAL;
  self->clock = slip_clock_ref (slip_clock_get_system ());
}

/* Inside the write transaction, so that of two processes one creates and the other finds. */
static gboolean
create_tables (SlipLedger *self, GError **error)
{
  gboolean empty;

  if (!slip_ledger_store_is_empty (self->writer, &empty, error))
    return FALSE;
  if (!empty)
    return TRUE;
  self->signer = slip_ledger_key_create (self->path, error);
  return self->signer != NULL
         && slip_ledger_store_create (self->writer, slip_ledger_signer_get_name (self->signer),
                                      slip_ledger_signer_get_verifier (self->signer), error);
}

static gboolean
create_if_empty (SlipLedger *self, GError **error)
{
  gboolean empty;

  if (!slip_ledger_store_is_empty (self->writer, &empty, error))
    return FALSE;
  if (!empty)
    return TRUE;
  if (self->read_only)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_OPEN, "%s is empty: no ledger",
                   self->path);
      return FALSE;
    }
  if (slip_ledger_store_begin (self->writer, TRUE, error) && create_tables (self, error)
      && slip_ledger_store_commit (self->writer, error))
    return TRUE;
  slip_ledger_store_rollback (self->writer);
  return FALSE;
}

static gboolean
read_identity (SlipLedger *self, GError **error)
{
  if (!slip_ledger_store_identity (self->writer, &self->origin, &self->verifier, error))
    return FALSE;
  self->log_id = strrchr (self->origin, '/');
  self->log_id = self->log_id != NULL ? self->log_id + 1 : self->origin;
  return TRUE;
}

/* A key that is only missing may come back; slip_ledger_sign() looks again. */
static gboolean
load_key (SlipLedger *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean missing;

  if (self->read_only || self->signer != NULL)
    return TRUE;
  self->signer = slip_ledger_key_load (self->path, self->verifier, &missing, &local);
  if (self->signer != NULL || missing)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
damaged (SlipLedger *self, GError **error, const char *what, guint64 seq)
{
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
               "ledger %s is damaged: %s %" G_GUINT64_FORMAT
               ". Somebody changed the file. Keep it as evidence and start another",
               self->path, what, seq);
  return FALSE;
}

static gboolean
copy_last (const SlipLedgerEntry *entry, gpointer data)
{
  SlipTreeHash *leaf = data;

  slip_tree_leaf (entry->text, entry->length, leaf);
  return FALSE;
}

/* The last entry has the hash that the tree has for it. */
static gboolean
check_last (SlipLedger *self, GError **error)
{
  SlipLedgerFilter last = {.from_seq = (gint64)self->frontier.size, .limit = 1};
  SlipTreeHash computed = {0};
  SlipTreeHash stored;

  if (self->frontier.size == 0)
    return TRUE;
  if (!slip_ledger_foreach (self, &last, copy_last, &computed, error)
      || !slip_ledger_store_node (0, self->frontier.size - 1, &stored, self->writer, error))
    return FALSE;
  return memcmp (&computed, &stored, sizeof stored) == 0
         || damaged (self, error, "the tree does not fit entry", self->frontier.size);
}

/* The tree still begins with what was last signed. */
static gboolean
check_sealed (SlipLedger *self, GError **error)
{
  g_autofree char *note = NULL;
  g_autofree char *sealed = NULL;
  g_autofree char *expected = NULL;
  SlipTreeFrontier frontier;
  SlipTreeHash root;
  guint64 size = 0;

  if (!slip_ledger_store_checkpoint (self->writer, &size, &note, error))
    return FALSE;
  if (note == NULL)
    return TRUE;
  if (size > self->frontier.size)
    return damaged (self, error, "entries are missing, it had at least", size);
  if (!slip_tree_load (&frontier, size, slip_ledger_store_node, self->writer, error))
    return FALSE;
  slip_tree_root (&frontier, &root);
  expected = slip_ledger_note_checkpoint (self->origin, size, &root);
  sealed = slip_ledger_note_open (self->verifier, note);
  return g_strcmp0 (sealed, expected) == 0
         || damaged (self, error, "it does not fit its own checkpoint at entry", size);
}

static gboolean
check_on_open (SlipLedger *self, GError **error)
{
  guint64 size;
  gboolean fits;

  if (!slip_ledger_store_check (self->writer, CHECK_MAX_BYTES, error)
      || !slip_ledger_store_begin (self->writer, FALSE, error))
    return FALSE;
  fits = slip_ledger_store_size (self->writer, &size, error)
         && slip_tree_load (&self->frontier, size, slip_ledger_store_node, self->writer, error)
         && check_last (self, error) && check_sealed (self, error);
  slip_ledger_store_rollback (self->writer);
  return fits;
}

static SlipLedger *
open_ledger (const char *path, gboolean read_only, GError **error)
{
  g_autoptr (SlipLedger) self = g_object_new (SLIP_TYPE_LEDGER, NULL);

  self->path = g_canonicalize_filename (path, NULL);
  self->read_only = read_only;
  self->watcher = slip_ledger_watcher_new (self, self->path);
  self->writer = slip_ledger_store_open (
      self->path, read_only ? SLIP_LEDGER_STORE_READ : SLIP_LEDGER_STORE_CREATE, error);
  if (self->writer == NULL || !create_if_empty (self, error) || !read_identity (self, error)
      || !load_key (self, error) || !check_on_open (self, error))
    return NULL;
  slip_ledger_watcher_tell (self->watcher, (gint64)self->frontier.size);
  return g_steal_pointer (&self);
}

SlipLedger *
slip_ledger_open (const char *path, GError **error)
{
  g_autofree char *folder = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  folder = g_path_get_dirname (path);
  slip_file_sweep (folder);
  return open_ledger (path, FALSE, error);
}

SlipLedger *
slip_ledger_open_read_only (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return open_ledger (path, TRUE, error);
}

void
slip_ledger_set_clock (SlipLedger *self, SlipClock *clock)
{
  g_return_if_fail (SLIP_IS_LEDGER (self));

  slip_ledger_lock (&self->write_lock);
  slip_clock_ref (clock);
  slip_clock_unref (self->clock);
  self->clock = clock;
  slip_ledger_unlock (&self->write_lock);
}

void
slip_ledger_set_checkpoint_interval (SlipLedger *self, guint entries)
{
  g_return_if_fail (SLIP_IS_LEDGER (self));

  slip_ledger_lock (&self->write_lock);
  self->interval = entries;
  slip_ledger_unlock (&self->write_lock);
}

char *
slip_ledger_dup_path (SlipLedger *self)
{
  g_return_val_if_fail (SLIP_IS_LEDGER (self), NULL);

  return g_strdup (self->path);
}

char *
slip_ledger_dup_origin (SlipLedger *self)
{
  g_return_val_if_fail (SLIP_IS_LEDGER (self), NULL);

  return g_strdup (self->origin);
}

char *
slip_ledger_dup_public_key (SlipLedger *self)
{
  g_return_val_if_fail (SLIP_IS_LEDGER (self), NULL);

  return g_strdup (self->verifier);
}

char *
slip_ledger_sign (SlipLedger *self, const char *text, GError **error)
{
  char *note = NULL;
  gboolean missing;

  slip_ledger_lock (&self->key_lock);
  if (self->signer == NULL)
    self->signer = slip_ledger_key_load (self->path, self->verifier, &missing, error);
  if (self->signer != NULL)
    note = slip_ledger_signer_sign (self->signer, text, error);
  slip_ledger_unlock (&self->key_lock);
  return note;
}

/* Inside the write transaction: sequence and links are settled here. */
static gboolean
complete_entry (SlipLedger *self, JsonObject *entry, gint64 seq, GError **error)
{
  const char *run = slip_json_string (entry, "run");
  g_autofree char *time = slip_time_format (slip_clock_now (self->clock));
  gint64 previous = 0;

  if (run != NULL && !slip_ledger_store_previous (self->writer, run, &previous, error))
    return FALSE;
  json_object_set_int_member (entry, "v", FORMAT_VERSION);
  json_object_set_int_member (entry, "seq", seq);
  json_object_set_string_member (entry, "log", self->log_id);
  if (previous > 0)
    json_object_set_int_member (entry, "prev", previous);
  json_object_set_string_member (entry, "time", time);
  json_object_set_int_member (entry, "mono", slip_clock_monotonic (self->clock));
  json_object_set_string_member (entry, "boot", slip_ledger_entry_boot ());
  return TRUE;
}

static char *
sign_head (SlipLedger *self, const SlipTreeFrontier *frontier, GError **error)
{
  g_autofree char *text = NULL;
  SlipTreeHash root;

  slip_tree_root (frontier, &root);
  text = slip_ledger_note_checkpoint (self->origin, frontier->size, &root);
  return slip_ledger_sign (self, text, error);
}

/* What a run stands on when it goes on after a crash: what people said, that it was about to do what
 * cannot be undone, and that it ended. */
static gboolean
is_weighty (JsonObject *entry)
{
  static const char *const kinds[] = {"run.approved",
                                      "run.cosigned",
                                      "run.finished",
                                      "step.approved",
                                      "step.rejected",
                                      "step.confirmed",
                                      "step.attested",
                                      "step.decided",
                                      "step.cosigned",
                                      "call.settled",
                                      NULL};
  const char *kind = slip_json_string (entry, "kind");

  return (kind != NULL && g_strv_contains (kinds, kind))
         || (g_strcmp0 (kind, "step.intent") == 0
             && g_strcmp0 (slip_json_string (entry, "effect"), "final") == 0);
}

gboolean
slip_ledger_can_seal (SlipLedger *self, GError **error)
{
  g_autofree char *note = NULL;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), FALSE);

  note = slip_ledger_sign (self, "slipway\n", error);
  return note != NULL;
}

/* A checkpoint in the same transaction costs no second sync. That the key is missing just now is no
 * reason to refuse an entry. */
static gboolean
seal_if_due (SlipLedger *self, const SlipTreeFrontier *frontier, JsonObject *entry, GError **error)
{
  gboolean due
      = (self->interval != 0 && frontier->size % self->interval == 0) || is_weighty (entry);
  g_autofree char *note = NULL;

  if (!due || self->signer == NULL)
    return TRUE;
  note = sign_head (self, frontier, NULL);
  return note == NULL
         || slip_ledger_store_insert_checkpoint (self->writer, frontier->size, note, error);
}

/* Another process may have appended since; its entries are in the tree that this continues. */
static gboolean
catch_up (SlipLedger *self, SlipTreeFrontier *frontier, GError **error)
{
  guint64 size;

  if (!slip_ledger_store_size (self->writer, &size, error))
    return FALSE;
  if (size == self->frontier.size)
    {
      *frontier = self->frontier;
      return TRUE;
    }
  if (size < self->frontier.size)
    return damaged (self, error, "entries have vanished, it had", self->frontier.size);
  return slip_tree_load (frontier, size, slip_ledger_store_node, self->writer, error);
}

static gboolean
append_locked (SlipLedger *self, JsonNode *node, SlipTreeFrontier *frontier, GError **error)
{
  SlipTreeHash completed[SLIP_TREE_MAX_LEVELS];
  JsonObject *entry = json_node_get_object (node);
  g_autofree char *text = NULL;
  SlipTreeHash leaf;
  gsize length;
  guint n;

  if (!catch_up (self, frontier, error)
      || !complete_entry (self, entry, (gint64)frontier->size + 1, error))
    return FALSE;
  text = slip_ledger_entry_text (node, &length, error);
  if (text == NULL)
    return FALSE;
  slip_tree_leaf (text, length, &leaf);
  n = slip_tree_append (frontier, &leaf, completed);
  return slip_ledger_store_insert (self->writer, (gint64)frontier->size, text, length, completed, n,
                                   error)
         && seal_if_due (self, frontier, entry, error);
}

static gboolean
refuse_read_only (SlipLedger *self, GError **error)
{
  if (self->read_only)
    g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE,
                 "ledger %s is open for reading only", self->path);
  return self->read_only;
}

gboolean
slip_ledger_is_file (SlipLedger *self, const char *path)
{
  /* In the WAL's index stand the locks of whoever reads and writes. */
  static const char *const parts[] = {"", "-wal", "-shm"};
  GStatBuf ours;
  GStatBuf theirs;
  gboolean found = FALSE;

  g_return_val_if_fail (SLIP_IS_LEDGER (self) && path != NULL, FALSE);

  if (g_stat (path, &theirs) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (parts) && !found; i++)
    {
      g_autofree char *part = g_strconcat (self->path, parts[i], NULL);

      found = g_stat (part, &ours) == 0 && ours.st_dev == theirs.st_dev
              && ours.st_ino == theirs.st_ino;
    }
  return found;
}

gboolean
slip_ledger_append (SlipLedger *self, JsonObject *entry, gint64 *seq, GError **error)
{
  g_autoptr (JsonNode) given = NULL;
  g_autoptr (JsonNode) node = NULL;
  SlipTreeFrontier frontier;
  gboolean stored;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), FALSE);
  g_return_val_if_fail (entry != NULL, FALSE);

  if (refuse_read_only (self, error) || !slip_ledger_entry_check (entry, error))
    return FALSE;
  given = slip_json_new_object (json_object_ref (entry));
  node = slip_redact_json (given);

  slip_ledger_lock (&self->write_lock);
  stored = slip_ledger_store_begin (self->writer, TRUE, error)
           && append_locked (self, node, &frontier, error)
           && slip_ledger_store_commit (self->writer, error);
  if (stored)
    self->frontier = frontier;
  else
    slip_ledger_store_rollback (self->writer);
  slip_ledger_unlock (&self->write_lock);

  if (!stored)
    return FALSE;
  if (seq != NULL)
    *seq = (gint64)frontier.size;
  slip_ledger_watcher_tell (self->watcher, (gint64)frontier.size);
  return TRUE;
}

static gboolean
note_weight (const SlipLedgerEntry *entry, gpointer data)
{
  *(gboolean *)data = is_weighty (entry->object);
  return FALSE;
}

/* An approval is sealed when it is appended, or not at all: one that was put into the file would gain by
 * a later seal what it never had. */
static gboolean
store_checkpoint (SlipLedger *self, guint64 size, const char *note, GError **error)
{
  SlipLedgerFilter last = {.from_seq = (gint64)size, .limit = 1};
  gboolean weighty = FALSE;

  if (!slip_ledger_foreach (self, &last, note_weight, &weighty, error))
    return FALSE;
  return weighty || slip_ledger_store_insert_checkpoint (self->writer, size, note, error);
}

static char *
checkpoint_locked (SlipLedger *self, GError **error)
{
  SlipTreeFrontier frontier;
  g_autofree char *note = NULL;
  guint64 size;

  if (!catch_up (self, &frontier, error))
    return NULL;
  size = frontier.size;
  /* Of no entries a checkpoint can be signed, but there is nothing to seal. */
  if (size == 0)
    return sign_head (self, &frontier, error);
  if (!slip_ledger_store_checkpoint (self->writer, &size, &note, error))
    return NULL;
  if (note != NULL)
    return g_steal_pointer (&note);
  note = sign_head (self, &frontier, error);
  if (note == NULL || !store_checkpoint (self, size, note, error))
    return NULL;
  return g_steal_pointer (&note);
}

char *
slip_ledger_checkpoint (SlipLedger *self, GError **error)
{
  g_autofree char *note = NULL;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), NULL);

  if (refuse_read_only (self, error))
    return NULL;
  slip_ledger_lock (&self->write_lock);
  if (slip_ledger_store_begin (self->writer, TRUE, error))
    {
      note = checkpoint_locked (self, error);
      if (note != NULL && !slip_ledger_store_commit (self->writer, error))
        g_clear_pointer (&note, g_free);
      slip_ledger_store_rollback (self->writer);
    }
  slip_ledger_unlock (&self->write_lock);
  return g_steal_pointer (&note);
}

SlipLedgerStore *
slip_ledger_take_reader (SlipLedger *self, GError **error)
{
  SlipLedgerStore *store;

  slip_ledger_lock (&self->reader_lock);
  store = g_queue_pop_head (&self->readers);
  slip_ledger_unlock (&self->reader_lock);
  if (store == NULL)
    store = slip_ledger_store_open (self->path, SLIP_LEDGER_STORE_READ, error);
  return store;
}

void
slip_ledger_return_reader (SlipLedger *self, SlipLedgerStore *store)
{
  slip_ledger_store_rollback (store);
  slip_ledger_lock (&self->reader_lock);
  g_queue_push_head (&self->readers, store);
  slip_ledger_unlock (&self->reader_lock);
}

guint
slip_ledger_watch (SlipLedger *self, SlipLedgerAppendedFunc func, gpointer data)
{
  g_return_val_if_fail (SLIP_IS_LEDGER (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  return slip_ledger_watcher_add (self->watcher, func, data);
}

void
slip_ledger_unwatch (SlipLedger *self, guint id)
{
  g_return_if_fail (SLIP_IS_LEDGER (self));

  slip_ledger_watcher_remove (self->watcher, id);
}
