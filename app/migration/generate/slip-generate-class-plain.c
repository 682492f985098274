/* SPDX-License-Identifier: MIT */
/* Reads the members of classes that stand alone: numbers, money, dates, times, codes, words. */

#include "slip-generate-class.h"

#include "slip-json.h"

#include <stdio.h>
#include <string.h>

void
slip_gen_parse_constant (SlipGenReading *reading, SlipGenClass *self)
{
  if (slip_gen_need (reading, "value"))
    self->text = g_strdup (slip_gen_string (reading->parser, reading->object, "value"));
}

void
slip_gen_parse_serial (SlipGenReading *reading, SlipGenClass *self)
{
  self->from = slip_gen_int (reading->parser, reading->object, "start", 0, G_MAXINT64 / 4, 1);
  self->step = slip_gen_int (reading->parser, reading->object, "step", 1, 1000000, 1);
  self->digits = (guint)slip_gen_int (reading->parser, reading->object, "digits", 1, 18, 1);
  self->text = g_strdup (slip_gen_string (reading->parser, reading->object, "prefix"));
  self->within = slip_gen_bool (reading->parser, reading->object, "within");
  self->luhn = slip_gen_bool (reading->parser, reading->object, "luhn");
}

static void
check_order (SlipGenReading *reading, SlipGenClass *self)
{
  if (self->from > self->to)
    slip_gen_fault_at (reading->parser, "to", "comes before “from”");
}

void
slip_gen_parse_number (SlipGenReading *reading, SlipGenClass *self)
{
  const gint64 most = G_MAXINT64 / 4;

  if (!slip_gen_need (reading, "from") || !slip_gen_need (reading, "to"))
    return;
  self->from = slip_gen_int (reading->parser, reading->object, "from", -most, most, 0);
  self->to = slip_gen_int (reading->parser, reading->object, "to", -most, most, self->from);
  self->digits = (guint)slip_gen_int (reading->parser, reading->object, "digits", 1, 18, 1);
  check_order (reading, self);
}

/* "-12.50" as -1250 with two places. */
static gboolean
read_money (const char *text, gint64 *value, guint *places)
{
  gboolean minus = text[0] == '-';
  const char *at = text + (minus ? 1 : 0);
  guint digits = 0;

  *value = 0;
  *places = 0;
  for (gboolean point = FALSE; *at != '\0'; at++)
    if (*at == '.' && !point && digits > 0)
      point = TRUE;
    else if (g_ascii_isdigit (*at) && digits < 12)
      {
        *value = *value * 10 + (*at - '0');
        digits++;
        *places += point ? 1 : 0;
      }
    else
      return FALSE;
  if (minus)
    *value = -*value;
  return digits > 0;
}

static gint64
money (SlipGenReading *reading, const char *name, guint places)
{
  const char *text = slip_gen_string (reading->parser, reading->object, name);
  gint64 value = 0;
  guint given = 0;

  if (text == NULL || !read_money (text, &value, &given))
    {
      if (text != NULL)
        slip_gen_fault_at (reading->parser, name, "“%s” is no amount, such as 12.50", text);
      return 0;
    }
  if (given > places)
    slip_gen_fault_at (reading->parser, name, "“%s” has more than %u decimal places", text, places);
  for (; given < places; given++)
    value *= 10;
  return value;
}

void
slip_gen_parse_money (SlipGenReading *reading, SlipGenClass *self)
{
  if (!slip_gen_need (reading, "from") || !slip_gen_need (reading, "to"))
    return;
  self->digits = (guint)slip_gen_int (reading->parser, reading->object, "places", 0, 6, 2);
  self->from = money (reading, "from", self->digits);
  self->to = money (reading, "to", self->digits);
  self->step = json_object_has_member (reading->object, "step")
                   ? money (reading, "step", self->digits)
                   : 1;
  if (self->step < 1)
    slip_gen_fault_at (reading->parser, "step", "must be more than 0");
  check_order (reading, self);
}

/* A format of %Y %m %d %y %b %H %M %S, where @allowed holds the letters. */
static void
parse_format (SlipGenReading *reading,
              SlipGenClass *self,
              const char *fallback,
              const char *allowed)
{
  const char *format = slip_gen_string (reading->parser, reading->object, "format");

  self->text = g_strdup (format != NULL ? format : fallback);
  for (const char *at = strchr (self->text, '%'); at != NULL; at = strchr (at + 2, '%'))
    if (at[1] == '\0' || strchr (allowed, at[1]) == NULL)
      {
        slip_gen_fault_at (reading->parser, "format", "“%%%.1s” is not one of %%%s", at + 1,
                           allowed);
        return;
      }
}

