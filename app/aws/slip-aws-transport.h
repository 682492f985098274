/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

#include "slip-aws-endpoint.h"
#include "slip-aws-http.h"

G_BEGIN_DECLS

/* One HTTP exchange, as slip_aws_transport_send() is to make it. */
typedef struct
{
  const SlipAwsEndpoint *endpoint;
  const SlipAwsRequest *request; /* signed, or not to be */
  const char *user_agent;
  const char *ca_bundle; /* a file of certificates to believe instead of the system's, or NULL */
  guint timeout_s;       /* without a byte; 0 for 60 */
  guint deadline_s;      /* for the whole exchange, however its bytes drip; 0 for none */
  gsize max_bytes;       /* of the answer's body; 0 for 64 MiB */
  guint once : 1;        /* on a connection of its own, so that nothing below may send it twice */
  guint verbatim : 1;    /* leave the body's Content-Encoding alone */
} SlipAwsExchange;

/* Sends and waits for the whole answer; any thread but the main one. Never follows a redirect and
 * never answers a challenge. NULL with SLIP_AWS_ERROR_TRANSPORT, _PROTOCOL (the answer is larger than
 * allowed) or _CANCELLED; then @maybe_sent tells whether any byte may have reached the server. */
SlipAwsResponse *slip_aws_transport_send (const SlipAwsExchange *exchange,
                                          gboolean *maybe_sent,
                                          gboolean *timed_out,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
