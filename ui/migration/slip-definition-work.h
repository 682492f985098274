/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-job.h"
#include "slip-migration-project.h"

G_BEGIN_DECLS

/**
 * SlipDefinitionEdits:
 * @set: path → value
 * @names: a member's name on disk → its new one; null when it goes
 * @codes: (element-type utf8): code, JSON text, code, …
 *
 * The changes of one file. All of it is owned.
 */
typedef struct
{
  JsonObject *set;
  JsonObject *names;
  GPtrArray *codes;
} SlipDefinitionEdits;

SlipDefinitionEdits *slip_definition_edits_new (void);

/**
 * slip_definition_edits_free:
 * @memory: (type SlipDefinitionEdits): the changes
 */
void slip_definition_edits_free (gpointer memory);

/**
 * slip_definition_edits_copy_files:
 * @files: (element-type utf8 SlipDefinitionEdits): changes by file
 *
 * Returns: (transfer full) (element-type utf8 SlipDefinitionEdits): the same, deep
 */
GHashTable *slip_definition_edits_copy_files (GHashTable *files);

/**
 * SlipDefinitionWork:
 * @project: whose definitions they are
 * @folder: the folder that files are relative to
 * @files: (element-type utf8 SlipDefinitionEdits): changes by file, copies
 * @seen: (element-type utf8 utf8): file → SHA-256: read by the check, demanded by the save
 * @changes: (element-type utf8): what differs in meaning, as lines
 * @findings: (element-type utf8): what the check says that it does not say of what is on disk, as lines
 * @databases: whether the check asks them too, and not the files alone
 * @unasked: (nullable): why it could not look at everything
 *
 * What a worker is given, and what it says.
 */
typedef struct
{
  SlipMigrationProject *project;
  char *folder;
  GHashTable *files;
  GHashTable *seen;
  GPtrArray *changes;
  GPtrArray *findings;
  gboolean databases;
  char *unasked;
} SlipDefinitionWork;

SlipDefinitionWork *slip_definition_work_new (SlipMigrationProject *project,
                                              const char *folder,
                                              GHashTable *files,
                                              GHashTable *seen);

/**
 * slip_definition_work_free:
 * @memory: (type SlipDefinitionWork): the work
 */
void slip_definition_work_free (gpointer memory);

/**
 * slip_definition_work_check:
 * @memory: (type SlipDefinitionWork): the work; its seen, changes, findings and unasked are filled
 *
 * Checks the definitions as they would be, in a copy: against source files or the headers that are promised, and against
 * what is landed and the target where databases are asked. A #SlipJobFunc.
 */
gboolean slip_definition_work_check (SlipJob *job, gpointer memory, GError **error);

/**
 * slip_definition_work_save:
 * @memory: (type SlipDefinitionWork): the work
 *
 * Writes the files: all of them, or none when one is not as it was seen or cannot be written. A #SlipJobFunc.
 */
gboolean slip_definition_work_save (SlipJob *job, gpointer memory, GError **error);

G_END_DECLS
