/* SPDX-License-Identifier: MIT */

/* A small pull reader for the XML that services answer with, and the escaping for what we write.
 * Answers of several megabytes are read on the way to the screen, so text is not copied unless it has
 * entities in it. Used by slip-aws-xml-shape.c, which knows the models. */

#include "slip-aws-xml.h"

#include <string.h>

#include "slip-aws-error.h"

/* Most answers are plain ASCII, which eight bytes at a time show fast. */
static gboolean
is_clean (const char *text, gsize length, const char **bad)
{
  const char *at = text;
  const char *end = text + length;

  while (end - at >= 8)
    {
      guint64 word;
      memcpy (&word, at, 8);
      gboolean has_zero = ((word - G_GUINT64_CONSTANT (0x0101010101010101)) & ~word
                           & G_GUINT64_CONSTANT (0x8080808080808080))
                          != 0;
      if (has_zero || (word & G_GUINT64_CONSTANT (0x8080808080808080)) != 0)
        break;
      at += 8;
    }
  return at == end || g_utf8_validate_len (at, end - at, bad);
}

void
slip_aws_xml_reader_init (SlipAwsXmlReader *reader, const char *text, gsize length, GError **error)
{
  const char *bad = NULL;

  memset (reader, 0, G_STRUCT_OFFSET (SlipAwsXmlReader, open));
  reader->start = text;
  reader->at = text;
  reader->end = text + length;
  reader->error = error;
  if (!is_clean (text, length, &bad))
    {
      reader->at = bad;
      slip_aws_xml_reader_fail (reader, "the text is not UTF-8, or holds a NUL");
      reader->end = reader->at;
      return;
    }
  if (length >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0)
    reader->at += 3;
}

void
slip_aws_xml_reader_clear (SlipAwsXmlReader *reader)
{
  if (reader->scratch != NULL)
    g_string_free (reader->scratch, TRUE);
  if (reader->value != NULL)
    g_string_free (reader->value, TRUE);
  reader->scratch = NULL;
  reader->value = NULL;
}

void
slip_aws_xml_reader_fail (SlipAwsXmlReader *reader, const char *message)
{
  guint line = 1;
  guint column = 1;

  if (reader->error == NULL || *reader->error != NULL)
    return;
  for (const char *p = reader->start; p < reader->at; p++)
    {
      column = *p == '\n' ? 1 : column + 1;
      line += *p == '\n';
    }
  g_set_error (reader->error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL, "XML %u:%u: %s", line,
               column, message);
}

static SlipAwsXmlToken
fail (SlipAwsXmlReader *reader, const char *message)
{
  slip_aws_xml_reader_fail (reader, message);
  reader->end = reader->at;
  reader->pending_end = FALSE;
  return SLIP_AWS_XML_ERROR;
}

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
is_name_char (char c)
{
  static const guint8 table[256] = {
      ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['0' ... '9'] = 1, ['_'] = 1,
      ['-'] = 1,         ['.'] = 1,         [':'] = 1,         [0x80 ... 0xFF] = 1,
  };
  return table[(guchar)c];
}

static gboolean
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_' || c == ':' || (guchar)c >= 0x80;
}

static gboolean
starts_with (const SlipAwsXmlReader *reader, const char *prefix)
{
  gsize n = strlen (prefix);
  return (gsize)(reader->end - reader->at) >= n && memcmp (reader->at, prefix, n) == 0;
}

static gboolean
skip_past (SlipAwsXmlReader *reader, const char *mark)
{
  const char *found = memmem (reader->at, reader->end - reader->at, mark, strlen (mark));
  if (found == NULL)
    return FALSE;
  reader->at = found + strlen (mark);
  return TRUE;
}

/* Characters that XML 1.0 allows. */
static gboolean
is_xml_char (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF)
         || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/* Reads what stands between `&#` and `;`. */
static gboolean
decode_number (const char *text, gsize length, GString *out)
{
  gboolean is_hex = length > 1 && text[0] == 'x';
  gunichar c = 0;

  if (is_hex)
    {
      text++;
      length--;
    }
  if (length == 0 || length > 8)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      int digit = is_hex ? g_ascii_xdigit_value (text[i]) : g_ascii_digit_value (text[i]);
      if (digit < 0)
        return FALSE;
      c = c * (is_hex ? 16 : 10) + digit;
      if (c > 0x10FFFF)
        return FALSE;
    }
  if (!is_xml_char (c))
    return FALSE;
  g_string_append_unichar (out, c);
  return TRUE;
}

