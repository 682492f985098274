/* SPDX-License-Identifier: MIT */
/* The way into a database: who and where, from a secret, from the step, or with a token of IAM; how the
 * line is protected; and that a step which only reads gets a connection that can do nothing else. */

#include "slip-run-sql.h"

#include "slip-aws-sigv4.h"
#include "slip-json.h"

#include <string.h>

#define CONNECT_SECONDS "15"
#define DEFAULT_STATEMENT_SECONDS 60
#define MANIFEST_STATEMENT_SECONDS 1800
#define TOKEN_SECONDS 900

typedef struct
{
  char *host;
  char *port;
  char *database;
  char *user;
  char *password; /* a secret */
} Login;

static void
login_clear (Login *login)
{
  g_free (login->host);
  g_free (login->port);
  g_free (login->database);
  g_free (login->user);
  g_clear_pointer (&login->password, slip_aws_secret_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Login, login_clear)

/* ---- who and where */

static char *
member_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_to_text (node, FALSE);
}

/* What RDS and people keep: `{username, password, host, port, dbname}`, or the password alone. */
static gboolean
take_secret (Login *login, const char *text, const char *id, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  JsonObject *object = slip_json_node_object (node);

  if (object == NULL)
    {
      login->password = g_strdup (text);
      return TRUE;
    }
  login->user = member_text (object, "username");
  login->password = member_text (object, "password");
  login->host = member_text (object, "host");
  login->port = member_text (object, "port");
  login->database = member_text (object, "dbname");
  if (login->password != NULL)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "secret %s has no member password",
               id);
  return FALSE;
}

static gboolean
read_secret (SlipRunContext *context, const char *id, Login *login, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) request = slip_json_new_object (input);
  g_autoptr (JsonNode) answer = NULL;
  const char *text;

  json_object_set_string_member (input, "SecretId", id);
  answer = slip_run_engine_read (context, "secretsmanager", "GetSecretValue", request,
                                 SLIP_AWS_PRIORITY_RUN, error);
  if (answer == NULL)
    {
      g_prefix_error (error, "secret %s: ", id);
      return FALSE;
    }
  text = slip_json_string (json_node_get_object (answer), "SecretString");
  if (text != NULL && *text != '\0')
    return take_secret (login, text, id, error);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "secret %s holds no text", id);
  return FALSE;
}

static void
take_input (JsonObject *inputs, const char *name, char **value)
{
  char *given = member_text (inputs, name);

  if (given == NULL)
    return;
  g_free (*value);
  *value = given;
}

static gboolean
require (const Login *login, GError **error)
{
  const char *missing = login->host == NULL ? "Host" : login->user == NULL ? "User" : NULL;
  char *end;
  guint64 port = g_ascii_strtoull (login->port, &end, 10);

  if (missing != NULL)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                 "neither the secret nor the step tells it: say %s", missing);
  else if (*end != '\0' || port == 0 || port > 65535)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s is no port", login->port);
  else
    return TRUE;
  return FALSE;
}

/* ---- tokens */

char *
slip_sql_token (const SlipAwsCredentials *credentials,
                const char *region,
                const char *host,
                guint port,
                const char *user,
                gint64 time_us,
                GError **error)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autofree char *place = g_strdup_printf ("%s:%u", host, port);
  g_autofree char *query = NULL;

  slip_aws_request_add_query (request, "Action", "connect");
  slip_aws_request_add_query (request, "DBUser", user);
  if (!slip_aws_sigv4_presign (request, place, credentials, region, "rds-db", time_us,
                               TOKEN_SECONDS, SLIP_AWS_SIGV4_NONE, error))
    return NULL;
  query = slip_aws_request_dup_query_string (request);
  return g_strconcat (place, "/?", query, NULL);
}

