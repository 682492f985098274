/* SPDX-License-Identifier: MIT */
/* Copies of databases: physical snapshots taken while writes go on, what is restored from them, and
 * streaming standbys with their promotion. */

#include "slip-postgres-private.h"

/* --- Snapshots --- */

static gboolean
back_up (SlipPostgres *self,
         const char *key,
         const char *to,
         const char *const *options,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  const char *const common[]
      = {"pg_basebackup", "-U",        SLIP_POSTGRES_ADMIN, "-w", "-X", "stream", "-c",
         "fast",          "--no-sync", "--no-manifest",     "-h"};

  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    g_ptr_array_add (argv, g_strdup (common[i]));
  g_ptr_array_add (argv, slip_postgres_dup_address (self, key));
  g_ptr_array_add (argv, g_strdup ("-p"));
  g_ptr_array_add (argv, g_strdup_printf ("%u", slip_postgres_get_port (self, key)));
  g_ptr_array_add (argv, g_strdup ("-D"));
  g_ptr_array_add (argv, slip_postgres_tools_dup_inner_path (self->tools, to));
  for (; *options != NULL; options++)
    g_ptr_array_add (argv, g_strdup (*options));
  g_ptr_array_add (argv, NULL);
  return slip_postgres_tools_run (self->tools, (const char *const *)argv->pdata, self->password,
                                  cancellable, error);
}

gboolean
slip_postgres_has_snapshot (SlipPostgres *self, const char *snapshot)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (snapshot), FALSE);
  name = g_build_filename ("snapshots", snapshot, NULL);
  return slip_postgres_has (self, name);
}

gboolean
slip_postgres_snapshot (SlipPostgres *self,
                        const char *key,
                        const char *snapshot,
                        GCancellable *cancellable,
                        GError **error)
{
  const char *const options[] = {"-Ft", "-Z", "client-gzip:1", NULL};
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;

  g_return_val_if_fail (
      self != NULL && slip_postgres_check_key (key) && slip_postgres_check_key (snapshot), FALSE);

  final = g_build_filename ("snapshots", snapshot, NULL);
  part = g_strconcat (final, ".part", NULL);
  if (slip_postgres_has (self, final))
    return TRUE;
  slip_postgres_tools_remove (self->tools, part);
  return back_up (self, key, part, options, cancellable, error)
         && slip_postgres_rename (self, part, final, error);
}

static gboolean
link_folder (SlipPostgres *self, const char *source, const char *target, GError **error)
{
  g_autofree char *name = g_build_filename ("snapshots", source, NULL);
  g_autofree char *from = slip_postgres_tools_dup_inner_path (self->tools, name);
  g_autofree char *to = slip_postgres_tools_dup_inner_path (self->tools, target);
  const char *argv[] = {"cp", "-al", from, to, NULL};

  return slip_postgres_tools_run (self->tools, argv, NULL, NULL, error);
}

gboolean
slip_postgres_copy_snapshot (SlipPostgres *self,
                             const char *source,
                             const char *target,
                             GError **error)
{
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;

  g_return_val_if_fail (
      self != NULL && slip_postgres_check_key (source) && slip_postgres_check_key (target), FALSE);

  if (slip_postgres_has_snapshot (self, target))
    return TRUE;
  if (!slip_postgres_has_snapshot (self, source))
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_NOT_FOUND,
                   "there are no rows of snapshot %s", source);
      return FALSE;
    }
  final = g_build_filename ("snapshots", target, NULL);
  part = g_strconcat (final, ".part", NULL);
  slip_postgres_tools_remove (self->tools, part);
  return link_folder (self, source, part, error) && slip_postgres_rename (self, part, final, error);
}

