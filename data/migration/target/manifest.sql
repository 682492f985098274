-- What runs put into this database, so that it can be told and taken back. Every row here is committed with the
-- row that it tells of. Nothing of it is read by anything but Slipway.

CREATE SCHEMA IF NOT EXISTS slipway_migration;

CREATE TABLE IF NOT EXISTS slipway_migration.run (
  token   uuid PRIMARY KEY,
  run     bigint NOT NULL,
  name    text NOT NULL,
  state   text NOT NULL,
  started timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended   timestamptz
);

-- One part is a table, or a hook. A table is loaded in chunks, each of which is one transaction: the staged rows before
-- block `next_block` are in, and no others; it is `complete` with the last.
CREATE TABLE IF NOT EXISTS slipway_migration.load (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token        uuid NOT NULL REFERENCES slipway_migration.run,
  part         text NOT NULL,
  table_schema text,
  table_name   text,
  inserted     bigint NOT NULL DEFAULT 0,
  updated      bigint NOT NULL DEFAULT 0,
  loaded       timestamptz NOT NULL DEFAULT clock_timestamp(),
  staged       bigint,
  next_block   bigint NOT NULL DEFAULT 0,
  complete     boolean NOT NULL DEFAULT true,
  UNIQUE (token, part)
);
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS staged bigint;
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS next_block bigint NOT NULL DEFAULT 0;
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS complete boolean NOT NULL DEFAULT true;

-- key is the primary key as ROW(…)::text, hash that of the whole row as it was written, replaced the row that an
-- update replaced, as text that can be cast back without loss.
CREATE TABLE IF NOT EXISTS slipway_migration.row (
  load     bigint NOT NULL, -- of slipway_migration.load; a constraint would ask again for each of millions of rows
  key      text NOT NULL,
  op       "char" NOT NULL CHECK (op IN ('I', 'U')),
  hash     bigint NOT NULL,
  replaced text
);
CREATE INDEX IF NOT EXISTS row_by_load ON slipway_migration.row (load);

-- What hooks change, whatever table it is in.
CREATE TABLE IF NOT EXISTS slipway_migration.change (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token        uuid NOT NULL,
  hook         text NOT NULL,
  table_schema text NOT NULL,
  table_name   text NOT NULL,
  op           "char" NOT NULL,
  before       text,
  after        text
);

CREATE OR REPLACE FUNCTION slipway_migration.capture () RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO slipway_migration.change (token, hook, table_schema, table_name, op, before, after)
  VALUES (current_setting ('slipway.token')::uuid, current_setting ('slipway.hook'), TG_TABLE_SCHEMA, TG_TABLE_NAME,
          left (TG_OP, 1)::"char", CASE WHEN TG_OP <> 'INSERT' THEN OLD::text END,
          CASE WHEN TG_OP <> 'DELETE' THEN NEW::text END);
  RETURN NULL;
END $$;
