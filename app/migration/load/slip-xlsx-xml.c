/* SPDX-License-Identifier: MIT */
/* The XML of a spreadsheet's parts, unpacked and parsed by pieces with bounds for all that a parser would hold. */

#include "slip-xlsx-xml.h"

#include <expat.h>
#include <glib/gstdio.h>
#include <string.h>

#define PIECE (64 * 1024)
#define MAX_TOKEN (256 * 1024) /* a tag with its attributes, or a comment; text has none */
#define MAX_DEPTH 64
#define MAX_NAMES 1024 /* of elements and attributes; the parser remembers each */
#define MAX_NAME_BYTES (64 * 1024)
/* Apache POI's bound (ZipSecureFile): a spreadsheet packs to a tenth or a thirtieth, a bomb to a thousandth. */
#define MAX_RATIO 100
#define ESCAPE_BYTES 7           /* _xHHHH_ */
#define SMALL (64 * 1024 * 1024) /* unpacked; nothing to worry about */

struct _SlipXlsxXml
{
  struct archive *archive; /* borrowed */
  char *path;              /* owned */
  char *part;              /* owned */
  XML_Parser parser;       /* owned */
  SlipXlsxHandlers handlers;
  gpointer data;
  guint64 max_bytes;
  guint64 bytes; /* unpacked so far */
  gsize silent;  /* bytes since the last token */
  guint depth;
  GHashTable *names; /* element-type utf8 */
  gsize name_bytes;
  gboolean paused;
  gboolean ended;
  GError *error; /* owned; of a handler */
};

static const char *
local_name (const char *name)
{
  const char *colon = strchr (name, ':');

  return colon != NULL ? colon + 1 : name;
}

const char *
slip_xlsx_attribute (const char **attributes, const char *name)
{
  for (guint i = 0; attributes[i] != NULL; i += 2)
    if (g_str_equal (local_name (attributes[i]), name))
      return attributes[i + 1];
  return NULL;
}

/* ---- bounds */

static void
stop (SlipXlsxXml *self)
{
  XML_StopParser (self->parser, XML_FALSE);
}

static void
refuse (SlipXlsxXml *self, const char *words)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT, words);
  stop (self);
}

/* Names of one letter are few by themselves, and most are. */
static gboolean
check_name (SlipXlsxXml *self, const char *name)
{
  if (name[1] == '\0' || g_hash_table_contains (self->names, name))
    return TRUE;
  self->name_bytes += strlen (name);
  if (g_hash_table_size (self->names) < MAX_NAMES && self->name_bytes <= MAX_NAME_BYTES)
    return g_hash_table_add (self->names, g_strdup (name));
  refuse (self, "it has more names of elements and attributes than any spreadsheet");
  return FALSE;
}

static gboolean
check_size (SlipXlsxXml *self)
{
  if (self->max_bytes == 0 || self->bytes <= self->max_bytes)
    return TRUE;
  refuse (self, "a part of it is far larger when it is unpacked than spreadsheets are");
  return FALSE;
}

/* ---- what the parser tells */

static void
on_start (void *data, const XML_Char *element, const XML_Char **attributes)
{
  SlipXlsxXml *self = data;

  self->silent = 0;
  if (self->error != NULL || !check_name (self, element))
    return;
  for (guint i = 0; attributes[i] != NULL; i += 2)
    if (!check_name (self, attributes[i]))
      return;
  if (++self->depth > MAX_DEPTH)
    refuse (self, "its elements are nested deeper than in any spreadsheet");
  else if (self->handlers.start != NULL)
    self->handlers.start (self->data, local_name (element), attributes, &self->error);
  if (self->error != NULL)
    stop (self);
}

static void
on_end (void *data, const XML_Char *element)
{
  SlipXlsxXml *self = data;

  self->silent = 0;
  self->depth--;
  if (self->error != NULL)
    return;
  if (self->handlers.end != NULL)
    self->handlers.end (self->data, local_name (element), &self->error);
  if (self->error != NULL)
    stop (self);
  else if (self->paused)
    XML_StopParser (self->parser, XML_TRUE);
}

static void
on_text (void *data, const XML_Char *text, int length)
{
  SlipXlsxXml *self = data;

  self->silent = 0;
  if (self->error != NULL || self->handlers.text == NULL)
    return;
  self->handlers.text (self->data, text, (gsize)length, &self->error);
  if (self->error != NULL)
    stop (self);
}

static void
on_comment (void *data, const XML_Char *text)
{
  ((SlipXlsxXml *)data)->silent = 0;
}

static void
on_instruction (void *data, const XML_Char *target, const XML_Char *text)
{
  ((SlipXlsxXml *)data)->silent = 0;
}

/* With it would come entities, which are another way to say much with little. */
static void
on_doctype (
    void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
  refuse (data, "it has a document type, as no spreadsheet has");
}

/* ---- pieces */

static char *
dup_place (SlipXlsxXml *self)
{
  return self->handlers.place != NULL ? self->handlers.place (self->data) : g_strdup (self->part);
}

static gboolean
set_error (SlipXlsxXml *self, const char *words, GError **error)
{
  g_autofree char *place = dup_place (self);

  if (self->error != NULL
      && !g_error_matches (self->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT))
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    slip_xlsx_set_error (self->path, place, self->error != NULL ? self->error->message : words,
                         error);
  return FALSE;
}

