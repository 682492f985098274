-- Every order that is not open with each active task that names it (2.6: by the order's number, of cases with such an order).
SELECT o."Case" AS caserecnumber,
       concat_ws (', ', CAST(o."Made Date" AS date), nullif ({casrec_schema}.order_type_lookup (o."Ord Type"), '')) AS caseitem_id,
       concat_ws (', ', CAST(t."Date Create" AS date), nullif (btrim (t."Comment"), '')) AS task_id, t.casrec_row_id AS row_id
  FROM {casrec_schema}.sup_activity AS t
  JOIN {casrec_schema}.order AS o ON o."Order No" = t."Order No" AND o."Order No" <> ''
 WHERE t."Status" = 'ACTIVE' AND o."Ord Stat" <> 'Open'
   AND EXISTS (SELECT FROM {casrec_schema}.order AS any_order
                WHERE any_order."Case" = t."Case" AND t."Case" <> '' AND any_order."Ord Stat" <> 'Open')
   AND EXISTS (SELECT FROM {casrec_schema}.pat AS p WHERE p."Case" = o."Case" AND p."Case" <> '')
EXCEPT
SELECT c.caserecnumber AS caserecnumber, concat_ws (', ', c.orderdate::date, c.casesubtype) AS caseitem_id,
       concat_ws (', ', t.createdtime::date, nullif (btrim (t.description), '')) AS task_id,
       concat_ws ('/', k.caseitem_id, k.task_id) AS target_id
  FROM {target_schema}.caseitem_task AS k
  JOIN {target_schema}.cases AS c ON c.id = k.caseitem_id
  JOIN {target_schema}.persons AS p ON p.id = c.client_id
  JOIN {target_schema}.tasks AS t ON t.id = k.task_id
 WHERE p.type = 'actor_client' AND p.clientsource = '{client_source}' AND c.casetype = 'ORDER'
