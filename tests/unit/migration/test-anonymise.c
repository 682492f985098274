/* SPDX-License-Identifier: MIT */
/* Claims of the anonymiser: the same salt gives the same, another gives another, what linked rows still links them, the form
 * stays and what somebody was called does not. */

#include "slip-anonymise.h"

#include <stdio.h>
#include <string.h>

#define SALT "0123456789abcdef0123456789abcdef"

static const char *const classes[]
    = {"key",      "given-name", "family-name", "full-name", "organisation", "address", "town",
       "postcode", "phone",      "email",       "date",      "time",         "number",  "text"};

static SlipAnonymiser *
with (const char *salt)
{
  return slip_anonymiser_new (salt, strlen (salt));
}

static char *
apply (const char *class_name, const char *value)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);

  return slip_anonymiser_apply (self, class_name, value, "anchor");
}

/* Letters as A or a, digits as 9; everything else as it is. */
static char *
form_of (const char *text)
{
  char *form = g_strdup (text);

  for (char *p = form; *p != '\0'; p++)
    *p = g_ascii_isdigit (*p) ? '9' : g_ascii_isupper (*p) ? 'A' : g_ascii_islower (*p) ? 'a' : *p;
  return form;
}

static void
test_same_salt_gives_the_same (void)
{
  g_autoptr (SlipAnonymiser) one = with (SALT);
  g_autoptr (SlipAnonymiser) same = with (SALT);
  g_autoptr (SlipAnonymiser) other = with ("another salt that is long enough");

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      const char *value
          = g_str_equal (classes[i], "date") ? "1987-06-05" : "Quentin 4711 Wexcombe 23";
      g_autofree char *first = slip_anonymiser_apply (one, classes[i], value, "x");
      g_autofree char *second = slip_anonymiser_apply (same, classes[i], value, "x");
      g_autofree char *third = slip_anonymiser_apply (one, classes[i], value, "x");

      g_assert_cmpstr (first, ==, second);
      g_assert_cmpstr (first, ==, third);
      g_assert_cmpstr (first, !=, value);
    }
  {
    g_autofree char *first = slip_anonymiser_apply (one, "key", "C0012345678", NULL);
    g_autofree char *second = slip_anonymiser_apply (other, "key", "C0012345678", NULL);

    g_assert_cmpstr (first, !=, second);
  }
}

/* All keys of a form: as many different ones come out, each of the form. */
static void
check_permutation (const char *format, guint from, guint to)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint same = 0;

  for (guint i = from; i < to; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s%u", format, i);
      g_autofree char *form = form_of (key);
      char *made = slip_anonymiser_apply (self, "key", key, NULL);
      g_autofree char *made_form = form_of (made);

      g_assert_cmpstr (made_form, ==, form);
      if (*format == '\0')
        g_assert_cmpint (*made, !=, '0');
      same += g_str_equal (key, made);
      g_assert_true (g_hash_table_add (seen, made));
    }
  g_assert_cmpuint (same, <, (to - from) / 10);
}

static void
test_keys_stay_apart (void)
{
  check_permutation ("", 100, 1000);
  check_permutation ("", 1000, 2000);
  check_permutation ("M-", 10, 100);
  /* More than one number holds. */
  check_permutation ("CASE/2022/ABCDEFGHIJKLMNOP/", 1000, 1400);
}

/* Each character's kind stays, whatever the alphabet: what one hash for all would give is not counted as a key. */
static void
test_keys_beyond_ascii_stay_apart (void)
{
  static const char *const heads[] = {"é",      "É",      "ж-",        "ß",
                                      "京",     "ª",      "e\xcc\x81", "é/ABCDEFGHIJKLMNOP/ø",
                                      "\u200b", "\u202e", "\u00ad",    "\U000e0051",
                                      "\ufe0e", "\u034f"};
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    for (guint j = 0; j < 300; j++)
      {
        g_autofree char *key = g_strdup_printf ("%s%u", heads[i], j);
        char *made = slip_anonymiser_apply (self, "key", key, NULL);
        const char *p = made;

        g_assert_true (g_utf8_validate (made, -1, NULL));
        g_assert_cmpuint (strlen (made), ==, strlen (key));
        for (const char *q = key; *q != '\0'; q = g_utf8_next_char (q), p = g_utf8_next_char (p))
          g_assert_cmpint (g_unichar_type (g_utf8_get_char (p)), ==,
                           g_unichar_type (g_utf8_get_char (q)));
        g_assert_true (g_hash_table_add (seen, made));
      }
  {
    g_autofree char *one = apply ("key", "é");
    g_autofree char *other = apply ("key", "京都");

    g_assert_cmpstr (one, !=, "é");
    g_assert_cmpstr (other, !=, "京都");
  }
}

static void
test_keys_that_begin_with_0_go_on_to_do_so (void)
{
  g_autofree char *key = apply ("key", "00417");
  g_autofree char *zero = apply ("key", "000");

  g_assert_cmpint (key[0], ==, '0');
  g_assert_cmpuint (strlen (key), ==, 5);
  g_assert_cmpstr (zero, ==, "000");
}

static void
test_blanks_and_white_space_stay (void)
{
  static const char *const blanks[]
      = {"", " ", "nan", "NaT", "<NA>", "None", "-", "0", "0.00", "--/--"};

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (blanks); j++)
      {
        g_autofree char *made = apply (classes[i], blanks[j]);

        g_assert_cmpstr (made, ==, blanks[j]);
      }
  {
    g_autofree char *bare = apply ("key", "B412");
    g_autofree char *padded = apply ("key", " B412  ");
    g_autofree char *expected = g_strdup_printf (" %s  ", bare);

    g_assert_cmpstr (padded, ==, expected);
  }
  {
    g_autofree char *kept = apply ("keep", " as it is ");
    g_autofree char *blank = apply ("blank", "gone");

    g_assert_cmpstr (kept, ==, " as it is ");
    g_assert_cmpstr (blank, ==, "");
  }
}

