/* SPDX-License-Identifier: MIT */

/* The columns of a run's list of steps: what each says of a step. The list and what it follows are the page's. */

#include "config.h"

#include "slip-step-columns.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-format.h"
#include "slip-run.h"
#include "slip-step-state.h"

static char *
text_number (gpointer item)
{
  const SlipPlanStep *planned = slip_run_step_get_plan_step (item);

  return planned != NULL ? g_strdup_printf ("%u", slip_plan_step_get_index (planned) + 1) : NULL;
}

static char *
text_title (gpointer item)
{
  return g_strdup (slip_run_step_get_title (item));
}

static char *
text_state (gpointer item)
{
  return slip_step_state_dup_text (item);
}

static SlipTone
tone_state (gpointer item)
{
  return slip_step_state_get_tone (item);
}

static char *
text_where (gpointer item)
{
  const SlipPlanStep *planned = slip_run_step_get_plan_step (item);
  const char *region = planned != NULL ? slip_plan_step_get_region (planned) : NULL;

  if (planned == NULL)
    return NULL;
  if (region == NULL)
    return g_strdup (slip_plan_step_get_environment (planned));
  return g_strdup_printf ("%s · %s", region, slip_plan_step_get_environment (planned));
}

static char *
text_detail (gpointer item)
{
  return g_strdup (slip_run_step_get_detail (item));
}

static char *
text_duration (gpointer item)
{
  gint64 started = slip_run_step_get_started (item);
  gint64 finished = slip_run_step_get_finished (item);

  if (started == 0)
    return NULL;
  if (finished == 0)
    return slip_format_clock (started);
  return slip_format_duration ((double)(finished - started) / G_USEC_PER_SEC);
}

/* What is further back is hidden first where there is no room; the pane beside the list says it too. */
static const SlipColumn columns[] = {
    {N_ ("#"), FALSE, 2, TRUE, text_number, NULL, NULL},
    {N_ ("Step"), TRUE, 26, FALSE, text_title, NULL, NULL, .wraps = TRUE},
    {N_ ("State"), FALSE, 12, FALSE, text_state, tone_state, NULL},
    {N_ ("Took, or since"), FALSE, 10, TRUE, text_duration, NULL, NULL},
    {N_ ("What AWS said"), FALSE, 16, FALSE, text_detail, NULL, NULL},
    {N_ ("Where"), FALSE, 24, FALSE, text_where, NULL, NULL},
};

/* The numbers, and what a title takes beyond its column's least width. */
#define NUMBER_AND_TITLE 84

void
slip_step_columns_add (GtkColumnView *view)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));

  slip_columns_add (view, columns, G_N_ELEMENTS (columns));
  slip_column_room_add (view, NUMBER_AND_TITLE);
}
