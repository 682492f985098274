/* SPDX-License-Identifier: MIT */

/* Which environments have changed under the lists that show them. A call that changes something makes
 * them old, and so does the end of a wait: "copying 32 %" must not stand where a copy is complete. */

#include "config.h"

#include "slip-freshness.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-task.h"

#define COALESCE_MS 300

struct _SlipFreshness
{
  GObject parent_instance;

  SlipLedger *ledger;  /* owned */
  GHashTable *waits;   /* owned; set of "run step" that were seen to wait */
  GHashTable *changed; /* owned; environment → gint64, microseconds since 1970 */
  gint64 all_changed;
  gint64 next; /* the first entry that was not read; 0 before the first */
  guint source;
  gboolean reading;
  gboolean again;
};

G_DEFINE_FINAL_TYPE (SlipFreshness, slip_freshness, G_TYPE_OBJECT)

static guint signal_changed;

/* What of an entry counts here. */
typedef struct
{
  char *kind;
  char *step; /* "run step" */
  char *environment;
  gboolean reads;
} Fact;

typedef struct
{
  SlipLedger *ledger;
  gint64 from;
  GPtrArray *facts; /* element-type Fact */
} Reading;

static void
fact_free (gpointer data)
{
  Fact *fact = data;

  g_free (fact->kind);
  g_free (fact->step);
  g_free (fact->environment);
  g_free (fact);
}

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_object_unref (reading->ledger);
  g_ptr_array_unref (reading->facts);
  g_free (reading);
}

static gboolean
collect_cb (const SlipLedgerEntry *entry, gpointer data)
{
  Reading *reading = data;
  const char *kind = slip_json_string (entry->object, "kind");
  const char *run = slip_json_string (entry->object, "run");
  const char *step = slip_json_string (entry->object, "step");
  Fact *fact;

  reading->from = entry->seq + 1;
  if (kind == NULL || run == NULL)
    return TRUE;
  fact = g_new0 (Fact, 1);
  fact->kind = g_strdup (kind);
  fact->step = g_strdup_printf ("%s %s", run, step != NULL ? step : "");
  fact->environment = g_strdup (slip_json_string (entry->object, "environment"));
  fact->reads = g_strcmp0 (slip_json_string (entry->object, "effect"), "read") == 0;
  g_ptr_array_add (reading->facts, fact);
  return TRUE;
}

static gboolean
read_entries (SlipJob *job, gpointer data, GError **error)
{
  Reading *reading = data;
  SlipLedgerFilter filter = {.from_seq = reading->from};

  return slip_ledger_foreach (reading->ledger, &filter, collect_cb, reading, error);
}

static void
tell (SlipFreshness *self, const char *environment)
{
  gint64 now = g_get_real_time ();

  if (environment != NULL)
    g_hash_table_insert (self->changed, g_strdup (environment), g_memdup2 (&now, sizeof now));
  else
    self->all_changed = now;
  g_signal_emit (self, signal_changed, 0, environment);
}

static void
add_changed (SlipFreshness *self, const Fact *fact, GHashTable *environments, gboolean *all)
{
  if (g_str_equal (fact->kind, "step.waiting"))
    g_hash_table_add (self->waits, g_strdup (fact->step));
  else if (g_str_equal (fact->kind, "run.finished"))
    *all = TRUE;
  else if (g_str_equal (fact->kind, "step.outcome"))
    {
      gboolean waited = g_hash_table_remove (self->waits, fact->step);

      if ((waited || !fact->reads) && fact->environment != NULL)
        g_hash_table_add (environments, fact->environment);
    }
}

static void
read_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipFreshness *self = owner;
  Reading *reading = data;
  g_autoptr (GHashTable) environments = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer environment;
  gboolean all = FALSE;

  self->reading = FALSE;
  /* A ledger that cannot be read is told by the list of runs; these entries are read with the next. */
  if (error == NULL)
    self->next = reading->from;
  for (guint i = 0; error == NULL && i < reading->facts->len; i++)
    add_changed (self, g_ptr_array_index (reading->facts, i), environments, &all);
  g_hash_table_iter_init (&iter, environments);
  while (!all && g_hash_table_iter_next (&iter, &environment, NULL))
    tell (self, environment);
  /* A run may have changed what belongs to another account: what was shared, or copied there. */
  if (all)
    tell (self, NULL);
  if (self->again)
    slip_freshness_look_soon (self, self->next);
}

static gboolean
look_cb (gpointer data)
{
  SlipFreshness *self = data;
  Reading *reading;
  g_autoptr (SlipJob) job = NULL;

  self->source = 0;
  self->again = self->reading;
  if (self->reading)
    return G_SOURCE_REMOVE;
  self->reading = TRUE;
  reading = g_new0 (Reading, 1);
  reading->ledger = g_object_ref (self->ledger);
  reading->from = self->next;
  reading->facts = g_ptr_array_new_with_free_func (fact_free);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Looking for changes"), read_entries, read_cb,
                       reading, reading_free);
  return G_SOURCE_REMOVE;
}

static void
slip_freshness_finalize (GObject *object)
{
  SlipFreshness *self = SLIP_FRESHNESS (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->ledger);
  g_hash_table_unref (self->waits);
  g_hash_table_unref (self->changed);
  G_OBJECT_CLASS (slip_freshness_parent_class)->finalize (object);
}

static void
slip_freshness_class_init (SlipFreshnessClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_freshness_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_FRESHNESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
slip_freshness_init (SlipFreshness *self)
{
  self->waits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

SlipFreshness *
slip_freshness_new (SlipLedger *ledger)
{
  SlipFreshness *self = g_object_new (SLIP_TYPE_FRESHNESS, NULL);

  self->ledger = g_object_ref (ledger);
  return self;
}

void
slip_freshness_look_soon (SlipFreshness *self, gint64 seq)
{
  g_return_if_fail (SLIP_IS_FRESHNESS (self));

  /* What was there before is older than the first listing. */
  if (self->next == 0)
    self->next = seq;
  if (self->source == 0)
    self->source = g_timeout_add (COALESCE_MS, look_cb, self);
}

gint64
slip_freshness_get_changed (SlipFreshness *self, const char *environment)
{
  const gint64 *changed;

  g_return_val_if_fail (SLIP_IS_FRESHNESS (self), 0);
  g_return_val_if_fail (environment != NULL, 0);

  changed = g_hash_table_lookup (self->changed, environment);
  return MAX (changed != NULL ? *changed : 0, self->all_changed);
}
