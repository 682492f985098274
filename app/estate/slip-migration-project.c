/* SPDX-License-Identifier: MIT */
/* What a workspace says of one migration. Nothing is read or connected to here: that is for those who run it. */

#include "slip-migration-project.h"

SlipMigrationProject *
slip_migration_project_new (const SlipMigrationProject *spec)
{
  SlipMigrationProject *self;

  g_return_val_if_fail (spec != NULL && spec->name != NULL && spec->definitions != NULL, NULL);

  self = g_atomic_rc_box_new0 (SlipMigrationProject);
  self->name = g_strdup (spec->name);
  self->title = g_strdup (spec->title != NULL ? spec->title : spec->name);
  self->definitions = g_strdup (spec->definitions);
  self->sidecar = g_strdup (spec->sidecar);
  self->source = g_strdup (spec->source);
  self->migration_db = g_strdup (spec->migration_db);
  self->target_db = g_strdup (spec->target_db);
  self->run_date = g_strdup (spec->run_date);
  self->environment = g_strdup (spec->environment);
  return self;
}

SlipMigrationProject *
slip_migration_project_ref (SlipMigrationProject *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
project_clear (gpointer data)
{
  SlipMigrationProject *self = data;

  g_free (self->name);
  g_free (self->title);
  g_free (self->definitions);
  g_free (self->sidecar);
  g_free (self->source);
  g_free (self->migration_db);
  g_free (self->target_db);
  g_free (self->run_date);
  g_free (self->environment);
}

void
slip_migration_project_unref (SlipMigrationProject *self)
{
  g_atomic_rc_box_release_full (self, project_clear);
}

gboolean
slip_migration_project_has_password (const char *conninfo)
{
  g_return_val_if_fail (conninfo != NULL, FALSE);

  return g_regex_match_simple ("(^|[\\s?&])(password|sslpassword)\\s*=", conninfo, G_REGEX_CASELESS,
                               0)
         || g_regex_match_simple ("^postgres(ql)?://[^/?@]*:[^/?@]*@", conninfo, 0, 0);
}
