/* SPDX-License-Identifier: MIT */
/* `replaceObject` while running: an address of Terraform's state comes to stand for another object
 * (`state rm` and `import`) as one step that can be taken back. The state itself tells how far it came;
 * when the import fails the address gets back what it had. And `stateRemove`: the object survives outside
 * of the state. */

#include "slip-terraform-run.h"

#include "slip-file.h"
#include "slip-json.h"

#include <string.h>

#define MAX_STATE (128 * 1024 * 1024)

typedef enum
{
  STANDS_FOR_OLD,
  STANDS_FOR_NEW,
  STANDS_FOR_NOTHING,
} Stands;

typedef struct
{
  SlipTerraform *tf;
  const char *address;
  const char *id;
  JsonObject *backup; /* {File, Serial, Lineage, Sha256, OldId} */
} Exchange;

/* ---- looking */

static gboolean
is_new (Exchange *exchange, JsonObject *values)
{
  JsonObject *match = slip_json_object (exchange->tf->context->inputs, "Match");
  g_autoptr (GList) names = match != NULL ? json_object_get_members (match) : NULL;

  if (match == NULL)
    return g_strcmp0 (slip_json_string (values, "id"), exchange->id) == 0;
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *value = json_object_get_member (values, l->data);

      if (value == NULL || !slip_json_equal (value, json_object_get_member (match, l->data)))
        return FALSE;
    }
  return names != NULL;
}

static gboolean
look (Exchange *exchange, Stands *stands, char **old_id, GError **error)
{
  g_autoptr (JsonObject) found = NULL;
  JsonObject *values;

  if (!slip_terraform_find_object (exchange->tf, exchange->address, &found, error))
    return FALSE;
  values = found != NULL ? slip_json_object (found, "values") : NULL;
  *stands = found == NULL                                 ? STANDS_FOR_NOTHING
            : values != NULL && is_new (exchange, values) ? STANDS_FOR_NEW
                                                          : STANDS_FOR_OLD;
  if (old_id != NULL && *stands == STANDS_FOR_OLD && values != NULL)
    *old_id = g_strdup (slip_json_string (values, "id"));
  return TRUE;
}

/* ---- backup */

/* The backup that an earlier process made counts: made again it would hold the half-done state. */
static gboolean
recover_backup (Exchange *exchange)
{
  JsonNode *node = slip_run_local_find_data (exchange->tf->context, "backup");

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  exchange->backup = json_object_ref (json_node_get_object (node));
  return TRUE;
}

static gboolean
make_backup (Exchange *exchange, const char *old_id, GError **error)
{
  SlipRunContext *context = exchange->tf->context;
  g_autofree char *path = slip_run_local_path (context, "state-before-", ".json", error);
  JsonObject *data;

  if (path == NULL)
    return FALSE;
  exchange->backup = json_object_new ();
  if (!slip_terraform_backup (exchange->tf, path, exchange->backup, error))
    return FALSE;
  if (old_id != NULL)
    json_object_set_string_member (exchange->backup, "OldId", old_id);
  data = json_object_new ();
  json_object_set_object_member (data, "backup", json_object_ref (exchange->backup));
  return slip_run_local_observe (context, "the state is backed up", -1, data, error);
}

/* ---- acting */

static JsonObject *
request_of (Exchange *exchange, const char *const *words)
{
  JsonObject *request = json_object_new ();
  JsonArray *line = json_array_new ();

  json_array_add_string_element (line, exchange->tf->program);
  for (guint i = 0; words[i] != NULL; i++)
    json_array_add_string_element (line, words[i]);
  json_object_set_string_member (request, "directory", exchange->tf->directory);
  json_object_set_array_member (request, "command", line);
  return request;
}

static gboolean
act (Exchange *exchange,
     const char *operation,
     const char *const *words,
     const char *detail,
     GError **error)
{
  SlipRunContext *context = exchange->tf->context;
  g_auto (SlipProcessResult) result = {0};

  return slip_run_local_intent (context, operation, request_of (exchange, words), error)
         && slip_terraform_run (exchange->tf, words, TRUE, 0, &result, error)
         && slip_run_local_settle (context, operation, "part", detail, NULL, error);
}

static gboolean
remove_old (Exchange *exchange, GError **error)
{
  g_autoptr (GPtrArray) lines
      = slip_terraform_commands (exchange->tf->operation, exchange->tf->context->inputs, NULL);
  g_autofree char *detail = g_strdup_printf ("%s stands for nothing for now", exchange->address);

  exchange->tf->context->changed = TRUE;
  return act (exchange, "terraform:state rm", g_ptr_array_index (lines, 1), detail, error);
}