static void
test_names_agree_between_columns (void)
{
  g_autofree char *given = apply ("given-name", "MARGARET");
  g_autofree char *family = apply ("family-name", "Wexcombe");
  g_autofree char *full = apply ("full-name", "Mrs Margaret Wexcombe");
  g_auto (GStrv) words = g_strsplit (full, " ", -1);
  g_autofree char *upper = g_utf8_strup (words[1], -1);

  g_assert_cmpuint (g_strv_length (words), ==, 3);
  g_assert_cmpstr (words[0], ==, "Mrs");
  g_assert_cmpstr (upper, ==, given);
  g_assert_cmpstr (words[2], ==, family);
  g_assert_null (strcasestr (full, "margaret"));
}

static void
test_addresses_keep_what_is_no_ones (void)
{
  g_autofree char *made = apply ("address", "Flat 12, 7 Wexcombe Road");
  g_autofree char *form = form_of (made);

  g_assert_true (g_str_has_prefix (made, "Flat "));
  g_assert_true (g_str_has_suffix (made, " Road"));
  g_assert_true (g_str_has_prefix (form, "Aaaa 99, 9 A"));
  g_assert_null (strstr (made, "Wexcombe"));
}

static void
test_postcodes_and_numbers_are_nobodys (void)
{
  g_autofree char *postcode = apply ("postcode", "sw1A 2aa");
  g_autofree char *form = form_of (postcode);
  static const char *const forms[][2] = {{"+44 (0)7911 123456", "+44 (0)7700 900"},
                                         {"0044 7911 123456", "0044 7700 900"},
                                         {"00 44 (0) 20 7946 0018", "00 44 (0) 16 3296 0"},
                                         {"07911 123456 ext 5", "07700 900"},
                                         {"020 7946 0018 x4711", "016 3296 0"}};
  g_autofree char *mobile = apply ("phone", "07911 123456");
  g_autofree char *fixed = apply ("phone", "+44 (20) 7946 0018");
  g_autofree char *other = apply ("phone", "ext. 4711");
  g_autofree char *mail = apply ("email", "Quentin@wexcombe.co.uk; q2@work.gov.uk");

  g_assert_cmpstr (form, ==, "aa9A 9aa");
  g_assert_nonnull (strchr ("qvx", postcode[0]));
  g_assert_true (g_str_has_prefix (mobile, "07700 900"));
  g_assert_true (g_str_has_prefix (fixed, "+44 (16) 3296 0"));
  g_assert_cmpuint (strlen (fixed), ==, strlen ("+44 (20) 7946 0018"));
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *made = apply ("phone", forms[i][0]);

      g_assert_true (g_str_has_prefix (made, forms[i][1]));
      g_assert_cmpuint (strlen (made), ==, strlen (forms[i][0]));
    }
  g_assert_cmpstr (other, !=, "ext. 4711");
  g_assert_nonnull (strstr (mail, ".example; "));
  g_assert_true (g_str_has_suffix (mail, ".example"));
  g_assert_null (strcasestr (mail, "wexcombe"));
}

static gint64
day_of (const char *text)
{
  GDate date;

  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay)atoi (text + 8), (GDateMonth)atoi (text + 5),
                  (GDateYear)atoi (text));
  g_assert_true (g_date_valid (&date));
  return g_date_get_julian (&date);
}

static void
test_dates_move_together (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autofree char *one = slip_anonymiser_apply (self, "date", "2020-02-29", "case");
  g_autofree char *two = slip_anonymiser_apply (self, "date", "2020-03-10 11:12:13", "case");
  g_autofree char *compact = slip_anonymiser_apply (self, "date", "20200229", "case");
  g_autofree char *british = slip_anonymiser_apply (self, "date", "29/02/2020", "case");
  g_autofree char *american = slip_anonymiser_apply (self, "date", "02/29/2020", "case");
  g_autofree char *forever = slip_anonymiser_apply (self, "date", "9999-12-31", "case");
  g_autofree char *clock = slip_anonymiser_apply (self, "time", "11:12:13", "case");
  g_autofree char *expected = NULL;

  g_assert_cmpstr (one, !=, "2020-02-29");
  g_assert_cmpint (ABS (day_of (one) - day_of ("2020-02-29")), <=, 90);
  g_assert_cmpint (day_of (two) - day_of (one), ==, 10);
  g_assert_cmpstr (two + 11, ==, clock);
  expected = g_strdup_printf ("%.4s%.2s%.2s", one, one + 5, one + 8);
  g_assert_cmpstr (compact, ==, expected);
  g_free (g_steal_pointer (&expected));
  expected = g_strdup_printf ("%.2s/%.2s/%.4s", one + 8, one + 5, one);
  g_assert_cmpstr (british, ==, expected);
  g_free (g_steal_pointer (&expected));
  expected = g_strdup_printf ("%.2s/%.2s/%.4s", one + 5, one + 8, one);
  g_assert_cmpstr (american, ==, expected);
  g_assert_cmpstr (forever, ==, "9999-12-31");
}

static void
test_dates_of_others_move_apart (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  guint same = 0;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *anchor = g_strdup_printf ("case %u", i);
      g_autofree char *one = slip_anonymiser_apply (self, "date", "2001-01-01", "case");
      g_autofree char *other = slip_anonymiser_apply (self, "date", "2001-01-01", anchor);

      same += g_str_equal (one, other);
    }
  g_assert_cmpuint (same, <, 10);
}

