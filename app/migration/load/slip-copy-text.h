/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-record.h"

G_BEGIN_DECLS

/**
 * slip_copy_text_append:
 * @out: where to
 * @text: a value, or a piece of one
 * @length: bytes
 *
 * Appends a value in the text form of COPY. What PostgreSQL itself escapes in COPY … TO is escaped here, and nothing
 * else, so that both sides of a landing are the same bytes.
 */
void slip_copy_text_append (GString *out, const char *text, gsize length);

/**
 * slip_copy_text_append_fields:
 * @out: where to
 * @fields: (array length=n): values
 * @n: how many
 *
 * Appends values, each with a tab before it.
 */
void slip_copy_text_append_fields (GString *out, const SlipField *fields, guint n);

/**
 * slip_copy_text_append_number:
 *
 * Appends a number in decimal digits.
 */
void slip_copy_text_append_number (GString *out, guint64 number);

G_END_DECLS
