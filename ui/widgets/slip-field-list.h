/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SLIP_TYPE_FIELD_LIST (slip_field_list_get_type ())

/**
 * SlipFieldList:
 *
 * Names and values below each other: small names, selectable values.
 */
G_DECLARE_FINAL_TYPE (SlipFieldList, slip_field_list, SLIP, FIELD_LIST, GtkWidget)

GtkWidget *slip_field_list_new (void);
void slip_field_list_clear (SlipFieldList *self);

/**
 * slip_field_list_add:
 * @name: what it is
 * @value: (nullable): empty ones are left out
 */
void slip_field_list_add (SlipFieldList *self, const char *name, const char *value);

/**
 * slip_field_list_add_note:
 * @text: a dim line over the whole width
 */
void slip_field_list_add_note (SlipFieldList *self, const char *text);

/**
 * slip_field_list_add_widget:
 * @widget: what is no pair of texts, over the whole width
 */
void slip_field_list_add_widget (SlipFieldList *self, GtkWidget *widget);

/**
 * slip_field_list_add_json:
 * @object: (type JsonObject): its scalar members become fields, nested ones `Outer.Inner`, lists of
 *   scalars one field
 */
void slip_field_list_add_json (SlipFieldList *self, gpointer object);

G_END_DECLS
