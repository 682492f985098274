/* SPDX-License-Identifier: MIT */
/* What `slipwayctl migrate` needs where it runs as a container of an ECS task: the databases' connections from variables
 * that ECS fills out of Secrets Manager, and heartbeats to the state machine that waits for it. Nothing of these
 * variables is ever printed, and no value of a row. */

#include "config.h"

#include "slip-cli-migrate.h"

#include "slip-aws-client.h"
#include "slip-json.h"
#include "slip-migration-error.h"

#include <glib/gi18n.h>

/* ---- connections */

/* One word of a conninfo, `name='value'`. */
static void
append_word (GString *conninfo, const char *name, const char *value)
{
  if (value == NULL)
    return;
  g_string_append_printf (conninfo, "%s%s='", conninfo->len > 0 ? " " : "", name);
  for (const char *at = value; *at != '\0'; at++)
    {
      if (*at == '\'' || *at == '\\')
        g_string_append_c (conninfo, '\\');
      g_string_append_c (conninfo, *at);
    }
  g_string_append_c (conninfo, '\'');
}

/* The JSON of a secret as RDS and its rotation keep it. */
static char *
conninfo_of_secret (const char *text)
{
  static const char *const members[][2] = {
      {"host", "host"},         {"dbname", "dbname"},   {"username", "user"},
      {"password", "password"}, {"sslmode", "sslmode"}, {"sslrootcert", "sslrootcert"},
  };
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  JsonObject *secret = node != NULL ? slip_json_node_object (node) : NULL;
  g_autoptr (GString) conninfo = g_string_new (NULL);
  g_autofree char *port = NULL;

  if (secret == NULL || slip_json_string (secret, "host") == NULL
      || slip_json_string (secret, "username") == NULL)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    append_word (conninfo, members[i][1], slip_json_string (secret, members[i][0]));
  if (slip_json_string (secret, "port") != NULL)
    port = g_strdup (slip_json_string (secret, "port"));
  else if (json_object_has_member (secret, "port"))
    port = g_strdup_printf ("%" G_GINT64_FORMAT, slip_json_int (secret, "port", 5432));
  append_word (conninfo, "port", port);
  return g_string_free (g_steal_pointer (&conninfo), FALSE);
}

gboolean
slip_cli_migrate_find_conninfo (char **conninfo, const char *variable, int *status)
{
  const char *text = g_getenv (variable);

  if (*conninfo != NULL || text == NULL || *text == '\0')
    return TRUE;
  *conninfo = *text == '{' ? conninfo_of_secret (text) : g_strdup (text);
  if (*conninfo != NULL)
    return TRUE;
  *status = slip_cli_usage_error (_ ("%s is neither a connection's words nor a secret with host, "
                                     "username, password and dbname as JSON"),
                                  variable);
  return FALSE;
}

/* ---- what it prints */

/* Its lines go to CloudWatch, and from there beside the audit log of whoever follows the execution. */
static gboolean
is_task (void)
{
  const char *token = g_getenv ("SLIPWAY_TASK_TOKEN");

  return token != NULL && *token != '\0';
}

char *
slip_cli_migrate_dup_printed (const char *message)
{
  return message != NULL && is_task () ? slip_migration_dup_untold (message) : g_strdup (message);
}

GError *
slip_cli_migrate_take_printed (GError *error)
{
  g_autofree char *message = NULL;

  if (error == NULL || !is_task ())
    return error;
  message = slip_migration_error_dup_untold (error);
  g_free (error->message);
  error->message = g_steal_pointer (&message);
  return error;
}

/* ---- heartbeats */

#define HEARTBEAT_SECONDS 60

struct _SlipCliHeartbeat
{
  SlipAwsClient *client;     /* owned; used by the thread */
  GCancellable *cancellable; /* owned: of the work */
  GCancellable *stopping;    /* owned: ends a call that is under way */
  char *token;
  gint64 seconds;
  GThread *thread;
  GMutex mutex;
  GCond wake;
  gboolean stop; /* under the lock */
};

