/* SPDX-License-Identifier: MIT */
/* What is found in the definitions of a migration, gathered so that all of it can be told at once. The
 * readers and the check append; the command line and the window show. */

#include "slip-finding.h"

static const char *const severities[] = {"error", "warning", "note"};

void
slip_finding_free (SlipFinding *finding)
{
  g_free (finding->file);
  g_free (finding->path);
  g_free (finding->message);
  g_free (finding->advice);
  g_free (finding);
}

GPtrArray *
slip_findings_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)slip_finding_free);
}

void
slip_findings_add (GPtrArray *findings,
                   SlipSeverity severity,
                   const char *file,
                   const char *path,
                   const char *advice,
                   const char *format,
                   ...)
{
  SlipFinding *finding;
  va_list args;

  g_return_if_fail (findings != NULL && file != NULL);

  finding = g_new0 (SlipFinding, 1);
  finding->severity = severity;
  finding->file = g_strdup (file);
  finding->path = g_strdup (path);
  finding->advice = g_strdup (advice);
  va_start (args, format);
  finding->message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (findings, finding);
}

guint
slip_findings_count (GPtrArray *findings, SlipSeverity severity)
{
  guint count = 0;

  for (guint i = 0; i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);

      count += finding->severity == severity;
    }
  return count;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const SlipFinding *one = *(const SlipFinding *const *)a;
  const SlipFinding *two = *(const SlipFinding *const *)b;

  if (one->severity != two->severity)
    return one->severity < two->severity ? -1 : 1;
  return g_strcmp0 (one->file, two->file);
}

/* Two steps may stumble over the same thing, which is told once. */
static gboolean
is_told (GPtrArray *findings, guint place)
{
  const SlipFinding *finding = g_ptr_array_index (findings, place);

  for (guint i = place; i-- > 0;)
    {
      const SlipFinding *other = g_ptr_array_index (findings, i);

      if (other->severity != finding->severity || g_strcmp0 (other->file, finding->file) != 0)
        return FALSE;
      if (g_strcmp0 (other->path, finding->path) == 0
          && g_strcmp0 (other->message, finding->message) == 0)
        return TRUE;
    }
  return FALSE;
}

/* g_ptr_array_sort() is stable, so that what is found first in a file stays first. */
void
slip_findings_sort (GPtrArray *findings)
{
  g_ptr_array_sort (findings, compare);
  for (guint i = 1; i < findings->len;)
    if (is_told (findings, i))
      g_ptr_array_remove_index (findings, i);
    else
      i++;
}

char *
slip_findings_to_text (GPtrArray *findings, SlipSeverity severity)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);

      if (finding->severity > severity)
        continue;
      g_string_append_printf (text, "%s: %s: ", slip_severity_get_name (finding->severity),
                              finding->file);
      if (finding->path != NULL)
        g_string_append_printf (text, "%s: ", finding->path);
      g_string_append (text, finding->message);
      if (finding->advice != NULL)
        g_string_append_printf (text, ". %s", finding->advice);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

const char *
slip_severity_get_name (SlipSeverity severity)
{
  g_return_val_if_fail ((gsize)severity < G_N_ELEMENTS (severities), NULL);

  return severities[severity];
}
