/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-catalogue.h"
#include "slip-migration-error.h"
#include "slip-migration-run.h"
#include "slip-stage-sql.h"
#include "slip-validation-run.h"

G_BEGIN_DECLS

/* How sessions wait for locks of others, and who is told. */
typedef struct
{
  const char *stage;
  guint lock_wait; /* as SlipMigrationRunOptions has it */
  SlipMigrationProgressFunc progress;
  gpointer data;
} SlipStagePatience;

typedef struct
{
  SlipMigration *migration;
  const SlipMigrationRunOptions *options;
  SlipStagePatience patience;
  const SlipSchemas *schemas;
  GCancellable *cancellable;
  SlipPg *pg;     /* owned; the migration database */
  SlipPg *target; /* owned */
  gint64 id;
  char *token;    /* owned; what the target knows the run by */
  char *run_date; /* owned */
  char *kept;     /* owned; the schema of views that leave out what filters drop */
  SlipMigrationRunResult *result;
  gboolean resumed;
  gboolean moved; /* it was prepared for another target, and nothing of it is loaded */
  char *
      taken; /* owned; what the stage does not have from this run's stages, for its note, or NULL */
  gboolean checked; /* the definitions, against what is landed */
  gboolean made;    /* the functions */
  gboolean refused; /* what was asked for may not be begun */
  gboolean changed; /* something was done since the run was taken up, or forgotten of it */
  char *was;        /* owned; SQL: how the run stood when it was taken up, or NULL */
} SlipMigrationRun;

/* Sessions of the migration database. A step's plan needs to know how many rows there are and little more: a tenth of the
 * usual sample is enough, and looking at wide tables is half of the work otherwise. */
#define SLIP_STAGE_SESSION                                                                         \
  "SET client_min_messages = warning; SET jit = off; SET work_mem = '64MB';\n"                     \
  "SET maintenance_work_mem = '256MB'; SET default_statistics_target = 10"

/* For a transaction that another one of the same server follows before anything outside it relies on what it wrote: the end of
 * that one waits for the disk, for both. A server that loses power has both, the first alone, or neither. */
#define SLIP_STAGE_NO_WAIT "SET LOCAL synchronous_commit = off"

#define SLIP_STAGE_TARGET_SESSION                                                                  \
  "SET client_min_messages = warning; SET jit = off; SET work_mem = '64MB'"

void slip_stage_patience_tell (const SlipStagePatience *patience,
                               const char *stage,
                               const char *entity,
                               const char *step,
                               guint64 done,
                               guint64 total,
                               const char *unit);
guint slip_stage_patience_get_seconds (const SlipStagePatience *patience);
gboolean slip_stage_patience_take (SlipStagePatience *patience,
                                   SlipPg *pg,
                                   const char *conninfo,
                                   GError **error);
/* A session of @run, to the migration database or the target, that was just opened; @run lives as long. */
gboolean slip_stage_session_prepare (SlipMigrationRun *run, SlipPg *pg, GError **error);
gboolean slip_stage_session_prepare_target (SlipMigrationRun *run, SlipPg *pg, GError **error);

/* One function for each stage: it writes its rows and, in the same transaction where there is one, that it is done. */
typedef gboolean (*SlipStageFunc) (SlipMigrationRun *run, SlipStageResult *result, GError **error);

