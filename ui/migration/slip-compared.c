/* SPDX-License-Identifier: MIT */

/* A mapping in the comparison of a run: its row, and the words and colours that rows and bars share. What was compared in
 * a target that was brought back to a time before is no finding of today, and has no colour of one. */

#include "config.h"

#include "slip-compared.h"

#include <glib/gi18n.h>

#include "slip-format.h"
#include "slip-stage-tree.h"

/* ---- a mapping */

struct _SlipCompared
{
  GObject parent_instance;

  const SlipValidationResult *result; /* of the data that the page keeps */
  gboolean gone;
};

G_DEFINE_FINAL_TYPE (SlipCompared, slip_compared, G_TYPE_OBJECT)

static GParamSpec *wrong_property;

static void
slip_compared_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  const SlipValidationResult *result = SLIP_COMPARED (object)->result;

  g_value_set_int64 (value,
                     result->missing + result->extra + result->differing + result->duplicated);
}

static void
slip_compared_class_init (SlipComparedClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = slip_compared_get_property;
  wrong_property
      = g_param_spec_int64 ("wrong", NULL, NULL, 0, G_MAXINT64, 0,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1, wrong_property);
}

static void
slip_compared_init (SlipCompared *self)
{
}

/* ---- texts */

gint64
slip_compared_count_wrong (const SlipValidationResult *result)
{
  return result->missing + result->extra + result->differing + result->duplicated;
}

SlipTone
slip_compared_tone (const SlipValidationResult *result, gboolean gone)
{
  gint64 wrong = slip_compared_count_wrong (result);

  if (gone)
    return SLIP_TONE_STOPPED;
  if (wrong > result->known)
    return SLIP_TONE_BAD;
  return wrong > 0 || result->rechecked > 0 ? SLIP_TONE_WARNING : SLIP_TONE_GOOD;
}

static void
append_part (GString *text, gint64 n, const char *what)
{
  g_autofree char *count = slip_format_count (n);

  if (n > 0)
    g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", count, what);
}

char *
slip_compared_dup_state (const SlipValidationResult *result)
{
  GString *text = g_string_new (NULL);

  append_part (text, result->missing, _ ("missing"));
  append_part (text, result->extra, _ ("extra"));
  append_part (text, result->differing, _ ("differing"));
  append_part (text, result->duplicated, _ ("duplicated"));
  if (text->len > 0 && slip_compared_count_wrong (result) <= result->known)
    g_string_append (text, _ (", all known"));
  if (text->len == 0)
    g_string_append (text, result->rechecked > 0 ? _ ("what was flagged is as expected")
                                                 : _ ("as expected"));
  return g_string_free (text, FALSE);
}

char *
slip_compared_dup_columns (guint compared, guint total, gboolean independent)
{
  return g_strdup_printf (independent || compared == 0 ? _ ("%u of %u") : _ ("%u of %u, read back"),
                          compared, total);
}

/* ---- the table */

static const SlipValidationResult *
get (gpointer item)
{
  return SLIP_COMPARED (item)->result;
}

static char *
dup_mapping_cell (gpointer item)
{
  return g_strdup (get (item)->mapping);
}

static char *
dup_state_cell (gpointer item)
{
  return slip_compared_dup_state (get (item));
}

static SlipTone
get_state_tone (gpointer item)
{
  return slip_compared_tone (get (item), SLIP_COMPARED (item)->gone);
}

static char *
dup_expected_cell (gpointer item)
{
  return slip_format_count (get (item)->expected);
}

static char *
dup_actual_cell (gpointer item)
{
  return slip_format_count (get (item)->actual);
}

static char *
dup_coverage_cell (gpointer item)
{
  const SlipValidationResult *result = get (item);

  return slip_compared_dup_columns (result->columns_compared, result->columns_total,
                                    result->independent);
}

static char *
dup_note_cell (gpointer item)
{
  const SlipValidationResult *result = get (item);

  if (result->note != NULL)
    return g_strdup (result->note);
  return g_strdup (
      result->independent ? "" : _ ("not independent: what the integration made was read back"));
}

const SlipColumn slip_compared_columns[SLIP_COMPARED_N_COLUMNS] = {
    {.title = N_ ("Mapping"), .width_chars = 20, .text = dup_mapping_cell},
    {.title = N_ ("State"), .width_chars = 22, .text = dup_state_cell, .tone = get_state_tone},
    {.title = N_ ("Expected"), .width_chars = 9, .numeric = TRUE, .text = dup_expected_cell},
    {.title = N_ ("Actual"), .width_chars = 9, .numeric = TRUE, .text = dup_actual_cell},
    {.title = N_ ("Columns"), .width_chars = 16, .text = dup_coverage_cell},
    {.title = N_ ("Note"), .width_chars = 12, .expand = TRUE, .text = dup_note_cell},
};

/* ---- the row */

gboolean
slip_compared_is_same (const SlipValidationResult *a, const SlipValidationResult *b)
{
  return g_str_equal (a->mapping, b->mapping) && a->expected == b->expected
         && a->actual == b->actual && a->missing == b->missing && a->extra == b->extra
         && a->differing == b->differing && a->duplicated == b->duplicated && a->known == b->known
         && a->columns_compared == b->columns_compared && a->columns_total == b->columns_total
         && a->independent == b->independent && a->outside == b->outside
         && a->rechecked == b->rechecked && g_strcmp0 (a->note, b->note) == 0;
}

