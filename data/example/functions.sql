-- SPDX-License-Identifier: MIT
-- What the club's own rules call. Functions of a migration live in schema slipway beside the engine's; each says
-- what it is immutable for, so that rows can be made in parallel.

-- Whether a payment has been waiting for too long.
CREATE OR REPLACE FUNCTION slipway.club_in_arrears (raised date, confirmed date, run_date date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT confirmed IS NULL AND raised < run_date - 365 $$;