static gint
second_of (const char *text)
{
  guint hour = 0, minute = 0, second = 0;

  g_assert_cmpint (sscanf (text, "%2u:%2u:%2u", &hour, &minute, &second), >=, 2);
  g_assert_cmpuint (hour, <, 24);
  g_assert_cmpuint (minute, <, 60);
  g_assert_cmpuint (second, <, 60);
  return (gint)((hour * 60 + minute) * 60 + second);
}

static void
test_times_move_together (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autofree char *one = slip_anonymiser_apply (self, "time", "09:43:07", "case");
  g_autofree char *two = slip_anonymiser_apply (self, "time", "10:44:08.125", "case");
  g_autofree char *other = slip_anonymiser_apply (self, "time", "09:43:07", "another");
  g_autofree char *short_one = slip_anonymiser_apply (self, "time", "9:43", "case");
  g_autofree char *none = slip_anonymiser_apply (self, "time", "25:00:01", "case");

  g_assert_cmpint (ABS (second_of (one) - second_of ("09:43:07")), >, 60);
  g_assert_cmpint (ABS (second_of (one) - second_of ("09:43:07")), <=, 3600);
  g_assert_cmpint (second_of (two) - second_of (one), ==, 3661);
  g_assert_cmpuint (strlen (two), ==, strlen ("10:44:08.125"));
  g_assert_false (g_str_has_suffix (two, ".125"));
  g_assert_cmpstr (one, !=, other);
  g_assert_cmpint (ABS (second_of (short_one) - second_of (one)), <, 60);
  g_assert_cmpstr (none, !=, "25:00:01");
  /* Around midnight it is a time as well. */
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *anchor = g_strdup_printf ("case %u", i);
      g_autofree char *late = slip_anonymiser_apply (self, "time", "23:59:59", anchor);
      g_autofree char *early = slip_anonymiser_apply (self, "time", "00:00:01", anchor);

      g_assert_cmpuint (strlen (late), ==, 8);
      g_assert_cmpint ((second_of (early) - second_of (late) + 86400) % 86400, ==, 2);
    }
}

static const char *const clock_zones[] = {"", "Z", " UTC", "+01:00", "-0130", "+05"};
static const char *const clock_days[]
    = {"2022-06-15", "20220615",   "15/06/2022", "06/15/2022", "5.6.2022",  "1799-01-01",
       "0001-01-01", "0001-01-02", "1900-01-01", "9999-12-31", "9999-01-01"};

/* A clock, with a fraction of as many digits as @i says. */
static char *
make_clock (GRand *chance, guint i)
{
  char *clock = g_strdup_printf ("%02d:%02d:%02d.%09d", g_rand_int_range (chance, 0, 24),
                                 g_rand_int_range (chance, 0, 60), g_rand_int_range (chance, 1, 60),
                                 g_rand_int_range (chance, 100000000, 1000000000));

  clock[8 + (i % 10 > 0 ? i % 10 + 1 : 0)] = '\0';
  return clock;
}

/* Neither to the second nor behind it does a clock come out of any class, alone or behind a day, whichever day that is. */
static void
test_no_clock_comes_out (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autoptr (GRand) chance = g_rand_new_with_seed (4711);

  for (guint i = 0; i < 6000; i++)
    {
      const char *class_name = classes[i % G_N_ELEMENTS (classes)];
      g_autofree char *anchor = g_strdup_printf ("case %u", i % 20);
      g_autofree char *clock = make_clock (chance, i);
      g_autofree char *text
          = g_strconcat (i % 12 == 11 ? "" : clock_days[i % 12 % G_N_ELEMENTS (clock_days)],
                         i % 12 == 11 ? ""
                         : i % 5 == 0 ? "T"
                                      : " ",
                         clock, clock_zones[i / 7 % G_N_ELEMENTS (clock_zones)], NULL);
      g_autofree char *made = slip_anonymiser_apply (self, class_name, text, anchor);
      g_autofree char *second = g_strndup (clock, 8);

      if (strstr (made, second) != NULL
          || (strlen (clock) > 13 && strstr (made, clock + 9) != NULL))
        g_error ("%s: “%s” became “%s”", class_name, text, made);
    }
}

/* What is found by one key moves together, whether the day stands in front of a clock or in another column; the day moves as
 * it does alone, the zone stays, and what comes out is a clock of as many digits. */
static void
test_clocks_behind_days_move_as_those_alone (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autoptr (GRand) chance = g_rand_new_with_seed (4711);

  for (guint i = 0; i < 4000; i++)
    {
      const char *day = clock_days[i % G_N_ELEMENTS (clock_days)];
      const char *between = i % 3 == 0 ? "T" : i % 3 == 1 ? " " : "  ";
      const char *zone = clock_zones[i % G_N_ELEMENTS (clock_zones)];
      g_autofree char *anchor = g_strdup_printf ("case %u", i % 20);
      g_autofree char *clock = make_clock (chance, i);
      g_autofree char *whole = g_strconcat (clock, zone, NULL);
      g_autofree char *text = g_strconcat (day, between, whole, NULL);
      g_autofree char *made = slip_anonymiser_apply (self, "date", text, anchor);
      g_autofree char *made_day = slip_anonymiser_apply (self, "date", day, anchor);
      g_autofree char *made_clock = slip_anonymiser_apply (self, "time", whole, anchor);
      g_autofree char *expected = g_strconcat (made_day, between, made_clock, NULL);
      g_autofree char *form = form_of (whole);
      g_autofree char *made_form = form_of (made_clock);
      gint moved = second_of (made_clock) - second_of (clock);

      g_assert_true (g_str_has_suffix (made, strchr (expected, *between)));
      if (ABS (moved) <= 3600)
        g_assert_cmpstr (made, ==, expected);
      g_assert_cmpstr (made_form, ==, form);
      g_assert_true (g_str_has_suffix (made_clock, zone));
      moved = MIN ((moved + 86400) % 86400, (86400 - moved) % 86400);
      g_assert_cmpint (moved, >, 60);
      g_assert_cmpint (moved, <=, 3600);
    }
}