static gboolean
decode_entity (const char *text, gsize length, GString *out)
{
  static const struct
  {
    const char *name;
    char character;
  } entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

  if (length > 1 && text[0] == '#')
    return decode_number (text + 1, length - 1, out);
  for (gsize i = 0; i < G_N_ELEMENTS (entities); i++)
    if (strlen (entities[i].name) == length && memcmp (entities[i].name, text, length) == 0)
      {
        g_string_append_c (out, entities[i].character);
        return TRUE;
      }
  return FALSE;
}

/* Appends @text with entities decoded and line ends made `\n`. */
static gboolean
decode (const char *text, gsize length, GString *out)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *stop = text;
      while (stop < end && *stop != '&' && *stop != '\r')
        stop++;
      g_string_append_len (out, text, stop - text);
      if (stop == end)
        break;
      if (*stop == '\r')
        {
          g_string_append_c (out, '\n');
          text = stop + 1 < end && stop[1] == '\n' ? stop + 2 : stop + 1;
          continue;
        }
      const char *semicolon = memchr (stop, ';', MIN (end - stop, 12));
      if (semicolon == NULL || !decode_entity (stop + 1, semicolon - stop - 1, out))
        return FALSE;
      text = semicolon + 1;
    }
  return TRUE;
}

static GString *
empty_scratch (SlipAwsXmlReader *reader)
{
  if (reader->scratch == NULL)
    reader->scratch = g_string_new (NULL);
  return g_string_truncate (reader->scratch, 0);
}

static SlipAwsXmlToken
read_text (SlipAwsXmlReader *reader)
{
  const char *start = reader->at;
  const char *stop = memchr (start, '<', reader->end - start);
  gsize length = (stop != NULL ? stop : reader->end) - start;

  if (memchr (start, '&', length) != NULL || memchr (start, '\r', length) != NULL)
    {
      GString *scratch = empty_scratch (reader);
      if (!decode (start, length, scratch))
        return fail (reader, "unknown or malformed entity");
      reader->text = scratch->str;
      reader->text_length = scratch->len;
    }
  else
    {
      reader->text = start;
      reader->text_length = length;
    }
  reader->at = start + length;
  return SLIP_AWS_XML_TEXT;
}

static SlipAwsXmlToken
read_cdata (SlipAwsXmlReader *reader)
{
  const char *start = reader->at + strlen ("<![CDATA[");

  if (reader->depth == 0)
    return fail (reader, "text outside of the document's element");
  if (!skip_past (reader, "]]>"))
    return fail (reader, "CDATA without an end");
  reader->text = start;
  reader->text_length = reader->at - start - strlen ("]]>");
  return SLIP_AWS_XML_TEXT;
}

/* Reads a name; its local part goes to @name. */
static gboolean
read_name (SlipAwsXmlReader *reader, const char **name, gsize *length)
{
  const char *start = reader->at;

  if (start >= reader->end || !is_name_start (*start))
    return FALSE;
  const char *at = start;
  *name = start;
  for (; at < reader->end && is_name_char (*at); at++)
    if (*at == ':')
      *name = at + 1;
  reader->at = at;
  *length = at - *name;
  return *length > 0;
}

static void
skip_space (SlipAwsXmlReader *reader)
{
  while (reader->at < reader->end && is_space (*reader->at))
    reader->at++;
}

static gboolean
read_attribute (SlipAwsXmlReader *reader, const char **value, gsize *value_length)
{
  const char *name;
  gsize length;

  if (!read_name (reader, &name, &length))
    return FALSE;
  skip_space (reader);
  if (reader->at >= reader->end || *reader->at != '=')
    return FALSE;
  reader->at++;
  skip_space (reader);
  if (reader->at >= reader->end || (*reader->at != '"' && *reader->at != '\''))
    return FALSE;
  char quote = *reader->at++;
  const char *stop = memchr (reader->at, quote, reader->end - reader->at);
  if (stop == NULL || memchr (reader->at, '<', stop - reader->at) != NULL)
    return FALSE;
  *value = reader->at;
  *value_length = stop - reader->at;
  reader->at = stop + 1;
  return TRUE;
}

