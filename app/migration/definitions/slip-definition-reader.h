/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-finding.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Private to this folder: reads typed members out of JSON and notes what is wrong, with its place. */

typedef struct
{
  GPtrArray *findings;  /* element-type SlipFinding */
  const char *file;     /* told with each finding */
  GString *path;        /* JSON pointer to the object that is being read */
  SlipSeverity unknown; /* what a member that nobody reads is */
  const char *folder;   /* what files are named from; NULL where none can be named */
  GChecksum *digest;    /* gets each file that is named; NULL with folder */
} SlipReader;

/**
 * SlipReaderItemFunc:
 * @reader: stands at the item
 * @name: the member's name, or %NULL in an array
 * @node: the item
 * @data: of the caller
 */
typedef void (*SlipReaderItemFunc) (SlipReader *reader,
                                    const char *name,
                                    JsonNode *node,
                                    gpointer data);

#define SLIP_READER_FAULT(reader, member, advice, ...)                                             \
  slip_reader_tell ((reader), SLIP_SEVERITY_ERROR, (member), (advice), __VA_ARGS__)

void slip_reader_init (SlipReader *reader, GPtrArray *findings, const char *file);
void slip_reader_clear (SlipReader *reader);

/**
 * slip_reader_tell:
 * @member: (nullable): of the object at which @reader stands; %NULL for the object itself
 * @advice: (nullable): the way out, a sentence
 *
 * Appends a finding.
 */
void slip_reader_tell (SlipReader *reader,
                       SlipSeverity severity,
                       const char *member,
                       const char *advice,
                       const char *format,
                       ...) G_GNUC_PRINTF (5, 6);

/* Steps into a member and back: leave gets what enter returned. */
gsize slip_reader_enter (SlipReader *reader, const char *member);
gsize slip_reader_enter_index (SlipReader *reader, guint index);
void slip_reader_leave (SlipReader *reader, gsize place);

/**
 * slip_reader_parse:
 * @text: the bytes of the file
 *
 * Notes broken JSON and members that are given twice.
 *
 * Returns: (transfer full) (nullable): the value
 */
JsonNode *slip_reader_parse (SlipReader *reader, GBytes *text);

/* Members of the object at which the reader stands. %NULL, FALSE or the fallback when it is not set: absent,
 * null or "". Another type is noted. What is returned is new, objects and arrays excepted. */
char *slip_reader_dup_string (SlipReader *reader, JsonObject *object, const char *name);
char **slip_reader_dup_strings (SlipReader *reader, JsonObject *object, const char *name);
JsonNode *slip_reader_dup_scalar (SlipReader *reader, JsonObject *object, const char *name);
gboolean slip_reader_get_bool (SlipReader *reader, JsonObject *object, const char *name);
gint64
slip_reader_get_int (SlipReader *reader, JsonObject *object, const char *name, gint64 fallback);
double slip_reader_get_number (SlipReader *reader, JsonObject *object, const char *name);
JsonObject *slip_reader_get_object (SlipReader *reader, JsonObject *object, const char *name);
JsonArray *slip_reader_get_array (SlipReader *reader, JsonObject *object, const char *name);

/**
 * slip_reader_dup_file:
 * @file: (nullable): a path, relative to the reader's folder and not outside it; a regular file
 *
 * Returns: (transfer full) (nullable): the text of the file that @member names; %NULL when it cannot be read,
 *   which is an error
 */
char *slip_reader_dup_file (SlipReader *reader, const char *member, const char *file);

/* As above, and it is an error when it is not set. */
char *slip_reader_need_string (SlipReader *reader, JsonObject *object, const char *name);
JsonObject *slip_reader_need_object (SlipReader *reader, JsonObject *object, const char *name);

/**
 * slip_reader_as_object:
 * @node: (nullable): what is at the reader's place
 *
 * Returns: (transfer none) (nullable): the object; %NULL with an error when it is none
 */
JsonObject *slip_reader_as_object (SlipReader *reader, JsonNode *node);

/**
 * slip_reader_dup_values:
 * @node: (nullable): a scalar or an array of scalars
 *
 * Returns: (transfer full): their texts as slip_value_dup_text() makes them, "" included
 */
char **slip_reader_dup_values (SlipReader *reader, JsonNode *node);

/**
 * slip_reader_split:
 * @text: (nullable): `left:right`
 * @separator: what is between
 *
 * Splits in two at the only @separator; an error for @member when that cannot be.
 */
void slip_reader_split (SlipReader *reader,
                        const char *member,
                        const char *text,
                        char separator,
                        char **left,
                        char **right);

/**
 * slip_reader_each:
 * @object: (nullable): an object
 *
 * Calls @func at each member, in the file's order.
 */
void
slip_reader_each (SlipReader *reader, JsonObject *object, SlipReaderItemFunc func, gpointer data);
void slip_reader_each_element (SlipReader *reader,
                               JsonArray *array,
                               SlipReaderItemFunc func,
                               gpointer data);

/**
 * slip_reader_check_members:
 * @known: (array zero-terminated=1): what is read
 *
 * Notes every other member.
 */
void slip_reader_check_members (SlipReader *reader, JsonObject *object, const char *const *known);

G_END_DECLS
