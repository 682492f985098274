/* SPDX-License-Identifier: MIT */

/* A ledger entry as a row of the audit log. */

#include "config.h"

#include "slip-entry.h"

struct _SlipEntry
{
  GObject parent_instance;

  gint64 seq;
  JsonObject *object; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipEntry, slip_entry, G_TYPE_OBJECT)

static void
slip_entry_finalize (GObject *object)
{
  json_object_unref (SLIP_ENTRY (object)->object);
  G_OBJECT_CLASS (slip_entry_parent_class)->finalize (object);
}

static void
slip_entry_class_init (SlipEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_entry_finalize;
}

static void
slip_entry_init (SlipEntry *self)
{
}

SlipEntry *
slip_entry_new (const SlipLedgerEntry *entry)
{
  SlipEntry *self = g_object_new (SLIP_TYPE_ENTRY, NULL);

  self->seq = entry->seq;
  self->object = json_object_ref (entry->object);
  return self;
}

gint64
slip_entry_get_seq (SlipEntry *self)
{
  g_return_val_if_fail (SLIP_IS_ENTRY (self), 0);
  return self->seq;
}

JsonObject *
slip_entry_get_object (SlipEntry *self)
{
  g_return_val_if_fail (SLIP_IS_ENTRY (self), NULL);
  return self->object;
}
