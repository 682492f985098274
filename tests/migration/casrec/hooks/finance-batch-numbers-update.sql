-- One batch for all rows of this phase. Nothing to stamp: the counter stays.
UPDATE {target}.finance_counter
   SET counter = counter + 1
 WHERE key = 'DatFileBatchNumber'
   AND (EXISTS (SELECT FROM {target}.finance_invoice WHERE source = {values.phase} AND batchnumber IS NULL)
        OR EXISTS (SELECT FROM {target}.finance_ledger WHERE source = {values.phase} AND batchnumber IS NULL)
        OR EXISTS (SELECT FROM {target}.finance_ledger_allocation
                    WHERE source = {values.phase} AND batchnumber IS NULL));

UPDATE {target}.finance_invoice
   SET batchnumber = (SELECT counter FROM {target}.finance_counter WHERE key = 'DatFileBatchNumber')
 WHERE source = {values.phase} AND batchnumber IS NULL;

UPDATE {target}.finance_ledger
   SET batchnumber = (SELECT counter FROM {target}.finance_counter WHERE key = 'DatFileBatchNumber')
 WHERE source = {values.phase} AND batchnumber IS NULL;

UPDATE {target}.finance_ledger_allocation
   SET batchnumber = (SELECT counter FROM {target}.finance_counter WHERE key = 'DatFileBatchNumber')
 WHERE source = {values.phase} AND batchnumber IS NULL;
