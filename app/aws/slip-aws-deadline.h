/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipAwsDeadline:
 *
 * A time after which something that blocks is broken off, by a cancellable that it shares with whoever may
 * cancel it earlier. Belongs to one thread.
 */
typedef struct _SlipAwsDeadline SlipAwsDeadline;

/* Begins now; @seconds is not 0, and @cancellable may be NULL. */
SlipAwsDeadline *slip_aws_deadline_new (guint seconds, GCancellable *cancellable);

/* What to give to whatever blocks; borrowed. */
GCancellable *slip_aws_deadline_get_cancellable (SlipAwsDeadline *self);

/* Whether it was the time that broke it off, and not a person. */
gboolean slip_aws_deadline_is_over (SlipAwsDeadline *self);

/* Waits for a cancellation that is under way. */
void slip_aws_deadline_free (SlipAwsDeadline *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsDeadline, slip_aws_deadline_free)

G_END_DECLS
