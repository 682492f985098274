/* SPDX-License-Identifier: MIT */

/* What a place of a run's tree counted that nobody may overlook: it is said in the state, and not by a colour alone. */

#include "config.h"

#include "slip-stage-look.h"

#include <glib/gi18n.h>

#include "slip-format.h"
#include "slip-stage-words.h"

#define MAX_LOOK_KINDS 8

/* How many rows a person should look at of those that a place counted, in all and of each kind. */
static gint64
count_look (GPtrArray *measures, gint64 *of_kinds)
{
  const char *const *kinds = slip_measure_get_look_kinds ();
  gint64 n = 0;

  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (measures, i);

      for (guint k = 0; kinds[k] != NULL; k++)
        if (g_str_equal (measure->kind, kinds[k]))
          {
            of_kinds[k] += measure->rows;
            n += measure->rows;
          }
    }
  return n;
}

/* What they are, behind what the stage notes itself. */
static char *
dup_look_note (const gint64 *of_kinds, const char *note)
{
  const char *const *kinds = slip_measure_get_look_kinds ();
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint k = 0; kinds[k] != NULL; k++)
    {
      g_autofree char *count = slip_format_count (of_kinds[k]);

      if (of_kinds[k] > 0)
        g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "",
                                slip_measure_get_kind_title (kinds[k]), count);
    }
  /* Translators: such as “bad values 6, unknown codes 17” */
  g_string_prepend (text, _ ("To look at: "));
  if (note == NULL)
    return g_string_free (g_steal_pointer (&text), FALSE);
  return g_strdup_printf ("%s. %s", note, text->str);
}

void
slip_stage_look_show (GPtrArray *measures, SlipStageNodeText *text, char **state, char **note)
{
  gint64 of_kinds[MAX_LOOK_KINDS] = {0};
  gint64 n;
  g_autofree char *count = NULL;

  g_return_if_fail (text != NULL && state != NULL);
  g_assert (g_strv_length ((char **)slip_measure_get_look_kinds ()) <= MAX_LOOK_KINDS);
  n = count_look (measures, of_kinds);
  if (n == 0)
    return;
  count = slip_format_count (n);
  /* Translators: a stage's state, and how many rows a person should look at: “done, 23 to look at” */
  *state = g_strdup_printf (_ ("%s, %s to look at"), text->state, count);
  text->tone = SLIP_TONE_WARNING;
  text->state = *state;
  if (note != NULL)
    text->note = *note = dup_look_note (of_kinds, text->note);
}
