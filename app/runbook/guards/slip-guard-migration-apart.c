/* SPDX-License-Identifier: MIT */
/* Whether what a migration works in is another database than the one that it goes into, and none that is in service: from the
 * first stage on schemas are made there, and files landed. The names of clusters tell, before anything asks the databases. */

#include "slip-guards.h"

#include "slip-json.h"

/* `target`, `migration`: the clusters. */
static const char *const inputs[] = {"target", "migration", NULL};

/* RDS takes names in any case. */
static gboolean
is_same (const char *one, const char *other)
{
  return one != NULL && other != NULL && g_ascii_strcasecmp (one, other) == 0;
}

/* Which cluster it may be. */
static char *
dup_way_out (const char *named, const char *migration)
{
  if (named == NULL || is_same (named, migration))
    return g_strdup ("Name the cluster that is kept for migrations (MigrationCluster)");
  return g_strdup_printf ("The workspace names %s for it (setting migration.cluster): take that "
                          "(MigrationCluster)",
                          named);
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonObject) own = slip_caller_dup_environment (context->caller, context->environment);
  JsonObject *settings = slip_json_object (own, "settings");
  JsonObject *kept = settings != NULL ? slip_json_object (settings, "migration") : NULL;
  const char *in_service = settings != NULL ? slip_json_string (settings, "cluster") : NULL;
  const char *named = kept != NULL ? slip_json_string (kept, "cluster") : NULL;
  const char *target = slip_guard_input (context, "target");
  const char *migration = slip_guard_input (context, "migration");
  g_autofree char *way_out = dup_way_out (named, migration);

  if (is_same (migration, target))
    *message = g_strdup_printf ("the migration would work in %s, which is the target itself: its "
                                "schemas and landed files would stand among the target's rows. %s",
                                target, way_out);
  else if (is_same (migration, in_service) && !is_same (migration, named)
           && slip_json_bool (own, "protected", FALSE))
    *message = g_strdup_printf ("the migration would work in %s, which is the database of %s "
                                "itself: its schemas and landed files would stand there. %s",
                                migration, context->environment, way_out);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  *message = g_strdup_printf ("the migration works in %s, and goes into %s",
                              migration != NULL ? migration : "", target != NULL ? target : "");
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_migration_apart = {
    .id = "migration-apart",
    .title = "Migration database is not the target, nor in service",
    .inputs = inputs,
    .evaluate = evaluate,
};
