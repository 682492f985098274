-- SPDX-License-Identifier: MIT
WITH next AS (
  UPDATE {target}.counters SET value = value + 1
   WHERE name = 'invoice batch'
     AND EXISTS (SELECT FROM {target}.invoices WHERE source = {values.source} AND coalesce(batchnumber, 0) = 0)
  RETURNING value)
UPDATE {target}.invoices SET batchnumber = next.value
  FROM next WHERE source = {values.source} AND coalesce(batchnumber, 0) = 0