SlipCompared *
slip_compared_new (const SlipValidationResult *result, gboolean gone)
{
  SlipCompared *self = g_object_new (SLIP_TYPE_COMPARED, NULL);

  self->result = result;
  self->gone = gone;
  return self;
}

void
slip_compared_put (SlipCompared *self, const SlipValidationResult *result, gboolean gone)
{
  gboolean other;

  g_return_if_fail (SLIP_IS_COMPARED (self) && result != NULL);

  other = self->gone != gone || !slip_compared_is_same (self->result, result);
  self->result = result;
  self->gone = gone;
  if (other)
    g_object_notify_by_pspec (G_OBJECT (self), wrong_property);
}

const SlipValidationResult *
slip_compared_get_result (SlipCompared *self)
{
  g_return_val_if_fail (SLIP_IS_COMPARED (self), NULL);
  return self->result;
}

/* ---- all of them */

/* The mappings of one run may have been compared at several times: one by one, or only what was flagged. */
void
slip_compared_find_times (const SlipMigrationData *data, gint64 *first, gint64 *last)
{
  GPtrArray *results = data->validations;

  *first = *last = 0;
  for (guint i = 0; results != NULL && i < results->len; i++)
    {
      gint64 ended = ((const SlipValidationResult *)g_ptr_array_index (results, i))->ended;

      *first = i == 0 ? ended : MIN (*first, ended);
      *last = MAX (*last, ended);
    }
}

/* Hooks come behind the validation in each run; they are told, and warned of is what nobody expects there. */
static char *
dup_since (const SlipMigrationData *data, SlipTone *tone)
{
  gint64 first;
  gint64 last;
  g_autoptr (GPtrArray) since = NULL;
  GString *text = g_string_new (NULL);

  slip_compared_find_times (data, &first, &last);
  since = slip_run_report_list_since (data->report, first);
  for (guint i = 0; i < since->len; i++)
    {
      const SlipReportStage *stage = g_ptr_array_index (since, i);
      gboolean undone = g_str_equal (stage->state, "undone");

      g_string_append_printf (text, undone ? _ ("%s“%s” taken back") : _ ("%s“%s”"),
                              text->len > 0 ? ", " : "", slip_stage_get_title (stage->stage));
      if (undone || !g_str_equal (stage->stage, "hooks"))
        *tone = MAX (*tone, SLIP_TONE_WARNING);
    }
  if (text->len == 0)
    return g_string_free (text, TRUE);
  g_string_prepend (text, _ ("Changed since it was compared: "));
  return g_string_free (text, FALSE);
}

/* As the command counts: what has a known reason is told by itself. */
static char *
dup_counts (guint mappings, guint wrong, gint64 rows, gint64 known, guint read_back)
{
  g_autofree char *count = slip_format_count (rows);
  g_autofree char *known_count = slip_format_count (known);
  g_autofree char *compared = g_strdup_printf (
      ngettext ("%u mapping compared", "%u mappings compared", mappings), mappings);
  /* Translators: counts of mappings, of rows, and of rows whose reason is known */
  g_autofree char *unexpected
      = g_strdup_printf (rows == 1 ? _ ("%u not as expected (%s row, and %s known)")
                                   : _ ("%u not as expected (%s rows, and %s known)"),
                         wrong, count, known_count);
  g_autofree char *back = g_strdup_printf (
      ngettext ("%u is not independent", "%u are not independent", read_back), read_back);

  return g_strdup_printf ("%s, %s; %s", compared, unexpected, back);
}

/* A recheck says nothing of rows that were not flagged. */
static char *
dup_with_recheck (const char *counts, guint rechecked)
{
  g_autofree char *only = NULL;

  if (rechecked == 0)
    return g_strdup (counts);
  only = g_strdup_printf (ngettext ("of %u mapping only flagged rows were looked at since",
                                    "of %u mappings only flagged rows were looked at since",
                                    rechecked),
                          rechecked);
  return g_strdup_printf ("%s · %s", only, counts);
}

char *
slip_compared_dup_total (const SlipMigrationData *data, SlipTone *tone)
{
  GPtrArray *results = data->validations;
  guint wrong = 0;
  guint read_back = 0;
  gint64 rows = 0;
  gint64 known = 0;
  const char *note = slip_migration_data_get_note (data);
  gboolean gone = slip_migration_data_is_gone (data);
  g_autofree char *since = NULL;
  g_autofree char *counts = NULL;
  g_autofree char *total = NULL;
  guint rechecked = 0;

  *tone = note != NULL ? SLIP_TONE_WARNING : SLIP_TONE_GOOD;
  for (guint i = 0; i < results->len; i++)
    {
      const SlipValidationResult *result = g_ptr_array_index (results, i);

      if (!gone)
        *tone = MAX (*tone, slip_compared_tone (result, FALSE));
      wrong += slip_compared_count_wrong (result) > result->known;
      rows += MAX (slip_compared_count_wrong (result) - result->known, 0);
      known += result->known;
      read_back += !result->independent;
      rechecked += result->rechecked > 0;
    }
  counts = dup_counts (results->len, wrong, rows, known, read_back);
  total = dup_with_recheck (counts, rechecked);
  since = note == NULL ? dup_since (data, tone) : NULL;
  if (since != NULL)
    return g_strdup_printf ("%s · %s", since, total);
  return note != NULL ? g_strdup_printf ("%s · %s", note, total) : g_steal_pointer (&total);
}
