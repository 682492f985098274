-- SPDX-License-Identifier: MIT
-- Everybody with each contract of theirs that was not only a draft; ids stand as the numbers of what they lead to.
SELECT m."Member No" AS person_id, c."Contract No" AS contract_id, c.casrec_row_id AS row_id
  FROM {casrec_schema}.contract AS c
  JOIN {casrec_schema}.member AS m ON m."Member No" = c."Member No"
 WHERE c."State" <> 'Draft'
EXCEPT
SELECT p.membernumber AS person_id, c.contractnumber AS contract_id, concat_ws ('/', k.person_id, k.contract_id) AS target_id
  FROM {target_schema}.people_contracts AS k
  JOIN {target_schema}.people AS p ON p.id = k.person_id
  JOIN {target_schema}.contracts AS c ON c.id = k.contract_id
 WHERE c.clubsource = '{client_source}'
