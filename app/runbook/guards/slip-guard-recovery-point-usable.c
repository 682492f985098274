/* SPDX-License-Identifier: MIT */
/* Whether a recovery point of AWS Backup can be restored: it is complete, of the kind and resource that
 * are meant, its key is enabled, and it does not expire meanwhile. Its age is the data that is lost. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-clock.h"
#include "slip-copied.h"

static const char *const inputs[]
    = {"vault", "recoveryPoint", "resourceType?", "resource?", "maxAgeHours?", NULL};

/* A restore of a large database and its verification take so long. */
#define HOURS_TO_EXPIRY 24

static JsonObject *
describe (SlipGuardContext *context, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;

  json_object_set_string_member (input, "BackupVaultName",
                                 slip_json_string (context->inputs, "vault"));
  json_object_set_string_member (input, "RecoveryPointArn",
                                 slip_json_string (context->inputs, "recoveryPoint"));
  output = slip_guard_call (context, "backup", "DescribeRecoveryPoint", input, error);
  return output != NULL ? json_object_ref (slip_json_node_object (output)) : NULL;
}

/* Why the point does not suit, or NULL. */
static char *
judge_point (SlipGuardContext *context, JsonObject *point)
{
  const char *type = slip_guard_input (context, "resourceType");
  const char *resource = slip_guard_input (context, "resource");
  const char *status = slip_json_string (point, "Status");
  const char *why = slip_json_string (point, "StatusMessage");

  if (g_strcmp0 (status, "COMPLETED") != 0 && g_strcmp0 (status, "AVAILABLE") != 0)
    return g_strdup_printf ("the recovery point is %s%s%s. Choose another", status,
                            why != NULL ? ": " : "", why != NULL ? why : "");
  if (type != NULL && g_strcmp0 (slip_json_string (point, "ResourceType"), type) != 0)
    return g_strdup_printf ("the recovery point is of %s, not of %s. Choose another",
                            slip_json_string (point, "ResourceType"), type);
  if (resource != NULL && g_strcmp0 (slip_json_string (point, "ResourceArn"), resource) != 0)
    return g_strdup_printf ("the recovery point is of %s, not of %s. Choose another",
                            slip_json_string (point, "ResourceArn"), resource);
  return NULL;
}

static SlipGuardState
judge_key (SlipGuardContext *context, JsonObject *point, char **message)
{
  const char *key = slip_json_string (point, "EncryptionKeyArn");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) metadata = NULL;

  if (key == NULL)
    return SLIP_GUARD_PASS;
  metadata = slip_guard_describe_key (context, key, &error);
  if (metadata == NULL)
    return slip_guard_unprovable (message, "the state of the recovery point's key", error);
  if (g_strcmp0 (slip_json_string (metadata, "KeyState"), "Enabled") == 0)
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf ("the recovery point's key %s is %s: what it encrypts cannot be read. "
                              "Enable the key, or choose another point",
                              key, slip_json_string (metadata, "KeyState"));
  return SLIP_GUARD_BLOCK;
}

/* Hours from now to @time, negative when it is past; FALSE when it is no time. */
static gboolean
hours_to (SlipGuardContext *context, const char *time, double *hours)
{
  gint64 then;

  if (time == NULL || !slip_time_parse (time, &then))
    return FALSE;
  *hours = (double)(then - slip_clock_now (context->clock)) / (3600.0 * G_USEC_PER_SEC);
  return TRUE;
}

static SlipGuardState
judge_times (SlipGuardContext *context, JsonObject *point, char **message)
{
  JsonObject *lifecycle = slip_json_object (point, "CalculatedLifecycle");
  const char *expires = lifecycle != NULL ? slip_json_string (lifecycle, "DeleteAt") : NULL;
  const char *created = slip_json_string (point, "CreationDate");
  g_autofree char *age = slip_guard_age (context, created);
  gint64 most = slip_json_int (context->inputs, "maxAgeHours", 0);
  double gib = (double)slip_json_int (point, "BackupSizeInBytes", 0) / (1024.0 * 1024 * 1024);
  double hours;

  if (most > 0 && hours_to (context, created, &hours) && -hours > (double)most)
    {
      *message = g_strdup_printf ("the recovery point is %s, and should be no older than %d hours. "
                                  "Choose a newer one, or allow its age",
                                  age, (int)most);
      return SLIP_GUARD_BLOCK;
    }
  if (hours_to (context, expires, &hours) && hours < HOURS_TO_EXPIRY)
    {
      *message = g_strdup_printf ("the recovery point expires at %s, while the restore may run. "
                                  "Choose a newer one, or copy it first",
                                  expires);
      return SLIP_GUARD_WARN;
    }
  if (slip_copied (point))
    {
      *message = g_strdup_printf (
          "%.1f GiB, copied at %s (%s): its data is older, and a copy does not tell by how much. "
          "See when the original was made, in vault %s",
          gib, created, age, slip_json_string (point, "SourceBackupVaultArn"));
      return SLIP_GUARD_WARN;
    }
  *message = g_strdup_printf ("%.1f GiB, %s: all that was written since %s is lost%s%s", gib, age,
                              created, expires != NULL ? "; kept until " : "",
                              expires != NULL ? expires : "");
  return SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) point = NULL;
  SlipGuardState state;

  if (slip_guard_input (context, "vault") == NULL
      || slip_guard_input (context, "recoveryPoint") == NULL)
    {
      *message = g_strdup ("no vault or recovery point is named");
      return SLIP_GUARD_BLOCK;
    }
  point = describe (context, &error);
  if (slip_aws_error_has_code (error, "ResourceNotFoundException"))
    {
      *message
          = g_strdup_printf ("there is no such recovery point in vault %s (%s). Choose another",
                             slip_guard_input (context, "vault"), context->region);
      return SLIP_GUARD_BLOCK;
    }
  if (point == NULL)
    return slip_guard_unprovable (message, "the state of the recovery point", error);
  *message = judge_point (context, point);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  state = judge_key (context, point, message);
  return state == SLIP_GUARD_PASS ? judge_times (context, point, message) : state;
}

const SlipGuard slip_guard_recovery_point_usable = {
    .id = "recovery-point-usable",
    .title = "Recovery point can be restored",
    .inputs = inputs,
    .evaluate = evaluate,
};
