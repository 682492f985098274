-- SPDX-License-Identifier: MIT
-- The club's new database, as it stands before the migration: it is in use already. Guests and staff must be the same
-- afterwards; four members are there, entered by hand, and are to be found again by their number. Made up, all of it.

CREATE SEQUENCE global_uid_seq;

CREATE TABLE staff (id integer PRIMARY KEY, name varchar (100) NOT NULL, initials varchar (5));
CREATE TABLE insurers (id integer PRIMARY KEY, name varchar (100) NOT NULL UNIQUE);
CREATE TABLE counters (name varchar (50) PRIMARY KEY, value integer NOT NULL);

CREATE TABLE people (
  id serial PRIMARY KEY,
  uid bigint NOT NULL UNIQUE,
  type varchar (20) NOT NULL,
  membernumber varchar (20),
  salutation varchar (10),
  firstname varchar (100),
  othernames varchar (100),
  surname varchar (100),
  dateofbirth date,
  dateofdeath date,
  email varchar (255),
  prefersletters boolean NOT NULL DEFAULT false,
  membership varchar (20),
  standing varchar (20),
  risklevel integer,
  isminor boolean NOT NULL DEFAULT false,
  memo text,
  token varchar (36),
  clubsource varchar (20),
  createddate timestamp (0),
  updateddate timestamp (0)
);
CREATE INDEX people_membernumber ON people (membernumber);

CREATE TABLE contracts (
  id serial PRIMARY KEY,
  uid bigint NOT NULL UNIQUE,
  person_id integer REFERENCES people,
  feepayer_id integer REFERENCES people,
  contractnumber varchar (20) NOT NULL,
  membernumber varchar (20),
  berthcode varchar (10),
  boatname varchar (100),
  boatlength numeric (5, 1),
  kind varchar (20),
  state varchar (10),
  holding varchar (20),
  begins date,
  firstrenewal date,
  berthrequired boolean,
  riskband varchar (10),
  terms json,
  clubsource varchar (20),
  createddate date
);

CREATE TABLE addresses (
  id serial PRIMARY KEY,
  person_id integer REFERENCES people ON DELETE CASCADE,
  address_lines json,
  town varchar (100),
  postcode varchar (20),
  isabroad boolean NOT NULL DEFAULT false,
  type varchar (20)
);
CREATE TABLE phones (
  id serial PRIMARY KEY,
  person_id integer REFERENCES people ON DELETE CASCADE,
  phonenumber varchar (30) NOT NULL,
  type varchar (20),
  isdefault boolean NOT NULL DEFAULT false,
  updateddate timestamp (0)
);
CREATE TABLE people_contracts (
  person_id integer NOT NULL REFERENCES people ON DELETE CASCADE,
  contract_id integer NOT NULL REFERENCES contracts ON DELETE CASCADE,
  PRIMARY KEY (person_id, contract_id)
);
CREATE TABLE contract_holders (
  id serial PRIMARY KEY,
  contract_id integer NOT NULL REFERENCES contracts ON DELETE CASCADE,
  person_id integer NOT NULL REFERENCES people ON DELETE CASCADE,
  state varchar (10) NOT NULL,
  payer boolean NOT NULL DEFAULT false
);
CREATE TABLE deposits (
  id serial PRIMARY KEY,
  contract_id integer REFERENCES contracts ON DELETE CASCADE,
  amount numeric (12, 2),
  insurer_id integer REFERENCES insurers,
  insurername varchar (100),
  policynumber varchar (30),
  reference bigint,
  renewaldate date
);
CREATE TABLE deaths (
  id serial PRIMARY KEY,
  person_id integer REFERENCES people ON DELETE CASCADE,
  dateofdeath date,
  notifiedon date,
  notifiedby varchar (20),
  proofseen boolean NOT NULL DEFAULT false
);
CREATE TABLE warnings (
  id serial PRIMARY KEY,
  warningtype varchar (50) NOT NULL,
  text text,
  dateadded date,
  active boolean NOT NULL DEFAULT true
);
CREATE TABLE people_warnings (
  person_id integer NOT NULL REFERENCES people ON DELETE CASCADE,
  warning_id integer NOT NULL REFERENCES warnings ON DELETE CASCADE,
  PRIMARY KEY (person_id, warning_id)
);
CREATE TABLE invoices (
  id serial PRIMARY KEY,
  person_id integer REFERENCES people,
  reference varchar (30) NOT NULL,
  feetype varchar (5),
  amount integer NOT NULL,
  startdate date,
  enddate date,
  raiseddate date,
  confirmeddate date,
  band varchar (20),
  batchnumber integer,
  source varchar (20)
);
CREATE TABLE ledger_entries (
  id serial PRIMARY KEY,
  person_id integer REFERENCES people,
  invoice_id integer NOT NULL REFERENCES invoices,
  reference varchar (30),
  type varchar (20),
  amount numeric (12, 2),
  bookedon timestamp (0),
  status varchar (20),
  postagefee numeric (6, 2)
);
CREATE TABLE reductions (
  id serial PRIMARY KEY,
  person_id integer REFERENCES people,
  type varchar (20),
  startdate date,
  enddate date,
  note text,
  deleted boolean NOT NULL DEFAULT false
);
CREATE TABLE surveys (
  id serial PRIMARY KEY,
  person_id integer NOT NULL REFERENCES people,
  contract_id integer REFERENCES contracts,
  periodstart date,
  periodend date,
  duedate date,
  received date,
  haspapers boolean NOT NULL DEFAULT false,
  kind varchar (20),
  status varchar (20),
  reviewstatus varchar (20)
);
CREATE TABLE notes (
  id serial PRIMARY KEY,
  person_id integer NOT NULL REFERENCES people ON DELETE CASCADE,
  createdby_id integer REFERENCES staff,
  createdtime timestamp (0),
  type varchar (20),
  direction varchar (5),
  text text
);
CREATE TABLE tasks (
  id serial PRIMARY KEY,
  assignee_id integer REFERENCES staff,
  name varchar (50),
  description text,
  createdtime timestamp (0),
  duedate date,
  status varchar (20)
);
CREATE TABLE people_tasks (
  person_id integer NOT NULL REFERENCES people ON DELETE CASCADE,
  task_id integer NOT NULL REFERENCES tasks ON DELETE CASCADE,
  PRIMARY KEY (person_id, task_id)
);
CREATE TABLE timeline (
  id serial PRIMARY KEY,
  createdby_id integer REFERENCES staff,
  createdon timestamp (0),
  event json,
  membernumber varchar (20)
);
CREATE TABLE people_timeline (
  id serial PRIMARY KEY,
  person_id integer NOT NULL REFERENCES people ON DELETE CASCADE,
  timeline_id integer NOT NULL REFERENCES timeline ON DELETE CASCADE
);
CREATE TABLE reminders (
  id serial PRIMARY KEY,
  dueby date,
  event json,
  attempts integer NOT NULL DEFAULT 0
);

