-- What is landed, and what could not be. A file's row is committed with the file's rows: what stands here is in
-- the landing table, and what does not is not.

-- The parts of each landed table as it is now. Row ids run over all parts in their order; a bad record keeps
-- its number, so that mending it moves no other row's id.
CREATE TABLE IF NOT EXISTS slipway.file (
  table_schema  text NOT NULL,
  table_name    text NOT NULL,
  part          integer NOT NULL,
  run           bigint,
  name          text NOT NULL,
  bytes         bigint NOT NULL,
  sha256        text NOT NULL,
  format        text NOT NULL,
  header        text[] NOT NULL,
  rows          bigint NOT NULL,
  rejected      bigint NOT NULL,
  blank_lines   bigint NOT NULL,
  first_row_id  bigint NOT NULL,
  last_row_id   bigint NOT NULL,
  landed_sha256 text NOT NULL,
  loaded        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (table_schema, table_name, part)
);

-- The transaction that landed them: rows with another xmin were written since. NULL where an earlier version landed them.
ALTER TABLE slipway.file ADD COLUMN IF NOT EXISTS landed_xid text;

-- Line ends inside of its records; where there are none, lines can be counted without looking. NULL of an earlier version.
ALTER TABLE slipway.file ADD COLUMN IF NOT EXISTS inner_lines bigint;

-- Records that could not be landed (stage load) or rows that could not go on, one row each. line counts from 1,
-- byte from 0; value is cut to a readable length.
CREATE TABLE IF NOT EXISTS slipway.rejected (
  run           bigint,
  stage         text NOT NULL,
  table_schema  text,
  table_name    text,
  file          text,
  record        bigint,
  line          bigint,
  byte          bigint,
  column_number integer,
  column_name   text,
  value         text,
  reason        text NOT NULL
);
CREATE INDEX IF NOT EXISTS rejected_by_table ON slipway.rejected (stage, table_schema, table_name);
