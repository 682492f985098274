-- A client's fee payer is the active deputy whose deputyship is marked so and of whose death there is no notification. Several: the one of the
-- latest order. None: nobody, as the mapping's default says.
UPDATE {integration}.persons client
   SET feepayer_id = payer.id
  FROM (SELECT DISTINCT ON (c.client_id) c.client_id, d.id
          FROM {integration}.order_deputy od
          JOIN {integration}.cases c ON c.id = od.order_id
          JOIN {integration}.persons d ON d.id = od.deputy_id
         WHERE od.c_fee_payer = 'Y'
           AND od.statusoncase = 'ACTIVE'
           AND NOT EXISTS (SELECT FROM {integration}.death_notifications n WHERE n.person_id = d.id)
         ORDER BY c.client_id, c.orderdate DESC NULLS LAST, od.id DESC) AS payer
 WHERE client.id = payer.client_id
   AND client.type = 'actor_client'
   AND client.feepayer_id IS DISTINCT FROM payer.id;
