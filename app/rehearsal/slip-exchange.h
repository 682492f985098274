/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-http.h"
#include "slip-faults.h"
#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipAnswer:
 * @SLIP_ANSWER_WHOLE: send the response
 * @SLIP_ANSWER_TRUNCATED: send its head and half of its body, then close
 * @SLIP_ANSWER_DROPPED: close without an answer
 */
typedef enum
{
  SLIP_ANSWER_WHOLE,
  SLIP_ANSWER_TRUNCATED,
  SLIP_ANSWER_DROPPED,
} SlipAnswer;

/**
 * SlipExchange:
 * @response: (nullable): the response; %NULL when dropped
 * @answer: how much of it to send
 * @delay: real seconds to wait before
 *
 * What came of one request.
 */
typedef struct
{
  SlipAwsResponse *response;
  SlipAnswer answer;
  double delay;
} SlipExchange;

/**
 * slip_exchange_run:
 * @world: the world
 * @faults: the faults
 * @endpoint: where the server listens
 * @request: a request as it came
 * @host: its Host header
 *
 * Serves one AWS request: proves who calls, finds service and operation, checks the input, lets
 * faults strike, asks the caller's policies, runs the service's function in a transaction, and logs the call in the same one.
 * Knows nothing of sockets.
 *
 * Returns: what to send
 */
SlipExchange slip_exchange_run (SlipWorld *world,
                                SlipFaults *faults,
                                const char *endpoint,
                                const SlipAwsRequest *request,
                                const char *host);

G_END_DECLS
