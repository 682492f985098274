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

-- How the target stood: kind is `rows` (of every table, at prepare), `key` (the largest, at integration) or
-- `uid` (the last number given out).
CREATE TABLE IF NOT EXISTS slipway.base (
  run         bigint NOT NULL REFERENCES slipway.run,
  table_name  text NOT NULL,
  column_name text NOT NULL,
  kind        text NOT NULL,
  value       bigint NOT NULL,
  PRIMARY KEY (run, table_name, column_name, kind)
);