static gboolean
make_token (SlipRunContext *context, Login *login, GError **error)
{
  char **lent = slip_run_local_environ (context, NULL, NULL, TRUE, error);
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  if (lent == NULL)
    return FALSE;
  if (g_environ_getenv (lent, "AWS_ACCESS_KEY_ID") != NULL
      && g_environ_getenv (lent, "AWS_SECRET_ACCESS_KEY") != NULL)
    credentials = slip_aws_credentials_new (g_environ_getenv (lent, "AWS_ACCESS_KEY_ID"),
                                            g_environ_getenv (lent, "AWS_SECRET_ACCESS_KEY"),
                                            g_environ_getenv (lent, "AWS_SESSION_TOKEN"), 0,
                                            "the run's session");
  slip_aws_environ_free (lent);
  if (credentials == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "the environment has no keys to sign a token with");
      return FALSE;
    }
  login->password = slip_sql_token (credentials, slip_plan_step_get_region (context->plan),
                                    login->host, (guint)g_ascii_strtoull (login->port, NULL, 10),
                                    login->user, slip_clock_now (context->engine->clock), error);
  return login->password != NULL;
}

static gboolean
find_login (SlipRunContext *context, JsonObject *inputs, Login *login, GError **error)
{
  const char *secret = slip_json_string (inputs, "Secret");

  if (secret != NULL && !read_secret (context, secret, login, error))
    return FALSE;
  take_input (inputs, "Host", &login->host);
  take_input (inputs, "Port", &login->port);
  take_input (inputs, "Database", &login->database);
  take_input (inputs, "User", &login->user);
  take_input (inputs, "Password", &login->password);
  if (login->port == NULL)
    login->port = g_strdup ("5432");
  if (login->database == NULL)
    login->database = g_strdup ("postgres");
  if (!require (login, error))
    return FALSE;
  if (slip_json_bool (inputs, "IamAuth", FALSE) && !make_token (context, login, error))
    return FALSE;
  if (login->password != NULL)
    slip_run_local_hide (context, "database password", login->password);
  return TRUE;
}

/* ---- the line */

static gboolean
is_this_machine (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return *host == '/' || g_ascii_strcasecmp (host, "localhost") == 0
         || (address != NULL && g_inet_address_get_is_loopback (address));
}

static const char *
ssl_mode (JsonObject *inputs, const Login *login, GError **error)
{
  const char *mode = slip_json_string (inputs, "SslMode");
  gboolean verified
      = slip_json_string (inputs, "CaFile") != NULL || slip_json_bool (inputs, "IamAuth", FALSE);

  if (mode == NULL)
    return verified ? "verify-full" : is_this_machine (login->host) ? "prefer" : "require";
  if (is_this_machine (login->host)
      || (!g_str_equal (mode, "disable") && !g_str_equal (mode, "prefer")))
    return mode;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s is not this machine, and SslMode %s may send the password in the clear",
               login->host, mode);
  return NULL;
}

static char *
session_options (const SlipSql *self)
{
  JsonObject *inputs = self->context->inputs;
  gboolean counts = g_strcmp0 (slip_json_string (inputs, "Operation"), "manifest") == 0;
  gint64 seconds = slip_json_int (inputs, "StatementSeconds",
                                  counts ? MANIFEST_STATEMENT_SECONDS : DEFAULT_STATEMENT_SECONDS);

  return g_strdup_printf ("-c statement_timeout=%" G_GINT64_FORMAT "s -c lock_timeout=30s"
                          " -c idle_in_transaction_session_timeout=300s%s",
                          CLAMP (seconds, 1, 86400),
                          self->changes ? "" : " -c default_transaction_read_only=on");
}

static void
set_refused (SlipSql *self, GError **error)
{
  g_autofree char *message
      = slip_run_engine_scrub_text (self->context->engine, PQerrorMessage (self->conn));

  g_strdelimit (g_strstrip (message), "\n", ' ');
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "cannot log in to %s: %s", self->where,
               message);
}

