-- SPDX-License-Identifier: MIT
-- A member's standing, from the Logbook's own entries: the first that holds counts. A payment is waited for when it is not
-- posted, and no debt of it is known, a year after the day on which it was asked.
SELECT m."Member No" AS membernumber,
       CASE WHEN m."Status" = 'X' AND CAST(m."Status Date" AS date) IS NOT NULL THEN 'DECEASED'
            WHEN m."Status" IN ('X', 'L') THEN 'LEFT'
            WHEN EXISTS (SELECT FROM {casrec_schema}.entry AS e
                          WHERE e."Member No" = m."Member No" AND CAST(e."Amount" AS numeric) > 0
                            AND CAST(e."Create" AS date) > '2019-03-31' AND CAST(e."Create" AS date) < {run_date} - 365
                            AND NOT EXISTS (SELECT FROM {casrec_schema}.posted AS g
                                             WHERE g."Invoice No" = e."Invoice No" AND CAST(g."Posted" AS date) IS NOT NULL)
                            AND NOT EXISTS (SELECT FROM {casrec_schema}.sop_aged_debt AS d WHERE d."Trx Number" = e."Invoice No"))
            THEN 'IN ARREARS'
            WHEN EXISTS (SELECT FROM {casrec_schema}.contract AS c
                          WHERE c."Member No" = m."Member No" AND c."State" = 'Current' AND c."Kind" IN ('S', 'P'))
            THEN 'BERTH HOLDER'
            ELSE 'MEMBER' END AS standing,
       m.casrec_row_id AS row_id
  FROM {casrec_schema}.member AS m
EXCEPT
SELECT p.membernumber, p.standing, p.id AS target_id
  FROM {target_schema}.people AS p
 WHERE p.type = 'member' AND p.clubsource = '{client_source}'
