-- Texts. "Unset" is NULL or ''. What a function cannot make sense of is NULL, and the one that asks can
-- tell that from a blank: see slipway.is_set().

-- Neither NULL nor ''.
CREATE OR REPLACE FUNCTION slipway.is_set (value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT value <> '' AND value IS NOT NULL $$;

-- A landed value as the original's loader stores it: the texts that pandas uses for "nothing" are blank.
CREATE OR REPLACE FUNCTION slipway.landed (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN octet_length (value) BETWEEN 3 AND 5
                   AND value IN ('nan', 'NaT', '<NA>', 'None', 'nan ', 'NaT ', '<NA> ', 'None ')
                  THEN '' ELSE value END $$;

-- What "not null" leaves of every value of a row that it keeps, in the original.
CREATE OR REPLACE FUNCTION slipway.cleared (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value NOT IN ('0', ' ') THEN value ELSE '' END $$;

-- A value as the original's INSERT writes it: blanks and the texts above are NULL, and so a person who is
-- really called "None" loses the name. Strict mode takes nullif (value, '') instead.
CREATE OR REPLACE FUNCTION slipway.stored (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value <> ''
                   AND (octet_length (value) NOT BETWEEN 3 AND 5
                        OR value NOT IN ('nan', 'NaT', '<NA>', 'None', 'nan ', 'NaT ', '<NA> ', 'None '))
                  THEN value END $$;

-- Whether the original's INSERT writes something.
CREATE OR REPLACE FUNCTION slipway.is_stored (value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT slipway.stored (value) IS NOT NULL $$;

-- str.upper() of Python.
CREATE OR REPLACE FUNCTION slipway.capitalise (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT upper (value COLLATE "und-x-icu") COLLATE "default" $$;

-- Whether a character counts as a letter with case, for which of them a title begins at the next one:
-- those that a case mapping changes, and the ones that are cased and map to themselves.
CREATE OR REPLACE FUNCTION slipway.is_cased (c text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT upper (c COLLATE "und-x-icu") <> c OR lower (c COLLATE "und-x-icu") <> c
             OR c ~ ('['
               || '\u00AA\u00BA\u0138\u018D\u019B\u01AA\u01AB\u01BA\u01BE\u0221\u0234-\u0239\u0255'
               || '\u0258\u025A\u025D-\u025F\u0262\u0264\u0267\u026D\u026E\u0270\u0273\u0274\u0276-'
               || '\u027C\u027E\u027F\u0281\u0284-\u0286\u028D-\u0291\u0293\u0295-\u029C\u029F-'
               || '\u02B8\u02C0\u02C1\u02E0-\u02E4\u037A\u03D2-\u03D4\u03FC\u0560\u0588\u1D00-'
               || '\u1D78\u1D7A-\u1D7C\u1D7E-\u1D8D\u1D8F-\u1DBF\u1E9C\u1E9D\u1E9F\u2071\u207F'
               || '\u2090-\u209C\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2128\u212C'
               || '\u212D\u212F-\u2131\u2133\u2134\u2139\u213C-\u213F\u2145-\u2149\u2C71\u2C74'
               || '\u2C77-\u2C7D\u2CE4\uA69C\uA69D\uA730\uA731\uA770-\uA778\uA78E\uA795\uA7AF\uA7D3'
               || '\uA7D5\uA7F8-\uA7FA\uAB30-\uAB52\uAB54-\uAB5A\uAB5C-\uAB68\U00010780\U00010783-'
               || '\U00010785\U00010787-\U000107B0\U000107B2-\U000107BA\U0001D400-\U0001D454'
               || '\U0001D456-\U0001D49C\U0001D49E\U0001D49F\U0001D4A2\U0001D4A5\U0001D4A6'
               || '\U0001D4A9-\U0001D4AC\U0001D4AE-\U0001D4B9\U0001D4BB\U0001D4BD-\U0001D4C3'
               || '\U0001D4C5-\U0001D505\U0001D507-\U0001D50A\U0001D50D-\U0001D514\U0001D516-'
               || '\U0001D51C\U0001D51E-\U0001D539\U0001D53B-\U0001D53E\U0001D540-\U0001D544'
               || '\U0001D546\U0001D54A-\U0001D550\U0001D552-\U0001D6A5\U0001D6A8-\U0001D6C0'
               || '\U0001D6C2-\U0001D6DA\U0001D6DC-\U0001D6FA\U0001D6FC-\U0001D714\U0001D716-'
               || '\U0001D734\U0001D736-\U0001D74E\U0001D750-\U0001D76E\U0001D770-\U0001D788'
               || '\U0001D78A-\U0001D7A8\U0001D7AA-\U0001D7C2\U0001D7C4-\U0001D7CB\U0001DF00-'
               || '\U0001DF09\U0001DF0B-\U0001DF1E\U0001F130-\U0001F149\U0001F150-\U0001F169'
               || '\U0001F170-\U0001F189'
               || ']') $$;

-- str.title() of Python for any text: each cased letter behind one that is not becomes title case, each
-- other one lower case. PostgreSQL's initcap() takes a digit for a part of the word ("1st"), Python does
-- not ("1St"). A capital sigma at the end of a word becomes the final one.
CREATE OR REPLACE FUNCTION slipway.title_of_any (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT string_agg (CASE WHEN NOT cased THEN c
                          WHEN NOT after_cased THEN initcap (c COLLATE "und-x-icu")
                          -- lower() looks at the neighbours of a sigma, and finds its form by them.
                          WHEN c = U&'\03A3' THEN substr (lower (substr (value, n - 1) COLLATE "und-x-icu"), 2, 1)
                          ELSE lower (c COLLATE "und-x-icu") END, '' ORDER BY n) COLLATE "default"
    FROM (SELECT n, c, cased, coalesce (lag (cased) OVER (ORDER BY n), false) AS after_cased
            FROM (SELECT n::integer, c, slipway.is_cased (c) AS cased
                    FROM unnest (string_to_array (value, NULL)) WITH ORDINALITY AS chars (c, n)) AS known) AS marked
$$;

-- str.title() of Python. Most texts go the short way: a mark behind each character that is no letter makes
-- initcap() begin a new word there. For ASCII its own rules are enough; letters of western and central
-- Europe, all of which have case, need those of Unicode.
CREATE OR REPLACE FUNCTION slipway.capitalise_first_letter_any (value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
  IF value !~ '[^\x02-\x7f]' THEN
    IF value ~ '[0-9]' THEN
      RETURN replace (initcap (regexp_replace (value, '([0-9])', E'\\1\x01', 'g') COLLATE "C"), E'\x01', '');
    END IF;
    RETURN initcap (value COLLATE "C");
  ELSIF value !~ '[^\x02-\x7f\u00C0-\u012F\u0132-\u0137\u0139-\u0148\u014A-\u017E]|[\u00D7\u00F7]' THEN
    RETURN replace (initcap (regexp_replace (value, '([^A-Za-z\u00C0-\u017E])', E'\\1\x01', 'g') COLLATE "und-x-icu"),
                    E'\x01', '');
  END IF;
  RETURN coalesce (slipway.title_of_any (value), '');
END $$;

-- The same, in the query that asks where all letters are ASCII's and nothing else begins a word.
CREATE OR REPLACE FUNCTION slipway.capitalise_first_letter (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN octet_length (value) = char_length (value) AND value !~ '[0-9\x01]'
                  THEN initcap (value COLLATE "C") COLLATE "default"
                  ELSE slipway.capitalise_first_letter_any (value) END $$;

-- What stands before the first space, in title case. A leading space gives ''.
CREATE OR REPLACE FUNCTION slipway.first_word (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT slipway.capitalise_first_letter (split_part (value, ' ', 1)) $$;

-- What stands behind the first space, in title case; '' without a space.
CREATE OR REPLACE FUNCTION slipway.last_words (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT slipway.capitalise_first_letter (CASE WHEN position (' ' IN value) = 0 THEN ''
                                                   ELSE substr (value, position (' ' IN value) + 1) END) $$;

CREATE OR REPLACE FUNCTION slipway.first_two_chars (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT left (value, 2) $$;

-- By prefix or suffix, in this order; NULL when it is none of them.
CREATE OR REPLACE FUNCTION slipway.credit_type_from_invoice_ref (value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN left (value, 1) = 'Z' OR right (value, 1) = 'Z' THEN 'CREDIT REMISSION'
                  WHEN left (value, 2) = 'CR' OR right (value, 2) = 'CR' THEN 'CREDIT MEMO'
                  WHEN left (value, 2) = 'WO' OR right (value, 2) = 'WO' THEN 'CREDIT WRITE OFF' END $$;

-- True for "1" and "1.0"; everything else, a blank too, is false.
CREATE OR REPLACE FUNCTION slipway.convert_to_bool (value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT coalesce (value IN ('1', '1.0'), false) $$;

CREATE OR REPLACE FUNCTION slipway.is_at_least_one_set (VARIADIC list text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT coalesce (array_length (array_remove (array_remove (list, NULL), ''), 1), 0) > 0 $$;

-- The first one that is set. SQL's own coalesce() would take a blank.
CREATE OR REPLACE FUNCTION slipway.first_set (VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (array_remove (array_remove (list, NULL), ''))[1] $$;

-- One character as json.dumps() of Python escapes it, with a surrogate pair beyond U+FFFF.
CREATE OR REPLACE FUNCTION slipway.json_character (c text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN ascii (c) < 65536 THEN '\u' || lpad (to_hex (ascii (c)), 4, '0')
                  ELSE '\u' || to_hex (55296 + ((ascii (c) - 65536) >> 10))
                       || '\u' || to_hex (56320 + ((ascii (c) - 65536) & 1023)) END $$;

-- One text as json.dumps() of Python writes it: PostgreSQL escapes quotes and what controls, Python also all
-- that is not printable ASCII.
CREATE OR REPLACE FUNCTION slipway.json_escape_any (value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  json text := to_json (value)::text;
  c    text;
BEGIN
  LOOP
    c := substring (json FROM '[^\x01-\x7e]');
    EXIT WHEN c IS NULL;
    json := replace (json, c, slipway.json_character (c));
  END LOOP;
  RETURN json;
END $$;

-- The same. PostgreSQL writes ASCII as Python does, but for the last of it. That takes no function, and "stable", as to_json()
-- calls itself, lets the planner put it into the query that asks.
CREATE OR REPLACE FUNCTION slipway.json_escape (value text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN octet_length (value) = char_length (value) AND position (E'\x7f' IN value) = 0 THEN to_json (value)::text
                  ELSE slipway.json_escape_any (value) END $$;

-- A JSON array as json.dumps() of Python writes a list: ", " between, blanks stay "", NULL is null.
CREATE OR REPLACE FUNCTION slipway.squash_columns (VARIADIC list text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '[' || coalesce (string_agg (coalesce (slipway.json_escape (item), 'null'), ', ' ORDER BY n), '') || ']'
        FROM unnest (list) WITH ORDINALITY AS items (item, n) $$;

-- The value when the lookup, which is told by its answer, names the very column that it stands in.
-- `named` is what the lookup says for the other column: a column's name, or NULL for an unknown code.
CREATE OR REPLACE FUNCTION slipway.conditional_lookup (value text, own_name text, named text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN named = own_name THEN value END $$;

-- One value as json.dumps() of Python writes it, by its type.
CREATE OR REPLACE FUNCTION slipway.json_value (value anyelement) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN value IS NULL THEN 'null'
                  WHEN pg_typeof (value) IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
                                             'double precision'::regtype, 'boolean'::regtype,
                                             'json'::regtype, 'jsonb'::regtype) THEN value::text
                  ELSE slipway.json_escape (value::text) END $$;

-- A text that is to be JSON; NULL where it is none. It catches an error, which a parallel worker cannot.
CREATE OR REPLACE FUNCTION slipway.as_json (value text) RETURNS json
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
AS $$
BEGIN
  RETURN slipway.stored (value)::json;
EXCEPTION WHEN invalid_text_representation THEN
  RETURN NULL;
END $$;

-- What happened to one column of one row: column, kind of event, value. It is taken apart again when rows are
-- counted.
CREATE OR REPLACE FUNCTION slipway.mark (column_name text, kind text, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT column_name || E'\x1f' || kind || E'\x1f' || left (coalesce (value, ''), 200) $$;
