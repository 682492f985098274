-- SPDX-License-Identifier: MIT
SELECT id, reference, batchnumber FROM {target}.invoices WHERE source = {values.source} AND coalesce(batchnumber, 0) = 0
