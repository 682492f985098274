/* SPDX-License-Identifier: MIT */
/* Whether the files of a migration may go into this environment: definitions without errors, source files that are there
 * and are no test data, nothing left out of what a real migration takes. What elsewhere is a list of edits to undo before
 * production is asked here. The databases are none of its business: a step checks those. */

#include "slip-guards.h"

#include "slip-json.h"
#include "slip-migration-check-all.h"

/* `whole`: values of the sidecar with which nobody is left out; `testData`: `refused` (so it is without it) or
 * `accepted`; `noReload`: whether landed tables are left as they are; `gates`: stages that must have one. */
static const char *const inputs[] = {"definitions", "sidecar?",  "source?", "values?", "whole?",
                                     "testData?",   "noReload?", "gates?",  NULL};

/* What the generator leaves beside the files that it makes. */
#define PLANTED "PLANTED.tsv"

typedef struct
{
  SlipGuardContext *context;
  GString *bad;     /* what is wrong */
  GString *unusual; /* what a person should look at */
  gboolean guarded; /* the environment is protected */
} Judge;

static void add (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add (GString *text, const char *format, ...)
{
  va_list args;

  if (text->len > 0)
    g_string_append (text, ". ");
  va_start (args, format);
  g_string_append_vprintf (text, format, args);
  va_end (args);
}

static char *
dup_path (SlipGuardContext *context, const char *name)
{
  const char *path = slip_guard_input (context, name);

  if (path == NULL)
    return NULL;
  return g_str_has_prefix (path, "~/") ? g_build_filename (g_get_home_dir (), path + 2, NULL)
                                       : g_strdup (path);
}

/* ---- the files */

static void
judge_definitions (Judge *judge, const char *folder, const char *sidecar, const char *source)
{
  const SlipMigrationCheckAll what = {.folder = folder, .sidecar = sidecar, .source = source};
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (GError) error = NULL;
  gboolean complete
      = slip_migration_check_all (&what, findings, NULL, judge->context->cancellable, &error);
  guint errors = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
  const SlipFinding *first = findings->len > 0 ? g_ptr_array_index (findings, 0) : NULL;

  if (!complete)
    add (judge->bad, "%s", error->message);
  if (errors > 0)
    add (judge->bad,
         "%u errors in the definitions, first %s%s%s: %s. slipwayctl migrate check %s "
         "tells all",
         errors, first->file, first->path != NULL ? " " : "",
         first->path != NULL ? first->path : "", first->message, folder);
}

static void
judge_source (Judge *judge, const char *source)
{
  g_autofree char *planted = g_build_filename (source, PLANTED, NULL);
  gboolean accepted = g_strcmp0 (slip_guard_input (judge->context, "testData"), "accepted") == 0;

  if (!g_file_test (planted, G_FILE_TEST_EXISTS))
    return;
  add (accepted ? judge->unusual : judge->bad,
       "%s holds test data: slipwayctl migrate generate made it (%s)%s", source, PLANTED,
       accepted ? ", and that is accepted" : ". Name the folder of the real files");
}

/* ---- what is left out */

static char *
dup_value (SlipMigration *migration, const char *name)
{
  JsonNode *node = slip_migration_get_value (migration, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  return json_node_get_value_type (node) == G_TYPE_STRING ? json_node_dup_string (node)
                                                          : slip_json_to_text (node, FALSE);
}

static void
judge_whole (Judge *judge, SlipMigration *migration)
{
  JsonObject *whole = slip_json_object (judge->context->inputs, "whole");
  g_autoptr (GList) names = whole != NULL ? json_object_get_members (whole) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (whole, l->data);
      g_autofree char *wanted
          = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                ? json_node_dup_string (node)
                : slip_json_to_text (node, FALSE);
      g_autofree char *value = dup_value (migration, l->data);

      if (g_strcmp0 (value, wanted) != 0)
        add (judge->guarded ? judge->bad : judge->unusual,
             "value %s is “%s”, and only “%s” takes everybody", (const char *)l->data,
             value != NULL ? value : "", wanted);
    }
}

/* Whether something would stop a run behind a stage; `open` is a kind of which everything may pass there. What validation
 * and the API's tests find stops it without a word in the sidecar. */
static gboolean
has_gate (SlipMigration *migration, const char *stage, const char **open)
{
  GPtrArray *gates = slip_migration_get_gates (migration);
  gboolean has = g_str_equal (stage, "validation") || g_str_equal (stage, "api");

  *open = NULL;
  for (guint i = 0; i < gates->len; i++)
    {
      const SlipGate *gate = g_ptr_array_index (gates, i);

      if (g_strcmp0 (gate->stage, stage) != 0)
        continue;
      has = TRUE;
      if (gate->percent && gate->limit >= 100)
        *open = gate->kind;
    }
  return has;
}

static void
judge_gates (Judge *judge, SlipMigration *migration)
{
  g_auto (GStrv) stages = slip_guard_input_list (judge->context, "gates");

  for (guint i = 0; stages != NULL && stages[i] != NULL; i++)
    {
      const char *open = NULL;

      if (!has_gate (migration, stages[i], &open))
        add (judge->guarded ? judge->bad : judge->unusual,
             "stage %s has no gate: nothing would stop a run there. Give it one in the sidecar "
             "(gates)",
             stages[i]);
      else if (open != NULL)
        add (judge->guarded ? judge->bad : judge->unusual,
             "the gate of stage %s lets everything pass that is %s. Give it a limit in the sidecar "
             "(gates)",
             stages[i], open);
    }
}

static void
judge_migration (Judge *judge, const char *folder, const char *sidecar)
{
  g_auto (GStrv) values = slip_guard_input_list (judge->context, "values");
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipMigration) migration = slip_migration_load (folder, sidecar, &error);

  if (migration == NULL
      || (values != NULL
          && !slip_migration_override (migration, (const char *const *)values, &error)))
    {
      if (judge->bad->len == 0)
        add (judge->bad, "%s", error->message);
      return;
    }
  judge_whole (judge, migration);
  judge_gates (judge, migration);
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonObject) own = slip_caller_dup_environment (context->caller, context->environment);
  g_autofree char *folder = dup_path (context, "definitions");
  g_autofree char *sidecar = dup_path (context, "sidecar");
  g_autofree char *source = dup_path (context, "source");
  g_autoptr (GString) bad = g_string_new (NULL);
  g_autoptr (GString) unusual = g_string_new (NULL);
  Judge judge = {context, bad, unusual, own == NULL || slip_json_bool (own, "protected", FALSE)};

  if (folder == NULL)
    {
      *message = g_strdup ("no folder of definitions is named");
      return SLIP_GUARD_BLOCK;
    }
  judge_definitions (&judge, folder, sidecar, source);
  judge_migration (&judge, folder, sidecar);
  if (source != NULL)
    judge_source (&judge, source);
  if (slip_json_bool (context->inputs, "noReload", FALSE))
    add (judge.guarded ? bad : unusual, "tables that are landed would be left as they are (no "
                                        "reload), whatever the files say now");
  if (bad->len == 0 && unusual->len == 0)
    *message = g_strdup_printf ("the definitions in %s have no errors", folder);
  else
    *message = g_strdup_printf ("%s%s%s", bad->str, bad->len > 0 && unusual->len > 0 ? ". " : "",
                                unusual->str);
  return bad->len > 0 ? SLIP_GUARD_BLOCK : unusual->len > 0 ? SLIP_GUARD_WARN : SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_migration_ready = {
    .id = "migration-ready",
    .title = "Definitions and source may be migrated here",
    .inputs = inputs,
    .evaluate = evaluate,
};
