/* SPDX-License-Identifier: MIT */
/* Carries out on worker threads what the RDS service decides on the main one: each work's payload
 * names one action on one database, and the world's schedule takes the outcome in. */

#include "slip-rds-database.h"
#include "slip-rds-cluster.h"

#include "slip-json.h"

#include <string.h>

#define RESOURCE_FOLDER "/org/slipway/rehearsal"
#define START_THREADS 4

/* The one world's databases; NULL without PostgreSQL. Set and freed on the main thread while no work
 * runs, so that works may read it. */
static SlipPostgres *postgres;

typedef gboolean (*Action) (JsonObject *what, GCancellable *cancellable, GError **error);

/* --- Actions --- */

char *
slip_rds_database_seed_sql (const char *name)
{
  g_autofree char *path = g_strdup_printf (RESOURCE_FOLDER "/%s.sql", name);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  return bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes))
                       : NULL;
}

static const char *
text (JsonObject *what, const char *name)
{
  const char *value = slip_json_string (what, name);

  return value != NULL ? value : "";
}

static guint
wanted_port (JsonObject *what)
{
  gint64 port = slip_json_int (what, "port", 0);

  return port > 0 && port < 65536 ? (guint)port : 0;
}

static gboolean
do_create (JsonObject *what, GCancellable *cancellable, GError **error)
{
  const char *name = slip_json_string (what, "seed");
  g_autofree char *sql = name != NULL ? slip_rds_database_seed_sql (name) : NULL;
  JsonArray *pairs = slip_json_array (what, "settings");
  g_autoptr (GPtrArray) settings = g_ptr_array_new ();
  SlipPostgresSpec spec = {0};

  for (guint i = 0; pairs != NULL && i < json_array_get_length (pairs); i++)
    g_ptr_array_add (settings, (gpointer)json_array_get_string_element (pairs, i));
  g_ptr_array_add (settings, NULL);
  spec.database = slip_json_string (what, "name");
  spec.user = text (what, "user");
  spec.password = text (what, "password");
  spec.seed = sql;
  spec.seed_settings = (const char *const *)settings->pdata;
  spec.port = wanted_port (what);
  return slip_postgres_create (postgres, text (what, "key"), &spec, cancellable, error);
}

static gboolean
do_restore (JsonObject *what, GCancellable *cancellable, GError **error)
{
  return slip_postgres_restore (postgres, text (what, "snapshot"), text (what, "key"),
                                wanted_port (what), cancellable, error);
}

static gboolean
do_follow (JsonObject *what, GCancellable *cancellable, GError **error)
{
  return slip_postgres_start (postgres, text (what, "primary"), 0, error)
         && slip_postgres_follow (postgres, text (what, "primary"), text (what, "key"),
                                  wanted_port (what), cancellable, error);
}

static gboolean
do_snapshot (JsonObject *what, GCancellable *cancellable, GError **error)
{
  return slip_postgres_start (postgres, text (what, "key"), 0, error)
         && slip_postgres_snapshot (postgres, text (what, "key"), text (what, "snapshot"),
                                    cancellable, error);
}

static gboolean
do_clone (JsonObject *what, GCancellable *cancellable, GError **error)
{
  g_autofree char *snapshot = g_strconcat ("clone-", text (what, "key"), NULL);
  gboolean done
      = slip_postgres_start (postgres, text (what, "source"), 0, error)
        && slip_postgres_snapshot (postgres, text (what, "source"), snapshot, cancellable, error)
        && slip_postgres_restore (postgres, snapshot, text (what, "key"), wanted_port (what),
                                  cancellable, error);

  slip_postgres_remove_snapshot (postgres, snapshot);
  return done;
}

static gboolean
do_copy (JsonObject *what, GCancellable *cancellable, GError **error)
{
  return slip_postgres_copy_snapshot (postgres, text (what, "source"), text (what, "snapshot"),
                                      error);
}

static gboolean
do_password (JsonObject *what, GCancellable *cancellable, GError **error)
{
  return slip_postgres_start (postgres, text (what, "key"), 0, error)
         && slip_postgres_set_password (postgres, text (what, "key"), text (what, "user"),
                                        text (what, "password"), error);
}

static gboolean
do_promote (JsonObject *what, GCancellable *cancellable, GError **error)
{
  return slip_postgres_start (postgres, text (what, "key"), 0, error)
         && slip_postgres_promote (postgres, text (what, "key"), error);
}

