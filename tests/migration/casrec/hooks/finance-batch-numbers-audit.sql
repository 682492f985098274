-- The rows that this migration brought and that have no batch yet.
SELECT 'finance_invoice' AS table_name, id, batchnumber FROM {target}.finance_invoice
 WHERE source = {values.phase} AND batchnumber IS NULL
UNION ALL
SELECT 'finance_ledger', id, batchnumber FROM {target}.finance_ledger
 WHERE source = {values.phase} AND batchnumber IS NULL
UNION ALL
SELECT 'finance_ledger_allocation', id, batchnumber FROM {target}.finance_ledger_allocation
 WHERE source = {values.phase} AND batchnumber IS NULL
ORDER BY 1, 2;