INSERT INTO staff VALUES (1, 'The warden', 'W'), (2, 'The office', 'O'), (3, 'The bosun', 'B');
INSERT INTO insurers VALUES (1, 'Dogwatch Insurance'), (2, 'Leeward Mutual'), (3, 'Portside Mutual');

-- Guests: the untouched population. Members: found again by membernumber, and keep uid, createddate and token.
INSERT INTO people (uid, type, membernumber, firstname, surname, membership, token, clubsource, createddate)
SELECT slipway_uid, kind, number, given, family, state, 'by-hand-' || n, 'BY HAND', timestamp '2022-01-03' + n * interval '1 day'
  FROM (VALUES
    (1, 300000000012, 'guest',  NULL,      'Gilda',  'Netherpool', 'GUEST'),
    (2, 300000000020, 'member', 'M000003', 'Entered', 'By-Hand',   'FULL'),
    (3, 300000000038, 'member', 'M000007', 'Entered', 'By-Hand',   'FULL'),
    (4, 300000000046, 'guest',  'M000009', 'Firmin', 'Larkmoor',   'GUEST'),
    (5, 300000000053, 'member', 'M000020', 'Entered', 'By-Hand',   'JUNIOR'),
    (6, 300000000061, 'member', 'M900001', 'Not in', 'The Logbook', 'FULL')) AS row (n, slipway_uid, kind, number, given, family, state)
 ORDER BY n;
SELECT setval ('global_uid_seq', 6);

INSERT INTO addresses (person_id, address_lines, town, postcode, type) SELECT id, '["1 Slipway", ""]', 'Haddow Creek', 'QX1 1AA', 'Primary' FROM people
 WHERE type = 'guest' OR membernumber = 'M900001';
INSERT INTO contracts (uid, person_id, contractnumber, membernumber, berthcode, state, clubsource)
SELECT 300000000079, id, 'H000001', membernumber, 'F01', 'OPEN', 'BY HAND' FROM people WHERE membernumber = 'M900001';
SELECT setval ('global_uid_seq', 7);
INSERT INTO invoices (person_id, reference, amount, batchnumber, source)
SELECT id, 'HAND1/22', 5000, 1, 'BY HAND' FROM people WHERE membernumber = 'M900001';
INSERT INTO counters VALUES ('invoice batch', 1);
