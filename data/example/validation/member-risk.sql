-- SPDX-License-Identifier: MIT
-- A member's risk is the score that was written last; who never had one has 1.
SELECT m."Member No" AS membernumber, coalesce (CAST(s."Score" AS integer), 1) AS risklevel, m.casrec_row_id AS row_id
  FROM {casrec_schema}.member AS m
  LEFT JOIN (SELECT DISTINCT ON ("Member No") "Member No", "Score"
               FROM {casrec_schema}.score
              ORDER BY "Member No", coalesce (CAST("Modify" AS date), DATE '1900-01-01') DESC, "at" DESC, casrec_row_id DESC) AS s
         ON s."Member No" = m."Member No"
EXCEPT
SELECT p.membernumber, p.risklevel, p.id AS target_id
  FROM {target_schema}.people AS p
 WHERE p.type = 'member' AND p.clubsource = '{client_source}'
