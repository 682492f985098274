-- SPDX-License-Identifier: MIT
-- A member's standing follows from what became of their contracts and invoices; the first that holds counts.
UPDATE {integration}.people p
   SET standing = CASE
         WHEN p.dateofdeath IS NOT NULL THEN 'DECEASED'
         WHEN p.membership = 'LEFT' THEN 'LEFT'
         WHEN EXISTS (SELECT FROM {integration}.invoices i
                       WHERE i.person_id = p.id
                         AND slipway.club_in_arrears (i.raiseddate::date, i.confirmeddate::date, {run_date}))
           THEN 'IN ARREARS'
         WHEN EXISTS (SELECT FROM {integration}.contracts c WHERE c.membernumber = p.membernumber AND c.state = 'OPEN')
           THEN 'BERTH HOLDER'
         ELSE 'MEMBER'
       END
 WHERE p.type = 'member'
