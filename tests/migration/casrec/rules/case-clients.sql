-- Each order belongs to the client whose case number it bears.
UPDATE {integration}.cases c
   SET client_id = p.id
  FROM {integration}.persons p
 WHERE p.type = 'actor_client'
   AND p.caserecnumber = c.caserecnumber
   AND c.client_id IS DISTINCT FROM p.id;
