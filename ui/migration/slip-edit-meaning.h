/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-definition-draft.h"

G_BEGIN_DECLS

#define SLIP_TYPE_EDIT_MEANING (slip_edit_meaning_get_type ())

/**
 * SlipEditMeaning:
 *
 * What the changes of a draft mean, and what the check says of them, in words that can be copied.
 */
G_DECLARE_FINAL_TYPE (SlipEditMeaning, slip_edit_meaning, SLIP, EDIT_MEANING, AdwBin)

GtkWidget *slip_edit_meaning_new (void);

/**
 * slip_edit_meaning_set_findings:
 * @findings: (nullable) (element-type SlipFinding): what is found in the definitions on disk; %NULL until it is known
 * @file: the file that is edited
 *
 * Keeps what is found in @file, for slip_edit_meaning_show().
 */
void slip_edit_meaning_set_findings (SlipEditMeaning *self, GPtrArray *findings, const char *file);

/**
 * slip_edit_meaning_show:
 * @draft: the changes, as they were checked last
 *
 * Shows what it means now.
 */
void slip_edit_meaning_show (SlipEditMeaning *self, SlipDefinitionDraft *draft);

G_END_DECLS
