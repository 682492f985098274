-- SPDX-License-Identifier: MIT
-- What the timeline says of a member: when they were taken over, and when they left. The person whose id is in the event must
-- be the one whose number is.
SELECT m."Member No" AS membernumber, k.kind, 1 AS createdby_id, {run_date} AS createdon, m."Member No" AS person,
       concat_ws (' ', nullif (slipway.transf_first_word (m."Forenames"), ''),
                  nullif (slipway.transf_capitalise_first_letter (m."Surname"), '')) AS name,
       k.description, 'true' AS event, m.casrec_row_id AS row_id
  FROM {casrec_schema}.member AS m
 CROSS JOIN LATERAL
       (SELECT 'migrated' AS kind,
               'Taken over from the Logbook' || coalesce ('. Away since ' || to_char (CAST(m."Away Since" AS date), 'DD/MM/YYYY'), '') AS description
         UNION ALL
        SELECT 'left', 'Left on ' || to_char (CAST(m."Status Date" AS date), 'DD/MM/YYYY')
         WHERE m."Status" = 'L' AND m."Status Date" <> '') AS k
EXCEPT
SELECT t.membernumber, t.event ->> 'kind' AS kind, t.createdby_id, t.createdon::date AS createdon, p.membernumber AS person,
       t.event ->> 'name' AS name, t.event ->> 'description' AS description,
       t.event ->> 'isMemberEvent' = 'true' AND t.event ->> 'memberNumber' = t.membernumber
         AND (SELECT count (*) FROM json_object_keys (t.event)) = 6 AS event,
       t.id AS target_id
  FROM {target_schema}.timeline AS t
  LEFT JOIN {target_schema}.people AS p ON p.id = (t.event ->> 'personId')::integer
 WHERE t.event ->> 'kind' IN ('migrated', 'left')
