/* SPDX-License-Identifier: MIT */
/* Claims of the generator of source data: the same bytes for the same seed, keys that agree, each class and each
 * defect as it is described, memory that does not grow, and settings whose faults are told by place. */

#include "slip-generate-random.h"
#include "slip-generate.h"
#include "slip-migration-error.h"
#include "slip-test-folder.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <string.h>

typedef struct
{
  char *folder; /* of the test's own */
  char *output;
  char *settings; /* kinds.json */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("slipway-generate-XXXXXX", NULL);
  fixture->output = g_build_filename (fixture->folder, "output", NULL);
  fixture->settings = g_test_build_filename (G_TEST_DIST, "unit", "migration", "fixtures", "generate",
                                             "kinds.json", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_true (slip_test_remove_folder (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->output);
  g_free (fixture->settings);
}

static SlipGenerateSettings *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  SlipGenerateSettings *settings = slip_generate_settings_load (path, NULL, NULL, &error);

  g_assert_no_error (error);
  return settings;
}

static void
generate (const char *settings_path, guint64 clients, guint64 seed, const char *output)
{
  g_autoptr (SlipGenerateSettings) settings = load (settings_path);
  g_autoptr (GError) error = NULL;

  slip_generate (settings, clients, seed, output, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static char *
read_bytes (const char *folder, const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, length, &error);
  g_assert_no_error (error);
  return text;
}

static char *
digest (const char *folder)
{
  gsize length = 0;
  g_autofree char *manifest = read_bytes (folder, "MANIFEST.tsv", &length);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, manifest, (gssize)length);
}

/* A plain reader of good CSV: rows of texts. */
static GPtrArray *
read_rows (const char *folder, const char *name, char delimiter)
{
  gsize length = 0;
  g_autofree char *text = read_bytes (folder, name, &length);
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  GPtrArray *row = NULL;
  GString *field = NULL;
  gboolean quoted = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (row == NULL)
        row = g_ptr_array_new_with_free_func (g_free);
      if (field == NULL)
        field = g_string_new (NULL);
      if (text[i] == '"' && quoted && text[i + 1] == '"')
        g_string_append_c (field, text[i++]);
      else if (text[i] == '"')
        quoted = !quoted;
      else if (!quoted && (text[i] == delimiter || text[i] == '\n'))
        {
          g_ptr_array_add (row, g_string_free (g_steal_pointer (&field), FALSE));
          if (text[i] == '\n')
            g_ptr_array_add (rows, g_steal_pointer (&row));
        }
      else
        g_string_append_c (field, text[i]);
    }
  g_assert_false (quoted);
  g_assert_null (row);
  return rows;
}

static const char *
at (GPtrArray *rows, guint row, guint column)
{
  GPtrArray *fields = g_ptr_array_index (rows, row);

  g_assert_cmpuint (column, <, fields->len);
  return g_ptr_array_index (fields, column);
}

static guint
column (GPtrArray *rows, const char *name)
{
  GPtrArray *header = g_ptr_array_index (rows, 0);

  for (guint i = 0; i < header->len; i++)
    if (g_str_equal (g_ptr_array_index (header, i), name))
      return i;
  g_error ("there is no column %s", name);
}

static void
random_is_splitmix64 (void)
{
  /* Of the reference implementation (S. Vigna, splitmix64.c), state 1234567. */
  const guint64 expected[]
      = {G_GUINT64_CONSTANT (6457827717110365317), G_GUINT64_CONSTANT (3203168211198807973),
         G_GUINT64_CONSTANT (9817491932198370423)};
  SlipRandom random = {1234567};
  guint seen[6] = {0};

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (slip_random_next (&random), ==, expected[i]);
  for (guint i = 0; i < 60000; i++)
    seen[slip_random_below (&random, 6)]++;
  for (guint i = 0; i < 6; i++)
    g_assert_true (seen[i] > 9500 && seen[i] < 10500);
}

