/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SLIP_JSON_MAX_DEPTH:
 *
 * How deep arrays and objects may nest in a text that slip_json_parse() accepts.
 */
#define SLIP_JSON_MAX_DEPTH 128

/**
 * slip_json_parse:
 * @text: UTF-8 text
 * @length: its bytes, or -1 when it ends with a NUL
 * @error: return location
 *
 * Reads exactly one JSON value (RFC 8259). Refuses deep nesting, NUL bytes, invalid UTF-8, a member
 * name given twice in one object, comments and text behind the value.
 *
 * Returns: (transfer full): the value, or %NULL with %SLIP_BASE_ERROR_PARSE and `line:column` in the
 *   message
 */
JsonNode *slip_json_parse (const char *text, gssize length, GError **error);

/**
 * SlipJsonRepeat:
 * @pointer: JSON pointer (RFC 6901) of a member whose name its object has twice
 * @line: where it is repeated, counted from 1
 */
typedef struct
{
  char *pointer;
  guint line;
} SlipJsonRepeat;

/**
 * slip_json_parse_repeats:
 * @text: UTF-8 text
 * @length: its bytes, or -1 when it ends with a NUL
 * @repeats: (element-type SlipJsonRepeat): where each member that repeats a name is appended
 * @error: return location
 *
 * As slip_json_parse(), for files of other programs: a member name that is given twice is told, and its
 * last value counts, as in Python and most others.
 *
 * Returns: (transfer full): the value, or %NULL with %SLIP_BASE_ERROR_PARSE
 */
JsonNode *
slip_json_parse_repeats (const char *text, gssize length, GPtrArray *repeats, GError **error);
void slip_json_repeat_free (SlipJsonRepeat *repeat);

/**
 * slip_json_append_pointer:
 * @pointer: a JSON pointer
 * @name: a member's name
 *
 * Makes @pointer point to the member @name of what it points to (RFC 6901, section 3).
 */
void slip_json_append_pointer (GString *pointer, const char *name);

/**
 * slip_json_canonical:
 * @node: a value
 * @error: return location
 *
 * Returns: (transfer full): its canonical form, RFC 8785, or %NULL with %SLIP_BASE_ERROR_NUMBER for
 *   a number that has none
 */
char *slip_json_canonical (JsonNode *node, GError **error);

/**
 * slip_json_sha256:
 * @node: a value that has a canonical form
 *
 * Returns: (transfer full): SHA-256 of the canonical form, 64 hexadecimal digits
 */
char *slip_json_sha256 (JsonNode *node);

/**
 * slip_json_to_text:
 * @node: a value
 * @pretty: whether to break lines and indent by two
 *
 * Returns: (transfer full): the text, without a final newline
 */
char *slip_json_to_text (JsonNode *node, gboolean pretty);

/**
 * slip_json_append_text:
 * @out: where to
 * @node: a value
 * @depth: how many values it is in
 *
 * Appends @node as slip_json_to_text() writes it inside of others: lines are broken and indented, the
 * first one excepted.
 */
void slip_json_append_text (GString *out, JsonNode *node, guint depth);

/**
 * slip_json_describe_differences:
 * @was: a value
 * @is: (nullable): what became of it; %NULL when it is gone
 * @most: how many differences are told one by one, with long values cut; 0 for all of them, whole
 * @around: (nullable) (element-type JsonNode): gets what in @was holds the first difference, outside
 *   first; borrowed from @was
 *
 * Returns: (transfer full) (nullable): "Port was 5432 and is 5433; Tags[0].Value was …", or %NULL when there
 *   is no difference
 */
char *slip_json_describe_differences (JsonNode *was, JsonNode *is, guint most, GPtrArray *around);

/**
 * slip_json_sort:
 * @node: a value
 *
 * Returns: (transfer full): a copy, the elements of which are ordered by their canonical texts when it is an
 *   array
 */
JsonNode *slip_json_sort (JsonNode *node);

/* Parts of such a text: the end of a line with the next one's indentation, and a quoted string. */
void slip_json_append_line (GString *out, guint depth);
void slip_json_append_string (GString *out, const char *text);

/* Members of an object, borrowed; %NULL, or the fallback, when absent or of another type. */
const char *slip_json_string (JsonObject *object, const char *name);
gint64 slip_json_int (JsonObject *object, const char *name, gint64 fallback);
double slip_json_double (JsonObject *object, const char *name, double fallback);
gboolean slip_json_bool (JsonObject *object, const char *name, gboolean fallback);
JsonObject *slip_json_object (JsonObject *object, const char *name);
JsonArray *slip_json_array (JsonObject *object, const char *name);

/**
 * slip_json_node_string:
 * @node: (nullable): a value
 *
 * Returns: (transfer none) (nullable): its text, or %NULL when it is no string
 */
const char *slip_json_node_string (JsonNode *node);

/**
 * slip_json_node_object:
 * @node: (nullable): a value
 *
 * Returns: (transfer none) (nullable): its object, or %NULL when it is none
 */
JsonObject *slip_json_node_object (JsonNode *node);

/**
 * slip_json_new_string:
 *
 * Returns: (transfer full): a string node
 */
JsonNode *slip_json_new_string (const char *value);

/**
 * slip_json_new_object:
 * @object: (transfer full): an object
 *
 * Returns: (transfer full): a node that holds it
 */
JsonNode *slip_json_new_object (JsonObject *object);
JsonNode *slip_json_new_array (JsonArray *array);

/**
 * slip_json_select:
 * @root: a value
 * @selector: `$`, then `.Member`, `['Member']`, `[index]`, `[*]`, `.*` or `[?(@.Member == 'value')]`
 *   (also `!=`, numbers and booleans), in any number; `['One', 'Two']` is an object of these members
 * @error: return location
 *
 * Looks up part of a value with the subset of JSONPath that Systems Manager documents use. A
 * selector with `[*]`, `.*` or a filter yields an array of what matches, which may be empty.
 *
 * Returns: (transfer full) (nullable): what matches; %NULL without @error when nothing does, %NULL
 *   with %SLIP_BASE_ERROR_SELECTOR when @selector is malformed
 */
JsonNode *slip_json_select (JsonNode *root, const char *selector, GError **error);

/**
 * slip_json_equal:
 *
 * Returns: whether two values are the same; the order of members does not count, 1 equals 1.0
 */
gboolean slip_json_equal (JsonNode *a, JsonNode *b);

/**
 * slip_json_copy:
 *
 * Returns: (transfer full): a deep copy, unlike json_node_copy(), which shares objects and arrays
 */
JsonNode *slip_json_copy (JsonNode *node);

G_END_DECLS
