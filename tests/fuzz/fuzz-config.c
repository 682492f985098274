/* SPDX-License-Identifier: MIT */

/* Any bytes as the two shared configuration files, cut at the first form feed: either both are read
 * and every lookup answers, or there is an error of ours with a message. */

#include "slip-aws-config.h"
#include "slip-aws-error.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
look_up_everything (SlipAwsConfig *config)
{
  g_auto (GStrv) profiles = slip_aws_config_list_profiles (config);

  for (char **profile = profiles; *profile != NULL; profile++)
    {
      const char *services = slip_aws_config_get (config, *profile, "services");
      g_autofree char *place = slip_aws_config_dup_place (config, *profile, "region");
      g_autofree char *region = slip_aws_config_dup_region (config, *profile, FALSE);

      g_assert (slip_aws_config_has_profile (config, *profile));
      slip_aws_config_get_nested (config, *profile, "s3", "addressing_style");
      if (services != NULL)
        g_strfreev (slip_aws_config_list_service_keys (config, services));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *cut = size > 0 ? memchr (data, '\f', size) : NULL;
  size_t first = cut != NULL ? (size_t)(cut - data) : size;
  size_t second = cut != NULL ? size - first - 1 : 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsConfig) config = slip_aws_config_new_from_text (
      (const char *)data, (gssize)first, cut != NULL ? (const char *)cut + 1 : NULL, (gssize)second,
      &error);

  if (config != NULL)
    look_up_everything (config);
  else
    g_assert (g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG));
  return 0;
}
