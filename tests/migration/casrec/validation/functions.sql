-- What the corpus' validation SQL calls by name and the definitions do not bring, written from the specification (2.5, 2.6)
-- and apart from the sidecar's own columns and decision tables.

CREATE FUNCTION {casrec_schema}.visits_visitsubtype (req_by text, report_type text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN report_type NOT IN ('1', '2', '3') THEN NULL
                  WHEN req_by = '3' THEN (ARRAY['VST-DEP', 'VST-DEP', 'VST-MLPA'])[report_type::integer]
                  WHEN req_by IN ('1', '2', '4', '5', '6', '7') THEN (ARRAY['VST-LAY', 'VST-HW', 'VST-MED'])[report_type::integer]
                  WHEN req_by IN ('8', '9', '10', '11', '12', '13', '14') THEN 'VST-PRO' END $$;

-- A public authority, or a professional without a forename, is an organisation: all of its names are one.
CREATE FUNCTION {casrec_schema}.derive_deputy_persons_columns (
  order_no text, deputy_no text, dep_type text, title text, forename text, surname_in text,
  OUT ordernumber text, OUT deputynumber text, OUT organisationname text, OUT deputysubtype text,
  OUT salutation text, OUT firstname text, OUT othernames text, OUT surname text) RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT order_no, deputy_no,
         CASE WHEN organisation THEN concat_ws (' ', nullif (first, ''), nullif (others, ''), nullif (last, '')) END,
         CASE WHEN organisation THEN 'ORGANISATION' WHEN kind = 'LAY' OR kind = 'PRO' AND last <> '' THEN 'PERSON' END,
         CASE WHEN NOT organisation THEN {casrec_schema}.title_codes_lookup (title) END,
         CASE WHEN NOT organisation THEN first END, CASE WHEN NOT organisation THEN others END,
         CASE WHEN NOT organisation THEN last END
    FROM (SELECT kind, first, others, last, coalesce (kind = 'PA' OR kind = 'PRO' AND first = '', false) AS organisation
            FROM (SELECT {casrec_schema}.deputy_type_lookup (dep_type) AS kind, slipway.transf_first_word (forename) AS first,
                         slipway.transf_last_words (forename) AS others,
                         slipway.transf_capitalise_first_letter (surname_in) AS last) AS named) AS told
$$;
