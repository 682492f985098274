-- Every row returned is a fault: a row of this phase without a batch.
SELECT 'finance_invoice' AS table_name, id FROM {target}.finance_invoice
 WHERE source = {values.phase} AND batchnumber IS NULL
UNION ALL
SELECT 'finance_ledger', id FROM {target}.finance_ledger
 WHERE source = {values.phase} AND batchnumber IS NULL
UNION ALL
SELECT 'finance_ledger_allocation', id FROM {target}.finance_ledger_allocation
 WHERE source = {values.phase} AND batchnumber IS NULL;
