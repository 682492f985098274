/* SPDX-License-Identifier: MIT */
/* Which class does what, and the chance that all of them draw from. What comes out depends on the salt, the class and the
 * value only: no table of who became whom is kept, here or anywhere. */

#include "slip-anonymise-private.h"

#include <string.h>

#define WHITE_SPACE " \t\r\n\f\v"
#define ZERO_WIDTH_SPACE "\u200b"
#define FIRST_ACCENT 0x300
#define LAST_ACCENT 0x362 /* behind it are letters that stand above others */

struct _SlipAnonymiser
{
  guint8 *salt; /* owned; wiped when it goes */
  gsize length;
  GHashTable
      *permuted; /* owned; "CLASS VALUE" → what became of it: keys come back often, and are dear */
};

/* ---- chance */

static void
hmac (const void *key,
      gsize key_length,
      const void *first,
      gsize first_length,
      const void *second,
      gsize second_length,
      guint8 out[SLIP_SECRET_BYTES])
{
  GHmac *sum = g_hmac_new (G_CHECKSUM_SHA256, key, key_length);
  gsize length = SLIP_SECRET_BYTES;

  g_hmac_update (sum, first, (gssize)first_length);
  g_hmac_update (sum, second, (gssize)second_length);
  g_hmac_get_digest (sum, out, &length);
  g_hmac_unref (sum);
}

void
slip_secret_begin (
    SlipSecret *self, const void *salt, gsize length, const char *purpose, const char *value)
{
  /* With its final NUL no purpose is the beginning of another. */
  hmac (salt, length, purpose, strlen (purpose) + 1, value, strlen (value), self->key);
  self->count = 0;
  self->used = SLIP_SECRET_BYTES;
}

static guint32
next (SlipSecret *self)
{
  guint32 number;

  if (self->used + sizeof number > SLIP_SECRET_BYTES)
    {
      guint64 count = GUINT64_TO_LE (self->count);

      hmac (self->key, sizeof self->key, "stream", 6, &count, sizeof count, self->block);
      self->count++;
      self->used = 0;
    }
  memcpy (&number, self->block + self->used, sizeof number);
  self->used += sizeof number;
  return GUINT32_FROM_LE (number);
}

guint
slip_secret_below (SlipSecret *self, guint n)
{
  guint32 most = G_MAXUINT32 - G_MAXUINT32 % n;
  guint32 number;

  do
    number = next (self);
  while (number >= most);
  return number % n;
}

guint64
slip_secret_mix (const SlipSecret *self, guint n, const guint64 *numbers)
{
  guint8 out[SLIP_SECRET_BYTES];
  guint64 number;

  hmac (self->key, sizeof self->key, "mix", 3, numbers, n * sizeof *numbers, out);
  memcpy (&number, out, sizeof number);
  return GUINT64_FROM_LE (number);
}

/* ---- characters */

