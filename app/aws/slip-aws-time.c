/* SPDX-License-Identifier: MIT */

/* Times as they travel: ISO 8601, the RFC 822 form of HTTP, and seconds since 1970. Services are not
 * strict about which one they answer with, so reading looks at the text, not at the model. */

#include "slip-aws-time.h"

#include <math.h>
#include <string.h>

#define DAY 86400
#define USEC G_GINT64_CONSTANT (1000000)
#define MIN_SECONDS G_GINT64_CONSTANT (-62135596800)
#define MAX_SECONDS G_GINT64_CONSTANT (253402300799)

static const char *const months[]
    = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* Days since 0001-01-01. Years are counted from March, so that leap days come last. */
static gint64
count_days (int year, int month, int day)
{
  gint64 y = month <= 2 ? year - 1 : year;
  gint64 m = month <= 2 ? month + 9 : month - 3;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 306;
}

static int
days_in_month (int year, int month)
{
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  gboolean leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return lengths[month - 1] + (month == 2 && leap);
}

/* The opposite of count_days(). */
static void
split_date (gint64 date, int *year, int *month, int *day)
{
  gint64 shifted = date + 306;
  gint64 era = shifted / 146097;
  gint64 of_era = shifted % 146097;
  gint64 y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  gint64 of_year = of_era - (365 * y + y / 4 - y / 100);
  gint64 m = (5 * of_year + 2) / 153;

  *day = (int)(of_year - (153 * m + 2) / 5 + 1);
  *month = (int)(m < 10 ? m + 3 : m - 9);
  *year = (int)(y + era * 400 + (*month <= 2));
}

static char *
write_fraction (gint64 fraction_us)
{
  if (fraction_us == 0)
    return g_strdup ("");
  if (fraction_us % 1000 == 0)
    return g_strdup_printf (".%03d", (int)(fraction_us / 1000));
  return g_strdup_printf (".%06d", (int)fraction_us);
}

/* Lists of tens of thousands have two times an item: printf would take longer than all else of them. */
static char *
put_digits (char *at, int value, int width, char after)
{
  for (int i = width - 1; i >= 0; i--, value /= 10)
    at[i] = (char)('0' + value % 10);
  at[width] = after;
  return at + width + 1;
}

char *
slip_aws_time_write (gint64 time_us, SlipAwsTimeFormat format)
{
  gint64 fraction_us = ((time_us % USEC) + USEC) % USEC;
  gint64 seconds = (time_us - fraction_us) / USEC;
  g_autofree char *fraction = write_fraction (fraction_us);

  if (format == SLIP_AWS_TIME_UNIX)
    {
      /* Before 1970 the fraction counts down from zero, not up from the second below. */
      if (seconds < 0 && fraction_us != 0)
        return g_strdup_printf ("%.6f", (double)time_us / USEC);
      return g_strdup_printf ("%" G_GINT64_FORMAT "%s", seconds, fraction);
    }
  gint64 date = (CLAMP (seconds, MIN_SECONDS, MAX_SECONDS) - MIN_SECONDS) / DAY;
  int clock = (int)((CLAMP (seconds, MIN_SECONDS, MAX_SECONDS) - MIN_SECONDS) % DAY);
  int year, month, day;
  split_date (date, &year, &month, &day);
  int hour = clock / 3600;
  int minute = clock / 60 % 60;
  int second = clock % 60;
  if (format == SLIP_AWS_TIME_RFC822)
    return g_strdup_printf ("%s, %02d %s %04d %02d:%02d:%02d GMT", days[date % 7], day,
                            months[month - 1], year, hour, minute, second);
  char text[sizeof "0000-00-00T00:00:00"];
  char *at = put_digits (text, year, 4, '-');
  at = put_digits (at, month, 2, '-');
  at = put_digits (at, day, 2, 'T');
  at = put_digits (at, hour, 2, ':');
  at = put_digits (at, minute, 2, ':');
  put_digits (at, second, 2, '\0');
  return g_strconcat (text, fraction, "Z", NULL);
}

gboolean
slip_aws_time_from_seconds (double seconds, gint64 *time_us)
{
  if (!(seconds >= (double)MIN_SECONDS && seconds <= (double)MAX_SECONDS))
    return FALSE;
  /* Services answer milliseconds at most; rounding takes away what binary fractions add. */
  *time_us = (gint64)llround (seconds * 1000.0) * 1000;
  return TRUE;
}

static gboolean
read_digits (const char **at, guint min, guint max, int *value)
{
  guint n = 0;

  *value = 0;
  while (n < max && g_ascii_isdigit (**at))
    {
      *value = *value * 10 + (*(*at)++ - '0');
      n++;
    }
  return n >= min;
}

static gboolean
read_char (const char **at, char c)
{
  if (g_ascii_tolower (**at) != g_ascii_tolower (c))
    return FALSE;
  (*at)++;
  return TRUE;
}