/* The old primary ships what it still has when it stops, and comes back as a new follower of the new
 * one. Repeated after a crash it does the same again. */
static gboolean
do_switch (JsonObject *what, GCancellable *cancellable, GError **error)
{
  JsonArray *followers = slip_json_array (what, "followers");
  const char *key = text (what, "key");

  if (!slip_postgres_start (postgres, key, 0, error))
    return FALSE;
  for (guint i = 0; followers != NULL && i < json_array_get_length (followers); i++)
    slip_postgres_stop (postgres, json_array_get_string_element (followers, i));
  if (!slip_postgres_promote (postgres, key, error))
    return FALSE;
  for (guint i = 0; followers != NULL && i < json_array_get_length (followers); i++)
    {
      const char *follower = json_array_get_string_element (followers, i);
      guint port = slip_postgres_get_port (postgres, follower);

      slip_postgres_remove (postgres, follower);
      if (!slip_postgres_follow (postgres, key, follower, port, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
do_stop (JsonObject *what, GCancellable *cancellable, GError **error)
{
  slip_postgres_stop (postgres, text (what, "key"));
  return TRUE;
}

static gboolean
do_start (JsonObject *what, GCancellable *cancellable, GError **error)
{
  return slip_postgres_start (postgres, text (what, "key"), 0, error);
}

static gboolean
do_remove (JsonObject *what, GCancellable *cancellable, GError **error)
{
  slip_postgres_remove (postgres, text (what, "key"));
  return TRUE;
}

static gboolean
do_remove_snapshot (JsonObject *what, GCancellable *cancellable, GError **error)
{
  slip_postgres_remove_snapshot (postgres, text (what, "snapshot"));
  return TRUE;
}

static const struct
{
  const char *name;
  Action run;
  gboolean port; /* whether the answer tells the cluster's port */
} actions[] = {
    {"create", do_create, TRUE},
    {"restore", do_restore, TRUE},
    {"follow", do_follow, TRUE},
    {"clone", do_clone, TRUE},
    {"snapshot", do_snapshot, FALSE},
    {"copy", do_copy, FALSE},
    {"password", do_password, FALSE},
    {"promote", do_promote, FALSE},
    {"switch", do_switch, FALSE},
    {"stop", do_stop, FALSE},
    {"start", do_start, TRUE},
    {"remove", do_remove, FALSE},
    {"remove-snapshot", do_remove_snapshot, FALSE},
};

JsonObject *
slip_rds_database_action (JsonObject *payload, const char *action)
{
  JsonObject *what = json_object_new ();

  json_object_set_string_member (what, "action", action);
  json_object_set_object_member (payload, "database", what);
  return what;
}

JsonObject *
slip_rds_database_work (const char *folder,
                        const SlipTransition *work,
                        GCancellable *cancellable,
                        GError **error)
{
  JsonObject *what = work->payload != NULL ? slip_json_object (work->payload, "database") : NULL;
  JsonObject *result;

  if (what == NULL || postgres == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      if (strcmp (actions[i].name, text (what, "action")) != 0)
        continue;
      if (!actions[i].run (what, cancellable, error))
        return NULL;
      result = json_object_new ();
      if (actions[i].port)
        {
          g_autofree char *address = slip_postgres_dup_address (postgres, text (what, "key"));

          json_object_set_string_member (result, "address", address);
          json_object_set_int_member (result, "port",
                                      slip_postgres_get_port (postgres, text (what, "key")));
        }
      return result;
    }
  g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
               "there is no database action %s", text (what, "action"));
  return NULL;
}

JsonObject *
slip_rds_database_lag_work (const char *folder,
                            const SlipTransition *work,
                            GCancellable *cancellable,
                            GError **error)
{
  JsonObject *what = work->payload != NULL ? slip_json_object (work->payload, "database") : NULL;
  gint64 lag_us = 0;
  JsonObject *result;

  if (what != NULL && postgres != NULL
      && !slip_postgres_measure_lag (postgres, text (what, "primary"), text (what, "key"), &lag_us,
                                     cancellable, error))
    return NULL;
  result = json_object_new ();
  json_object_set_double_member (result, "milliseconds", (double)lag_us / 1000);
  return result;
}

/* --- Life --- */

void
slip_rds_database_open (SlipWorld *world)
{
  const char *wish = g_getenv ("SLIPWAY_REHEARSAL_POSTGRES");
  g_autofree char *folder = g_build_filename (slip_world_get_folder (world), "postgres", NULL);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&postgres, slip_postgres_free);
  if (g_strcmp0 (wish, "off") == 0)
    {
      g_message ("clusters have no rows: SLIPWAY_REHEARSAL_POSTGRES is off");
      return;
    }
  postgres = slip_postgres_new (folder, &error);
  if (postgres == NULL)
    g_message ("clusters have no rows: %s", error->message);
}

gboolean
slip_rds_database_is_open (void)
{
  return postgres != NULL;
}

void
slip_rds_database_close (void)
{
  g_clear_pointer (&postgres, slip_postgres_free);
}

/* --- Start --- */

typedef struct
{
  const SlipWorldRecord *cluster; /* borrowed: nothing changes while threads start databases */
  GError *error;
} Start;

static void
start_one (gpointer data, gpointer pool_data)
{
  Start *start = data;
  JsonObject *database = slip_json_object (start->cluster->data, "database");
  const char *key = text (database, "key");
  gboolean follows = json_object_has_member (database, "primary");

  if (slip_postgres_start (postgres, key, 0, &start->error)
      || !g_error_matches (start->error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_NOT_FOUND))
    return;
  /* The scenario's own databases are made at the first start. */
  g_clear_error (&start->error);
  if (follows)
    do_follow (database, NULL, &start->error);
  else
    do_create (database, NULL, &start->error);
}

static gboolean
wants_start (const SlipWorldRecord *cluster)
{
  const char *const not_now[] = {"creating", "stopped", "deleting", NULL};

  return slip_json_object (cluster->data, "database") != NULL
         && !g_strv_contains (not_now, slip_rds_get (cluster, "Status"));
}

static gboolean
start_round (GPtrArray *clusters, gboolean followers, GError **error)
{
  g_autoptr (GArray) starts = g_array_new (FALSE, TRUE, sizeof (Start));
  GThreadPool *pool = g_thread_pool_new (start_one, NULL, START_THREADS, FALSE, NULL);
  gboolean ok = TRUE;

  for (guint i = 0; i < clusters->len; i++)
    {
      Start start = {g_ptr_array_index (clusters, i), NULL};
      JsonObject *database = slip_json_object (start.cluster->data, "database");

      if (wants_start (start.cluster) && json_object_has_member (database, "primary") == followers)
        g_array_append_val (starts, start);
    }
  for (guint i = 0; i < starts->len; i++)
    g_thread_pool_push (pool, &g_array_index (starts, Start, i), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  for (guint i = 0; i < starts->len; i++)
    {
      Start *start = &g_array_index (starts, Start, i);

      if (start->error == NULL)
        continue;
      if (ok)
        {
          g_prefix_error (&start->error, "database of cluster %s: ", start->cluster->id);
          g_propagate_error (error, g_steal_pointer (&start->error));
        }
      ok = FALSE;
      g_clear_error (&start->error);
    }
  return ok;
}

static gboolean
note_ports (SlipWorld *world, GPtrArray *clusters, GError **error)
{
  slip_world_begin (world);
  for (guint i = 0; i < clusters->len; i++)
    {
      const SlipWorldRecord *cluster = g_ptr_array_index (clusters, i);
      JsonObject *database = slip_json_object (cluster->data, "database");
      guint port
          = wants_start (cluster) ? slip_postgres_get_port (postgres, text (database, "key")) : 0;
      g_autofree char *address
          = port != 0 ? slip_postgres_dup_address (postgres, text (database, "key")) : NULL;
      SlipRdsEdit *edit;

      if (port == 0
          || (slip_json_int (slip_rds_shape (cluster), "Port", 0) == port
              && slip_rds_is (cluster, "Endpoint", address)))
        continue;
      edit = slip_rds_edit_record (world, cluster);
      slip_rds_cluster_set_place (edit, address, port);
      slip_rds_edit_save (edit);
    }
  return slip_world_commit (world, error);
}

gboolean
slip_rds_database_start_all (SlipWorld *world, GError **error)
{
  g_autoptr (GPtrArray) clusters = slip_world_list (world, NULL, NULL, SLIP_RDS_CLUSTER);

  if (postgres == NULL)
    return TRUE;
  return start_round (clusters, FALSE, error) && start_round (clusters, TRUE, error)
         && note_ports (world, clusters, error);
}
