/* SPDX-License-Identifier: MIT */
/* slipwayctl estate list: what the window's trees show, as a table or as JSON. It uses the window's
 * own lists, so both show the same rows in the same order. */

#include "config.h"

#include "slip-aws-identity.h"
#include "slip-cli.h"
#include "slip-estate-list.h"
#include "slip-json.h"

#include <glib/gi18n.h>

/* What a recovery point is a copy of, and its copies. */
static void
add_copies (JsonObject *object, GPtrArray *links)
{
  JsonArray *array;

  if (links == NULL)
    return;
  array = json_array_new ();
  for (guint i = 0; i < links->len; i++)
    {
      const SlipEstateCopy *copy = g_ptr_array_index (links, i);
      JsonObject *link = json_object_new ();

      json_object_set_string_member (link, "id", copy->id);
      json_object_set_string_member (link, "vault", copy->vault);
      json_object_set_boolean_member (link, "original", copy->is_original);
      json_array_add_object_element (array, link);
    }
  json_object_set_array_member (object, "copies", array);
}

static JsonObject *
row_to_json (SlipEstateList *list, SlipResource *row)
{
  JsonObject *object = json_object_new ();
  GListModel *children = slip_resource_get_children (row);
  gint64 created = slip_resource_get_created (row);

  json_object_set_string_member (object, "kind",
                                 slip_resource_kind_get_name (slip_resource_get_kind (row)));
  json_object_set_string_member (object, "name", slip_resource_get_name (row));
  json_object_set_string_member (object, "id", slip_resource_get_id (row));
  if (slip_resource_get_region (row) != NULL)
    json_object_set_string_member (object, "region", slip_resource_get_region (row));
  if (slip_resource_get_status (row) != NULL)
    json_object_set_string_member (object, "status", slip_resource_get_status (row));
  if (created != 0)
    {
      g_autofree char *time = slip_time_format (created);

      json_object_set_string_member (object, "created", time);
    }
  if (slip_resource_get_size (row) >= 0)
    json_object_set_int_member (object, "size", slip_resource_get_size (row));
  add_copies (object, slip_estate_list_get_copies (list, slip_resource_get_id (row)));
  if (slip_resource_get_kind (row) != SLIP_RESOURCE_SNAPSHOT_GROUP)
    json_object_set_object_member (object, "fields", slip_resource_dup_fields (row));
  if (children != NULL)
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < g_list_model_get_n_items (children); i++)
        {
          g_autoptr (SlipResource) child = g_list_model_get_item (children, i);

          json_array_add_object_element (array, row_to_json (list, child));
        }
      json_object_set_array_member (object, "children", array);
    }
  return object;
}

static JsonObject *
list_to_json (SlipEstateList *list)
{
  JsonObject *object = json_object_new ();
  JsonArray *rows = json_array_new ();
  JsonArray *missing = json_array_new ();
  GPtrArray *parts = slip_estate_list_get_parts (list);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (SlipResource) row = g_list_model_get_item (G_LIST_MODEL (list), i);

      json_array_add_object_element (rows, row_to_json (list, row));
    }
  for (guint i = 0; i < parts->len; i++)
    {
      const SlipEstatePart *part = g_ptr_array_index (parts, i);
      JsonObject *entry;

      if (part->state == SLIP_ESTATE_COMPLETE)
        continue;
      entry = json_object_new ();
      json_object_set_string_member (entry, "listing", part->label);
      json_object_set_string_member (entry, "error", part->message);
      json_array_add_object_element (missing, entry);
    }
  json_object_set_string_member (
      object, "environment", slip_environment_get_name (slip_estate_list_get_environment (list)));
  json_object_set_string_member (object, "kind",
                                 slip_estate_kind_get_name (slip_estate_list_get_kind (list)));
  json_object_set_boolean_member (object, "complete",
                                  slip_estate_list_get_state (list) == SLIP_ESTATE_COMPLETE);
  json_object_set_array_member (object, "missing", missing);
  json_object_set_array_member (object, "resources", rows);
  return object;
}

static void
print_rows (GListModel *rows, int level)
{
  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipResource) row = g_list_model_get_item (rows, i);
      const char *region = slip_resource_get_region (row);
      const char *status = slip_resource_get_status (row);
      const char *detail = slip_resource_get_detail (row);
      gint64 created = slip_resource_get_created (row);
      g_autofree char *time = created != 0 ? slip_time_format (created) : g_strdup ("");

      g_print ("%*s%-*s  %-10s  %-12s  %-24s  %s\n", level * 2, "", MAX (1, 48 - level * 2),
               slip_resource_get_name (row), region != NULL ? region : "",
               status != NULL ? status : "", detail != NULL ? detail : "", time);
      print_rows (slip_resource_get_children (row), level + 1);
    }
}

static void
finished_cb (GObject *list, GParamSpec *pspec, gpointer loop)
{
  if (slip_estate_list_get_state (SLIP_ESTATE_LIST (list)) != SLIP_ESTATE_LOADING)
    g_main_loop_quit (loop);
}

