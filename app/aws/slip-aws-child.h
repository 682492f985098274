/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A program that prints credentials. */
typedef struct
{
  const char *const *argv; /* never holds a secret: everybody on the machine can read it */
  char **envp;             /* or NULL for this process's own */
  const char *what;        /* what people know it by */
  guint timeout_s;
  const char *const *prompts; /* or NULL; what on standard error means that it waits for a person,
                                 in lower case */
  gboolean terminal;          /* as of a SlipProcess, with the two that follow */
  const char *answer;
  const char *const *answered;
} SlipAwsChild;

typedef struct
{
  gboolean ok;  /* exit status 0 */
  int status;   /* exit status, or -signal */
  char *out;    /* standard output; cleared on free */
  gsize length; /* its bytes */
  char *err;    /* standard error, secrets redacted, for people */
  char *prompt; /* the line that asks, when it was ended for asking */
} SlipAwsChildResult;

void slip_aws_child_result_clear (SlipAwsChildResult *result);

/* Runs it without a terminal, or with one where nobody sits, so that it can ask nobody; ends it, with
 * everything it has started, at a prompt, at the deadline and when cancelled. FALSE when it could not be
 * started, was cancelled (SLIP_AWS_ERROR_CANCELLED), took too long or printed too much
 * (SLIP_AWS_ERROR_CREDENTIALS). Blocks; any worker thread. */
gboolean slip_aws_child_run (const SlipAwsChild *child,
                             SlipAwsChildResult *result,
                             GCancellable *cancellable,
                             GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipAwsChildResult, slip_aws_child_result_clear)

G_END_DECLS
