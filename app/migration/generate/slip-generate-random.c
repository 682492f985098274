/* SPDX-License-Identifier: MIT */
/* The chance in generated data. Each value has a stream of its own, found by the names of table and column
 * and the number of the row, so that a value can be known without those before it, and a column that is
 * added leaves the others as they were. */

#include "slip-generate-random.h"

#define GOLDEN_GAMMA G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)
#define FNV_OFFSET G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define FNV_PRIME G_GUINT64_CONSTANT (0x100000001b3)

guint64
slip_random_mix (guint64 value)
{
  value = (value ^ (value >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  value = (value ^ (value >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return value ^ (value >> 31);
}

guint64
slip_random_key (guint64 key, const char *name)
{
  guint64 hash = FNV_OFFSET;

  for (const char *at = name; *at != '\0'; at++)
    hash = (hash ^ (guchar)*at) * FNV_PRIME;
  return slip_random_mix (key * GOLDEN_GAMMA + slip_random_mix (hash));
}

SlipRandom
slip_random_at (guint64 key, guint64 index)
{
  return (SlipRandom){slip_random_mix (key + index * GOLDEN_GAMMA)};
}

guint64
slip_random_next (SlipRandom *self)
{
  self->state += GOLDEN_GAMMA;
  return slip_random_mix (self->state);
}

guint64
slip_random_below (SlipRandom *self, guint64 n)
{
  return (guint64)(((__uint128_t)slip_random_next (self) * n) >> 64);
}
