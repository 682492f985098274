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
  columns      text[], -- of the table as the part was begun: what `row` has of a row
  stays        text, -- of a hook: what it made or altered, which no undo takes back
  UNIQUE (token, part)
);
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS staged bigint;
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS next_block bigint NOT NULL DEFAULT 0;
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS complete boolean NOT NULL DEFAULT true;
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS columns text[];
ALTER TABLE slipway_migration.load ADD COLUMN IF NOT EXISTS stays text;

-- key is the primary key as ROW(…)::text, hash that of the row as it was written, replaced the row that an update
-- replaced, as text that can be cast back without loss: both of the part's columns and no others.
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

-- The columns that rows of `change` have.
CREATE TABLE IF NOT EXISTS slipway_migration.shape (
  token        uuid NOT NULL,
  table_schema text NOT NULL,
  table_name   text NOT NULL,
  columns      text[] NOT NULL,
  PRIMARY KEY (token, table_schema, table_name)
);

-- The trigger knows by its arguments whose hook it writes down for (token, hook, transaction): no setting decides it, for a hook
-- can change any. Behind that transaction it does nothing, and nobody is disturbed where one outlived its hook. Values are
-- written as an undo reads them, whatever form the hook gives them. Rows of a foreign table stand in another database, which has no
-- manifest: its trigger has a fourth argument.
CREATE OR REPLACE FUNCTION slipway_migration.capture () RETURNS trigger
LANGUAGE plpgsql SET datestyle = 'ISO, DMY' SET intervalstyle = 'postgres' SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
BEGIN
  IF TG_ARGV[2] = txid_current ()::text THEN
    IF TG_NARGS > 3 THEN
      RAISE 'rows of foreign table %.% stand elsewhere, where no undo takes them back', quote_ident (TG_TABLE_SCHEMA), quote_ident (TG_TABLE_NAME)
            USING ERRCODE = 'SWHOK';
    END IF;
    INSERT INTO slipway_migration.change (token, hook, table_schema, table_name, op, before, after)
    VALUES (TG_ARGV[0]::uuid, TG_ARGV[1], TG_TABLE_SCHEMA, TG_TABLE_NAME,
            left (TG_OP, 1)::"char", CASE WHEN TG_OP <> 'INSERT' THEN OLD::text END,
            CASE WHEN TG_OP <> 'DELETE' THEN NEW::text END);
  END IF;
  RETURN NULL;
END $$;

-- TRUNCATE takes every row, also those that policies hide, and each table that goes with it (CASCADE, partitions) has a trigger of its own.
CREATE OR REPLACE FUNCTION slipway_migration.capture_truncate () RETURNS trigger
LANGUAGE plpgsql SET datestyle = 'ISO, DMY' SET intervalstyle = 'postgres' SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
BEGIN
  IF TG_ARGV[2] = txid_current ()::text THEN
    IF row_security_active (TG_RELID) THEN
      RAISE 'rows of table %.% that a policy hides from % would go with a TRUNCATE, and could not be taken back',
            quote_ident (TG_TABLE_SCHEMA), quote_ident (TG_TABLE_NAME), current_user USING ERRCODE = 'SWHOK';
    END IF;
    EXECUTE format ('INSERT INTO slipway_migration.change (token, hook, table_schema, table_name, op, before) '
                    'SELECT %L, %L, %L, %L, ''D'', t::text FROM ONLY %I.%I AS t',
                    TG_ARGV[0], TG_ARGV[1], TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME);
  END IF;
  RETURN NULL;
END $$;

