/* SPDX-License-Identifier: MIT */
/* The operations of slipway:migrate: a stage and its way back, which converge by what the databases say of themselves,
 * a check that only looks, and the report that goes into the audit log: counts, never values of rows. */

#include "slip-run-migrate.h"

#include "slip-actions.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-check-all.h"
#include "slip-migration-error.h"
#include "slip-migration-report.h"
#include "slip-run-evidence.h"

/* A table of the report stands whole in the log up to here; else its digest does, and the file has it. */
#define TABLE_MAX (256 * 1024)
#define FINDINGS_MAX 20
#define WATERFALL "waterfall"

static void fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
fail (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s", message);
}

/* A run's id comes as a number, from a step's output, or as text, from a parameter. */
static gint64
wanted_run (SlipRunMigrate *self)
{
  JsonNode *node = json_object_get_member (self->context->inputs, "Run");

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return 0;
  return json_node_get_value_type (node) == G_TYPE_STRING
             ? g_ascii_strtoll (json_node_get_string (node), NULL, 10)
             : json_node_get_int (node);
}

static SlipPg *
open_migration_db (SlipRunMigrate *self, GCancellable *cancellable, GError **error)
{
  return slip_pg_open (self->migration_db, "migration database", cancellable, error);
}

/* ---- what became of a run, in numbers */

static JsonNode *
read_report (SlipRunMigrate *self, gint64 run, GError **error)
{
  g_autoptr (SlipPg) pg = open_migration_db (self, NULL, error);

  return pg != NULL ? slip_migration_report_read (pg, run, FALSE, error) : NULL;
}

/* Rows by kind of thing that became of them, in one stage. */
static JsonObject *
sum_measures (JsonObject *report, const char *stage)
{
  JsonArray *measures = slip_json_array (report, "measures");
  JsonObject *counts = json_object_new ();

  for (guint i = 0; measures != NULL && i < json_array_get_length (measures); i++)
    {
      JsonObject *measure = json_array_get_object_element (measures, i);
      const char *kind = slip_json_string (measure, "kind");

      if (g_strcmp0 (slip_json_string (measure, "stage"), stage) == 0 && kind != NULL)
        json_object_set_int_member (
            counts, kind, slip_json_int (counts, kind, 0) + slip_json_int (measure, "rows", 0));
    }
  return counts;
}

static JsonArray *
list_gates (SlipRunMigrate *self, const char *stage)
{
  GPtrArray *gates = slip_migration_get_gates (self->migration);
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < gates->len; i++)
    {
      const SlipGate *gate = g_ptr_array_index (gates, i);
      g_autofree char *text = NULL;

      if (!g_str_equal (gate->stage, stage))
        continue;
      text
          = g_strdup_printf ("%s at most %g%s", gate->kind, gate->limit, gate->percent ? " %" : "");
      json_array_add_string_element (list, text);
    }
  return list;
}

/* ---- a stage */

typedef struct
{
  const char *stage;
  SlipMigrationRunResult *result; /* owned */
} Stage;