static void
same_seed_gives_same_bytes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *again = g_build_filename (fixture->folder, "again", NULL);
  g_autofree char *other = g_build_filename (fixture->folder, "other", NULL);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *three = NULL;

  generate (fixture->settings, 50, 9, fixture->output);
  generate (fixture->settings, 50, 9, again);
  generate (fixture->settings, 50, 10, other);
  one = digest (fixture->output);
  two = digest (again);
  three = digest (other);
  g_assert_cmpstr (one, ==, two);
  g_assert_cmpstr (one, !=, three);
}

/* When this fails, every bench and every test with fixed data has other data from now on: change it only on
 * purpose. */
static void
bytes_are_those_of_every_machine (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sum = NULL;

  generate (fixture->settings, 25, 42, fixture->output);
  sum = digest (fixture->output);
  g_assert_cmpstr (sum, ==, "9be181e0a062c4ef2db801d05a6630f7cf0b6cd47f9302d2a18eb429c7f0a321");
}

static void
matches (GPtrArray *rows, const char *name, const char *pattern)
{
  guint index = column (rows, name);

  for (guint i = 1; i < rows->len; i++)
    if (!g_regex_match_simple (pattern, at (rows, i, index), G_REGEX_DOLLAR_ENDONLY, 0))
      g_error ("%s, row %u: “%s” is not /%s/", name, i, at (rows, i, index), pattern);
}

static void
classes_give_what_they_say (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *pattern;
  } cases[] = {
      {"No", "^M[0-9]{6}$"},
      {"Checked", "^70000000[0-9]{4}$"},
      {"Size", "^(-0[1-3]|0[0-9]|1[0-2])$"},
      {"Fee", "^(-1|-0|1?[0-9]|20)\\.[05]0$"},
      {"Joined", "^(28/02|29/02|01/03)/2020$"},
      {"Left", "^(|29/02/2020|01/03/2020|02/03/2020)$"},
      {"Stamp", "^99 Dec 31 [0-2][0-9]:[0-5][0-9]:[0-5][0-9]$"},
      {"At", "^08:00:[0-5][0-9]$"},
      {"State", "^A?$"},
      {"Colour", "^(R|G| B)$"},
      {"Forenames", "^[^+ ]+(\\+[^+ ]+)?$"},
      {"Surname", "^[^a-z]+$"},
      {"Berth", "^(a01|b02|c03)$"},
      {"Code", "^#[0-9]-[A-Z]$"},
      {"Phone",
       "^(01632 960|01[0-9]{2} 496 0|020 7946 0|0191 498 0|029 2018 0|07700 900)[0-9]{3}$"},
      {"Mobile", "^07700 900[0-9]{3}$"},
      {"Postcode", "^[QVX][A-Z][0-9]{1,2} [0-9][A-Z]{2}$"},
      {"E-mail", "^[a-z]+\\.[0-9]+@[a-z]+\\.example$"},
      {"Fixed", "^a, \"b\"$"},
      {"Choice", "^(p|1)$"},
      {"Blank", "^$"},
  };
  g_autoptr (GPtrArray) rows = NULL;

  generate (fixture->settings, 400, 1, fixture->output);
  rows = read_rows (fixture->output, "member.csv", ',');
  g_assert_cmpuint (rows->len, ==, 401);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    matches (rows, cases[i].name, cases[i].pattern);
  g_assert_cmpstr (at (rows, 1, column (rows, "Checked")), ==, "700000000013");
  g_assert_cmpstr (at (rows, 3, column (rows, "Checked")), ==, "700000000039");
  g_assert_cmpstr (at (rows, 2, column (rows, "No")), ==, "M000110");
}

