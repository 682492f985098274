/* SPDX-License-Identifier: MIT */
#pragma once

/* How a row of slipway.stage is shown: one whose gate failed has failed, and says why. A database that an older
 * version made lacks the column. */
#define SLIP_STAGE_SHOWN_GATE "CASE WHEN state = 'done' THEN to_jsonb (stage.*) ->> 'gate' END"
#define SLIP_STAGE_SHOWN_STATE                                                                     \
  "CASE WHEN " SLIP_STAGE_SHOWN_GATE " IS NOT NULL THEN 'failed' ELSE state END"
#define SLIP_STAGE_SHOWN_NOTE                                                                      \
  "nullif (concat_ws ('; ', " SLIP_STAGE_SHOWN_GATE ", nullif (note, '')), '')"
