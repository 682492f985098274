/* SPDX-License-Identifier: MIT */
/* The verifier's own reading of JSON: it accepts one spelling of each value and builds nothing, so
 * that what it reports is what was hashed, and a million entries take seconds. */

#include "slip-verify-scan.h"

#include <string.h>

#define MAX_DEPTH 128

typedef struct
{
  const guint8 *p;
  const guint8 *end;
} Cursor;

typedef struct
{
  const guint8 *text;
  gsize length;
  gboolean plain; /* ASCII without escapes */
} Slice;

static gboolean scan_value (Cursor *cursor, guint depth, SlipVerifyField *field);

static gboolean
take (Cursor *cursor, guint8 c)
{
  if (cursor->p == cursor->end || *cursor->p != c)
    return FALSE;
  cursor->p++;
  return TRUE;
}

/* \b \t \n \f \r \" \\ and, for the other control characters only, \u00xx in lower case. */
static gboolean
scan_escape (Cursor *cursor)
{
  const guint8 *p = cursor->p + 1;
  int high;
  int low;

  if (p < cursor->end && strchr ("btnfr\"\\", *p) != NULL && *p != '\0')
    {
      cursor->p = p + 1;
      return TRUE;
    }
  if (cursor->end - p < 5 || memcmp (p, "u00", 3) != 0 || g_ascii_isupper (p[4]))
    return FALSE;
  high = g_ascii_xdigit_value (p[3]);
  low = g_ascii_xdigit_value (p[4]);
  if ((high != 0 && high != 1) || low < 0)
    return FALSE;
  /* A NUL is never in what a ledger writes, and would end our strings early. */
  if (high == 0 && (low == 0 || low == 8 || low == 9 || low == 10 || low == 12 || low == 13))
    return FALSE;
  cursor->p = p + 5;
  return TRUE;
}

static gboolean
scan_string (Cursor *cursor, Slice *slice)
{
  gboolean ascii = TRUE;

  if (!take (cursor, '"'))
    return FALSE;
  slice->text = cursor->p;
  slice->plain = TRUE;
  while (cursor->p < cursor->end && *cursor->p != '"')
    {
      guint8 c = *cursor->p;

      if (c == '\\')
        {
          slice->plain = FALSE;
          if (!scan_escape (cursor))
            return FALSE;
          continue;
        }
      if (c < 0x20)
        return FALSE;
      ascii &= c < 0x80;
      cursor->p++;
    }
  slice->length = (gsize)(cursor->p - slice->text);
  slice->plain &= ascii;
  return take (cursor, '"')
         && (ascii || g_utf8_validate_len ((const char *)slice->text, slice->length, NULL));
}

static gsize
scan_digits (Cursor *cursor)
{
  const guint8 *start = cursor->p;

  while (cursor->p < cursor->end && g_ascii_isdigit (*cursor->p))
    cursor->p++;
  return (gsize)(cursor->p - start);
}

static gboolean
scan_number (Cursor *cursor, SlipVerifyField *field)
{
  gboolean negative = take (cursor, '-');
  const guint8 *start = cursor->p;
  gsize digits = scan_digits (cursor);
  gboolean whole = TRUE;

  if (digits == 0 || digits > 21 || (digits > 1 && *start == '0'))
    return FALSE;
  if (take (cursor, '.'))
    {
      whole = FALSE;
      if (scan_digits (cursor) == 0 || cursor->p[-1] == '0')
        return FALSE;
    }
  if (take (cursor, 'e'))
    {
      whole = FALSE;
      if ((!take (cursor, '-') && !take (cursor, '+')) || scan_digits (cursor) == 0)
        return FALSE;
    }
  if (negative && whole && *start == '0')
    return FALSE;
  if (field != NULL && whole && !negative && digits <= 16)
    field->number = g_ascii_strtoll ((const char *)start, NULL, 10);
  return TRUE;
}

static gboolean
scan_word (Cursor *cursor, const char *word)
{
  gsize length = strlen (word);

  if ((gsize)(cursor->end - cursor->p) < length || memcmp (cursor->p, word, length) != 0)
    return FALSE;
  cursor->p += length;
  return TRUE;
}

static gboolean
scan_array (Cursor *cursor, guint depth)
{
  if (!take (cursor, '['))
    return FALSE;
  if (take (cursor, ']'))
    return TRUE;
  do
    {
      if (!scan_value (cursor, depth + 1, NULL))
        return FALSE;
    }
  while (take (cursor, ','));
  return take (cursor, ']');
}

