/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-client.h"
#include "slip-aws-http.h"
#include "slip-aws-model.h"
#include "slip-aws-retry.h"

G_BEGIN_DECLS

struct _SlipAwsClient
{
  GObject parent_instance;
  SlipAwsProvider *provider;   /* owned */
  SlipAwsEndpoints *endpoints; /* owned */
  char *region;                /* owned, or NULL */
  SlipClock *clock;            /* owned */
  guint max_attempts;          /* configured, or 0 */
  SlipAwsRetryQuota quota;

  GMutex lock;           /* of all below */
  char *account;         /* owned; whose rate limits are shared, or NULL */
  char *user_agent;      /* owned */
  char *unlocked_for;    /* owned; NULL while read-only */
  gint64 skew_us;        /* AWS's clock less ours, by the last answer */
  gint64 sign_offset_us; /* added to the time of signing, since AWS refused ours */
};

/* The time to sign with, microseconds since 1970: AWS's where it refused ours. Any thread. */
gint64 slip_aws_client_signing_time (SlipAwsClient *self);

/* Looks at an answer that is no error before it is read; on the calling thread, once an attempt. */
typedef void (*SlipAwsPeekFunc) (const SlipAwsOperation *op,
                                 const SlipAwsResponse *response,
                                 gpointer data);

/* One call, from the check to the last attempt; @peek may be NULL. */
JsonNode *slip_aws_client_run_call (SlipAwsClient *self,
                                    const SlipAwsCall *call,
                                    SlipAwsPeekFunc peek,
                                    gpointer data,
                                    SlipAwsCallInfo *info,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
