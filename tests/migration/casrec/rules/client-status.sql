-- The state of a client, by the first of these that holds: proof of a death, notice of one, any active order,
-- the latest order open, all orders closed and of the kinds that end by themselves, the latest closed because
-- capacity was regained, the latest closed, all duplicates, nothing known.
WITH orders AS (
  SELECT p.id AS person,
         bool_or (c.orderstatus = 'ACTIVE') AS any_active,
         bool_and (c.orderstatus = 'CLOSED'
                   AND c.ordersubtype IN ('DIRECTION', 'TENANCY', 'SUPPLEMENTARY')) AS all_ended,
         bool_and (c.orderstatus = 'DUPLICATE') AS all_duplicate,
         (array_agg (c.orderstatus ORDER BY c.orderdate DESC NULLS LAST, c.id DESC))[1] AS latest,
         (array_agg (c.orderclosurereason ORDER BY c.orderdate DESC NULLS LAST, c.id DESC))[1] AS latest_reason
    FROM {integration}.persons p
    LEFT JOIN {integration}.cases c ON c.client_id = p.id
   WHERE p.type = 'actor_client'
   GROUP BY p.id
), deaths AS (
  SELECT person_id, bool_or (proofofdeathreceived) AS proven
    FROM {integration}.death_notifications
   GROUP BY person_id
), states AS (
  SELECT o.person,
         CASE WHEN d.proven THEN 'DEATH_CONFIRMED'
              WHEN d.person_id IS NOT NULL THEN 'DEATH_NOTIFIED'
              WHEN o.any_active THEN 'ACTIVE'
              WHEN o.latest = 'OPEN' THEN 'OPEN'
              WHEN o.all_ended THEN 'CLOSED'
              WHEN o.latest = 'CLOSED' AND o.latest_reason = 'REGAINED_CAPACITY' THEN 'REGAINED_CAPACITY'
              WHEN o.latest = 'CLOSED' THEN 'INACTIVE'
              WHEN o.all_duplicate THEN 'DUPLICATE'
         END AS status
    FROM orders o
    LEFT JOIN deaths d ON d.person_id = o.person
)
UPDATE {integration}.persons p
   SET clientstatus = s.status
  FROM states s
 WHERE p.id = s.person
   AND p.clientstatus IS DISTINCT FROM s.status;