static void
stage_clear (Stage *stage)
{
  g_clear_pointer (&stage->result, slip_migration_run_result_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* A later step of a runbook must not meet the run of somebody else. */
static gboolean
check_run (SlipRunMigrate *self, GCancellable *cancellable, GError **error)
{
  gint64 wanted = wanted_run (self);
  g_autoptr (GPtrArray) all = NULL;

  if (wanted == 0)
    return TRUE;
  all = slip_migration_run_status (self->migration_db, NULL, cancellable, error);
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const SlipMigrationRunStatus *status = g_ptr_array_index (all, i);

      if (g_str_equal (status->state, "undone")
          || !g_str_equal (status->name, slip_migration_get_name (self->migration)))
        continue;
      if (status->run == wanted)
        return TRUE;
      fail (error,
            "run %" G_GINT64_FORMAT
            " was begun meanwhile, and this one goes on with run %" G_GINT64_FORMAT
            ". Find out whose it is; take it back, or cancel this run and plan again",
            status->run, wanted);
      return FALSE;
    }
  if (all != NULL)
    fail (error, "run %" G_GINT64_FORMAT " is not there any more, or taken back. Plan again",
          wanted);
  return FALSE;
}

static gboolean
do_stage (SlipRunMigrate *self,
          GCancellable *cancellable,
          SlipMigrationProgressFunc progress,
          gpointer progress_data,
          gpointer data,
          GError **error)
{
  Stage *stage = data;
  JsonObject *inputs = self->context->inputs;
  const SlipMigrationRunOptions options = {
      .migration_db = self->migration_db,
      .target_db = self->target_db,
      .source = self->source,
      .run_date = slip_json_string (inputs, "RunDate"),
      .values = (const char *const *)self->values,
      .connections = (guint)CLAMP (slip_json_int (inputs, "Connections", 2), 1, 32),
      .no_reload = slip_json_bool (inputs, "NoReload", FALSE),
      .only = stage->stage,
      .api_url = slip_json_string (inputs, "ApiUrl"),
      .integration = slip_json_string (inputs, "Integration"),
      .keep_done = TRUE,
      .progress = progress,
      .data = progress_data,
  };

  return check_run (self, cancellable, error)
         && slip_migration_run_execute (self->migration, &options, &stage->result, cancellable,
                                        error);
}

static const SlipStageResult *
find_result (const Stage *stage)
{
  const SlipMigrationRunResult *result = stage->result;

  return result != NULL && result->stages->len > 0
             ? g_ptr_array_index (result->stages, result->stages->len - 1)
             : NULL;
}

/* What a person agrees to, and a later step loads. */
static void
take_integration (SlipRunContext *context, const SlipMigrationIntegration *integration)
{
  if (integration == NULL)
    return;
  json_object_set_string_member (context->outputs, "Integration", integration->mark);
  json_object_set_string_member (context->outputs, "Source", integration->source);
}

/* Also of a stage that failed: what a gate counted is what a person needs to see. */
static gboolean
take_stage (SlipRunMigrate *self, const Stage *stage, GError **error)
{
  SlipRunContext *context = self->context;
  const SlipStageResult *result = find_result (stage);
  g_autoptr (JsonNode) report
      = result != NULL ? read_report (self, stage->result->run, error) : NULL;
  JsonObject *told = slip_json_node_object (report);
  g_autofree char *note = NULL;
  JsonObject *object;
  JsonNode *node;

  if (told == NULL)
    return result == NULL;
  object = json_object_new ();
  node = slip_json_new_object (object);
  json_object_set_int_member (object, "run", stage->result->run);
  json_object_set_string_member (object, "runDate", stage->result->run_date);
  json_object_set_string_member (object, "stage", stage->stage);
  json_object_set_string_member (object, "state", result->state != NULL ? result->state : "failed");
  json_object_set_int_member (object, "rows", result->rows);
  json_object_set_object_member (object, "counts", sum_measures (told, stage->stage));
  json_object_set_array_member (object, "gates", list_gates (self, stage->stage));
  json_object_set_string_member (object, "definitionsSha256",
                                 slip_json_string (told, "definitionsSha256"));
  json_object_set_string_member (object, "sidecarSha256",
                                 slip_migration_get_sidecar_sha256 (self->migration));
  if (stage->result->integration != NULL)
    json_object_set_string_member (object, "integration", stage->result->integration->mark);
  if (g_str_equal (stage->stage, "load"))
    json_object_set_array_member (object, "files",
                                  json_array_ref (slip_json_array (told, "files")));
  if (g_str_equal (stage->stage, "validation"))
    json_object_set_array_member (object, "validation",
                                  json_array_ref (slip_json_array (told, "validation")));
  if (!slip_run_context_take_result (context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_int_member (context->outputs, "Run", stage->result->run);
  json_object_set_int_member (context->outputs, "Rows", result->rows);
  json_object_set_string_member (context->outputs, "State", slip_json_string (object, "state"));
  take_integration (context, stage->result->integration);
  json_object_set_object_member (context->outputs, "Counts",
                                 json_object_ref (slip_json_object (object, "counts")));
  note = slip_migration_dup_untold (result->note != NULL ? result->note : "");
  context->detail
      = g_strdup_printf ("run %" G_GINT64_FORMAT ": %s %s, %" G_GINT64_FORMAT " rows%s%s",
                         stage->result->run, stage->stage, slip_json_string (object, "state"),
                         result->rows, *note != '\0' ? "; " : "", note);
  return TRUE;
}

gboolean
slip_run_migrate_stage (SlipRunMigrate *self, GError **error)
{
  g_auto (Stage) stage = {.stage = slip_json_string (self->context->inputs, "Stage")};
  gboolean was_open = self->context->step->open;
  const SlipStageResult *result;

  if (!slip_run_migrate_begin (self, error))
    return FALSE;
  if (!slip_run_migrate_work (self, do_stage, &stage, error))
    {
      g_autoptr (GError) local = NULL;

      self->context->changed = TRUE;
      if (!take_stage (self, &stage, &local) && local != NULL)
        g_message ("what became of stage %s cannot be told: %s", stage.stage, local->message);
      return FALSE;
    }
  result = find_result (&stage);
  slip_run_migrate_finish (self, result != NULL && g_strcmp0 (result->state, "kept") == 0,
                           was_open);
  return take_stage (self, &stage, error);
}

/* ---- the check */

/* Rows of another run of this migration are found here, before anything is frozen or closed for it. */
static gboolean
check_target (SlipRunMigrate *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (SlipPg) target = slip_pg_open (self->target_db, "target database", cancellable, error);
  g_autoptr (SlipPgRows) rows = NULL;
  g_autofree char *name = NULL;
  g_autofree char *sql = NULL;

  if (target == NULL)
    return FALSE;
  rows = slip_pg_query (target, "SELECT 1 WHERE to_regclass ('slipway_migration.load') IS NOT NULL",
                        NULL, cancellable, error);
  if (rows == NULL || slip_pg_rows_get_n_rows (rows) == 0)
    return rows != NULL;
  g_clear_pointer (&rows, slip_pg_rows_free);
  name = slip_pg_quote_literal (slip_migration_get_name (self->migration));
  sql = g_strdup_printf ("SELECT r.run, r.started, count (*) FROM slipway_migration.run r\n"
                         "  JOIN slipway_migration.load l USING (token)\n"
                         " WHERE r.name = %s GROUP BY r.run, r.started ORDER BY r.started DESC",
                         name);
  rows = slip_pg_query (target, sql, NULL, cancellable, error);
  if (rows == NULL || slip_pg_rows_get_n_rows (rows) == 0)
    return rows != NULL;
  fail (error,
        "rows of run %s of %s, begun %s, are in %s already (%s parts). Take them back first: "
        "slipwayctl migrate undo %s",
        slip_pg_rows_get (rows, 0, 0), slip_migration_get_name (self->migration),
        slip_pg_rows_get (rows, 0, 1), slip_pg_get_where (target), slip_pg_rows_get (rows, 0, 2),
        slip_pg_rows_get (rows, 0, 0));
  return FALSE;
}

static gboolean
do_check (SlipRunMigrate *self,
          GCancellable *cancellable,
          SlipMigrationProgressFunc progress,
          gpointer progress_data,
          gpointer data,
          GError **error)
{
  JsonObject *inputs = self->context->inputs;
  g_autofree char *folder = slip_action_dup_path (inputs, "Definitions");
  g_autofree char *sidecar = slip_action_dup_path (inputs, "Sidecar");
  const SlipMigrationCheckAll what = {
      .folder = folder,
      .sidecar = sidecar,
      .source = self->source,
      .migration_db = self->migration_db,
      .target_db = self->target_db,
  };

  return slip_migration_check_all (&what, data, NULL, cancellable, error)
         && check_target (self, cancellable, error);
}

static gboolean
take_findings (SlipRunMigrate *self, GPtrArray *findings, GError **error)
{
  SlipRunContext *context = self->context;
  guint errors = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
  guint warnings = slip_findings_count (findings, SLIP_SEVERITY_WARNING);
  JsonObject *object = json_object_new ();
  JsonNode *node = slip_json_new_object (object);
  JsonArray *list = json_array_new ();
  const SlipFinding *first = findings->len > 0 ? g_ptr_array_index (findings, 0) : NULL;

  for (guint i = 0; i < findings->len && i < FINDINGS_MAX; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);
      g_autofree char *text
          = g_strdup_printf ("%s: %s%s%s: %s", slip_severity_get_name (finding->severity),
                             finding->file, finding->path != NULL ? " " : "",
                             finding->path != NULL ? finding->path : "", finding->message);
      g_autofree char *untold = NULL;

      untold = slip_migration_dup_untold (text);
      json_array_add_string_element (list, untold);
    }
  json_object_set_int_member (object, "errors", errors);
  json_object_set_int_member (object, "warnings", warnings);
  json_object_set_array_member (object, "findings", list);
  if (!slip_run_context_take_result (context, node, json_node_ref (node), error))
    return FALSE;
  context->detail = g_strdup_printf ("%u errors, %u warnings", errors, warnings);
  if (errors == 0)
    return TRUE;
  g_assert (first != NULL); /* errors come first */
  fail (error, "the definitions have %u errors, first %s%s%s. slipwayctl migrate check tells all",
        errors, json_array_get_string_element (list, 0), first->advice != NULL ? ". " : "",
        first->advice != NULL ? first->advice : "");
  return FALSE;
}

gboolean
slip_run_migrate_check (SlipRunMigrate *self, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();

  return slip_run_migrate_work (self, do_check, findings, error)
         && take_findings (self, findings, error);
}

/* ---- the report */

/* The waterfall needs definitions, and is told where the step names them. */
static char *
dup_table (SlipRunMigrate *self, SlipPg *pg, const char *table, GError **error)
{
  return g_str_equal (table, WATERFALL)
             ? slip_run_evidence_dup_waterfall (self->migration, pg, wanted_run (self), NULL, error)
             : slip_migration_report_csv (pg, wanted_run (self), table, FALSE, error);
}

static gboolean
add_table (SlipRunMigrate *self,
           SlipPg *pg,
           const char *table,
           JsonObject *files,
           JsonObject *tables,
           GError **error)
{
  g_autofree char *text = dup_table (self, pg, table, error);
  g_autofree char *suffix = g_strdup_printf ("-%s.csv", table);
  g_autofree char *path
      = text != NULL ? slip_run_local_path (self->context, "migration-", suffix, error) : NULL;
  g_autofree char *digest = NULL;

  if (path == NULL || !slip_file_write_atomic (path, text, -1, 0600, error))
    return FALSE;
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  json_object_set_string_member (files, path, digest);
  if (strlen (text) <= TABLE_MAX)
    json_object_set_string_member (tables, table, text);
  return TRUE;
}

gboolean
slip_run_migrate_report (SlipRunMigrate *self, GError **error)
{
  SlipRunContext *context = self->context;
  g_autoptr (GError) local = NULL;
  g_autoptr (SlipPg) pg = open_migration_db (self, context->engine->cancellable, &local);
  g_autoptr (JsonNode) report
      = pg != NULL ? slip_migration_report_read (pg, wanted_run (self), FALSE, &local) : NULL;
  const char *const *names = slip_migration_report_get_tables ();
  JsonObject *object;
  JsonNode *node;
  JsonObject *files;
  gboolean good = TRUE;
  g_autoptr (JsonObject) tables = json_object_new ();

  if (report == NULL)
    {
      fail (error, "%s", local->message);
      return FALSE;
    }
  object = json_object_new ();
  node = slip_json_new_object (object);
  files = json_object_new ();
  json_object_set_object_member (object, "files", files);
  for (guint i = 0; good && names[i] != NULL; i++)
    good = add_table (self, pg, names[i], files, tables, error);
  if (good && self->migration != NULL)
    good = add_table (self, pg, WATERFALL, files, tables, error);
  if (!good)
    {
      json_node_unref (node);
      return FALSE;
    }
  if (!slip_run_context_take_result (context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_int_member (context->outputs, "Run", wanted_run (self));
  json_object_set_object_member (context->outputs, "Tables", json_object_ref (tables));
  context->detail = g_strdup_printf ("run %" G_GINT64_FORMAT " of %s: %s", wanted_run (self),
                                     slip_json_string (json_node_get_object (report), "name"),
                                     slip_json_string (json_node_get_object (report), "state"));
  json_object_set_member (context->outputs, "Report", g_steal_pointer (&report));
  return TRUE;
}

/* ---- the way back */

typedef struct
{
  gboolean was_undone;
  gint64 rows;
  char *note;
} Undo;

static gboolean
do_undo (SlipRunMigrate *self,
         GCancellable *cancellable,
         SlipMigrationProgressFunc progress,
         gpointer progress_data,
         gpointer data,
         GError **error)
{
  Undo *undo = data;
  gint64 wanted = wanted_run (self);
  const SlipMigrationUndoOptions options = {
      .migration_db = self->migration_db,
      .target_db = self->target_db,
      .run = wanted,
      .stage = slip_json_string (self->context->inputs, "Stage"),
      .progress = progress,
      .data = progress_data,
  };
  g_autoptr (GPtrArray) all
      = slip_migration_run_status (self->migration_db, NULL, cancellable, error);

  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < all->len; i++)
    {
      const SlipMigrationRunStatus *status = g_ptr_array_index (all, i);

      if (status->run == wanted && g_str_equal (status->state, "undone"))
        undo->was_undone = TRUE;
    }
  return undo->was_undone
         || slip_migration_run_undo (&options, &undo->rows, &undo->note, cancellable, error);
}

gboolean
slip_run_migrate_undo (SlipRunMigrate *self, GError **error)
{
  SlipRunContext *context = self->context;
  gboolean was_open = context->step->open;
  Undo undo = {0};
  g_autofree char *note = NULL;
  JsonObject *object;
  JsonNode *node;

  if (!slip_run_migrate_begin (self, error) || !slip_run_migrate_work (self, do_undo, &undo, error))
    return FALSE;
  note = undo.note;
  slip_run_migrate_finish (self, undo.was_undone, was_open);
  object = json_object_new ();
  node = slip_json_new_object (object);
  json_object_set_int_member (object, "run", wanted_run (self));
  json_object_set_int_member (object, "changes", undo.rows);
  if (undo.note != NULL)
    json_object_set_string_member (object, "note", undo.note);
  if (!slip_run_context_take_result (context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_int_member (context->outputs, "Run", wanted_run (self));
  json_object_set_int_member (context->outputs, "Rows", undo.rows);
  context->detail = g_strdup_printf (
      "run %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " changes taken back%s%s%s", wanted_run (self),
      undo.rows, undo.was_undone ? "; it was taken back before" : "", undo.note != NULL ? "; " : "",
      undo.note != NULL ? undo.note : "");
  return TRUE;
}
