/* SPDX-License-Identifier: MIT */
/* Makes values. A value is a function of settings, clients, seed and its row, so that one column can read
 * another's, also of a row that was written long ago, and nothing needs to be kept. */

#include "slip-generate-private.h"

#include <string.h>

typedef struct
{
  const SlipGenChance *chance;
  const SlipGenRow *row;
  SlipRandom random;
  GString *out;
  int *day; /* nullable; set when the value is a date */
} Making;

static void make (Making *making, const SlipGenClass *self);

gboolean
slip_gen_share_hit (SlipGenShare share, SlipRandom *random)
{
  return share.of > 0 && slip_random_below (random, share.in) < share.of;
}

guint
slip_gen_weights_pick (const SlipGenWeights *weights, SlipRandom *random)
{
  guint64 drawn = slip_random_below (random, weights->total);
  const guint64 *upto = (const guint64 *)(gpointer)weights->upto->data;
  guint low = 0;
  guint high = weights->upto->len - 1;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (drawn < upto[middle])
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

static void
append_padded (GString *out, guint64 value, guint digits)
{
  char text[24];
  guint at = sizeof text;

  do
    {
      text[--at] = (char)('0' + value % 10);
      value /= 10;
    }
  while (value > 0);
  for (; digits > sizeof text - at; digits--)
    g_string_append_c (out, '0');
  g_string_append_len (out, text + at, (gssize)(sizeof text - at));
}

static void
append_signed (GString *out, gint64 value, guint digits)
{
  if (value < 0)
    g_string_append_c (out, '-');
  append_padded (out, (guint64)ABS (value), digits);
}

/* Days since 1970-01-01 in the Gregorian calendar, and back (H. Hinnant, chrono-compatible low-level date
 * algorithms). */
int
slip_gen_day (int year, int month, int day)
{
  int y = month <= 2 ? year - 1 : year;
  int era = (y >= 0 ? y : y - 399) / 400;
  int of_era = y - era * 400;
  int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void
slip_gen_civil (int day, int *year, int *month, int *of_month)
{
  int z = day + 719468;
  int era = (z >= 0 ? z : z - 146096) / 146097;
  int of_era = z - era * 146097;
  int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int of_year = of_era - (365 * y + y / 4 - y / 100);
  int m = (5 * of_year + 2) / 153;

  *of_month = of_year - (153 * m + 2) / 5 + 1;
  *month = m < 10 ? m + 3 : m - 9;
  *year = y + era * 400 + (*month <= 2 ? 1 : 0);
}

static void
append_time_part (GString *out, char letter, int day, int second)
{
  static const char *const months[]
      = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int year;
  int month;
  int of_month;

  slip_gen_civil (day, &year, &month, &of_month);
  switch (letter)
    {
    case 'Y':
      append_padded (out, (guint64)year, 4);
      break;
    case 'y':
      append_padded (out, (guint64)(year % 100), 2);
      break;
    case 'm':
      append_padded (out, (guint64)month, 2);
      break;
    case 'b':
      g_string_append (out, months[month - 1]);
      break;
    case 'd':
      append_padded (out, (guint64)of_month, 2);
      break;
    case 'H':
      append_padded (out, (guint64)(second / 3600), 2);
      break;
    case 'M':
      append_padded (out, (guint64)(second / 60 % 60), 2);
      break;
    case 'S':
      append_padded (out, (guint64)(second % 60), 2);
      break;
    default:
      g_string_append_c (out, letter);
    }
}

static void
append_moment (GString *out, int day, int second, const char *format)
{
  for (const char *at = format; *at != '\0'; at++)
    if (*at == '%')
      append_time_part (out, *++at, day, second);
    else
      g_string_append_c (out, *at);
}

void
slip_gen_append_date (GString *out, int day, const char *format)
{
  append_moment (out, day, 0, format);
}

static gint64
draw_range (Making *making, gint64 from, gint64 to)
{
  return from + (gint64)slip_random_below (&making->random, (guint64)(to - from) + 1);
}

static void
make_serial (Making *making, const SlipGenClass *self)
{
  guint64 n = self->within ? making->row->nth : making->row->index;
  guint64 number = (guint64)self->from + n * (guint64)self->step;
  guint sum = 0;
  gboolean twice = TRUE;

  if (self->text != NULL)
    g_string_append (making->out, self->text);
  append_padded (making->out, number, self->digits);
  if (!self->luhn)
    return;
  for (; number > 0; number /= 10, twice = !twice)
    {
      guint digit = (guint)(number % 10) * (twice ? 2 : 1);

      sum += digit > 9 ? digit - 9 : digit;
    }
  g_string_append_c (making->out, (char)('0' + sum * 9 % 10));
}

static void
make_money (Making *making, const SlipGenClass *self)
{
  gint64 steps = (self->to - self->from) / self->step;
  gint64 amount = self->from + draw_range (making, 0, steps) * self->step;
  guint64 unit = 1;

  for (guint i = 0; i < self->digits; i++)
    unit *= 10;
  if (amount < 0)
    g_string_append_c (making->out, '-');
  append_padded (making->out, (guint64)ABS (amount) / unit, 1);
  if (self->digits == 0)
    return;
  g_string_append_c (making->out, '.');
  append_padded (making->out, (guint64)ABS (amount) % unit, self->digits);
}

static void
make_date (Making *making, const SlipGenClass *self)
{
  int day = (int)draw_range (making, self->from, self->to);
  gboolean has_time = strchr (self->text, 'H') != NULL;
  int second = has_time ? (int)slip_random_below (&making->random, 86400) : 0;

  if (self->after != NULL)
    {
      int base = SLIP_GEN_NO_DAY;
      g_autoptr (GString) unused = g_string_new (NULL);

      slip_gen_append_reference (making->chance, self->after, making->row, unused, &base);
      if (base == SLIP_GEN_NO_DAY)
        return;
      day += base;
    }
  if (making->day != NULL)
    *making->day = day;
  append_moment (making->out, day, second, self->text);
}

static const char *
word (const SlipGenClass *self, SlipRandom *random)
{
  if (self->fixed != NULL)
    return self->fixed[slip_random_below (random, self->n_fixed)];
  return g_ptr_array_index (self->words, slip_random_below (random, self->words->len));
}

static void
append_letters (GString *out, const char *text, SlipGenCase letters)
{
  g_autofree char *changed = NULL;

  if (letters == SLIP_GEN_AS_IS)
    g_string_append (out, text);
  else
    {
      changed = letters == SLIP_GEN_UPPER ? g_utf8_strup (text, -1) : g_utf8_strdown (text, -1);
      g_string_append (out, changed);
    }
}

static void
make_list (Making *making, const SlipGenClass *self)
{
  guint64 several = 1;

  if (self->weights.total > 0)
    g_ascii_string_to_unsigned (
        g_ptr_array_index (self->weights.items,
                           slip_gen_weights_pick (&self->weights, &making->random)),
        10, 0, 9, &several, NULL);
  for (guint64 i = 0; i < several; i++)
    {
      if (i > 0)
        g_string_append (making->out, self->text != NULL ? self->text : " ");
      append_letters (making->out, word (self, &making->random), self->letters);
    }
}

static void
make_text (Making *making, const SlipGenClass *self)
{
  static const char *const accented[] = {"café", "naïve", "Zoë", "façade", "jalapeño", "Ångström"};
  gint64 n = draw_range (making, self->from, self->to);
  SlipRandom *random = &making->random;

  for (gint64 i = 0; i < n; i++)
    {
      const char *next = slip_gen_share_hit (self->accents, random)
                             ? accented[slip_random_below (random, G_N_ELEMENTS (accented))]
                             : word (self, random);

      if (i > 0)
        g_string_append_c (making->out, slip_gen_share_hit (self->newlines, random) ? '\n' : ' ');
      if (slip_gen_share_hit (self->quotes, random))
        g_string_append_printf (making->out, "\"%s\"", next);
      else
        g_string_append (making->out, next);
      if (slip_gen_share_hit (self->commas, random))
        g_string_append_c (making->out, ',');
    }
}

/* `#` is a digit, `@` a letter, a backslash takes what is behind it as it is. */
static void
make_pattern (Making *making, const SlipGenClass *self)
{
  for (const char *at = self->text; *at != '\0'; at++)
    if (*at == '#')
      g_string_append_c (making->out, (char)('0' + slip_random_below (&making->random, 10)));
    else if (*at == '@')
      g_string_append_c (making->out, (char)('A' + slip_random_below (&making->random, 26)));
    else
      {
        if (*at == '\\' && at[1] != '\0')
          at++;
        g_string_append_c (making->out, *at);
      }
}

/* Numbers that Ofcom keeps free for drama, so that nobody is ever called. */
static void
make_phone (Making *making, const SlipGenClass *self)
{
  static const char *const landlines[]
      = {"01632 960",  "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0",
         "0117 496 0", "0118 496 0", "0121 496 0", "0131 496 0", "0141 496 0",
         "0151 496 0", "0161 496 0", "020 7946 0", "0191 498 0", "029 2018 0"};
  gboolean mobile
      = self->text != NULL ? self->text[0] == 'm' : slip_random_below (&making->random, 3) == 0;

  g_string_append (making->out,
                   mobile
                       ? "07700 900"
                       : landlines[slip_random_below (&making->random, G_N_ELEMENTS (landlines))]);
  append_padded (making->out, slip_random_below (&making->random, 1000), 3);
}

/* No postcode begins with Q, V or X. */
static void
make_postcode (Making *making)
{
  static const char letters[] = "ABDEFGHJLNPQRSTUWXYZ";
  SlipRandom *random = &making->random;

  g_string_append_c (making->out, "QVX"[slip_random_below (random, 3)]);
  g_string_append_c (making->out, letters[slip_random_below (random, strlen (letters))]);
  append_padded (making->out, 1 + slip_random_below (random, 99), 1);
  g_string_append_c (making->out, ' ');
  append_padded (making->out, slip_random_below (random, 10), 1);
  g_string_append_c (making->out, letters[slip_random_below (random, strlen (letters))]);
  g_string_append_c (making->out, letters[slip_random_below (random, strlen (letters))]);
}

static void
make_email (Making *making, const SlipGenClass *self)
{
  guint n = 0;
  const char *const *domains = slip_gen_words_find ("domains", &n);
  g_autoptr (GString) part = g_string_new (NULL);

  for (guint i = 0; i < self->parts->len; i++)
    {
      g_string_truncate (part, 0);
      slip_gen_append_reference (making->chance, g_ptr_array_index (self->parts, i), making->row,
                                 part, NULL);
      if (i > 0)
        g_string_append_c (making->out, '.');
      for (const char *at = part->str; *at != '\0'; at++)
        if (g_ascii_isalnum (*at))
          g_string_append_c (making->out, g_ascii_tolower (*at));
    }
  g_string_append_printf (making->out, "@%s", domains[slip_random_below (&making->random, n)]);
}

static void
make_join (Making *making, const SlipGenClass *self)
{
  int *day = making->day;

  making->day = NULL;
  for (guint i = 0; i < self->parts->len; i++)
    {
      if (i > 0 && self->text != NULL)
        g_string_append (making->out, self->text);
      make (making, g_ptr_array_index (self->parts, i));
    }
  making->day = day;
}

static void
make_when (Making *making, const SlipGenClass *self)
{
  g_autoptr (GString) value = g_string_new (NULL);
  const SlipGenClass *chosen;

  slip_gen_append_reference (making->chance, self->of, making->row, value, NULL);
  chosen = g_hash_table_lookup (self->cases, value->str);
  if (chosen == NULL)
    chosen = self->otherwise;
  if (chosen != NULL)
    make (making, chosen);
}

static void
make (Making *making, const SlipGenClass *self)
{
  if (slip_gen_share_hit (self->blank, &making->random))
    return;
  switch (self->kind)
    {
    case SLIP_GEN_CONSTANT:
      g_string_append (making->out, self->text);
      return;
    case SLIP_GEN_SERIAL:
      make_serial (making, self);
      return;
    case SLIP_GEN_NUMBER:
      append_signed (making->out, draw_range (making, self->from, self->to), self->digits);
      return;
    case SLIP_GEN_MONEY:
      make_money (making, self);
      return;
    case SLIP_GEN_DATE:
      make_date (making, self);
      return;
    case SLIP_GEN_TIME:
      append_moment (making->out, 0, (int)draw_range (making, self->from, self->to), self->text);
      return;
    case SLIP_GEN_CODES:
      g_string_append (making->out,
                       g_ptr_array_index (self->weights.items,
                                          slip_gen_weights_pick (&self->weights, &making->random)));
      return;
    case SLIP_GEN_LIST:
      make_list (making, self);
      return;
    case SLIP_GEN_TEXT:
      make_text (making, self);
      return;
    case SLIP_GEN_PATTERN:
      make_pattern (making, self);
      return;
    case SLIP_GEN_PHONE:
      make_phone (making, self);
      return;
    case SLIP_GEN_POSTCODE:
      make_postcode (making);
      return;
    case SLIP_GEN_EMAIL:
      make_email (making, self);
      return;
    case SLIP_GEN_OF:
      slip_gen_append_reference (making->chance, self->of, making->row, making->out, making->day);
      return;
    case SLIP_GEN_JOIN:
      make_join (making, self);
      return;
    case SLIP_GEN_CHOICE:
      make (making, g_ptr_array_index (self->weights.items,
                                       slip_gen_weights_pick (&self->weights, &making->random)));
      return;
    case SLIP_GEN_WHEN:
      make_when (making, self);
      return;
    case SLIP_GEN_N_KINDS:
      break;
    }
  g_assert_not_reached ();
}

void
slip_gen_append_value (const SlipGenChance *chance,
                       const SlipGenColumn *column,
                       const SlipGenRow *row,
                       GString *out,
                       int *day)
{
  Making making = {chance, row, slip_random_at (chance->seed ^ column->key, row->index), out, day};

  make (&making, column->value);
}

guint64
slip_gen_rows_fixed (const SlipGenTable *table, guint64 clients)
{
  if (table->parent != NULL)
    return slip_gen_rows_fixed (table->parent, clients) * g_array_index (table->per_rows, guint, 0);
  if (table->rows >= 0)
    return (guint64)table->rows;
  return (clients * table->clients.of + table->clients.in - 1) / table->clients.in;
}

/* The rows of a table of which each row of the parent has as many are found by division. */
static void
append_of_row (
    const SlipGenChance *chance, const SlipGenColumn *column, guint64 index, GString *out, int *day)
{
  SlipGenRow rows[SLIP_GENERATE_MAX_DEPTH];
  const SlipGenTable *table = column->table;
  guint n = 0;

  for (; table != NULL; table = table->parent, n++)
    {
      guint each = table->parent != NULL ? g_array_index (table->per_rows, guint, 0) : 1;

      rows[n] = (SlipGenRow){.table = table, .index = index, .nth = index % each};
      if (n > 0)
        rows[n - 1].parent = &rows[n];
      index /= each;
    }
  slip_gen_append_value (chance, column, &rows[0], out, day);
}

void
slip_gen_append_reference (const SlipGenChance *chance,
                           const SlipGenReference *reference,
                           const SlipGenRow *row,
                           GString *out,
                           int *day)
{
  const SlipGenPick *pick;
  SlipRandom random;

  for (guint i = 0; i < reference->up; i++)
    row = row->parent;
  if (reference->pick < 0)
    {
      slip_gen_append_value (chance, reference->to, row, out, day);
      return;
    }
  pick = g_ptr_array_index (row->table->picks, (guint)reference->pick);
  random = slip_random_at (chance->seed ^ pick->key, row->index);
  append_of_row (chance, reference->to,
                 slip_random_below (&random, slip_gen_rows_fixed (pick->table, chance->clients)),
                 out, day);
}

/* How many rows of @table follow @parent. */
guint
slip_gen_rows_of (const SlipGenChance *chance,
                  const SlipGenTable *table,
                  const SlipGenRow *parent,
                  GString *scratch)
{
  SlipRandom random = slip_random_at (chance->seed ^ table->count_key, parent->index);
  guint rows = g_array_index (table->per_rows, guint, slip_gen_weights_pick (&table->per, &random));

  if (rows == 0 || table->only == NULL)
    return rows;
  g_string_truncate (scratch, 0);
  slip_gen_append_reference (chance, table->only, &(SlipGenRow){.table = table, .parent = parent},
                             scratch, NULL);
  for (guint i = 0; i < table->only_values->len; i++)
    if (g_str_equal (scratch->str, g_ptr_array_index (table->only_values, i)))
      return rows;
  return 0;
}
