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

-- The lines of its files in which landed records of a table begin: those of the header, one for each record before it, and the
-- line ends inside of these; in a workbook its row. Not exact behind empty lines and rejected records: it begins there or later.
-- However many are asked for, a file's records are looked through once, and not at all where each is known to be one line.
CREATE OR REPLACE FUNCTION slipway.landed_lines (in_schema text, in_table text, ids bigint[])
RETURNS TABLE (row_id bigint, line bigint, exact boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
  has_table boolean := to_regclass (format ('%I.%I', in_schema, in_table)) IS NOT NULL;
  file slipway.file;
  wanted bigint[];
  head bigint;
  first_rejected bigint;
  inside text;
BEGIN
  FOR file IN SELECT * FROM slipway.file AS f WHERE f.table_schema = in_schema AND f.table_name = in_table ORDER BY f.part LOOP
    wanted := ARRAY (SELECT DISTINCT i FROM unnest (ids) AS i WHERE i BETWEEN file.first_row_id AND file.last_row_id);
    CONTINUE WHEN wanted = '{}';
    head := 1;
    inside := '';
    IF file.format NOT LIKE 'xlsx%' THEN
      head := head + (SELECT sum (length (h) - length (replace (h, E'\n', ''))) FROM unnest (file.header) AS h);
      IF has_table AND file.inner_lines IS DISTINCT FROM 0 THEN
        inside := format ('UNION ALL SELECT s.casrec_row_id, length (s::text) - length (replace (s::text, E''\n'', ''''))
                             FROM %I.%I AS s WHERE s.casrec_row_id >= $2 AND s.casrec_row_id < $3 AND strpos (s::text, E''\n'') > 0',
                          in_schema, in_table);
      END IF;
    END IF;
    first_rejected := (SELECT min (r.record) FROM slipway.rejected AS r
                        WHERE r.stage = 'load' AND r.table_schema = in_schema AND r.table_name = in_table AND r.file = file.name);
    -- Line ends inside of a record count for those behind it: what is asked for comes before them, with none.
    RETURN QUERY EXECUTE format (
      'SELECT a.id, ($4 + a.id - $2 + 1 + a.before)::bigint, $5 AND coalesce (a.id - $2 + 1 <= $6, true)
         FROM (SELECT e.id, e.n, sum (e.n) OVER (ORDER BY e.id, e.n) AS before
                 FROM (SELECT unnest ($1) AS id, 0 AS n %s) AS e) AS a WHERE a.n = 0', inside)
      USING wanted, file.first_row_id, (SELECT max (i) FROM unnest (wanted) AS i), head, file.blank_lines = 0, first_rejected;
  END LOOP;
END $$;

-- That of one record.
CREATE OR REPLACE FUNCTION slipway.landed_line (file slipway.file, row_id bigint, OUT line bigint, OUT exact boolean)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT l.line, l.exact FROM slipway.landed_lines (file.table_schema, file.table_name, ARRAY[row_id]) AS l $$;

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
  rows       bigint,
  rejected   bigint,
  PRIMARY KEY (run, table_name, part)
);
ALTER TABLE slipway.run_file ADD COLUMN IF NOT EXISTS rows bigint;
ALTER TABLE slipway.run_file ADD COLUMN IF NOT EXISTS rejected bigint;

-- The run that wrote last what runs share: the views of filters, and the schemas transform, integration and staging.
CREATE TABLE IF NOT EXISTS slipway.working (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  run      bigint NOT NULL REFERENCES slipway.run
);

-- Of stage load_to_target: that a target knows the run, so that its rows may stand there.
ALTER TABLE slipway.stage ADD COLUMN IF NOT EXISTS in_target boolean;

-- What a gate of the stage stopped when it was looked at last, in counts: the stage's work is done, and goes no further.
ALTER TABLE slipway.stage ADD COLUMN IF NOT EXISTS gate text;

-- When it was taken back; what it took stays in started and ended.
ALTER TABLE slipway.stage ADD COLUMN IF NOT EXISTS undone timestamptz;

-- The target that a run works with: its manifest's number when there is one, its cluster's with its own within it, and how people
-- name it.
ALTER TABLE slipway.run ADD COLUMN IF NOT EXISTS target_id uuid;
ALTER TABLE slipway.run ADD COLUMN IF NOT EXISTS target_place text;
ALTER TABLE slipway.run ADD COLUMN IF NOT EXISTS target_where text;

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

-- Where a run was taken back last. Its number goes with a target into copies, and another one may have its rows still.
ALTER TABLE slipway.run ADD COLUMN IF NOT EXISTS taken_back_in text;