static gboolean
import_new (Exchange *exchange, GError **error)
{
  g_autoptr (GPtrArray) lines
      = slip_terraform_commands (exchange->tf->operation, exchange->tf->context->inputs, NULL);
  g_autofree char *detail = g_strdup_printf ("%s stands for %s", exchange->address, exchange->id);

  exchange->tf->context->changed = TRUE;
  return act (exchange, "terraform:import", g_ptr_array_index (lines, 2), detail, error);
}

/* ---- taking back */

/* The backup as a state that follows the present one: `state push` takes nothing older. Refuses when
 * anybody else wrote in between. */
static char *
successor (Exchange *exchange, GError **error)
{
  g_autoptr (JsonObject) now = json_object_new ();
  g_autofree char *now_path
      = slip_run_local_path (exchange->tf->context, "state-now-", ".json", error);
  g_autofree char *path
      = slip_run_local_path (exchange->tf->context, "state-back-", ".json", error);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) state = NULL;
  g_autofree char *text = NULL;
  gint64 before = slip_json_int (exchange->backup, "Serial", 0);

  if (now_path == NULL || path == NULL
      || !slip_terraform_backup (exchange->tf, now_path, now, error))
    return NULL;
  if (g_strcmp0 (slip_json_string (now, "Lineage"), slip_json_string (exchange->backup, "Lineage"))
          != 0
      || slip_json_int (now, "Serial", 0) > before + 1)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "somebody else wrote the state since (serial %" G_GINT64_FORMAT
                   ", was %" G_GINT64_FORMAT ")",
                   slip_json_int (now, "Serial", 0), before);
      return NULL;
    }
  bytes = slip_file_read (slip_json_string (exchange->backup, "File"), MAX_STATE, error);
  if (bytes == NULL)
    return NULL;
  state = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), error);
  if (state == NULL)
    return NULL;
  json_object_set_int_member (json_node_get_object (state), "serial",
                              slip_json_int (now, "Serial", 0) + 1);
  text = slip_json_to_text (state, TRUE);
  return slip_file_write_atomic (path, text, -1, 0600, error) ? g_steal_pointer (&path) : NULL;
}

static gboolean
push_back (Exchange *exchange, GError **error)
{
  g_autofree char *path = successor (exchange, error);
  const char *const words[] = {"state", "push", path, NULL};

  return path != NULL
         && act (exchange, "terraform:state push", words, "the backup is the state again", error);
}

static gboolean
import_old (Exchange *exchange, GError **error)
{
  JsonObject *inputs = exchange->tf->context->inputs;
  const char *given = slip_json_string (inputs, "OldImportId");
  const char *old = given != NULL ? given : slip_json_string (exchange->backup, "OldId");
  g_autoptr (GPtrArray) lines = NULL;
  char **words;
  guint last;

  if (old == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "the old object has no id");
      return FALSE;
    }
  lines = slip_terraform_commands (exchange->tf->operation, inputs, NULL);
  words = g_ptr_array_index (lines, 2);
  last = g_strv_length (words) - 1;
  g_free (words[last]);
  words[last] = g_strdup (old);
  return act (exchange, "terraform:import", (const char *const *)words,
              "the old object is in the state again", error);
}

/* @failure says why; afterwards it also says where things stand. */
static void
take_back (Exchange *exchange, GError *failure, GError **error)
{
  g_autoptr (GError) owned = failure;
  g_autoptr (GError) push = NULL;
  g_autoptr (GError) import = NULL;
  Stands stands = STANDS_FOR_NOTHING;

  if (slip_run_error_is_stop (owned))
    {
      g_propagate_error (error, g_steal_pointer (&owned));
      return;
    }
  if (look (exchange, &stands, NULL, NULL) && stands == STANDS_FOR_OLD)
    {
      exchange->tf->context->changed = FALSE;
      g_propagate_error (error, g_steal_pointer (&owned));
      return;
    }
  if (push_back (exchange, &push) || import_old (exchange, &import))
    {
      exchange->tf->context->changed = FALSE;
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s. Taken back: %s stands for what it stood for before", owned->message,
                   exchange->address);
      return;
    }
  g_set_error (
      error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
      "%s. Nor could it be taken back (%s; %s): %s stands for nothing. The state before is "
      "in %s: resume, or push it by hand",
      owned->message, push->message, import != NULL ? import->message : "", exchange->address,
      slip_json_string (exchange->backup, "File"));
}

/* ---- the step */

