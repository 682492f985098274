/* SPDX-License-Identifier: MIT */

/* Rows that a validation found, and how the columns of their list read. */

#include "config.h"

#include "slip-difference-rows.h"

#include <glib/gi18n.h>

const char *
slip_difference_get_kind_title (const char *kind)
{
  if (g_strcmp0 (kind, "missing") == 0)
    return _ ("missing");
  if (g_strcmp0 (kind, "extra") == 0)
    return _ ("extra");
  if (g_strcmp0 (kind, "duplicated") == 0)
    return _ ("duplicated");
  return kind != NULL ? _ ("differing") : _ ("All kinds");
}

static char *
dup_kind (gpointer item)
{
  return g_strdup (slip_paged_row_is_loaded (item) ? slip_difference_get_kind_title (
                       slip_paged_row_get (item, SLIP_DIFFERENCE_KIND))
                                                   : "…");
}

static SlipTone
get_kind_tone (gpointer item)
{
  if (!slip_paged_row_is_loaded (item))
    return SLIP_TONE_NEUTRAL;
  return slip_paged_row_get (item, SLIP_DIFFERENCE_KNOWN) != NULL ? SLIP_TONE_WARNING
                                                                  : SLIP_TONE_BAD;
}

static char *
dup_key (gpointer item)
{
  return g_strdup (slip_paged_row_get (item, SLIP_DIFFERENCE_KEY));
}

static char *
dup_columns (gpointer item)
{
  const char *known = slip_paged_row_get (item, SLIP_DIFFERENCE_KNOWN);
  const char *kind = slip_paged_row_get (item, SLIP_DIFFERENCE_KIND);

  if (known != NULL)
    return g_strdup_printf (_ ("known: %s"), known);
  return g_strdup (
      g_strcmp0 (kind, "differing") == 0 ? slip_paged_row_get (item, SLIP_DIFFERENCE_COLUMNS) : "");
}

/* The line where it is known, for an editor; where it is not the record. */
static char *
dup_source (gpointer item)
{
  const char *file = slip_paged_row_get (item, SLIP_DIFFERENCE_FILE);
  g_autofree char *line
      = slip_paged_row_dup_line (item, SLIP_DIFFERENCE_LINE, SLIP_DIFFERENCE_EXACT);

  if (file == NULL)
    return g_strdup (slip_paged_row_get (item, SLIP_DIFFERENCE_SOURCE_TABLE));
  return line != NULL ? g_strdup_printf (_ ("%s, line %s"), file, line)
                      : g_strdup_printf (_ ("%s, record %s"), file,
                                         slip_paged_row_get (item, SLIP_DIFFERENCE_RECORD));
}

char *
slip_difference_row_dup_source (SlipPagedRow *row)
{
  const char *file = slip_paged_row_get (row, SLIP_DIFFERENCE_FILE);
  g_autofree char *line
      = slip_paged_row_dup_line (row, SLIP_DIFFERENCE_LINE, SLIP_DIFFERENCE_EXACT);

  if (file == NULL || line == NULL)
    return dup_source (row);
  return g_strdup_printf (_ ("%s, record %s, line %s"), file,
                          slip_paged_row_get (row, SLIP_DIFFERENCE_RECORD), line);
}

static char *
dup_target (gpointer item)
{
  return g_strdup (slip_paged_row_get (item, SLIP_DIFFERENCE_TARGET_ID));
}

const SlipColumn slip_difference_columns[SLIP_DIFFERENCE_N_COLUMNS] = {
    {.title = N_ ("What"), .width_chars = 10, .text = dup_kind, .tone = get_kind_tone},
    {.title = N_ ("Key"), .width_chars = 20, .expand = TRUE, .text = dup_key},
    {.title = N_ ("Columns"), .width_chars = 20, .expand = TRUE, .text = dup_columns},
    {.title = N_ ("Source"), .width_chars = 22, .text = dup_source},
    {.title = N_ ("Target key"), .width_chars = 10, .text = dup_target},
};
