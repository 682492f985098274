-- SPDX-License-Identifier: MIT
-- The accountant's program expects a batch number on each invoice, from a counter that the club's database keeps.
INSERT INTO {target}.counters (name, value) VALUES ('invoice batch', 0) ON CONFLICT (name) DO NOTHING
