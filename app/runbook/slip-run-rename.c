/* SPDX-License-Identifier: MIT */
/* Whether a run renamed a cluster: what a rollback kept is told from any other cluster by nothing else. A
 * name can be given to anything, so that the resource id counts, and a run that did not come to its end
 * may have been undone by hand. */

#include "slip-run-rename.h"

#include "slip-json.h"
#include "slip-ledger-verify.h"
#include "slip-run-fold.h"
#include "slip-template.h"

#define OPERATION "rds:ModifyDBCluster"

typedef struct
{
  const SlipRunRename *asked;
  GHashTable *steps; /* run → the step that sent it */
} Senders;

static gboolean
is_name (JsonObject *request, const char *member, const char *name)
{
  const char *value = slip_json_string (request, member);

  return value != NULL && g_ascii_strcasecmp (value, name) == 0;
}

static gboolean
is_of (JsonObject *entry, const char *member, const char *value)
{
  return g_strcmp0 (slip_json_string (entry, member), value) == 0;
}

/* Notes the run of an intent to rename it. */
static void
note_sender (JsonObject *entry, Senders *senders)
{
  const SlipRunRename *asked = senders->asked;
  JsonObject *request = slip_json_object (entry, "request");
  const char *run = slip_json_string (entry, "run");
  const char *step = slip_json_string (entry, "step");

  if (run != NULL && step != NULL && request != NULL && is_of (entry, "kind", SLIP_STEP_INTENT_KIND)
      && is_of (entry, "operation", OPERATION) && is_of (entry, "account", asked->account)
      && is_of (entry, "region", asked->region)
      && is_name (request, "DBClusterIdentifier", asked->from)
      && is_name (request, "NewDBClusterIdentifier", asked->to))
    g_hash_table_replace (senders->steps, g_strdup (run), g_strdup (step));
}

static void
senders_clear (Senders *senders)
{
  g_hash_table_unref (senders->steps);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Senders, senders_clear)

static Senders
senders_new (const SlipRunRename *asked)
{
  return (Senders){asked, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free)};
}

static JsonNode *
lookup (const char *reference, gpointer fold)
{
  return slip_run_fold_lookup (fold, reference);
}

/* What the step was held to: by AWS's answer or, when that was lost, by the rule it was resumed by. */
static gboolean
holds (SlipRunFold *fold, SlipFoldStep *step, const char *resource_id)
{
  JsonObject *answer = step->response != NULL ? slip_json_node_object (step->response) : NULL;
  JsonObject *cluster = answer != NULL ? slip_json_object (answer, "DBCluster") : NULL;
  JsonObject *resume = slip_plan_step_get_resume (step->plan_step);
  JsonNode *desired = resume != NULL ? json_object_get_member (resume, "desired") : NULL;
  g_autoptr (JsonNode) resolved = NULL;

  if (cluster != NULL)
    return is_of (cluster, "DbClusterResourceId", resource_id);
  if (desired != NULL)
    resolved = slip_template_resolve (desired, lookup, fold, NULL, NULL);
  return resolved != NULL && JSON_NODE_HOLDS_OBJECT (resolved)
         && is_of (json_node_get_object (resolved), "$.DbClusterResourceId", resource_id);
}

static gboolean
proves (SlipRunFold *fold, const char *step_id, const char *resource_id)
{
  SlipFoldStep *step = slip_run_fold_find (fold, step_id);

  return fold->state == SLIP_RUN_DONE && step != NULL && step->state == SLIP_RUN_STEP_DONE
         && holds (fold, step, resource_id);
}

/* ---- what people vouched for in it */

/* Who gave their word for a step, and for what; NULL when nobody did. */
static char *
dup_word (SlipRunFold *fold, SlipFoldStep *step)
{
  JsonObject *confirm = slip_plan_step_get_confirm (step->plan_step);
  JsonNode *ask = confirm != NULL ? json_object_get_member (confirm, "ask") : NULL;
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) said = NULL;

  if (step->state != SLIP_RUN_STEP_DONE || step->attested_as == NULL || ask == NULL
      || !is_of (confirm, "how", "attest"))
    return NULL;
  said = slip_template_resolve (ask, lookup, fold, unknown, NULL);
  if (said == NULL || !JSON_NODE_HOLDS_VALUE (said)
      || json_node_get_value_type (said) != G_TYPE_STRING)
    return NULL;
  return g_strdup_printf (
      "%s%s%s vouched that “%s”", step->attested_as, step->cosigned != 0 ? " and " : "",
      step->cosigned != 0 ? step->cosigned_by : "", json_node_get_string (said));
}

