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

-- Where a row comes from, for people: the file and the how many-th record of it, by the row's provenance.
CREATE OR REPLACE FUNCTION slipway.where_landed (details jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce ((SELECT f.name || ' record ' || (details -> 0 ->> 'casrec_row_id')::bigint - f.first_row_id + 1
                          FROM slipway.file f
                         WHERE f.table_name = lower (details -> 0 ->> 'casrec_table_name')
                           AND (details -> 0 ->> 'casrec_row_id')::bigint BETWEEN f.first_row_id AND f.last_row_id
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
