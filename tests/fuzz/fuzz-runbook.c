/* SPDX-License-Identifier: MIT */
/* Runbook documents from anywhere: read, checked, exported and read again. Whatever the bytes, they end
 * in a runbook or in faults with a place, never in both and never in a crash. */

#include "slip-runbook.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What we export for Systems Manager must be a document of ours again, with the same meaning. */
static void
export_and_read (SlipRunbook *runbook, SlipRunbookFormat format)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = slip_runbook_export_ssm (runbook, format, &error);
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipRunbook) again = NULL;
  g_autofree char *second = NULL;

  if (text == NULL)
    return;
  again = slip_runbook_parse (text, -1, "again", &faults);
  if (again == NULL)
    abort ();
  second = slip_runbook_export_ssm (again, format, NULL);
  if (g_strcmp0 (text, second) != 0)
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipRunbook) runbook
      = slip_runbook_parse ((const char *)data, (gssize)size, "fuzz", &faults);

  if ((runbook == NULL) != (faults->len > 0))
    abort ();
  for (guint i = 0; i < faults->len; i++)
    {
      SlipFault *fault = g_ptr_array_index (faults, i);

      if (fault->line == 0 || fault->path == NULL || *fault->message == '\0')
        abort ();
    }
  if (runbook == NULL)
    return 0;
  export_and_read (runbook, SLIP_RUNBOOK_YAML);
  export_and_read (runbook, SLIP_RUNBOOK_JSON);
  return 0;
}
