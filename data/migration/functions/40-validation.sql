-- What validations call. Texts become values without ever ending a statement, for one bad date among a million must not
-- end the whole: it is NULL, and shows as a difference where the target has something else.

-- A time that is calculated with: compat's cannot be one that the original's cannot hold. What PostgreSQL cannot inline is in
-- PL/pgSQL here: a call of an SQL function costs many times as much.
CREATE OR REPLACE FUNCTION slipway.calculated (day timestamp) RETURNS timestamp
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  RETURN CASE WHEN slipway.is_strict () THEN day ELSE slipway.held (day) END;
END $$;

CREATE OR REPLACE FUNCTION slipway.valid_timestamp_any (value text) RETURNS timestamp
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  IF value ~ '^(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])(?: (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)?$' THEN
    RETURN value;
  ELSIF slipway.is_strict () THEN
    RETURN slipway.day_first_strict (value);
  END IF;
  RETURN slipway.day_first (value, current_setting ('slipway.run_year')::integer);
END $$;

CREATE OR REPLACE FUNCTION slipway.valid_timestamp (value text) RETURNS timestamp
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value = '' THEN NULL
                  WHEN (value LIKE '____-__-__ 00:00:00' OR octet_length (value) = 10) AND left (value, 4) = ANY (slipway.iso_years ())
                   AND substr (value, 5, 6) = ANY (slipway.iso_days ())
                  THEN left (value, 10)::timestamp
                  ELSE slipway.valid_timestamp_any (value) END $$;