static char *
dup_vouched (SlipRunFold *fold)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      g_autofree char *word = dup_word (fold, g_ptr_array_index (fold->steps, i));

      if (word != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", word);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static gboolean
note_entry (const SlipLedgerEntry *entry, gpointer senders)
{
  note_sender (entry->object, senders);
  return TRUE;
}

gboolean
slip_run_find_rename (
    SlipLedger *ledger, const SlipRunRename *asked, char **run, char **vouched, GError **error)
{
  const SlipLedgerFilter filter = {.kind = SLIP_STEP_INTENT_KIND, .text = asked->to};
  g_auto (Senders) senders = senders_new (asked);
  GHashTableIter iter;
  gpointer id, step;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && run != NULL && vouched != NULL, FALSE);

  *run = NULL;
  *vouched = NULL;
  if (!slip_ledger_foreach (ledger, &filter, note_entry, &senders, error))
    return FALSE;
  g_hash_table_iter_init (&iter, senders.steps);
  while (*run == NULL && g_hash_table_iter_next (&iter, &id, &step))
    {
      g_autoptr (SlipRunFold) fold = slip_run_fold_new (id);

      if (!slip_run_fold_sync (fold, ledger, error))
        return FALSE;
      if (proves (fold, step, asked->resource_id))
        {
          *run = g_strdup (id);
          *vouched = dup_vouched (fold);
        }
    }
  return TRUE;
}

/* ---- the log of another workstation */

typedef gboolean (*EntryFunc) (JsonObject *entry, gpointer data, GError **error);

/* Of a file that was verified, so that no line of it is strange. */
static gboolean
foreach_exported (const char *path, EntryFunc func, gpointer data, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) bytes = g_file_read (file, NULL, error);
  g_autoptr (GDataInputStream) lines
      = bytes != NULL ? g_data_input_stream_new (G_INPUT_STREAM (bytes)) : NULL;
  g_autoptr (GError) local = NULL;
  char *text;

  if (lines == NULL)
    return FALSE;
  while ((text = g_data_input_stream_read_line (lines, NULL, NULL, &local)) != NULL)
    {
      g_autofree char *line = text;
      g_autoptr (JsonNode) node = slip_json_parse (line, -1, NULL);
      JsonObject *object = node != NULL ? slip_json_node_object (node) : NULL;
      JsonObject *entry = object != NULL ? slip_json_object (object, "entry") : NULL;

      if (entry != NULL && !func (entry, data, error))
        return FALSE;
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return local == NULL;
}

static gboolean
note_exported (JsonObject *entry, gpointer senders, GError **error)
{
  note_sender (entry, senders);
  return TRUE;
}

static gboolean
fold_exported (JsonObject *entry, gpointer data, GError **error)
{
  SlipRunFold *fold = data;

  return !is_of (entry, "run", fold->id) || slip_run_fold_apply (fold, entry, error);
}

gboolean
slip_run_find_rename_exported (const char *path,
                               const char *key,
                               const SlipRunRename *asked,
                               char **run,
                               char **vouched,
                               GError **error)
{
  g_auto (Senders) senders = senders_new (asked);
  SlipVerifyReport report;
  GHashTableIter iter;
  gpointer id, step;

  g_return_val_if_fail (path != NULL && key != NULL && run != NULL && vouched != NULL, FALSE);

  *run = NULL;
  *vouched = NULL;
  if (!slip_ledger_verify_file (path, key, &report, error)
      || !foreach_exported (path, note_exported, &senders, error))
    return FALSE;
  g_hash_table_iter_init (&iter, senders.steps);
  while (*run == NULL && g_hash_table_iter_next (&iter, &id, &step))
    {
      g_autoptr (SlipRunFold) fold = slip_run_fold_new (id);

      if (!foreach_exported (path, fold_exported, fold, error))
        return FALSE;
      if (proves (fold, step, asked->resource_id))
        {
          *run = g_strdup (id);
          *vouched = dup_vouched (fold);
        }
    }
  return TRUE;
}
