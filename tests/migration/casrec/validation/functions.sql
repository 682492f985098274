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
  OUT salutation text, OUT firstname text, OUT othernames text, OUT surname text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  kind   text := {casrec_schema}.deputy_type_lookup (dep_type);
  first  text := slipway.transf_first_word (forename);
  others text := slipway.transf_last_words (forename);
  last   text := slipway.transf_capitalise_first_letter (surname_in);
BEGIN
  ordernumber := order_no;
  deputynumber := deputy_no;
  IF kind = 'PA' OR kind = 'PRO' AND first = '' THEN
    deputysubtype := 'ORGANISATION';
    organisationname := concat_ws (' ', nullif (first, ''), nullif (others, ''), nullif (last, ''));
    RETURN;
  END IF;
  deputysubtype := CASE WHEN kind = 'LAY' OR kind = 'PRO' AND last <> '' THEN 'PERSON' END;
  salutation := {casrec_schema}.title_codes_lookup (title);
  firstname := first;
  othernames := others;
  surname := last;
END $$;
