-- SPDX-License-Identifier: MIT
-- Everybody with each event of theirs.
SELECT m."Member No" AS person_id, 'migrated' AS timeline_id, m.casrec_row_id AS row_id
  FROM {casrec_schema}.member AS m
UNION ALL
SELECT m."Member No", 'left', m.casrec_row_id
  FROM {casrec_schema}.member AS m
 WHERE m."Status" = 'L' AND m."Status Date" <> ''
EXCEPT
SELECT p.membernumber AS person_id,
       concat_ws (' of ', t.event ->> 'kind', nullif (t.membernumber, p.membernumber)) AS timeline_id,
       k.id AS target_id
  FROM {target_schema}.people_timeline AS k
  JOIN {target_schema}.people AS p ON p.id = k.person_id
  JOIN {target_schema}.timeline AS t ON t.id = k.timeline_id
 WHERE p.clubsource = '{client_source}'
