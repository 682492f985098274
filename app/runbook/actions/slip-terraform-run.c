/* SPDX-License-Identifier: MIT */
/* What all sub-operations of Terraform share while running: one call of the program and what its
 * failure means, reading the state, backing it up. */

#include "slip-terraform-run.h"

#include "slip-file.h"
#include "slip-json.h"
#include "slip-terraform-lock.h"

#include <string.h>

/* States and plans of large estates have tens of megabytes. */
#define MAX_BYTES (128 * 1024 * 1024)

/* ---- one call */

/* Terraform frames its errors: `│ Error: …`. */
static char *
plain_error (SlipTerraform *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  GString *plain = g_string_new (NULL);
  gboolean in_error = FALSE;

  for (guint i = 0; lines[i] != NULL && plain->len < 1200; i++)
    {
      char *line = lines[i];

      if (g_str_has_prefix (line, "╷") || g_str_has_prefix (line, "╵"))
        continue;
      if (g_str_has_prefix (line, "│"))
        line += strlen ("│");
      g_strstrip (line);
      in_error = in_error || g_str_has_prefix (line, "Error:");
      if (in_error && *line != '\0')
        g_string_append_printf (plain, "%s%s", plain->len > 0 ? " " : "", line);
    }
  if (plain->len == 0)
    g_string_append (plain, text != NULL ? text : "");
  {
    g_autofree char *raw = g_string_free (plain, FALSE);

    return slip_run_program_excerpt (self->context, raw, 12);
  }
}

/* What takes a lock must live to give it back. */
static gboolean
takes_lock (const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], "-lock-timeout="))
      return TRUE;
  return FALSE;
}

/* Why it failed: with a log, both its streams are one. */
static const char *
said (const SlipProcessResult *result)
{
  return result->err != NULL && *result->err != '\0' ? result->err : result->out;
}

static void
set_failed (SlipTerraform *self,
            const char *const *words,
            const SlipProcessResult *result,
            GError **error)
{
  g_autofree char *message = plain_error (self, said (result));
  g_autofree char *how = result->status < 0 ? g_strdup_printf ("signal %d", -result->status)
                                            : g_strdup_printf ("exit status %d", result->status);

  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s %s: %s (%s)", self->program,
               words[0], message, how);
}

static gboolean
is_well (const SlipProcessResult *result, int ok)
{
  return result->status == 0 || (ok != 0 && result->status == ok);
}

static gboolean
start (SlipTerraform *self,
       const char *const *words,
       gboolean change,
       SlipProcessResult *result,
       GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  SlipRunProgram program = {
      .envp = self->envp,
      .folder = self->directory,
      .change = change,
      .outlives = takes_lock (words),
      .data = g_strv_contains (words, "-json") || g_strv_contains (words, "pull"),
      .max_bytes = MAX_BYTES,
  };

  g_ptr_array_add (argv, self->program);
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)words[i]);
  g_ptr_array_add (argv, NULL);
  program.argv = (const char *const *)argv->pdata;
  return slip_run_program (self->context, &program, result, error);
}

gboolean
slip_terraform_run_once (SlipTerraform *self,
                         const char *const *words,
                         gboolean change,
                         int ok,
                         SlipProcessResult *result,
                         GError **error)
{
  if (!start (self, words, change, result, error))
    return FALSE;
  if (is_well (result, ok))
    return TRUE;
  set_failed (self, words, result, error);
  return FALSE;
}

gboolean
slip_terraform_run (SlipTerraform *self,
                    const char *const *words,
                    gboolean change,
                    int ok,
                    SlipProcessResult *result,
                    GError **error)
{
  gint64 timeout = slip_plan_step_get_timeout (self->context->plan);
  gint64 patience = timeout > 0 ? timeout : SLIP_RUN_PROGRAM_SECONDS;
  gint64 end = g_get_monotonic_time () + patience * G_USEC_PER_SEC;

  for (;;)
    {
      g_auto (SlipTerraformLock) lock = {0};
      g_autoptr (GError) failure = NULL;

      if (slip_terraform_run_once (self, words, change, ok, result, &failure))
        return TRUE;
      if (!slip_terraform_lock_read (said (result), &lock) || g_get_monotonic_time () >= end)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (!slip_terraform_lock_yields (self, &lock, error))
        return FALSE;
      slip_process_result_clear (result);
    }
}

