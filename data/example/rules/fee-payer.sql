-- SPDX-License-Identifier: MIT
-- Who pays for a berth: of its holders who are still members, the one who is marked; else the first.
UPDATE {integration}.contracts c
   SET feepayer_id = payer.person_id
  FROM (SELECT DISTINCT ON (h.contract_id) h.contract_id, h.person_id
          FROM {integration}.contract_holders h
          JOIN {integration}.people p ON p.id = h.person_id
         WHERE h.state = 'ACTIVE' AND p.dateofdeath IS NULL
         ORDER BY h.contract_id, h.payer DESC, h.id) payer
 WHERE payer.contract_id = c.id