/* Selectors of variants are marks to Unicode, and 256 of them stand for nothing on most characters. */
gboolean
slip_anonymise_hides (gunichar c)
{
  return g_unichar_type (c) == G_UNICODE_FORMAT || (c >= 0x7f && c <= 0x9f) || c == 0x34f
         || c == 0x17b4 || c == 0x17b5 || (c >= 0x180b && c <= 0x180f)
         || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

/* Accents stay on the letters that others become. Other marks are vowels, digits and letters of their scripts. */
gboolean
slip_anonymise_tells (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return g_unichar_isalnum (c) || slip_anonymise_hides (c)
         || (g_unichar_ismark (c) && (c < FIRST_ACCENT || c > LAST_ACCENT))
         || (c >= 0x2000
             && (type == G_UNICODE_OTHER_SYMBOL || type == G_UNICODE_MODIFIER_SYMBOL
                 || type == G_UNICODE_PRIVATE_USE || type == G_UNICODE_UNASSIGNED));
}

/* A text of nothing else keeps one that says nothing, as it is no blank either. */
static char *
dup_visible (const char *text)
{
  GString *made = g_string_sized_new (strlen (text));
  gboolean hidden = FALSE;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (slip_anonymise_hides (g_utf8_get_char (p))
        || (g_ascii_iscntrl (*p) && !g_ascii_isspace (*p)))
      hidden = TRUE;
    else
      g_string_append_len (made, p, g_utf8_next_char (p) - p);
  if (hidden && strspn (made->str, WHITE_SPACE) == made->len)
    g_string_append (made, ZERO_WIDTH_SPACE);
  return g_string_free (made, FALSE);
}

/* ---- classes */

typedef char *WordFunc (const void *salt, gsize length, const char *text);

static const struct
{
  const char *name;
  WordFunc *func;
} word_classes[] = {
    {"given-name", slip_anonymise_given_name}, {"family-name", slip_anonymise_family_name},
    {"full-name", slip_anonymise_full_name},   {"organisation", slip_anonymise_organisation},
    {"address", slip_anonymise_address},       {"town", slip_anonymise_town},
    {"postcode", slip_anonymise_postcode},     {"phone", slip_anonymise_phone},
    {"email", slip_anonymise_email},           {"text", slip_anonymise_text},
};

static char *
permute (SlipAnonymiser *self, const char *class_name, const char *core)
{
  g_autofree char *name = g_strjoin (" ", class_name, core, NULL);
  const char *known = g_hash_table_lookup (self->permuted, name);
  char *made;

  if (known != NULL)
    return g_strdup (known);
  made = slip_anonymise_permute (self->salt, self->length, class_name, core);
  g_hash_table_insert (self->permuted, g_steal_pointer (&name), g_strdup (made));
  return made;
}

/* Its values stay apart, each of a form of its own: what others drop is another of its kind there. */
static gboolean
is_permuted (const char *class_name)
{
  return g_str_equal (class_name, "key") || g_str_equal (class_name, "number");
}

static char *
apply_core (SlipAnonymiser *self, const char *class_name, const char *core, const char *anchor)
{
  if (is_permuted (class_name))
    return permute (self, class_name, core);
  if (g_str_equal (class_name, "date"))
    return slip_anonymise_date (self->salt, self->length, core, anchor != NULL ? anchor : "");
  if (g_str_equal (class_name, "time"))
    return slip_anonymise_time (self->salt, self->length, core, anchor != NULL ? anchor : "");
  for (guint i = 0; i < G_N_ELEMENTS (word_classes); i++)
    if (g_str_equal (class_name, word_classes[i].name))
      return word_classes[i].func (self->salt, self->length, core);
  return NULL;
}

/* ---- public */

SlipAnonymiser *
slip_anonymiser_new (const void *salt, gsize length)
{
  SlipAnonymiser *self = g_new0 (SlipAnonymiser, 1);

  g_return_val_if_fail (salt != NULL && length >= SLIP_ANONYMISE_MIN_SALT, self);

  self->salt = g_memdup2 (salt, length);
  self->length = length;
  self->permuted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
slip_anonymiser_free (SlipAnonymiser *self)
{
  if (self == NULL)
    return;
  if (self->salt != NULL)
    explicit_bzero (self->salt, self->length);
  g_free (self->salt);
  g_clear_pointer (&self->permuted, g_hash_table_unref);
  g_free (self);
}

char *
slip_anonymiser_apply (SlipAnonymiser *self,
                       const char *class_name,
                       const char *value,
                       const char *anchor)
{
  g_autofree char *composed = NULL; /* é is one, of one character as of two */
  g_autofree char *visible = NULL;
  g_autofree char *core = NULL;
  g_autofree char *made = NULL;
  gsize before, behind, length;

  g_return_val_if_fail (self != NULL && class_name != NULL && value != NULL, NULL);

  if (g_str_equal (class_name, "keep"))
    return g_strdup (value);
  if (g_str_equal (class_name, "blank"))
    return g_strdup ("");
  composed = g_utf8_normalize (value, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  visible
      = is_permuted (class_name) || composed == NULL ? g_strdup (value) : dup_visible (composed);
  value = visible;
  length = strlen (value);
  before = strspn (value, WHITE_SPACE);
  for (behind = 0; behind < length - before && g_ascii_isspace (value[length - behind - 1]);)
    behind++;
  core = g_strndup (value + before, length - before - behind);
  made = slip_anonymise_is_blank (core)
                 || (!is_permuted (class_name) && g_str_equal (core, ZERO_WIDTH_SPACE))
             ? g_strdup (core)
             : apply_core (self, class_name, core, anchor);
  if (made == NULL)
    return NULL;
  return g_strdup_printf ("%.*s%s%s", (int)before, value, made, value + length - behind);
}
