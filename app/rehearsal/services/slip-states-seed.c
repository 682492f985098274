/* SPDX-License-Identifier: MIT */

/* State machines of a scenario. A definition stands in the scenario, or in a file of the world that something else
 * makes, such as `slipwayctl migrate state-machine`: its machine is made as soon as the file is there when the server
 * starts, and until then there is none. */

#include "slip-states-private.h"

#include "slip-file.h"
#include "slip-json.h"
#include "slip-scenario.h"
#include "slip-world-paths.h"

/* Its id is a machine's name; its data `role` (an ARN) and `definition`, `@world/…`. */
#define STATES_AWAITED "states.awaited-machine"

/* More than Step Functions takes. */
#define MAX_BYTES (2 * 1024 * 1024)

/* ---- from the scenario */

static void
await_machine (const SlipSeed *seed, const char *name, const char *role, const char *definition)
{
  JsonObject *awaited = json_object_new ();

  json_object_set_string_member (awaited, "role", role);
  json_object_set_string_member (awaited, "definition", definition);
  slip_world_put (seed->world, seed->account, seed->region, STATES_AWAITED, name, awaited);
}

static gboolean
seed_machine (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "definition", "role", NULL};
  const SlipSeed *seed = data;
  const char *name, *role;
  const char *text = slip_json_string (item, "definition");
  g_autofree char *file = slip_world_path_find (seed->world, text);
  g_autofree char *inline_text = NULL;
  g_autofree char *arn = NULL;
  g_autoptr (GError) problem = NULL;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "role", TRUE, &role, error))
    return FALSE;
  if (file == NULL && slip_json_object (item, "definition") == NULL)
    return slip_scenario_error (error, path,
                                "definition is missing, or neither an object nor “@world/FILE”");
  arn = g_strdup_printf ("arn:aws:iam::%s:role/%s", seed->account, role);
  if (file != NULL && slip_states_check_role (seed->world, seed->account, arn, &problem))
    {
      await_machine (seed, name, arn, text);
      return TRUE;
    }
  if (file == NULL)
    inline_text = slip_json_to_text (json_object_get_member (item, "definition"), TRUE);
  if (file == NULL
      && slip_states_make_machine (seed->world, seed->account, seed->region, name, inline_text, arn,
                                   &problem))
    return TRUE;
  return slip_scenario_error (error, path, "%s", problem->message);
}

gboolean
slip_states_seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "state_machines", seed_machine, error);
}

/* ---- from files */

static gboolean
make_awaited (SlipWorld *world, const SlipWorldRecord *awaited, GError **error)
{
  g_autofree char *path
      = slip_world_path_find (world, slip_json_string (awaited->data, "definition"));
  g_autofree char *name = g_strdup (awaited->id);
  g_autofree char *account = g_strdup (awaited->account);
  g_autofree char *region = g_strdup (awaited->region);
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_BYTES, error);
  g_autofree char *text = NULL;

  if (bytes == NULL)
    return FALSE;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  slip_world_begin (world);
  if (!slip_states_make_machine (world, account, region, name, text,
                                 slip_json_string (awaited->data, "role"), error))
    {
      g_prefix_error (error, "%s: ", path);
      slip_world_rollback (world);
      return FALSE;
    }
  slip_world_remove (world, account, region, STATES_AWAITED, name);
  return slip_world_commit (world, error);
}

/* A world whose files are not there yet opens all the same: what needs the machine says that there is none. */
gboolean
slip_states_start (SlipWorld *world, GError **error)
{
  g_autoptr (GPtrArray) list = slip_world_list (world, NULL, NULL, STATES_AWAITED);

  for (guint i = 0; i < list->len; i++)
    {
      const SlipWorldRecord *awaited = g_ptr_array_index (list, i);
      g_autofree char *name = g_strdup (awaited->id);
      g_autoptr (GError) local = NULL;

      if (!make_awaited (world, awaited, &local))
        g_message ("there is no state machine %s yet: %s. Mend that, and start the rehearsal again",
                   name, local->message);
    }
  return TRUE;
}
