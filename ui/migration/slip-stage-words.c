/* SPDX-License-Identifier: MIT */

/* What stages, their states and what they counted are called, which of it a person should look at, and how numbers beside them
 * read. */

#include "config.h"

#include "slip-stage-words.h"

#include <glib/gi18n.h>

#include "slip-format.h"

const char *
slip_stage_get_title (const char *stage)
{
  static const struct
  {
    const char *stage;
    const char *title;
  } titles[] = {
      {"load_s3", N_ ("Fetch source files")},
      {"load", N_ ("Load source files")},
      {"filter", N_ ("Filter")},
      {"prepare", N_ ("Prepare")},
      {"transform", N_ ("Transform")},
      {"integration", N_ ("Integrate")},
      {"load_to_target", N_ ("Load into the target")},
      {"hooks", N_ ("Hooks")},
      {"validation", N_ ("Validate")},
      {"api", N_ ("API tests")},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_strcmp0 (titles[i].stage, stage) == 0)
      return _ (titles[i].title);
  return stage;
}

SlipTone
slip_stage_tone (const char *state, const char **word)
{
  static const struct
  {
    const char *state;
    SlipTone tone;
    const char *word;
  } tones[] = {
      {"done", SLIP_TONE_GOOD, N_ ("done")},
      {"kept", SLIP_TONE_GOOD, N_ ("done before")},
      {"running", SLIP_TONE_BUSY, N_ ("running")},
      {"failed", SLIP_TONE_BAD, N_ ("failed")},
      {"broken off", SLIP_TONE_WARNING, N_ ("broken off")},
      {"skipped", SLIP_TONE_STOPPED, N_ ("skipped")},
      {"gone", SLIP_TONE_WARNING, N_ ("gone")},
      {"undone", SLIP_TONE_STOPPED, N_ ("undone")},
      {"in part", SLIP_TONE_WARNING, N_ ("in part")},
      {"taken back", SLIP_TONE_STOPPED, N_ ("taken back")},
      {"taken back in part", SLIP_TONE_WARNING, N_ ("taken back in part")},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tones); i++)
    if (g_strcmp0 (tones[i].state, state) == 0)
      {
        if (word != NULL)
          *word = _ (tones[i].word);
        return tones[i].tone;
      }
  if (word != NULL)
    *word = state != NULL ? state : _ ("to do");
  return SLIP_TONE_NEUTRAL;
}

/* Nobody is told that all is well of a target that was found otherwise later. */
char *
slip_run_dup_state (const SlipMigrationRunStatus *run, SlipTone *tone)
{
  const SlipStageResult *failed = slip_migration_run_status_find_failed_since (run);
  const char *word = NULL;
  SlipTone found = slip_stage_tone (run->state, &word);

  if (tone != NULL)
    *tone = failed != NULL ? SLIP_TONE_BAD : found;
  return failed != NULL ? g_strdup_printf (_ ("%s, but “%s” failed since"), word,
                                           slip_stage_get_title (failed->stage))
                        : g_strdup (word);
}

char *
slip_measure_dup_title (const SlipMeasure *measure)
{
  const char *column = measure->column != NULL ? measure->column : "";
  g_autofree char *examples
      = measure->examples != NULL && measure->examples[0] != '\0'
            ? g_strdup_printf (measure->values > 5 ? " (%s …)" : " (%s)", measure->examples)
            : g_strdup ("");

  if (g_str_equal (measure->kind, "dropped"))
    return measure->column != NULL ? g_strdup_printf (_ ("left out by %s"), column)
                                   : g_strdup (_ ("left out"));
  if (g_str_equal (measure->kind, "defaulted"))
    return g_strdup_printf (_ ("%s: blank, the default was taken"), column);
  if (g_str_equal (measure->kind, "unknown code"))
    return g_strdup_printf (_ ("%s: unknown code%s"), column, examples);
  if (g_str_equal (measure->kind, "bad value"))
    return g_strdup_printf (_ ("%s: bad value%s"), column, examples);
  if (g_str_equal (measure->kind, "not a number"))
    return g_strdup_printf (_ ("%s: not a number"), column);
  if (g_str_equal (measure->kind, "not a date"))
    return g_strdup_printf (_ ("%s: not a date%s"), column, examples);
  if (g_str_equal (measure->kind, "unmatched"))
    return g_strdup_printf (_ ("%s: nothing found%s"), column, examples);
  if (g_str_equal (measure->kind, "ambiguous"))
    return g_strdup_printf (_ ("%s: more than one found, the first was taken%s"), column, examples);
  if (g_str_equal (measure->kind, "multiplied"))
    return g_strdup (_ ("became more than one row"));
  if (g_str_equal (measure->kind, "rejected"))
    return g_strdup (_ ("rejected"));
  return measure->column != NULL ? g_strdup_printf ("%s: %s", column, measure->kind)
                                 : g_strdup (measure->kind);
}

static const char *const look_kinds[] = {"bad value", "not a number", "not a date", "unknown code",
                                         "unmatched", "ambiguous",    "rejected",   NULL};

const char *const *
slip_measure_get_look_kinds (void)
{
  return look_kinds;
}

const char *
slip_measure_get_kind_title (const char *kind)
{
  static const char *const titles[]
      = {N_ ("bad values"),    N_ ("no numbers"),          N_ ("no dates"), N_ ("unknown codes"),
         N_ ("nothing found"), N_ ("more than one found"), N_ ("rejected")};

  G_STATIC_ASSERT (G_N_ELEMENTS (titles) + 1 == G_N_ELEMENTS (look_kinds));
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_strcmp0 (look_kinds[i], kind) == 0)
      return _ (titles[i]);
  return kind;
}

SlipTone
slip_measure_tone (const SlipMeasure *measure, const char **word)
{
  gboolean look = g_strv_contains (look_kinds, measure->kind)
                  && !(g_str_equal (measure->kind, "unmatched") && measure->rows == 0);

  *word = look ? _ ("look") : _ ("counted");
  return look ? SLIP_TONE_WARNING : SLIP_TONE_NEUTRAL;
}

/* ---- numbers */

char *
slip_stage_dup_of (guint64 done, guint64 total, const char *unit)
{
  g_autofree char *some = slip_format_count ((gint64)done);
  g_autofree char *all = slip_format_count ((gint64)total);

  /* Translators: "1,200 of 48,112", then perhaps what is counted */
  return unit != NULL ? g_strdup_printf (_ ("%s of %s %s"), some, all, unit)
                      : g_strdup_printf (_ ("%s of %s"), some, all);
}

char *
slip_stage_dup_rate (double rate, const char *unit)
{
  if (rate <= 0)
    return NULL;
  if (g_strcmp0 (unit, "bytes") == 0)
    {
      g_autofree char *size = slip_format_size ((gint64)rate);

      return g_strdup_printf (_ ("%s/s"), size);
    }
  {
    g_autofree char *count = slip_format_count ((gint64)(rate + 0.5));

    return g_strdup_printf (_ ("%s/s"), count);
  }
}

char *
slip_stage_dup_time (double seconds)
{
  if (seconds < 0)
    return NULL;
  return seconds < 10 ? g_strdup_printf (_ ("%.1f s"), seconds) : slip_format_duration (seconds);
}

char *
slip_stage_dup_left (double seconds)
{
  g_autofree char *duration = seconds >= 0 ? slip_format_duration (seconds) : NULL;

  return duration != NULL ? g_strdup_printf (_ ("%s left"), duration) : NULL;
}