-- Rows of a table that the transaction wrote, and those that the session has not reported yet.
CREATE OR REPLACE FUNCTION slipway_migration.written (relation oid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce (pg_stat_get_xact_tuples_inserted (relation) + pg_stat_get_xact_tuples_updated (relation)
                   + pg_stat_get_xact_tuples_deleted (relation), 0) $$;

-- A table, its partitions and what inherits from it.
CREATE OR REPLACE FUNCTION slipway_migration.below (relation regclass) RETURNS SETOF oid
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE tree (id) AS (SELECT relation::oid UNION SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = id)
  SELECT id FROM tree $$;

CREATE OR REPLACE FUNCTION slipway_migration.written_below (relation regclass) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce (sum (slipway_migration.written (id)), 0)::bigint FROM slipway_migration.below (relation) AS id $$;

-- Whether a row that can be seen was written by this transaction, or by a part of it that has its own number: a number is higher
-- then, and not at its end. One from before the numbers began anew may be ahead of all that were given out.
CREATE OR REPLACE FUNCTION slipway_migration.is_ours (version xid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  ahead bigint := (version::text::bigint - txid_current ()) & 4294967295;
BEGIN
  IF ahead = 0 OR ahead > 2147483647 THEN
    RETURN ahead = 0;
  END IF;
  BEGIN
    RETURN coalesce (txid_status (txid_current () + ahead) = 'in progress', false);
  EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
  END;
END $$;

-- One lock_timeout for all locks from now on: when it ends, and what of it is left for the next one.
CREATE OR REPLACE FUNCTION slipway_migration.patience () RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
  SELECT clock_timestamp () + (setting || ' milliseconds')::interval FROM pg_settings WHERE name = 'lock_timeout' AND setting <> '0' $$;

CREATE OR REPLACE FUNCTION slipway_migration.wait_until (until timestamptz) RETURNS void
LANGUAGE sql VOLATILE AS $$
  SELECT set_config ('lock_timeout', coalesce (greatest (1, extract (epoch FROM until - clock_timestamp ()) * 1000), 0)::bigint::text, true) $$;

-- Our triggers of a table, as they stand: whoever switches one off and on again leaves another state.
CREATE OR REPLACE FUNCTION slipway_migration.triggers_of (relation oid) RETURNS text
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce (string_agg (concat_ws (' ', oid, ctid, tgenabled), ',' ORDER BY oid), '') FROM pg_trigger
   WHERE tgrelid = relation AND tgname IN ('slipway_capture', 'slipway_capture_truncate') $$;

-- A table's columns by number: what each is called, what its values are, and where it is written down: whoever alters one leaves
-- another place. All but the place and the type is what a statement of its own alters, and writes the row anew for.
CREATE OR REPLACE FUNCTION slipway_migration.columns_of (relation oid) RETURNS jsonb
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce (jsonb_object_agg (attnum, jsonb_build_object (
           'place', ctid, 'type', concat_ws (' ', atttypid, atttypmod, attcollation), 'name', attname, 'needed', attnotnull,
           'default', atthasdef, 'missing', atthasmissing, 'generated', attgenerated, 'identity', attidentity,
           'grants', attacl, 'statistics', attstattarget, 'options', attoptions)), '{}')
    FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped $$;

-- Tables of which this transaction wrote a column anew in the catalogue. What is older is left out first, which costs less to tell.
CREATE OR REPLACE FUNCTION slipway_migration.with_altered_columns () RETURNS SETOF oid
LANGUAGE sql VOLATILE AS $$
  SELECT DISTINCT attrelid FROM pg_attribute WHERE attnum > 0 AND age (xmin) <= 0 AND slipway_migration.is_ours (xmin) $$;

-- How many columns the transaction wrote anew in the catalogue, of whatever table; what is rolled back counts too.
CREATE OR REPLACE FUNCTION slipway_migration.altered () RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT coalesce (pg_stat_get_xact_tuples_updated ('pg_catalog.pg_attribute'::regclass), 0) $$;

-- How many times at least a column was written anew on its way from @was to @now, each of which is NULL where it is not there. ALTER TYPE is
-- another time, and leaves the column as it was where the type is the same (USING).
CREATE OR REPLACE FUNCTION slipway_migration.altered_at_least (was jsonb, now jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN now IS NULL THEN 1 + (was ->> 'default')::boolean::int WHEN was IS NULL THEN (now ->> 'default')::boolean::int
              ELSE (SELECT count (*) FROM jsonb_each (was) AS f WHERE f.key NOT IN ('place', 'type') AND f.value <> now -> f.key) END $$;

-- On what terms others may use a view, besides its query.
CREATE OR REPLACE FUNCTION slipway_migration.terms (view pg_class) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT ROW ((view).relacl, (view).relowner, (view).reloptions,
              ARRAY(SELECT concat_ws (' ', attnum, attacl) FROM pg_attribute WHERE attrelid = (view).oid AND attacl IS NOT NULL ORDER BY attnum))::text $$;

-- What there is beside tables that a statement can take away: its value is a view's tree, a sequence's settings or the word of an
-- enum's value, and versions are of the rows of the catalogue that tell so.
CREATE OR REPLACE FUNCTION slipway_migration.others () RETURNS TABLE (class oid, id oid, kind text, name text, value text, grants text,
                                                                      owner oid, owner_column int, versions xid[])
LANGUAGE sql STABLE AS $$
  WITH n AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'slipway_migration'))
  SELECT 'pg_class'::regclass::oid, c.oid, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'f' THEN 'foreign table' ELSE 'materialized view' END, format ('%I.%I', n.nspname, c.relname),
         r.ev_action::text, slipway_migration.terms (c), NULL::oid, NULL::int, ARRAY[c.xmin, r.xmin]
    FROM pg_class c JOIN n ON n.oid = c.relnamespace LEFT JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
   WHERE c.relkind IN ('v', 'm', 'f')
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, 'sequence', format ('%I.%I', n.nspname, c.relname),
         concat_ws (' ', s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle), NULL,
         d.refobjid, d.refobjsubid, ARRAY[c.xmin, s.xmin]
    FROM pg_class c JOIN n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 'type', format ('%I.%I', n.nspname, t.typname), NULL, NULL, NULL, NULL, ARRAY[t.xmin]
    FROM pg_type t JOIN n ON n.oid = t.typnamespace
   WHERE t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
  UNION ALL
  SELECT 'pg_enum'::regclass, e.oid, 'value', format ('%I.%I', n.nspname, t.typname), e.enumlabel, NULL, t.oid, NULL, ARRAY[e.xmin]
    FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN n ON n.oid = t.typnamespace $$;

-- A view's tree without what another text of the same query or another number of the view makes different.
CREATE OR REPLACE FUNCTION slipway_migration.meaning (tree text, own oid) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT replace (regexp_replace (tree, ':([a-z_]*location|stmt_len) -?[0-9]+', '', 'g'), format (':relid %s ', own), ':relid own ') $$;

-- While a hook runs: triggers on all tables that we own, whatever schema they are in. slip_watched has all tables, how many rows
-- of each the session had written before, its triggers, columns and file. slip_others has what there is beside
-- tables. All locks are taken first, within one lock_timeout for all of them: whoever writes to one that we have stands as long as we
-- wait for another.
DROP FUNCTION IF EXISTS slipway_migration.watch ();
CREATE OR REPLACE FUNCTION slipway_migration.watch (token uuid, hook text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  a record;
  until timestamptz := slipway_migration.patience ();
  whose text := format ('(%L, %L, %L)', token, hook, txid_current ());
BEGIN
  IF NOT current_setting ('track_counts')::boolean THEN
    RAISE 'track_counts is off, so that nothing tells whether a hook writes to tables of other roles. Let a superuser set it on: '
          'ALTER ROLE % IN DATABASE % SET track_counts = on', quote_ident (session_user), quote_ident (current_database ());
  END IF;
  CREATE TEMP TABLE slip_watched ON COMMIT DROP AS
  SELECT c.oid AS id, format ('%I.%I', n.nspname, c.relname) AS name, c.relkind AS kind, c.relispartition AS part,
         pg_has_role (c.relowner, 'USAGE') AS ours, slipway_migration.written (c.oid) AS written, ''::text AS triggers,
         c.relfilenode AS file, c.relpersistence AS persistence, slipway_migration.columns_of (c.oid) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'slipway_migration');
  FOR a IN SELECT * FROM slip_watched WHERE ours ORDER BY id LOOP
    PERFORM slipway_migration.wait_until (until);
    EXECUTE format ('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', a.name);
  END LOOP;
  FOR a IN SELECT * FROM slip_watched WHERE ours AND NOT part LOOP
    EXECUTE format ('CREATE TRIGGER slipway_capture AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW '
                    'EXECUTE FUNCTION slipway_migration.capture %s', a.name, whose);
  END LOOP;
  FOR a IN SELECT * FROM slip_watched WHERE ours AND kind = 'r' LOOP
    EXECUTE format ('CREATE TRIGGER slipway_capture_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
                    'EXECUTE FUNCTION slipway_migration.capture_truncate %s', a.name, whose);
    EXECUTE format ('ALTER TABLE %s ENABLE ALWAYS TRIGGER slipway_capture_truncate', a.name);
  END LOOP;
  FOR a IN SELECT w.name FROM slip_watched w JOIN pg_trigger t ON t.tgrelid = w.id AND t.tgname = 'slipway_capture' LOOP
    EXECUTE format ('ALTER TABLE %s ENABLE ALWAYS TRIGGER slipway_capture', a.name);
  END LOOP;
  FOR a IN SELECT format ('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'f' AND NOT c.relispartition AND pg_has_role (c.relowner, 'USAGE') AND n.nspname !~ '^pg_' ORDER BY c.oid LOOP
    PERFORM slipway_migration.wait_until (until);
    EXECUTE format ('CREATE TRIGGER slipway_capture AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW '
                    'EXECUTE FUNCTION slipway_migration.capture (%L, %L, %L, ''foreign'')', a.name, token, hook, txid_current ());
    EXECUTE format ('ALTER FOREIGN TABLE %s ENABLE ALWAYS TRIGGER slipway_capture', a.name);
  END LOOP;
  UPDATE slip_watched w SET ours = false -- a partition of a table that is not ours
   WHERE part AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = w.id AND t.tgname = 'slipway_capture');
  UPDATE slip_watched SET triggers = slipway_migration.triggers_of (id) WHERE ours;
  CREATE TEMP TABLE slip_others ON COMMIT DROP AS
  SELECT class, id, kind, name, value, grants, owner, owner_column FROM slipway_migration.others ();
  UPDATE slip_others SET value = slipway_migration.triggers_of (id) WHERE kind = 'foreign table';
  INSERT INTO slip_others (class, id, kind, name) SELECT 'pg_largeobject'::regclass, oid, 'large object', oid FROM pg_largeobject_metadata;
  INSERT INTO slip_others (kind, value) SELECT 'altered', slipway_migration.altered ();
END $$;

-- Tables whose triggers the hook switched off or dropped, and tables of others that it wrote to or emptied: those have another file.
CREATE OR REPLACE FUNCTION slipway_migration.unwatched () RETURNS SETOF text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF to_regclass ('pg_temp.slip_watched') IS NULL OR to_regclass ('pg_temp.slip_others') IS NULL THEN
    RAISE 'what the hook did cannot be told: it drops all temporary tables, and one of them says what was watched. Leave DISCARD out of it';
  END IF;
  RETURN QUERY SELECT w.name FROM slip_watched w JOIN pg_class c ON c.oid = w.id
   WHERE CASE WHEN w.ours THEN slipway_migration.triggers_of (w.id) <> w.triggers
              ELSE slipway_migration.written (w.id) > w.written OR (c.relfilenode <> w.file AND slipway_migration.is_ours (c.xmin)) END ORDER BY 1;
END $$;

-- Tables of whose rows changes are written down in more shapes than one, for their columns became more meanwhile: in the hook,
-- or behind an earlier one.
CREATE OR REPLACE FUNCTION slipway_migration.misshapen (token uuid, hook text) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  a record;
BEGIN
  FOR a IN SELECT w.name, c.table_schema AS in_schema, c.table_name AS of_table, s.columns,
                  ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = w.id AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS now
             FROM (SELECT DISTINCT o.table_schema, o.table_name FROM slipway_migration.change o WHERE o.token = $1 AND o.hook = $2) AS c
             JOIN slip_watched w ON w.id = to_regclass (format ('%I.%I', c.table_schema, c.table_name))
             LEFT JOIN slipway_migration.shape s ON s.token = $1 AND s.table_schema = c.table_schema AND s.table_name = c.table_name
            WHERE w.columns <> slipway_migration.columns_of (w.id) OR s.columns IS NOT NULL LOOP
    BEGIN
      IF a.columns <> a.now THEN
        RETURN NEXT a.name;
      ELSE
        EXECUTE format ('SELECT count (o.before::%1$s), count (o.after::%1$s) FROM slipway_migration.change o '
                        'WHERE o.token = %2$L AND o.hook = %3$L AND o.table_schema = %4$L AND o.table_name = %5$L',
                        a.name, $1, $2, a.in_schema, a.of_table);
      END IF;
    EXCEPTION WHEN data_exception THEN
      RETURN NEXT a.name;
    END;
  END LOOP;
END $$;

-- What this transaction has for itself alone: whoever drops something holds it to the end, by whatever role, and nobody else does.
CREATE OR REPLACE FUNCTION slipway_migration.held () RETURNS TABLE (class oid, id oid)
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce (classid, 'pg_class'::regclass), coalesce (objid, relation) FROM pg_locks
   WHERE pid = pg_backend_pid () AND mode = 'AccessExclusiveLock' AND locktype IN ('relation', 'object') $$;

-- What this transaction dropped of slip_others (IS TRUE: one pass over them, however many are held). A sequence that goes with a table or a column is told by these, and a view that is made again for the same query is there.
CREATE OR REPLACE FUNCTION slipway_migration.dropped () RETURNS SETOF text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN QUERY
  WITH mine AS MATERIALIZED (SELECT * FROM slipway_migration.held ()),
  held AS MATERIALIZED (SELECT * FROM slip_others WHERE (id IN (SELECT id FROM mine)) IS TRUE AND ((class, id) IN (SELECT * FROM mine)) IS TRUE),
  gone AS MATERIALIZED (
    SELECT * FROM held AS o
     WHERE NOT EXISTS (SELECT FROM pg_class c WHERE o.class = 'pg_class'::regclass AND c.oid = o.id)
       AND NOT EXISTS (SELECT FROM pg_type t WHERE o.class = 'pg_type'::regclass AND t.oid = o.id)
       AND NOT EXISTS (SELECT FROM pg_largeobject_metadata l WHERE o.class = 'pg_largeobject'::regclass AND l.oid = o.id))
  SELECT format ('%s %s, which it drops', o.kind, o.name) FROM gone AS o
   WHERE (o.owner IS NULL OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = o.owner AND a.attnum = o.owner_column AND NOT a.attisdropped))
     AND NOT EXISTS (SELECT FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
                      WHERE o.kind = 'view' AND c.oid = to_regclass (o.name) AND c.relkind = 'v' AND r.rulename = '_RETURN'
                        AND slipway_migration.terms (c) = o.grants
                        AND slipway_migration.meaning (r.ev_action::text, c.oid) = slipway_migration.meaning (o.value, o.id));
