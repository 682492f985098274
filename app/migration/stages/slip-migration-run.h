/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-integration.h"
#include "slip-migration-progress.h"
#include "slip-migration.h"
#include "slip-pg.h"

G_BEGIN_DECLS

#define SLIP_MIGRATION_LOCK_WAIT 60
#define SLIP_MIGRATION_LOCK_WAIT_FOREVER G_MAXUINT

/**
 * SlipMigrationRunOptions:
 * @migration_db: conninfo of the migration database
 * @target_db: conninfo of the target
 * @source: (nullable): the folder of source files; %NULL when what is landed already is used
 * @run_date: (nullable): YYYY-MM-DD; %NULL is that of the run which is resumed, or today
 * @values: (nullable): what stands in place of the sidecar's values, as part of what a run is known by
 * @connections: how many steps of the transform, and tables of the load and mappings of the validation, at once; 0 is two
 * @chunk_rows: how many rows of a table go into the target in one transaction; 0 is 50,000
 * @no_reload: leave landed tables whose files have not changed
 * @accept_headers: take headers that are not those expected or landed before
 * @max_field: bytes that one field of the source may have; 0 is what the sidecar says
 * @skip: (nullable) (array zero-terminated=1): stages to leave out
 * @api_url: (nullable): where the new system's API is; %NULL is `SLIPWAY_API_URL`, "" nowhere
 * @only: (nullable): the one stage to run, of the latest run
 * @lock_wait: seconds to wait for a lock that somebody else's session holds, in either database; 0 is
 *   %SLIP_MIGRATION_LOCK_WAIT, and %SLIP_MIGRATION_LOCK_WAIT_FOREVER without end. A run that gives up tells who holds it, and goes
 *   on there when it is called again
 * @integration: (nullable): the mark of the integration that was agreed to (#SlipMigrationIntegration): stage load_to_target is
 *   refused while another one stands there
 * @keep_done: with @only, leave the stage when it is done; its gates are looked at all the same
 * @progress: (nullable): called on worker threads, by one at a time
 * @data: for @progress
 */
typedef struct
{
  const char *migration_db;
  const char *target_db;
  const char *source;
  const char *run_date;
  const char *const *values;
  guint connections;
  guint chunk_rows;
  guint lock_wait;
  gboolean no_reload;
  gboolean accept_headers;
  gint64 max_field;
  const char *const *skip;
  const char *api_url;
  const char *only;
  const char *integration;
  gboolean keep_done;
  SlipMigrationProgressFunc progress;
  gpointer data;
} SlipMigrationRunOptions;

/**
 * SlipStageResult:
 * @stage: its name
 * @state: `done`, `kept` (it was done before, nothing changed), `skipped`, `refused` (as it was: others may not
 *   be begun on it), `failed`
 * @rows: rows that it wrote
 * @seconds: how long it took
 * @note: (nullable): what a person should know
 */
typedef struct
{
  char *stage;
  char *state;
  gint64 rows;
  double seconds;
  char *note;
} SlipStageResult;

/**
 * SlipMigrationRunResult:
 * @run: the run's id in the migration database; 0 when none could be begun
 * @resumed: whether it was begun before
 * @run_date: (nullable): what it took for today
 * @integration: (nullable): what stands integrated, when that stage was among those that were to be done, and all are
 * @stages: (element-type SlipStageResult): in order
 */
typedef struct
{
  gint64 run;
  gboolean resumed;
  char *run_date;
  SlipMigrationIntegration *integration;
  GPtrArray *stages;
} SlipMigrationRunResult;

void slip_migration_run_result_free (SlipMigrationRunResult *result);

/**
 * slip_migration_run_get_stages:
 *
 * Returns: (transfer none) (array zero-terminated=1): the stages' names in order
 */
const char *const *slip_migration_run_get_stages (void);

/**
 * slip_migration_run_execute:
 * @migration: a migration; its values are overridden already
 * @options: how
 * @result: (out) (transfer full): what became of each stage, also when it fails
 * @cancellable: (nullable): ends it; what is committed stays and is known
 * @error: return location
 *
 * Runs the stages of a migration in order. A run with the same definitions, sidecar, values and run date that was begun
 * before is taken up where it stands: stages that are done are left, and of a finished run nothing is changed. A
 * second run of the same migration is refused while rows of the first are in the target. Blocks; worker threads only.
 *
 * Returns: whether all stages are done; otherwise %SLIP_MIGRATION_ERROR_GATE when a threshold is exceeded,
 *   %SLIP_MIGRATION_ERROR_STATE when the state of the databases forbids it, or another error of the domain
 */
gboolean slip_migration_run_execute (SlipMigration *migration,
                                     const SlipMigrationRunOptions *options,
                                     SlipMigrationRunResult **result,
                                     GCancellable *cancellable,
                                     GError **error);

/**
 * SlipMigrationUndoOptions:
 * @migration_db: conninfo of the migration database
 * @target_db: conninfo of the target
 * @run: the run's id
 * @stage: (nullable): take back from this stage on; %NULL is what is in the target
 * @lock_wait: as of #SlipMigrationRunOptions
 * @progress: (nullable): called on the thread of the caller, while a lock is waited for
 * @data: for @progress
 */
typedef struct
{
  const char *migration_db;
  const char *target_db;
  gint64 run;
  const char *stage;
  guint lock_wait;
  SlipMigrationProgressFunc progress;
  gpointer data;
} SlipMigrationUndoOptions;

