/* SPDX-License-Identifier: MIT */
/* Lines of CSV for what is put together here; what a database answers it writes as CSV itself. */

#include "slip-report-csv.h"

#include <string.h>

static void
append_quoted (GString *csv, const char *text)
{
  g_string_append_c (csv, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, *p);
    }
  g_string_append_c (csv, '"');
}

void
slip_report_csv_add (GString *csv, const char *const *fields, guint n)
{
  g_return_if_fail (csv != NULL && fields != NULL);

  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (csv, ',');
      if (fields[i] == NULL)
        continue;
      if (strpbrk (fields[i], ",\"\r\n") != NULL)
        append_quoted (csv, fields[i]);
      else
        g_string_append (csv, fields[i]);
    }
  g_string_append_c (csv, '\n');
}