/* Also over midnight, and over the end of a year. */
static void
test_moments_keep_their_distances (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autoptr (GRand) chance = g_rand_new_with_seed (4711);
  guint n_passed = 0;

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *anchor = g_strdup_printf ("case %u", i % 20);
      g_autoptr (GDateTime) first
          = g_date_time_new_from_unix_utc (g_rand_int_range (chance, 1000000000, 1700000000) | 1);
      g_autoptr (GDateTime) second
          = g_date_time_add_seconds (first, g_rand_int_range (chance, 1, 7200) * 2);
      g_autofree char *one = g_date_time_format (first, "%Y-%m-%dT%H:%M:%SZ");
      g_autofree char *other = g_date_time_format (second, "%Y-%m-%dT%H:%M:%SZ");
      g_autofree char *made_one = slip_anonymiser_apply (self, "date", one, anchor);
      g_autofree char *made_other = slip_anonymiser_apply (self, "date", other, anchor);
      g_autoptr (GDateTime) moved_first = g_date_time_new_from_iso8601 (made_one, NULL);
      g_autoptr (GDateTime) moved_second = g_date_time_new_from_iso8601 (made_other, NULL);

      g_assert_nonnull (moved_first);
      g_assert_nonnull (moved_second);
      g_assert_cmpint (g_date_time_difference (moved_second, moved_first), ==,
                       g_date_time_difference (second, first));
      n_passed += g_date_time_get_day_of_month (first) != g_date_time_get_day_of_month (second);
    }
  g_assert_cmpuint (n_passed, >, 50);
}

/* Midnight is what a day without a clock has, and the last moment of all means what its day does. */
static void
test_clocks_that_say_nothing_stay (void)
{
  static const char *const dates[]
      = {"",           " 00:00",       "T00:00:00",    " 00:00:00.000000",
         " 0:00:00.0", "T00:00:00Z",   " 00:00:00+01", " 12:00:00 AM",
         " 12:00 am",  " 00:00:00,00", "  00:00:00",   " 00:00:00.000-0130"};
  static const char *const forever[] = {"9999-12-31 23:59:59", "9999-12-31T23:59:59.999999Z",
                                        "31/12/9999 23:59", "9999-12-31 23:59:59.000+00"};
  g_autofree char *day = apply ("date", "2020-02-29");

  for (guint i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      g_autofree char *text = g_strconcat ("2020-02-29", dates[i], NULL);
      g_autofree char *made = apply ("date", text);
      g_autofree char *expected = g_strconcat (day, dates[i], NULL);
      g_autofree char *alone = apply ("time", dates[i] + (*dates[i] == 'T' ? 1 : 0));

      g_assert_cmpstr (made, ==, expected);
      g_assert_cmpstr (alone, ==, dates[i] + (*dates[i] == 'T' ? 1 : 0));
    }
  for (guint i = 0; i < G_N_ELEMENTS (forever); i++)
    {
      g_autofree char *made = apply ("date", forever[i]);

      g_assert_cmpstr (made, ==, forever[i]);
    }
}

/* One moment becomes one, with however many digits it is written; another second's fraction becomes another. */
static void
test_fractions_stay_fractions (void)
{
  static const char *const clocks[] = {"09:43:07.120000000", "09:43:07.120", "09:43:07.12"};
  g_autofree char *first = apply ("time", clocks[0]);
  g_autofree char *other = apply ("time", "09:43:08.12");
  g_autofree char *whole = apply ("time", "09:43:07.000000");

  g_assert_true (g_str_has_suffix (first, "0000000"));
  g_assert_cmpint (first[10], !=, '0');
  g_assert_true (g_str_has_suffix (whole, ".000000"));
  g_assert_true (strncmp (first, whole, 8) == 0);
  for (guint i = 1; i < G_N_ELEMENTS (clocks); i++)
    {
      g_autofree char *made = apply ("time", clocks[i]);

      g_assert_cmpuint (strlen (made), ==, strlen (clocks[i]));
      g_assert_true (strncmp (made, first, strlen (made)) == 0);
    }
  g_assert_cmpint (strncmp (other + 9, first + 9, 2), !=, 0);
  /* A single digit is another one always. */
  for (guint i = 1; i < 10; i++)
    for (guint j = 0; j < 20; j++)
      {
        g_autoptr (SlipAnonymiser) self = with (SALT);
        g_autofree char *anchor = g_strdup_printf ("case %u", j);
        g_autofree char *clock = g_strdup_printf ("09:43:07.%u", i);
        g_autofree char *made = slip_anonymiser_apply (self, "time", clock, anchor);

        g_assert_cmpint (made[9], !=, clock[9]);
        g_assert_cmpint (made[9], !=, '0');
      }
}

/* The last moment of a day and a second that was put in are moments to a database, and become some that each day has. */
static void
test_moments_that_few_days_have_become_any (void)
{
  static const char *const texts[] = {"2016-12-31 23:59:60", "2016-12-31 24:00:00",
                                      "2016-12-31 24:00", "2016-12-31T23:59:60.5Z"};

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint j = 0; j < 50; j++)
      {
        g_autoptr (SlipAnonymiser) self = with (SALT);
        g_autofree char *anchor = g_strdup_printf ("case %u", j);
        g_autofree char *day = slip_anonymiser_apply (self, "date", "2016-12-31", anchor);
        g_autofree char *next = slip_anonymiser_apply (self, "date", "2017-01-01", anchor);
        g_autofree char *made = slip_anonymiser_apply (self, "date", texts[i], anchor);

        g_assert_true (g_str_has_prefix (made, second_of (made + 11) > 43200 ? day : next));
        g_assert_cmpuint (strlen (made), ==, strlen (texts[i]));
        g_assert_cmpint (second_of (made + 11), >=, 0);
      }
}

