/* SPDX-License-Identifier: MIT */
/* What a PostgreSQL server says of what it refused, and before it hangs up. */

#include "slip-pg-private.h"

#include <string.h>

/* What libpq says, as one sentence without its full stop: what it guesses besides stands in lines that begin with a tab. */
static char *
dup_sentence (const char *words)
{
  g_auto (GStrv) lines = g_strsplit (words, "\n", -1);
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\t' && *g_strstrip (lines[i]) != '\0')
      g_string_append_printf (message, "%s%s", message->len > 0 ? "; " : "", lines[i]);
  g_strdelimit (message->str, "\t\r", ' ');
  if (g_str_has_suffix (message->str, "."))
    g_string_truncate (message, message->len - 1);
  return g_strdup (message->str);
}

/* A way out, where the words have none. A server whose disk is full says so of a statement; of a connection it says what it
 * could not write, or nothing at all when it died of it. */
static const char *
find_way_out (const char *words)
{
  static const char *const disk[] = {"could not write", "could not extend", "could not create",
                                     "could not access", "No space left"};
  static const char *const died[]
      = {"closed the connection unexpectedly", "crash of another server process",
         "in recovery mode", "abnormal server process exit"};

  for (gsize i = 0; i < G_N_ELEMENTS (disk); i++)
    if (strstr (words, disk[i]) != NULL)
      return ". Is the server's disk full? Check its free disk space, then do it again";
  for (gsize i = 0; i < G_N_ELEMENTS (died); i++)
    if (strstr (words, died[i]) != NULL)
      return ". The server's log tells why: see whether its disk is full, or its memory";
  return "";
}

char *
slip_pg_dup_words (const char *words, const char **way_out)
{
  char *message = dup_sentence (words);

  *way_out = find_way_out (message);
  return message;
}

static void
set_gone (SlipPg *self, const char *words, gboolean closed, GError **error)
{
  const char *way_out;
  g_autofree char *message = slip_pg_dup_words (words, &way_out);
  g_autofree char *told = g_strdup_printf (
      "%s%s%s: the connection is gone: %s. What was not committed is not in the database%s",
      self->where, self->statement != NULL ? ", " : "",
      self->statement != NULL ? self->statement : "", message, way_out);

  *error = slip_migration_error_new_gone (told, closed);
}

static char *
table_of (const PGresult *result)
{
  const char *schema = PQresultErrorField (result, PG_DIAG_SCHEMA_NAME);
  const char *table = PQresultErrorField (result, PG_DIAG_TABLE_NAME);

  return table != NULL && schema != NULL ? g_strdup_printf ("%s.%s", schema, table)
                                         : g_strdup (table);
}

/* The server's, and ours where a policy is in the way: by the function that refuses, for its words are of any language. */
static char *
dup_hint (SlipPg *self, const PGresult *result)
{
  const char *hint = PQresultErrorField (result, PG_DIAG_MESSAGE_HINT);
  const char *function = PQresultErrorField (result, PG_DIAG_SOURCE_FUNCTION);

  if (g_strcmp0 (function, "check_enable_rls") != 0)
    return g_strdup (hint);
  return g_strdup_printf (
      "Role %s is shown only rows that a policy lets it see, and the others would pass for none. "
      "Connect as the table's owner or as a role with BYPASSRLS%s%s",
      PQuser (self->conn), hint != NULL ? ". " : "", hint != NULL ? hint : "");
}

/* By the function that refuses, for a RAISE chooses its SQLSTATE. */
static gboolean
is_raised (const PGresult *result)
{
  const char *function = PQresultErrorField (result, PG_DIAG_SOURCE_FUNCTION);

  return g_strcmp0 (function, "exec_stmt_raise") == 0
         || g_strcmp0 (function, "exec_stmt_assert") == 0;
}

/* After FATAL and PANIC the server hangs up. */
static gboolean
is_last_word (const PGresult *result)
{
  const char *severity = PQresultErrorField (result, PG_DIAG_SEVERITY_NONLOCALIZED);

  return severity != NULL && !g_str_equal (severity, "ERROR");
}

/* Whether somebody shut the server down or ended the session. The same SQLSTATE has one whose postmaster died, and a server
 * that is stopped at once warns with it and says no last word: then what was not on the disk is lost. */
static gboolean
is_closed (const PGresult *result, const char *state)
{
  return g_strcmp0 (state, "57P01") == 0 && is_last_word (result)
         && g_strcmp0 (PQresultErrorField (result, PG_DIAG_SOURCE_FUNCTION), "ProcessInterrupts")
                == 0;
}

/* The last word can come before libpq looks for an answer, and is a notice to it then; what is sent behind it meets a closed
 * socket, which tells nothing. */
static void
receive_cb (void *data, const PGresult *result)
{
  SlipPg *self = data;
  const char *severity = PQresultErrorField (result, PG_DIAG_SEVERITY_NONLOCALIZED);

  if (g_strcmp0 (severity, "FATAL") != 0 && g_strcmp0 (severity, "PANIC") != 0)
    {
      self->receive_others (NULL, result);
      return;
    }
  g_free (self->last_words);
  self->last_words = g_strdup (PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY));
  self->is_closed = is_closed (result, PQresultErrorField (result, PG_DIAG_SQLSTATE));
}

void
slip_pg_listen (SlipPg *self)
{
  self->receive_others = PQsetNoticeReceiver (self->conn, receive_cb, self);
}

void
slip_pg_set_error (SlipPg *self, const PGresult *result, GError **error)
{
  const char *state = result != NULL ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : NULL;
  const char *position
      = result != NULL ? PQresultErrorField (result, PG_DIAG_STATEMENT_POSITION) : NULL;
  g_autofree char *table = NULL;
  g_autofree char *hint = NULL;
  SlipServerWords words;

  if (error == NULL || *error != NULL)
    return;
  if (state == NULL || is_last_word (result) || PQstatus (self->conn) == CONNECTION_BAD)
    {
      const char *primary
          = state != NULL ? PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY) : self->last_words;

      set_gone (self, primary != NULL ? primary : PQerrorMessage (self->conn),
                state != NULL ? is_closed (result, state) : self->is_closed, error);
      return;
    }
  table = table_of (result);
  hint = dup_hint (self, result);
  words = (SlipServerWords){.sqlstate = state,
                            .primary = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY),
                            .detail = PQresultErrorField (result, PG_DIAG_MESSAGE_DETAIL),
                            .hint = hint,
                            .context = PQresultErrorField (result, PG_DIAG_CONTEXT),
                            .table = table,
                            .column = PQresultErrorField (result, PG_DIAG_COLUMN_NAME),
                            .constraint = PQresultErrorField (result, PG_DIAG_CONSTRAINT_NAME),
                            .raised = is_raised (result),
                            .position
                            = position != NULL ? (guint)g_ascii_strtoull (position, NULL, 10) : 0};
  *error = slip_pg_locks_new_error (self, &words);
  if (*error == NULL)
    *error = slip_migration_error_new_server (self->where, self->statement, &words);
}
