-- SPDX-License-Identifier: MIT
-- Who is warned of what: members without an insurance, and those with notes that somebody must read.
SELECT m."Member No" AS person_id, 'Not insured' AS warning_id, m.casrec_row_id AS row_id
  FROM {casrec_schema}.member AS m
 WHERE m."Flag" IN ('3', '4')
UNION ALL
SELECT m."Member No", concat_ws (', ', 'Read the notes', coalesce (nullif (btrim (n."Text"), ''), '-')), n.casrec_row_id
  FROM {casrec_schema}.note AS n
  JOIN {casrec_schema}.member AS m ON m."Member No" = n."Member No"
 WHERE n."Pri" = '1'
EXCEPT
SELECT p.membernumber AS person_id,
       CASE w.warningtype WHEN 'Not insured' THEN w.warningtype ELSE concat_ws (', ', w.warningtype, btrim (w.text)) END AS warning_id,
       concat_ws ('/', k.person_id, k.warning_id) AS target_id
  FROM {target_schema}.people_warnings AS k
  JOIN {target_schema}.people AS p ON p.id = k.person_id
  JOIN {target_schema}.warnings AS w ON w.id = k.warning_id
 WHERE p.clubsource = '{client_source}'