END $$;

-- Columns that the hook dropped, but for those that are computed, and columns whose values it wrote anew (ALTER TYPE). A table has another file
-- behind TRUNCATE or SET UNLOGGED too, and a column another entry behind SET NOT NULL or GRANT; where both are so, and the type is the same,
-- the values are where no more entries were written, of all tables, than what has become of them tells.
CREATE OR REPLACE FUNCTION slipway_migration.lost_columns () RETURNS SETOF text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN QUERY
  WITH altered AS MATERIALIZED (
    SELECT w.name, w.part, c.relfilenode <> w.file AS anew, f.was, f.now
      FROM slipway_migration.with_altered_columns () AS id JOIN slip_watched w USING (id) JOIN pg_class c ON c.oid = w.id
     CROSS JOIN LATERAL (SELECT attnum, b.value AS was, n.value AS now
                           FROM jsonb_each (w.columns) AS b (attnum, value)
                           FULL JOIN jsonb_each (slipway_migration.columns_of (w.id)) AS n (attnum, value) USING (attnum)) AS f
      JOIN pg_attribute a ON a.attrelid = w.id AND a.attnum = f.attnum::int
     WHERE f.was IS DISTINCT FROM f.now AND slipway_migration.is_ours (a.xmin)),
  told AS (SELECT (SELECT coalesce (sum (slipway_migration.altered_at_least (was, now)), 0) FROM altered)
                  = slipway_migration.altered () - (SELECT value::bigint FROM slip_others WHERE kind = 'altered') AS by_what_is_there)
  SELECT format ('%s.%I, %s', name, was ->> 'name',
                 CASE WHEN now IS NULL THEN 'a column that it drops'
                      WHEN now ->> 'type' <> was ->> 'type' THEN 'a column whose type it changes while it writes the table anew'
                      ELSE 'a column that it alters while it writes the table anew, where nothing tells whether its values are the same' END)
    FROM altered CROSS JOIN told
   WHERE was IS NOT NULL
     AND CASE WHEN now IS NULL THEN NOT part AND was ->> 'generated' = ''
              ELSE anew AND (now ->> 'type' <> was ->> 'type' OR NOT by_what_is_there OR slipway_migration.altered_at_least (was, now) = 0) END;
