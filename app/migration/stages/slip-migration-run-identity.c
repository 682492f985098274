/* SPDX-License-Identifier: MIT */
/* Which target a run works with. A database is known by the number that a manifest gives it, which goes with its rows into
 * dumps, copies and snapshots; and, as a snapshot from before that number has none, by its cluster's number and its own
 * within, which a restored snapshot keeps on whatever server. A database that has neither is another one. */

#include "slip-migration-run-private.h"

/* The cluster's number may be kept from a role; that of the database alone tells too little then. */
static gboolean
read_place (SlipPg *target, char **place, GError **error)
{
  gint64 may = 0;
  g_auto (GStrv) found = NULL;

  if (!slip_stage_sql_ask_number (
          target, "look whether the cluster may be asked", &may, error,
          "SELECT has_function_privilege ('pg_catalog.pg_control_system()', 'EXECUTE')::int"))
    return FALSE;
  if (may == 0)
    return TRUE;
  found = slip_stage_sql_ask_list (
      target, "look which database it is", error,
      "SELECT c.system_identifier || '/' || d.oid FROM pg_catalog.pg_control_system () AS c, "
      "pg_database AS d WHERE d.datname = current_database ()");
  if (found == NULL)
    return FALSE;
  *place = g_strdup (found[0]);
  return TRUE;
}

static gboolean
read_number (SlipPg *target, char **number, GError **error)
{
  gboolean has = FALSE;
  g_auto (GStrv) found = NULL;

  if (!slip_migration_run_has_table (target, "slipway_migration", "target", &has, error))
    return FALSE;
  if (!has)
    return TRUE;
  found = slip_stage_sql_ask_list (target, "look for the target's number", error,
                                   "SELECT id FROM slipway_migration.target");
  if (found == NULL)
    return FALSE;
  *number = g_strdup (found[0]);
  return TRUE;
}

static gboolean
knows_run (SlipMigrationRun *run, gboolean *knows, GError **error)
{
  gint64 known = 0;

  if (!slip_migration_run_has_manifest (run->target, knows, error))
    return FALSE;
  if (*knows
      && !slip_stage_sql_ask_number (run->target, "look for the run in the target", &known, error,
                                     "SELECT count (*) FROM slipway_migration.run WHERE token = %L",
                                     run->token))
    return FALSE;
  *knows = known > 0;
  return TRUE;
}

/* The runs that have rows in the target, as an SQL array of their tokens. What was taken back was so in one database, and a copy
 * of it may have the rows still: the manifest that is asked is what counts. */
char *
slip_migration_run_dup_there (SlipPg *target, GError **error)
{
  gboolean has = FALSE;
  g_auto (GStrv) tokens = NULL;
  g_autofree char *list = NULL;

  if (!slip_migration_run_has_manifest (target, &has, error))
    return NULL;
  if (!has)
    return g_strdup ("'{}'::text[]");
  tokens = slip_stage_sql_ask_list (
      target, "list the runs that are in the target", error,
      "SELECT r.token FROM slipway_migration.run r WHERE r.state <> 'undone' AND EXISTS (SELECT "
      "FROM slipway_migration.load l WHERE l.token = r.token)");
  if (tokens == NULL)
    return NULL;
  list = g_strjoinv (",", tokens);
  return slip_stage_sql ("string_to_array (%L, ',')", list);
}

/* Of a run that no target is noted of, by an earlier version, any may be its own. */
static gboolean
is_same (const char *number, const char *place, const char *its_number, const char *its_place)
{
  if (number != NULL && its_number != NULL)
    return g_str_equal (number, its_number);
  if (place != NULL && its_place != NULL)
    return g_str_equal (place, its_place);
  return number == NULL && place == NULL;
}

/* A target that was brought back has no number, and the next run of the same migration database gives it another: that is no
 * sign of a stranger. Who gave it is who loaded first, which the manifest keeps of runs that were taken back too. */
