/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-http.h"
#include "slip-server.h"

G_BEGIN_DECLS

/**
 * slip_control_is_for:
 *
 * Returns: whether the request's path is below `/_slipway/`
 */
gboolean slip_control_is_for (const SlipAwsRequest *request);

/**
 * slip_control_run:
 * @server: the server
 * @request: a request below `/_slipway/`
 * @host: its Host header
 *
 * Serves the control endpoint: state, calls, faults, sessions; see data/rehearsal/README.md. It asks
 * for no signature, so it refuses what a web page could send: another Host, or an Origin.
 *
 * Returns: (transfer full): the answer, JSON
 */
SlipAwsResponse *
slip_control_run (SlipServer *server, const SlipAwsRequest *request, const char *host);

G_END_DECLS