static gboolean
judge (SlipXlsxXml *self, enum XML_Status status, GError **error)
{
  if (self->error != NULL)
    return set_error (self, NULL, error);
  if (status == XML_STATUS_ERROR)
    {
      const char *said = XML_ErrorString (XML_GetErrorCode (self->parser));
      g_autofree char *words
          = g_strdup_printf ("its XML is %s at byte %" G_GINT64_FORMAT " of the part", said,
                             (gint64)XML_GetCurrentByteIndex (self->parser));

      return set_error (self, words, error);
    }
  /* A parser that has said nothing for so long holds all of it. */
  if (self->silent <= MAX_TOKEN)
    return TRUE;
  return set_error (self, "it has a tag or a comment of more than 256 KiB", error);
}

static gboolean
next_piece (SlipXlsxXml *self, GError **error)
{
  void *piece = XML_GetBuffer (self->parser, PIECE);
  la_ssize_t n = piece != NULL ? archive_read_data (self->archive, piece, PIECE) : -1;

  if (piece == NULL)
    return set_error (self, "there is not enough memory", error);
  if (n < 0)
    {
      g_autofree char *place = dup_place (self);

      slip_xlsx_set_archive_error (self->path, place, self->archive, error);
      return FALSE;
    }
  self->bytes += (guint64)n;
  self->silent += (gsize)n;
  self->ended = n == 0;
  if (!check_size (self))
    return set_error (self, NULL, error);
  return judge (self, XML_ParseBuffer (self->parser, (int)n, self->ended), error);
}

gboolean
slip_xlsx_xml_run (SlipXlsxXml *self, gboolean *ended, GError **error)
{
  g_return_val_if_fail (self != NULL && ended != NULL, FALSE);

  gboolean ok = TRUE;

  if (self->paused)
    {
      self->paused = FALSE;
      ok = judge (self, XML_ResumeParser (self->parser), error);
    }
  while (ok && !self->paused && !self->ended)
    ok = next_piece (self, error);
  *ended = !self->paused;
  return ok;
}

void
slip_xlsx_xml_pause (SlipXlsxXml *self)
{
  self->paused = TRUE;
}

/* ---- opening */

static guint64
unpacked_bound (const char *path)
{
  GStatBuf about;

  if (g_stat (path, &about) != 0)
    return SMALL;
  return MAX ((guint64)about.st_size * MAX_RATIO, SMALL);
}

SlipXlsxXml *
slip_xlsx_xml_new (struct archive *archive,
                   const char *path,
                   const char *part,
                   guint64 max_bytes,
                   const SlipXlsxHandlers *handlers,
                   gpointer data)
{
  SlipXlsxXml *self = g_new0 (SlipXlsxXml, 1);

  self->archive = archive;
  self->path = g_strdup (path);
  self->part = g_strdup (part);
  self->max_bytes = max_bytes > 0 ? max_bytes : unpacked_bound (path);
  self->handlers = *handlers;
  self->data = data;
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->parser = XML_ParserCreate (NULL);
  if (self->parser == NULL)
    g_error ("out of memory");
  XML_SetUserData (self->parser, self);
  XML_SetElementHandler (self->parser, on_start, on_end);
  XML_SetCharacterDataHandler (self->parser, on_text);
  XML_SetCommentHandler (self->parser, on_comment);
  XML_SetProcessingInstructionHandler (self->parser, on_instruction);
  XML_SetStartDoctypeDeclHandler (self->parser, on_doctype);
  return self;
}

void
slip_xlsx_xml_free (SlipXlsxXml *self)
{
  if (self == NULL)
    return;
  XML_ParserFree (self->parser);
  g_hash_table_unref (self->names);
  g_clear_error (&self->error);
  g_free (self->path);
  g_free (self->part);
  g_free (self);
}

/* ---- texts */

/* The sixteen bits of an escape that stands at @at, or 0. */
static gunichar
escape_at (const char *at)
{
  gunichar unit = 0;

  if (!g_str_has_prefix (at, "_x"))
    return 0;
  for (guint i = 2; i < 6; i++)
    {
      if (!g_ascii_isxdigit (at[i]))
        return 0;
      unit = unit * 16 + (gunichar)g_ascii_xdigit_value (at[i]);
    }
  return at[6] == '_' ? unit : 0;
}

/* The character that an escape at @at stands for, or 0, and how many bytes say so: beyond U+FFFF two escapes make one. */
static gunichar
character_at (const char *at, gsize *used)
{
  gunichar unit = escape_at (at);
  gunichar low = 0;

  *used = ESCAPE_BYTES;
  if (unit < 0xD800 || unit >= 0xE000)
    return unit;
  if (unit < 0xDC00)
    low = escape_at (at + ESCAPE_BYTES);
  *used = 2 * ESCAPE_BYTES;
  return low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00) : 0;
}

void
slip_xlsx_decode (GString *text, gsize from)
{
  char *to;

  g_return_if_fail (text != NULL && from <= text->len);

  to = text->str + from;
  for (const char *p = to; *p != '\0';)
    {
      gsize used;
      gunichar character = *p == '_' ? character_at (p, &used) : 0;

      if (character == 0)
        {
          *to++ = *p++;
          continue;
        }
      to += g_unichar_to_utf8 (character, to);
      p += used;
    }
  g_string_truncate (text, (gsize)(to - text->str));
}
