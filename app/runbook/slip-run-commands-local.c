/* SPDX-License-Identifier: MIT */
/* What a person types, or asks CloudWatch, to do a step of this workstation without the runbook: a migration's engine has a
 * command line of its own. */

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-commands.h"

JsonNode *
slip_run_command_new_metric_input (JsonObject *request)
{
  JsonObject *input = json_object_new ();
  JsonArray *statistics = json_array_new ();

  json_array_add_string_element (statistics, slip_json_string (request, "statistic"));
  json_object_set_string_member (input, "Namespace", slip_json_string (request, "namespace"));
  json_object_set_string_member (input, "MetricName", slip_json_string (request, "metricName"));
  json_object_set_array_member (
      input, "Dimensions",
      slip_action_metric_dimensions (slip_json_object (request, "dimensions")));
  json_object_set_array_member (input, "Statistics", statistics);
  json_object_set_int_member (input, "Period", 60);
  return slip_json_new_object (input);
}

/* Words of libpq, without what opens it: that is where the person keeps it. */
static char *
make_conninfo (JsonObject *login, GPtrArray *notes)
{
  static const char *const words[][2]
      = {{"Host", "host"}, {"Port", "port"}, {"Database", "dbname"}, {"User", "user"}};
  GString *text = g_string_new (NULL);
  const char *secret = slip_json_string (login, "Secret");

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      JsonNode *node = json_object_get_member (login, words[i][0]);
      g_autofree char *value = node == NULL ? NULL
                               : slip_json_node_string (node) != NULL
                                   ? json_node_dup_string (node)
                                   : slip_json_to_text (node, FALSE);

      if (value != NULL)
        g_string_append_printf (text, "%s%s=%s", text->len > 0 ? " " : "", words[i][1], value);
    }
  if (secret != NULL)
    g_ptr_array_add (notes, g_strdup_printf ("Who logs in stands in the secret %s: put user and "
                                             "password where libpq looks for them (PGUSER, "
                                             "~/.pgpass).",
                                             secret));
  return g_string_free (text, FALSE);
}

static void
add_option (JsonArray *words, const char *option, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  json_array_add_string_element (words, option);
  json_array_add_string_element (words, value);
}

char *
slip_run_command_make_migration (JsonObject *request, GPtrArray *notes)
{
  const char *operation = slip_json_string (request, "operation");
  JsonObject *migration = slip_json_object (request, "migrationDatabase");
  JsonObject *target = slip_json_object (request, "targetDatabase");
  g_autofree char *first = migration != NULL ? make_conninfo (migration, notes) : NULL;
  g_autofree char *second = target != NULL ? make_conninfo (target, notes) : NULL;
  JsonNode *run = json_object_get_member (request, "run");
  g_autofree char *number = run == NULL                           ? NULL
                            : slip_json_node_string (run) != NULL ? json_node_dup_string (run)
                                                                  : slip_json_to_text (run, FALSE);
  gboolean stage = g_strcmp0 (operation, "stage") == 0;
  g_autoptr (JsonArray) words = json_array_new ();
  JsonArray *values = slip_json_array (request, "values");
  g_autoptr (GString) line = g_string_new ("slipwayctl migrate ");

  if (operation == NULL)
    return NULL;
  g_string_append (line, operation);
  if (stage)
    json_array_add_string_element (words, slip_json_string (request, "stage"));
  if (stage || g_str_equal (operation, "check"))
    json_array_add_string_element (words, slip_json_string (request, "definitions"));
  else if (number != NULL)
    json_array_add_string_element (words, number);
  add_option (words, "--sidecar", slip_json_string (request, "sidecar"));
  add_option (words, "--source", slip_json_string (request, "source"));
  add_option (words, "--migration-db", first);
  add_option (words, "--target-db", second);
  if (stage)
    add_option (words, "--run-date", slip_json_string (request, "runDate"));
  else if (g_str_equal (operation, "undo"))
    add_option (words, "--stage", slip_json_string (request, "stage"));
  for (guint i = 0; stage && values != NULL && i < json_array_get_length (values); i++)
    add_option (words, "--value", json_array_get_string_element (values, i));
  slip_run_command_append_words (line, words);
  return g_string_free (g_steal_pointer (&line), FALSE);
}
