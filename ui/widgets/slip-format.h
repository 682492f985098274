/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_format_duration:
 * @seconds: how long
 *
 * Returns: (transfer full): two units at most: `41 s`, `12 min`, `2 h 10 min`, `3 d 4 h`
 */
char *slip_format_duration (double seconds);

/**
 * slip_format_age:
 * @time_us: a moment, microseconds since 1970; 0 when it is not known
 * @now_us: the present
 *
 * Returns: (transfer full): how long ago, in one unit: `2 h`, `9 d`; empty when not known
 */
char *slip_format_age (gint64 time_us, gint64 now_us);

/**
 * slip_format_time:
 * @time_us: a moment, microseconds since 1970; 0 when it is not known
 *
 * Returns: (transfer full): `2026-11-21 06:30:00 UTC`, or in the local zone with its offset when the
 *   settings say so; empty when not known
 */
char *slip_format_time (gint64 time_us);

/**
 * slip_format_exact_time:
 *
 * Returns: (transfer full): slip_format_time() to the millisecond: `2026-11-21 06:30:00.042 UTC`
 */
char *slip_format_exact_time (gint64 time_us);

/**
 * slip_format_moment:
 * @time_us: a moment, microseconds since 1970; 0 when it is not known
 * @now_us: the present
 *
 * Returns: (transfer full): slip_format_time(), without the date when that is today's:
 *   `06:30:00 UTC`; empty when not known
 */
char *slip_format_moment (gint64 time_us, gint64 now_us);

/**
 * slip_format_stamp:
 *
 * Returns: (transfer full): slip_format_time() without the zone, for columns
 */
char *slip_format_stamp (gint64 time_us);

/**
 * slip_format_clock:
 *
 * Returns: (transfer full): the time of day of slip_format_time() alone: `06:30:00`
 */
char *slip_format_clock (gint64 time_us);

/**
 * slip_format_size:
 * @bytes: how many; negative when not known
 *
 * Returns: (transfer full): `86 KiB`, `412 GiB`, `1.2 TiB`; empty when not known
 */
char *slip_format_size (gint64 bytes);

/**
 * slip_format_count:
 * @n: how many
 *
 * Returns: (transfer full): its digits in groups of three, as the locale separates them: `48,112`
 */
char *slip_format_count (gint64 n);

/**
 * slip_format_account:
 * @account: (nullable): an account id
 *
 * Returns: (transfer full): its twelve digits in groups of four, which people can compare; other
 *   texts as they are
 */
char *slip_format_account (const char *account);

/**
 * slip_format_paragraphs:
 * @text: a text whose lines somebody broke for a width that is not the window's
 *
 * Returns: (transfer full): @text with each paragraph in one line, for labels that wrap; empty lines
 *   between paragraphs, and lines that begin with a space or a dash, stay
 */
char *slip_format_paragraphs (const char *text);

G_END_DECLS
