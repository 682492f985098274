-- SPDX-License-Identifier: MIT
-- Who has which task. A task has no number in the new database: its text and the day on which it began say which it is.
SELECT m."Member No" AS person_id, concat_ws (', ', CAST(t."Start" AS date), nullif (btrim (t."Text"), '')) AS task_id,
       t.casrec_row_id AS row_id
  FROM {casrec_schema}.task AS t
  JOIN {casrec_schema}.member AS m ON m."Member No" = t."Member No"
  JOIN {casrec_schema}.contract AS c ON c."Contract No" = t."Contract No"
 WHERE t."State" IN ('OPEN', 'WAITING') AND c."State" <> 'Draft'
EXCEPT
SELECT p.membernumber AS person_id, concat_ws (', ', t.createdtime::date, nullif (btrim (t.description), '')) AS task_id,
       concat_ws ('/', k.person_id, k.task_id) AS target_id
  FROM {target_schema}.people_tasks AS k
  JOIN {target_schema}.people AS p ON p.id = k.person_id
  JOIN {target_schema}.tasks AS t ON t.id = k.task_id
 WHERE p.clubsource = '{client_source}'