static gint64
date (SlipGenReading *reading, const char *name)
{
  const char *text = slip_gen_string (reading->parser, reading->object, name);
  int year = 0;
  int month = 0;
  int day = 0;
  int end = 0;

  if (text == NULL)
    return 0;
  if (strlen (text) == 10 && sscanf (text, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3
      && end == 10 && month >= 1
      && g_date_valid_dmy ((GDateDay)day, (GDateMonth)month, (GDateYear)year))
    return slip_gen_day (year, month, day);
  slip_gen_fault_at (reading->parser, name, "“%s” is no date, such as 2020-02-29", text);
  return 0;
}

static void
parse_days (SlipGenReading *reading, SlipGenClass *self)
{
  JsonArray *days = slip_gen_array (reading->parser, reading->object, "days");
  gsize length = slip_gen_enter (reading->parser, "days");

  if (days == NULL || json_array_get_length (days) != 2)
    slip_gen_fault (reading->parser, "must be two numbers of days, the fewest and the most");
  else
    for (guint i = 0; i < 2; i++)
      {
        JsonNode *node = json_array_get_element (days, i);
        gint64 *day = i == 0 ? &self->from : &self->to;

        if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
            && ABS (json_node_get_int (node)) < 100000)
          *day = json_node_get_int (node);
        else
          slip_gen_fault (reading->parser, "must be two whole numbers under 100000");
      }
  if (self->from > self->to)
    slip_gen_fault (reading->parser, "the fewest days are more than the most");
  slip_gen_leave (reading->parser, length);
}

void
slip_gen_parse_date (SlipGenReading *reading, SlipGenClass *self)
{
  parse_format (reading, self, reading->parser->settings->date_format, "YmdybHMS%");
  if (json_object_has_member (reading->object, "after"))
    {
      self->after = slip_gen_read_reference (reading, "after", TRUE);
      if (json_object_has_member (reading->object, "from")
          || json_object_has_member (reading->object, "to"))
        slip_gen_fault_at (reading->parser, "after", "goes with “days”, not with “from” and “to”");
      parse_days (reading, self);
      return;
    }
  if (json_object_has_member (reading->object, "days"))
    slip_gen_fault_at (reading->parser, "days", "are counted from a column, which “after” names");
  if (!slip_gen_need (reading, "from") || !slip_gen_need (reading, "to"))
    return;
  self->from = date (reading, "from");
  self->to = date (reading, "to");
  check_order (reading, self);
}

static gint64
seconds (SlipGenReading *reading, const char *name, gint64 fallback)
{
  const char *text = slip_gen_string (reading->parser, reading->object, name);
  int part[3] = {0};
  int end = 0;

  if (text == NULL)
    return fallback;
  if (strlen (text) == 8 && sscanf (text, "%2d:%2d:%2d%n", &part[0], &part[1], &part[2], &end) == 3
      && end == 8 && part[0] >= 0 && part[0] < 24 && part[1] >= 0 && part[1] < 60 && part[2] >= 0
      && part[2] < 60)
    return part[0] * 3600 + part[1] * 60 + part[2];
  slip_gen_fault_at (reading->parser, name, "“%s” is no time, such as 17:05:00", text);
  return fallback;
}

void
slip_gen_parse_time (SlipGenReading *reading, SlipGenClass *self)
{
  parse_format (reading, self, "%H:%M:%S", "HMS%");
  self->from = seconds (reading, "from", 0);
  self->to = seconds (reading, "to", 86399);
  check_order (reading, self);
}

/* A stem names a file beside the mappings; both layouts of definitions are known. */
static char *
dup_lookup_path (SlipGenReading *reading, const char *stem)
{
  const char *folder = reading->parser->settings->definitions;
  char *path = g_strdup_printf ("%s/lookups/%s_lookup.json", folder, stem);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return path;
  g_free (path);
  return g_strdup_printf ("%s/mapping_definitions/lookups/%s_lookup.json", folder, stem);
}

/* The codes of a lookup file of the definitions. */
static GPtrArray *
read_lookup (SlipGenReading *reading, const char *stem)
{
  GPtrArray *codes = g_hash_table_lookup (reading->parser->lookups, stem);
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GList) members = NULL;
  gsize length = 0;

  if (codes != NULL)
    return codes;
  path = dup_lookup_path (reading, stem);
  if (g_file_get_contents (path, &text, &length, &error))
    node = slip_json_parse (text, (gssize)length, &error);
  if (slip_json_node_object (node) == NULL
      || json_object_get_size (json_node_get_object (node)) == 0)
    {
      slip_gen_fault_at (reading->parser, "lookup", "%s is no lookup: %s", path,
                         error != NULL ? error->message : "it has no codes");
      return NULL;
    }
  codes = g_ptr_array_new_with_free_func (g_free);
  members = json_object_get_members (json_node_get_object (node));
  for (GList *at = members; at != NULL; at = at->next)
    g_ptr_array_add (codes, g_strdup (at->data));
  g_hash_table_insert (reading->parser->lookups, g_strdup (stem), codes);
  return codes;
}

