-- Anonymised cases that were merged into landed tables. Their rows have ids from 2^40 on, which no file's rows reach, so
-- that a table's files are still told by slipway.file alone. The case is known by the key that it has here.

CREATE TABLE IF NOT EXISTS slipway.case_row (
  table_schema  text NOT NULL,
  table_name    text NOT NULL,
  casrec_row_id bigint NOT NULL,
  digest        text NOT NULL,
  PRIMARY KEY (table_schema, table_name, casrec_row_id),
  UNIQUE (table_schema, table_name, digest)
);

-- Which cases a row belongs to: what two of them share is there once.
CREATE TABLE IF NOT EXISTS slipway.case_of (
  table_schema  text NOT NULL,
  table_name    text NOT NULL,
  casrec_row_id bigint NOT NULL,
  case_key      text NOT NULL,
  PRIMARY KEY (table_schema, table_name, casrec_row_id, case_key),
  FOREIGN KEY (table_schema, table_name, casrec_row_id) REFERENCES slipway.case_row ON DELETE CASCADE
);
