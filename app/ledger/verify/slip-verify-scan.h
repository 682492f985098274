/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipVerifyField:
 * @name: which member of the outermost object
 * @text: (nullable): a string's contents, still escaped; not owned, %NULL when it is no string
 * @length: bytes of @text
 * @number: an integer's value, -1 when it is none or negative
 * @present: whether there is such a member
 *
 * A member that the verifier looks at. Plain pointers into the line: nothing is copied.
 */
typedef struct
{
  const char *name;
  const char *text;
  gsize length;
  gint64 number;
  gboolean present;
} SlipVerifyField;

/**
 * slip_verify_scan:
 * @text: begins with an object
 * @length: bytes of @text
 * @fields: (inout): members to look for; only @name is set by the caller
 * @n_fields: how many
 *
 * Reads one object in canonical form (RFC 8785): no white space, names sorted and single, shortest
 * escapes, numbers in their one form. Anything else is refused.
 *
 * Returns: how many bytes it takes, 0 when it is not canonical
 */
gsize slip_verify_scan (const char *text, gsize length, SlipVerifyField *fields, guint n_fields);

/**
 * slip_verify_unescape:
 * @text: a string's contents in canonical form
 * @length: bytes of @text
 *
 * Returns: (transfer full): what they stand for
 */
char *slip_verify_unescape (const char *text, gsize length);

G_END_DECLS
