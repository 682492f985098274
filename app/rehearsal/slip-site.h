/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-http.h"
#include "slip-world.h"

G_BEGIN_DECLS

/**
 * slip_site_is_for:
 *
 * Returns: whether a request is a visitor's of the public site: its path begins with `/_site/`
 */
gboolean slip_site_is_for (const SlipAwsRequest *request);

/**
 * slip_site_run:
 * @world: the world
 * @request: `GET /_site/HOST/PATH`
 *
 * What a visitor of `https://HOST/PATH` gets: the rules of all listeners are asked in their order; a
 * fixed response is answered, a forward is the target group's body, or 503 when none of its targets is
 * healthy. The header `X-Slipway-Rule` names the rule that decided.
 *
 * Returns: (transfer full): the answer
 */
SlipAwsResponse *slip_site_run (SlipWorld *world, const SlipAwsRequest *request);

G_END_DECLS