static SlipAwsXmlToken
read_start (SlipAwsXmlReader *reader)
{
  const char *qualified = ++reader->at;

  if (reader->depth == 0 && reader->has_root)
    return fail (reader, "a second element beside the document's");
  if (reader->depth >= SLIP_AWS_XML_MAX_DEPTH)
    return fail (reader, "elements nest too deeply");
  if (!read_name (reader, &reader->name, &reader->name_length))
    return fail (reader, "malformed element");
  reader->open[reader->depth].name = qualified;
  reader->open[reader->depth].length = reader->at - qualified;
  reader->attributes = reader->at;
  while (TRUE)
    {
      const char *value;
      gsize length;
      const char *before = reader->at;
      skip_space (reader);
      if (reader->at >= reader->end)
        return fail (reader, "element without an end");
      if (*reader->at == '>' || *reader->at == '/')
        break;
      if (before == reader->at || !read_attribute (reader, &value, &length))
        return fail (reader, "malformed attribute");
    }
  reader->attributes_end = reader->at;
  if (*reader->at == '/')
    {
      reader->at++;
      if (reader->at >= reader->end || *reader->at != '>')
        return fail (reader, "malformed element");
      reader->pending_end = TRUE;
    }
  reader->at++;
  reader->depth++;
  reader->has_root = TRUE;
  return SLIP_AWS_XML_START;
}

static SlipAwsXmlToken
read_end (SlipAwsXmlReader *reader)
{
  gsize length = reader->depth > 0 ? reader->open[reader->depth - 1].length : 0;

  if (reader->depth == 0)
    return fail (reader, "an end without a beginning");
  reader->at += 2;
  if ((gsize)(reader->end - reader->at) < length
      || memcmp (reader->at, reader->open[reader->depth - 1].name, length) != 0)
    return fail (reader, "an element ends under another name");
  reader->at += length;
  skip_space (reader);
  if (reader->at >= reader->end || *reader->at != '>')
    return fail (reader, "an element ends under another name");
  reader->at++;
  reader->depth--;
  return SLIP_AWS_XML_END;
}

static SlipAwsXmlToken
read_outside (SlipAwsXmlReader *reader)
{
  while (reader->at < reader->end && is_space (*reader->at))
    reader->at++;
  if (reader->at < reader->end)
    return *reader->at == '<' ? SLIP_AWS_XML_START
                              : fail (reader, "text outside of the document's element");
  if (!reader->has_root)
    return fail (reader, "there is no element");
  return SLIP_AWS_XML_EOF;
}

SlipAwsXmlToken
slip_aws_xml_reader_next (SlipAwsXmlReader *reader)
{
  if (reader->error != NULL && *reader->error != NULL)
    return SLIP_AWS_XML_ERROR;
  if (reader->pending_end)
    {
      reader->pending_end = FALSE;
      reader->depth--;
      return SLIP_AWS_XML_END;
    }
  while (TRUE)
    {
      if (reader->depth == 0)
        {
          SlipAwsXmlToken token = read_outside (reader);
          if (token != SLIP_AWS_XML_START)
            return token;
        }
      if (reader->at >= reader->end)
        return fail (reader, "the text ends inside an element");
      if (*reader->at != '<')
        return read_text (reader);
      if (starts_with (reader, "</"))
        return read_end (reader);
      if (starts_with (reader, "<!--"))
        {
          if (!skip_past (reader, "-->"))
            return fail (reader, "a comment without an end");
        }
      else if (starts_with (reader, "<?"))
        {
          if (!skip_past (reader, "?>"))
            return fail (reader, "an instruction without an end");
        }
      else if (starts_with (reader, "<![CDATA["))
        return read_cdata (reader);
      else if (starts_with (reader, "<!"))
        return fail (reader, "document types are not accepted");
      else
        return read_start (reader);
    }
}

gboolean
slip_aws_xml_reader_has_attributes (const SlipAwsXmlReader *reader)
{
  return reader->attributes < reader->attributes_end;
}

