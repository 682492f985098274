/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-config.h"
#include "slip-aws-http.h"
#include "slip-aws-model.h"

G_BEGIN_DECLS

/**
 * SlipAwsEndpoint:
 * @scheme: `https` or `http`
 * @host: host name or address, without port
 * @port: port, or -1 for the scheme's own
 * @path: path before every request's own, without a final slash; empty mostly
 * @signing_region: region of the credential scope
 * @signing_name: service of the credential scope
 * @overridden: whether it is not AWS's own
 *
 * Where requests of one service and region go.
 */
typedef struct
{
  char *scheme;
  char *host;
  int port;
  char *path;
  char *signing_region;
  char *signing_name;
  gboolean overridden;
} SlipAwsEndpoint;

void slip_aws_endpoint_free (SlipAwsEndpoint *endpoint);

/**
 * slip_aws_endpoint_dup_host_header:
 * @endpoint: an endpoint
 *
 * Returns: (transfer full): host, with the port where it is not the scheme's own
 */
char *slip_aws_endpoint_dup_host_header (const SlipAwsEndpoint *endpoint);

/**
 * slip_aws_endpoint_dup_url:
 * @endpoint: an endpoint
 *
 * Returns: (transfer full): scheme, host, port and path, as a URL without a final slash
 */
char *slip_aws_endpoint_dup_url (const SlipAwsEndpoint *endpoint);

/**
 * SlipAwsEndpoints:
 *
 * The endpoint map: AWS's own rules and what overrides them. Immutable, thread-safe, reference
 * counted.
 */
typedef struct _SlipAwsEndpoints SlipAwsEndpoints;

/**
 * slip_aws_endpoints_new:
 * @config: (nullable): the shared configuration
 * @profile: (nullable): the profile whose `endpoint_url` and `services` count
 * @explicit_url: (nullable): an endpoint a person gave for every service
 *
 * Reads overrides now. From high to low: @explicit_url, `AWS_ENDPOINT_URL_<SERVICE>`,
 * `AWS_ENDPOINT_URL`, the profile's `services` section, the profile's `endpoint_url`, AWS's own.
 * `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or `ignore_configured_endpoint_urls` turns all but the first
 * off.
 *
 * Returns: (transfer full): the map
 */
SlipAwsEndpoints *
slip_aws_endpoints_new (SlipAwsConfig *config, const char *profile, const char *explicit_url);

SlipAwsEndpoints *slip_aws_endpoints_ref (SlipAwsEndpoints *self);
void slip_aws_endpoints_unref (SlipAwsEndpoints *self);

/**
 * slip_aws_endpoints_resolve:
 * @self: the map
 * @model: a service's model
 * @region: a region
 * @error: return location
 *
 * Returns: (transfer full): the endpoint, or %NULL with %SLIP_AWS_ERROR_ENDPOINT when an override is
 *   no URL or the region's name is malformed
 */
SlipAwsEndpoint *slip_aws_endpoints_resolve (SlipAwsEndpoints *self,
                                             const SlipAwsModel *model,
                                             const char *region,
                                             GError **error);

/**
 * slip_aws_endpoints_is_overridden:
 * @self: the map
 *
 * Returns: whether any service goes anywhere but to AWS; then the window wears a banner
 */
gboolean slip_aws_endpoints_is_overridden (SlipAwsEndpoints *self);

/**
 * slip_aws_endpoints_dup_fingerprint:
 * @self: the map
 *
 * Returns: (transfer full): `aws` for AWS's own endpoints, else a hash of all overrides. A run
 *   started with one never resumes with another.
 */
char *slip_aws_endpoints_dup_fingerprint (SlipAwsEndpoints *self);

/**
 * slip_aws_endpoints_dup_summary:
 * @self: the map
 *
 * Returns: (transfer full) (nullable): the overrides for people, `all: http://127.0.0.1:4566`, or
 *   %NULL when there is none
 */
char *slip_aws_endpoints_dup_summary (SlipAwsEndpoints *self);

/**
 * slip_aws_endpoints_to_environ:
 * @self: the map
 * @envp: (transfer full) (array zero-terminated=1): an environment for a program
 *
 * Sets `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` to the overrides and takes out others, so
 * that a program of the AWS SDKs talks to whom we talk to.
 *
 * Returns: (transfer full) (array zero-terminated=1): the environment
 */
char **slip_aws_endpoints_to_environ (SlipAwsEndpoints *self, char **envp);

/**
 * slip_aws_endpoints_get_setting:
 * @self: the map
 * @key: a key of the profile it was made for, such as `max_attempts`
 *
 * Returns: (transfer none) (nullable): the value
 */
const char *slip_aws_endpoints_get_setting (SlipAwsEndpoints *self, const char *key);

/**
 * slip_aws_endpoints_get_s3_style:
 * @self: the map
 *
 * Returns: (transfer none) (nullable): `addressing_style` of the profile's `s3` lines
 */
const char *slip_aws_endpoints_get_s3_style (SlipAwsEndpoints *self);

/**
 * slip_aws_endpoint_place_bucket:
 * @endpoint: the S3 endpoint
 * @request: a request with the bucket first in its path
 * @force_path: whether to leave the bucket in the path
 *
 * Moves a bucket from the path into the host name (virtual-hosted style) where its name allows it
 * and the endpoint is AWS's own.
 */
void slip_aws_endpoint_place_bucket (SlipAwsEndpoint *endpoint,
                                     SlipAwsRequest *request,
                                     gboolean force_path);

/**
 * slip_aws_partition_dns_suffix:
 * @region: a region's name
 *
 * Returns: (transfer none): the DNS suffix of the region's partition, `amazonaws.com` mostly
 */
const char *slip_aws_partition_dns_suffix (const char *region);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsEndpoint, slip_aws_endpoint_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsEndpoints, slip_aws_endpoints_unref)

G_END_DECLS