static void
columns_read_one_another (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  guint states[2] = {0};

  generate (fixture->settings, 400, 1, fixture->output);
  rows = read_rows (fixture->output, "member.csv", ',');
  for (guint i = 1; i < rows->len; i++)
    {
      const char *state = at (rows, i, column (rows, "State"));
      const char *left = at (rows, i, column (rows, "Left"));
      const char *told = at (rows, i, column (rows, "Told"));
      g_autofree char *joint = g_strdup_printf ("<.%u.>", i);

      g_assert_cmpstr (at (rows, i, column (rows, "Same")), ==, at (rows, i, column (rows, "No")));
      g_assert_cmpstr (at (rows, i, column (rows, "Joint")), ==, joint);
      g_assert_cmpstr (at (rows, i, column (rows, "When")), ==, *state == 'A' ? "is A" : "7");
      g_assert_cmpint (*left == '\0', ==, *told == '\0');
      if (*left != '\0')
        {
          g_autofree char *iso = g_strdup_printf ("%.4s-%.2s-%.2s", left + 6, left + 3, left);

          g_assert_cmpstr (told, ==, iso);
        }
      states[*state == 'A']++;
    }
  g_assert_true (states[1] > 260 && states[1] < 340);
}

static void
keys_agree_across_tables (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) pairs = NULL;
  g_autoptr (GPtrArray) firsts = NULL;
  g_autoptr (GPtrArray) chosen = NULL;
  guint n_first = 0;

  generate (fixture->settings, 100, 3, fixture->output);
  for (guint i = 0; i < 100; i++)
    g_hash_table_add (numbers, g_strdup_printf ("M%06u", 100 + i * 10));
  for (guint part = 1; part <= 2; part++)
    {
      g_autofree char *name = g_strdup_printf ("berth%u.csv", part);
      g_autoptr (GPtrArray) rows = read_rows (fixture->output, name, ';');

      g_assert_cmpuint (rows->len, >, 20);
      for (guint i = 1; i < rows->len; i++)
        {
          guint row = (guint)g_ascii_strtoull (at (rows, i, 4), NULL, 10);
          g_autofree char *friend = g_strdup_printf ("M%06u", 90 + row * 10);

          g_assert_true (g_hash_table_contains (numbers, at (rows, i, 2)));
          g_assert_cmpstr (at (rows, i, 3), ==, friend);
          n_first += g_str_equal (at (rows, i, 1), "1") ? 1 : 0;
        }
    }
  firsts = read_rows (fixture->output, "first.csv", ',');
  g_assert_cmpuint (firsts->len, ==, n_first + 1);
  pairs = read_rows (fixture->output, "pairs.csv", ',');
  g_assert_cmpuint (pairs->len, ==, 201);
  chosen = read_rows (fixture->output, "chosen.csv", ',');
  g_assert_cmpuint (chosen->len, ==, 41);
  for (guint i = 1; i < chosen->len; i++)
    g_assert_true (g_hash_table_contains (numbers, at (chosen, i, 0)));
}

static void
files_have_the_form_they_say (Fixture *fixture, gconstpointer data)
{
  gsize length = 0;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *first = NULL;
  guint accents = 0;

  generate (fixture->settings, 60, 3, fixture->output);
  one = read_bytes (fixture->output, "berth1.csv", &length);
  for (gsize i = 0; i < length; i++)
    accents += one[i] == '\xe9' ? 1 : 0; /* é in WINDOWS-1252 */
  g_assert_true (g_str_has_prefix (one, "Row;Nth;No;Friend;Friend's row;Text\r\n"));
  g_assert_true (g_str_has_suffix (one, "\r\n"));
  g_assert_cmpuint (accents, >, 20);
  g_assert_false (g_utf8_validate (one, -1, NULL));
  two = read_bytes (fixture->output, "berth2.csv", NULL);
  g_assert_true (g_str_has_prefix (two, "Row;Nth;No;Friend;Friend's row;Text;Late\r\n"));
  g_assert_true (g_str_has_suffix (two, ";late\r\n"));
  first = read_bytes (fixture->output, "first.csv", NULL);
  g_assert_true (g_str_has_prefix (first, "\xef\xbb\xbf"
                                          "Berth,No\n"));
}

/* What `PLANTED.tsv` says of a defect. */
static guint
planted (const char *folder, const char *table, const char *name, const char *kind)
{
  g_autofree char *text = read_bytes (folder, "PLANTED.tsv", NULL);
  g_autofree char *begin = g_strdup_printf ("\n%s\t%s\t%s\t", table, name, kind);
  const char *found = strstr (text, begin);

  g_assert_nonnull (found);
  return (guint)g_ascii_strtoull (found + strlen (begin), NULL, 10);
}

