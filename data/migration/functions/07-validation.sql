-- What validations found. One row of slipway.validation for each mapping that a run's validation looked at, one row
-- of slipway.difference for each row that is not as it should be.

-- expected, actual   rows that should be, rows that are, each counted as often as it is there
-- missing            expected, and nothing in the target is like it
-- extra              in the target, and nothing says that it should be
-- differing          both are there, known by case number and order columns, and a column differs
-- duplicated         rows of the target that are there more often than they should be
-- known              of missing, extra and differing: those that the sidecar has a reason for; gates do not count them
-- outside            of expected: rows of the run that the definition's query does not reach; they are read back
-- independent        whether expected was computed from source rows apart from the transform; when it is false, what the
--                    integration made was read back, which finds what was lost or changed on the way and no more
CREATE TABLE IF NOT EXISTS slipway.validation (
  run              bigint NOT NULL REFERENCES slipway.run,
  mapping          text NOT NULL,
  entity           text,
  expected         bigint NOT NULL,
  actual           bigint NOT NULL,
  missing          bigint NOT NULL,
  extra            bigint NOT NULL,
  differing        bigint NOT NULL,
  duplicated       bigint NOT NULL,
  known            bigint NOT NULL DEFAULT 0,
  columns_compared integer NOT NULL,
  columns_total    integer NOT NULL,
  independent      boolean NOT NULL,
  started          timestamptz NOT NULL,
  ended            timestamptz NOT NULL,
  note             text,
  PRIMARY KEY (run, mapping)
);
ALTER TABLE slipway.validation ADD COLUMN IF NOT EXISTS outside bigint NOT NULL DEFAULT 0;
-- A recheck looks at nothing but rows that were flagged: what it found is in the numbers above, started and ended stay those of
-- when all rows were compared, and these say what that was.
-- rechecked          when flagged rows were looked at again since; NULL where they were not
-- flagged            missing, extra, differing and duplicated when all rows were compared; NULL as above
-- flagged_known      known at that time
ALTER TABLE slipway.validation ADD COLUMN IF NOT EXISTS rechecked timestamptz;
ALTER TABLE slipway.validation ADD COLUMN IF NOT EXISTS flagged bigint;
ALTER TABLE slipway.validation ADD COLUMN IF NOT EXISTS flagged_known bigint;

-- kind            missing, extra, differing or duplicated
-- key             the case number and the order columns, as a person reads them: "10000012, orderdate 2020-01-31"
-- columns         the columns that differ; all that were compared for the other kinds
-- expected        {"column": "text"}, NULL for extra and duplicated
-- actual          the same, NULL for missing
-- source_table    where the expected row came from, with casrec_row_id
-- target_id       the key in the target, of the table that the mapping fills
-- known           the sidecar's reason, when it has one
CREATE TABLE IF NOT EXISTS slipway.difference (
  run           bigint NOT NULL,
  mapping       text NOT NULL,
  number        bigint NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('missing', 'extra', 'differing', 'duplicated')),
  key           text,
  columns       text[] NOT NULL,
  expected      jsonb,
  actual        jsonb,
  source_table  text,
  casrec_row_id bigint,
  target_id     text,
  known         text,
  PRIMARY KEY (run, mapping, number),
  FOREIGN KEY (run, mapping) REFERENCES slipway.validation ON DELETE CASCADE
);
