/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-http.h"
#include "slip-aws-model.h"

G_BEGIN_DECLS

/**
 * slip_route_find_model:
 * @request: a request as it came
 * @signing_name: (nullable): the service of its credential scope; %NULL when it is not signed
 *
 * Tells which service a request is for: by the scope of its signature, and where several services
 * share a signing name, or there is none, by `X-Amz-Target` or the version in its form.
 *
 * Returns: (transfer none) (nullable): the service's model, or %NULL when there is none such
 */
SlipAwsModel *slip_route_find_model (const SlipAwsRequest *request, const char *signing_name);

/**
 * slip_route_dup_bucket:
 * @host: the Host header of a request to S3
 *
 * Returns: (transfer full) (nullable): the bucket that the host names, as in `BUCKET.localhost:4566`
 *   or `BUCKET.s3.eu-west-1.amazonaws.com`; %NULL when the path names it
 */
char *slip_route_dup_bucket (const char *host);

G_END_DECLS
