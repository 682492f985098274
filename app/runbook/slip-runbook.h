/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-fault.h"
#include "slip-runbook-error.h"
#include "slip-runbook-parameter.h"

G_BEGIN_DECLS

/**
 * SLIP_RUNBOOK_MAX_BYTES:
 *
 * How large a document may be. Systems Manager takes 64 KiB.
 */
#define SLIP_RUNBOOK_MAX_BYTES (1024 * 1024)

#define SLIP_TYPE_RUNBOOK (slip_runbook_get_type ())

/**
 * SlipRunbook:
 *
 * A document that was read and checked: Systems Manager Automation schema 0.3, in YAML or JSON, with
 * `slipway` objects (data/runbooks/README.md). Immutable, thread-safe. Read-only properties: `name`,
 * `title`, `description`.
 */
G_DECLARE_FINAL_TYPE (SlipRunbook, slip_runbook, SLIP, RUNBOOK, GObject)

/**
 * slip_runbook_parse:
 * @text: YAML or JSON
 * @length: its bytes, or -1 when it ends with a NUL
 * @name: what the runbook is called: the file's name without its ending
 * @faults: (out) (element-type SlipFault): all that is wrong with it; empty when nothing is
 *
 * Reads and checks a document. Any thread.
 *
 * Returns: (transfer full) (nullable): the runbook, or %NULL when it has faults
 */
SlipRunbook *
slip_runbook_parse (const char *text, gssize length, const char *name, GPtrArray **faults);

/**
 * slip_runbook_load:
 * @path: a file, or `resource:///org/slipway/runbooks/NAME.yaml`
 * @faults: (out) (element-type SlipFault): as slip_runbook_parse()
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the runbook; %NULL with @error when the file cannot be read,
 *   with %SLIP_RUNBOOK_ERROR_INVALID, which tells all faults, when it has some
 */
SlipRunbook *slip_runbook_load (const char *path, GPtrArray **faults, GError **error);

/**
 * slip_runbook_dup_path:
 * @name: as slip_runbook_find() takes it
 * @error: return location
 *
 * Returns: (transfer full): where slip_runbook_load() finds it, or %NULL with
 *   %SLIP_RUNBOOK_ERROR_NOT_FOUND
 */
char *slip_runbook_dup_path (const char *name, GError **error);

/**
 * slip_runbook_dup_digest:
 * @name: as slip_runbook_find() takes it
 *
 * Any thread. Built-in runbooks are read once.
 *
 * Returns: (transfer full) (nullable): slip_runbook_get_sha256() of what slip_runbook_find() would find
 */
char *slip_runbook_dup_digest (const char *name);

/**
 * slip_runbook_find:
 * @name: a runbook's name, or the path of a file (it holds a `/` or ends in .yaml, .yml or .json)
 * @error: return location
 *
 * Looks in the user's folder, then among the built-in runbooks.
 *
 * Returns: (transfer full): the runbook, or %NULL with %SLIP_RUNBOOK_ERROR_NOT_FOUND (which lists
 *   what there is) or %SLIP_RUNBOOK_ERROR_INVALID
 */
SlipRunbook *slip_runbook_find (const char *name, GError **error);

/**
 * slip_runbook_list:
 * @problems: (out) (optional) (element-type utf8): `file: fault` for each document that was left out
 *
 * All runbooks: those of the user's folder (`$XDG_DATA_HOME/slipway/runbooks`, or
 * `$SLIPWAY_RUNBOOKS`), which hide built-in ones of the same name, and the built-in ones. By title.
 *
 * Returns: (transfer full): a #GListModel of #SlipRunbook
 */
GListModel *slip_runbook_list (GPtrArray **problems);

const char *slip_runbook_get_name (SlipRunbook *self);
const char *slip_runbook_get_title (SlipRunbook *self);

/**
 * slip_runbook_get_description:
 *
 * Returns: (transfer none): the description, Markdown, "" without one
 */
const char *slip_runbook_get_description (SlipRunbook *self);

/**
 * slip_runbook_get_source:
 *
 * Returns: (transfer none): the path it was read from, or its name
 */
const char *slip_runbook_get_source (SlipRunbook *self);

/**
 * slip_runbook_get_sha256:
 *
 * Returns: (transfer none): SHA-256 of the document's canonical JSON: white space, comments and YAML
 *   or JSON make no difference
 */
const char *slip_runbook_get_sha256 (SlipRunbook *self);

/**
 * slip_runbook_get_parameters:
 *
 * Returns: (transfer none): a #GListModel of #SlipRunbookParameter, in the document's order
 */
GListModel *slip_runbook_get_parameters (SlipRunbook *self);
SlipRunbookParameter *slip_runbook_find_parameter (SlipRunbook *self, const char *name);

/**
 * slip_runbook_find_pairing:
 * @self: a runbook
 * @parameters: values of its parameters
 *
 * Returns: (transfer none) (nullable): why a second person must cosign a plan with these values,
 *   wherever it acts
 */
const char *slip_runbook_find_pairing (SlipRunbook *self, JsonObject *parameters);

/**
 * slip_runbook_get_root:
 *
 * Returns: (transfer none): the whole document as JSON; never change it
 */
JsonObject *slip_runbook_get_root (SlipRunbook *self);

/**
 * slip_runbook_get_steps:
 *
 * Returns: (transfer none): `mainSteps`; never change it
 */
JsonArray *slip_runbook_get_steps (SlipRunbook *self);

/**
 * slip_runbook_get_settings:
 *
 * Returns: (transfer none) (nullable): the document's own `slipway` object
 */
JsonObject *slip_runbook_get_settings (SlipRunbook *self);

/**
 * slip_runbook_brings_back:
 *
 * Whether its plans put older data in the place of what is there, so that what was written since is lost. One that
 * only looks at a snapshot, as a migration does at its way back, or copies one, does not.
 *
 * Returns: %TRUE when a step of it restores, or runs a task that does
 */
gboolean slip_runbook_brings_back (SlipRunbook *self);

/**
 * slip_runbook_dup_workstation_steps:
 *
 * Returns: (transfer full) (array zero-terminated=1): `step (action)` for each step whose
 *   action only a workstation has
 */
char **slip_runbook_dup_workstation_steps (SlipRunbook *self);

/**
 * SlipRunbookFormat:
 *
 * How a document is written.
 */
typedef enum
{
  SLIP_RUNBOOK_YAML,
  SLIP_RUNBOOK_JSON,
} SlipRunbookFormat;

/**
 * slip_runbook_export_ssm:
 * @self: a runbook
 * @format: how to write it
 * @error: return location
 *
 * The document as Systems Manager takes it (`ssm:CreateDocument`): without `slipway` objects.
 *
 * Returns: (transfer full): the text, or %NULL with %SLIP_RUNBOOK_ERROR_EXPORT, which names each step
 *   that only a workstation can do
 */
char *slip_runbook_export_ssm (SlipRunbook *self, SlipRunbookFormat format, GError **error);

G_END_DECLS
