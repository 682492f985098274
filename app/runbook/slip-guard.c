/* SPDX-License-Identifier: MIT */
/* The registry of guards and the one way to evaluate them. What a guard learns is kept as evidence;
 * what it cannot learn is "not provable", which nothing here ever turns into a pass. */

#include "slip-guard.h"

#include "guards/slip-guards.h"
#include "slip-aws-error.h"
#include "slip-aws-model.h"
#include "slip-json.h"
#include "slip-redact.h"
#include "slip-runbook-error.h"

#include <string.h>

static const SlipGuard *const guards[] = {
    &slip_guard_as_captured,
    &slip_guard_change_freeze,
    &slip_guard_clock,
    &slip_guard_cluster_healthy,
    &slip_guard_cluster_left_behind,
    &slip_guard_cluster_name_free,
    &slip_guard_cluster_quota,
    &slip_guard_consumer_name,
    &slip_guard_credentials,
    &slip_guard_environment,
    &slip_guard_environment_quiet,
    &slip_guard_identity,
    &slip_guard_image_tag,
    &slip_guard_kms_key_shareable,
    &slip_guard_maintenance_mode,
    &slip_guard_master_password,
    &slip_guard_migration_apart,
    &slip_guard_migration_ready,
    &slip_guard_not_production,
    &slip_guard_permissions,
    &slip_guard_recovery_point_usable,
    &slip_guard_restore_possible,
    &slip_guard_services_run,
    &slip_guard_snapshot_counted,
    &slip_guard_snapshot_name_free,
    &slip_guard_snapshot_quota,
    &slip_guard_snapshot_replaceable,
    &slip_guard_snapshot_restorable,
    &slip_guard_snapshot_usable,
    &slip_guard_snapshot_waiver,
    &slip_guard_table_idle,
    &slip_guard_table_name_free,
    &slip_guard_table_restorable,
    &slip_guard_target_account,
    &slip_guard_state_machine_ready,
    &slip_guard_task_definition,
    &slip_guard_tool_version,
    &slip_guard_unchanged,
    &slip_guard_unfinished_runs,
    &slip_guard_vault_allows_restore,
};

/* An answer that is longer is kept as its digest. */
#define EVIDENCE_MAX_BYTES (16 * 1024)

/* How many pages of a list are read. */
#define MAX_PAGES 200

const SlipGuard *
slip_guard_find (const char *id)
{
  g_return_val_if_fail (id != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (guards); i++)
    if (g_str_equal (guards[i]->id, id))
      return guards[i];
  return NULL;
}

const char **
slip_guard_list_ids (void)
{
  const char **ids = g_new0 (const char *, G_N_ELEMENTS (guards) + 1);

  for (guint i = 0; i < G_N_ELEMENTS (guards); i++)
    ids[i] = guards[i]->id;
  return ids;
}

/* The answer without secrets; one that is too long is replaced by its digest. */
static JsonNode *
redact_output (const char *service, const char *operation, JsonNode *output)
{
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, NULL, NULL);
  g_autoptr (JsonNode) redacted
      = op != NULL ? slip_aws_model_redact (op, output, TRUE) : slip_redact_json (output);
  g_autofree char *text = slip_json_to_text (redacted, FALSE);
  JsonObject *digest;
  g_autofree char *sha256 = NULL;

  if (strlen (text) <= EVIDENCE_MAX_BYTES)
    return g_steal_pointer (&redacted);
  sha256 = slip_json_sha256 (redacted);
  digest = json_object_new ();
  json_object_set_string_member (digest, "sha256", sha256);
  json_object_set_int_member (digest, "bytes", (gint64)strlen (text));
  return slip_json_new_object (digest);
}

static void
note_evidence (SlipGuardContext *context,
               const char *service,
               const char *operation,
               JsonNode *input,
               JsonNode *output,
               const GError *error)
{
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, NULL, NULL);
  JsonObject *evidence = json_object_new ();
  g_autofree char *time = slip_time_format (slip_clock_now (context->clock));

  json_object_set_string_member (evidence, "service", service);
  json_object_set_string_member (evidence, "operation", operation);
  json_object_set_string_member (evidence, "environment", context->environment);
  if (context->region != NULL)
    json_object_set_string_member (evidence, "region", context->region);
  json_object_set_member (evidence, "input",
                          op != NULL ? slip_aws_model_redact (op, input, FALSE)
                                     : slip_redact_json (input));
  if (output != NULL)
    json_object_set_member (evidence, "output", redact_output (service, operation, output));
  if (error != NULL)
    {
      g_autofree char *text = slip_redact_text (error->message);

      json_object_set_string_member (evidence, "error", text);
    }
  json_object_set_string_member (evidence, "time", time);
  json_array_add_object_element (context->evidence, evidence);
}