void
slip_gen_parse_codes (SlipGenReading *reading, SlipGenClass *self)
{
  const char *lookup = slip_gen_string (reading->parser, reading->object, "lookup");
  GPtrArray *codes;

  if ((lookup != NULL) == json_object_has_member (reading->object, "values"))
    {
      slip_gen_fault (reading->parser, "needs either “values” or “lookup”");
      return;
    }
  if (lookup == NULL)
    {
      slip_gen_weights (reading->parser, reading->object, "values", &self->weights);
      return;
    }
  if (reading->parser->settings->definitions == NULL || strchr (lookup, '/') != NULL)
    {
      reading->parser->lookup_without_folder = TRUE;
      return;
    }
  codes = read_lookup (reading, lookup);
  for (guint i = 0; codes != NULL && i < codes->len; i++)
    slip_gen_weights_add (&self->weights, g_strdup (g_ptr_array_index (codes, i)), 1);
}

static void
use_list (SlipGenReading *reading, SlipGenClass *self, const char *name)
{
  GPtrArray *own = g_hash_table_lookup (reading->parser->settings->lists, name);

  if (own != NULL)
    self->words = g_ptr_array_ref (own);
  else
    self->fixed = slip_gen_words_find (name, &self->n_fixed);
  if (own == NULL && self->fixed == NULL)
    slip_gen_fault_at (reading->parser, "list",
                       "there is no list “%s”. Name one of %s, or write it into “lists”", name,
                       slip_gen_words_names ());
}

static void
parse_letters (SlipGenReading *reading, SlipGenClass *self)
{
  const char *letters = slip_gen_string (reading->parser, reading->object, "letters");

  if (letters == NULL)
    return;
  if (g_str_equal (letters, "upper"))
    self->letters = SLIP_GEN_UPPER;
  else if (g_str_equal (letters, "lower"))
    self->letters = SLIP_GEN_LOWER;
  else
    slip_gen_fault_at (reading->parser, "letters", "“%s” is neither upper nor lower", letters);
}

static void
check_counts (SlipGenReading *reading, const char *name, const SlipGenWeights *weights, guint most)
{
  for (guint i = 0; weights->items != NULL && i < weights->items->len; i++)
    {
      const char *text = g_ptr_array_index (weights->items, i);
      guint64 count = 0;

      if (!g_ascii_string_to_unsigned (text, 10, 0, most, &count, NULL))
        slip_gen_fault_at (reading->parser, name, "“%s” is no number from 0 to %u", text, most);
    }
}

void
slip_gen_parse_list (SlipGenReading *reading, SlipGenClass *self)
{
  const char *list = slip_gen_string (reading->parser, reading->object, "list");

  if (slip_gen_need (reading, "list") && list != NULL)
    use_list (reading, self, list);
  parse_letters (reading, self);
  slip_gen_weights (reading->parser, reading->object, "several", &self->weights);
  check_counts (reading, "several", &self->weights, 9);
  self->text = g_strdup (slip_gen_string (reading->parser, reading->object, "between"));
}

void
slip_gen_parse_text (SlipGenReading *reading, SlipGenClass *self)
{
  const char *list = slip_gen_string (reading->parser, reading->object, "list");

  use_list (reading, self, list != NULL ? list : "words");
  self->from = slip_gen_int (reading->parser, reading->object, "from", 0, 100000, 3);
  self->to = slip_gen_int (reading->parser, reading->object, "to", 0, 100000, 25);
  self->quotes = slip_gen_share (reading->parser, reading->object, "quotes");
  self->commas = slip_gen_share (reading->parser, reading->object, "commas");
  self->newlines = slip_gen_share (reading->parser, reading->object, "newlines");
  self->accents = slip_gen_share (reading->parser, reading->object, "accents");
  check_order (reading, self);
}

void
slip_gen_parse_pattern (SlipGenReading *reading, SlipGenClass *self)
{
  if (slip_gen_need (reading, "pattern"))
    self->text = g_strdup (slip_gen_string (reading->parser, reading->object, "pattern"));
}

void
slip_gen_parse_phone (SlipGenReading *reading, SlipGenClass *self)
{
  const char *kind = slip_gen_string (reading->parser, reading->object, "kind");

  if (kind != NULL && !g_str_equal (kind, "landline") && !g_str_equal (kind, "mobile"))
    slip_gen_fault_at (reading->parser, "kind", "“%s” is neither landline nor mobile", kind);
  self->text = g_strdup (kind);
}

void
slip_gen_parse_nothing (SlipGenReading *reading, SlipGenClass *self)
{
}