static void
defects_of_columns_are_planted_and_counted (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *column;
    const char *kind;
    const char *pattern;
  } cases[] = {
      {"Key", "blank", "^$"},
      {"Key", "space", "^ $"},
      {"Key", "zero", "^0$"},
      {"Key", "padding", "^ Key  $"},
      {"Key", "null-word", "^(None|nan|NaT|<NA>|NULL)$"},
      {"Key", "unknown-code", "^Key\\?$"},
      {"Key", "no-parent", "^NONE-Key$"},
      {"Key", "upper", "^KEY$"},
      {"Key", "lower", "^key$"},
      {"Key", "quotes", "^\"\" \"Key\"$"},
      {"Key", "newline", "^Key\\r\\nand more\\n$"},
      {"Key", "long", "^Key( too long){500,}$"},
      {"Key", "values", "^ours$"},
      {"Date", "bad-date", "^(31/02/2019|00/00/0000|2019-13-01|not known)$"},
      {"Date", "day-first", "^03/04/2021$"},
      {"Amount", "bad-number", "^(n/a|12,50|1\\.2\\.3|ten|--)$"},
      {"Amount", "float", "^1\\.00\\.0$"},
      {"Amount", "three-decimals", "^1\\.00[1459]$"},
  };
  g_autoptr (GPtrArray) rows = NULL;

  generate (fixture->settings, 1, 5, fixture->output);
  rows = read_rows (fixture->output, "spoiled.csv", ',');
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint index = column (rows, cases[i].column);
      guint n = 0;

      for (guint k = 1; k < rows->len; k++)
        n += g_regex_match_simple (cases[i].pattern, at (rows, k, index), G_REGEX_DOLLAR_ENDONLY, 0)
                 ? 1
                 : 0;
      g_test_message ("%s: %u", cases[i].kind, n);
      g_assert_cmpuint (n, >, 0);
      g_assert_cmpuint (n, ==,
                        planted (fixture->output, "spoiled", cases[i].column, cases[i].kind));
    }
  matches (rows, "Copy", "^Key$");
}

static guint
count (const char *text, gsize length, const char *piece, gsize size)
{
  guint n = 0;

  for (const char *from = text;
       (from = memmem (from, length - (gsize)(from - text), piece, size)) != NULL; from += size)
    n++;
  return n;
}

static void
defects_of_records_are_planted_and_counted (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *kind;
    const char *piece;
    gsize size;
  } cases[] = {
      {"long", ",one too many", 13},
      {"open-quote", "\"not closed", 11},
      {"after-quote", "\"closed\" and on", 15},
      {"nul", "a\0b", 3},
      {"bad-bytes", "\x81", 1},
      {"empty-line", "\n\n", 2},
  };
  gsize length = 0;
  g_autofree char *text = NULL;
  g_autofree char *manifest = NULL;
  guint twice;

  generate (fixture->settings, 1, 11, fixture->output);
  text = read_bytes (fixture->output, "broken.csv", &length);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint n = count (text, length, cases[i].piece, cases[i].size);
      guint told = planted (fixture->output, "broken", "", cases[i].kind);

      /* Two defects can meet in a record, and one of them be written over; a record can stand twice. */
      g_test_message ("%s: %u, told %u", cases[i].kind, n, told);
      g_assert_cmpuint (n, >, 0);
      g_assert_cmpuint (told, >, 0);
      g_assert_cmpint (ABS ((int)n - (int)told), <=, 3);
    }
  g_assert_cmpuint (planted (fixture->output, "broken", "", "short"), >, 0);
  twice = planted (fixture->output, "broken", "", "twice");
  g_assert_cmpuint (twice, >, 0);
  manifest = read_bytes (fixture->output, "MANIFEST.tsv", NULL);
  g_assert_cmpuint (g_ascii_strtoull (strstr (manifest, "broken.csv\t") + 11, NULL, 10), ==,
                    600 + twice);
}

