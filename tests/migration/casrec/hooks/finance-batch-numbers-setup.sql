-- The counter of batches: a target that never had one starts at 0.
INSERT INTO {target}.finance_counter (id, key, counter)
SELECT coalesce (max (id), 0) + 1, 'DatFileBatchNumber', 0
  FROM {target}.finance_counter
HAVING count (*) FILTER (WHERE key = 'DatFileBatchNumber') = 0;
