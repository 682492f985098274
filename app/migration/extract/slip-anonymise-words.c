/* SPDX-License-Identifier: MIT */
/* Names, places and addresses of nobody, of the lists that generated data is made of. The same word becomes the same word
 * wherever it stands, whatever its capital letters: somebody whose name is in two columns keeps one name. */

#include "slip-anonymise-private.h"

#include "slip-generate-private.h"

#include <string.h>

typedef struct
{
  const void *salt;
  gsize length;
} Salt;

/* ---- one word */

/* The capitals of @like on @word. */
static char *
dup_styled (const char *word, const char *like)
{
  gboolean upper = FALSE, lower = FALSE;

  for (const char *p = like; *p != '\0'; p = g_utf8_next_char (p))
    {
      upper = upper || g_unichar_isupper (g_utf8_get_char (p));
      lower = lower || g_unichar_islower (g_utf8_get_char (p));
    }
  if (upper && !lower && g_utf8_strlen (like, -1) > 1)
    return g_utf8_strup (word, -1);
  return lower && !upper ? g_utf8_strdown (word, -1) : g_strdup (word);
}

static gboolean
is_fit (const char *word, const char *like, gboolean single)
{
  g_autofree char *left = g_utf8_casefold (word, -1);
  g_autofree char *right = g_utf8_casefold (like, -1);

  return !g_str_equal (left, right) && (!single || strchr (word, ' ') == NULL)
         && (g_str_is_ascii (word) || !g_str_is_ascii (like));
}

/* A word of a list in place of @like, never @like itself. @single: one without a space. */
static char *
pick (const Salt *salt, const char *list, const char *like, gboolean single)
{
  g_autofree char *folded = g_utf8_casefold (like, -1);
  guint n = 0;
  const char *const *words = slip_gen_words_find (list, &n);
  SlipSecret secret;
  guint at;

  slip_secret_begin (&secret, salt->salt, salt->length, list, folded);
  at = slip_secret_below (&secret, n);
  for (guint i = 0; i < n && !is_fit (words[at], like, single); i++)
    at = (at + 1) % n;
  return dup_styled (words[at], like);
}

/* ---- texts as words and what is between them */

static gboolean
is_word_char (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c) || c == '\'' || c == 0x2019;
}

typedef char *TokenFunc (const Salt *salt, const char *token, gboolean last);