static void
write_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* One table with @members in place of its own, as settings. */
static char *
write_settings (Fixture *fixture, const char *text)
{
  write_text (fixture->folder, "settings.json", text);
  return g_build_filename (fixture->folder, "settings.json", NULL);
}

static void
a_new_column_leaves_the_others_as_they_are (Fixture *fixture, gconstpointer data)
{
  const char *const settings[] = {
      "{\"tables\": [{\"name\": \"t\", \"clients\": \"1/1\", \"columns\": [\"new\", "
      "{\"name\": \"n\", \"class\": \"number\", \"from\": 1, \"to\": 1000000}]}]}",
      "{\"tables\": [{\"name\": \"other\", \"rows\": 3, \"columns\": [\"x\"]}, {\"name\": \"t\", "
      "\"clients\": \"1/1\", \"columns\": [{\"name\": \"new\", \"class\": \"phone\"}, "
      "{\"name\": \"n\", \"class\": \"number\", \"from\": 1, \"to\": 1000000}]}]}"};
  GPtrArray *rows[2] = {NULL, NULL};

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = write_settings (fixture, settings[i]);

      generate (path, 100, 1, fixture->output);
      rows[i] = read_rows (fixture->output, "t.csv", ',');
    }
  for (guint i = 1; i <= 100; i++)
    g_assert_cmpstr (at (rows[0], i, 1), ==, at (rows[1], i, 1));
  g_ptr_array_unref (rows[0]);
  g_ptr_array_unref (rows[1]);
}

#define COLUMNS(text)                                                                              \
  "{\"tables\": [{\"name\": \"t\", \"clients\": \"1/1\", \"columns\": [" text "]}]}"
#define COLUMN(text) COLUMNS ("{\"name\": \"c\", " text "}")
#define TABLE(text)                                                                                \
  "{\"tables\": [{\"name\": \"t\", \"columns\": [\"c\"], " text "}, {\"name\": \"u\", \"per\": "   \
  "{\"table\": \"t\", \"rows\": {\"0\": 1, \"1\": 1}}, \"columns\": [\"c\"]}]}"

