/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_report_csv_add:
 * @csv: what there is so far
 * @fields: (array length=n) (nullable elements): texts; %NULL and "" are an empty field
 * @n: how many
 *
 * Appends a line of CSV: quoted where RFC 4180 asks for it, and ended as psql ends it.
 */
void slip_report_csv_add (GString *csv, const char *const *fields, guint n);

G_END_DECLS