/* Returns whether the list is complete. */
static gboolean
list_one (SlipEnvironment *environment, SlipEstateKind kind, JsonArray *json)
{
  g_autoptr (SlipEstateList) list = slip_estate_list_new (environment, kind);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SlipJob) job = NULL;
  GPtrArray *parts = slip_estate_list_get_parts (list);

  g_signal_connect (list, "notify::state", G_CALLBACK (finished_cb), loop);
  job = slip_estate_list_refresh (list);
  if (slip_estate_list_get_state (list) == SLIP_ESTATE_LOADING)
    g_main_loop_run (loop);

  if (json != NULL)
    json_array_add_object_element (json, list_to_json (list));
  else
    {
      g_print ("%s · %s · %s\n", slip_environment_get_name (environment),
               slip_estate_kind_get_name (kind), slip_estate_list_get_summary (list));
      print_rows (G_LIST_MODEL (list), 1);
    }
  for (guint i = 0; i < parts->len; i++)
    {
      const SlipEstatePart *part = g_ptr_array_index (parts, i);

      if (part->message != NULL)
        g_printerr (_ ("slipwayctl: %s: %s is not complete: %s\n"),
                    slip_environment_get_name (environment), part->label, part->message);
    }
  return slip_estate_list_get_state (list) == SLIP_ESTATE_COMPLETE;
}

/* Another account's resources under this environment's name would be believed. An account that cannot
 * be asked for is told by the lists themselves. */
static gboolean
is_of_account (SlipEnvironment *environment)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsClient) client = slip_environment_ref_client (environment, NULL);
  g_autoptr (SlipAwsIdentity) identity
      = client != NULL ? slip_aws_identity_get (client, NULL, NULL) : NULL;

  if (identity == NULL
      || slip_aws_identity_matches (identity, slip_environment_get_account (environment), NULL,
                                    &error))
    return TRUE;
  g_printerr (_ ("slipwayctl: %s is not listed: %s\n"), slip_environment_get_name (environment),
              error->message);
  return FALSE;
}

static gboolean
list_environment (SlipEnvironment *environment, const char *kind, JsonArray *json)
{
  gboolean complete = TRUE;

  if (!is_of_account (environment))
    return FALSE;
  for (guint i = 0; i < SLIP_ESTATE_N_KINDS; i++)
    if (kind == NULL || g_str_equal (kind, slip_estate_kind_get_name ((SlipEstateKind)i)))
      complete = list_one (environment, (SlipEstateKind)i, json) && complete;
  return complete;
}

static char *
dup_kinds (void)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < SLIP_ESTATE_N_KINDS; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            slip_estate_kind_get_name ((SlipEstateKind)i));
  return g_string_free (names, FALSE);
}

static int
list (SlipWorkspace *workspace, const char *name, const char *kind, gboolean as_json)
{
  GListModel *environments = slip_workspace_get_environments (workspace);
  JsonArray *json = as_json ? json_array_new () : NULL;
  gboolean complete = TRUE;

  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);

      if (name == NULL || g_str_equal (name, slip_environment_get_name (environment)))
        complete = list_environment (environment, kind, json) && complete;
    }
  if (json != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_new_array (json);
      g_autofree char *text = slip_json_to_text (node, TRUE);

      g_print ("%s\n", text);
    }
  return complete ? SLIP_CLI_OK : SLIP_CLI_FAILED;
}

int
slip_cli_estate (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *environment = NULL;
  g_autofree char *kind = NULL;
  gboolean as_json = FALSE;
  SlipEstateKind known;
  int status = SLIP_CLI_OK;
  g_autoptr (SlipWorkspace) workspace = NULL;
  const GOptionEntry entries[] = {
      {"environment", 'e', 0, G_OPTION_ARG_STRING, &environment, N_ ("Only this environment"),
       N_ ("NAME")},
      {"kind", 'k', 0, G_OPTION_ARG_STRING, &kind,
       N_ ("Only one kind, such as snapshots or vaults"), N_ ("KIND")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_ ("Print JSON with all fields"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  if (!slip_cli_parse (entries, "estate list",
                       _ ("Lists what the environments of the workspace hold. Exit status 1 tells "
                          "that a list is not complete."),
                       &argc, &argv, &status))
    return status;
  if (argc != 2 || !g_str_equal (argv[1], "list"))
    return slip_cli_usage_error (_ ("estate knows one command: slipwayctl estate list"));
  if (kind != NULL && !slip_estate_kind_find (kind, &known))
    {
      g_autofree char *kinds = dup_kinds ();

      return slip_cli_usage_error (_ ("there is no kind “%s”. Kinds: %s"), kind, kinds);
    }
  workspace = slip_cli_load_workspace (cli);
  if (workspace == NULL)
    return SLIP_CLI_FAILED;
  if (environment != NULL && slip_workspace_find (workspace, environment) == NULL)
    return slip_cli_no_environment (workspace, environment);
  return list (workspace, environment, kind, as_json);
}
