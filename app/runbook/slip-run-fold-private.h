/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/* Between the files of the fold. */
void slip_run_fold_set_text (char **target, const char *text);
void slip_run_fold_set_damaged (SlipRunFold *fold, const char *what, GError **error);
gboolean slip_run_fold_apply_to_step (SlipRunFold *fold,
                                      JsonObject *entry,
                                      JsonObject *data,
                                      GError **error);

/* What leaving the result of a call behind costs, in words; NULL when nothing is known to. */
char *slip_run_dup_cost (const char *service, const char *operation, JsonObject *request);

G_END_DECLS