void
slip_postgres_remove_snapshot (SlipPostgres *self, const char *snapshot)
{
  g_autofree char *name = NULL;
  g_autofree char *part = NULL;

  g_return_if_fail (self != NULL && slip_postgres_check_key (snapshot));
  name = g_build_filename ("snapshots", snapshot, NULL);
  part = g_strconcat (name, ".part", NULL);
  slip_postgres_tools_remove (self->tools, part);
  slip_postgres_tools_remove (self->tools, name);
}

static gboolean
unpack (SlipPostgres *self,
        const char *archive,
        const char *folder,
        GCancellable *cancellable,
        GError **error)
{
  g_autofree char *from = slip_postgres_tools_dup_inner_path (self->tools, archive);
  g_autofree char *to = slip_postgres_tools_dup_inner_path (self->tools, folder);
  const char *argv[] = {"tar", "-xzf", from, "-C", to, NULL};

  return slip_postgres_tools_run (self->tools, argv, NULL, cancellable, error);
}

gboolean
slip_postgres_restore (SlipPostgres *self,
                       const char *snapshot,
                       const char *key,
                       guint port,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;
  g_autofree char *base = NULL;
  g_autofree char *wal = NULL;
  g_autofree char *wal_folder = NULL;
  g_autofree char *standby = NULL;

  g_return_val_if_fail (
      self != NULL && slip_postgres_check_key (key) && slip_postgres_check_key (snapshot), FALSE);

  final = g_build_filename ("clusters", key, NULL);
  if (!slip_postgres_has (self, final))
    {
      part = g_strconcat (final, ".part", NULL);
      base = g_build_filename ("snapshots", snapshot, "base.tar.gz", NULL);
      wal = g_build_filename ("snapshots", snapshot, "pg_wal.tar.gz", NULL);
      wal_folder = g_build_filename (part, "pg_wal", NULL);
      standby = g_build_filename (part, "standby.signal", NULL);
      slip_postgres_tools_remove (self->tools, part);
      if (!slip_postgres_tools_make_folder (self->tools, part, error)
          || !unpack (self, base, part, cancellable, error)
          || !unpack (self, wal, wal_folder, cancellable, error))
        return FALSE;
      /* A snapshot of a standby restores as a cluster that takes writes. */
      slip_postgres_tools_remove (self->tools, standby);
      if (!slip_postgres_rename (self, part, final, error))
        return FALSE;
    }
  return slip_postgres_start (self, key, port, error);
}

/* --- Replication --- */

gboolean
slip_postgres_follow (SlipPostgres *self,
                      const char *primary,
                      const char *key,
                      guint port,
                      GCancellable *cancellable,
                      GError **error)
{
  const char *const options[] = {"-Fp", "-R", NULL};
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;
  g_autofree char *note = NULL;

  g_return_val_if_fail (
      self != NULL && slip_postgres_check_key (key) && slip_postgres_check_key (primary), FALSE);

  final = g_build_filename ("clusters", key, NULL);
  part = g_strconcat (final, ".part", NULL);
  note = g_strconcat (final, ".primary", NULL);
  if (!slip_postgres_has (self, final))
    {
      slip_postgres_tools_remove (self->tools, part);
      if (!back_up (self, primary, part, options, cancellable, error)
          || !slip_postgres_tools_write (self->tools, note, primary, error)
          || !slip_postgres_rename (self, part, final, error))
        return FALSE;
    }
  return slip_postgres_start (self, key, port, error);
}

gboolean
slip_postgres_promote (SlipPostgres *self, const char *key, GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;
  g_autofree char *note = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (key), FALSE);

  if ((conn = slip_postgres_connect (self, key, NULL, error)) == NULL)
    return FALSE;
  if (slip_postgres_has_rows (conn, "SELECT 1 WHERE pg_is_in_recovery() AND $1 <> ''", key)
      && !slip_postgres_do (conn, error, "SELECT pg_promote(true, 60)"))
    return FALSE;
  note = g_strdup_printf ("clusters/%s.primary", key);
  slip_postgres_tools_remove (self->tools, note);
  return TRUE;
}
