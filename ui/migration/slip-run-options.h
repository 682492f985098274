/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_OPTIONS (slip_run_options_get_type ())

/**
 * SlipRunOptions:
 *
 * What can be chosen of a migration's run, as options of `slipwayctl migrate run`: closed, and with that command's defaults.
 */
G_DECLARE_FINAL_TYPE (SlipRunOptions, slip_run_options, SLIP, RUN_OPTIONS, AdwBin)

/**
 * slip_run_options_new:
 * @source: whether source files are loaded; otherwise there is nothing to choose of them
 *
 * Returns: (transfer floating): the options
 */
GtkWidget *slip_run_options_new (gboolean source);

/**
 * slip_run_options_get_no_reload:
 *
 * Returns: whether landed tables whose files have not changed are left
 */
gboolean slip_run_options_get_no_reload (SlipRunOptions *self);

/**
 * slip_run_options_dup_skip:
 *
 * Returns: (transfer full) (array zero-terminated=1): stages that are left out, in order
 */
GStrv slip_run_options_dup_skip (SlipRunOptions *self);

/**
 * slip_run_options_choose:
 * @no_reload: whether to leave what has not changed
 * @skip: (array zero-terminated=1): stages to leave out
 *
 * Chooses for the person.
 */
void slip_run_options_choose (SlipRunOptions *self, gboolean no_reload, const char *const *skip);

G_END_DECLS