/* Reads `.123`, of any length, as microseconds. */
static gint64
read_fraction (const char **at)
{
  gint64 value = 0;
  gint64 unit = USEC / 10;

  if (**at != '.' && **at != ',')
    return 0;
  for ((*at)++; g_ascii_isdigit (**at); (*at)++)
    {
      value += (**at - '0') * unit;
      unit /= 10;
    }
  return value;
}

static gboolean
read_clock (const char **at, int *hour, int *minute, int *second, gint64 *fraction)
{
  if (!read_digits (at, 2, 2, hour) || !read_char (at, ':') || !read_digits (at, 2, 2, minute)
      || !read_char (at, ':') || !read_digits (at, 2, 2, second))
    return FALSE;
  *fraction = read_fraction (at);
  /* A leap second has no place in Unix time; it is the end of the minute. */
  *second = MIN (*second, 59);
  return *hour < 24 && *minute < 60;
}

/* Seconds east of Greenwich: `Z`, `+01:00`, `-0100`, or nothing, which means UTC. */
static gboolean
read_zone (const char **at, int *offset)
{
  int sign = **at == '+' ? 1 : **at == '-' ? -1 : 0;
  int hours = 0;
  int minutes = 0;

  *offset = 0;
  if (sign == 0)
    {
      read_char (at, 'Z');
      return TRUE;
    }
  (*at)++;
  if (!read_digits (at, 2, 2, &hours))
    return FALSE;
  read_char (at, ':');
  if (g_ascii_isdigit (**at) && !read_digits (at, 2, 2, &minutes))
    return FALSE;
  *offset = sign * (hours * 3600 + minutes * 60);
  return hours < 24 && minutes < 60;
}

static gboolean
to_unix (int year, int month, int day, int hour, int minute, int second, gint64 *seconds)
{
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1
      || day > days_in_month (year, month))
    return FALSE;
  *seconds = MIN_SECONDS + count_days (year, month, day) * DAY + hour * 3600 + minute * 60 + second;
  return TRUE;
}

static gboolean
read_iso8601 (const char *text, gint64 *time_us)
{
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  gint64 fraction = 0;
  gint64 seconds = 0;

  if (!read_digits (&text, 4, 4, &year) || !read_char (&text, '-')
      || !read_digits (&text, 2, 2, &month) || !read_char (&text, '-')
      || !read_digits (&text, 2, 2, &day))
    return FALSE;
  if (*text != '\0'
      && ((!read_char (&text, 'T') && !read_char (&text, ' '))
          || !read_clock (&text, &hour, &minute, &second, &fraction)
          || !read_zone (&text, &offset)))
    return FALSE;
  if (*text != '\0' || !to_unix (year, month, day, hour, minute, second, &seconds))
    return FALSE;
  *time_us = (seconds - offset) * USEC + fraction;
  return TRUE;
}

static gboolean
read_month (const char **at, int *month)
{
  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    if (g_ascii_strncasecmp (*at, months[i], 3) == 0)
      {
        *at += 3;
        *month = i + 1;
        return TRUE;
      }
  return FALSE;
}

/* `Sun, 02 Jan 2000 20:34:56.000 GMT`; the day's name may be missing. */
static gboolean
read_rfc822 (const char *text, gint64 *time_us)
{
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  gint64 fraction = 0;
  gint64 seconds = 0;
  const char *comma = strchr (text, ',');

  for (text = comma != NULL ? comma + 1 : text; *text == ' '; text++)
    ;
  if (!read_digits (&text, 1, 2, &day) || (!read_char (&text, ' ') && !read_char (&text, '-'))
      || !read_month (&text, &month) || (!read_char (&text, ' ') && !read_char (&text, '-'))
      || !read_digits (&text, 4, 4, &year) || !read_char (&text, ' ')
      || !read_clock (&text, &hour, &minute, &second, &fraction) || !read_char (&text, ' '))
    return FALSE;
  if (strcmp (text, "GMT") != 0 && strcmp (text, "UTC") != 0
      && (!read_zone (&text, &offset) || *text != '\0'))
    return FALSE;
  if (!to_unix (year, month, day, hour, minute, second, &seconds))
    return FALSE;
  *time_us = (seconds - offset) * USEC + fraction;
  return TRUE;
}

static gboolean
read_seconds (const char *text, gint64 *time_us)
{
  char *end = NULL;

  if (!g_ascii_isdigit (*text) && *text != '-' && *text != '+')
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isdigit (*p) && strchr ("+-.eE", *p) == NULL)
      return FALSE;
  double value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && slip_aws_time_from_seconds (value, time_us);
}

gboolean
slip_aws_time_read (const char *text, gint64 *time_us)
{
  return read_iso8601 (text, time_us) || read_seconds (text, time_us)
         || read_rfc822 (text, time_us);
}