JsonNode *
slip_guard_call (SlipGuardContext *context,
                 const char *service,
                 const char *operation,
                 JsonObject *input,
                 GError **error)
{
  g_autoptr (JsonNode) node
      = slip_json_new_object (input != NULL ? json_object_ref (input) : json_object_new ());
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (GError) local = NULL;

  output = slip_caller_call (context->caller, context->environment, context->region, service,
                             operation, node, context->cancellable, &local);
  note_evidence (context, service, operation, node, output, local);
  if (output == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return g_steal_pointer (&output);
}

static SlipGuardState
evaluate (SlipGuardContext *context, const SlipGuard *guard, JsonObject *object, char **message)
{
  SlipGuardState state;
  g_autoptr (JsonObject) environment
      = slip_caller_dup_environment (context->caller, context->environment);

  if (environment == NULL)
    {
      *message
          = g_strdup_printf ("there is no environment %s in the workspace", context->environment);
      return SLIP_GUARD_BLOCK;
    }
  state = guard->evaluate (context, message);
  if (state == SLIP_GUARD_BLOCK && g_strcmp0 (slip_json_string (object, "severity"), "warn") == 0)
    state = SLIP_GUARD_WARN;
  return state;
}

/* What differs, for whoever accepts just that: a digest of all of it, of which people are told some. */
static void
tell_difference (SlipGuardContext *context, JsonObject *result)
{
  g_autoptr (JsonNode) all = json_node_init_array (json_node_alloc (), context->differences);
  g_autofree char *sha256 = slip_json_sha256 (all);
  g_autofree char *redacted = slip_redact_text (context->told->str);

  json_object_set_string_member (result, "difference", redacted);
  json_object_set_string_member (result, "difference_sha256", sha256);
}

static JsonObject *
result_object (SlipGuardContext *context,
               JsonObject *object,
               const char *title,
               SlipGuardState state,
               const char *message)
{
  static const char *const kept[] = {"step", "inputs", "severity", "when"};
  JsonObject *result = json_object_new ();
  g_autofree char *redacted = slip_redact_text (message);

  json_object_set_string_member (result, "guard", slip_json_string (object, "guard"));
  json_object_set_string_member (result, "title", title);
  json_object_set_string_member (result, "state", slip_guard_state_get_name (state));
  json_object_set_string_member (result, "message", redacted);
  if (context->environment != NULL)
    json_object_set_string_member (result, "environment", context->environment);
  if (context->region != NULL)
    json_object_set_string_member (result, "region", context->region);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_has_member (object, kept[i]))
      json_object_set_member (result, kept[i],
                              slip_json_copy (json_object_get_member (object, kept[i])));
  if (state == SLIP_GUARD_BLOCK && json_array_get_length (context->differences) > 0)
    tell_difference (context, result);
  json_object_set_array_member (result, "evidence", json_array_ref (context->evidence));
  return result;
}

SlipGuardResult *
slip_guard_run (const SlipGuardMeans *means, JsonObject *guard, JsonObject *plan, const char *step)
{
  const char *id = slip_json_string (guard, "guard");
  const SlipGuard *found = id != NULL ? slip_guard_find (id) : NULL;
  const char *title = slip_json_string (guard, "title");
  g_autoptr (JsonArray) evidence = json_array_new ();
  g_autoptr (JsonArray) differences = json_array_new ();
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (JsonObject) none = json_object_new ();
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *message = NULL;
  SlipGuardState state = SLIP_GUARD_UNPROVABLE;
  SlipGuardContext context = {
      .caller = means->caller,
      .clock = means->clock,
      .ledger = means->ledger,
      .run = means->run,
      .fold = means->fold,
      .cancellable = means->cancellable,
      .environment = slip_json_string (guard, "environment"),
      .region = slip_json_string (guard, "region"),
      .inputs = slip_json_object (guard, "inputs"),
      .plan = plan,
      .step = step,
      .evidence = evidence,
      .differences = differences,
      .told = told,
  };

  if (context.inputs == NULL)
    context.inputs = none;
  if (found == NULL)
    message = g_strdup_printf ("there is no guard %s in this version", id != NULL ? id : "");
  else if (context.environment == NULL)
    message = g_strdup ("the guard names no environment");
  else
    state = evaluate (&context, found, guard, &message);
  if (title == NULL)
    title = found != NULL ? found->title : "Unknown guard";
  result = result_object (&context, guard, title, state, message != NULL ? message : "");
  return slip_guard_result_new_from_json (result, NULL);
}

SlipGuardState
slip_guard_unprovable (char **message, const char *what, const GError *error)
{
  *message = g_strdup_printf ("%s could not be told: %s", what, error->message);
  return SLIP_GUARD_UNPROVABLE;
}