static void
test_what_is_no_date_is_scrambled (void)
{
  g_autofree char *words = apply ("date", "see Wexcombe");
  g_autofree char *never = apply ("date", "31/02/2020");

  g_assert_null (strstr (words, "Wexcombe"));
  g_assert_cmpstr (never, !=, "31/02/2020");
}

/* What a class knows by its beginning is not all that stands in the field: a comment typed behind a date is text. */
static void
test_nothing_behind_a_known_form_comes_out (void)
{
  static const char *const forms[] = {"2020-02-29",
                                      "2020/03/10 11:12:13",
                                      "20200229",
                                      "01/02/1980",
                                      "5.6.2022",
                                      "9999-12-31",
                                      "1900-01-01",
                                      "1799-01-01",
                                      "2020-01-02T03:04:05Z",
                                      "2020-01-02 03:04:05.123456+01:00",
                                      "09:43",
                                      "9:43:07.125 PM",
                                      "23:59:59+0100",
                                      "Mrs",
                                      "The Late Rev Dr",
                                      "7 High Street",
                                      "Flat 12, 7 Wexcombe Road",
                                      "The Green",
                                      "c/o",
                                      "SW1A 2AA",
                                      "07911 123456",
                                      "+44 (20) 7946 0018",
                                      "q@work.gov.uk",
                                      "mailto:q@work.gov.uk",
                                      "£1,234.56",
                                      "-12.50",
                                      "00417",
                                      "nan",
                                      "None",
                                      "000-000"};
  static const char *const behind[]
      = {"", " ", "  ", ", ", "; ", ",", "/", "\n", "\t", ".", ": ", " (", "T", " +", "\xc2\xa0"};
  static const char *const tails[]
      = {"Quentin Wexcombe",   "QUENTIN", "Lord Wexcombe", "Wexcombe Lord", "Hill", "Quentin Hill",
         "Quentin Green Lane", "Dame",    "Quentin Late",  "Zoë Wexcombe"};
  g_autoptr (SlipAnonymiser) self = with (SALT);

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (forms) * G_N_ELEMENTS (behind) * G_N_ELEMENTS (tails);
         j += 3)
      {
        const char *tail = tails[j % G_N_ELEMENTS (tails)];
        g_autofree char *text
            = g_strconcat (forms[j / G_N_ELEMENTS (tails) / G_N_ELEMENTS (behind)],
                           behind[j / G_N_ELEMENTS (tails) % G_N_ELEMENTS (behind)], tail, NULL);
        g_autofree char *made = slip_anonymiser_apply (self, classes[i], text, "anchor");
        g_auto (GStrv) words = g_strsplit (tail, " ", -1);
        g_auto (GStrv) out = g_str_tokenize_and_fold (made, NULL, NULL);

        for (guint k = 0; words[k] != NULL; k++)
          {
            g_autofree char *word = g_utf8_casefold (words[k], -1);

            if (g_strv_contains ((const char *const *)out, word))
              g_error ("%s: “%s” became “%s”", classes[i], text, made);
          }
      }
}

