/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-fault.h"

G_BEGIN_DECLS

/* How deep a document may nest, and how many values it may hold with aliases written out. */
#define SLIP_DOCUMENT_MAX_DEPTH 64
#define SLIP_DOCUMENT_MAX_VALUES 50000

/**
 * SlipDocument:
 *
 * A YAML or JSON text as one JSON value, with the place of every value in the text. Immutable.
 */
typedef struct _SlipDocument SlipDocument;

/**
 * slip_document_parse:
 * @text: UTF-8 text; read as strict JSON when it begins with `{`, else as YAML 1.1's common ground
 *   with JSON: no tags, no merge keys, no duplicate keys, one document
 * @length: its bytes, or -1 when it ends with a NUL
 * @faults: (element-type SlipFault): receives what is wrong
 *
 * Plain YAML scalars become null, booleans (`true`, `false`) and numbers as JSON writes them;
 * everything else, also `yes`, dates and numbers with a leading zero, stays a string, so that an
 * account id keeps its digits.
 *
 * Returns: (transfer full) (nullable): the document, or %NULL when it cannot be read
 */
SlipDocument *slip_document_parse (const char *text, gssize length, GPtrArray *faults);
void slip_document_free (SlipDocument *document);

/**
 * slip_document_get_root:
 *
 * Returns: (transfer none): the value
 */
JsonNode *slip_document_get_root (SlipDocument *document);

/**
 * slip_document_locate:
 * @document: a document
 * @path: `$.mainSteps[3].inputs.Api`
 * @line: (out): counted from 1
 * @column: (out): counted from 1
 *
 * The place of the member or element at @path, or of the nearest thing around it that is there.
 */
void slip_document_locate (SlipDocument *document, const char *path, guint *line, guint *column);

/**
 * slip_path_member:
 *
 * Returns: (transfer full): @path with `.name` added, or `['na me']` when it is no plain name
 */
char *slip_path_member (const char *path, const char *name);

/**
 * slip_path_element:
 *
 * Returns: (transfer full): @path with `[index]` added
 */
char *slip_path_element (const char *path, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipDocument, slip_document_free)

G_END_DECLS
