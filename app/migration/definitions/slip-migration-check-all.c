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

static gboolean
find_source (World *world,
             const SlipMigrationCheckAll *what,
             SlipMigration *migration,
             char **empty,
             GError **error)
{
  const SlipSource *source = slip_migration_get_source (migration);
  const char *headers = what->headers != NULL ? what->headers : source->headers;

  if (world->migration_db != NULL)
    {
      world->source = slip_catalogue_read_schema (
          world->migration_db, slip_migration_get_schemas (migration)->source, NULL, error);
      if (world->source == NULL || slip_catalogue_get_n_tables (world->source) > 0)
        return world->source != NULL;
      if (empty != NULL)
        *empty = g_strdup (slip_pg_get_where (world->migration_db));
      /* There are no codes to look up in it either. */
      g_clear_pointer (&world->source, slip_catalogue_free);
      g_clear_pointer (&world->migration_db, slip_pg_close);
    }
  if (what->source == NULL && headers == NULL)
    return TRUE;
  world->source = what->source != NULL ? slip_catalogue_read_folder (what->source, source, error)
                                       : slip_catalogue_read_headers (headers, source, error);
  return world->source != NULL;
}

static gboolean
find_world (World *world,
            const SlipMigrationCheckAll *what,
            SlipMigration *migration,
            char **empty,
            GCancellable *cancellable,
            GError **error)
{
  if (what->migration_db != NULL
      && (world->migration_db = slip_pg_open (what->migration_db, "migration", cancellable, error))
             == NULL)
    return FALSE;
  if (!find_source (world, what, migration, empty, error))
    return FALSE;
  if (what->target_db == NULL)
    return TRUE;
  world->target_db = slip_pg_open (what->target_db, "target", cancellable, error);
  if (world->target_db != NULL)
    world->target = slip_catalogue_read_schema (
        world->target_db, slip_migration_get_schemas (migration)->target, NULL, error);
  return world->target != NULL;
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
  SlipCheckAgainst against;
  gboolean complete = find_world (&world, what, migration, empty, cancellable, error);

  /* What one side lacks hides nothing of the other, nor of the definitions; the first error is told. */
  against = (SlipCheckAgainst){world.source, world.target,
                               world.source != NULL ? world.migration_db : NULL,
                               world.target != NULL ? world.target_db : NULL};
  complete
      = slip_migration_check (migration, &against, cancellable, findings, complete ? error : NULL)
        && complete;
  slip_findings_sort (findings);
  return complete;
}
