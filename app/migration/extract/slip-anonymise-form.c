/* SPDX-License-Identifier: MIT */
/* Classes that leave the form of a value and nothing of what it says: texts letter by letter, postcodes of areas that are
 * not, numbers that Ofcom keeps free, dates by some days and clocks by some minutes. */

#include "slip-anonymise-private.h"

#include <string.h>

#define MOST_DAYS 90
#define DAY_SECONDS (24 * 60 * 60)
#define MOST_SECONDS (60 * 60)

/* ---- texts */

/* Of as many bytes as @c has, so that what fitted fits. */
static gunichar
other_letter (SlipSecret *secret, gunichar c)
{
  static const gunichar two[] = {0xe0, 0xe1, 0xe2, 0xe4, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xed, 0xee,
                                 0xef, 0xf1, 0xf2, 0xf3, 0xf4, 0xf6, 0xf9, 0xfa, 0xfb, 0xfc};
  static const gunichar three[] = {0x4e00, 0x4e8c, 0x4e09, 0x4eba, 0x53e3, 0x5c71,
                                   0x5ddd, 0x6728, 0x706b, 0x571f, 0x7530, 0x65e5};
  gunichar made;

  if (c < 0x80 && g_unichar_isdigit (c))
    return '0' + slip_secret_below (secret, 10);
  if (c < 0x80)
    return (g_unichar_isupper (c) ? 'A' : 'a') + slip_secret_below (secret, 26);
  if (c >= 0x800)
    return three[slip_secret_below (secret, G_N_ELEMENTS (three))];
  made = two[slip_secret_below (secret, G_N_ELEMENTS (two))];
  return g_unichar_isupper (c) ? g_unichar_toupper (made) : made;
}

static char *
scramble (SlipSecret *secret, const char *text)
{
  GString *made = g_string_sized_new (strlen (text));
  gunichar before = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gunichar other = slip_anonymise_tells (c) ? other_letter (secret, c) : c;

      /* Where no number began with 0 none does. */
      if (other == '0' && c != '0' && !g_unichar_isdigit (before))
        other = '1' + slip_secret_below (secret, 9);
      g_string_append_unichar (made, other);
      before = c;
    }
  return g_string_free (made, FALSE);
}

char *
slip_anonymise_text (const void *salt, gsize length, const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  SlipSecret secret;

  slip_secret_begin (&secret, salt, length, "text", folded);
  return scramble (&secret, text);
}

/* ---- postcodes */

/* No area of Royal Mail begins with Q, V or X. */
char *
slip_anonymise_postcode (const void *salt, gsize length, const char *text)
{
  static const char areas[] = {'Q', 'V', 'X'};
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  g_autofree char *whole = g_strjoinv (NULL, parts);
  g_autofree char *folded = g_ascii_strup (whole, -1);
  SlipSecret secret;
  char *made;

  slip_secret_begin (&secret, salt, length, "postcode", folded);
  made = scramble (&secret, text);
  if (g_ascii_isalpha (*made))
    {
      char area = areas[slip_secret_below (&secret, G_N_ELEMENTS (areas))];

      *made = g_ascii_islower (*text) ? g_ascii_tolower (area) : area;
    }
  return made;
}

/* ---- telephones */

static char *
dup_digits (const char *text)
{
  GString *digits = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isdigit (*p))
      g_string_append_c (digits, *p);
  return g_string_free (digits, FALSE);
}

/* What stands for all but the last three digits of a number, which are ten behind 0, 44, 440, 0044 or 00440: numbers that are
 * kept free for drama (Ofcom), 01632 960xxx and 07700 900xxx. Behind those may be an extension. NULL where there are not as
 * many digits as a British number has. */
static char *
dup_free_range (const char *digits)
{
  static const char *const before[] = {"00440", "0044", "440", "44", "0"};

  for (gsize i = 0; i < G_N_ELEMENTS (before); i++)
    {
      const char *number = digits + strlen (before[i]);

      if (g_str_has_prefix (digits, before[i]) && strlen (number) >= 10 && *number != '0')
        return g_strconcat (before[i], *number == '7' ? "7700900" : "1632960", NULL);
    }
  return NULL;
}

char *
slip_anonymise_phone (const void *salt, gsize length, const char *text)
{
  g_autofree char *digits = dup_digits (text);
  g_autofree char *range = dup_free_range (digits);
  SlipSecret secret;
  char *made;
  guint n = 0;

  slip_secret_begin (&secret, salt, length, "phone", *digits != '\0' ? digits : text);
  made = scramble (&secret, text);
  for (char *p = made; range != NULL && *p != '\0'; p++)
    if (g_ascii_isdigit (*p) && n < strlen (range))
      *p = range[n++];
  return made;
}

/* ---- clocks */

