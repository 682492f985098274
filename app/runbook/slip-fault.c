/* SPDX-License-Identifier: MIT */
/* Faults of a document, gathered so that all can be told at once. Used by the document reader, the
 * checks and the parameter form; whoever shows them decides how. */

#include "slip-fault.h"

SlipFault *
slip_fault_new (guint line, guint column, const char *path, const char *message)
{
  SlipFault *fault = g_new0 (SlipFault, 1);

  fault->line = line;
  fault->column = column;
  fault->path = g_strdup (path);
  fault->message = g_strdup (message);
  return fault;
}

void
slip_fault_free (SlipFault *fault)
{
  g_free (fault->path);
  g_free (fault->message);
  g_free (fault);
}

char *
slip_fault_to_text (const SlipFault *fault)
{
  if (fault->line == 0)
    return g_strdup_printf ("%s: %s", fault->path, fault->message);
  return g_strdup_printf ("%u:%u: %s: %s", fault->line, fault->column, fault->path, fault->message);
}

GPtrArray *
slip_faults_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)slip_fault_free);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const SlipFault *one = *(const SlipFault *const *)a;
  const SlipFault *two = *(const SlipFault *const *)b;

  if (one->line != two->line)
    return one->line < two->line ? -1 : 1;
  if (one->column != two->column)
    return one->column < two->column ? -1 : 1;
  if (g_strcmp0 (one->path, two->path) != 0)
    return g_strcmp0 (one->path, two->path);
  return g_strcmp0 (one->message, two->message);
}

void
slip_faults_sort (GPtrArray *faults)
{
  g_ptr_array_sort (faults, compare);
  for (guint i = 1; i < faults->len;)
    {
      if (compare (&faults->pdata[i - 1], &faults->pdata[i]) == 0)
        g_ptr_array_remove_index (faults, i);
      else
        i++;
    }
}

char *
slip_faults_to_text (GPtrArray *faults)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < faults->len; i++)
    {
      g_autofree char *line = slip_fault_to_text (g_ptr_array_index (faults, i));

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", line);
    }
  return g_string_free (text, FALSE);
}
