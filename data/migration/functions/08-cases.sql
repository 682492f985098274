-- Anonymised cases that were merged into landed tables. Their rows have ids from 2^30 on, which no file's rows reach, so
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

-- What a schema's landed tables hold: files by their content and how they were read, and rows of merged cases. A file's name
-- is none of it, nor when it was landed.
CREATE OR REPLACE FUNCTION slipway.landed_digest (landed_schema text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT encode (sha256 (convert_to (concat_ws (E'\n',
        (SELECT string_agg (concat_ws (' ', table_name, part, sha256, format, header, landed_sha256), E'\n'
                            ORDER BY table_name COLLATE "C", part) FROM slipway.file WHERE table_schema = landed_schema),
        (SELECT string_agg (concat_ws (' ', table_name, casrec_row_id, digest), E'\n'
                            ORDER BY table_name COLLATE "C", casrec_row_id) FROM slipway.case_row
          WHERE table_schema = landed_schema)), 'UTF8')), 'hex') $$;
