/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/* Between the files of SlipRun and SlipRunStep only. */

struct _SlipRun
{
  GObject parent_instance;
  SlipLedger *ledger; /* owned */
  SlipRunFold *fold;  /* owned */
  GPtrArray *steps;   /* element-type SlipRunStep, as in the fold */
  char *lock_folder;  /* owned */
  SlipRunState state; /* the fold's, or interrupted when no process holds the run */
  double speed;       /* of the environment, 1 when not known */
  guint watch;
  guint reading : 1;    /* a worker collects entries */
  guint read_again : 1; /* there were more meanwhile */
};

/* A getter that does nothing but look: `TYPE PREFIX_get_NAME (CLASS *self)`. */
#define SLIP_RUN_DEFINE_GETTER(class, prefix, IS, type, name, fallback, value)                     \
  type prefix##_get_##name (class *self)                                                           \
  {                                                                                                \
    g_return_val_if_fail (IS (self), fallback);                                                    \
    return value;                                                                                  \
  }

SlipRunStep *slip_run_step_new (SlipFoldStep *step);
SlipFoldStep *slip_run_step_get_fold (SlipRunStep *self);

/**
 * slip_run_step_changed:
 *
 * Notifies what differs from the last time.
 */
void slip_run_step_changed (SlipRunStep *self);

G_END_DECLS
