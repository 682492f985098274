-- The state of a client, by the first of these that holds: proof of a death, notice of one, any active order,
-- the latest order open, all orders closed or duplicates and the latest of a kind that is listed, the latest closed
-- because capacity was regained, the latest closed, all duplicates, nothing known. An order without a date counts as the
-- latest, as in the original.
WITH orders AS (
  SELECT c.client_id AS person,
         bool_or (c.orderstatus = 'ACTIVE') AS any_active,
         bool_and (coalesce (c.orderstatus IN ('CLOSED', 'DUPLICATE'), false)) AS all_closed,
         bool_and (c.orderstatus = 'DUPLICATE') AS all_duplicate,
         (array_agg (c.orderstatus ORDER BY c.orderdate DESC NULLS FIRST, c.id DESC))[1] AS latest,
         (array_agg (c.ordersubtype ORDER BY c.orderdate DESC NULLS FIRST, c.id DESC))[1] AS latest_kind,
         (array_agg (c.orderclosurereason ORDER BY c.orderdate DESC NULLS FIRST, c.id DESC))[1] AS latest_reason
    FROM {integration}.cases c
   GROUP BY c.client_id
), deaths AS (
  SELECT person_id, bool_or (proofofdeathreceived) AS proven, bool_or (datenotified IS NOT NULL) AS notified
    FROM {integration}.death_notifications
   GROUP BY person_id
), states AS (
  SELECT p.id AS person,
         CASE WHEN d.proven THEN 'DEATH_CONFIRMED'
              WHEN d.notified THEN 'DEATH_NOTIFIED'
              WHEN o.any_active THEN 'ACTIVE'
              WHEN o.latest = 'OPEN' THEN 'OPEN'
              WHEN o.all_closed AND o.latest_kind IN ('NEW DEPUTY', 'INTERIM ORDER', 'REPLACEMENT', 'SUPPLEMENTARY') THEN 'CLOSED'
              WHEN o.latest = 'CLOSED' AND o.latest_reason = 'REGAINED_CAPACITY' THEN 'REGAINED_CAPACITY'
              WHEN o.latest = 'CLOSED' THEN 'INACTIVE'
              WHEN o.all_duplicate THEN 'DUPLICATE'
         END AS status
    FROM {integration}.persons p
    LEFT JOIN orders o ON o.person = p.id
    LEFT JOIN deaths d ON d.person_id = p.id
   WHERE p.type = 'actor_client'
)
UPDATE {integration}.persons p
   SET clientstatus = s.status
  FROM states s
 WHERE p.id = s.person
   AND p.clientstatus IS DISTINCT FROM s.status;
