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

/* ---- characters */

/* The other characters of a letter's or digit's kind: of ASCII its digits, capitals and small letters, beside it what
 * is of one type in one block of 256, so that é stays a small letter of Latin. */
typedef struct
{
  gunichar first;
  guint n;
  guint rank;
} Alphabet;

static gboolean
is_of (gunichar c, gunichar like)
{
  return g_unichar_type (c) == g_unichar_type (like) && slip_anonymise_tells (c)
         && slip_anonymise_hides (c) == slip_anonymise_hides (like);
}

static Alphabet
alphabet_of (gunichar c)
{
  Alphabet alphabet = {0};

  if (c < 128)
    return g_ascii_isdigit ((char)c)   ? (Alphabet){'0', 10, c - '0'}
           : g_ascii_isupper ((char)c) ? (Alphabet){'A', 26, c - 'A'}
           : g_ascii_islower ((char)c) ? (Alphabet){'a', 26, c - 'a'}
                                       : alphabet;
  if (!slip_anonymise_tells (c))
    return alphabet;
  for (gunichar other = MAX (c & ~(gunichar)0xFF, 128); other <= (c | 0xFF); other++)
    if (is_of (other, c))
      {
        alphabet.first = alphabet.n == 0 ? other : alphabet.first;
        alphabet.rank += other < c;
        alphabet.n++;
      }
  return alphabet;
}

static gunichar
letter_of (gunichar like, guint rank)
{
  gunichar c = alphabet_of (like).first;

  if (like < 128)
    return c + rank;
  while (rank > 0)
    if (is_of (++c, like))
      rank--;
  return c;
}

/* ---- a text as numbers */

typedef struct
{
  const gunichar *from;
  gsize length;
  guint64 range;
  guint64 number;
} Piece;

static GArray *
split (const gunichar *text)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  Piece piece = {text, 0, 1, 0};

  for (const gunichar *p = text; *p != 0; p++)
    {
      Alphabet alphabet = alphabet_of (*p);

      if (alphabet.n > 0 && piece.range > MOST / alphabet.n)
        {
          g_array_append_val (pieces, piece);
          piece = (Piece){p, 0, 1, 0};
        }
      piece.length++;
      if (alphabet.n > 0)
        {
          piece.range *= alphabet.n;
          piece.number = piece.number * alphabet.n + alphabet.rank;
        }
    }
  g_array_append_val (pieces, piece);
  return pieces;
}

static char *
unite (const GArray *pieces, const gunichar *text, glong length)
{
  g_autofree gunichar *made = g_memdup2 (text, ((gsize)length + 1) * sizeof *text);

  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);
      guint64 number = piece->number;

      for (gsize j = piece->length; j-- > 0;)
        {
          Alphabet alphabet = alphabet_of (piece->from[j]);

          if (alphabet.n == 0)
            continue;
          made[(gsize)(piece->from - text) + j]
              = letter_of (piece->from[j], (guint)(number % alphabet.n));
          number /= alphabet.n;
        }
    }
  return g_ucs4_to_utf8 (made, length, NULL, NULL, NULL);
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

gboolean
slip_anonymise_is_blank (const char *text)
{
  static const char *const blanks[] = {"nan", "NaT", "<NA>", "None", NULL};

  if (g_strv_contains (blanks, text))
    return TRUE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (*p != '0' && slip_anonymise_tells (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

static gboolean
has_letter (const gunichar *text)
{
  for (const gunichar *p = text; *p != 0; p++)
    if (!(*p < 128 && g_ascii_isdigit ((char)*p)) && alphabet_of (*p).n > 0)
      return TRUE;
  return FALSE;
}

/* 0123 and 1123 are not of one form: read as a number the one is shorter than it looks. */
static gboolean
is_like (const char *made, const char *text, gboolean letters)
{
  gsize first = strcspn (text, "0123456789");

  if (slip_anonymise_is_blank (made))
    return FALSE;
  return letters || (made[first] == '0') == (text[first] == '0');
}

/* What the permutation depends on besides the salt: purpose and form. */
static char *
dup_form (const gunichar *text)
{
  GString *form = g_string_new (NULL);

  for (const gunichar *p = text; *p != 0; p++)
    {
      Alphabet alphabet = alphabet_of (*p);

      g_string_append_unichar (form, alphabet.n == 0         ? *p
                                     : alphabet.first == '0' ? '9'
                                                             : alphabet.first);
    }
  return g_string_free (form, FALSE);
}

char *
slip_anonymise_permute (const void *salt, gsize length, const char *purpose, const char *text)
{
  glong n = 0;
  g_autofree gunichar *characters = g_utf8_to_ucs4_fast (text, -1, &n);
  g_autofree char *form = dup_form (characters);
  g_autoptr (GArray) pieces = split (characters);
  gboolean letters = has_letter (characters);
  SlipSecret secret;
  char *made = NULL;

  if (slip_anonymise_is_blank (text))
    return g_strdup (text);
  slip_secret_begin (&secret, salt, length, purpose, form);
  do
    {
      g_free (made);
      permute_pieces (&secret, pieces);
      made = unite (pieces, characters, n);
    }
  while (!is_like (made, text, letters));
  return made;
}
