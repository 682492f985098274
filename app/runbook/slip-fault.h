/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipFault:
 * @line: counted from 1; 0 when the fault has no place in a text
 * @column: counted from 1; 0 when the fault has no place in a text
 * @path: where, `$.mainSteps[3].inputs.Api`, or a parameter's name for a fault of a parameter
 * @message: lowercase fact, with the way out
 *
 * One thing that is wrong with a document or its parameters. Documents are checked whole: all faults
 * are told at once.
 */
typedef struct
{
  guint line;
  guint column;
  char *path;
  char *message;
} SlipFault;

/**
 * slip_fault_new:
 *
 * Returns: (transfer full): a fault; the strings are copied
 */
SlipFault *slip_fault_new (guint line, guint column, const char *path, const char *message);
void slip_fault_free (SlipFault *fault);

/**
 * slip_fault_to_text:
 *
 * Returns: (transfer full): `12:7: $.mainSteps[3].inputs.Api: rds has no operation …`, to stand behind a
 *   file's name and a colon; without a place `Parameter: …`
 */
char *slip_fault_to_text (const SlipFault *fault);

/**
 * slip_faults_new:
 *
 * Returns: (transfer full) (element-type SlipFault): an empty list that frees its faults
 */
GPtrArray *slip_faults_new (void);

/**
 * slip_faults_sort:
 * @faults: (element-type SlipFault): faults
 *
 * Sorts by place and drops what is said twice.
 */
void slip_faults_sort (GPtrArray *faults);

/**
 * slip_faults_to_text:
 * @faults: (element-type SlipFault): faults
 *
 * Returns: (transfer full): one line for each
 */
char *slip_faults_to_text (GPtrArray *faults);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipFault, slip_fault_free)

G_END_DECLS
