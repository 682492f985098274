/* SPDX-License-Identifier: MIT */
/* slipway:sql while running: one statement in one transaction, which reads only unless the step says
 * that it changes something. When the end of a commit was not heard, it is for a person to look. */

#include "slip-run-sql.h"

#include "slip-crash.h"
#include "slip-json.h"
#include "slip-redact.h"

#include <string.h>

#define DEFAULT_ROWS 100
#define LONGEST_CELL 4000

/* Types of PostgreSQL's catalogue (pg_type.dat) that JSON has, too. */
enum
{
  OID_BOOL = 16,
  OID_INT8 = 20,
  OID_INT2 = 21,
  OID_INT4 = 23,
};

/* ---- parameters */

static char **
parameters_of (JsonArray *list, int *n)
{
  char **values;

  *n = list != NULL ? (int)json_array_get_length (list) : 0;
  values = g_new0 (char *, (gsize)*n + 1);
  for (int i = 0; i < *n; i++)
    {
      JsonNode *node = json_array_get_element (list, (guint)i);

      if (JSON_NODE_HOLDS_NULL (node))
        values[i] = NULL;
      else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        values[i] = json_node_dup_string (node);
      else
        values[i] = slip_json_to_text (node, FALSE);
    }
  return values;
}

static void
parameters_free (char **values, int n)
{
  for (int i = 0; i < n; i++)
    g_free (values[i]);
  g_free (values);
}

/* ---- results */

static JsonNode *
cell (PGresult *result, int row, int column)
{
  const char *text = PQgetvalue (result, row, column);
  JsonNode *node;

  if (PQgetisnull (result, row, column))
    return json_node_new (JSON_NODE_NULL);
  switch (PQftype (result, column))
    {
    case OID_BOOL:
      return json_node_init_boolean (json_node_alloc (), *text == 't');
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
      return json_node_init_int (json_node_alloc (), g_ascii_strtoll (text, NULL, 10));
    default:
      {
        g_autofree char *valid = g_utf8_make_valid (text, -1);

        if (strlen (valid) > LONGEST_CELL)
          *g_utf8_find_prev_char (valid, valid + LONGEST_CELL) = '\0';
        node = slip_json_new_string (valid);
        return node;
      }
    }
}

static JsonArray *
rows_of (PGresult *result, guint most)
{
  JsonArray *rows = json_array_new ();

  for (int i = 0; i < PQntuples (result) && (guint)i < most; i++)
    {
      JsonObject *row = json_object_new ();

      for (int k = 0; k < PQnfields (result); k++)
        json_object_set_member (row, PQfname (result, k), cell (result, i, k));
      json_array_add_object_element (rows, row);
    }
  return rows;
}

static gint64
count_of (PGresult *result)
{
  const char *affected = PQcmdTuples (result);

  if (PQresultStatus (result) == PGRES_TUPLES_OK && PQnfields (result) > 0)
    return PQntuples (result);
  return g_ascii_strtoll (affected, NULL, 10);
}

static gboolean
take (SlipSql *self, PGresult *result, GError **error)
{
  SlipRunContext *context = self->context;
  guint most = (guint)slip_json_int (context->inputs, "Rows", DEFAULT_ROWS);
  gint64 count = count_of (result);
  JsonArray *rows = rows_of (result, most);
  JsonObject *object = json_object_new ();
  JsonNode *node = slip_json_new_object (object);
  g_autoptr (JsonNode) redacted = NULL;
  JsonObject *shown;

  if (json_array_get_length (rows) > 0)
    json_object_set_object_member (object, "row",
                                   json_object_ref (json_array_get_object_element (rows, 0)));
  json_object_set_array_member (object, "rows", rows);
  json_object_set_int_member (object, "count", count);
  redacted = slip_run_engine_scrub (context->engine, slip_redact_json (node));
  if (!slip_run_context_take_result (context, node, json_node_ref (redacted), error))
    return FALSE;
  shown = json_node_get_object (redacted);
  if (json_object_has_member (shown, "row"))
    json_object_set_member (context->outputs, "Row",
                            json_node_ref (json_object_get_member (shown, "row")));
  json_object_set_member (context->outputs, "Rows",
                          json_node_ref (json_object_get_member (shown, "rows")));
  json_object_set_int_member (context->outputs, "RowCount", count);
  context->detail = g_strdup_printf (
      "%" G_GINT64_FORMAT " row%s%s%s", count, count == 1 ? "" : "s",
      self->changes && PQresultStatus (result) == PGRES_COMMAND_OK ? ": " : "",
      self->changes && PQresultStatus (result) == PGRES_COMMAND_OK ? PQcmdStatus (result) : "");
  return TRUE;
}

/* ---- what was expected */

static gboolean
as_number (JsonNode *node, double *number)
{
  char *end;

  if (!JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  if (json_node_get_value_type (node) == G_TYPE_INT64
      || json_node_get_value_type (node) == G_TYPE_DOUBLE)
    {
      *number = json_node_get_double (node);
      return TRUE;
    }
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  *number = g_ascii_strtod (json_node_get_string (node), &end);
  return end != json_node_get_string (node) && *end == '\0';
}

static char *
plain_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_to_text (node, FALSE);
}