static gboolean
gave_number (
    SlipMigrationRun *run, const char *place, const char *its_place, gboolean *gave, GError **error)
{
  gint64 ours = 0;
  g_auto (GStrv) first = NULL;

  *gave = FALSE;
  if (place == NULL || g_strcmp0 (place, its_place) != 0)
    return TRUE;
  if (!slip_migration_run_has_manifest (run->target, gave, error))
    return FALSE;
  if (!*gave)
    return TRUE;
  first = slip_stage_sql_ask_list (
      run->target, "look who gave the target its number", error,
      "SELECT token FROM slipway_migration.run ORDER BY started, token LIMIT 1");
  if (first == NULL
      || (first[0] != NULL
          && !slip_stage_sql_ask_number (
              run->pg, "look who gave the target its number", &ours, error,
              "SELECT count (*) FROM slipway.run WHERE token = %L", first[0])))
    return FALSE;
  *gave = ours > 0;
  return TRUE;
}

static gboolean
refuse (SlipMigrationRun *run, const char *was, gboolean loaded, GError **error)
{
  const char *here = slip_pg_get_where (run->target);

  SLIP_STAGE_ERROR (
      error, STATE,
      "run %" G_GINT64_FORMAT " %s %s, and %s is another database, neither that one nor restored "
      "from a snapshot of it. Nothing was written. Name the database of the run (--target-db); %s",
      run->id, loaded ? "was loaded into" : "was prepared for", was, here,
      loaded ? "for another one begin in a migration database of its own (--migration-db)"
             : "or make all of it anew for this one: slipwayctl migrate run");
  return FALSE;
}

/* Stages that have not looked at the target, or look at it anew. */
static gboolean
is_before_target (const char *stage)
{
  return stage == NULL || g_str_equal (stage, "load") || g_str_equal (stage, "filter")
         || g_str_equal (stage, "prepare");
}

/* Before anything is written, of a run that is taken up. While nothing of it was loaded it may go to another target, for which
 * all that was made for the first one is made anew (`moved`). */
gboolean
slip_migration_run_check_identity (SlipMigrationRun *run, GError **error)
{
  g_autofree char *number = NULL;
  g_autofree char *place = NULL;
  g_autoptr (SlipPgRows) noted = NULL;
  gboolean knows = FALSE;
  gboolean gave = FALSE;
  gboolean loaded;

  noted = slip_stage_sql_ask (
      run->pg, "look which target the run is of", error,
      "SELECT r.target_id, r.target_place, coalesce (r.target_where, 'another database'),\n"
      "  coalesce (bool_or (s.stage = 'load_to_target' AND (s.state = 'done' OR s.in_target AND "
      "s.state <> 'undone')), false),\n"
      "  coalesce (bool_or (s.stage = 'prepare' AND s.state = 'done'), false)\n"
      "  FROM slipway.run r LEFT JOIN slipway.stage s ON s.run = r.id WHERE r.id = %D GROUP BY "
      "r.id",
      run->id);
  if (noted == NULL || !read_number (run->target, &number, error)
      || !read_place (run->target, &place, error) || !knows_run (run, &knows, error))
    return FALSE;
  if (slip_pg_rows_get_n_rows (noted) == 0 || knows
      || is_same (slip_pg_rows_get (noted, 0, 0), slip_pg_rows_get (noted, 0, 1), number, place))
    return TRUE;
  loaded = g_str_equal (slip_pg_rows_get (noted, 0, 3), "t");
  if (loaded && !gave_number (run, slip_pg_rows_get (noted, 0, 1), place, &gave, error))
    return FALSE;
  if (gave)
    return TRUE;
  if (loaded
      || (g_str_equal (slip_pg_rows_get (noted, 0, 4), "t")
          && !is_before_target (run->options->only)))
    return refuse (run, slip_pg_rows_get (noted, 0, 2), loaded, error);
  run->moved = TRUE;
  return TRUE;
}

/* The target that the run works with from here on. */
gboolean
slip_migration_run_note_identity (SlipMigrationRun *run, GError **error)
{
  g_autofree char *number = NULL;
  g_autofree char *place = NULL;

  return read_number (run->target, &number, error) && read_place (run->target, &place, error)
         && slip_stage_sql_run (
             run->pg, "note which target the run is of", error,
             "UPDATE slipway.run SET target_id = %L, target_place = %L, target_where = %L WHERE id "
             "= %D",
             number, place, slip_pg_get_where (run->target), run->id);
}