/* Class, text, and what must not be in what it becomes. */
static void
test_what_only_begins_as_one_is_none (void)
{
  static const char *const texts[][3] = {
      {"date", "01/02/1980 07700 123456", "07700"},
      {"date", "2010-05-05 11:12:13.07700123456", "07700123456"},
      {"date", "2010-05-05 25:12:13", "25:12"},
      {"date", "1799-01-01T11:22:33", "11:22:33"},
      {"date", "0001-01-01 07:43:21", "07:43:21"},
      {"date", "1900-01-01 07:43", "07:43"},
      {"date", "9999-12-31 23:59:59.5", "23:59:59"},
      {"date", "9999-12-31 23:59:59.900000", "23:59:59"},
      {"date", "9999-01-01 23:59:59", "23:59:59"},
      {"date", "2022-06-15 12:00:00 PM", "12:00:00"},
      {"time", "00:00:00.001", ".001"},
      {"date", "2010-05-05T", "2010-05-05"},
      {"date", "2020-01-02 03:04:05+01:", "03:04:05"},
      {"date", "1799-06-05", "1799-06-05"},
      {"date", "9999-06-05", "06-05"},
      {"date", "0001-01-02", "0001-01-02"},
      {"date", "0975-06-05 00:00:00", "-06-05"},
      {"time", "09:43 07700 123456", "07700"},
      {"time", "09:43:07.07700123456", "07700123456"},
      {"full-name", "John Lord", "Lord"},
      {"full-name", "Mr Lord Late", "Lord"},
      {"full-name", "Mr Lord Late", "Late"},
      {"full-name", "Lord, John", "Lord"},
      {"full-name", "Lord J.", "Lord"},
      {"full-name", "LORD MRS MARY", "LORD"},
      {"full-name", "Mr Lord Smith", "Lord"},
      {"full-name", "Lord", "Lord"},
      {"full-name", "Dr Sir Dame", "Dame"},
      {"full-name", "The Late", "Late"},
      {"address", "The Green Hill House", "Green"},
      {"address", "The Green Hill House", "Hill"},
      {"address", "Mary Hill", "Hill"},
      {"address", "12 Park Lane", "Park"},
      {"address", "c/o Glenn Close, 7 High Street", "Close"},
      {"address", "Box J", "Box"},
      {"address", "High Street", "High"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *made = apply (texts[i][0], texts[i][1]);

      if (strstr (made, texts[i][2]) != NULL)
        g_error ("%s: “%s” became “%s”", texts[i][0], texts[i][1], made);
    }
}

/* Letters in circles are symbols to Unicode, and can be read all the same. */
static void
test_what_is_written_with_symbols_does_not_stay (void)
{
  static const char *const texts[]
      = {"Ⓜⓐⓡⓨ", "🅜🅐🅡🅨", "⠍⠁⠗⠽", "🇲🇦🇷🇾", "\xee\x80\x81\xee\x80\x82\xee\x80\x83"};

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
      {
        g_autofree char *text = g_strdup_printf ("01/02/1980 %s", texts[j]);
        g_autofree char *made = apply (classes[i], texts[j]);
        g_autofree char *behind = apply (classes[i], text);

        g_assert_null (strstr (made, texts[j]));
        g_assert_null (strstr (behind, texts[j]));
      }
}

static gboolean
is_hidden (gunichar c)
{
  return g_unichar_type (c) == G_UNICODE_FORMAT || (c >= 0x7f && c <= 0x9f) || c == 0x34f
         || c == 0x17b4 || c == 0x17b5 || (c >= 0xfe00 && c <= 0xfe0f)
         || (c >= 0xe0100 && c <= 0xe01ef);
}

/* What nobody sees can be read by a program all the same: tags are ASCII, and of two blanks without a width the one is 0
 * and the other 1. */
static void
test_what_nobody_sees_does_not_stay (void)
{
  static const char *const hidden[]
      = {"\U000e004d\U000e0061\U000e0072\U000e0079", "\u200b\u200c\u200c\u200b\u200d\u2060",
         "\u202a\u202b\u202d\u202e\u202c",           "\u2066\u2067\u2068\u2069",
         "\u00ad\u061c\u200e\u200f\ufeff",           "\ufe00\ufe0f\U000e0100\U000e01ef\u034f",
         "\u17b4\u17b5\u17b4\u17b4\u17b5\u17b5",     "\xc2\x81\xc2\x82\xc2\x9f"};
  g_autoptr (SlipAnonymiser) self = with (SALT);

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (hidden); j++)
      {
        gboolean apart = g_str_equal (classes[i], "key") || g_str_equal (classes[i], "number");
        g_autofree char *text
            = g_strdup_printf ("%s15/06/2022%s 09:43%s", hidden[j], hidden[j], hidden[j]);
        g_autofree char *made = slip_anonymiser_apply (self, classes[i], text, "anchor");
        g_autofree char *bare
            = slip_anonymiser_apply (self, classes[i], "15/06/2022 09:43", "anchor");
        g_autofree char *alone = slip_anonymiser_apply (self, classes[i], hidden[j], "anchor");

        g_assert_null (strstr (made, hidden[j]));
        g_assert_cmpstr (alone, !=, hidden[j]);
        if (apart)
          {
            g_assert_cmpuint (strlen (alone), ==, strlen (hidden[j]));
            for (const char *p = alone; *p != '\0'; p = g_utf8_next_char (p))
              g_assert_true (is_hidden (g_utf8_get_char (p)));
          }
        else
          {
            g_assert_cmpstr (made, ==, bare);
            g_assert_cmpstr (alone, ==, "\u200b");
          }
      }
  {
    g_autofree char *kept = apply ("keep", hidden[0]);
    g_autofree char *blank = apply ("blank", hidden[0]);
    g_autofree char *spaces = apply ("text", "  \u2060 ");
    g_autofree char *control = apply ("address", "12\001\177\002 High\tSt");
    g_autofree char *without = apply ("address", "12 High\tSt");

    g_assert_cmpstr (control, ==, without);
    g_assert_cmpstr (kept, ==, hidden[0]);
    g_assert_cmpstr (blank, ==, "");
    g_assert_cmpstr (spaces, ==, "   \u200b");
  }
}

/* Vowels and digits above and beside letters, and what gives a picture the colour of somebody's skin. */
static void
test_marks_that_say_something_do_not_stay (void)
{
  static const char *const marks[]
      = {"\u0363\u0364\u0365", "\u093e\u093f\u0940", "\ua8e1\ua8e2\ua8e3", "\u05b0\u05b4\u05b8",
         "\U0001f3fe\U0001f3ff"};
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autofree char *accent = apply ("text", "x\u0301");

  g_assert_true (g_str_has_suffix (accent, "\u0301"));
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (marks); j++)
      {
        g_autofree char *alone = slip_anonymiser_apply (self, classes[i], marks[j], "anchor");
        g_autofree char *text = g_strconcat ("15/06/2022 ", marks[j], NULL);
        g_autofree char *made = slip_anonymiser_apply (self, classes[i], text, "anchor");

        /* Of few others of its kind one may become itself there. */
        if (g_str_equal (classes[i], "key") || g_str_equal (classes[i], "number"))
          continue;
        g_assert_cmpstr (alone, !=, marks[j]);
        g_assert_cmpuint (strlen (alone), <=, strlen (marks[j]) + 32);
        if (strstr (made, marks[j]) != NULL)
          g_error ("%s: “%s” became “%s”", classes[i], text, made);
      }
}

