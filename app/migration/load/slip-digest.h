/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipDigest:
 *
 * SHA-256 of bytes as they come, by libcrypto, which uses the processor's own instructions.
 */
typedef struct _SlipDigest SlipDigest;

SlipDigest *slip_digest_new (void);
void slip_digest_free (SlipDigest *self);
void slip_digest_add (SlipDigest *self, const void *data, gsize length);

/**
 * slip_digest_end:
 *
 * Returns: (transfer full): 64 hexadecimal digits; nothing can be added any more
 */
char *slip_digest_end (SlipDigest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipDigest, slip_digest_free)

G_END_DECLS
