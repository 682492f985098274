/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-xlsx-archive.h"

G_BEGIN_DECLS

/* What is told of a part of a spreadsheet. Names are without their prefix; @attributes are names and values in turn, ended by NULL,
 * names with their prefix (slip_xlsx_attribute() finds them). Text comes in pieces, of any element. A handler ends the parsing by
 * an error of any domain, whose message becomes part of the one that is told; a NULL handler hears nothing. @place says where in
 * the part the parsing is, for a person; without it the part alone is told. */
typedef struct
{
  void (*start) (gpointer data, const char *name, const char **attributes, GError **error);
  void (*end) (gpointer data, const char *name, GError **error);
  void (*text) (gpointer data, const char *text, gsize length, GError **error);
  char *(*place) (gpointer data);
} SlipXlsxHandlers;

/* One part of a spreadsheet as it is unpacked. A file may come from anybody and say anything: what one token, nesting, names and the unpacked
 * whole may come to is bounded, so that memory is constant. */
typedef struct _SlipXlsxXml SlipXlsxXml;

/* @archive stands at @part, and is @path's. No more than @max_bytes are unpacked; 0 is as many as the file's size allows. */
SlipXlsxXml *slip_xlsx_xml_new (struct archive *archive,
                                const char *path,
                                const char *part,
                                guint64 max_bytes,
                                const SlipXlsxHandlers *handlers,
                                gpointer data);
void slip_xlsx_xml_free (SlipXlsxXml *self);

/* Parses on until slip_xlsx_xml_pause() or the part's end, which @ended tells. */
gboolean slip_xlsx_xml_run (SlipXlsxXml *self, gboolean *ended, GError **error);

/* Of a handler: slip_xlsx_xml_run() returns behind it, and goes on from there when it is called again. */
void slip_xlsx_xml_pause (SlipXlsxXml *self);

/* The value of the attribute, whatever its prefix, or NULL. */
const char *slip_xlsx_attribute (const char **attributes, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipXlsxXml, slip_xlsx_xml_free)

/**
 * slip_xlsx_decode:
 * @text: what stands in an element
 * @from: where it begins, in bytes
 *
 * Puts characters in place of `_xHHHH_`, by which a text says what XML cannot hold (ECMA-376 part 1, 22.9.2.19): Excel writes
 * a carriage return so. NUL, which no column takes, and halves of a character stay as they are written.
 */
void slip_xlsx_decode (GString *text, gsize from);

G_END_DECLS