static const struct
{
  const char *text;
  const char *place;
  const char *says;
} faults[] = {
    {"{\"tables\": [", "settings.json", "1:"},
    {"[]", "settings.json", "must be an object"},
    {"{}", "/tables", "needs at least one table"},
    {"{\"tabels\": []}", "/tabels", "no such member"},
    {"{\"tables\": [7]}", "/tables/0", "must be an object with “name”"},
    {"{\"definitions\": \"nowhere\", \"tables\": []}", "/definitions", "there is no folder"},
    {"{\"lists\": {\"l\": []}, \"tables\": []}", "/lists/l", "must not be empty"},
    {"{\"lists\": {\"a/b\": [1]}, \"tables\": []}", "/lists/a~1b/0", "must be a text"},
    {TABLE ("\"rows\": 1, \"clients\": \"1/1\""), "/tables/0 (t)", "one of “rows”"},
    {TABLE ("\"rows\": -1"), "/tables/0/rows (t)", "is not from 0"},
    {TABLE ("\"rows\": 1.5"), "/tables/0/rows (t)", "must be a whole number"},
    {TABLE ("\"clients\": \"many\""), "/tables/0/clients (t)", "no number of rows"},
    {TABLE ("\"clients\": \"1/0\""), "/tables/0/clients (t)", "no number of rows"},
    {TABLE ("\"rows\": 1, \"file\": \"../x\""), "/tables/0/file (t)", "no name of a file"},
    {TABLE ("\"rows\": 1, \"file\": \"u\""), "/tables/1/file (u)", "another table writes"},
    {TABLE ("\"rows\": 1, \"parts\": 100"), "/tables/0/parts (t)", "is not from 0 to 99"},
    {TABLE ("\"rows\": 1, \"delimiter\": \"ab\""), "/tables/0/delimiter (t)", "one ASCII"},
    {TABLE ("\"rows\": 1, \"encoding\": \"NONE-8\""), "/tables/0/encoding (t)",
     "knows no encoding"},
    {TABLE ("\"rows\": 1, \"bom\": 1"), "/tables/0/bom (t)", "must be true or false"},
    {TABLE ("\"rows\": 1, \"picks\": {\"p\": \"no\"}"), "/tables/0/picks/p (t)",
     "there is no table"},
    {TABLE ("\"rows\": 1, \"picks\": {\"p\": \"u\"}"), "/tables/0/picks/p (t)", "chance decides"},
    {TABLE ("\"rows\": 0, \"picks\": {\"p\": \"t\"}"), "/tables/0/picks/p (t)", "has no rows"},
    {TABLE ("\"per\": {\"table\": \"no\", \"rows\": {\"1\": 1}}"), "/tables/0/per (t)",
     "no table “no”"},
    {TABLE ("\"per\": {\"table\": \"u\", \"rows\": {\"1\": 1}}"), "/tables/0/per (t)",
     "in a circle"},
    {TABLE ("\"per\": {\"table\": \"u\", \"rows\": {\"x\": 1}}"), "/tables/0/per/rows (t)",
     "no number"},
    {TABLE ("\"per\": {\"table\": \"u\", \"rows\": {\"1\": 0}}"), "/tables/0/per/rows (t)",
     "weight of 1"},
    {TABLE ("\"rows\": 1, \"defects\": [{\"kind\": \"odd\", \"rate\": \"1/2\"}]"),
     "/tables/0/defects/0/kind (t)", "no kind of defect"},
    {TABLE ("\"rows\": 1, \"defects\": [{\"kind\": \"nul\"}]"), "/tables/0/defects/0 (t)",
     "“rate”"},
    {COLUMNS ("\"c\", \"c\""), "/tables/0/columns/1 (t.c)", "column “c” before it"},
    {COLUMNS ("7"), "/tables/0/columns/0 (t)", "must be an object with “name”"},
    {COLUMN ("\"clas\": \"phone\""), "/tables/0/columns/0 (t.c)", "needs the member “class”"},
    {COLUMN ("\"class\": \"odd\""), "/tables/0/columns/0/class (t.c)", "no class “odd”"},
    {COLUMN ("\"class\": \"phone\", \"from\": 1"), "/tables/0/columns/0/from (t.c)",
     "no such member"},
    {COLUMN ("\"class\": \"phone\", \"kind\": \"fax\""), "/tables/0/columns/0/kind (t.c)",
     "neither"},
    {COLUMN ("\"class\": \"phone\", \"blank\": \"some\""), "/tables/0/columns/0/blank (t.c)",
     "no share"},
    {COLUMN ("\"class\": \"phone\", \"blank\": \"3/2\""), "/tables/0/columns/0/blank (t.c)",
     "no share"},
    {COLUMN ("\"class\": \"phone\", \"since_part\": 2"), "/tables/0 (t)", "begins in part 2"},
    {COLUMN ("\"class\": \"constant\""), "/tables/0/columns/0 (t.c)", "needs the member “value”"},
    {COLUMN ("\"class\": \"number\", \"from\": 2, \"to\": 1"), "/tables/0/columns/0/to (t.c)",
     "before"},
    {COLUMN ("\"class\": \"money\", \"from\": \"1\", \"to\": \"x\""),
     "/tables/0/columns/0/to (t.c)", "no amount"},
    {COLUMN ("\"class\": \"money\", \"from\": \"1.234\", \"to\": \"2\""),
     "/tables/0/columns/0/from (t.c)", "more than 2 decimal places"},
    {COLUMN ("\"class\": \"money\", \"from\": \"1\", \"to\": \"2\", \"step\": \"0\""),
     "/tables/0/columns/0/step (t.c)", "more than 0"},
    {COLUMN ("\"class\": \"date\", \"from\": \"2021-02-29\", \"to\": \"2022-01-01\""),
     "/tables/0/columns/0/from (t.c)", "no date"},
    {COLUMN ("\"class\": \"date\", \"from\": \"2021-02-28\", \"to\": \"2022-01-01\", \"format\": "
             "\"%q\""),
     "/tables/0/columns/0/format (t.c)", "is not one of"},
    {COLUMN ("\"class\": \"date\", \"after\": \"c\", \"days\": [1]"),
     "/tables/0/columns/0/days (t.c)", "two numbers"},
    {COLUMN ("\"class\": \"date\", \"after\": \"c\", \"days\": [2, 1]"),
     "/tables/0/columns/0/days (t.c)", "more than the most"},
    {COLUMN ("\"class\": \"date\", \"after\": \"c\", \"days\": [1, 2]"),
     "/tables/0/columns/0/after (t.c)", "in a circle"},
    {COLUMNS ("{\"name\": \"p\", \"class\": \"phone\"}, {\"name\": \"c\", \"class\": \"date\", "
              "\"after\": \"p\", \"days\": [1, 2]}"),
     "/tables/0/columns/1/after (t.c)", "t.p is no date"},
    {COLUMN ("\"class\": \"time\", \"from\": \"24:00:00\""), "/tables/0/columns/0/from (t.c)",
     "no time"},
    {COLUMN ("\"class\": \"codes\""), "/tables/0/columns/0 (t.c)", "either “values” or “lookup”"},
    {COLUMN ("\"class\": \"codes\", \"lookup\": \"x\""), "/definitions",
     "no folder of definitions"},
    {COLUMN ("\"class\": \"codes\", \"values\": {\"a\": -1}"), "/tables/0/columns/0/values/a (t.c)",
     "is not from 0"},
    {COLUMN ("\"class\": \"list\", \"list\": \"odd\""), "/tables/0/columns/0/list (t.c)",
     "no list “odd”"},
    {COLUMN ("\"class\": \"list\", \"list\": \"towns\", \"letters\": \"odd\""),
     "/tables/0/columns/0/letters (t.c)", "neither upper nor lower"},
    {COLUMN ("\"class\": \"list\", \"list\": \"towns\", \"several\": {\"10\": 1}"),
     "/tables/0/columns/0/several (t.c)", "no number from 0 to 9"},
    {COLUMN ("\"class\": \"email\", \"of\": []"), "/tables/0/columns/0/of (t.c)",
     "must be the columns"},
    {COLUMN ("\"class\": \"of\", \"column\": \"x\""), "/tables/0/columns/0 (t.c)",
     "t has no column “x”"},
    {COLUMN ("\"class\": \"of\", \"table\": \"z\", \"column\": \"x\""), "/tables/0/columns/0 (t.c)",
     "neither a table that t follows nor one of its picks"},
    {COLUMN ("\"class\": \"join\", \"parts\": [7]"), "/tables/0/columns/0/parts/0 (t.c)",
     "or a text"},
    {COLUMN ("\"class\": \"choice\", \"of\": [{\"class\": \"phone\", \"weight\": 0}]"),
     "/tables/0/columns/0/of/0/weight (t.c)", "is not from 1"},
    {COLUMN ("\"class\": \"when\", \"column\": \"c\""), "/tables/0/columns/0/is (t.c)",
     "must be an object"},
    {COLUMN ("\"class\": \"phone\", \"defects\": [{\"kind\": \"nul\", \"rate\": \"1/2\"}]"),
     "/tables/0/columns/0/defects/0/kind (t.c)", "no kind of defect"},
    {COLUMN ("\"class\": \"phone\", \"defects\": [{\"kind\": \"values\", \"rate\": \"1/2\"}]"),
     "/tables/0/columns/0/defects/0/values (t.c)", "are needed"},
};

