/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-project.h"
#include "slip-finding.h"
#include "slip-migration.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SLIP_TYPE_DEFINITION_DRAFT (slip_definition_draft_get_type ())

/**
 * SlipDefinitionDraft:
 *
 * Changes of a migration's definitions that are not on disk yet. After each the definitions as they would be are
 * checked, and compared in meaning with those on disk, on a worker: against files first, and then against what is landed
 * and the target. Files keep their layout byte for byte but for the values that change. Main thread. Signals: `checked`,
 * how far the check is or what it says is another; `saved`.
 */
G_DECLARE_FINAL_TYPE (SlipDefinitionDraft, slip_definition_draft, SLIP, DEFINITION_DRAFT, GObject)

SlipDefinitionDraft *slip_definition_draft_new (SlipMigrationProject *project,
                                                SlipMigration *migration);

/**
 * slip_definition_draft_set:
 * @file: relative to the folder of the definitions
 * @path: a path of slip_edit_apply(), such as `$['dob'].transform_casrec.lookup_table`
 * @value: (transfer full): the value it gets
 *
 * Changes a value.
 */
void slip_definition_draft_set (SlipDefinitionDraft *self,
                                const char *file,
                                const char *path,
                                JsonNode *value);

/**
 * slip_definition_draft_follow:
 * @file: relative to the folder of the definitions
 * @path: a path of slip_edit_apply()
 * @value: (transfer full): the value it gets
 *
 * Changes a value that follows from the latest change: both are one, and are taken back as one.
 */
void slip_definition_draft_follow (SlipDefinitionDraft *self,
                                   const char *file,
                                   const char *path,
                                   JsonNode *value);

/**
 * slip_definition_draft_get:
 *
 * Returns: (transfer none) (nullable): the value that it would get; %NULL when it stays as it is on disk
 */
JsonNode *slip_definition_draft_get (SlipDefinitionDraft *self, const char *file, const char *path);

/**
 * slip_definition_draft_rename:
 * @file: relative to the folder of the definitions
 * @name: a mapping's column or a lookup's code, as it is on disk, or was added
 * @to: (nullable): its new name; %NULL removes it
 *
 * Renames or removes a member of a file. That the name is taken the check tells.
 */
void slip_definition_draft_rename (SlipDefinitionDraft *self,
                                   const char *file,
                                   const char *name,
                                   const char *to);

/**
 * slip_definition_draft_get_name:
 * @to: (out) (nullable) (transfer none): how it would be called; %NULL when it would go
 *
 * Returns: whether it would be called otherwise, or go
 */
gboolean slip_definition_draft_get_name (SlipDefinitionDraft *self,
                                         const char *file,
                                         const char *name,
                                         const char **to);

/**
 * slip_definition_draft_get_codes:
 *
 * Returns: (transfer none) (nullable) (element-type utf8): codes that are added, each with its value as JSON behind it
 */
GPtrArray *slip_definition_draft_get_codes (SlipDefinitionDraft *self, const char *file);

/**
 * slip_definition_draft_undo:
 *
 * Takes the latest change back; what is typed into one field is one change. `checked` follows.
 */
void slip_definition_draft_undo (SlipDefinitionDraft *self);
gboolean slip_definition_draft_can_undo (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_add_code:
 * @file: a lookup's file
 * @code: a code that it lacks
 * @value: (transfer full): what the code becomes
 *
 * Adds a code behind the last one; for one that was added already the value changes.
 */
void slip_definition_draft_add_code (SlipDefinitionDraft *self,
                                     const char *file,
                                     const char *code,
                                     JsonNode *value);

/**
 * slip_definition_draft_is_empty:
 *
 * Returns: whether nothing is changed
 */
gboolean slip_definition_draft_is_empty (SlipDefinitionDraft *self);
void slip_definition_draft_discard (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_save:
 *
 * Writes the files, all or none: none when one was changed by somebody else since it was checked. `saved` follows.
 */
void slip_definition_draft_save (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_is_saving:
 *
 * Returns: whether the files are being written. What is changed meanwhile would be lost, so that nothing may be; and
 *   slip_definition_draft_discard() does nothing
 */
gboolean slip_definition_draft_is_saving (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_is_checking:
 *
 * Returns: whether what is said of the changes is of those before, or they are being saved
 */
gboolean slip_definition_draft_is_checking (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_is_asking:
 *
 * Returns: whether databases are being asked: the files are held against each other by then, and can be saved
 */
gboolean slip_definition_draft_is_asking (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_is_busy:
 *
 * Returns: whether either is so
 */
gboolean slip_definition_draft_is_busy (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_get_changes:
 *
 * Returns: (transfer none) (element-type utf8): what differs in meaning from what is on disk, as lines
 */
GPtrArray *slip_definition_draft_get_changes (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_get_findings:
 *
 * Returns: (transfer none) (element-type utf8): what the check says that it does not say of what is on disk, as lines
 */
GPtrArray *slip_definition_draft_get_findings (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_count:
 *
 * Returns: how many of the findings are of that severity
 */
guint slip_definition_draft_count (SlipDefinitionDraft *self, SlipSeverity severity);

/**
 * slip_definition_draft_dup_errors:
 * @most: how many are told; of the others, how many there are
 *
 * Returns: (transfer full): the errors that the change brings, a line each
 */
char *slip_definition_draft_dup_errors (SlipDefinitionDraft *self, guint most);

/**
 * slip_definition_draft_get_message:
 *
 * Returns: (transfer none) (nullable): why it could not be checked or saved
 */
const char *slip_definition_draft_get_message (SlipDefinitionDraft *self);

/**
 * slip_definition_draft_get_unasked:
 *
 * Returns: (transfer none) (nullable): why the check could not look at everything
 */
const char *slip_definition_draft_get_unasked (SlipDefinitionDraft *self);

G_END_DECLS
