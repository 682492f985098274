-- Dates and times. A text is read once, by slipway.day_first() or slipway.day_first_strict(); everything
-- else here works on timestamps.

-- The run's mode is the setting slipway.mode, and its year, which years of two digits are near to, slipway.run_year: compiled steps,
-- runs and validations set both.
CREATE OR REPLACE FUNCTION slipway.is_strict () RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT current_setting ('slipway.mode', true) IS NOT DISTINCT FROM 'strict' $$;

CREATE OR REPLACE FUNCTION slipway.run_year () RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce (nullif (current_setting ('slipway.run_year', true), '')::integer, 2022) $$;

-- NULL where make_timestamp() would refuse.
CREATE OR REPLACE FUNCTION slipway.timestamp_or_null (y integer, m integer, d integer, h integer, mi integer, s double precision)
RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  IF y < 1 OR y > 9999 OR m NOT BETWEEN 1 AND 12 OR d < 1 OR h > 23 OR mi > 59 OR s >= 60
     OR d > (CASE WHEN m IN (4, 6, 9, 11) THEN 30
                  WHEN m <> 2 THEN 31
                  WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29 ELSE 28 END) THEN
    RETURN NULL;
  END IF;
  RETURN make_timestamp (y, m, d, h, mi, s);
END $$;

-- A date that nobody can read in two ways: ISO 8601, with or without a time, or DD/MM/YYYY (also with
-- "-" or "." between). Everything else is NULL.
CREATE OR REPLACE FUNCTION slipway.day_first_strict (value text) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  p text[];
BEGIN
  -- What is surely a date is put together, which is faster than to have it read.
  IF value ~ '^(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])(?: 00:00:00)?$' THEN
    RETURN make_date (left (value, 4)::integer, substr (value, 6, 2)::integer, substr (value, 9, 2)::integer);
  ELSIF value ~ '^(?:0[1-9]|1\d|2[0-8])/(?:0[1-9]|1[0-2])/(?:19|20)\d\d$' THEN
    RETURN make_date (substr (value, 7)::integer, substr (value, 4, 2)::integer, left (value, 2)::integer);
  ELSIF value ~ '^\d{4}-\d\d-\d\d$' THEN
    RETURN slipway.timestamp_or_null (left (value, 4)::integer, substr (value, 6, 2)::integer, substr (value, 9)::integer, 0, 0, 0);
  ELSIF value ~ '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$' THEN
    RETURN slipway.timestamp_or_null (left (value, 4)::integer, substr (value, 6, 2)::integer, substr (value, 9, 2)::integer,
                                      substr (value, 12, 2)::integer, substr (value, 15, 2)::integer,
                                      substr (value, 18)::double precision);
  ELSIF value ~ '^\d\d/\d\d/\d{4}$' THEN
    RETURN slipway.timestamp_or_null (substr (value, 7)::integer, substr (value, 4, 2)::integer, left (value, 2)::integer, 0, 0, 0);
  END IF;
  -- To take a text apart is slow; few come here.
  p := regexp_match (value, '^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?$');
  IF p IS NOT NULL THEN
    RETURN slipway.timestamp_or_null (p[1]::int, p[2]::int, p[3]::int, coalesce (p[4], '0')::int,
                                      coalesce (p[5], '0')::int, coalesce (p[6], '0')::double precision);
  END IF;
  p := regexp_match (value, '^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?$');
  RETURN slipway.timestamp_or_null (p[4]::int, p[3]::int, p[1]::int, coalesce (p[5], '0')::int,
                                    coalesce (p[6], '0')::int, coalesce (p[7], '0')::double precision);
END $$;

