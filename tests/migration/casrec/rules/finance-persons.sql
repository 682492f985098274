-- The finance person of a client is in the target already; four tables point at it, each by its own way to
-- the client. integration.finance_person is the copy of the target's table (tables_to_copy_from_sirius.json).
UPDATE {integration}.finance_invoice i
   SET finance_person_id = f.id
  FROM {integration}.finance_person f
 WHERE f.person_id = i.person_id
   AND i.finance_person_id IS DISTINCT FROM f.id;

UPDATE {integration}.finance_remission_exemption r
   SET finance_person_id = f.id
  FROM {integration}.persons p
  JOIN {integration}.finance_person f ON f.person_id = p.id
 WHERE p.type = 'actor_client'
   AND p.caserecnumber = r.c_case
   AND r.finance_person_id IS DISTINCT FROM f.id;

UPDATE {integration}.finance_ledger l
   SET finance_person_id = i.finance_person_id
  FROM {integration}.finance_invoice i
 WHERE i.reference = l.c_orig_invoice
   AND l.finance_person_id IS DISTINCT FROM i.finance_person_id;

UPDATE {integration}.finance_order o
   SET finance_person_id = f.id
  FROM {integration}.cases c
  JOIN {integration}.finance_person f ON f.person_id = c.client_id
 WHERE c.id = o.order_id
   AND o.finance_person_id IS DISTINCT FROM f.id;