JsonNode *
slip_terraform_read_json (SlipTerraform *self, const char *const *words, GError **error)
{
  g_auto (SlipProcessResult) result = {0};
  g_autoptr (GError) local = NULL;
  JsonNode *node;

  if (!slip_terraform_run (self, words, FALSE, 0, &result, error))
    return NULL;
  node = slip_json_parse (result.out, (gssize)result.length, &local);
  if (node == NULL)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s %s printed no JSON: %s",
                 self->program, words[0], local->message);
  return node;
}

/* ---- the state */

static JsonObject *
find_in_module (JsonObject *module, const char *address)
{
  JsonArray *resources = slip_json_array (module, "resources");
  JsonArray *children = slip_json_array (module, "child_modules");

  for (guint i = 0; resources != NULL && i < json_array_get_length (resources); i++)
    {
      JsonObject *resource = slip_json_node_object (json_array_get_element (resources, i));

      if (resource != NULL && g_strcmp0 (slip_json_string (resource, "address"), address) == 0)
        return resource;
    }
  for (guint i = 0; children != NULL && i < json_array_get_length (children); i++)
    {
      JsonObject *child = slip_json_node_object (json_array_get_element (children, i));
      JsonObject *found = child != NULL ? find_in_module (child, address) : NULL;

      if (found != NULL)
        return found;
    }
  return NULL;
}

JsonObject *
slip_terraform_find_in (JsonObject *state, const char *address)
{
  JsonObject *values = state != NULL ? slip_json_object (state, "values") : NULL;
  JsonObject *module = values != NULL ? slip_json_object (values, "root_module") : NULL;

  return module != NULL ? find_in_module (module, address) : NULL;
}

gboolean
slip_terraform_find_object (SlipTerraform *self,
                            const char *address,
                            JsonObject **found,
                            GError **error)
{
  static const char *const words[] = {"show", "-json", "-no-color", NULL};
  g_autoptr (JsonNode) state = slip_terraform_read_json (self, words, error);

  *found = NULL;
  if (state == NULL)
    return FALSE;
  *found = slip_terraform_find_in (slip_json_node_object (state), address);
  if (*found != NULL)
    json_object_ref (*found);
  return TRUE;
}

gboolean
slip_terraform_backup (SlipTerraform *self, const char *path, JsonObject *data, GError **error)
{
  static const char *const words[] = {"state", "pull", NULL};
  g_auto (SlipProcessResult) result = {0};
  g_autoptr (JsonNode) state = NULL;
  g_autofree char *digest = NULL;
  JsonObject *root;

  if (!slip_terraform_run (self, words, FALSE, 0, &result, error))
    return FALSE;
  state = slip_json_parse (result.out, (gssize)result.length, NULL);
  root = slip_json_node_object (state);
  if (root == NULL || slip_json_string (root, "lineage") == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "terraform state pull in %s printed no state: there is none yet, or the backend "
                   "is not initialised",
                   self->directory);
      return FALSE;
    }
  if (!slip_file_write_atomic (path, result.out, (gssize)result.length, 0600, error))
    return FALSE;
  digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)result.out, result.length);
  json_object_set_string_member (data, "File", path);
  json_object_set_int_member (data, "Serial", slip_json_int (root, "serial", 0));
  json_object_set_string_member (data, "Lineage", slip_json_string (root, "lineage"));
  json_object_set_string_member (data, "Sha256", digest);
  return TRUE;
}

gboolean
slip_terraform_check_workspace (SlipTerraform *self, GError **error)
{
  static const char *const words[] = {"workspace", "show", NULL};
  const char *wanted = slip_json_string (self->context->inputs, "Workspace");
  g_auto (SlipProcessResult) result = {0};

  if (wanted == NULL)
    return TRUE;
  if (!slip_terraform_run (self, words, FALSE, 0, &result, error))
    return FALSE;
  g_strstrip (result.out);
  if (g_str_equal (result.out, wanted))
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "Terraform in %s is in workspace %s, not in %s", self->directory, result.out,
               wanted);
  return FALSE;
}