gboolean slip_stage_load (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_filter (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_prepare (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_transform (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_integration (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_target (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_validation (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_api (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean slip_stage_hooks (SlipMigrationRun *run, SlipStageResult *result, GError **error);
gboolean
slip_migration_run_dup_stays (SlipPg *target, const char *token, char **stays, GError **error);

GPtrArray *
slip_stage_validate (SlipMigrationRun *run, SlipValidationOptions *options, GError **error);
char *slip_stage_validation_dup_note (GPtrArray *results, gint64 *rows);

/* What the target's tables are like, and their copies in staging. */
char *slip_stage_shape_dup_tables (SlipMigrationRun *run);
gboolean slip_stage_shape_build (SlipMigrationRun *run, GError **error);
gboolean slip_stage_shape_compare (SlipMigrationRun *run, char **changed, GError **error);
gboolean slip_stage_shape_check (SlipMigrationRun *run, GError **error);

/* Schemas that runs drop and make again. */
gboolean slip_stage_schema_check (SlipPg *pg, const char *schema, GError **error);
gboolean slip_stage_schema_check_run (SlipPg *pg, char **schemas, GError **error);
gboolean slip_stage_schema_check_all (SlipMigrationRun *run, GError **error);
gboolean slip_stage_schema_check_roles (SlipPg *pg, SlipPg *target, GError **error);
gboolean slip_stage_schema_check_sides (SlipMigrationRun *run, GError **error);
gboolean slip_stage_schema_undo (SlipPg *pg, char **schemas, const char *stage, GError **error);
gboolean slip_stage_schema_drop (SlipPg *pg, const char *schema, GError **error);
gboolean slip_stage_schema_make (SlipPg *pg, const char *schema, GError **error);

/* Parts of the integration. */
gboolean slip_stage_keys (SlipMigrationRun *run, gint64 *rows, GError **error);
char *slip_stage_keys_dup_schema (SlipMigrationRun *run);
gboolean slip_stage_uids (SlipMigrationRun *run,
                          SlipCatalogue *columns,
                          GHashTable *numbers,
                          GError **error);
gboolean
slip_stage_last_uid (SlipMigrationRun *run, const SlipUid *uid, gint64 *last, GError **error);
gboolean slip_stage_altered (SlipMigrationRun *run, const char *table, GError **error);
gboolean
slip_stage_note_values (SlipMigrationRun *run, const char *stage, GString *note, GError **error);
gboolean slip_stage_staging (SlipMigrationRun *run, gint64 *rows, GString *note, GError **error);

/* What the target would refuse. */
gboolean slip_stage_refused_find (SlipMigrationRun *run,
                                  const SlipTargetTable *table,
                                  GString *refused,
                                  GPtrArray *widen,
                                  GError **error);
char **slip_stage_refused_dup_queries (SlipMigrationRun *run, GError **error);
gboolean
slip_stage_refused_look (SlipMigrationRun *run, char **queries, GString *refused, GError **error);
gboolean slip_stage_refused_judge (GString *refused, GError **error);

/* Parts of the load: what the manifest says of one table. */
typedef struct
{
  gint64 id;
  gint64 inserted;
  gint64 updated;
  gint64 next_block; /* of the staged table: rows before it are in */
  gboolean complete;
} SlipStagePart;

/* Tables, each with two sessions of its own. */
typedef gboolean (*SlipStageTableFunc) (SlipMigrationRun *run,
                                        const SlipTargetTable *table,
                                        gpointer data,
                                        GError **error);
gboolean slip_stage_sessions_each (SlipMigrationRun *run,
                                   const char *stage,
                                   GPtrArray *tables,
                                   gboolean related,
                                   SlipStageTableFunc func,
                                   gpointer data,
                                   GError **error);

gboolean slip_stage_sessions_run (
    SlipMigrationRun *run, const char *stage, const char *name, char **statements, GError **error);

/* Rows that match by now. */
char *slip_stage_match_conditions (const SlipTargetTable *table, const char *alias, char **names);
char *slip_stage_appeared_dup_staged (SlipMigrationRun *run,
                                      const SlipTargetTable *table,
                                      const char *from,
                                      gint64 block,
                                      GError **error);
char *slip_stage_dup_appeared (SlipMigrationRun *run,
                               const SlipTargetTable *table,
                               const char *staged,
                               gint64 part,
                               GError **error);

GHashTable *slip_stage_parts (SlipMigrationRun *run, GError **error);
gboolean slip_stage_chunks (SlipMigrationRun *run,
                            const SlipTargetTable *table,
                            const SlipStagePart *part,
                            GError **error);

/* What triggers of table @name did to rows of the run beside the @rows of part @load, in one transaction of the target. */
gboolean slip_stage_touched_begin (SlipMigrationRun *run,
                                   const char *name,
                                   SlipPgRows **before,
                                   GError **error);
gboolean slip_stage_touched_end (
    SlipMigrationRun *run, const SlipPgRows *before, gint64 load, gint64 rows, GError **error);

gboolean
slip_stage_compare_counts (SlipPg *pg, SlipPg *target, gint64 run, char **note, GError **error);

/* What the manifest writes down of a row of the target. */
char **slip_migration_row_list_columns (SlipPg *target,
                                        const char *schema,
                                        const char *table,
                                        GError **error);
char **slip_migration_row_list_noted (SlipPg *target, gint64 load, GError **error);
char *slip_migration_row_dup_text (char **columns, const char *alias);
char *slip_migration_row_dup_array (char **columns);

/* Of an undo: one table, in the open transaction of @target. */
typedef struct
{
  SlipPg *target;
  const char *schema;
  const char *table;
  char **columns;     /* owned; what the manifest has of a row */
  char *row;          /* owned; SQL: the same of row `t`, as text */
  char *type;         /* owned; what that text can be cast to */
  char *key;          /* owned; SQL: what row `t` is known by */
  gboolean keyed;     /* by its primary key, and not by all that it is */
  GPtrArray *refused; /* (element-type utf8): what keeps rows of the run, of each table */
  const char *hooked; /* the run, where what its hooks did stands; or NULL */
} SlipUndoTable;

gboolean slip_migration_undo_open (SlipUndoTable *undo, char **noted, GError **error);
gboolean slip_migration_undo_table (SlipUndoTable *undo, gint64 *taken, GError **error);
gboolean slip_migration_undo_check_unchanged (const SlipUndoTable *undo, GError **error);
gboolean slip_migration_undo_check_dependents (const SlipUndoTable *undo, GError **error);
gboolean slip_migration_undo_keep (const SlipUndoTable *undo, GError **error);
void slip_migration_undo_close (SlipUndoTable *undo);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipUndoTable, slip_migration_undo_close)

/* State. */
#define SLIP_STAGE_RUN_LOCK "slipway.run"       /* who works in a migration database */
#define SLIP_STAGE_TARGET_LOCK "slipway.target" /* who works in a target */
gboolean slip_migration_run_lock (SlipPg *pg, const char *name, GError **error);
gboolean slip_migration_run_lock_beside (SlipPg *pg, const char *name, GError **error);
gboolean slip_migration_run_begin (SlipMigrationRun *run, GError **error);
/* What the sidecar's SQL calls, once. */
gboolean slip_migration_run_make_functions (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_set_stage (SlipMigrationRun *run,
                                       const char *stage,
                                       const char *state,
                                       gint64 rows,
                                       const char *note,
                                       GError **error);
char *slip_migration_run_dup_stage (SlipMigrationRun *run, const char *stage, GError **error);
gboolean slip_migration_run_end (SlipMigrationRun *run, const char *state, GError **error);
gboolean slip_migration_run_end_stage (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_rules (SlipMigrationRun *run, const char *stage, GError **error);
void slip_migration_run_tell (SlipMigrationRun *run,
                              const char *stage,
                              const char *entity,
                              const char *step,
                              guint64 done,
                              guint64 total,
                              const char *unit);
gboolean slip_migration_run_is_loaded (SlipMigrationRun *run, gboolean *loaded, GError **error);

gboolean slip_migration_run_check_definitions (SlipMigrationRun *run,
                                               gboolean landed,
                                               gboolean target,
                                               GError **error);

/* What a run is bound to. */
gboolean slip_migration_run_look_integration (SlipMigrationRun *run,
                                              SlipMigrationIntegration **integration,
                                              GError **error);
gboolean slip_migration_run_check_agreed (SlipMigrationRun *run, const char *stage, GError **error);
gboolean slip_migration_run_check_order (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_look_landed (SlipMigrationRun *run,
                                         gboolean *known,
                                         gboolean *same,
                                         GError **error);
gboolean slip_migration_run_bind_landed (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_check_other (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_forget_other (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_check_bound (SlipMigrationRun *run, const char *stage, GError **error);
gboolean slip_migration_run_check_unchanged (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_check_identity (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_note_identity (SlipMigrationRun *run, GError **error);
gboolean slip_migration_run_check_gates (SlipMigrationRun *run, const char *stage, GError **error);

/* Tables. */
gboolean slip_migration_run_install_manifest (SlipPg *target, GError **error);
gboolean slip_migration_run_has_manifest (SlipPg *target, gboolean *has, GError **error);
gboolean slip_migration_run_find_manifest (
    SlipPg *pg, SlipPg *target, gint64 run, gboolean *has, GError **error);
char *slip_migration_run_dup_there (SlipPg *target, GError **error);
gboolean slip_migration_run_has_table (
    SlipPg *pg, const char *schema, const char *table, gboolean *has, GError **error);
char *slip_migration_run_dup_key (
    SlipPg *target, const char *schema, const char *table, const char *alias, GError **error);
char **slip_migration_run_dup_common (
    SlipMigrationRun *run, const char *left, const char *right, const char *table, GError **error);
char *slip_migration_run_join_names (char **names, const char *prefix);
char *slip_migration_run_join_told (char **values);
const SlipExistingData *slip_migration_run_find_existing (SlipMigrationRun *run, const char *table);
void slip_stage_result_free (SlipStageResult *result);
void slip_stage_add_note (SlipStageResult *result, const char *note);

#define SLIP_STAGE_ERROR(error, code, ...)                                                         \
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_##code, __VA_ARGS__)

G_END_DECLS
