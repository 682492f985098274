/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-anonymise.h"

G_BEGIN_DECLS

#define SLIP_SECRET_BYTES 32 /* of SHA-256 */

/* Chance that the salt, a purpose and a value decide: HMAC-SHA256 of the latter two by the first, and of a counter by
 * that. The same three give the same numbers for ever. */
typedef struct
{
  guint8 key[SLIP_SECRET_BYTES];
  guint8 block[SLIP_SECRET_BYTES];
  guint64 count;
  guint used;
} SlipSecret;

void slip_secret_begin (
    SlipSecret *self, const void *salt, gsize length, const char *purpose, const char *value);

/* A number from 0 up to, and without, @n; each as likely. */
guint slip_secret_below (SlipSecret *self, guint n);

/* As many bytes as a number has, of a HMAC over @purpose and @n numbers. */
guint64 slip_secret_mix (const SlipSecret *self, guint n, const guint64 *numbers);

/* slip-anonymise-permute.c: another text of the same form, never the same for two. Letters become letters and digits
 * digits, in ASCII and in each alphabet beside it; what begins with a digit above 0 and has no letters goes on to do so. */
char *
slip_anonymise_permute (const void *salt, gsize length, const char *purpose, const char *text);

/* Whether a character can say something: letters, digits, and what is written with others all the same, as ⓜ is, or with
 * such as nobody sees. */
gboolean slip_anonymise_tells (gunichar c);

/* Whether nobody sees a character. */
gboolean slip_anonymise_hides (gunichar c);

/* Nobody is in what has no letter and no digit above 0, or is a word for nothing. */
gboolean slip_anonymise_is_blank (const char *text);

/* slip-anonymise-words.c: one for each class that puts words in place of words. @ascii text stays ASCII. */
char *slip_anonymise_given_name (const void *salt, gsize length, const char *text);
char *slip_anonymise_family_name (const void *salt, gsize length, const char *text);
char *slip_anonymise_full_name (const void *salt, gsize length, const char *text);
char *slip_anonymise_organisation (const void *salt, gsize length, const char *text);
char *slip_anonymise_address (const void *salt, gsize length, const char *text);
char *slip_anonymise_town (const void *salt, gsize length, const char *text);
char *slip_anonymise_email (const void *salt, gsize length, const char *text);

/* slip-anonymise-form.c: classes that keep the form and no word. */
char *slip_anonymise_text (const void *salt, gsize length, const char *text);
char *slip_anonymise_postcode (const void *salt, gsize length, const char *text);
char *slip_anonymise_phone (const void *salt, gsize length, const char *text);
char *slip_anonymise_date (const void *salt, gsize length, const char *text, const char *anchor);
char *slip_anonymise_time (const void *salt, gsize length, const char *text, const char *anchor);

G_END_DECLS
