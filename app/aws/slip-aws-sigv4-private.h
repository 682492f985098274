/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-sigv4.h"

G_BEGIN_DECLS

#define SLIP_SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
#define SLIP_SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

/* 64 hexadecimal digits of the SHA-256 of @data; @hex has room for 65 bytes. */
void slip_sigv4_sha256_hex (gconstpointer data, gsize length, char hex[65]);

/* `20150830T123600Z`; @out has room for 17 bytes. */
void slip_sigv4_format_date (gint64 time_us, char out[17]);
gboolean slip_sigv4_parse_date (const char *text, gint64 *time_us);

G_END_DECLS
