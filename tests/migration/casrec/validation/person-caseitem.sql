-- Every client with each order of theirs that is not open (2.6: by the case number). An order has no number in the target: its
-- date and its kind say which it is.
SELECT p."Case" AS person_id, concat_ws (', ', CAST(o."Made Date" AS date), nullif ({casrec_schema}.order_type_lookup (o."Ord Type"), '')) AS caseitem_id,
       o.casrec_row_id AS row_id
  FROM {casrec_schema}.order AS o
  JOIN {casrec_schema}.pat AS p ON p."Case" = o."Case" AND p."Case" <> ''
 WHERE o."Ord Stat" <> 'Open'
EXCEPT
SELECT p.caserecnumber AS person_id, concat_ws (', ', c.orderdate::date, c.casesubtype) AS caseitem_id,
       concat_ws ('/', k.person_id, k.caseitem_id) AS target_id
  FROM {target_schema}.person_caseitem AS k
  JOIN {target_schema}.persons AS p ON p.id = k.person_id
  JOIN {target_schema}.cases AS c ON c.id = k.caseitem_id
 WHERE p.type = 'actor_client' AND p.clientsource = '{client_source}' AND c.casetype = 'ORDER'
