/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-local.h"

#include <libpq-fe.h>

G_BEGIN_DECLS

/**
 * SlipSql:
 * @context: the step
 * @conn: the connection
 * @changes: whether the step may change something; else the connection reads only
 * @where: `user@host:port/database`, for messages
 *
 * One step's way to a database.
 */
typedef struct
{
  SlipRunContext *context;
  PGconn *conn;
  gboolean changes;
  char *where;
} SlipSql;

/**
 * slip_sql_log_in:
 * @self: context and changes are set
 * @error: return location
 *
 * Connects as the step's inputs say. The secret is fetched with the environment's client, used, and
 * taken out of everything that is stored.
 *
 * Returns: %FALSE when it cannot
 */
gboolean slip_sql_log_in (SlipSql *self, GError **error);
void slip_sql_clear (SlipSql *self);

/**
 * slip_sql_dup_conninfo:
 * @context: a step under way
 * @inputs: who logs in, where and how: `Secret`, `IamAuth`, `Host`, `Port`, `Database`, `User`, `SslMode`, `CaFile`
 * @error: return location
 *
 * The same way in as that of slip_sql_log_in(), for what opens connections itself. The password is hidden from
 * everything that is stored.
 *
 * Returns: (transfer full): words of libpq, a secret; free with slip_aws_secret_free(). %NULL when it cannot be told
 */
char *slip_sql_dup_conninfo (SlipRunContext *context, JsonObject *inputs, GError **error);

/**
 * slip_sql_run:
 * @self: a connection
 * @statement: one statement
 * @n: number of @values
 * @values: (nullable): its parameters as text; %NULL for null
 * @error: return location
 *
 * Returns: (transfer full): the result, or %NULL with %SLIP_RUN_ERROR_FAILED and PostgreSQL's message
 */
PGresult *slip_sql_run (
    SlipSql *self, const char *statement, int n, const char *const *values, GError **error);

/**
 * slip_sql_token:
 * @credentials: whose token
 * @region: the database's region
 * @host: its endpoint, not an alias
 * @port: its port
 * @user: the database user
 * @time_us: now
 *
 * Returns: (transfer full): a token of RDS IAM authentication, good for 15 minutes; a secret
 */
char *slip_sql_token (const SlipAwsCredentials *credentials,
                      const char *region,
                      const char *host,
                      guint port,
                      const char *user,
                      gint64 time_us,
                      GError **error);

/**
 * slip_sql_manifest:
 * @self: a connection
 * @error: return location
 *
 * Counts the rows, and the greatest value of a primary key of one column, of the tables that the
 * step names, or of all, as of one moment. Compares with `Against`.
 *
 * Returns: %FALSE when something cannot be counted, or differs
 */
gboolean slip_sql_manifest (SlipSql *self, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipSql, slip_sql_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGresult, PQclear)

G_END_DECLS