/* A name of two characters for é is that of one, and a postcode is the same without its blank and in small letters. */
static void
test_what_is_written_otherwise_is_the_same (void)
{
  g_autofree char *composed = apply ("given-name", "Jos\u00e9");
  g_autofree char *decomposed = apply ("given-name", "Jose\u0301");
  g_autofree char *large = apply ("postcode", "SW1A 1AA");
  g_autofree char *small = apply ("postcode", "sw1a1aa");
  g_autofree char *folded = g_ascii_strup (small, -1);
  g_auto (GStrv) parts = g_strsplit (large, " ", -1);
  g_autofree char *whole = g_strjoinv (NULL, parts);

  g_assert_cmpstr (composed, ==, decomposed);
  g_assert_cmpstr (folded, ==, whole);
}

/* A moment is one, of twelve hours and of twenty-four. */
static void
test_clocks_of_twelve_hours_move_as_those_of_twenty_four (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);

  for (guint i = 1; i < 24 * 60; i += 7)
    {
      guint hour = i / 60;
      g_autofree char *anchor = g_strdup_printf ("case %u", i % 13);
      g_autofree char *clock = g_strdup_printf ("%02u:%02u:07.25", hour, i % 60);
      g_autofree char *other = g_strdup_printf (
          "%02u:%02u:07.25 %s", hour % 12 == 0 ? 12 : hour % 12, i % 60, hour < 12 ? "am" : "PM");
      g_autofree char *made = slip_anonymiser_apply (self, "time", clock, anchor);
      g_autofree char *twelve = slip_anonymiser_apply (self, "time", other, anchor);
      guint made_hour = (guint)g_ascii_strtoull (made, NULL, 10);
      gboolean small = hour < 12;
      g_autofree char *expected
          = g_strdup_printf ("%02u%s %s", made_hour % 12 == 0 ? 12 : made_hour % 12, made + 2,
                             made_hour < 12 ? small ? "am" : "AM"
                             : small        ? "pm"
                                            : "PM");

      g_assert_cmpstr (twelve, ==, expected);
    }
}

/* A word for each apostrophe, each with all the others behind it: in the square of their number it took minutes. */
static void
test_long_texts_take_as_long_as_they_are (void)
{
  g_autoptr (GString) text = g_string_new ("x");
  g_autofree char *names = NULL;
  g_autofree char *address = NULL;

  for (guint i = 0; i < 200000; i++)
    g_string_append (text, " '");
  names = apply ("full-name", text->str);
  address = apply ("address", text->str);
  g_assert_cmpuint (strlen (names), ==, text->len);
  g_assert_cmpuint (strlen (address), ==, text->len);
}

/* What is one as a whole goes on to be one, whatever clock and zone it has. */
static void
test_what_is_one_as_a_whole_stays_one (void)
{
  static const char *const dates[]
      = {" 11:12",        "T03:04:05Z",    "T03:04:05.123456789+01:00", "  9:05", " 03:04:05 PM",
         " 03:04:05 UTC", " 03:04:05-0130"};
  static const char *const texts[][3] = {
      {"full-name", "Lord Wexcombe", "Lord "},
      {"full-name", "The Late Lord Wexcombe", "The Late Lord "},
      {"full-name", "Mr and Mrs Wexcombe", "Mr and Mrs "},
      {"full-name", "Mr. J", "Mr. "},
      {"full-name", "Rev Dr Wexcombe", "Rev Dr "},
      {"address", "Flat B, Wexcombe", "Flat "},
      {"address", "PO Box 12", "PO Box "},
      {"date", "9999-12-31 00:00:00", "9999-12-31 00:00:00"},
      {"date", "1799-01-01T11:22:33", "1799-01-01T"},
      {"date", "0001-01-01 07:43:21", "0001-01-01 "},
      {"date", "1900-01-01", "1900-01-01"},
      {"date", "31/12/9999", "31/12/9999"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      g_autofree char *text = g_strconcat ("2020-02-29", dates[i], NULL);
      g_autofree char *made = apply ("date", text);
      g_autofree char *day = apply ("date", "2020-02-29");
      gsize between = strcspn (dates[i], "0123456789");
      g_autofree char *clock = apply ("time", dates[i] + between);
      g_autofree char *expected = g_strdup_printf ("%s%.*s%s", day, (int)between, dates[i], clock);

      g_assert_cmpstr (made, ==, expected);
      g_assert_cmpint (ABS (second_of (clock) - second_of (dates[i] + between)), >=, 60);
    }
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *made = apply (texts[i][0], texts[i][1]);

      g_assert_cmpstr (strstr (made, texts[i][2]), ==, made);
    }
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (SlipAnonymiser) self = with (SALT);
      g_autofree char *anchor = g_strdup_printf ("case %u", i);
      g_autofree char *made = slip_anonymiser_apply (self, "time", "12:03:07 pm", anchor);
      gint seconds = second_of (made);

      g_assert_true (g_str_has_suffix (made, seconds / 3600 == 11 ? " am" : " pm"));
      g_assert_cmpint (seconds, >=, 3600);
      g_assert_cmpint (seconds, <, 13 * 3600);
    }
}

/* Whatever there is, and what is nearly a moment, goes through every class as text of the same encoding, with nothing that
 * nobody sees. */