-- The hour of a clock with "am" or "pm" behind it, and without; NULL for one that such a clock does not have.
CREATE OR REPLACE FUNCTION slipway.hour_of (hour integer, half text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN half IS NULL THEN hour
                  WHEN hour <= 12 THEN hour % 12 + CASE half WHEN 'p' THEN 12 ELSE 0 END END $$;

-- Day, month and year of a date as the original reads it with day first, each as text; the year first, without blanks
-- around, is ISO 8601 and comes here only where that is no date.
CREATE OR REPLACE FUNCTION slipway.day_parts (value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  months constant text := '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?'
                          '|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
  p      text[] := regexp_match (value, '^(\d{4}|\d{1,2})[/. -](\d{1,2})[/. -](\d{4}|\d{1,2})$');
BEGIN
  IF p IS NULL THEN
    p := regexp_match (value, '^(\d{4})(\d{2})(\d{2})$');
  END IF;
  IF p IS NOT NULL THEN
    -- A year first is followed by the day, wherever the last number can be a month.
    RETURN CASE WHEN length (p[1]) = 4 OR p[1]::integer > 31
                THEN CASE WHEN p[3]::integer <= 12 THEN ARRAY[p[2], p[3], p[1]] ELSE ARRAY[p[3], p[2], p[1]] END
                WHEN p[1]::integer > 12 OR p[2]::integer <= 12 THEN p
                ELSE ARRAY[p[2], p[1], p[3]] END;
  END IF;
  p := regexp_match (value, '^(\d{4})(?:[/. -](\d{1,2}))?$');
  IF p IS NOT NULL THEN
    RETURN ARRAY['1', coalesce (p[2], '1'), p[1]];
  END IF;
  p := regexp_match (value, '^(\d{1,2})[/. -](\d{4})$');
  IF p IS NOT NULL THEN
    RETURN ARRAY['1', p[1], p[2]];
  END IF;
  p := regexp_match (value, '^(\d{1,2})(?:(?:st|nd|rd|th)[ /.,-]+|[ /.,-]*)' || months || '[ /.,-]*(\d{4}|\d{2})$');
  IF p IS NULL THEN
    p := regexp_match (value, '^()' || months || '[ /.,-]+(\d{4})$');
  END IF;
  IF p IS NULL THEN
    p := regexp_match (value, '^' || months || '[ /.-]+(\d{1,2})(?:st|nd|rd|th)?[ ,]+(\d{4})$');
    p := ARRAY[p[2], p[1], p[3]];
  END IF;
  RETURN ARRAY[coalesce (nullif (p[1], ''), '1'),
               ((position (left (p[2], 3) IN 'janfebmaraprmayjunjulaugsepoctnovdec') + 2) / 3)::text, p[3]];
END $$;

-- A date as the original reads it with day first: all of the above; day and month change places when only
-- that makes a date (04/13/2020 is 13 April); a year that is first is followed by the day unless the text is ISO 8601
-- and nothing else (2020-10-05 is 5 October, with a blank behind it 10 May); names of months; compact
-- 20200413; a year alone or with a month; clocks with am and pm; years of two digits fall within fifty years of the
-- run's. Offsets of time zones are not read. tests/migration/reference/dates.json has what pandas says to many of them.
CREATE OR REPLACE FUNCTION slipway.day_first_any (value text, run_year integer) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  clock  text[];
  p      text[];
  y      integer;
  result timestamp := slipway.day_first_strict (value);
BEGIN
  IF result IS NOT NULL OR octet_length (value) > 100 THEN
    RETURN result;
  END IF;
  p := regexp_match (value, '^\s*(\d{4})([-/. ]?)(\d{1,2})\2(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d{1,9})?))?\s*)?$');
  IF p[2] <> '' OR length (p[3]) + length (p[4]) = 4 THEN
    result := slipway.timestamp_or_null (p[1]::int, p[3]::int, p[4]::int, coalesce (p[5], '0')::int, coalesce (p[6], '0')::int,
                                         coalesce (p[7], '0')::double precision);
    IF result IS NOT NULL THEN
      RETURN result;
    END IF;
  END IF;
  -- groups: 1 date, 2 hour, 3 minute, 4 second, 5 half of the day
  clock := regexp_match (lower (btrim (value, E' \t\n\r\f\v')),
                         '^(.*?\S)(?:(?:t| +)(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d{1,9})?))?(?: *([ap])m)?)?$');
  p := slipway.day_parts (clock[1]);
  y := p[3]::int;
  IF length (p[3]) <= 2 THEN
    y := y + run_year / 100 * 100;
    y := CASE WHEN y >= run_year + 50 THEN y - 100 WHEN y < run_year - 50 THEN y + 100 ELSE y END;
  END IF;
  RETURN slipway.timestamp_or_null (y, p[2]::int, p[1]::int, slipway.hour_of (coalesce (clock[2], '0')::int, clock[5]),
                                    coalesce (clock[3], '0')::int, coalesce (clock[4], '0')::double precision);
END $$;

-- What the original's times can hold, which count nanoseconds from 1970: from 1677 to 2262. It ends where a
-- calculation begins or ends beyond, and a decision table takes such a day for none. The argument stands there
-- once, so that the planner puts this, and what gives the day, into the query.
CREATE OR REPLACE FUNCTION slipway.held (day timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT nullif (nullif (greatest (least (day, TIMESTAMP '2262-04-11 23:47:17'), TIMESTAMP '1677-09-21 00:12:43'),
                             TIMESTAMP '2262-04-11 23:47:17'), TIMESTAMP '1677-09-21 00:12:43') $$;

-- The years of two centuries, the days that every year has, hours and minutes, as ISO 8601 writes them. The planner asks
-- these functions once for each query and puts the texts into a hash table: that they are a date takes two look-ups then.
DO $do$
DECLARE
  name  text;
  texts text[];
BEGIN
  FOR name, texts IN
    SELECT 'iso_years', array_agg (year::text) FROM generate_series (1900, 2099) AS year
    UNION ALL
    SELECT 'iso_days', array_agg (to_char (DATE '2001-01-01' + day, '-MM-DD')) FROM generate_series (0, 364) AS day
    UNION ALL
    SELECT 'iso_hours', array_agg (to_char (hour, 'FM00')) FROM generate_series (0, 23) AS hour
    UNION ALL
    SELECT 'iso_minutes', array_agg (to_char (minute, '":"FM00')) FROM generate_series (0, 59) AS minute
  LOOP
    EXECUTE format ('CREATE OR REPLACE FUNCTION slipway.%s () RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE'
                    ' AS $$ BEGIN RETURN %L::text[]; END $$', name, texts);
  END LOOP;
END $do$;

-- As above, and in a strict run as day_first_strict(). Most texts are blank or surely a date: the planner puts this into the
-- query that asks, so that for those no function is called at all. A regular expression would say the same in one line, and a
-- migration asks this of every date several times.
CREATE OR REPLACE FUNCTION slipway.day_first (value text, run_year integer DEFAULT NULL) RETURNS timestamp
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value = '' THEN NULL
                  WHEN (value LIKE '____-__-__ 00:00:00' OR octet_length (value) = 10)
                   AND left (value, 4) = ANY (slipway.iso_years ()) AND substr (value, 5, 6) = ANY (slipway.iso_days ())
                  THEN make_date (left (value, 4)::integer, substr (value, 6, 2)::integer, substr (value, 9, 2)::integer)::timestamp
                  WHEN slipway.is_strict () THEN slipway.day_first_strict (value)
                  ELSE slipway.day_first_any (value, coalesce (run_year, slipway.run_year ())) END $$;

-- A date where the original takes what is none for nothing (errors="coerce"), one that its times cannot hold too.
CREATE OR REPLACE FUNCTION slipway.day_coerced (value text, run_year integer DEFAULT NULL) RETURNS timestamp
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT slipway.held (slipway.day_first (value, run_year)) $$;

-- The same day of the next year; 29 February becomes the 28th.
CREATE OR REPLACE FUNCTION slipway.add_one_year (day timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT day + interval '1 year' $$;

-- Tax years begin on 1 April: the first of April on or before a day, and the 31 March on or after it.
CREATE OR REPLACE FUNCTION slipway.start_of_tax_year (day timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT date_trunc ('year', day - interval '3 months') + interval '3 months' $$;

CREATE OR REPLACE FUNCTION slipway.end_of_tax_year (day timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT date_trunc ('year', day - interval '3 months') + interval '1 year 3 months' - interval '1 day' $$;

-- An award of 31 March ends that day, one of 1 April the day before, any other with its tax year. The time
-- of the day stays, as in the original.
CREATE OR REPLACE FUNCTION slipway.fee_reduction_end_date (day timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN extract (month FROM day) = 4 AND extract (day FROM day) = 1 THEN day - interval '1 day'
                  ELSE slipway.end_of_tax_year (day) + (day - date_trunc ('day', day)) END $$;

-- An award of 31 March or 1 April began on 1 April of the year before; any other has none. Only an older
-- version of the definitions asks for it.
CREATE OR REPLACE FUNCTION slipway.fee_reduction_start_date (day timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN to_char (day, 'MMDD') IN ('0331', '0401')
                  THEN date_trunc ('year', day) - interval '9 months' END $$;

-- Three weeks on; a Saturday or Sunday becomes the Monday behind it.
CREATE OR REPLACE FUNCTION slipway.calculate_duedate (day timestamp) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  RETURN day + CASE extract (isodow FROM day) WHEN 6 THEN interval '23 days' WHEN 7 THEN interval '22 days'
                                              ELSE interval '21 days' END;
END $$;

-- One year back and one day on, whatever day of the week that is.
CREATE OR REPLACE FUNCTION slipway.calculate_startdate (day timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT day - interval '1 year' + interval '1 day' $$;

-- Working days, Monday to Friday, no holidays: a day of the weekend first becomes the Monday behind it,
-- then it goes on (or back) by so many working days. numpy's busday_offset with roll "forward".
CREATE OR REPLACE FUNCTION slipway.working_days (day date, days integer) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  weekday integer := extract (isodow FROM day);
  monday  date := day + 1 - weekday;
BEGIN
  IF weekday > 5 THEN
    monday := monday + 7;
    weekday := 1;
  END IF;
  RETURN monday + 7 * floor ((weekday - 1 + days) / 5.0)::integer + (((weekday - 1 + days) % 5) + 5) % 5;
END $$;

-- The day itself, or the Friday before a day of the weekend: where working days are counted from with numpy's roll
-- "backward".
CREATE OR REPLACE FUNCTION slipway.workday_before (day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT day - greatest (extract (isodow FROM day)::integer - 5, 0) $$;

-- A date and a time of their own columns, as they stand. No date is NULL; only its first ten characters
-- count and they are YYYY-MM-DD; no time is midnight; a fraction of a second is cut off.
CREATE OR REPLACE FUNCTION slipway.date_and_time (day text, clock text) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  stamp text;
  p     text[];
BEGIN
  IF day IN ('', 'NaT', 'nan') OR day IS NULL THEN
    RETURN NULL;
  END IF;
  stamp := left (day, 10) || CASE WHEN clock IN ('', 'NaT', 'nan') OR clock IS NULL THEN ' 00:00:00'
                                  ELSE ' ' || split_part (clock, '.', 1) END;
  IF stamp ~ '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$' THEN
    RETURN slipway.timestamp_or_null (left (stamp, 4)::integer, substr (stamp, 6, 2)::integer, substr (stamp, 9, 2)::integer,
                                      substr (stamp, 12, 2)::integer, substr (stamp, 15, 2)::integer,
                                      substr (stamp, 18)::double precision);
  END IF;
  p := regexp_match (stamp, '^(\d{4})-(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{1,2}):(\d{1,2})$');
  RETURN slipway.timestamp_or_null (p[1]::int, p[2]::int, p[3]::int, p[4]::int, p[5]::int, p[6]::double precision);
END $$;

-- The same as London's clock showed it, in UTC. An hour that London's clocks left out, or showed twice, is
-- NULL, as the original dies of it; see slipway.london_to_utc_strict(). Since 1972 that is in March and
-- October only.
CREATE OR REPLACE FUNCTION slipway.london_to_utc (local timestamp) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  utc timestamptz := local AT TIME ZONE 'Europe/London';
BEGIN
  IF (local < '1972-01-01' OR extract (month FROM local) IN (3, 10))
     AND ((utc AT TIME ZONE 'Europe/London') <> local
          OR ((utc - interval '1 hour') AT TIME ZONE 'Europe/London') = local
          OR ((utc + interval '1 hour') AT TIME ZONE 'Europe/London') = local) THEN
    RETURN NULL;
  END IF;
  RETURN utc AT TIME ZONE 'UTC';
END $$;

-- An hour shown twice is the second (winter time), one left out is read with the offset before the change.
CREATE OR REPLACE FUNCTION slipway.london_to_utc_strict (local timestamp) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (local AT TIME ZONE 'Europe/London') AT TIME ZONE 'UTC' $$;

-- A time that London's clock surely showed once is put together where it is asked for: since 1972 it changes behind the
-- middle of March and of October. Any other must be one of the original's times before it is moved to UTC, where the hour behind
-- the last would be one again.
CREATE OR REPLACE FUNCTION slipway.convert_to_timestamp (day text, clock text) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN day = '' THEN NULL
                  WHEN day COLLATE "C" >= '1972' AND left (day, 4) = ANY (slipway.iso_years ())
                   AND substr (day, 5, 6) = ANY (slipway.iso_days ())
                   AND (substr (day, 6, 2) NOT IN ('03', '10') OR substr (day, 9, 2) COLLATE "C" < '15')
                   AND octet_length (clock) = 8 AND left (clock, 2) = ANY (slipway.iso_hours ())
                   AND substr (clock, 3, 3) = ANY (slipway.iso_minutes ()) AND substr (clock, 6) = ANY (slipway.iso_minutes ())
                  THEN make_timestamp (left (day, 4)::integer, substr (day, 6, 2)::integer, substr (day, 9, 2)::integer,
                                       left (clock, 2)::integer, substr (clock, 4, 2)::integer,
                                       substr (clock, 7)::integer) AT TIME ZONE 'Europe/London' AT TIME ZONE 'UTC'
                  ELSE slipway.london_to_utc (slipway.held (slipway.date_and_time (day, clock))) END $$;

-- The same for a time, which keeps its time of the day.
CREATE OR REPLACE FUNCTION slipway.working_days (value timestamp, days integer) RETURNS timestamp
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT slipway.working_days (value::date, days) + (value - date_trunc ('day', value)) $$;
