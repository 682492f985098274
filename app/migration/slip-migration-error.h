/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SLIP_MIGRATION_ERROR (slip_migration_error_quark ())

/**
 * SlipMigrationError:
 * @SLIP_MIGRATION_ERROR_DEFINITION: a definition file or the sidecar is malformed, or contradicts itself
 * @SLIP_MIGRATION_ERROR_INPUT: a source file is not what it must be; the message names file, record, line,
 *   byte and column
 * @SLIP_MIGRATION_ERROR_CHANGED: a file, a header or landed data is not what it was
 * @SLIP_MIGRATION_ERROR_NOT_FOUND: a file, table, run or entity that was asked for is not there
 * @SLIP_MIGRATION_ERROR_IO: the file system refused; the message names the file
 * @SLIP_MIGRATION_ERROR_CONNECTION: no way to the database, or it broke; what was open is rolled back by
 *   the server
 * @SLIP_MIGRATION_ERROR_DATABASE: the server refused a statement; slip_migration_error_get_sqlstate()
 *   has its code
 * @SLIP_MIGRATION_ERROR_GATE: a threshold of a gate is exceeded
 * @SLIP_MIGRATION_ERROR_STATE: not possible in the state that the migration is in
 * @SLIP_MIGRATION_ERROR_CANCELLED: a person cancelled
 *
 * Errors of the migration folder. An extended error: a server's refusal carries all that it said.
 */
typedef enum
{
  SLIP_MIGRATION_ERROR_DEFINITION,
  SLIP_MIGRATION_ERROR_INPUT,
  SLIP_MIGRATION_ERROR_CHANGED,
  SLIP_MIGRATION_ERROR_NOT_FOUND,
  SLIP_MIGRATION_ERROR_IO,
  SLIP_MIGRATION_ERROR_CONNECTION,
  SLIP_MIGRATION_ERROR_DATABASE,
  SLIP_MIGRATION_ERROR_GATE,
  SLIP_MIGRATION_ERROR_STATE,
  SLIP_MIGRATION_ERROR_CANCELLED,
} SlipMigrationError;

GQuark slip_migration_error_quark (void);

/**
 * SlipServerWords:
 * @sqlstate: five characters, such as "23505"
 * @primary: the message
 * @detail: (nullable): its DETAIL
 * @hint: (nullable): its HINT
 * @context: (nullable): its CONTEXT, such as "COPY pat, line 7, column Case"
 * @table: (nullable): the table it is about, as schema.table
 * @column: (nullable): the column it is about
 * @constraint: (nullable): the constraint it is about
 * @raised: whether somebody's own function raised it, so that all of its words are that function's
 * @position: which character of the statement it is about, from 1; 0 for none
 *
 * What a PostgreSQL server says when it refuses a statement.
 */
typedef struct
{
  const char *sqlstate;
  const char *primary;
  const char *detail;
  const char *hint;
  const char *context;
  const char *table;
  const char *column;
  const char *constraint;
  gboolean raised;
  guint position;
} SlipServerWords;

/**
 * slip_migration_error_new_server:
 * @where: the database, as a person calls it
 * @statement: (nullable): the statement's name
 * @words: what the server said
 *
 * Returns: (transfer full): a %SLIP_MIGRATION_ERROR_DATABASE, or a %SLIP_MIGRATION_ERROR_CANCELLED for
 *   SQLSTATE 57014 (query_canceled)
 */
GError *slip_migration_error_new_server (const char *where,
                                         const char *statement,
                                         const SlipServerWords *words);

/**
 * slip_migration_error_new_gone:
 * @message: what broke
 * @closed: whether the server closed the connection in an orderly way
 *
 * Returns: (transfer full): a %SLIP_MIGRATION_ERROR_CONNECTION
 */
GError *slip_migration_error_new_gone (const char *message, gboolean closed);

/**
 * slip_migration_error_is_closed:
 *
 * Returns: whether the server closed the connection in an orderly way, because it is shut down or somebody ended the session:
 *   what it acknowledged before is in the database. Of any other end nobody knows whether the server crashed
 */
gboolean slip_migration_error_is_closed (const GError *error);

/**
 * slip_migration_error_add_passing:
 * @error: an error of this domain
 * @words: what is so now and may not be later
 *
 * Adds a sentence to the message, for whoever reads it now; slip_migration_error_get_lasting() leaves it out.
 */
void slip_migration_error_add_passing (GError *error, const char *words);

/**
 * slip_migration_error_get_lasting:
 * @error: an error of any domain
 *
 * Returns: the message as it can be noted, without what slip_migration_error_add_passing() added; owned by @error
 */
const char *slip_migration_error_get_lasting (const GError *error);

/**
 * slip_migration_error_get_sqlstate:
 *
 * Returns: (nullable): the server's code when it refused a statement; %NULL for every other error
 */
const char *slip_migration_error_get_sqlstate (const GError *error);

/**
 * slip_migration_error_get_words:
 *
 * Returns: (nullable): all that the server said, owned by @error; %NULL for every other error
 */
const SlipServerWords *slip_migration_error_get_words (const GError *error);

/**
 * slip_migration_error_get_statement:
 *
 * Returns: (nullable): the name of the statement that was refused
 */
const char *slip_migration_error_get_statement (const GError *error);

/**
 * slip_migration_dup_told:
 * @value: (nullable): a value of somebody's data
 *
 * As messages quote values, and nothing else does but names: between “ and ”, without such marks and line ends in it.
 * slip_migration_dup_untold() finds them again.
 *
 * Returns: (transfer full): `“VALUE”`
 */
char *slip_migration_dup_told (const char *value);

/**
 * slip_migration_dup_untold:
 * @message: a message
 *
 * Returns: (transfer full): the message without what is quoted in it, for a log that others keep: `“…”`
 */
char *slip_migration_dup_untold (const char *message);

/**
 * slip_migration_error_dup_untold:
 * @error: an error of any domain
 *
 * As slip_migration_dup_untold() for the message of an error of this domain. Of a server's words, detail and context go,
 * which quote rows, and what a message has in quotes or behind a colon, unless it names a constraint, a lack of the server's or a
 * word of a statement; what a function raises goes as a whole, with its hint and the constraint that it names.
 *
 * Returns: (transfer full): the message, without values; of another domain as it is
 */
char *slip_migration_error_dup_untold (const GError *error);

G_END_DECLS
