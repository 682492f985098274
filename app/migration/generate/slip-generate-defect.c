/* SPDX-License-Identifier: MIT */
/* Planted defects: what a real source system leaves in its columns, and what happens to files on the
 * way. A defect spoils what is written; other columns read the value from before. */

#include "slip-generate-private.h"

#include "slip-json.h"

#include <string.h>

typedef void (*SpoilFunc) (GString *value, SlipRandom *random, int day);

static void
set_one_of (GString *value, SlipRandom *random, const char *const *texts, guint n)
{
  g_string_assign (value, texts[slip_random_below (random, n)]);
}

static void
spoil_blank (GString *value, SlipRandom *random, int day)
{
  g_string_truncate (value, 0);
}

static void
spoil_space (GString *value, SlipRandom *random, int day)
{
  g_string_assign (value, " ");
}

static void
spoil_zero (GString *value, SlipRandom *random, int day)
{
  g_string_assign (value, "0");
}

static void
spoil_padding (GString *value, SlipRandom *random, int day)
{
  g_string_prepend_c (value, ' ');
  g_string_append (value, "  ");
}

static void
spoil_null_word (GString *value, SlipRandom *random, int day)
{
  static const char *const words[] = {"None", "nan", "NaT", "<NA>", "NULL"};

  set_one_of (value, random, words, G_N_ELEMENTS (words));
}

static void
spoil_bad_date (GString *value, SlipRandom *random, int day)
{
  static const char *const dates[] = {"31/02/2019", "00/00/0000", "2019-13-01", "not known"};

  set_one_of (value, random, dates, G_N_ELEMENTS (dates));
}

/* A value that is no date has no day to write otherwise, and gets one. */
static void
spoil_day_first (GString *value, SlipRandom *random, int day)
{
  g_string_truncate (value, 0);
  slip_gen_append_date (value, day != SLIP_GEN_NO_DAY ? day : 18262, "%d/%m/%Y");
}

static void
spoil_bad_number (GString *value, SlipRandom *random, int day)
{
  static const char *const numbers[] = {"n/a", "12,50", "1.2.3", "ten", "--"};

  set_one_of (value, random, numbers, G_N_ELEMENTS (numbers));
}

static void
spoil_float (GString *value, SlipRandom *random, int day)
{
  g_string_append (value, ".0");
}

static void
spoil_three_decimals (GString *value, SlipRandom *random, int day)
{
  if (strchr (value->str, '.') == NULL)
    g_string_append (value, ".00");
  g_string_append_c (value, "1459"[slip_random_below (random, 4)]);
}

static void
spoil_unknown_code (GString *value, SlipRandom *random, int day)
{
  g_string_append_c (value, '?');
}

static void
spoil_no_parent (GString *value, SlipRandom *random, int day)
{
  g_string_prepend (value, "NONE-");
}

static void
spoil_upper (GString *value, SlipRandom *random, int day)
{
  g_autofree char *upper = g_utf8_strup (value->str, -1);

  g_string_assign (value, upper);
}

static void
spoil_lower (GString *value, SlipRandom *random, int day)
{
  g_autofree char *lower = g_utf8_strdown (value->str, -1);

  g_string_assign (value, lower);
}

static void
spoil_quotes (GString *value, SlipRandom *random, int day)
{
  g_string_prepend (value, "\"\" \"");
  g_string_append_c (value, '"');
}

static void
spoil_newline (GString *value, SlipRandom *random, int day)
{
  g_string_append (value, "\r\nand more\n");
}

static void
spoil_long (GString *value, SlipRandom *random, int day)
{
  while (value->len < 5000)
    g_string_append (value, " too long");
}

static const struct
{
  const char *name;
  SpoilFunc spoil; /* NULL for values of the settings' own */
} columns[] = {
    {"blank", spoil_blank},
    {"space", spoil_space},
    {"zero", spoil_zero},
    {"padding", spoil_padding},
    {"null-word", spoil_null_word},
    {"bad-date", spoil_bad_date},
    {"day-first", spoil_day_first},
    {"bad-number", spoil_bad_number},
    {"float", spoil_float},
    {"three-decimals", spoil_three_decimals},
    {"unknown-code", spoil_unknown_code},
    {"no-parent", spoil_no_parent},
    {"upper", spoil_upper},
    {"lower", spoil_lower},
    {"quotes", spoil_quotes},
    {"newline", spoil_newline},
    {"long", spoil_long},
    {"values", NULL},
};

