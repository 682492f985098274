-- SPDX-License-Identifier: MIT
-- Who holds a share of which contract, and whether they pay: who says so, or who holds it alone.
SELECT m."Member No" AS person_id, c."Contract No" AS contract_id,
       CASE h."Share" WHEN '5' THEN 'CLOSED' ELSE 'ACTIVE' END AS state,
       h."Pays" = 'Y' OR h.holders = 1 AS payer, h.casrec_row_id AS row_id
  FROM (SELECT *, count (*) OVER (PARTITION BY "Contract No") AS holders FROM {casrec_schema}.share) AS h
  JOIN {casrec_schema}.member AS m ON m."Member No" = h."Member No"
  JOIN {casrec_schema}.contract AS c ON c."Contract No" = h."Contract No"
 WHERE c."State" <> 'Draft'
EXCEPT
SELECT p.membernumber AS person_id, c.contractnumber AS contract_id, h.state, h.payer, h.id AS target_id
  FROM {target_schema}.contract_holders AS h
  JOIN {target_schema}.people AS p ON p.id = h.person_id
  JOIN {target_schema}.contracts AS c ON c.id = h.contract_id
 WHERE c.clubsource = '{client_source}'