/* RFC 8785 sorts by UTF-16 code units; for plain names bytes do. */
static gboolean
is_sorted (const Slice *a, const Slice *b)
{
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;
  g_autofree gunichar2 *left16 = NULL;
  g_autofree gunichar2 *right16 = NULL;
  glong left_length;
  glong right_length;
  int order;

  if (a->plain && b->plain)
    {
      order = memcmp (a->text, b->text, MIN (a->length, b->length));
      return order < 0 || (order == 0 && a->length < b->length);
    }
  left = slip_verify_unescape ((const char *)a->text, a->length);
  right = slip_verify_unescape ((const char *)b->text, b->length);
  left16 = g_utf8_to_utf16 (left, -1, NULL, &left_length, NULL);
  right16 = g_utf8_to_utf16 (right, -1, NULL, &right_length, NULL);
  for (glong i = 0; i < MIN (left_length, right_length); i++)
    if (left16[i] != right16[i])
      return left16[i] < right16[i];
  return left_length < right_length;
}

static SlipVerifyField *
find_field (SlipVerifyField *fields, guint n_fields, const Slice *name)
{
  for (guint i = 0; i < n_fields; i++)
    {
      if (strncmp (fields[i].name, (const char *)name->text, name->length) == 0
          && fields[i].name[name->length] == '\0')
        return &fields[i];
    }
  return NULL;
}

static gboolean
scan_object (Cursor *cursor, guint depth, SlipVerifyField *fields, guint n_fields)
{
  Slice previous = {NULL, 0, TRUE};

  if (!take (cursor, '{'))
    return FALSE;
  if (take (cursor, '}'))
    return TRUE;
  do
    {
      SlipVerifyField *field;
      Slice name;

      if (!scan_string (cursor, &name) || !take (cursor, ':')
          || (previous.text != NULL && !is_sorted (&previous, &name)))
        return FALSE;
      field = find_field (fields, n_fields, &name);
      if (field != NULL)
        field->present = TRUE;
      if (!scan_value (cursor, depth + 1, field))
        return FALSE;
      previous = name;
    }
  while (take (cursor, ','));
  return take (cursor, '}');
}

static gboolean
scan_value (Cursor *cursor, guint depth, SlipVerifyField *field)
{
  Slice slice;

  if (cursor->p == cursor->end || depth > MAX_DEPTH)
    return FALSE;
  switch (*cursor->p)
    {
    case '"':
      if (!scan_string (cursor, &slice))
        return FALSE;
      if (field != NULL)
        {
          field->text = (const char *)slice.text;
          field->length = slice.length;
        }
      return TRUE;
    case '{':
      return scan_object (cursor, depth, NULL, 0);
    case '[':
      return scan_array (cursor, depth);
    case 't':
      return scan_word (cursor, "true");
    case 'f':
      return scan_word (cursor, "false");
    case 'n':
      return scan_word (cursor, "null");
    default:
      return scan_number (cursor, field);
    }
}

gsize
slip_verify_scan (const char *text, gsize length, SlipVerifyField *fields, guint n_fields)
{
  Cursor cursor = {(const guint8 *)text, (const guint8 *)text + length};

  for (guint i = 0; i < n_fields; i++)
    fields[i] = (SlipVerifyField){.name = fields[i].name, .number = -1};
  if (!scan_object (&cursor, 0, fields, n_fields))
    return 0;
  return (gsize)(cursor.p - (const guint8 *)text);
}

char *
slip_verify_unescape (const char *text, gsize length)
{
  static const char escapes[] = "btnfr";
  static const char meanings[] = "\b\t\n\f\r";
  GString *plain = g_string_sized_new (length);

  for (const char *p = text; p < text + length; p++)
    {
      const char *found;

      if (*p != '\\')
        {
          g_string_append_c (plain, *p);
          continue;
        }
      p++;
      found = strchr (escapes, *p);
      if (found != NULL)
        g_string_append_c (plain, meanings[found - escapes]);
      else if (*p != 'u')
        g_string_append_c (plain, *p);
      else
        {
          g_string_append_c (
              plain, (char)(g_ascii_xdigit_value (p[3]) << 4 | g_ascii_xdigit_value (p[4])));
          p += 4;
        }
    }
  return g_string_free (plain, FALSE);
}
