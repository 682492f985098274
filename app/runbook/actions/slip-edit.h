/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Changes of single values in a text that people keep: everything else stays byte for byte. All of it
 * is pure; reading and writing files is the run's. */

/**
 * SlipEditFormat:
 * @SLIP_EDIT_JSON: JSON (RFC 8259); paths such as `$.tables.lpas['dev eu'][0]`
 * @SLIP_EDIT_HCL: assignments of Terraform's variable files, `name = "value"`; paths are names
 */
typedef enum
{
  SLIP_EDIT_JSON,
  SLIP_EDIT_HCL,
} SlipEditFormat;

/**
 * slip_edit_format_from:
 * @name: (nullable): `json` or `hcl`
 * @file: (nullable): a file, whose ending decides when there is no @name
 * @format: (out): the format
 *
 * Returns: whether one of them tells it
 */
gboolean slip_edit_format_from (const char *name, const char *file, SlipEditFormat *format);

/**
 * slip_edit_apply:
 * @format: what @text is
 * @text: a whole file, UTF-8
 * @set: `{PATH: value}`
 * @changes: (out) (transfer full): `[{path, line, before, after}]` of values that become others, in the
 *   text's order; lines count from 1, before and after are as written in the text
 * @error: return location
 *
 * A value that is right already keeps its bytes. The result is read again and compared: nothing but
 * the values of @set differs.
 *
 * Returns: (transfer full): the changed text, or %NULL with %SLIP_RUNBOOK_ERROR_INVALID when @text is
 *   malformed, a path is not there, is there twice, or (HCL) holds more than a simple value
 */
char *slip_edit_apply (
    SlipEditFormat format, const char *text, JsonObject *set, JsonArray **changes, GError **error);

/**
 * slip_edit_wishes:
 * @inputs: a step's inputs: `Set`, or `Path` and `Value` for one value whose path only parameters tell
 *
 * Returns: (transfer full) (nullable): `{PATH: value}`, or %NULL when neither or both are there
 */
JsonObject *slip_edit_wishes (JsonObject *inputs);

/**
 * slip_edit_check_path:
 * @format: a format
 * @path: a path
 * @error: return location
 *
 * Returns: whether @path is well formed
 */
gboolean slip_edit_check_path (SlipEditFormat format, const char *path, GError **error);

/**
 * slip_edit_diff:
 * @before: a text
 * @after: the same after slip_edit_apply()
 *
 * Returns: (transfer full): the lines that differ, for people: `@@ line 3`, `-old`, `+new`; what looks
 *   like a secret is taken out
 */
JsonArray *slip_edit_diff (const char *before, const char *after);

/* Of one format: the bytes [@start, @end) of @path's value. */
gboolean slip_edit_locate_json (
    const char *text, const char *path, gsize *start, gsize *end, GError **error);
gboolean
slip_edit_locate_hcl (const char *text, const char *path, gsize *start, gsize *end, GError **error);

/* How @value is written, or NULL when the format cannot. */
char *slip_edit_write_hcl (JsonNode *value, GError **error);

G_END_DECLS
