/* SPDX-License-Identifier: MIT */
#pragma once

/* How a row of slipway.stage is shown: one whose gate failed has failed, and says why. A database that an older
 * version made lacks the column. */
#define SLIP_STAGE_SHOWN_GATE "CASE WHEN state = 'done' THEN to_jsonb (stage.*) ->> 'gate' END"
#define SLIP_STAGE_SHOWN_STATE                                                                     \
  "CASE WHEN " SLIP_STAGE_SHOWN_GATE " IS NOT NULL THEN 'failed' ELSE state END"
#define SLIP_STAGE_SHOWN_NOTE                                                                      \
  "nullif (concat_ws ('; ', " SLIP_STAGE_SHOWN_GATE ", nullif (note, '')), '')"

/* SQL: what an integration is known by, of `r` of slipway.run and its row of slipway.stage: it is another one when the stage is
 * done again, or of other files. */
#define SLIP_STAGE_SHOWN_MARK                                                                      \
  "left (encode (sha256 (convert_to (concat_ws (' ', r.token, extract (epoch FROM "                \
  "stage.started), to_jsonb (r) ->> 'landed'), 'UTF8')), 'hex'), 16)"

/* SQL, of a run's id (%D): the other one that works in the schemas, or nothing. */
#define SLIP_STAGE_SHOWN_OTHER "SELECT run FROM slipway.working WHERE run <> %D"

/* SQL: the files that run `r` was made of, whatever is landed by now; of the latest one, before that is settled, those that are. */
#define SLIP_STAGE_SHOWN_FILES                                                                     \
  "LATERAL (SELECT l.table_name, l.part, l.name, l.sha256,\n"                                      \
  "    coalesce ((to_jsonb (l) ->> 'rows')::bigint, f.rows) AS rows,\n"                            \
  "    coalesce ((to_jsonb (l) ->> 'rejected')::bigint, f.rejected) AS rejected\n"                 \
  "  FROM slipway.run_file AS l LEFT JOIN slipway.file AS f ON f.table_schema = r.schemas[1]\n"    \
  "    AND (f.table_name, f.part, f.sha256) = (l.table_name, l.part, l.sha256) WHERE l.run = "     \
  "r.id\n"                                                                                         \
  "  UNION ALL SELECT table_name, part, name, sha256, rows, rejected FROM slipway.file\n"          \
  "   WHERE table_schema = r.schemas[1] AND NOT EXISTS (SELECT FROM slipway.run_file WHERE run = " \
  "r.id)\n"                                                                                        \
  "     AND NOT EXISTS (SELECT FROM slipway.run AS n WHERE n.id > r.id AND n.schemas[1] = "        \
  "r.schemas[1]))"