static void
faults_are_told_by_place (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = write_settings (fixture, faults[i].text);
      g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;
      g_autofree char *begin = g_strdup_printf ("%s: %s", path, faults[i].place);
      gboolean told = FALSE;

      g_assert_null (slip_generate_settings_load (path, NULL, found, &error));
      g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION);
      for (guint k = 0; k < found->len; k++)
        {
          const char *text = g_ptr_array_index (found, k);

          told = told
                 || ((g_str_has_prefix (text, begin)
                      || g_str_equal (faults[i].place, "settings.json"))
                     && strstr (text, faults[i].says) != NULL);
        }
      if (!told)
        g_error ("%s\nis not told as “%s … %s” but: %s", faults[i].text, faults[i].place,
                 faults[i].says, error->message);
    }
}

static void
faults_are_told_all_at_once (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_settings (
      fixture,
      COLUMNS ("{\"name\": \"a\", \"class\": \"odd\"}, {\"name\": \"b\", \"class\": \"of\", "
               "\"column\": \"z\"}, {\"name\": \"c\", \"class\": \"phone\", \"kind\": 1}"));
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_generate_settings_load (path, NULL, found, &error));
  g_assert_cmpuint (found->len, ==, 3);
  g_clear_error (&error);
  g_assert_null (slip_generate_settings_load ("/nonexistent.json", NULL, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND);
}

