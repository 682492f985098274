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
  return slip_anonymise_tells (c) || g_unichar_ismark (c) || c == '\'' || c == 0x2019;
}

/* Where a word is. The functions of a class say what became of it, for those behind it. */
typedef struct
{
  const char *rest;   /* of the text, behind the word */
  gboolean is_last;   /* of the text */
  gboolean leads;     /* all before it were titles */
  gboolean is_joined; /* any title can stand here: first of all, or behind “the” and the like */
  gboolean is_first;  /* nothing or a comma is before it */
  gboolean has_number; /* its part begins with one, of a house */
  guint n_names;       /* how many names its part has behind that */
} Place;

typedef char *TokenFunc (const Salt *salt, const char *token, Place *place);

/* What ends a part of an address, or a surname that stands in front. */
static gboolean
ends_part (char c)
{
  return c == '\0' || strchr (",;:/()\r\n\t", c) != NULL;
}

static gboolean
is_first (const char *text, const char *p)
{
  while (p > text && p[-1] == ' ')
    p--;
  return p == text || strchr (",;\r\n\t", p[-1]) != NULL;
}

/* The last character that says something; found once, as words ask for it. */
static const char *
last_of_words (const char *text)
{
  const char *last = text;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (slip_anonymise_tells (g_utf8_get_char (p)))
      last = p;
  return last;
}

static char *
each_word (const Salt *salt, const char *text, TokenFunc *func)
{
  GString *made = g_string_new (NULL);
  Place place = {.leads = TRUE, .is_joined = TRUE};
  const char *last = last_of_words (text);

  for (const char *p = text; *p != '\0';)
    {
      const char *end = p;
      g_autofree char *token = NULL;
      g_autofree char *other = NULL;

      while (*end != '\0' && is_word_char (g_utf8_get_char (end)))
        end = g_utf8_next_char (end);
      if (end == p)
        {
          if (ends_part (*p))
            {
              place.has_number = FALSE;
              place.n_names = 0;
            }
          end = g_utf8_next_char (p);
          g_string_append_len (made, p, end - p);
          p = end;
          continue;
        }
      token = g_strndup (p, (gsize)(end - p));
      place.rest = end;
      place.is_first = is_first (text, p);
      place.is_last = end > last;
      other = func (salt, token, &place);
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
given_word (const Salt *salt, const char *token, Place *place)
{
  return name_word (salt, token, "forenames");
}

static char *
family_word (const Salt *salt, const char *token, Place *place)
{
  return name_word (salt, token, "surnames");
}

/* Words that say what somebody or something is and not which one. */
static gboolean
is_known (const char *token, const char *const *known)
{
  g_autofree char *lower = g_utf8_strdown (token, -1);

  return g_strv_contains (known, lower);
}

/* The next word of the same part, or NULL. */
static char *
dup_next_word (const char *rest)
{
  const char *word = rest + strspn (rest, " .");
  const char *end = word;

  while (*end != '\0' && is_word_char (g_utf8_get_char (end)))
    end = g_utf8_next_char (end);
  return end > word ? g_strndup (word, (gsize)(end - word)) : NULL;
}

/* Titles stay in front of a name. Some are surnames as well: “Lord, John”, “Lord J”, “LORD MRS MARY” and “Mr Lord Smith” are
 * people of that name, “Lord Smith” and “the late Lord Smith” are not. */
static char *
full_word (const Salt *salt, const char *token, Place *place)
{
  static const char *const titles[]
      = {"mr", "mrs", "miss", "ms", "mx", "dr", "prof", "rev", "capt", NULL};
  static const char *const joining[] = {"and", "the", "late", NULL};
  static const char *const surnames[] = {"dame", "lady", "late", "lord", "sir", NULL};
  g_autofree char *next = dup_next_word (place->rest);
  gboolean is_joined = place->is_joined;
  gboolean stays = place->leads && !place->is_last;

  place->is_joined = is_known (token, joining);
  if (is_known (token, surnames))
    stays = stays && is_joined && next != NULL && g_utf8_strlen (next, -1) > 1
            && !is_known (next, titles);
  else
    stays = stays && (place->is_joined || is_known (token, titles));
  place->leads = stays;
  if (stays)
    return g_strdup (token);
  return name_word (salt, token, place->is_last ? "surnames" : "forenames");
}

/* ---- addresses */

/* “Flat 12”; “Box” and “Room” before a letter could be somebody's name. */
static gboolean
is_unit (const char *token, const char *next)
{
  static const char *const units[] = {"flat", "apartment", "apt", "unit", "block", NULL};
  static const char *const numbered[] = {"box", "floor", "room", NULL};

  if (next == NULL)
    return FALSE;
  if (is_known (token, units))
    return has_digit (next) || g_utf8_strlen (next, -1) == 1;
  return is_known (token, numbered) && has_digit (next);
}

/* What ends a name of a street or a house; what is a surname as well does so behind a number and that name only, so that no
 * “Mary Hill” leaves half of her name. */
static gboolean
is_kind (const char *token, const Place *place)
{
  static const char *const roads[]
      = {"avenue", "ave", "crescent", "drive", "gardens", "mews", "rd", "road", "terrace", NULL};
  static const char *const surnames[]
      = {"barn",  "close",  "court", "farm",  "green", "grove", "hall", "hill",
         "house", "lane",   "lodge", "park",  "place", "rise",  "row",  "square",
         "st",    "street", "view",  "villa", "walk",  "way",   "yard", NULL};

  if (place->n_names == 0 || !ends_part (place->rest[strspn (place->rest, " .")]))
    return FALSE;
  return is_known (token, roads)
         || (place->has_number && place->n_names == 1 && is_known (token, surnames));
}

static char *
address_word (const Salt *salt, const char *token, Place *place)
{
  static const char *const nobodys[] = {"and", "at", "by", "of", "on", "the", NULL};
  g_autofree char *next = dup_next_word (place->rest);
  g_autofree char *street = NULL;

  if (has_digit (token) || g_utf8_strlen (token, -1) == 1)
    {
      if (has_digit (token))
        {
          place->has_number = place->is_first && g_ascii_isdigit (*token) && strlen (token) <= 4;
          place->n_names = 0;
        }
      return scramble (salt, token);
    }
  if (is_known (token, nobodys) || is_unit (token, next) || is_kind (token, place)
      || (g_ascii_strcasecmp (token, "po") == 0 && next != NULL
          && g_ascii_strcasecmp (next, "box") == 0))
    return g_strdup (token);
  place->n_names++;
  street = pick (salt, "streets", token, FALSE);
  street[strcspn (street, " ")] = '\0';
  return is_fit (street, token, TRUE) ? g_steal_pointer (&street)
                                      : pick (salt, "surnames", token, TRUE);
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
