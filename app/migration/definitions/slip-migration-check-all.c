/* SPDX-License-Identifier: MIT */
/* A migration checked as a whole, for the command line, runbooks and the window alike: opens what it is held against,
 * and closes it again. What is wrong is found by slip_migration_check(). */

#include "slip-migration-check-all.h"

/* Connections live as long as the catalogues. */
typedef struct
{
  SlipPg *migration_db;
  SlipPg *target_db;
  SlipCatalogue *source;
  SlipCatalogue *target;
} World;

static void
world_clear (World *world)
{
  g_clear_pointer (&world->source, slip_catalogue_free);
  g_clear_pointer (&world->target, slip_catalogue_free);
  g_clear_pointer (&world->migration_db, slip_pg_close);
  g_clear_pointer (&world->target_db, slip_pg_close);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

/* Files that are to be landed, before a promise of them: that holds as well where they cannot be read. */
static gboolean
find_files (World *world,
            const SlipMigrationCheckAll *what,
            const SlipSource *source,
            GError **error)
{
  const char *headers = what->headers != NULL ? what->headers : source->headers;

  if (what->source != NULL)
    world->source = slip_catalogue_read_folder (what->source, source, error);
  if (world->source != NULL || headers == NULL)
    return world->source != NULL || what->source == NULL;
  world->source
      = slip_catalogue_read_headers (headers, source, what->source == NULL ? error : NULL);
  return world->source != NULL && what->source == NULL;
}

static gboolean
find_source (World *world,
             const SlipMigrationCheckAll *what,
             SlipMigration *migration,
             char **empty,
             GCancellable *cancellable,
             GError **error)
{
  gboolean complete = TRUE;

  if (what->migration_db != NULL)
    {
      world->migration_db = slip_pg_open (what->migration_db, "migration", cancellable, error);
      if (world->migration_db != NULL)
        world->source = slip_catalogue_read_schema (world->migration_db,
                                                    slip_migration_get_schemas (migration)->source,
                                                    cancellable, error);
      complete = world->source != NULL;
      if (complete && slip_catalogue_get_n_tables (world->source) > 0)
        return TRUE;
      if (complete && empty != NULL)
        *empty = g_strdup (slip_pg_get_where (world->migration_db));
      /* There are no codes to look up in it either. */
      g_clear_pointer (&world->source, slip_catalogue_free);
      g_clear_pointer (&world->migration_db, slip_pg_close);
    }
  return find_files (world, what, slip_migration_get_source (migration), complete ? error : NULL)
         && complete;
}

/* What one side lacks hides nothing of the other; the first error is told. */
static gboolean
find_world (World *world,
            const SlipMigrationCheckAll *what,
            SlipMigration *migration,
            char **empty,
            GCancellable *cancellable,
            GError **error)
{
  gboolean complete = find_source (world, what, migration, empty, cancellable, error);

  if (what->target_db == NULL)
    return complete;
  world->target_db = slip_pg_open (what->target_db, "target", cancellable, complete ? error : NULL);
  if (world->target_db != NULL
      && slip_pg_run (world->target_db, "SET default_transaction_read_only = on",
                      complete ? error : NULL))
    world->target = slip_catalogue_read_schema (world->target_db,
                                                slip_migration_get_schemas (migration)->target,
                                                cancellable, complete ? error : NULL);
  return complete && world->target != NULL;
}

/* Nor anything of the definitions. */
static gboolean
check_in_world (const World *world,
                SlipMigration *migration,
                gboolean complete,
                GPtrArray *findings,
                GCancellable *cancellable,
                GError **error)
{
  const SlipCheckAgainst against
      = {world->source, world->target, world->source != NULL ? world->migration_db : NULL,
         world->target != NULL ? world->target_db : NULL};

  complete
      = slip_migration_check (migration, &against, cancellable, findings, complete ? error : NULL)
        && complete;
  slip_findings_sort (findings);
  return complete;
}

gboolean
slip_migration_check_all (const SlipMigrationCheckAll *what,
                          GPtrArray *findings,
                          char **empty,
                          GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (what != NULL && what->folder != NULL && findings != NULL, FALSE);

  g_autoptr (SlipMigration) migration = slip_migration_read (what->folder, what->sidecar, findings);
  g_auto (World) world = {0};
  gboolean complete = find_world (&world, what, migration, empty, cancellable, error);

  return check_in_world (&world, migration, complete, findings, cancellable, error);
}

gboolean
slip_migration_check_change (const SlipMigrationCheckAll *what,
                             const char *changed,
                             GPtrArray *before,
                             GPtrArray *after,
                             GCancellable *cancellable,
                             GError **error)
{
  g_return_val_if_fail (what != NULL && what->folder != NULL && changed != NULL, FALSE);
  g_return_val_if_fail (before != NULL && after != NULL, FALSE);

  g_autoptr (SlipMigration) old = slip_migration_read (what->folder, what->sidecar, before);
  g_autoptr (SlipMigration) new = slip_migration_read (changed, what->sidecar, after);
  g_auto (World) world = {0};
  gboolean complete = find_world (&world, what, old, NULL, cancellable, error);

  complete = check_in_world (&world, old, complete, before, cancellable, error);
  return check_in_world (&world, new, complete, after, cancellable, error);
}