static gboolean
has_more_words (const char *rest)
{
  for (const char *p = rest; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_isalnum (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

static char *
each_word (const Salt *salt, const char *text, TokenFunc *func)
{
  GString *made = g_string_new (NULL);

  for (const char *p = text; *p != '\0';)
    {
      const char *end = p;
      g_autofree char *token = NULL;
      g_autofree char *other = NULL;

      while (*end != '\0' && is_word_char (g_utf8_get_char (end)))
        end = g_utf8_next_char (end);
      if (end == p)
        {
          end = g_utf8_next_char (p);
          g_string_append_len (made, p, end - p);
          p = end;
          continue;
        }
      token = g_strndup (p, (gsize)(end - p));
      other = func (salt, token, !has_more_words (end));
      g_string_append (made, other);
      p = end;
    }
  return g_string_free (made, FALSE);
}

static gboolean
has_digit (const char *token)
{
  return strpbrk (token, "0123456789") != NULL;
}

static char *
scramble (const Salt *salt, const char *token)
{
  return slip_anonymise_text (salt->salt, salt->length, token);
}

/* ---- names */

static char *
name_word (const Salt *salt, const char *token, const char *list)
{
  /* Initials, and what is no name at all. */
  if (g_utf8_strlen (token, -1) == 1 || has_digit (token))
    return scramble (salt, token);
  return pick (salt, list, token, TRUE);
}

static char *
given_word (const Salt *salt, const char *token, gboolean last)
{
  return name_word (salt, token, "forenames");
}

static char *
family_word (const Salt *salt, const char *token, gboolean last)
{
  return name_word (salt, token, "surnames");
}

/* Words that say who somebody is and not which one. */
static gboolean
is_known (const char *token, const char *const *known)
{
  g_autofree char *lower = g_utf8_strdown (token, -1);

  return g_strv_contains (known, lower);
}

static char *
full_word (const Salt *salt, const char *token, gboolean last)
{
  static const char *const titles[]
      = {"mr",   "mrs", "miss", "ms",  "mx",   "dr",   "prof", "sir", "dame", "lord",
         "lady", "rev", "and",  "the", "late", "capt", "jr",   "sr",  NULL};

  if (is_known (token, titles))
    return g_strdup (token);
  return name_word (salt, token, last ? "surnames" : "forenames");
}

/* ---- addresses */

static char *
address_word (const Salt *salt, const char *token, gboolean last)
{
  static const char *const known[] = {
      "a",     "and",    "apartment", "apt",     "at",      "avenue",  "ave",      "barn",  "block",
      "box",   "by",     "care",      "close",   "c",       "court",   "crescent", "drive", "east",
      "farm",  "flat",   "floor",     "gardens", "green",   "grove",   "hall",     "hill",  "home",
      "house", "lane",   "lodge",     "mews",    "north",   "nursing", "o",        "of",    "on",
      "park",  "place",  "po",        "rd",      "rise",    "road",    "room",     "row",   "s",
      "south", "square", "st",        "street",  "terrace", "the",     "unit",     "view",  "villa",
      "walk",  "way",    "west",      "yard",    NULL};
  g_autofree char *street = NULL;
  char *space;

  if (has_digit (token) || g_utf8_strlen (token, -1) == 1)
    return scramble (salt, token);
  if (is_known (token, known))
    return g_strdup (token);
  street = pick (salt, "streets", token, FALSE);
  space = strchr (street, ' ');
  if (space != NULL)
    *space = '\0';
  return g_steal_pointer (&street);
}

/* ---- mail */

static char *
email (const Salt *salt, const char *token)
{
  g_autofree char *given = pick (salt, "forenames", token, TRUE);
  g_autofree char *family = pick (salt, "surnames", token, TRUE);
  g_autofree char *domain = pick (salt, "domains", token, TRUE);
  g_autofree char *whole = NULL;
  SlipSecret secret;

  slip_secret_begin (&secret, salt->salt, salt->length, "email", token);
  whole = g_strdup_printf ("%s.%s%u@%s", given, family, slip_secret_below (&secret, 10000), domain);
  for (char *p = whole; *p != '\0'; p++)
    if (*p == '\'')
      *p = '-';
  return dup_styled (whole, token);
}

/* ---- public */

#define CLASS(name, call)                                                                          \
  char *name (const void *salt, gsize length, const char *text)                                    \
  {                                                                                                \
    Salt with = {salt, length};                                                                    \
                                                                                                   \
    return call;                                                                                   \
  }

CLASS (slip_anonymise_given_name, each_word (&with, text, given_word))
CLASS (slip_anonymise_family_name, each_word (&with, text, family_word))
CLASS (slip_anonymise_full_name, each_word (&with, text, full_word))
CLASS (slip_anonymise_address, each_word (&with, text, address_word))
CLASS (slip_anonymise_organisation, pick (&with, "companies", text, FALSE))
CLASS (slip_anonymise_town, pick (&with, "towns", text, FALSE))

/* Several addresses in one field, or none: what has no @ is scrambled. */
char *
slip_anonymise_email (const void *salt, gsize length, const char *text)
{
  Salt with = {salt, length};
  GString *made = g_string_new (NULL);

  for (const char *p = text; *p != '\0';)
    {
      gsize n = strcspn (p, " \t\r\n,;<>()\"");
      g_autofree char *token = g_strndup (p, n);
      g_autofree char *other = NULL;

      other = strchr (token, '@') != NULL ? email (&with, token) : scramble (&with, token);
      g_string_append (made, other);
      p += n;
      n = strspn (p, " \t\r\n,;<>()\"");
      g_string_append_len (made, p, (gssize)n);
      p += n;
    }
  return g_string_free (made, FALSE);
}
