/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-progress.h"
#include "slip-migration.h"
#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * SlipApiCheck:
 * @file: the CSV file
 * @line: its line there, from 1
 * @endpoint: a path with placeholders, `/api/v1/people/{id}`
 * @reference: by which its rows in the target are found
 * @locator: a JSONPath
 * @purpose: what it is for
 * @expected: what should be answered, values with `|` between
 * @actual: (nullable): what was answered, in the same form
 * @state: `passed`, `failed` (another answer), `error` (none), or `skipped`; %NULL before it was done
 * @message: (nullable): why there is no answer, or why it was skipped
 * @asked: (nullable): the paths that were asked, with spaces between
 * @status: the last HTTP status; 0 without one
 * @tries: how many requests there were
 * @milliseconds: how long the requests took
 *
 * One check of the new system.
 */
typedef struct
{
  char *file;
  guint64 line;
  char *endpoint;
  char *reference;
  char *locator;
  char *purpose;
  char *expected;
  char *actual;
  const char *state;
  char *message;
  char *asked;
  guint status;
  guint tries;
  guint milliseconds;
} SlipApiCheck;

void slip_api_check_free (SlipApiCheck *check);

/**
 * SlipApiOptions:
 * @url: where the API is, `https://host`; endpoints come behind
 * @token: (nullable): a bearer token
 * @user: (nullable): who logs in, with @password
 * @password: (nullable): the password
 * @parallel: how many requests at once; 0 is 4, 32 the most
 * @timeout: seconds until a request is given up; 0 is 30
 * @tries: how often an answer is asked for; 0 is 5
 * @pause: milliseconds between tries; 0 is 3000
 * @progress: (nullable): called on worker threads, by one at a time
 * @data: for @progress
 */
typedef struct
{
  const char *url;
  const char *token;
  const char *user;
  const char *password;
  guint parallel;
  guint timeout;
  guint tries;
  guint pause;
  SlipMigrationProgressFunc progress;
  gpointer data;
} SlipApiOptions;

/**
 * slip_api_options_take_environment:
 * @options: options without an address
 *
 * Takes what is not set from `SLIPWAY_API_URL`, `SLIPWAY_API_TOKEN`, `SLIPWAY_API_USER` and `SLIPWAY_API_PASSWORD`. Secrets come
 * from nowhere else.
 */
void slip_api_options_take_environment (SlipApiOptions *options);

/**
 * slip_api_check_files:
 * @migration: a migration
 * @sidecar: the sidecar's name, for findings
 * @findings: (element-type SlipFinding): where what is wrong is appended
 *
 * Reads the files of the checks, and nothing else: their form, endpoints and JSONPaths. Any thread.
 */
void slip_api_check_files (SlipMigration *migration, const char *sidecar, GPtrArray *findings);

/**
 * slip_api_execute:
 * @migration: a migration with `api`
 * @options: how
 * @pg: (nullable): the migration database, for `skip`
 * @target: the target, in which references are looked up
 * @run_date: YYYY-MM-DD, for SQL
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Asks the new system what the sidecar's files say, and compares. An answer that is another is no error of this
 * function. Blocks; worker threads only.
 *
 * Returns: (transfer full) (element-type SlipApiCheck): all checks, in the order of the files; %NULL when nothing could be
 *   asked: %SLIP_MIGRATION_ERROR_DEFINITION for a malformed file, with every fault, %SLIP_MIGRATION_ERROR_CONNECTION without
 *   a way to the API, %SLIP_MIGRATION_ERROR_STATE when it refuses the login, or the databases' errors
 */
GPtrArray *slip_api_execute (SlipMigration *migration,
                             const SlipApiOptions *options,
                             SlipPg *pg,
                             SlipPg *target,
                             const char *run_date,
                             GCancellable *cancellable,
                             GError **error);

/**
 * slip_api_store:
 * @pg: the migration database, in no transaction
 * @run: the run they belong to, or 0
 * @checks: (element-type SlipApiCheck): what came of them
 * @error: return location
 *
 * Puts them into `slipway.api_check` in place of those that the run had, and their numbers into `slipway.measure`.
 *
 * Returns: whether it did
 */
gboolean slip_api_store (SlipPg *pg, gint64 run, GPtrArray *checks, GError **error);

/**
 * slip_api_count:
 *
 * Returns: how many of @checks are in @state
 */
guint slip_api_count (GPtrArray *checks, const char *state);

/**
 * slip_api_check_to_text:
 *
 * Returns: (transfer full): one line: file and line, purpose, what was asked, expected and actual or why not
 */
char *slip_api_check_to_text (const SlipApiCheck *check);

G_END_DECLS
