/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * SlipSqlToken:
 * @SLIP_SQL_BLANK: white space, or a comment
 * @SLIP_SQL_WORD: a key word or a name without quotes
 * @SLIP_SQL_QUOTED: a text or a name in quotes
 * @SLIP_SQL_OTHER: one character of anything else
 */
typedef enum
{
  SLIP_SQL_BLANK,
  SLIP_SQL_WORD,
  SLIP_SQL_QUOTED,
  SLIP_SQL_OTHER,
} SlipSqlToken;

/**
 * slip_sql_next:
 * @p: where a token begins, in SQL that is not at its end
 * @token: (out): what it is
 * @open: (out): whether the SQL ends before the token does
 *
 * Parts SQL as PostgreSQL's own scanner does with standard_conforming_strings on.
 *
 * Returns: (transfer none): where the next one begins
 */
const char *slip_sql_next (const char *p, SlipSqlToken *token, gboolean *open);

/**
 * slip_sql_split:
 * @sql: statements
 *
 * Returns: (transfer full) (element-type utf8): each without its semicolon, with the comments that stand before it. The body of a
 *   function that is no text (BEGIN ATOMIC … END) and of a rule stay whole; what is empty is left out
 */
GPtrArray *slip_sql_split (const char *sql);

/**
 * slip_sql_dup_words:
 * @statement: one statement
 *
 * Returns: (transfer full): the words that are in no quotes, in capitals, one blank between
 */
char *slip_sql_dup_words (const char *statement);

/**
 * slip_sql_is_query:
 * @statement: one statement
 *
 * Returns: whether it is what PREPARE takes: SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, TABLE, WITH
 */
gboolean slip_sql_is_query (const char *statement);

/**
 * slip_sql_find_ending:
 * @words: as slip_sql_dup_words() gives them
 *
 * Returns: (transfer none) (nullable): the words by which the statement begins or ends a transaction or a part of one
 */
const char *slip_sql_find_ending (const char *words);

/**
 * slip_sql_find_client_copy:
 * @words: as slip_sql_dup_words() gives them
 *
 * Returns: (transfer none) (nullable): how the statement would have rows sent by, or to, who is connected
 */
const char *slip_sql_find_client_copy (const char *words);

/**
 * slip_sql_carry_out:
 * @pg: a connection in a transaction
 * @name: what the statements are, in errors
 * @sql: statements that somebody else wrote
 * @rows: (out) (optional): how many rows the last one touched
 * @error: return location
 *
 * Carries out statements, each sent by itself, so that none can end the transaction that they are in.
 *
 * Returns: %FALSE with %SLIP_MIGRATION_ERROR_DEFINITION where one is a command of transactions or has rows of the client's: nothing
 *   was sent then
 */
gboolean
slip_sql_carry_out (SlipPg *pg, const char *name, const char *sql, guint64 *rows, GError **error);

/**
 * slip_sql_bar_commit:
 * @pg: a connection in a transaction
 * @error: return location
 *
 * Leaves the transaction so that it can be rolled back only: who tries to commit it is refused by the server. Waits for another
 * session that does the same; locks are waited for two seconds from here on, and a client that does nothing for 20 is hung up on.
 *
 * Returns: whether it is so; %SLIP_MIGRATION_ERROR_STATE where the other session does not end
 */
gboolean slip_sql_bar_commit (SlipPg *pg, GError **error);

/**
 * slip_sql_make_functions:
 * @pg: a connection in a transaction behind slip_sql_bar_commit()
 * @name: the file's, in errors
 * @sql: statements that somebody else wrote
 * @error: return location
 *
 * Makes the functions of a file for those who only look, and what they can need: types, views, schemas, and tables and sequences
 * for which nothing is computed. Functions are altered too, what was of an earlier run is dropped, and search_path is set. Comments,
 * privileges and settings that mean nothing to names are passed over. Any other statement ends it, for what follows could need it.
 *
 * Returns: %FALSE with %SLIP_MIGRATION_ERROR_DEFINITION where there is such a statement, or a function of a language whose compiler
 *   carries out what it reads
 */
gboolean slip_sql_make_functions (SlipPg *pg, const char *name, const char *sql, GError **error);

G_END_DECLS