static const struct
{
  const char *name;
  SlipGenRecordDefect defect;
} records[] = {
    {"short", SLIP_GEN_RECORD_SHORT},
    {"long", SLIP_GEN_RECORD_LONG},
    {"open-quote", SLIP_GEN_RECORD_OPEN_QUOTE},
    {"after-quote", SLIP_GEN_RECORD_AFTER_QUOTE},
    {"nul", SLIP_GEN_RECORD_NUL},
    {"bad-bytes", SLIP_GEN_RECORD_BAD_BYTES},
    {"twice", SLIP_GEN_RECORD_TWICE},
    {"empty-line", SLIP_GEN_RECORD_EMPTY_LINE},
};

/* Defects of records are numbered behind those of columns. */
static gboolean
find (const char *name, gboolean of_records, guint *kind)
{
  for (guint i = 0; of_records && i < G_N_ELEMENTS (records); i++)
    if (g_str_equal (name, records[i].name))
      {
        *kind = G_N_ELEMENTS (columns) + i;
        return TRUE;
      }
  for (guint i = 0; !of_records && i < G_N_ELEMENTS (columns); i++)
    if (g_str_equal (name, columns[i].name))
      {
        *kind = i;
        return TRUE;
      }
  return FALSE;
}

const char *
slip_gen_defect_names (gboolean of_records)
{
  static const char *names[2];

  if (g_once_init_enter (&names[of_records]))
    {
      GString *text = g_string_new (NULL);

      for (guint i = 0; of_records && i < G_N_ELEMENTS (records); i++)
        g_string_append_printf (text, "%s%s", i > 0 ? " " : "", records[i].name);
      for (guint i = 0; !of_records && i < G_N_ELEMENTS (columns); i++)
        g_string_append_printf (text, "%s%s", i > 0 ? " " : "", columns[i].name);
      g_once_init_leave (&names[of_records], g_string_free (text, FALSE));
    }
  return names[of_records];
}

static SlipGenDefect *
parse_one (SlipGenParser *parser, JsonObject *object, gboolean of_records)
{
  const char *name = slip_gen_string (parser, object, "kind");
  SlipGenDefect *self;
  guint kind = 0;

  slip_gen_known (parser, object, of_records ? "kind rate" : "kind rate values");
  if (name == NULL || !find (name, of_records, &kind))
    {
      slip_gen_fault_at (parser, "kind", "“%s” is no kind of defect. Known: %s",
                         name != NULL ? name : "", slip_gen_defect_names (of_records));
      return NULL;
    }
  if (!json_object_has_member (object, "rate"))
    slip_gen_fault (parser, "needs the member “rate”");
  self = g_new0 (SlipGenDefect, 1);
  self->kind = kind;
  self->rate = slip_gen_share (parser, object, "rate");
  self->values = slip_gen_texts (parser, object, "values");
  if (!of_records && (columns[kind].spoil == NULL) != (self->values != NULL))
    slip_gen_fault_at (parser, "values", "%s",
                       self->values != NULL ? "belongs to the kind “values” only"
                                            : "are needed: the texts to plant");
  return self;
}

GPtrArray *
slip_gen_defects_parse (SlipGenParser *parser, JsonObject *object, gboolean of_records)
{
  JsonArray *array = slip_gen_array (parser, object, "defects");
  GPtrArray *defects = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_gen_defect_free);
  gsize length = slip_gen_enter (parser, "defects");

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *one = slip_json_node_object (json_array_get_element (array, i));
      gsize inner = slip_gen_enter_index (parser, i);
      SlipGenDefect *defect = NULL;

      if (one == NULL)
        slip_gen_fault (parser, "must be an object with “kind” and “rate”");
      else
        defect = parse_one (parser, one, of_records);
      if (defect != NULL)
        g_ptr_array_add (defects, defect);
      slip_gen_leave (parser, inner);
    }
  slip_gen_leave (parser, length);
  return defects;
}

void
slip_gen_defect_free (SlipGenDefect *self)
{
  g_clear_pointer (&self->values, g_ptr_array_unref);
  g_free (self);
}

const char *
slip_gen_defect_name (const SlipGenDefect *self)
{
  return self->kind < G_N_ELEMENTS (columns) ? columns[self->kind].name
                                             : records[self->kind - G_N_ELEMENTS (columns)].name;
}

void
slip_gen_defect_spoil (const SlipGenDefect *self, SlipRandom *random, GString *value, int day)
{
  if (self->values != NULL)
    g_string_assign (
        value, g_ptr_array_index (self->values, slip_random_below (random, self->values->len)));
  else
    columns[self->kind].spoil (value, random, day);
}

SlipGenRecordDefect
slip_gen_defect_of_record (const SlipGenDefect *self)
{
  return records[self->kind - G_N_ELEMENTS (columns)].defect;
}
