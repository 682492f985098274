-- What a run is made of beside its rows: steps that are done, rows that filters leave out, and how the target
-- stood when ids were given. A step's row is committed with the rows that it wrote.

ALTER TABLE slipway.run ADD COLUMN IF NOT EXISTS token uuid NOT NULL DEFAULT gen_random_uuid ();
ALTER TABLE slipway.run ADD COLUMN IF NOT EXISTS schemas text[];

CREATE TABLE IF NOT EXISTS slipway.step (
  run     bigint NOT NULL REFERENCES slipway.run,
  step    text NOT NULL,
  entity  text NOT NULL,
  rows    bigint NOT NULL,
  seconds double precision NOT NULL,
  ended   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run, step)
);

-- Rows of landed tables that filters leave out; the rows themselves stay where they are.
CREATE TABLE IF NOT EXISTS slipway.excluded (
  table_name    text NOT NULL,
  casrec_row_id bigint NOT NULL,
  filter        text NOT NULL,
  reason        text NOT NULL,
  PRIMARY KEY (table_name, casrec_row_id, filter)
);

-- How the target stood: kind is `rows` (of every table, at prepare), `shape` (a digest of
-- each table's definition, at prepare), `key` (the largest, at integration) or
-- `uid` (the last number given out).
CREATE TABLE IF NOT EXISTS slipway.base (
  run         bigint NOT NULL REFERENCES slipway.run,
  table_name  text NOT NULL,
  column_name text NOT NULL,
  kind        text NOT NULL,
  value       bigint NOT NULL,
  PRIMARY KEY (run, table_name, column_name, kind)
);

-- The line of its file in which a landed record begins: those of the header, one for each record before it, and the line ends
-- inside of these; in a workbook its row. Not exact behind empty lines and rejected records: it begins there or later.
CREATE OR REPLACE FUNCTION slipway.landed_line (file slipway.file, row_id bigint, OUT line bigint, OUT exact boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
  inside bigint := 0;
BEGIN
  line := 1 + row_id - file.first_row_id + 1;
  exact := file.blank_lines = 0 AND NOT EXISTS (
    SELECT FROM slipway.rejected r WHERE r.stage = 'load' AND r.table_schema = file.table_schema AND r.table_name = file.table_name
       AND r.file = file.name AND r.record < row_id - file.first_row_id + 1);
  IF file.format NOT LIKE 'xlsx%' AND to_regclass (format ('%I.%I', file.table_schema, file.table_name)) IS NOT NULL THEN
    EXECUTE format ('SELECT coalesce (sum (length (s::text) - length (replace (s::text, E''\n'', ''''))), 0)
                       FROM %I.%I AS s WHERE s.casrec_row_id >= $1 AND s.casrec_row_id < $2', file.table_schema, file.table_name)
       INTO inside USING file.first_row_id, row_id;
    line := line + inside + (SELECT sum (length (h) - length (replace (h, E'\n', ''))) FROM unnest (file.header) AS h);
  END IF;
END $$;

-- A record as every message calls it.
CREATE OR REPLACE FUNCTION slipway.record_told (name text, record bigint, line bigint, exact boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT name || ' record ' || record || CASE WHEN exact THEN ' (line ' ELSE ' (line ≥ ' END || line || ')' $$;

-- Where a row comes from, for people: the file, the how many-th record of it and its line, by the row's provenance.
CREATE OR REPLACE FUNCTION slipway.where_landed (details jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce ((SELECT slipway.record_told (f.name, i.id - f.first_row_id + 1, l.line, l.exact)
                          FROM (SELECT (details -> 0 ->> 'casrec_row_id')::bigint AS id) AS i
                          JOIN slipway.file f ON f.table_name = lower (details -> 0 ->> 'casrec_table_name')
                           AND i.id BETWEEN f.first_row_id AND f.last_row_id
                         CROSS JOIN LATERAL slipway.landed_line (f, i.id) AS l
                         LIMIT 1), 'made of no file''s row') $$;

-- What was landed when a run began to work on it, as slipway.landed_digest tells it; NULL before. And which files that were.
ALTER TABLE slipway.run ADD COLUMN IF NOT EXISTS landed text;

CREATE TABLE IF NOT EXISTS slipway.run_file (
  run        bigint NOT NULL REFERENCES slipway.run,
  table_name text NOT NULL,
  part       integer NOT NULL,
  name       text NOT NULL,
  bytes      bigint NOT NULL,
  sha256     text NOT NULL,
  format     text NOT NULL,
  PRIMARY KEY (run, table_name, part)
);

-- The run that wrote last what runs share: the views of filters, and the schemas transform, integration and staging.
CREATE TABLE IF NOT EXISTS slipway.working (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  run      bigint NOT NULL REFERENCES slipway.run
);

-- Of stage load_to_target: that a target knows the run, so that its rows may stand there.
ALTER TABLE slipway.stage ADD COLUMN IF NOT EXISTS in_target boolean;

-- Schemas that runs drop and make again bear a mark, a comment, and no other is ever dropped. Those that runs of earlier versions
-- made have it from here, once.
DO $$
DECLARE
  name text;
BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'slipway.version'::regclass AND attname = 'marked' AND NOT attisdropped) THEN
    RETURN;
  END IF;
  ALTER TABLE slipway.version ADD COLUMN marked boolean NOT NULL DEFAULT true;
  FOR name IN
    SELECT DISTINCT m.made
      FROM slipway.run r JOIN slipway.stage s ON s.run = r.id AND s.state <> 'skipped'
     CROSS JOIN LATERAL (VALUES ('filter', r.schemas[1] || '_kept'), ('transform', r.schemas[2]), ('integration', r.schemas[3]),
                                ('prepare', r.schemas[4])) AS m (stage, made)
     WHERE m.stage = s.stage AND m.made <> 'public' AND m.made !~ '^(pg_|slipway|information_schema$)'
       AND m.made <> r.schemas[1] AND to_regnamespace (quote_ident (m.made)) IS NOT NULL
  LOOP
    BEGIN
      EXECUTE format ('COMMENT ON SCHEMA %I IS %L', name, 'Made by Slipway, whose runs drop it and make it again');
    EXCEPTION WHEN insufficient_privilege THEN
      NULL; -- another role's, which cannot be dropped either
    END;
  END LOOP;
END $$;