/* Reads @n digits at most, @least at least. Returns how many. */
static gsize
read_number (const char *text, gsize least, gsize n, guint *number)
{
  gsize i;

  *number = 0;
  for (i = 0; i < n && g_ascii_isdigit (text[i]); i++)
    *number = *number * 10 + (guint)(text[i] - '0');
  return i >= least ? i : 0;
}

/* 9:43, 09:43:07 and 09:43:07.123456789: no more digits of a fraction than a clock has, or it is another number. */
typedef struct
{
  guint seconds; /* of the day, whose hours are 24 */
  gsize hour_digits;
  gsize end;    /* behind what is read to the second */
  gsize digits; /* of the fraction, behind end and a point */
  gboolean has_seconds;
  gboolean has_half; /* AM or PM */
  gboolean is_am;
} Clock;

/* Z, UTC, GMT, +01, +0100, +01:00; returns what is behind it. */
static const char *
behind_zone (const char *text)
{
  guint hour, minute;
  const char *rest;

  if (*text == 'Z')
    return text + 1;
  if (g_str_has_prefix (text, "UTC") || g_str_has_prefix (text, "GMT"))
    return text + 3;
  if ((*text != '+' && *text != '-') || read_number (text + 1, 2, 2, &hour) == 0 || hour > 15)
    return text;
  rest = text + 3;
  if (*rest == '\0')
    return rest;
  rest += *rest == ':';
  return read_number (rest, 2, 2, &minute) == 2 && minute <= 59 ? rest + 2 : text;
}

/* Whether there is nothing in @text but what belongs to a clock that is read to the second. */
static gboolean
ends_as_clock (const char *text, Clock *clock)
{
  guint fraction;

  if (clock->has_seconds && (*text == '.' || *text == ','))
    {
      clock->digits = read_number (text + 1, 1, 9, &fraction);
      text += clock->digits > 0 ? clock->digits + 1 : 0;
    }
  text += *text == ' ' && text[1] != '\0' ? 1 : 0;
  if (g_ascii_strncasecmp (text, "am", 2) == 0 || g_ascii_strncasecmp (text, "pm", 2) == 0)
    {
      clock->has_half = TRUE;
      clock->is_am = g_ascii_tolower (*text) == 'a';
      text += 2;
    }
  else
    text = behind_zone (text);
  return *text == '\0';
}

/* With the last moment of a day, 24:00, and the second that is put in at times, as databases read them. */
static gboolean
read_clock (const char *text, Clock *clock)
{
  guint hour, minute, second = 0;
  gsize at = read_number (text, 1, 2, &hour);

  *clock = (Clock){.hour_digits = at, .end = at + 3};
  if (at == 0 || text[at] != ':' || read_number (text + at + 1, 2, 2, &minute) == 0)
    return FALSE;
  clock->has_seconds = text[clock->end] == ':';
  if (clock->has_seconds)
    {
      if (read_number (text + clock->end + 1, 2, 2, &second) == 0)
        return FALSE;
      clock->end += 3;
    }
  clock->seconds = (hour * 60 + minute) * 60 + second;
  if ((hour > 23 && clock->seconds != DAY_SECONDS) || minute > 59 || second > 60
      || !ends_as_clock (text + clock->end, clock))
    return FALSE;
  if (!clock->has_half)
    return TRUE;
  clock->seconds = ((hour % 12 + (clock->is_am ? 0 : 12)) * 60 + minute) * 60 + second;
  return hour >= 1 && hour <= 12;
}

static gboolean
has_fraction_of (const char *text, const Clock *clock, const char *digit)
{
  return clock->digits == 0 || strspn (text + clock->end + 1, digit) >= clock->digits;
}

/* A day without a clock has this one in columns that want one; nobody came just then. */
static gboolean
is_midnight (const char *text, const Clock *clock)
{
  return clock->seconds == 0 && has_fraction_of (text, clock, "0");
}

/* Other digits up to the last above 0, which becomes another above 0: one moment becomes one, with however many digits it
 * is written, and whole seconds stay whole. */
static char *
other_fraction (
    const void *salt, gsize length, const char *text, const Clock *clock, const char *anchor)
{
  char *made = g_strndup (text + clock->end, clock->digits > 0 ? clock->digits + 1 : 0);
  g_autofree char *name = NULL;
  SlipSecret secret;
  gsize n = clock->digits;

  while (n > 0 && made[n] == '0')
    n--;
  if (n == 0)
    return made;
  name = g_strdup_printf ("%u.%.*s %s", clock->seconds, (int)n, made + 1, anchor);
  slip_secret_begin (&secret, salt, length, "fraction", name);
  for (gsize i = 1; i < n; i++)
    made[i] = (char)('0' + slip_secret_below (&secret, 10));
  made[n] = (char)('1' + ((guint)(made[n] - '0') + slip_secret_below (&secret, 8)) % 9);
  return made;
}