/* Numbers beyond JSON's come as texts, so texts decide where bounds are not asked for. */
static gboolean
holds (JsonNode *got, JsonNode *wanted)
{
  JsonObject *bounds = slip_json_node_object (wanted);
  double number;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (bounds == NULL)
    {
      first = plain_text (got);
      second = plain_text (wanted);
      return g_str_equal (first, second);
    }
  if (json_object_get_size (bounds) == 0 || !as_number (got, &number))
    return FALSE;
  {
    JsonObjectIter iter;
    const char *name;
    JsonNode *bound;

    json_object_iter_init (&iter, bounds);
    while (json_object_iter_next (&iter, &name, &bound))
      {
        double limit;

        if (!as_number (bound, &limit)
            || !(g_str_equal (name, "AtLeast")  ? number >= limit
                 : g_str_equal (name, "AtMost") ? number <= limit
                                                : FALSE))
          return FALSE;
      }
  }
  return TRUE;
}

static gboolean
judge (SlipSql *self, PGresult *result, JsonArray *rows, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  JsonObject *expect = slip_json_object (inputs, "Expect");
  g_autoptr (GList) names = expect != NULL ? json_object_get_members (expect) : NULL;
  JsonObject *row
      = json_array_get_length (rows) > 0 ? json_array_get_object_element (rows, 0) : NULL;
  gint64 wanted_rows = slip_json_int (inputs, "ExpectRows", -1);

  if (wanted_rows >= 0 && wanted_rows != count_of (result))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s: %" G_GINT64_FORMAT " rows, but %" G_GINT64_FORMAT " were expected",
                   self->where, count_of (result), wanted_rows);
      return FALSE;
    }
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *wanted = json_object_get_member (expect, l->data);
      JsonNode *got = row != NULL ? json_object_get_member (row, l->data) : NULL;
      g_autofree char *wanted_text = slip_json_to_text (wanted, FALSE);
      g_autofree char *got_text = got != NULL ? slip_json_to_text (got, FALSE) : NULL;

      if (got != NULL && holds (got, wanted))
        continue;
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s: %s is %s, but %s was expected", self->where, (const char *)l->data,
                   got_text != NULL ? got_text : "absent", wanted_text);
      return FALSE;
    }
  return TRUE;
}

/* ---- operations */

static gboolean
simple (SlipSql *self, const char *statement, GError **error)
{
  g_autoptr (PGresult) result = slip_sql_run (self, statement, 0, NULL, error);

  return result != NULL;
}

/* What a change came to is judged before it is committed: what is not as expected never was. */
static PGresult *
do_statement (SlipSql *self, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  int n;
  char **values = parameters_of (slip_json_array (inputs, "Parameters"), &n);
  g_autoptr (PGresult) result = NULL;
  g_autoptr (JsonArray) rows = NULL;

  if (simple (self, self->changes ? "BEGIN" : "BEGIN TRANSACTION READ ONLY", error)
      && (self->changes || simple (self, "SELECT 1", error)))
    result = slip_sql_run (self, slip_json_string (inputs, "Statement"), n,
                           (const char *const *)values, error);
  parameters_free (values, n);
  if (result == NULL)
    return NULL;
  rows = rows_of (result, 1);
  return judge (self, result, rows, error) ? g_steal_pointer (&result) : NULL;
}

static gboolean
commit (SlipSql *self, GError **error)
{
  GError *failure = NULL;

  if (!self->changes)
    return simple (self, "ROLLBACK", error);
  if (simple (self, "COMMIT", &failure))
    {
      slip_crash_point ("committed");
      self->context->changed = TRUE;
      return TRUE;
    }
  /* The server refused, or nobody knows. */
  if (PQstatus (self->conn) == CONNECTION_OK)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  return slip_run_local_ask (self->context, failure, error);
}

static gboolean
query (SlipSql *self, GError **error)
{
  g_autoptr (PGresult) result = do_statement (self, error);

  return result != NULL && commit (self, error) && take (self, result, error);
}

static gboolean
log_in_only (SlipSql *self, GError **error)
{
  g_autoptr (PGresult) result = slip_sql_run (self, "SELECT 1", 0, NULL, error);

  if (result == NULL)
    return FALSE;
  self->context->detail = g_strdup_printf ("%s lets us in: PostgreSQL %s%s", self->where,
                                           PQparameterStatus (self->conn, "server_version"),
                                           PQsslInUse (self->conn) ? ", over TLS" : "");
  return TRUE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  const char *operation = slip_plan_step_get_operation (context->plan);
  JsonObject *request = slip_json_node_object (context->request);
  g_auto (SlipSql) self = {
      .context = context,
      .changes = slip_plan_step_get_effect (context->plan) != SLIP_AWS_EFFECT_READ,
  };
  gboolean begin = TRUE;

  if (self.changes ? !slip_run_local_may_begin (context, &begin, error)
                   : !slip_run_engine_check (context->engine, error))
    return FALSE;
  if (!begin)
    return TRUE;
  if (!slip_sql_log_in (&self, error))
    return FALSE;
  if (self.changes
      && !slip_run_local_intent (context, NULL, request != NULL ? json_object_ref (request) : NULL,
                                 error))
    return FALSE;
  if (g_strcmp0 (operation, "manifest") == 0)
    return slip_sql_manifest (&self, error);
  return g_strcmp0 (operation, "login") == 0 ? log_in_only (&self, error) : query (&self, error);
}

const SlipRunAction slip_run_action_sql = {
    .name = "slipway:sql",
    .run = run,
};
