/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipRandom:
 *
 * A stream of 64-bit numbers: SplitMix64 (G. Steele, D. Lea, C. Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014). The same on every machine; no floating point anywhere.
 */
typedef struct
{
  guint64 state;
} SlipRandom;

/**
 * slip_random_mix:
 *
 * Returns: the finishing function of SplitMix64, by which every bit of @value moves half of the result's
 */
guint64 slip_random_mix (guint64 value);

/**
 * slip_random_key:
 * @key: a key
 * @name: a name within it, in UTF-8
 *
 * Returns: the key of @name within @key: FNV-1a of the bytes, mixed with @key
 */
guint64 slip_random_key (guint64 key, const char *name);

/**
 * slip_random_at:
 * @key: a key
 * @index: a row's number
 *
 * Returns: the stream of this row; any row's can be had without those before
 */
SlipRandom slip_random_at (guint64 key, guint64 index);

/**
 * slip_random_next:
 *
 * Returns: the stream's next number
 */
guint64 slip_random_next (SlipRandom *self);

/**
 * slip_random_below:
 * @n: 1 or more
 *
 * Returns: a number from 0 to @n − 1: the upper half of the next number times @n
 */
guint64 slip_random_below (SlipRandom *self, guint64 n);

G_END_DECLS