static void
test_any_text_goes_through_every_class (void)
{
  g_autoptr (SlipAnonymiser) self = with (SALT);
  g_autoptr (GRand) chance = g_rand_new_with_seed (4711);

  for (guint i = 0; i < 4000; i++)
    {
      const char *class_name = classes[i % G_N_ELEMENTS (classes)];
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *made = NULL;
      gint n = g_rand_int_range (chance, 0, 40);
      const char *near = g_rand_boolean (chance) ? "2022-06-15 09:43:07.5" : "";

      g_string_append (text, near);
      for (gint j = 0; j < n && *near != '\0'; j++)
        text->str[g_rand_int_range (chance, 0, (gint)text->len)]
            = "0123456789:-./, T+ZAPMm"[g_rand_int_range (chance, 0, 23)];
      for (gint j = 0; j < n && *near == '\0'; j++)
        {
          gunichar c = g_rand_boolean (chance) ? (gunichar)g_rand_int_range (chance, 32, 127)
                                               : (gunichar)g_rand_int_range (chance, 1, 0x1ffff);

          if (g_unichar_validate (c))
            g_string_append_unichar (text, c);
        }
      made = slip_anonymiser_apply (self, class_name, text->str, "x");
      g_assert_true (g_utf8_validate (made, -1, NULL));
      if (!g_str_equal (class_name, "key") && !g_str_equal (class_name, "number"))
        for (const char *p = made; *p != '\0'; p = g_utf8_next_char (p))
          g_assert_false (is_hidden (g_utf8_get_char (p)) && strlen (made) > 3);
    }
}

static void
test_free_text_loses_every_letter_order (void)
{
  g_autofree char *made = apply ("text", "Phoned Mr Wexcombe on 020 7946 0018; naïve façade");
  g_autofree char *form = form_of (made);

  g_assert_null (strstr (made, "Wexcombe"));
  g_assert_null (strstr (made, "7946"));
  g_assert_true (g_str_has_prefix (form, "Aaaaaa Aa Aaaaaaaa aa 999 9999 9999; "));
  g_assert_cmpuint (strlen (made), ==,
                    strlen ("Phoned Mr Wexcombe on 020 7946 0018; naïve façade"));
}

static void
test_unknown_class_lets_nothing_pass (void)
{
  g_assert_null (apply ("kep", "Wexcombe"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/migration/anonymise/same_salt_gives_the_same", test_same_salt_gives_the_same);
  g_test_add_func ("/migration/anonymise/keys_stay_apart", test_keys_stay_apart);
  g_test_add_func ("/migration/anonymise/keys_beyond_ascii_stay_apart",
                   test_keys_beyond_ascii_stay_apart);
  g_test_add_func ("/migration/anonymise/keys_that_begin_with_0_go_on_to_do_so",
                   test_keys_that_begin_with_0_go_on_to_do_so);
  g_test_add_func ("/migration/anonymise/blanks_and_white_space_stay",
                   test_blanks_and_white_space_stay);
  g_test_add_func ("/migration/anonymise/names_agree_between_columns",
                   test_names_agree_between_columns);
  g_test_add_func ("/migration/anonymise/addresses_keep_what_is_no_ones",
                   test_addresses_keep_what_is_no_ones);
  g_test_add_func ("/migration/anonymise/postcodes_and_numbers_are_nobodys",
                   test_postcodes_and_numbers_are_nobodys);
  g_test_add_func ("/migration/anonymise/dates_move_together", test_dates_move_together);
  g_test_add_func ("/migration/anonymise/dates_of_others_move_apart",
                   test_dates_of_others_move_apart);
  g_test_add_func ("/migration/anonymise/times_move_together", test_times_move_together);
  g_test_add_func ("/migration/anonymise/no_clock_comes_out", test_no_clock_comes_out);
  g_test_add_func ("/migration/anonymise/clocks_behind_days_move_as_those_alone",
                   test_clocks_behind_days_move_as_those_alone);
  g_test_add_func ("/migration/anonymise/clocks_that_say_nothing_stay",
                   test_clocks_that_say_nothing_stay);
  g_test_add_func ("/migration/anonymise/fractions_stay_fractions", test_fractions_stay_fractions);
  g_test_add_func ("/migration/anonymise/clocks_of_twelve_hours_move_as_those_of_twenty_four",
                   test_clocks_of_twelve_hours_move_as_those_of_twenty_four);
  g_test_add_func ("/migration/anonymise/what_is_written_otherwise_is_the_same",
                   test_what_is_written_otherwise_is_the_same);
  g_test_add_func ("/migration/anonymise/moments_keep_their_distances",
                   test_moments_keep_their_distances);
  g_test_add_func ("/migration/anonymise/marks_that_say_something_do_not_stay",
                   test_marks_that_say_something_do_not_stay);
  g_test_add_func ("/migration/anonymise/moments_that_few_days_have_become_any",
                   test_moments_that_few_days_have_become_any);
  g_test_add_func ("/migration/anonymise/what_is_no_date_is_scrambled",
                   test_what_is_no_date_is_scrambled);
  g_test_add_func ("/migration/anonymise/nothing_behind_a_known_form_comes_out",
                   test_nothing_behind_a_known_form_comes_out);
  g_test_add_func ("/migration/anonymise/what_only_begins_as_one_is_none",
                   test_what_only_begins_as_one_is_none);
  g_test_add_func ("/migration/anonymise/what_is_written_with_symbols_does_not_stay",
                   test_what_is_written_with_symbols_does_not_stay);
  g_test_add_func ("/migration/anonymise/what_nobody_sees_does_not_stay",
                   test_what_nobody_sees_does_not_stay);
  g_test_add_func ("/migration/anonymise/long_texts_take_as_long_as_they_are",
                   test_long_texts_take_as_long_as_they_are);
  g_test_add_func ("/migration/anonymise/what_is_one_as_a_whole_stays_one",
                   test_what_is_one_as_a_whole_stays_one);
  g_test_add_func ("/migration/anonymise/any_text_goes_through_every_class",
                   test_any_text_goes_through_every_class);
  g_test_add_func ("/migration/anonymise/free_text_loses_every_letter_order",
                   test_free_text_loses_every_letter_order);
  g_test_add_func ("/migration/anonymise/unknown_class_lets_nothing_pass",
                   test_unknown_class_lets_nothing_pass);
  return g_test_run ();
}
