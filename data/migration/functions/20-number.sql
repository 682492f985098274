-- Numbers, as Python reads them: blanks around, a sign, digits, an exponent. Anything else is NULL here.

-- Decimal() of Python, which overlooks underscores wherever they are. A number of hundreds of digits is none here: no
-- column holds it, and numeric itself would end the statement at some of them. Here and below, what nearly all texts are
-- is found without a regular expression, in half the time.
CREATE OR REPLACE FUNCTION slipway.as_decimal (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN octet_length (value) <= 15 AND ltrim (value, '0123456789.') = '' AND value NOT LIKE '%.%.%'
                   AND value NOT IN ('', '.')
              THEN value::numeric
              WHEN value ~ '^-?\d{1,15}(\.\d{1,15})?$' THEN value::numeric
              WHEN octet_length (value) <= 320
                   AND replace (value, '_', '') ~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$'
              THEN replace (btrim (value, E' \t\n\r\f\v'), '_', '')::numeric END
$$;

-- What is compared is a float in the original, and float() reads infinity where no column holds it: greater than all.
CREATE OR REPLACE FUNCTION slipway.as_comparable (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT coalesce (slipway.as_decimal (value),
                   CASE WHEN value ~* '^\s*\+?inf(inity)?\s*$' THEN 1e400
                        WHEN value ~* '^\s*-inf(inity)?\s*$' THEN -1e400 END)
$$;

-- A number as a column of floats carries it: the nearest double, written as Python writes it (248 is
-- 248.0). Compat mode needs it where the original's column is Decimal, which pandas holds as float. Up to
-- fifteen digits the nearest double reads as the number itself. What is too great for one is NULL, what is too
-- small is nought.
CREATE OR REPLACE FUNCTION slipway.through_float (value numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  IF abs (value) < 1e9 AND scale (value) <= 6 THEN
    RETURN CASE WHEN value = trunc (value) THEN round (value, 1) ELSE trim_scale (value) END;
  ELSIF abs (value) >= 1.7976931348623158e308 THEN
    RETURN NULL;
  ELSIF abs (value) < 2.3e-308 THEN
    RETURN 0.0;
  ELSIF abs (value) < 1e16 AND value::double precision = trunc (value::double precision) THEN
    RETURN round (value::double precision::text::numeric, 1);
  END IF;
  RETURN value::double precision::text::numeric;
END $$;

-- The same as Python prints it: 248.0, 12.3, 1e-07.
CREATE OR REPLACE FUNCTION slipway.float_text (value numeric) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  IF (abs (value) >= 1e16 AND abs (value) < 1.7976931348623158e308) OR (abs (value) < 1e-4 AND abs (value) >= 2.3e-308) THEN
    RETURN value::double precision::text;
  END IF;
  RETURN slipway.through_float (value)::text;
END $$;

-- Whole numbers go through a float in the original: "14.0" is 14, "12.5" is none and NULL here, as is one
-- that the column cannot hold. float() takes an underscore between two digits only.
CREATE OR REPLACE FUNCTION slipway.whole (value numeric, low numeric, high numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  RETURN CASE WHEN value BETWEEN low AND high AND value = trunc (value) THEN trunc (value) END;
END $$;

CREATE OR REPLACE FUNCTION slipway.as_int (value text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value = '' THEN NULL
                  WHEN octet_length (value) <= 9 AND ltrim (value, '0123456789') = '' THEN value::integer
                  WHEN value ~ '^-?\d{1,9}$' THEN value::integer
                  WHEN value ~ '(^|\D)_|_(\D|$)' THEN NULL
                  ELSE slipway.whole (slipway.as_decimal (value), -2147483648, 2147483647)::integer END $$;

CREATE OR REPLACE FUNCTION slipway.as_bigint (value text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value = '' THEN NULL
                  WHEN octet_length (value) <= 15 AND ltrim (value, '0123456789') = '' THEN value::bigint
                  WHEN value ~ '^-?\d{1,15}$' THEN value::bigint
                  WHEN value ~ '(^|\D)_|_(\D|$)' THEN NULL
                  ELSE slipway.whole (slipway.as_decimal (value), -9223372036854775808, 9223372036854775807)::bigint END $$;

-- What PostgreSQL takes for a boolean, which is what becomes of the text in the original; NULL otherwise. What nearly all
-- texts are is found without a regular expression.
CREATE OR REPLACE FUNCTION slipway.as_bool (value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value IN ('True', 'true', '1') THEN true
                  WHEN value IN ('False', 'false', '0') THEN false
                  WHEN value = '' THEN NULL
                  WHEN value ~* '^\s*(t|tr|tru|true|y|ye|yes|on|1)\s*$' THEN true
                  WHEN value ~* '^\s*(f|fa|fal|fals|false|n|no|of|off|0)\s*$' THEN false END $$;

-- Pounds to pence, what is left of a penny cut off: 0.57 is 57, 12.345 is 1234, -3.999 is -399.
CREATE OR REPLACE FUNCTION slipway.multiply_by_100 (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT trunc (slipway.as_decimal (value) * 100) $$;

CREATE OR REPLACE FUNCTION slipway.absolute_value (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT abs (slipway.as_decimal (value)) $$;

-- A blank is nought, and nothing is rounded.
CREATE OR REPLACE FUNCTION slipway.money_poundpence (value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value IN ('', ' ') THEN 0 ELSE slipway.as_decimal (value) END $$;

-- The greatest of a row's values: as numbers when the whole column list is numeric, which is what the
-- original asks of all rows at once and what the caller finds out; otherwise as texts, by code point.
CREATE OR REPLACE FUNCTION slipway.get_max_col (as_numbers boolean, VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN as_numbers THEN slipway.float_text (max (slipway.as_decimal (item)))
                  ELSE max (item COLLATE "C") COLLATE "default" END
        FROM unnest (list) AS items (item) $$;

-- Sixty bits of a digest: the same on every server and in every version, and spread evenly.
CREATE OR REPLACE FUNCTION slipway.digest_bits (seed text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ('x' || substr (md5 (seed), 1, 15))::bit (60)::bigint $$;

-- Twelve digits. The original draws them at random and never looks whether they are unique; these come
-- from where the row came from, so that a second run gives the same ones. The step says which migration and files it is of.
CREATE OR REPLACE FUNCTION slipway.unique_number (step text, row_id bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 100000000000 + slipway.digest_bits (step || '/' || row_id) % 900000000000 $$;

-- A UUID of version 4 in form, from where the row came from, for the same reason.
CREATE OR REPLACE FUNCTION slipway.uuid_of (step text, column_name text, row_id bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT overlay (overlay (digest PLACING '4' FROM 13)
                      PLACING substr ('89ab', 1 + get_byte (decode (substr (digest, 17, 1) || '0', 'hex'), 0) / 16 % 4, 1)
                      FROM 17)::uuid
        FROM (SELECT md5 (step || '/' || column_name || '/' || row_id) AS digest) AS hashed $$;

-- The check digit of Luhn: from the right each second digit counts twice, its digits added up, beginning
-- with the last one; nine times the sum, the last digit of that.
CREATE OR REPLACE FUNCTION slipway.luhn_digit (number bigint) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  sum  bigint := 0;
  rest bigint := number;
BEGIN
  WHILE rest > 0 LOOP
    sum := sum + (rest % 10) * 2 / 10 + (rest % 10) * 2 % 10 + rest / 10 % 10;
    rest := rest / 100;
  END LOOP;
  RETURN 9 * sum % 10;
END $$;

-- The number with its check digit behind it: 70000000001 is 700000000013.
CREATE OR REPLACE FUNCTION slipway.with_luhn (number bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT number * 10 + slipway.luhn_digit (number) $$;