/**
 * slip_migration_run_undo:
 * @options: what, and how
 * @rows: (out): rows of the target that were taken back
 * @note: (out) (transfer full) (nullable): tables that have not as many rows now as when the run was prepared, for
 *   others or the target's own triggers wrote to them, and tables that hooks made or altered: all of that stays
 * @cancellable: (nullable): cancels; nothing is changed then
 * @error: return location
 *
 * Takes a run back: of the target exactly the rows that the manifest names, in one transaction; sequences stay. Refused with
 * names where a row was changed since, or where rows of others depend on one. Blocks; worker threads only.
 *
 * Returns: whether it is undone
 */
gboolean slip_migration_run_undo (const SlipMigrationUndoOptions *options,
                                  gint64 *rows,
                                  char **note,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * SlipLoadedPart:
 * @table: a table of the target
 * @rows: how many rows of a run are in it, as its manifest has them
 * @staged: how many there are in all
 */
typedef struct
{
  char *table;
  gint64 rows;
  gint64 staged;
} SlipLoadedPart;

/**
 * SlipMigrationRunStatus:
 * @run: its id
 * @name: the migration's
 * @run_date: what it took for today
 * @definitions_sha256: the digest of its definitions
 * @sidecar_sha256: that of its sidecar, with the values that stood in place of the sidecar's
 * @integration: (nullable): the mark of what stands integrated (#SlipMigrationIntegration)
 * @worked_since: the run that has worked in the schemas behind this one, so that what it integrated is not there any more, or 0
 * @state: `running`, `broken off`, `failed`, `in part`, `taken back`, `taken back in part`, `done`, `undone`; `gone` when it is done and the
 *   target, which was asked, has nothing of it: it was brought back to a time before
 * @stages: (element-type SlipStageResult): those that were begun; where a load is not through, its rows are those that the target
 *   has, which was asked
 * @loaded: (nullable) (element-type utf8): parts that are in the target; %NULL when the target was not asked
 * @parts: (nullable) (element-type SlipLoadedPart): the tables among them
 */
typedef struct
{
  gint64 run;
  char *name;
  char *run_date;
  char *definitions_sha256;
  char *sidecar_sha256;
  char *integration;
  gint64 worked_since;
  char *state;
  GPtrArray *stages;
  GPtrArray *loaded;
  GPtrArray *parts;
} SlipMigrationRunStatus;

/**
 * slip_migration_stage_is_open:
 * @state: (nullable): a stage's state
 *
 * Returns: whether it was begun and is not through: it goes on, broke off or failed
 */
gboolean slip_migration_stage_is_open (const char *state);

void slip_migration_run_status_free (SlipMigrationRunStatus *status);

/**
 * slip_migration_run_status_find:
 * @runs: (element-type SlipMigrationRunStatus): as of slip_migration_run_status()
 * @run: a run's id; 0 is the latest
 * @error: return location
 *
 * Returns: (transfer none): it, or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND
 */
const SlipMigrationRunStatus *
slip_migration_run_status_find (GPtrArray *runs, gint64 run, GError **error);

/**
 * slip_migration_run_status_find_failed_since:
 * @status: how a run stands
 *
 * Returns: (transfer none) (nullable): of a run that is done, the stage that was done again since and failed: the target was
 *   validated later, and is not as it should be any more
 */
const SlipStageResult *
slip_migration_run_status_find_failed_since (const SlipMigrationRunStatus *status);

/**
 * SlipMigrationOther:
 *
 * What a run is known by, and a migration has otherwise by now.
 */
typedef enum
{
  SLIP_MIGRATION_OTHER_DEFINITIONS = 1 << 0,
  SLIP_MIGRATION_OTHER_SIDECAR = 1 << 1,
  SLIP_MIGRATION_OTHER_RUN_DATE = 1 << 2,
} SlipMigrationOther;

/**
 * slip_migration_run_status_find_taken_up:
 * @runs: (element-type SlipMigrationRunStatus): as of slip_migration_run_status()
 * @migration: a migration
 *
 * Returns: (transfer none) (nullable): the run of it that slip_migration_run_execute() goes on with, unless
 *   slip_migration_run_status_compare() tells what is other: the latest that was not taken back
 */
const SlipMigrationRunStatus *slip_migration_run_status_find_taken_up (GPtrArray *runs,
                                                                       SlipMigration *migration);

/**
 * slip_migration_run_status_compare:
 * @status: a run
 * @migration: its migration as it is now, no value of it overridden
 * @run_date: (nullable): YYYY-MM-DD; %NULL is that of the run
 *
 * Returns: of what it is another run than one of @migration would be, #SlipMigrationOther; 0 when it is that very one
 */
guint slip_migration_run_status_compare (const SlipMigrationRunStatus *status,
                                         SlipMigration *migration,
                                         const char *run_date);

/**
 * slip_migration_run_status_keeps:
 * @status: how a run stands
 * @stage: a stage's name
 *
 * Returns: whether rows are in the target that were made of what @stage makes, so that it is refused until they are taken back
 */
gboolean slip_migration_run_status_keeps (const SlipMigrationRunStatus *status, const char *stage);

/**
 * slip_migration_run_status_get_target:
 * @status: how a run stands
 *
 * Returns: what the target has of it: `not loaded`, `taken back`, `not asked`, `gone` when it was brought back to a time before
 *   the run, or `there`
 */
const char *slip_migration_run_status_get_target (const SlipMigrationRunStatus *status);

/**
 * slip_migration_run_status:
 * @migration_db: conninfo of the migration database
 * @target_db: (nullable): conninfo of the target
 * @cancellable: (nullable): cancels
 * @error: return location
 *
 * Looks, and changes nothing. Blocks; worker threads only.
 *
 * Returns: (transfer full) (element-type SlipMigrationRunStatus): all runs, the one that was worked on last first
 */
GPtrArray *slip_migration_run_status (const char *migration_db,
                                      const char *target_db,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