const char *
slip_guard_input (SlipGuardContext *context, const char *name)
{
  const char *value = slip_json_string (context->inputs, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

char **
slip_guard_input_list (SlipGuardContext *context, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array = slip_json_array (context->inputs, name);
  const char *one = slip_guard_input (context, name);

  if (one != NULL)
    g_strv_builder_add (builder, one);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (node));
    }
  return g_strv_builder_end (builder);
}

gboolean
slip_guard_name_fits (
    const char *what, const char *name, gsize longest, const char *const *others, char **message)
{
  gsize length = strlen (name);

  if (length > longest)
    *message
        = g_strdup_printf ("%s is %" G_GSIZE_FORMAT " characters long, and the name of a %s may "
                           "have %" G_GSIZE_FORMAT ". Choose a shorter one",
                           name, length, what, longest);
  for (guint i = 0; length <= longest && others != NULL && others[i] != NULL; i++)
    if (g_ascii_strcasecmp (name, others[i]) == 0)
      {
        *message = g_strdup_printf (
            "this plan gives the name %s to another %s too. Choose two names", name, what);
        return FALSE;
      }
  return length <= longest;
}

JsonArray *
slip_guard_list_snapshots (SlipGuardContext *context, GError **error)
{
  g_autoptr (JsonArray) all = json_array_new ();
  g_autofree char *marker = NULL;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autoptr (JsonObject) input = json_object_new ();
      g_autoptr (JsonNode) output = NULL;
      JsonObject *answer;
      JsonArray *snapshots;

      json_object_set_string_member (input, "SnapshotType", "manual");
      if (marker != NULL)
        json_object_set_string_member (input, "Marker", marker);
      output = slip_guard_call (context, "rds", "DescribeDBClusterSnapshots", input, error);
      if (output == NULL)
        return NULL;
      answer = slip_json_node_object (output);
      snapshots = answer != NULL ? slip_json_array (answer, "DBClusterSnapshots") : NULL;
      for (guint i = 0; snapshots != NULL && i < json_array_get_length (snapshots); i++)
        if (slip_json_node_object (json_array_get_element (snapshots, i)) != NULL)
          json_array_add_element (all, slip_json_copy (json_array_get_element (snapshots, i)));
      g_free (marker);
      marker = answer != NULL ? g_strdup (slip_json_string (answer, "Marker")) : NULL;
      if (marker == NULL || *marker == '\0')
        return g_steal_pointer (&all);
    }
  g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                       "the list of snapshots does not end");
  return NULL;
}

JsonObject *
slip_guard_find_snapshot (SlipGuardContext *context, const char *name, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (GError) local = NULL;
  JsonArray *snapshots;
  JsonObject *snapshot;

  json_object_set_string_member (input, "DBClusterSnapshotIdentifier", name);
  if (g_str_has_prefix (name, "arn:"))
    json_object_set_boolean_member (input, "IncludeShared", TRUE);
  output = slip_guard_call (context, "rds", "DescribeDBClusterSnapshots", input, &local);
  if (slip_aws_error_has_code (local, "DBClusterSnapshotNotFoundFault"))
    return NULL;
  if (output == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  snapshots = slip_json_array (slip_json_node_object (output), "DBClusterSnapshots");
  if (snapshots == NULL || json_array_get_length (snapshots) == 0)
    return NULL;
  snapshot = slip_json_node_object (json_array_get_element (snapshots, 0));
  return snapshot != NULL ? json_object_ref (snapshot) : NULL;
}

JsonObject *
slip_guard_describe_key (SlipGuardContext *context, const char *key, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  JsonObject *metadata;

  json_object_set_string_member (input, "KeyId", key);
  output = slip_guard_call (context, "kms", "DescribeKey", input, error);
  metadata
      = output != NULL ? slip_json_object (slip_json_node_object (output), "KeyMetadata") : NULL;
  return metadata != NULL ? json_object_ref (metadata) : NULL;
}

char *
slip_guard_age (SlipGuardContext *context, const char *time)
{
  gint64 then;
  gint64 minutes;

  if (time == NULL || !slip_time_parse (time, &then))
    return g_strdup ("unknown age");
  minutes = MAX (0, (slip_clock_now (context->clock) - then) / (60 * G_USEC_PER_SEC));
  if (minutes >= 2 * 24 * 60)
    return g_strdup_printf ("%d days old", (int)(minutes / (24 * 60)));
  if (minutes >= 60)
    return g_strdup_printf ("%d h %d min old", (int)(minutes / 60), (int)(minutes % 60));
  return g_strdup_printf ("%d min old", (int)minutes);
}