static gboolean
finish (Exchange *exchange, const char *old_id, GError **error)
{
  SlipRunContext *context = exchange->tf->context;
  JsonObject *result = json_object_new ();
  JsonNode *node = slip_json_new_object (result);

  json_object_set_string_member (result, "Id", exchange->id);
  if (exchange->backup != NULL)
    {
      static const char *const names[] = {"File", "Serial", "Lineage", "Sha256"};

      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        json_object_set_member (
            result, names[i], json_node_ref (json_object_get_member (exchange->backup, names[i])));
      old_id = slip_json_string (exchange->backup, "OldId");
    }
  if (old_id != NULL)
    json_object_set_string_member (result, "OldId", old_id);
  context->detail = g_strdup_printf ("%s stands for %s", exchange->address, exchange->id);
  context->outcome = context->step->sends == 0 ? "unchanged"
                     : context->step->open     ? "adopted"
                                               : NULL;
  if (!slip_run_context_take_result (context, node, json_node_ref (node), error))
    return FALSE;
  for (GList *l = json_object_get_members (result), *next; l != NULL; l = next)
    {
      next = l->next;
      json_object_set_member (context->outputs, l->data,
                              json_node_ref (json_object_get_member (result, l->data)));
      g_list_free_1 (l);
    }
  return TRUE;
}

static gboolean
close_open (Exchange *exchange, GError **error)
{
  if (!exchange->tf->context->step->open)
    return TRUE;
  return slip_run_local_settle (exchange->tf->context, NULL, "absent",
                                "the state tells how far it came", NULL, error);
}

static gboolean
exchange_it (Exchange *exchange, GError **error)
{
  SlipRunContext *context = exchange->tf->context;
  gboolean resumed = recover_backup (exchange);
  g_autofree char *old_id = NULL;
  g_autoptr (GError) failure = NULL;
  Stands stands;

  context->changed = context->step->sends > 0;
  if (!look (exchange, &stands, &old_id, error))
    return FALSE;
  if (stands == STANDS_FOR_NEW)
    return finish (exchange, old_id, error);
  if (stands == STANDS_FOR_NOTHING && !resumed)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "the state of Terraform in %s has no %s to exchange. Check the address with "
                   "terraform state list",
                   exchange->tf->directory, exchange->address);
      return FALSE;
    }
  if (!close_open (exchange, error))
    return FALSE;
  if (stands == STANDS_FOR_OLD)
    {
      g_clear_pointer (&exchange->backup, json_object_unref);
      if (!make_backup (exchange, old_id, error) || !slip_run_engine_check (context->engine, error))
        return FALSE;
    }
  if ((stands == STANDS_FOR_OLD && !remove_old (exchange, &failure))
      || !import_new (exchange, &failure))
    {
      /* Another process of ours may have been at it when it was looked at. */
      if (!slip_run_error_is_stop (failure) && look (exchange, &stands, NULL, NULL)
          && stands == STANDS_FOR_NEW)
        return finish (exchange, old_id, error);
      take_back (exchange, g_steal_pointer (&failure), error);
      return FALSE;
    }
  if (!look (exchange, &stands, NULL, error))
    return FALSE;
  if (stands == STANDS_FOR_NEW)
    return finish (exchange, old_id, error);
  g_set_error (&failure, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the import of %s went well, but %s is not what Match tells", exchange->id,
               exchange->address);
  take_back (exchange, g_steal_pointer (&failure), error);
  return FALSE;
}

gboolean
slip_terraform_replace_object (SlipTerraform *self, GError **error)
{
  Exchange exchange = {
      .tf = self,
      .address = slip_json_string (self->context->inputs, "Address"),
      .id = slip_json_string (self->context->inputs, "ImportId"),
  };
  gboolean ok = exchange_it (&exchange, error);

  g_clear_pointer (&exchange.backup, json_object_unref);
  return ok;
}

static gboolean
remove_it (Exchange *removal, GError **error)
{
  SlipRunContext *context = removal->tf->context;
  g_autofree char *old_id = NULL;
  Stands stands;

  context->changed = context->step->sends > 0;
  if (!look (removal, &stands, &old_id, error))
    return FALSE;
  if (stands == STANDS_FOR_NOTHING)
    {
      context->detail = g_strdup_printf ("the state has no %s", removal->address);
      context->outcome = context->step->sends > 0 ? "adopted" : "unchanged";
      return TRUE;
    }
  if (!close_open (removal, error) || !make_backup (removal, old_id, error)
      || !slip_run_engine_check (context->engine, error) || !remove_old (removal, error))
    return FALSE;
  context->detail = g_strdup_printf ("%s (%s) is left outside of the state", removal->address,
                                     old_id != NULL ? old_id : "no id");
  return TRUE;
}

gboolean
slip_terraform_remove_object (SlipTerraform *self, GError **error)
{
  Exchange removal = {
      .tf = self,
      .address = slip_json_string (self->context->inputs, "Address"),
  };
  gboolean ok = remove_it (&removal, error);

  g_clear_pointer (&removal.backup, json_object_unref);
  return ok;
}
