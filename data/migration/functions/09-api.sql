-- What the new system answered, one row for each check of the files that the sidecar names. state is passed, failed (another
-- answer), error (none) or skipped; run is NULL for checks that belong to no run.
CREATE TABLE IF NOT EXISTS slipway.api_check (
  run          bigint,
  file         text NOT NULL,
  line         bigint NOT NULL,
  endpoint     text NOT NULL,
  reference    text NOT NULL,
  locator      text NOT NULL,
  purpose      text NOT NULL,
  expected     text NOT NULL,
  actual       text,
  state        text NOT NULL CHECK (state IN ('passed', 'failed', 'error', 'skipped')),
  message      text,
  asked        text,
  status       integer NOT NULL,
  tries        integer NOT NULL,
  milliseconds integer NOT NULL
);
CREATE INDEX IF NOT EXISTS api_check_by_run ON slipway.api_check (run, state);