static void
data_of_others_is_not_replaced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipGenerateSettings) settings = load (fixture->settings);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_cmpint (g_mkdir (fixture->output, 0700), ==, 0);
  write_text (fixture->output, "member.csv", "precious\n");
  g_assert_false (slip_generate (settings, 1, 1, fixture->output, NULL, NULL, NULL, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "member.csv"));
  text = read_bytes (fixture->output, "member.csv", NULL);
  g_assert_cmpstr (text, ==, "precious\n");
}

static void
cancel_now (const char *table, guint tables, guint64 rows, gpointer data)
{
  if (tables == 3)
    g_cancellable_cancel (data);
}

static void
what_was_not_finished_is_replaced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipGenerateSettings) settings = load (fixture->settings);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *manifest = g_build_filename (fixture->output, "MANIFEST.tsv", NULL);
  g_autofree char *member = g_build_filename (fixture->output, "member.csv", NULL);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  g_assert_false (slip_generate (settings, 100, 1, fixture->output, cancel_now, cancellable,
                                 cancellable, &error));
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED);
  g_assert_true (g_file_test (member, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (manifest, G_FILE_TEST_EXISTS));
  generate (fixture->settings, 100, 1, fixture->output);
  one = digest (fixture->output);
  generate (fixture->settings, 100, 1, fixture->output);
  two = digest (fixture->output);
  g_assert_cmpstr (one, ==, two);
}

static void
note_memory (const char *table, guint tables, guint64 rows, gpointer data)
{
  struct mallinfo2 now = mallinfo2 ();
  gsize *most = data;

  *most = MAX (*most, now.uordblks + now.hblkhd);
}

static void
memory_does_not_grow_with_clients (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipGenerateSettings) settings = load (fixture->settings);
  g_autoptr (GError) error = NULL;
  gsize few = 0;
  gsize many = 0;

  slip_generate (settings, 100, 1, fixture->output, note_memory, &few, NULL, &error);
  g_assert_no_error (error);
  slip_generate (settings, 20000, 1, fixture->output, note_memory, &many, NULL, &error);
  g_assert_no_error (error);
  if (few == 0)
    {
      g_test_skip ("this allocator tells nothing of itself");
      return;
    }
  g_test_message ("%" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT " bytes", few, many);
  g_assert_cmpuint (many, <, few + 1024 * 1024);
}

#define ADD(name) g_test_add ("/migration/generate/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/migration/generate/random_is_splitmix64", random_is_splitmix64);
  ADD (same_seed_gives_same_bytes);
  ADD (bytes_are_those_of_every_machine);
  ADD (classes_give_what_they_say);
  ADD (columns_read_one_another);
  ADD (keys_agree_across_tables);
  ADD (files_have_the_form_they_say);
  ADD (defects_of_columns_are_planted_and_counted);
  ADD (defects_of_records_are_planted_and_counted);
  ADD (a_new_column_leaves_the_others_as_they_are);
  ADD (faults_are_told_by_place);
  ADD (faults_are_told_all_at_once);
  ADD (data_of_others_is_not_replaced);
  ADD (what_was_not_finished_is_replaced);
  ADD (memory_does_not_grow_with_clients);
  return g_test_run ();
}