static gboolean
is_over (const GError *error)
{
  static const char *const codes[] = {"TaskTimedOut", "TaskDoesNotExist", NULL};
  const char *code = slip_aws_error_get_code (error);

  return code != NULL && g_strv_contains (codes, code);
}

/* FALSE when nobody waits any more. */
static gboolean
send_one (SlipCliHeartbeat *beat)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  SlipAwsCall call = {.service = "states",
                      .operation = "SendTaskHeartbeat",
                      .input = node,
                      .priority = SLIP_AWS_PRIORITY_RUN};
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = NULL;

  json_object_set_string_member (input, "taskToken", beat->token);
  answer = slip_aws_client_call (beat->client, &call, NULL, beat->stopping, &error);
  if (error == NULL || g_cancellable_is_cancelled (beat->stopping))
    return TRUE;
  if (!is_over (error))
    {
      g_printerr (_ ("the heartbeat could not be sent, and is tried again: %s\n"), error->message);
      return TRUE;
    }
  g_printerr (_ ("the state machine waits for this task no more, so it ends: %s\n"),
              error->message);
  g_cancellable_cancel (beat->cancellable);
  return FALSE;
}

static gpointer
run (gpointer data)
{
  SlipCliHeartbeat *beat = data;
  gboolean going = TRUE;

  g_mutex_lock (&beat->mutex);
  while (going && !beat->stop)
    {
      gint64 until = g_get_monotonic_time () + beat->seconds * G_USEC_PER_SEC;

      g_mutex_unlock (&beat->mutex);
      going = send_one (beat);
      g_mutex_lock (&beat->mutex);
      while (going && !beat->stop && g_cond_wait_until (&beat->wake, &beat->mutex, until))
        ;
    }
  g_mutex_unlock (&beat->mutex);
  return NULL;
}

SlipCliHeartbeat *
slip_cli_heartbeat_begin (GCancellable *cancellable)
{
  const char *seconds = g_getenv ("SLIPWAY_HEARTBEAT_SECONDS");
  g_autoptr (GError) error = NULL;
  SlipAwsClient *client;
  SlipCliHeartbeat *beat;

  if (!is_task ())
    return NULL;
  client = slip_aws_client_new_for_profile (NULL, NULL, NULL, &error);
  if (client == NULL)
    {
      g_printerr (_ ("no heartbeats can be sent: %s\n"), error->message);
      return NULL;
    }
  /* The client does nothing else. */
  slip_aws_client_unlock (client, "heartbeats of a task");
  beat = g_new0 (SlipCliHeartbeat, 1);
  beat->client = client;
  beat->cancellable = g_object_ref (cancellable);
  beat->stopping = g_cancellable_new ();
  beat->token = g_strdup (g_getenv ("SLIPWAY_TASK_TOKEN"));
  beat->seconds = seconds != NULL ? g_ascii_strtoll (seconds, NULL, 10) : 0;
  if (beat->seconds < 1)
    beat->seconds = HEARTBEAT_SECONDS;
  g_mutex_init (&beat->mutex);
  g_cond_init (&beat->wake);
  beat->thread = g_thread_new ("heartbeat", run, beat);
  return beat;
}

void
slip_cli_heartbeat_end (SlipCliHeartbeat *beat)
{
  if (beat == NULL)
    return;
  g_mutex_lock (&beat->mutex);
  beat->stop = TRUE;
  g_cond_signal (&beat->wake);
  g_mutex_unlock (&beat->mutex);
  g_cancellable_cancel (beat->stopping);
  g_thread_join (beat->thread);
  g_mutex_clear (&beat->mutex);
  g_cond_clear (&beat->wake);
  g_object_unref (beat->client);
  g_object_unref (beat->cancellable);
  g_object_unref (beat->stopping);
  g_free (beat->token);
  g_free (beat);
}
