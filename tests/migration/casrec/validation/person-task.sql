-- Every client with each active task of theirs (2.6: of cases with an order that is not open). A task has no number in the
-- target: when it was made and what it says tell which it is.
SELECT p."Case" AS person_id, concat_ws (', ', CAST(t."Date Create" AS date), nullif (btrim (t."Comment"), '')) AS task_id,
       t.casrec_row_id AS row_id
  FROM {casrec_schema}.sup_activity AS t
  JOIN {casrec_schema}.pat AS p ON p."Case" = t."Case" AND p."Case" <> ''
 WHERE t."Status" = 'ACTIVE'
   AND EXISTS (SELECT FROM {casrec_schema}.order AS o WHERE o."Case" = t."Case" AND o."Ord Stat" <> 'Open')
EXCEPT
SELECT p.caserecnumber AS person_id, concat_ws (', ', t.createdtime::date, nullif (btrim (t.description), '')) AS task_id,
       concat_ws ('/', k.person_id, k.task_id) AS target_id
  FROM {target_schema}.person_task AS k
  JOIN {target_schema}.persons AS p ON p.id = k.person_id
  JOIN {target_schema}.tasks AS t ON t.id = k.task_id
 WHERE p.type = 'actor_client' AND p.clientsource = '{client_source}'
