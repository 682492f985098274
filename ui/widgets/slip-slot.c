/* SPDX-License-Identifier: MIT */

/* A place in a view of a tree. */

#include "config.h"

#include "slip-slot.h"

struct _SlipSlot
{
  GObject parent_instance;

  GtkTreeListRow *row; /* owned */
  GObject *item;       /* owned */
  guint position;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SlipSlot, slip_slot, G_TYPE_OBJECT)

static void
slip_slot_finalize (GObject *object)
{
  SlipSlot *self = SLIP_SLOT (object);

  g_clear_object (&self->row);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (slip_slot_parent_class)->finalize (object);
}

static void
slip_slot_class_init (SlipSlotClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_slot_finalize;
  signals[CHANGED] = g_signal_new ("changed", SLIP_TYPE_SLOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
slip_slot_init (SlipSlot *self)
{
  self->position = G_MAXUINT;
}

SlipSlot *
slip_slot_new (void)
{
  return g_object_new (SLIP_TYPE_SLOT, NULL);
}

void
slip_slot_set_row (SlipSlot *self, GtkTreeListRow *row)
{
  g_autoptr (GObject) item = NULL;

  g_return_if_fail (SLIP_IS_SLOT (self));
  g_return_if_fail (GTK_IS_TREE_LIST_ROW (row));

  item = gtk_tree_list_row_get_item (row);
  g_set_object (&self->row, row);
  g_set_object (&self->item, item);
}

GtkTreeListRow *
slip_slot_get_row (SlipSlot *self)
{
  g_return_val_if_fail (SLIP_IS_SLOT (self), NULL);
  return self->row;
}

gpointer
slip_slot_get_item (SlipSlot *self)
{
  g_return_val_if_fail (SLIP_IS_SLOT (self), NULL);
  return self->item;
}

void
slip_slot_set_position (SlipSlot *self, guint position)
{
  g_return_if_fail (SLIP_IS_SLOT (self));
  self->position = position;
}

guint
slip_slot_get_position (SlipSlot *self)
{
  g_return_val_if_fail (SLIP_IS_SLOT (self), G_MAXUINT);
  return self->position;
}

void
slip_slot_tell (SlipSlot *self)
{
  g_return_if_fail (SLIP_IS_SLOT (self));
  g_signal_emit (self, signals[CHANGED], 0);
}
