/* SPDX-License-Identifier: MIT */
/* As whom commands read buckets of S3: an environment of the workspace, or as the AWS CLI would. */

#include "config.h"

#include "slip-cli-s3.h"

#include <glib/gi18n.h>

void
slip_cli_s3_clear (SlipCliS3 *self)
{
  g_free (self->environment);
  g_free (self->profile);
  g_free (self->region);
  g_free (self->endpoint_url);
}

static SlipAwsClient *
open_environment (SlipCli *cli, const SlipCliS3 *self, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipWorkspace) workspace = slip_cli_load_workspace (cli);
  SlipEnvironment *environment
      = workspace != NULL ? slip_workspace_find (workspace, self->environment) : NULL;
  SlipAwsClient *client;

  if (workspace == NULL)
    *status = SLIP_CLI_FAILED;
  else if (environment == NULL)
    *status = slip_cli_no_environment (workspace, self->environment);
  if (environment == NULL)
    return NULL;
  client = slip_environment_new_client (environment, &error);
  if (client == NULL)
    *status = slip_cli_fail (g_steal_pointer (&error));
  return client;
}

SlipAwsClient *
slip_cli_s3_open (SlipCli *cli, const SlipCliS3 *self, int *status)
{
  g_autoptr (GError) error = NULL;
  SlipAwsClient *client;

  if (self->environment != NULL && (self->profile != NULL || self->endpoint_url != NULL))
    {
      *status = slip_cli_usage_error (
          _ ("--environment brings its own profile and endpoint. Leave out %s"),
          self->profile != NULL ? "--profile" : "--endpoint-url");
      return NULL;
    }
  if (self->environment != NULL)
    return open_environment (cli, self, status);
  client
      = slip_aws_client_new_for_profile (self->profile, self->region, self->endpoint_url, &error);
  if (client == NULL)
    {
      *status = slip_cli_fail (g_steal_pointer (&error));
      return NULL;
    }
  if (slip_cli_mfa_callback () != NULL)
    {
      g_autoptr (SlipAwsProvider) provider = slip_aws_client_ref_provider (client);

      slip_aws_provider_set_mfa_callback (provider, slip_cli_mfa_callback (), NULL, NULL);
    }
  return client;
}
