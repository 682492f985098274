/* SPDX-License-Identifier: MIT */

/* How numbers and times are written, the same everywhere in the window. */

#include "config.h"

#include "slip-format.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

#include "slip-clock.h"
#include "slip-settings.h"

char *
slip_format_duration (double seconds)
{
  return slip_duration_format (seconds);
}

char *
slip_format_age (gint64 time_us, gint64 now_us)
{
  gint64 s;

  if (time_us == 0)
    return g_strdup ("");
  s = MAX (now_us - time_us, 0) / G_USEC_PER_SEC;
  if (s < 60)
    return g_strdup_printf (_ ("%d s"), (int)s);
  if (s < 3600)
    return g_strdup_printf (_ ("%d min"), (int)(s / 60));
  if (s < 48 * 3600)
    return g_strdup_printf (_ ("%d h"), (int)(s / 3600));
  return g_strdup_printf (_ ("%d d"), (int)(s / 86400));
}

static char *
format_time (gint64 time_us, const char *utc_format, const char *local_format)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;

  if (time_us == 0)
    return g_strdup ("");
  utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  if (utc == NULL)
    return g_strdup ("");
  if (!slip_settings_get_boolean ("local-time", FALSE))
    return g_date_time_format (utc, utc_format);
  local = g_date_time_to_local (utc);
  return g_date_time_format (local, local_format);
}

char *
slip_format_time (gint64 time_us)
{
  return format_time (time_us, "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S %z");
}

char *
slip_format_exact_time (gint64 time_us)
{
  g_autofree char *utc = g_strdup_printf ("%%Y-%%m-%%d %%H:%%M:%%S.%03d UTC",
                                          (int)(time_us % G_USEC_PER_SEC / 1000));
  g_autofree char *local = g_strdup_printf ("%%Y-%%m-%%d %%H:%%M:%%S.%03d %%z",
                                            (int)(time_us % G_USEC_PER_SEC / 1000));

  return format_time (time_us, utc, local);
}

char *
slip_format_moment (gint64 time_us, gint64 now_us)
{
  g_autofree char *day = format_time (time_us, "%Y-%m-%d", "%Y-%m-%d");
  g_autofree char *today = format_time (now_us, "%Y-%m-%d", "%Y-%m-%d");

  if (!g_str_equal (day, today))
    return slip_format_time (time_us);
  return format_time (time_us, "%H:%M:%S UTC", "%H:%M:%S %z");
}

char *
slip_format_stamp (gint64 time_us)
{
  return format_time (time_us, "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S");
}

char *
slip_format_clock (gint64 time_us)
{
  return format_time (time_us, "%H:%M:%S", "%H:%M:%S");
}

char *
slip_format_size (gint64 bytes)
{
  double size = (double)bytes / 1024;
  guint unit = 0;
  int decimals;

  if (bytes < 0)
    return g_strdup ("");
  if (bytes < 1024)
    return g_strdup_printf (_ ("%d B"), (int)bytes);
  for (; size >= 1024 && unit < 3; unit++)
    size /= 1024;
  /* No tenths where they would say nothing. */
  decimals = size < 10 && size != (int)size ? 1 : 0;
  switch (unit)
    {
    case 0:
      return g_strdup_printf (_ ("%.*f KiB"), decimals, size);
    case 1:
      return g_strdup_printf (_ ("%.*f MiB"), decimals, size);
    case 2:
      return g_strdup_printf (_ ("%.*f GiB"), decimals, size);
    default:
      return g_strdup_printf (_ ("%.*f TiB"), decimals, size);
    }
}

char *
slip_format_count (gint64 n)
{
  const struct lconv *locale = localeconv ();
  const char *separator = locale->thousands_sep[0] != '\0' ? locale->thousands_sep : ",";
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, n);
  gsize sign = digits[0] == '-' ? 1 : 0;
  gsize length = strlen (digits);
  GString *text = g_string_new_len (digits, (gssize)sign);

  for (gsize i = sign; i < length; i++)
    {
      if (i > sign && (length - i) % 3 == 0)
        g_string_append (text, separator);
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

char *
slip_format_account (const char *account)
{
  if (account == NULL)
    return g_strdup ("");
  if (strlen (account) != 12 || strspn (account, "0123456789") != 12)
    return g_strdup (account);
  return g_strdup_printf ("%.4s %.4s %.4s", account, account + 4, account + 8);
}

char *
slip_format_paragraphs (const char *text)
{
  GString *joined = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at++)
    {
      gboolean ends
          = at[0] == '\n' && (at == text || at[-1] == '\n' || strchr ("\n -", at[1]) != NULL);

      g_string_append_c (joined, at[0] == '\n' && !ends ? ' ' : at[0]);
    }
  return g_string_free (joined, FALSE);
}
