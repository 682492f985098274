/* SPDX-License-Identifier: MIT */
/* Keys: a secret permutation of all texts of one form, so that no two keys become the same and each stays a key of its
 * kind. A Feistel network over HMAC-SHA256 permutes a range of numbers, and is asked again while it leaves the
 * range that a form has (cycle walking, as NIST SP 800-38G does it for formats). */

#include "slip-anonymise-private.h"

#include <string.h>

#define ROUNDS 10
/* A range must leave room below 2^62; longer texts are several numbers. */
#define MOST ((guint64)1 << 60)

/* ---- one number */

static guint64
feistel (const SlipSecret *secret, guint64 tweak, guint half, guint64 number)
{
  guint64 mask = ((guint64)1 << half) - 1;
  guint64 left = number >> half;
  guint64 right = number & mask;

  for (guint round = 0; round < ROUNDS; round++)
    {
      guint64 input[] = {GUINT64_TO_LE (tweak), GUINT64_TO_LE (round), GUINT64_TO_LE (right)};
      guint64 mixed = left ^ (slip_secret_mix (secret, G_N_ELEMENTS (input), input) & mask);

      left = right;
      right = mixed;
    }
  return left << half | right;
}

/* A permutation of 0 … @range - 1. */
static guint64
permute_number (const SlipSecret *secret, guint64 tweak, guint64 range, guint64 number)
{
  guint bits = range > 1 ? g_bit_storage ((gulong)(range - 1)) : 1;
  guint half = (bits + 1) / 2;

  if (range < 2)
    return number;
  do
    number = feistel (secret, tweak, half, number);
  while (number >= range);
  return number;
}

/* ---- a text as numbers */

typedef struct
{
  const char *from;
  gsize length;
  guint64 range;
  guint64 number;
} Piece;

static guint
radix (char c)
{
  return g_ascii_isdigit (c) ? 10 : g_ascii_isalpha (c) ? 26 : 0;
}

static guint
rank (char c)
{
  return (guint)(g_ascii_isdigit (c) ? c - '0' : g_ascii_tolower (c) - 'a');
}

static char
unrank (char like, guint number)
{
  if (g_ascii_isdigit (like))
    return (char)('0' + number);
  return (char)((g_ascii_isupper (like) ? 'A' : 'a') + number);
}

static GArray *
split (const char *text)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  Piece piece = {text, 0, 1, 0};

  for (const char *p = text; *p != '\0'; p++)
    {
      guint n = radix (*p);

      if (n > 0 && piece.range > MOST / n)
        {
          g_array_append_val (pieces, piece);
          piece = (Piece){p, 0, 1, 0};
        }
      piece.length++;
      if (n > 0)
        {
          piece.range *= n;
          piece.number = piece.number * n + rank (*p);
        }
    }
  g_array_append_val (pieces, piece);
  return pieces;
}

static char *
unite (const GArray *pieces, const char *text)
{
  char *made = g_strdup (text);

  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);
      guint64 number = piece->number;

      for (gsize j = piece->length; j-- > 0;)
        {
          guint n = radix (piece->from[j]);

          if (n == 0)
            continue;
          made[(gsize)(piece->from - text) + j] = unrank (piece->from[j], (guint)(number % n));
          number /= n;
        }
    }
  return made;
}

/* Each piece by a permutation that the others choose; backwards it could be undone in the other order, so that the
 * whole is a permutation too. */
static void
permute_pieces (const SlipSecret *secret, GArray *pieces)
{
  for (guint pass = 0; pass < (pieces->len > 1 ? 2 : 1); pass++)
    for (guint i = 0; i < pieces->len; i++)
      {
        Piece *piece = &g_array_index (pieces, Piece, i);
        guint64 tweak = pass * 1000003 + i;

        for (guint j = 0; j < pieces->len; j++)
          if (j != i)
            {
              guint64 input[] = {GUINT64_TO_LE (tweak),
                                 GUINT64_TO_LE (g_array_index (pieces, Piece, j).number)};

              tweak = slip_secret_mix (secret, G_N_ELEMENTS (input), input);
            }
        piece->number = permute_number (secret, tweak, piece->range, piece->number);
      }
}

/* ---- which texts are of one form */

static gboolean
has_letter (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isalpha (*p))
      return TRUE;
  return FALSE;
}

static gboolean
is_zero (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (radix (*p) > 0 && *p != '0')
      return FALSE;
  return TRUE;
}

/* 0123 and 1123 are not of one form: read as a number the one is shorter than it looks. */
static gboolean
is_like (const char *made, const char *text, gboolean letters)
{
  gsize first = strcspn (text, "0123456789");

  if (is_zero (made))
    return FALSE;
  return letters || (made[first] == '0') == (text[first] == '0');
}

/* What the permutation depends on besides the salt: purpose and form. */
static char *
dup_form (const char *text)
{
  char *form = g_strdup (text);

  for (char *p = form; *p != '\0'; p++)
    *p = g_ascii_isdigit (*p) ? '9' : g_ascii_isupper (*p) ? 'A' : g_ascii_islower (*p) ? 'a' : *p;
  return form;
}

char *
slip_anonymise_permute (const void *salt, gsize length, const char *purpose, const char *text)
{
  g_autofree char *form = dup_form (text);
  g_autoptr (GArray) pieces = split (text);
  gboolean letters = has_letter (text);
  SlipSecret secret;
  char *made = NULL;

  if (is_zero (text))
    return g_strdup (text);
  slip_secret_begin (&secret, salt, length, purpose, form);
  do
    {
      g_free (made);
      permute_pieces (&secret, pieces);
      made = unite (pieces, text);
    }
  while (!is_like (made, text, letters));
  return made;
}