char *
slip_aws_xml_reader_dup_attribute (SlipAwsXmlReader *reader, const char *name)
{
  SlipAwsXmlReader inner = {.at = reader->attributes, .end = reader->attributes_end};
  const char *colon = strchr (name, ':');
  const char *local = colon != NULL ? colon + 1 : name;

  while (TRUE)
    {
      const char *value;
      gsize length;
      skip_space (&inner);
      const char *start = inner.at;
      if (inner.at >= inner.end || !read_attribute (&inner, &value, &length))
        return NULL;
      const char *found = start;
      for (const char *p = start; p < value && is_name_char (*p); p++)
        if (*p == ':')
          found = p + 1;
      gsize n = strlen (local);
      /* `xmlns:Type` declares a prefix; it is no attribute called Type. */
      if (g_str_has_prefix (start, "xmlns") || (gsize)(value - found) <= n
          || memcmp (found, local, n) != 0 || is_name_char (found[n]))
        continue;
      g_autoptr (GString) decoded = g_string_new (NULL);
      return decode (value, length, decoded) ? g_strdup (decoded->str) : NULL;
    }
}

gboolean
slip_aws_xml_reader_skip (SlipAwsXmlReader *reader)
{
  guint depth = reader->depth;

  while (reader->depth >= depth)
    {
      SlipAwsXmlToken token = slip_aws_xml_reader_next (reader);
      if (token == SLIP_AWS_XML_ERROR || token == SLIP_AWS_XML_EOF)
        return FALSE;
    }
  return TRUE;
}

const char *
slip_aws_xml_reader_take_text (SlipAwsXmlReader *reader)
{
  GString *value = reader->value;

  if (value == NULL)
    value = reader->value = g_string_sized_new (256);
  g_string_truncate (value, 0);
  while (TRUE)
    switch (slip_aws_xml_reader_next (reader))
      {
      case SLIP_AWS_XML_TEXT:
        /* Comments and CDATA cut a text into stretches. */
        g_string_append_len (value, reader->text, reader->text_length);
        break;
      case SLIP_AWS_XML_START:
        if (!slip_aws_xml_reader_skip (reader))
          return NULL;
        break;
      case SLIP_AWS_XML_END:
        return value->str;
      default:
        return NULL;
      }
}

char *
slip_aws_xml_reader_dup_text (SlipAwsXmlReader *reader)
{
  return g_strdup (slip_aws_xml_reader_take_text (reader));
}

gboolean
slip_aws_xml_reader_is (const SlipAwsXmlReader *reader, const char *name)
{
  return strncmp (name, reader->name, reader->name_length) == 0
         && name[reader->name_length] == '\0';
}

static gboolean
is_plain (char c)
{
  return (guchar)c >= 0x20 && (guchar)c < 0x7F && c != '&' && c != '<' && c != '>' && c != '"';
}

void
slip_aws_xml_append_text (GString *out, const char *text)
{
  while (*text != '\0')
    {
      const char *stop = text;
      while (is_plain (*stop))
        stop++;
      g_string_append_len (out, text, stop - text);
      if (*stop == '\0')
        return;
      gunichar c = g_utf8_get_char (stop);
      if (c == '&')
        g_string_append (out, "&amp;");
      else if (c == '<')
        g_string_append (out, "&lt;");
      else if (c == '>')
        g_string_append (out, "&gt;");
      else if (c == '"')
        g_string_append (out, "&quot;");
      else if (c == '\r' || c == '\n' || c == '\t' || c == 0x85 || c == 0x2028)
        g_string_append_printf (out, "&#x%X;", c);
      else
        g_string_append_unichar (out, is_xml_char (c) ? c : 0xFFFD);
      text = g_utf8_next_char (stop);
    }
}

void
slip_aws_xml_append_element (GString *out, const char *name, const char *text)
{
  g_string_append_printf (out, "<%s>", name);
  slip_aws_xml_append_text (out, text);
  g_string_append_printf (out, "</%s>", name);
}

void
slip_aws_xml_append_error (GString *out, const char *type, const char *code, const char *message)
{
  g_string_append (out, "<Error>");
  if (type != NULL)
    slip_aws_xml_append_element (out, "Type", type);
  slip_aws_xml_append_element (out, "Code", code);
  slip_aws_xml_append_element (out, "Message", message);
  g_string_append (out, "</Error>");
}
