/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* slip-dynamodb-number.c: decimal numbers of 38 digits, as DynamoDB counts. */

/* A number as the service writes it (`1.50` is `1.5`, `1e3` is `1000`), or NULL with AWS's error. */
char *slip_dynamodb_number_normal (const char *text, GError **error);

/* A text whose bytes compare as the numbers do; @text must be a number. */
char *slip_dynamodb_number_key (const char *text);

/* a + b, or a - b. NULL with an error when the sum needs more than 38 digits. */
char *slip_dynamodb_number_add (const char *a, const char *b, gboolean subtract, GError **error);

/* slip-dynamodb-value.c: attribute values, objects with one member that names the type. */

/* S, N, B, SS, NS, BS, M, L, NULL or BOOL. */
const char *slip_dynamodb_type (JsonObject *value);

/* A deep copy with normal numbers, or NULL with AWS's error. */
JsonObject *slip_dynamodb_value_normal (JsonObject *value, GError **error);
JsonObject *slip_dynamodb_item_normal (JsonObject *item, GError **error);

/* Bytes as the service counts them for limits and capacity. */
gint64 slip_dynamodb_value_size (JsonObject *value);
gint64 slip_dynamodb_item_size (JsonObject *item);

/* A text whose bytes compare as values of one type do; S, N and B only. */
char *slip_dynamodb_value_key (JsonObject *value);
gboolean slip_dynamodb_value_equal (JsonObject *a, JsonObject *b);

/* Whether both are of one type that has an order; sets @order. */
gboolean slip_dynamodb_value_compare (JsonObject *a, JsonObject *b, int *order);

JsonObject *slip_dynamodb_new_value (const char *type, const char *text);

/* A copy that can be changed. */
JsonObject *slip_dynamodb_copy (JsonObject *object);

/* Sets AWS's ValidationException. Returns NULL. */
gpointer slip_dynamodb_invalid (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
