-- Who is warned of what: clients by their case number, deputies by their own (2.6), each by the marks that the table definitions
-- of the warnings name.
SELECT p."Case" AS person_id, w.warning AS warning_id, w.row_id AS row_id
  FROM (SELECT "Case" AS case_no, 'REM - Violence Warnings, Casrec Migration - Violent Warning' AS warning, casrec_row_id AS row_id
          FROM {casrec_schema}.pat WHERE "VWM" = '4'
        UNION ALL SELECT "Case", 'REM - Special Interest Markers, Casrec Migration - Special Interest Warning', casrec_row_id
          FROM {casrec_schema}.pat WHERE "SIM" = '3'
        UNION ALL SELECT "Case", 'Other, Casrec Migration - No Debt to be chased', casrec_row_id
          FROM {casrec_schema}.pat WHERE "Debt chase" = '1'
        UNION ALL SELECT "Case", 'Other, Casrec Migration - SAAR Check Warning', casrec_row_id
          FROM {casrec_schema}.pat WHERE "SAAR Check" = 'Y'
        UNION ALL SELECT "Case", concat_ws (', ', 'Other', nullif (btrim ("Remarks"), '')), casrec_row_id
          FROM {casrec_schema}.remarks WHERE "Pri" = '1') AS w
  JOIN {casrec_schema}.pat AS p ON p."Case" = w.case_no AND p."Case" <> ''
UNION ALL
SELECT CAST(d."Deputy No" AS integer)::text, w.warning, w.row_id
  FROM (SELECT "Deputy No" AS deputy_no, 'REM - Violence Warnings, Casrec Migration - Violent Warning' AS warning, casrec_row_id AS row_id
          FROM {casrec_schema}.deputy WHERE "VWM" = '4'
        UNION ALL SELECT "Deputy No", 'REM - Special Interest Markers, Casrec Migration - Special Interest Warning', casrec_row_id
          FROM {casrec_schema}.deputy WHERE "SIM" = '3') AS w
  JOIN {casrec_schema}.deputy AS d ON d."Deputy No" = w.deputy_no AND d."Deputy No" <> ''
EXCEPT
SELECT CASE p.type WHEN 'actor_client' THEN p.caserecnumber ELSE p.deputynumber::text END AS person_id,
       concat_ws (', ', w.warningtype, nullif (btrim (w.warningtext), '')) AS warning_id, concat_ws ('/', k.person_id, k.warning_id) AS target_id
  FROM {target_schema}.person_warning AS k
  JOIN {target_schema}.persons AS p ON p.id = k.person_id
  JOIN {target_schema}.warnings AS w ON w.id = k.warning_id
 WHERE p.clientsource = '{client_source}'
