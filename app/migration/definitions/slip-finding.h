/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipSeverity:
 * @SLIP_SEVERITY_ERROR: nothing that runs on it can be right; a check with one fails
 * @SLIP_SEVERITY_WARNING: it runs, and something is probably not what its writer means
 * @SLIP_SEVERITY_NOTE: worth knowing; nothing has to be done
 *
 * How much a finding matters.
 */
typedef enum
{
  SLIP_SEVERITY_ERROR,
  SLIP_SEVERITY_WARNING,
  SLIP_SEVERITY_NOTE,
} SlipSeverity;

/**
 * SlipFinding:
 * @severity: how much it matters
 * @file: the file, relative to the folder of the definitions; never %NULL
 * @path: (nullable): where in the file, a JSON pointer (RFC 6901) such as
 *   `/dob/transform_casrec/lookup_table`; %NULL for the file as a whole
 * @message: lowercase fact that names the thing
 * @advice: (nullable): the way out, a sentence
 *
 * One thing that is found in definitions. Everything is checked before anything is told, so that all of
 * it can be mended in one go.
 */
typedef struct
{
  SlipSeverity severity;
  char *file;
  char *path;
  char *message;
  char *advice;
} SlipFinding;

/**
 * slip_findings_new:
 *
 * Returns: (transfer full) (element-type SlipFinding): an empty list that frees its findings
 */
GPtrArray *slip_findings_new (void);

/**
 * slip_findings_add:
 * @findings: (element-type SlipFinding): where to
 * @severity: how much it matters
 * @file: the file
 * @path: (nullable): a JSON pointer
 * @advice: (nullable): the way out
 * @format: the fact, as for printf()
 *
 * Appends a finding; all strings are copied.
 */
void slip_findings_add (GPtrArray *findings,
                        SlipSeverity severity,
                        const char *file,
                        const char *path,
                        const char *advice,
                        const char *format,
                        ...) G_GNUC_PRINTF (6, 7);

/**
 * slip_findings_count:
 * @findings: (element-type SlipFinding): findings
 * @severity: which
 *
 * Returns: how many of @findings have this severity
 */
guint slip_findings_count (GPtrArray *findings, SlipSeverity severity);

/**
 * slip_findings_sort:
 * @findings: (element-type SlipFinding): findings
 *
 * Sorts by severity, file and then the order in which they were found, and drops what is said twice.
 */
void slip_findings_sort (GPtrArray *findings);

/**
 * slip_findings_to_text:
 * @findings: (element-type SlipFinding): findings
 * @severity: the least that is told
 *
 * Returns: (transfer full): one line for each, `error: FILE: PATH: message. Advice.`; empty for none
 */
char *slip_findings_to_text (GPtrArray *findings, SlipSeverity severity);

/**
 * slip_severity_get_name:
 *
 * Returns: (transfer none): `error`, `warning` or `note`
 */
const char *slip_severity_get_name (SlipSeverity severity);
void slip_finding_free (SlipFinding *finding);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipFinding, slip_finding_free)

G_END_DECLS
