/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-cli.h"

G_BEGIN_DECLS

/* As whom buckets are read. The client never changes anything: it stays locked. */
typedef struct
{
  char *environment;
  char *profile;
  char *region;
  char *endpoint_url;
} SlipCliS3;

void slip_cli_s3_clear (SlipCliS3 *self);

/* Options of a command that reads buckets, to stand in its entries. */
#define SLIP_CLI_S3_ENTRIES(self)                                                                  \
  {"environment",                                                                                  \
   'e',                                                                                            \
   0,                                                                                              \
   G_OPTION_ARG_STRING,                                                                            \
   &(self)->environment,                                                                           \
   N_ ("An environment of the workspace: its profile, first region and endpoint"),                 \
   N_ ("NAME")},                                                                                   \
      {"profile",                                                                                  \
       'p',                                                                                        \
       0,                                                                                          \
       G_OPTION_ARG_STRING,                                                                        \
       &(self)->profile,                                                                           \
       N_ ("A profile of the AWS configuration files"),                                            \
       N_ ("PROFILE")},                                                                            \
      {"region", 'r', 0, G_OPTION_ARG_STRING, &(self)->region, N_ ("The region"), N_ ("REGION")},  \
  {                                                                                                \
    "endpoint-url", 0, 0, G_OPTION_ARG_STRING, &(self)->endpoint_url,                              \
        N_ ("Where to send it instead of to AWS"), N_ ("URL")                                      \
  }

/* Returns: (transfer full) (nullable): a client; %NULL with @status, which has been told */
SlipAwsClient *slip_cli_s3_open (SlipCli *cli, const SlipCliS3 *self, int *status);

G_END_DECLS
