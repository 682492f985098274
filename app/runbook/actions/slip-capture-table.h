/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Config custody: what a restore of a resource loses, as tables in data/runbooks/capture/: which reads,
 * which fields of their answers, which call puts each field back. Everything here is pure: it reads
 * and compares values, and builds requests. */

/**
 * slip_capture_table_find:
 * @kind: `dynamodb-table`, `listener-rule`, `rds-cluster`, `rds-instance`
 *
 * Returns: (transfer none) (nullable): the kind's table; kept for ever. Thread-safe
 */
JsonObject *slip_capture_table_find (const char *kind);

/**
 * slip_capture_table_has_field:
 * @table: a table
 * @name: a name
 *
 * Returns: whether @table has a field @name
 */
gboolean slip_capture_table_has_field (JsonObject *table, const char *name);

/**
 * slip_capture_list_applied:
 * @table: a table
 * @except: (nullable): fields to leave
 *
 * Returns: (transfer container) (element-type utf8 utf8): a set of the fields that a call puts back
 */
GHashTable *slip_capture_list_applied (JsonObject *table, JsonArray *except);

/**
 * slip_capture_needs_read:
 * @table: a table
 * @n: which of its reads
 * @only: (nullable) (element-type utf8 utf8): a set of fields; %NULL: all
 *
 * The first read is the thing itself, which is always needed; the others tell what is about it.
 *
 * Returns: whether one of the fields comes from that read
 */
gboolean slip_capture_needs_read (JsonObject *table, guint n, GHashTable *only);

/**
 * slip_capture_list_kinds:
 *
 * Returns: (array zero-terminated=1): the kinds
 */
const char *const *slip_capture_list_kinds (void);

/**
 * slip_capture_expand:
 * @node: a value of a table
 * @values: what its expressions may name
 *
 * Replaces `{name}` and `{name.Member}`; a string that is one expression becomes the value with its
 * type, `{value=TEXT}` whether it is TEXT. Members that come to nothing are left out, and the map
 * under `...` is spread.
 *
 * Returns: (transfer full) (nullable): the value, %NULL when it comes to nothing
 */
JsonNode *slip_capture_expand (JsonNode *node, JsonObject *values);

/**
 * slip_capture_take:
 * @table: a table
 * @target: the resource's name
 * @answers: what was read, by the reads' names
 *
 * Returns: (transfer full): `{kind, target, arn, fields: {NAME: value}}`; lists are sorted. Fields of a
 *   read that is not among @answers are not there
 */
JsonObject *slip_capture_take (JsonObject *table, const char *target, JsonObject *answers);

/**
 * slip_capture_compare:
 * @table: a table
 * @before: what was captured
 * @after: what is there now
 * @explain: (nullable): `{FIELD: why it may differ}`
 *
 * Compares field by field. Where the table says so, names and ARNs of the captured resource count as
 * those of the other. What @after does not hold is not the same as anything.
 *
 * Returns: (transfer full): `{kind, before: {target, arn}, after: {target, arn}, fields: [{field, before,
 *   after, same, explained?}], same, explained, unexplained}`, the last three being counts
 */
JsonObject *slip_capture_compare (JsonObject *table,
                                  JsonObject *before,
                                  JsonObject *after,
                                  JsonObject *explain);

/**
 * SlipCaptureChange:
 * @field: the field
 * @service: a service
 * @operation: an operation
 * @request: its request
 *
 * One call that puts something of a field back.
 */
typedef struct
{
  char *field;
  char *service;
  char *operation;
  JsonNode *request;
} SlipCaptureChange;

/**
 * slip_capture_changes:
 * @table: a table
 * @before: what was captured
 * @after: what is there now
 * @except: (nullable): fields to leave
 *
 * Returns: (transfer full) (element-type SlipCaptureChange): the calls that make @after what @before was,
 *   in the table's order; fields that no call can put back have none
 */
GPtrArray *
slip_capture_changes (JsonObject *table, JsonObject *before, JsonObject *after, JsonArray *except);

G_END_DECLS