CREATE OR REPLACE FUNCTION slipway.valid_timestamp (value timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT value $$;

CREATE OR REPLACE FUNCTION slipway.valid_date (value text) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT slipway.valid_timestamp (value)::date $$;

CREATE OR REPLACE FUNCTION slipway.valid_date (value timestamp) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT value::date $$;

CREATE OR REPLACE FUNCTION slipway.valid_number (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT slipway.as_decimal (value) $$;

CREATE OR REPLACE FUNCTION slipway.valid_number (value numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT value $$;

CREATE OR REPLACE FUNCTION slipway.valid_integer (value text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT slipway.as_bigint (value) $$;

CREATE OR REPLACE FUNCTION slipway.valid_integer (value numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT round (value)::bigint $$;

CREATE OR REPLACE FUNCTION slipway.valid_json (value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  RETURN value::jsonb;
EXCEPTION WHEN others THEN
  RETURN to_jsonb (value);
END $$;

-- A number or JSON that a column of texts holds, in one form; what is none is shown as it is.
CREATE OR REPLACE FUNCTION slipway.read_number (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value ~ '^-?(?:0|[1-9]\d{0,99})(?:\.\d{1,99})?$' THEN trim_scale (value::numeric)::text ELSE value END $$;

CREATE OR REPLACE FUNCTION slipway.read_json (value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  RETURN value::jsonb::text;
EXCEPTION WHEN others THEN
  RETURN value;
END $$;

-- Transformations by the names that validation_mapping.json calls them by. They take texts as they landed.
CREATE OR REPLACE FUNCTION slipway.transf_capitalise (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT slipway.capitalise (value) $$;

CREATE OR REPLACE FUNCTION slipway.transf_capitalise_first_letter (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT slipway.capitalise_first_letter (value) $$;

CREATE OR REPLACE FUNCTION slipway.transf_first_word (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT slipway.first_word (value) $$;

CREATE OR REPLACE FUNCTION slipway.transf_last_words (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT slipway.last_words (value) $$;

CREATE OR REPLACE FUNCTION slipway.transf_first_two_chars (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT substring (value FOR 2) $$;

CREATE OR REPLACE FUNCTION slipway.transf_convert_to_bool (value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT value IS NOT NULL AND value IN ('1', '1.0') $$;

CREATE OR REPLACE FUNCTION slipway.transf_is_at_least_one_set (VARIADIC list text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT EXISTS (SELECT FROM unnest (list) AS item WHERE item <> '') $$;

CREATE OR REPLACE FUNCTION slipway.transf_coalesce (VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT item FROM unnest (list) WITH ORDINALITY AS items (item, n) WHERE item <> '' ORDER BY n LIMIT 1 $$;

CREATE OR REPLACE FUNCTION slipway.transf_squash_columns (VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT slipway.squash_columns (VARIADIC list) $$;

CREATE OR REPLACE FUNCTION slipway.transf_get_max_col (VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN bool_and (slipway.as_decimal (item) IS NOT NULL) THEN max (slipway.as_decimal (item))::text
                  ELSE max (item COLLATE "C") END FROM unnest (list) AS item $$;

CREATE OR REPLACE FUNCTION slipway.transf_multiply_by_100 (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT trunc (100 * slipway.as_decimal (value)) $$;

CREATE OR REPLACE FUNCTION slipway.transf_absolute_value (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT abs (slipway.as_decimal (value)) $$;

CREATE OR REPLACE FUNCTION slipway.transf_money_poundpence (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT slipway.as_decimal (coalesce (nullif (btrim (value), ''), '0')) $$;

CREATE OR REPLACE FUNCTION slipway.transf_credit_type_from_invoice_ref (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value ~ '^Z|Z$' THEN 'CREDIT REMISSION' WHEN value ~ '^CR|CR$' THEN 'CREDIT MEMO'
                  WHEN value ~ '^WO|WO$' THEN 'CREDIT WRITE OFF' END $$;

CREATE OR REPLACE FUNCTION slipway.transf_add_one_year (value text) RETURNS timestamp
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT slipway.calculated (slipway.calculated (slipway.valid_timestamp (value)) + interval '12 months') $$;

CREATE OR REPLACE FUNCTION slipway.last_of_tax_year (day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT make_date (extract (year FROM day)::integer + CASE WHEN extract (month FROM day) > 3 THEN 1 ELSE 0 END, 3, 31) $$;

CREATE OR REPLACE FUNCTION slipway.transf_end_of_tax_year (value text) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  day date := slipway.calculated (slipway.valid_timestamp (value));
BEGIN
  RETURN slipway.calculated (slipway.last_of_tax_year (day));
END $$;

CREATE OR REPLACE FUNCTION slipway.transf_start_of_tax_year (value text) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  day date := slipway.calculated (slipway.valid_timestamp (value));
BEGIN
  RETURN slipway.calculated (slipway.last_of_tax_year (day) - interval '1 year' + interval '1 day');
END $$;

CREATE OR REPLACE FUNCTION slipway.transf_fee_reduction_end_date (value text) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  day date := slipway.calculated (slipway.valid_timestamp (value));
BEGIN
  RETURN slipway.calculated (CASE to_char (day, 'MMDD') WHEN '0331' THEN day WHEN '0401' THEN day - 1
                                  ELSE slipway.last_of_tax_year (day) END);
END $$;

CREATE OR REPLACE FUNCTION slipway.transf_calculate_duedate (value text) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  due date := slipway.calculated (slipway.valid_timestamp (value)) + interval '21 days';
BEGIN
  RETURN slipway.calculated (due + CASE extract (dow FROM due)::integer WHEN 6 THEN 2 WHEN 0 THEN 1 ELSE 0 END);
END $$;

CREATE OR REPLACE FUNCTION slipway.transf_calculate_startdate (value text) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT slipway.calculated ((slipway.calculated (slipway.valid_timestamp (value))::date - interval '1 year')::date + 1)::date $$;

-- London's clock in UTC. A time that it never showed, or showed twice, is none in compat.
CREATE OR REPLACE FUNCTION slipway.transf_convert_to_timestamp (day text, clock text, fallback text DEFAULT NULL) RETURNS timestamp
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
  IF day IN ('', 'NaT') OR day IS NULL THEN
    day := fallback;
  END IF;
  IF slipway.is_strict () THEN
    RETURN slipway.london_to_utc_strict (slipway.date_and_time (day, clock));
  END IF;
  RETURN slipway.held (slipway.convert_to_timestamp (day, clock));
END $$;

-- Compares slip_expected (cells text[], row_id bigint) with slip_actual (cells text[], target_id text), two temporary tables.
-- Cells begin with the case number and the order columns, n_key of them; names tells what each cell is. Rows are compared
-- with how often they are there. What is left on both sides is paired by its key, the most similar first, and then by
-- case number where only order columns differ.
CREATE OR REPLACE FUNCTION slipway.compare_rows (of_run bigint, of_mapping text, of_entity text, from_table text, names text[],
                                                 n_key integer, n_compared integer, n_total integer, is_independent boolean, is_recheck boolean,
                                                 began timestamptz, remark text)
RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
  n_rest  integer := cardinality (names) - n_key;
  counted bigint;
BEGIN
  DROP TABLE IF EXISTS slip_off, slip_missing, slip_extra, slip_candidate, slip_pair;
  CREATE TEMP TABLE slip_off ON COMMIT DROP AS
    SELECT cells, count (*) FILTER (WHERE expected) AS n_expected, count (*) FILTER (WHERE NOT expected) AS n_actual
      FROM (SELECT cells, true AS expected FROM slip_expected UNION ALL SELECT cells, false FROM slip_actual) AS both_sides
     GROUP BY cells HAVING count (*) FILTER (WHERE expected) <> count (*) FILTER (WHERE NOT expected);
  IF is_recheck THEN
    DELETE FROM slipway_found.difference WHERE run = of_run AND mapping = of_mapping;
  ELSE
    DELETE FROM slipway_found.validation WHERE run = of_run AND mapping = of_mapping;
    INSERT INTO slipway_found.validation (run, mapping, entity, expected, actual, missing, extra, differing, duplicated,
                                    columns_compared, columns_total, independent, started, ended, note)
      SELECT of_run, of_mapping, of_entity, (SELECT count (*) FROM slip_expected), (SELECT count (*) FROM slip_actual),
             0, 0, 0, 0, n_compared, n_total, is_independent, began, began, remark;
  END IF;
  -- Mostly there is nothing, and what finds it need not be made.
  IF EXISTS (SELECT FROM slip_off) THEN
    CREATE TEMP TABLE slip_missing ON COMMIT DROP AS
      SELECT row_number () OVER (ORDER BY row_id, cells) AS id, cells, row_id
        FROM (SELECT e.cells, e.row_id, o.n_actual, row_number () OVER (PARTITION BY e.cells ORDER BY e.row_id) AS i
                FROM slip_expected e JOIN slip_off o USING (cells) WHERE o.n_expected > o.n_actual) AS numbered
       WHERE i > n_actual;
    CREATE TEMP TABLE slip_extra ON COMMIT DROP AS
      SELECT row_number () OVER (ORDER BY target_id, cells) AS id, cells, target_id, n_expected > 0 AS again
        FROM (SELECT a.cells, a.target_id, o.n_expected, row_number () OVER (PARTITION BY a.cells ORDER BY length (a.target_id), a.target_id) AS i
                FROM slip_actual a JOIN slip_off o USING (cells) WHERE o.n_actual > o.n_expected) AS numbered
       WHERE i > n_expected;
    CREATE TEMP TABLE slip_pair (e bigint, a bigint) ON COMMIT DROP;

    IF EXISTS (SELECT FROM slip_missing) AND EXISTS (SELECT FROM slip_extra WHERE NOT again) THEN
      ANALYZE slip_missing, slip_extra;
      -- Where a key has very many on both sides, neighbours in the order of their cells are pairs enough.
      CREATE TEMP TABLE slip_candidate ON COMMIT DROP AS
        WITH e AS (SELECT *, cells[:n_key] AS key, count (*) OVER w AS n, row_number () OVER (w ORDER BY cells) AS place
                     FROM slip_missing WINDOW w AS (PARTITION BY cells[:n_key])),
             a AS (SELECT *, cells[:n_key] AS key, count (*) OVER w AS n, row_number () OVER (w ORDER BY cells) AS place
                     FROM slip_extra WHERE NOT again WINDOW w AS (PARTITION BY cells[:n_key]))
        SELECT e.id AS e, a.id AS a, key, s.score
          FROM e JOIN a USING (key)
         CROSS JOIN LATERAL (SELECT count (*) FILTER (WHERE l IS NOT DISTINCT FROM r) AS score
                               FROM unnest (e.cells[n_key + 1:], a.cells[n_key + 1:]) AS both_sides (l, r)) AS s
         WHERE e.n * a.n <= 400 OR e.place = a.place;
      -- Two rows that share no more than a key with others are no pair unless half of what is compared agrees.
      DELETE FROM slip_candidate c WHERE 2 * c.score < n_rest
         AND NOT EXISTS (SELECT FROM (SELECT (SELECT count (*) FROM slip_expected e WHERE e.cells[:n_key] = c.key) AS n_e,
                                             (SELECT count (*) FROM slip_actual a WHERE a.cells[:n_key] = c.key) AS n_a) AS n
                          WHERE n_e = 1 AND n_a = 1);
      LOOP
        INSERT INTO slip_pair
          SELECT e, a FROM (SELECT e, a, row_number () OVER (PARTITION BY e ORDER BY score DESC, e, a) AS of_e,
                                   row_number () OVER (PARTITION BY a ORDER BY score DESC, e, a) AS of_a FROM slip_candidate) AS ranked
           WHERE of_e = 1 AND of_a = 1;
        GET DIAGNOSTICS counted = ROW_COUNT;
        EXIT WHEN counted = 0;
        DELETE FROM slip_candidate c USING slip_pair p WHERE c.e = p.e;
        DELETE FROM slip_candidate c USING slip_pair p WHERE c.a = p.a;
      END LOOP;
      INSERT INTO slip_pair
        SELECT e.id, a.id
          FROM (SELECT id, cells, row_number () OVER (PARTITION BY cells[1], cells[n_key + 1:] ORDER BY cells) AS place FROM slip_missing
                 WHERE id NOT IN (SELECT e FROM slip_pair)) AS e
          JOIN (SELECT id, cells, row_number () OVER (PARTITION BY cells[1], cells[n_key + 1:] ORDER BY cells) AS place FROM slip_extra
                 WHERE NOT again AND id NOT IN (SELECT a FROM slip_pair)) AS a
            ON a.cells[1:1] = e.cells[1:1] AND a.cells[n_key + 1:] = e.cells[n_key + 1:] AND a.place = e.place
         WHERE n_key > 1 AND n_rest > 0;
    END IF;
    INSERT INTO slipway_found.difference (run, mapping, number, kind, key, columns, expected, actual, source_table, casrec_row_id, target_id)
      SELECT of_run, of_mapping, row_number () OVER (ORDER BY place, coalesce (e_cells, a_cells)), kind,
             (SELECT string_agg (CASE WHEN n = 1 THEN coalesce (cell, 'no case') ELSE names[n] || ' ' || coalesce (cell, 'NULL') END, ', ' ORDER BY n)
                FROM unnest ((coalesce (e_cells, a_cells))[:n_key]) WITH ORDINALITY AS key (cell, n)),
             CASE WHEN kind = 'differing'
                  THEN ARRAY (SELECT names[n] FROM unnest (e_cells, a_cells) WITH ORDINALITY AS both_sides (l, r, n)
                               WHERE l IS DISTINCT FROM r ORDER BY n)
                  ELSE names END,
             jsonb_object (names, e_cells), jsonb_object (names, a_cells),
             CASE WHEN e_cells IS NOT NULL THEN from_table END, row_id, target_id
        FROM (SELECT 1 AS place, 'differing' AS kind, e.cells AS e_cells, a.cells AS a_cells, e.row_id, a.target_id
                FROM slip_pair p JOIN slip_missing e ON e.id = p.e JOIN slip_extra a ON a.id = p.a
              UNION ALL
              SELECT 2, 'missing', cells, NULL, row_id, NULL FROM slip_missing WHERE id NOT IN (SELECT e FROM slip_pair)
              UNION ALL
              SELECT CASE WHEN again THEN 4 ELSE 3 END, CASE WHEN again THEN 'duplicated' ELSE 'extra' END, NULL, cells, NULL, target_id
                FROM slip_extra WHERE id NOT IN (SELECT a FROM slip_pair)) AS found;
  END IF;
  UPDATE slipway_found.validation v
     SET missing = d.missing, extra = d.extra, differing = d.differing, duplicated = d.duplicated, known = 0,
         actual = v.expected - d.missing + d.extra + d.duplicated, ended = clock_timestamp (), note = remark
    FROM (SELECT count (*) FILTER (WHERE kind = 'missing') AS missing, count (*) FILTER (WHERE kind = 'extra') AS extra,
                 count (*) FILTER (WHERE kind = 'differing') AS differing, count (*) FILTER (WHERE kind = 'duplicated') AS duplicated
            FROM slipway_found.difference WHERE run = of_run AND mapping = of_mapping) AS d
   WHERE v.run = of_run AND v.mapping = of_mapping;
END $$;

-- What a mapping's validation computes nothing for is read back: slip_back has of each row that is not as the integration made
-- it the key in the target, the landed row, the columns and all values of both sides. It joins what compare_rows () found.
CREATE OR REPLACE FUNCTION slipway.add_read_back (of_run bigint, of_mapping text, from_table text, names text[], n_key integer)
RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
  UPDATE slipway_found.difference d
     SET columns = d.columns || ARRAY (SELECT c FROM unnest (b.columns) AS c WHERE c <> ALL (d.columns)),
         expected = d.expected || b.expected, actual = d.actual || b.actual
    FROM slip_back b
   WHERE d.run = of_run AND d.mapping = of_mapping AND d.kind = 'differing' AND d.target_id = b.target_id;
  INSERT INTO slipway_found.difference (run, mapping, number, kind, key, columns, expected, actual, source_table, casrec_row_id, target_id)
    SELECT of_run, of_mapping,
           (SELECT coalesce (max (number), 0) FROM slipway_found.difference WHERE run = of_run AND mapping = of_mapping)
             + row_number () OVER (ORDER BY b.row_id, b.target_id),
           'differing',
           coalesce ((SELECT string_agg (CASE WHEN n = 1 THEN coalesce (cell, 'no case') ELSE names[n] || ' ' || coalesce (cell, 'NULL') END, ', ' ORDER BY n)
                        FROM unnest (a.cells[:n_key]) WITH ORDINALITY AS key (cell, n)), 'id ' || b.target_id),
           b.columns, coalesce (jsonb_object (names, a.cells), '{}') || b.expected, coalesce (jsonb_object (names, a.cells), '{}') || b.actual,
           from_table, b.row_id, b.target_id
      FROM slip_back b
      LEFT JOIN (SELECT DISTINCT ON (target_id) target_id, cells FROM slip_actual ORDER BY target_id, cells) AS a USING (target_id)
     WHERE NOT EXISTS (SELECT FROM slipway_found.difference d
                        WHERE d.run = of_run AND d.mapping = of_mapping AND d.kind = 'differing' AND d.target_id = b.target_id);
  UPDATE slipway_found.validation v
     SET differing = (SELECT count (*) FROM slipway_found.difference WHERE run = of_run AND mapping = of_mapping AND kind = 'differing'),
         ended = clock_timestamp ()
   WHERE v.run = of_run AND v.mapping = of_mapping;
END $$;

-- slip_outside has of each row of the run that no row of slip_actual is, and that is not as the integration made it, what slip_back
-- has, whether it is gone, and whether compare_rows () told it as missing. The others are rows of the mapping as those are that the
-- definition's query reaches.
CREATE OR REPLACE FUNCTION slipway.add_outside (of_run bigint, of_mapping text, of_table text, from_table text, names text[],
                                                is_recheck boolean, n_unreached bigint, n_strays bigint)
RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
  n_told bigint := 0;
BEGIN
  DELETE FROM slip_outside WHERE told;
  GET DIAGNOSTICS n_told = ROW_COUNT;
  -- Of these rows all columns are looked at here, those that slip_back has as well.
  DELETE FROM slipway_found.difference
   WHERE run = of_run AND mapping = of_mapping AND kind = 'differing' AND target_id IN (SELECT target_id FROM slip_outside);
  INSERT INTO slipway_found.difference (run, mapping, number, kind, key, columns, expected, actual, source_table, casrec_row_id, target_id)
    SELECT of_run, of_mapping,
           (SELECT coalesce (max (number), 0) FROM slipway_found.difference WHERE run = of_run AND mapping = of_mapping)
             + row_number () OVER (ORDER BY lost, row_id, target_id),
           CASE WHEN lost THEN 'missing' ELSE 'differing' END, concat_ws (', ', expected ->> names[1], 'id ' || target_id),
           CASE WHEN lost THEN ARRAY (SELECT jsonb_object_keys (expected)) ELSE columns END,
           expected, CASE WHEN NOT lost THEN actual END, coalesce (landed, from_table), row_id, target_id
      FROM slip_outside;
  UPDATE slipway_found.validation v
     SET outside = n.outside, expected = n.expected, missing = d.missing, differing = d.differing,
         actual = v.actual + n.expected - v.expected - d.missing + v.missing, ended = clock_timestamp (),
         note = nullif (concat_ws ('; ', note,
                  CASE WHEN n.outside = 1 THEN '1 row is outside of the definition''s query: read back'
                       WHEN n.outside > 1 THEN n.outside || ' rows are outside of the definition''s query: read back' END,
                  CASE WHEN n_strays = 1 THEN '1 row of ' || of_table || ' came behind the keys that were there and is none of the run''s'
                       WHEN n_strays > 1 THEN n_strays || ' rows of ' || of_table || ' came behind the keys that were there and are none of the run''s' END),
                '')
    FROM (SELECT CASE WHEN is_recheck THEN outside ELSE n_unreached - n_told END AS outside,
                 CASE WHEN is_recheck THEN expected ELSE expected + n_unreached - n_told END AS expected
            FROM slipway_found.validation WHERE run = of_run AND mapping = of_mapping) AS n,
         (SELECT count (*) FILTER (WHERE kind = 'missing') AS missing, count (*) FILTER (WHERE kind = 'differing') AS differing
            FROM slipway_found.difference WHERE run = of_run AND mapping = of_mapping) AS d
   WHERE v.run = of_run AND v.mapping = of_mapping;
END $$;