END $$;

-- What the hook took away without a row that a trigger is told of. NULL where nothing is lost.
CREATE OR REPLACE FUNCTION slipway_migration.lost (token uuid, hook text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (SELECT string_agg (what, '; ' ORDER BY what) FILTER (WHERE n <= 5)
                 || CASE WHEN count (*) > 5 THEN format ('; and %s more', count (*) - 5) ELSE '' END
            FROM (SELECT what, row_number () OVER (ORDER BY what) AS n FROM (
    SELECT format ('table %s, which it drops', w.name) AS what FROM slip_watched w
     WHERE w.id IN (SELECT id FROM slipway_migration.held () WHERE class = 'pg_class'::regclass) AND NOT EXISTS (SELECT FROM pg_class WHERE oid = w.id)
    UNION ALL
    SELECT * FROM slipway_migration.lost_columns ()
    UNION ALL
    SELECT * FROM slipway_migration.dropped ()
    UNION ALL
    SELECT format ('foreign table %s, which it truncates or alters', o.name) FROM slip_others o JOIN pg_class c ON c.oid = o.id
     WHERE o.kind = 'foreign table' AND ((o.class, o.id) IN (SELECT * FROM slipway_migration.held ()) OR slipway_migration.triggers_of (o.id) <> o.value)
    UNION ALL
    SELECT format ('type %s, whose attributes it changes', o.name) FROM slipway_migration.with_altered_columns () AS relation
      JOIN pg_type t ON t.typrelid = relation JOIN slip_others o ON o.class = 'pg_type'::regclass AND o.id = t.oid
    UNION ALL
    SELECT CASE o.kind WHEN 'view' THEN format ('view %s, whose query it replaces', o.name)
                       ELSE format ('value %L of type %s, which it renames', o.value, o.name) END
      FROM slip_others o JOIN slipway_migration.others () AS now USING (class, id)
     WHERE o.value <> now.value AND EXISTS (SELECT FROM unnest (now.versions) AS v WHERE slipway_migration.is_ours (v))
       AND (o.kind = 'value' OR (o.kind = 'view' AND slipway_migration.meaning (o.value, id) <> slipway_migration.meaning (now.value, id)))
    UNION ALL
    SELECT format ('table %s, whose rows it changes and which it calls otherwise', w.name)
      FROM slip_watched w JOIN pg_class c ON c.oid = w.id JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE w.name <> format ('%I.%I', n.nspname, c.relname)
       AND EXISTS (SELECT FROM slipway_migration.change o WHERE o.token = $1 AND o.hook = $2
                                                            AND format ('%I.%I', o.table_schema, o.table_name) IN (w.name, format ('%I.%I', n.nspname, c.relname)))
    UNION ALL
    SELECT format ('table %s, whose rows it changes before it adds or drops a column', name)
      FROM slipway_migration.misshapen ($1, $2) AS name) AS whats) AS numbered);
END $$;

-- What of the hook no undo takes back, though nothing is lost by it; NULL where there is nothing. A column's sequence is part of its table, a
-- value of its enum, and a partition of the table that is made with it. REFRESH alters a materialized view, and CONCURRENTLY its rows.
CREATE OR REPLACE FUNCTION slipway_migration.stays () RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (SELECT string_agg (what, ', ' ORDER BY what) FROM (
    SELECT format ('table %I.%I is made', n.nspname, c.relname) AS what FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'slipway_migration')
       AND c.oid NOT IN (SELECT id FROM slip_watched) AND slipway_migration.is_ours (c.xmin)
       AND (NOT c.relispartition OR EXISTS (SELECT FROM pg_inherits JOIN slip_watched ON id = inhparent WHERE inhrelid = c.oid))
    UNION ALL
    SELECT format ('table %s is altered', w.name) FROM slip_watched w JOIN pg_class c ON c.oid = w.id JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ours AND (c.relpersistence <> w.persistence
                     OR (NOT part AND (w.id IN (SELECT slipway_migration.with_altered_columns ()) OR w.name <> format ('%I.%I', n.nspname, c.relname))))
    UNION
    SELECT format ('%s %s is %s', now.kind, coalesce (o.name, now.name), CASE WHEN o.id IS NULL THEN 'made' ELSE 'altered' END)
      FROM slipway_migration.others () AS now LEFT JOIN slip_others o USING (class, id)
     WHERE now.owner IS NULL
       AND ((EXISTS (SELECT FROM unnest (now.versions) AS v WHERE slipway_migration.is_ours (v))
             AND (o.id IS NULL OR o.name <> now.name OR (now.kind = 'sequence' AND o.value <> now.value)
                  OR o.grants <> now.grants OR now.kind IN ('type', 'materialized view')))
            OR (now.kind LIKE '%view' AND (now.id IN (SELECT slipway_migration.with_altered_columns ()) OR slipway_migration.written (now.id) > 0)))
    UNION
    SELECT format ('type %s is altered', t.name) FROM slipway_migration.others () AS now JOIN slip_others t ON t.kind = 'type' AND t.id = now.owner
     WHERE now.kind = 'value' AND NOT EXISTS (SELECT FROM slip_others o WHERE o.kind = 'value' AND o.id = now.id)
       AND EXISTS (SELECT FROM unnest (now.versions) AS v WHERE slipway_migration.is_ours (v))) AS whats);