/* What stands behind the seconds of @hour, of which AM or PM may become the other one, in small letters or large. */
static char *
dup_rest (const char *rest, const Clock *clock, guint hour)
{
  char *made = g_strdup (rest);
  gsize length = strlen (made);

  if (clock->has_half && clock->is_am != (hour < 12))
    made[length - 2] = (char)(made[length - 2] + (clock->is_am ? 'p' - 'a' : 'a' - 'p'));
  return made;
}

/* Up to an hour before or after; the zone stays. Which way and how far is the anchor's, for clocks behind days as for those
 * alone, and of twelve hours as of twenty-four: two columns that agree on a moment go on to do so. @days are -1, 0 or 1: into which
 * day that is. */
static char *
move_clock (const void *salt,
            gsize length,
            const char *text,
            const Clock *clock,
            const char *anchor,
            gint *days)
{
  g_autofree char *fraction = NULL;
  g_autofree char *rest = NULL;
  SlipSecret secret;
  guint shift, seconds, hour;

  *days = 0;
  if (is_midnight (text, clock))
    return g_strdup (text);
  slip_secret_begin (&secret, salt, length, "time", anchor);
  shift = 61 + slip_secret_below (&secret, MOST_SECONDS - 60);
  seconds = clock->seconds
            + (slip_secret_below (&secret, 2) == 0 ? DAY_SECONDS + shift : DAY_SECONDS - shift);
  *days = (gint)(seconds / DAY_SECONDS) - 1;
  seconds %= DAY_SECONDS;
  hour = seconds / 3600;
  rest = dup_rest (text + clock->end, clock, hour);
  if (clock->has_half)
    hour = hour % 12 == 0 ? 12 : hour % 12;
  if (!clock->has_seconds)
    return g_strdup_printf ("%0*u:%02u%s", (int)clock->hour_digits, hour, seconds / 60 % 60, rest);
  fraction = other_fraction (salt, length, text, clock, anchor);
  return g_strdup_printf ("%0*u:%02u:%02u%s%s", (int)clock->hour_digits, hour, seconds / 60 % 60,
                          seconds % 60, fraction, rest + strlen (fraction));
}

char *
slip_anonymise_time (const void *salt, gsize length, const char *text, const char *anchor)
{
  Clock clock;
  gint days;

  if (!read_clock (text, &clock))
    return slip_anonymise_text (salt, length, text);
  return move_clock (salt, length, text, &clock, anchor, &days);
}

/* ---- dates */

typedef struct
{
  guint day, month, year;
  gsize day_at, day_length, month_at, month_length, year_at;
  gsize end;      /* behind the date; only a clock may follow */
  gsize clock_at; /* or the end of the text */
} Date;

static gboolean
is_between (char c)
{
  return c == '-' || c == '/' || c == '.' || c == ' ';
}

/* 2022-06-15, 2022/06/15 and 20220615. */
static gboolean
read_year_first (const char *text, Date *date)
{
  gsize at = read_number (text, 4, 4, &date->year);
  gboolean between = at == 4 && is_between (text[4]);

  if (at != 4)
    return FALSE;
  date->month_at = at + (between ? 1 : 0);
  date->month_length = read_number (text + date->month_at, 2, 2, &date->month);
  date->day_at = date->month_at + 2 + (between ? 1 : 0);
  if (date->month_length != 2 || (between && text[date->day_at - 1] != text[4]))
    return FALSE;
  date->day_length = read_number (text + date->day_at, 2, 2, &date->day);
  date->end = date->day_at + 2;
  return date->day_length == 2;
}

/* 15/06/2022, 5.6.2022; where only that is a date the month stands first. */
static gboolean
read_year_last (const char *text, Date *date)
{
  guint other;

  date->day_length = read_number (text, 1, 2, &date->day);
  date->month_at = date->day_length + 1;
  if (date->day_length == 0 || !is_between (text[date->day_length]))
    return FALSE;
  date->month_length = read_number (text + date->month_at, 1, 2, &date->month);
  date->year_at = date->month_at + date->month_length + 1;
  if (date->month_length == 0 || text[date->year_at - 1] != text[date->day_length]
      || read_number (text + date->year_at, 4, 4, &date->year) != 4)
    return FALSE;
  date->end = date->year_at + 4;
  if (date->month > 12 && date->day <= 12)
    {
      other = date->day;
      date->day = date->month;
      date->month = other;
      date->day_at = date->month_at;
      date->month_at = 0;
    }
  return TRUE;
}

/* A date that something else than a clock follows is a text: what follows would leave with it. */
static gboolean
is_whole (const char *text, Date *date, Clock *clock)
{
  const char *behind = text + date->end;

  behind += *behind == 'T' ? 1 : strspn (behind, " ");
  date->clock_at = (gsize)(behind - text);
  return text[date->end] == '\0' || (date->clock_at > date->end && read_clock (behind, clock));
}

