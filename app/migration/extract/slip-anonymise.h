/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Fewer bytes than this are no secret. */
#define SLIP_ANONYMISE_MIN_SALT 16

/**
 * SlipAnonymiser:
 *
 * Puts values of nobody in place of somebody's, by class: the same salt and value give the same, so that rows that belonged
 * together still do, and without the salt nobody gets back. Form stays: length of numbers, capital letters,
 * punctuation, blanks. One thread.
 */
typedef struct _SlipAnonymiser SlipAnonymiser;

/**
 * slip_anonymiser_new:
 * @salt: secret bytes
 * @length: how many, %SLIP_ANONYMISE_MIN_SALT at least
 *
 * Returns: (transfer full): an anonymiser
 */
SlipAnonymiser *slip_anonymiser_new (const void *salt, gsize length);
void slip_anonymiser_free (SlipAnonymiser *self);

/**
 * slip_anonymiser_apply:
 * @self: an anonymiser
 * @class_name: a class of `case`: `keep`, `blank`, `key`, `given-name`, `family-name`, `full-name`, `organisation`,
 *   `address`, `town`, `postcode`, `phone`, `email`, `date`, `time`, `number` or `text`
 * @value: what is there
 * @anchor: (nullable): what dates and times are shifted by; those with the same anchor keep their distances
 *
 * Blanks, and the texts that the original takes for blank (`nan`, `NaT`, `<NA>`, `None`), stay as they are; so do white
 * space around a value and values without a letter or a digit above 0. Characters that nobody sees (of Unicode's category
 * Cf, and selectors of variants) are dropped, but in a value of nothing else, of which U+200B is left; `keep` leaves them,
 * and `key` and `number` put others of their kind in their places. These two never give two values the same.
 *
 * Returns: (transfer full): what stands there instead; %NULL for a class that is not known, so that nothing passes by a
 *   misspelt one
 */
char *slip_anonymiser_apply (SlipAnonymiser *self,
                             const char *class_name,
                             const char *value,
                             const char *anchor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAnonymiser, slip_anonymiser_free)

G_END_DECLS