END $$;

-- A trigger goes when nobody so much as reads its table.
CREATE OR REPLACE FUNCTION slipway_migration.unwatch () RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  a record;
  until timestamptz := slipway_migration.patience ();
BEGIN
  FOR a IN SELECT t.tgrelid::regclass AS name, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE t.tgfoid IN ('slipway_migration.capture'::regproc, 'slipway_migration.capture_truncate'::regproc)
              AND (t.tgname = 'slipway_capture_truncate' OR NOT c.relispartition) LOOP
    PERFORM slipway_migration.wait_until (until);
    EXECUTE format ('DROP TRIGGER %I ON %s', a.tgname, a.name);
  END LOOP;
END $$;

-- Those that can go at once, while others wait for the tables that a hook has: how many triggers are left.
CREATE OR REPLACE FUNCTION slipway_migration.unwatch_soon () RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  a record;
  still bigint := 0;
  before text := current_setting ('lock_timeout');
  until timestamptz := clock_timestamp () + interval '500 milliseconds';
BEGIN
  FOR a IN SELECT t.tgrelid::regclass AS name, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE t.tgfoid IN ('slipway_migration.capture'::regproc, 'slipway_migration.capture_truncate'::regproc)
              AND (t.tgname = 'slipway_capture_truncate' OR NOT c.relispartition) LOOP
    BEGIN
      PERFORM slipway_migration.wait_until (until);
      EXECUTE format ('DROP TRIGGER %I ON %s', a.tgname, a.name);
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      still := still + 1;
    END;
  END LOOP;
  PERFORM set_config ('lock_timeout', before, true);
  RETURN still;
END $$;

-- What this database is known by: it goes with the rows, into whatever server they are restored.
CREATE TABLE IF NOT EXISTS slipway_migration.target (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       uuid NOT NULL
);
INSERT INTO slipway_migration.target (id) VALUES (md5 (random () || ' ' || clock_timestamp () || ' ' || pg_backend_pid ())::uuid)
ON CONFLICT DO NOTHING;