static gboolean
read_date (const char *text, Date *date, Clock *clock)
{
  *date = (Date){0};
  *clock = (Clock){0};
  if (!read_year_first (text, date))
    {
      *date = (Date){0};
      if (!read_year_last (text, date))
        return FALSE;
    }
  return is_whole (text, date, clock)
         && g_date_valid_dmy ((GDateDay)MIN (date->day, 99), (GDateMonth)date->month,
                              (GDateYear)date->year);
}

/* With as many digits as were there, and one more where a day or a month needs it. */
static void
put (GString *made, gsize at, gsize n, guint number, gssize *moved)
{
  g_autofree char *digits = g_strdup_printf ("%0*u", (int)n, number);
  gsize place = (gsize)((gssize)at + *moved);

  g_string_erase (made, (gssize)place, (gssize)n);
  g_string_insert (made, (gssize)place, digits);
  *moved += (gssize)strlen (digits) - (gssize)n;
}

static char *
write_date (const char *text, const Date *date, const GDate *day)
{
  GString *made = g_string_new_len (text, (gssize)date->clock_at);
  gboolean day_first = date->day_at < date->month_at;
  gssize moved = 0;

  if (date->year_at == 0)
    put (made, 0, 4, g_date_get_year (day), &moved);
  if (day_first)
    put (made, date->day_at, date->day_length, g_date_get_day (day), &moved);
  put (made, date->month_at, date->month_length, g_date_get_month (day), &moved);
  if (!day_first)
    put (made, date->day_at, date->day_length, g_date_get_day (day), &moved);
  if (date->year_at > 0)
    put (made, date->year_at, 4, g_date_get_year (day), &moved);
  return g_string_free (made, FALSE);
}

/* Some days that mean “none” or “for ever”; they are nobody's. Another of those years is a slip of the pen, and has the day
 * and the month of somebody. */
static gboolean
is_nobodys (const Date *date)
{
  gboolean first = date->month == 1 && date->day == 1;
  gboolean final = date->month == 12 && date->day == 31;

  return date->year >= 9999 ? first || final : first && (date->year < 1800 || date->year == 1900);
}

/* The last moment of all means “for ever” too. */
static gboolean
is_forever (const char *text, const Date *date, const Clock *clock)
{
  const char *behind = text + date->clock_at;
  guint last = DAY_SECONDS - (clock->has_seconds ? 1 : 60);

  return date->year >= 9999 && date->month == 12 && date->day == 31 && clock->seconds == last
         && (has_fraction_of (behind, clock, "9") || has_fraction_of (behind, clock, "0"));
}

static gint
shift_of (const void *salt, gsize length, const char *anchor)
{
  SlipSecret secret;
  gint days;

  slip_secret_begin (&secret, salt, length, "date", anchor);
  days = 1 + (gint)slip_secret_below (&secret, MOST_DAYS);
  return slip_secret_below (&secret, 2) == 0 ? days : -days;
}

/* What is moved out of the years of four digits goes the other way. @days are those that its clock moves into. */
static guint32
moved_day (const Date *date, gint shift, gint days)
{
  gint day, most;
  GDate bound;

  g_date_clear (&bound, 1);
  g_date_set_dmy (&bound, 31, G_DATE_DECEMBER, 9999);
  most = (gint)g_date_get_julian (&bound);
  g_date_set_dmy (&bound, (GDateDay)date->day, (GDateMonth)date->month, (GDateYear)date->year);
  day = (gint)g_date_get_julian (&bound);
  day += day + shift < 1 || day + shift > most ? -shift : shift;
  return (guint32)CLAMP (day + days, 1, most);
}

static char *
move_day (const void *salt,
          gsize length,
          const char *text,
          const Date *date,
          const char *anchor,
          gint days)
{
  GDate day;

  if (is_nobodys (date))
    return g_strndup (text, date->clock_at);
  g_date_clear (&day, 1);
  g_date_set_julian (&day, moved_day (date, shift_of (salt, length, anchor), days));
  return write_date (text, date, &day);
}

char *
slip_anonymise_date (const void *salt, gsize length, const char *text, const char *anchor)
{
  Date date;
  Clock clock;
  g_autofree char *day = NULL;
  g_autofree char *behind = NULL;
  gint days = 0;

  if (!read_date (text, &date, &clock))
    return slip_anonymise_text (salt, length, text);
  if (text[date.clock_at] != '\0' && !is_forever (text, &date, &clock))
    behind = move_clock (salt, length, text + date.clock_at, &clock, anchor, &days);
  day = move_day (salt, length, text, &date, anchor, days);
  return g_strconcat (day, behind != NULL ? behind : text + date.clock_at, NULL);
}