static gboolean
connect_to (SlipSql *self, const Login *login, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  const char *mode = ssl_mode (inputs, login, error);
  const char *ca = slip_json_string (inputs, "CaFile");
  g_autofree char *options = session_options (self);
  g_autofree char *name = g_strdup_printf ("slipway/%s", self->context->engine->fold->id);
  const char *const words[] = {"host",
                               "port",
                               "dbname",
                               "user",
                               "password",
                               "sslmode",
                               "options",
                               "application_name",
                               "gssencmode",
                               "connect_timeout",
                               "client_encoding",
                               "target_session_attrs",
                               ca != NULL ? "sslrootcert" : NULL,
                               NULL};
  const char *const values[] = {login->host,
                                login->port,
                                login->database,
                                login->user,
                                login->password != NULL ? login->password : "",
                                mode,
                                options,
                                name,
                                "disable",
                                CONNECT_SECONDS,
                                "UTF8",
                                self->changes ? "read-write" : "any",
                                ca,
                                NULL};

  if (mode == NULL)
    return FALSE;
  self->where
      = g_strdup_printf ("%s@%s:%s/%s", login->user, login->host, login->port, login->database);
  self->conn = PQconnectdbParams (words, values, 0);
  if (PQstatus (self->conn) == CONNECTION_OK)
    return TRUE;
  set_refused (self, error);
  return FALSE;
}

gboolean
slip_sql_log_in (SlipSql *self, GError **error)
{
  g_auto (Login) login = {0};

  return find_login (self->context, self->context->inputs, &login, error)
         && connect_to (self, &login, error);
}

static void
append_word (GString *conninfo, const char *word, const char *value)
{
  g_autoptr (GString) quoted = g_string_new (value);

  g_string_replace (quoted, "\\", "\\\\", 0);
  g_string_replace (quoted, "'", "\\'", 0);
  g_string_append_printf (conninfo, "%s%s='%s'", conninfo->len > 0 ? " " : "", word, quoted->str);
  slip_aws_secret_free (g_string_free (g_steal_pointer (&quoted), FALSE));
}

char *
slip_sql_dup_conninfo (SlipRunContext *context, JsonObject *inputs, GError **error)
{
  g_auto (Login) login = {0};
  const char *ca = slip_json_string (inputs, "CaFile");
  const char *mode;
  GString *conninfo;

  if (!find_login (context, inputs, &login, error)
      || (mode = ssl_mode (inputs, &login, error)) == NULL)
    return NULL;
  conninfo = g_string_sized_new (512);
  append_word (conninfo, "host", login.host);
  append_word (conninfo, "port", login.port);
  append_word (conninfo, "dbname", login.database);
  append_word (conninfo, "user", login.user);
  append_word (conninfo, "sslmode", mode);
  append_word (conninfo, "connect_timeout", CONNECT_SECONDS);
  if (ca != NULL)
    append_word (conninfo, "sslrootcert", ca);
  /* Without one, libpq looks for it where a person keeps it: ~/.pgpass. */
  if (login.password != NULL)
    append_word (conninfo, "password", login.password);
  return g_string_free (conninfo, FALSE);
}

void
slip_sql_clear (SlipSql *self)
{
  g_clear_pointer (&self->conn, PQfinish);
  g_clear_pointer (&self->where, g_free);
}

/* ---- statements */

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  char message[256];

  PQcancel (data, message, sizeof message);
}

PGresult *
slip_sql_run (
    SlipSql *self, const char *statement, int n, const char *const *values, GError **error)
{
  GCancellable *cancellable = self->changes ? NULL : self->context->engine->cancellable;
  PGcancel *cancel = cancellable != NULL ? PQgetCancel (self->conn) : NULL;
  gulong handler = cancel != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                                                           cancel, NULL)
                                  : 0;
  PGresult *result = PQexecParams (self->conn, statement, n, NULL, values, NULL, NULL, 0);
  ExecStatusType status = PQresultStatus (result);
  g_autofree char *message = NULL;

  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  if (cancel != NULL)
    PQfreeCancel (cancel);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
    return result;
  if (!slip_run_engine_check (self->context->engine, error))
    {
      PQclear (result);
      return NULL;
    }
  message = slip_run_engine_scrub_text (self->context->engine,
                                        result != NULL && *PQresultErrorMessage (result) != '\0'
                                            ? PQresultErrorMessage (result)
                                            : PQerrorMessage (self->conn));
  g_strdelimit (g_strstrip (message), "\n", ' ');
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s: %s", self->where,
               *message != '\0' ? message : "no result came");
  PQclear (result);
  return NULL;
}
