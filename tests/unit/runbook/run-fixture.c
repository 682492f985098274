/* SPDX-License-Identifier: MIT */
/* The scripted AWS that the tests of runs share, and how they plan, start and look at runs. */

#include "run-fixture.h"

#include "slip-plan-private.h"
#include "slip-run-engine.h"
#include "slip-test-folder.h"

#define START_US (G_GINT64_CONSTANT (1795329000) * G_USEC_PER_SEC)

/* ---- the scripted service */

static JsonObject *
find_snapshot (Fixture *fixture, JsonObject *input)
{
  const char *id = slip_json_string (input, "DBClusterSnapshotIdentifier");

  return id != NULL ? g_hash_table_lookup (fixture->snapshots, id) : NULL;
}

static JsonNode *
snapshot_answer (JsonObject *snapshot)
{
  JsonObject *answer = json_object_new ();

  json_object_set_object_member (answer, "DBClusterSnapshot", json_object_ref (snapshot));
  return slip_json_new_object (answer);
}

static void
not_found (JsonObject *input, GError **error)
{
  slip_aws_error_set_service (error, "DBClusterSnapshotNotFoundFault", 404,
                              "DBClusterSnapshot %s not found.",
                              slip_json_string (input, "DBClusterSnapshotIdentifier"));
}

void
fixture_add_snapshot (Fixture *fixture, const char *id, const char *status, const char *source)
{
  JsonObject *snapshot = json_object_new ();
  g_autofree char *arn
      = g_strconcat ("arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:", id, NULL);

  json_object_set_string_member (snapshot, "DBClusterSnapshotIdentifier", id);
  json_object_set_string_member (snapshot, "DBClusterSnapshotArn", arn);
  json_object_set_string_member (snapshot, "DBClusterIdentifier", source);
  json_object_set_string_member (snapshot, "Status", status);
  json_object_set_int_member (snapshot, "PercentProgress", 0);
  g_hash_table_insert (fixture->snapshots, g_strdup (id), snapshot);
}

static JsonNode *
create_snapshot (Fixture *fixture, JsonObject *input, GError **error)
{
  const char *id = slip_json_string (input, "DBClusterSnapshotIdentifier");

  if (find_snapshot (fixture, input) != NULL)
    {
      slip_aws_error_set_service (error, "DBClusterSnapshotAlreadyExistsFault", 400, "%s exists",
                                  id);
      return NULL;
    }
  fixture_add_snapshot (fixture, id, "creating", slip_json_string (input, "DBClusterIdentifier"));
  return snapshot_answer (find_snapshot (fixture, input));
}

static JsonNode *
delete_snapshot (Fixture *fixture, JsonObject *input, GError **error)
{
  JsonObject *snapshot = find_snapshot (fixture, input);
  JsonNode *answer;

  if (snapshot == NULL)
    {
      not_found (input, error);
      return NULL;
    }
  answer = snapshot_answer (snapshot);
  g_hash_table_remove (fixture->snapshots, slip_json_string (input, "DBClusterSnapshotIdentifier"));
  return answer;
}

static JsonNode *
describe_snapshots (Fixture *fixture, JsonObject *input, GError **error)
{
  JsonObject *snapshot = find_snapshot (fixture, input);
  const char *id = slip_json_string (input, "DBClusterSnapshotIdentifier");
  JsonObject *answer = json_object_new ();
  JsonArray *list = json_array_new ();
  g_autoptr (JsonNode) node = NULL;
  guint looks;

  if (snapshot == NULL)
    {
      json_array_unref (list);
      json_object_unref (answer);
      not_found (input, error);
      return NULL;
    }
  looks = GPOINTER_TO_UINT (g_hash_table_lookup (fixture->reads, id)) + 1;
  g_hash_table_insert (fixture->reads, g_strdup (id), GUINT_TO_POINTER (looks));
  if (g_str_equal (slip_json_string (snapshot, "Status"), "creating")
      && looks >= fixture->ready_after)
    json_object_set_string_member (snapshot, "Status",
                                   fixture->state != NULL ? fixture->state : "available");
  node = json_node_init_object (json_node_alloc (), snapshot);
  json_array_add_element (list, slip_json_copy (node));
  json_object_set_array_member (answer, "DBClusterSnapshots", list);
  return slip_json_new_object (answer);
}

static JsonNode *
add_tags (Fixture *fixture, JsonObject *input, GError **error)
{
  return slip_json_new_object (json_object_new ());
}

static JsonNode *
start_restore (Fixture *fixture, JsonObject *input, GError **error)
{
  JsonObject *answer = json_object_new ();
  const char *token = slip_json_string (input, "IdempotencyToken");

  g_ptr_array_add (fixture->tokens, g_strdup (token != NULL ? token : ""));
  json_object_set_string_member (answer, "RestoreJobId", "job-1");
  return slip_json_new_object (answer);
}

static JsonNode *
get_secret (Fixture *fixture, JsonObject *input, GError **error)
{
  JsonObject *answer = json_object_new ();

  json_object_set_string_member (answer, "SecretString", "hunter2-very-secret");
  return slip_json_new_object (answer);
}

#define EXECUTION "arn:aws:states:eu-west-1:111111111111:execution:migrate:"

static JsonNode *
start_execution (Fixture *fixture, JsonObject *input, GError **error)
{
  JsonObject *answer = json_object_new ();
  g_autofree char *arn = g_strconcat (EXECUTION, slip_json_string (input, "name"), NULL);

  if (fixture_count (fixture->effects, "StartExecution") > 0)
    {
      json_object_unref (answer);
      slip_aws_error_set_service (error, "ExecutionAlreadyExists", 400, "it exists");
      return NULL;
    }
  json_object_set_string_member (answer, "executionArn", arn);
  json_object_set_string_member (answer, "startDate", "2026-11-21T06:30:00Z");
  return slip_json_new_object (answer);
}

static JsonNode *
describe_execution (Fixture *fixture, JsonObject *input, GError **error)
{
  JsonObject *answer = json_object_new ();

  g_assert_true (g_str_has_prefix (slip_json_string (input, "executionArn"), EXECUTION "slipway-"));
  json_object_set_string_member (answer, "executionArn", slip_json_string (input, "executionArn"));
  json_object_set_string_member (answer, "status",
                                 fixture->ready_after-- > 1 ? "RUNNING"
                                 : fixture->state != NULL   ? fixture->state
                                                            : "SUCCEEDED");
  json_object_set_string_member (answer, "cause", "the third state failed");
  return slip_json_new_object (answer);
}

static JsonNode *
start_automation (Fixture *fixture, JsonObject *input, GError **error)
{
  JsonObject *answer = json_object_new ();
  const char *token = slip_json_string (input, "ClientToken");

  g_ptr_array_add (fixture->tokens, g_strdup (token != NULL ? token : ""));
  json_object_set_string_member (answer, "AutomationExecutionId", AUTOMATION_ID);
  return slip_json_new_object (answer);
}

static JsonNode *
get_automation (Fixture *fixture, JsonObject *input, GError **error)
{
  const char *status = fixture->ready_after-- > 1 ? "InProgress"
                       : fixture->state != NULL   ? fixture->state
                                                  : "Success";
  g_autofree char *text = g_strdup_printf (
      "{\"AutomationExecution\":{\"AutomationExecutionId\":\"%s\",\"AutomationExecutionStatus\":"
      "\"%s\",\"FailureMessage\":\"the instance is gone\",\"Outputs\":{\"restart.Output\":"
      "[\"restarted\"]}}}",
      AUTOMATION_ID, status);

  g_assert_cmpstr (slip_json_string (input, "AutomationExecutionId"), ==, AUTOMATION_ID);
  return slip_json_parse (text, -1, NULL);
}

/* What RDS says of why a snapshot failed, between what it says of other things. */
static JsonNode *
describe_events (Fixture *fixture, JsonObject *input, GError **error)
{
  g_assert_cmpstr (slip_json_string (input, "SourceType"), ==, "db-cluster-snapshot");
  g_assert_cmpstr (slip_json_string (input, "SourceIdentifier"), ==, "snap");
  return slip_json_parse ("{\"Events\":[{\"Message\":\"Creating manual cluster snapshot\"},"
                          "{\"Message\":\"Cluster snapshot failed:\\nThe key was disabled\"},"
                          "{\"Message\":\"Completed failover to DB instance: snap-1\"}]}",
                          -1, error);
}

static const struct
{
  const char *operation;
  JsonNode *(*func) (Fixture *, JsonObject *, GError **);
} operations[] = {
    {"AddTagsToResource", add_tags},
    {"CreateDBClusterSnapshot", create_snapshot},
    {"DeleteDBClusterSnapshot", delete_snapshot},
    {"DescribeDBClusterSnapshots", describe_snapshots},
    {"DescribeEvents", describe_events},
    {"StartRestoreJob", start_restore},
    {"GetSecretValue", get_secret},
    {"StartExecution", start_execution},
    {"DescribeExecution", describe_execution},
    {"StartAutomationExecution", start_automation},
    {"GetAutomationExecution", get_automation},
};

static JsonNode *
carry_out (Fixture *fixture, const char *operation, JsonObject *input, GError **error)
{
  for (gsize i = 0; fixture->answer == NULL && i < G_N_ELEMENTS (operations); i++)
    if (g_str_equal (operation, operations[i].operation))
      return operations[i].func (fixture, input, error);
  g_assert_nonnull (fixture->answer);
  return fixture->answer (fixture, operation, input, error);
}

static Fault
take_fault (Fixture *fixture, const char *operation)
{
  for (GList *l = fixture->faults.head; l != NULL; l = l->next)
    {
      Planned *planned = l->data;
      Fault fault = planned->fault;

      if (!g_str_equal (planned->operation, operation))
        continue;
      g_queue_delete_link (&fixture->faults, l);
      g_free (planned->operation);
      g_free (planned);
      return fault;
    }
  return FAULT_NONE;
}

static gboolean
raise_before (Fault fault, GError **error)
{
  switch (fault)
    {
    case FAULT_BEFORE:
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME, "500 without effect");
      return TRUE;
    case FAULT_THROTTLE:
      slip_aws_error_set_service (error, "Throttling", 400, "Rate exceeded");
      return TRUE;
    case FAULT_EXPIRED:
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED, "the token has expired");
      return TRUE;
    case FAULT_TRANSPORT:
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT, "the connection broke");
      return TRUE;
    case FAULT_DENIED:
      slip_aws_error_set_service (error, "AccessDenied", 403, "not authorised");
      return TRUE;
    case FAULT_BUSY:
      slip_aws_error_set_service (error, "InvalidDBClusterStateFault", 400, "backing-up");
      return TRUE;
    case FAULT_MISSING:
      slip_aws_error_set_service (error, "DBClusterSnapshotNotFoundFault", 404, "not found");
      return TRUE;
    case FAULT_NONE:
    case FAULT_AFTER:
      break;
    }
  return FALSE;
}

static JsonNode *
scripted_call (gpointer data,
               const char *environment,
               const SlipAwsCall *call,
               SlipAwsCallInfo *info,
               GCancellable *cancellable,
               GError **error)
{
  Fixture *fixture = data;
  const SlipAwsOperation *op
      = slip_aws_model_lookup_operation (call->service, call->operation, NULL, NULL);
  Fault fault = take_fault (fixture, call->operation);
  JsonNode *answer;

  g_assert_nonnull (op);
  g_assert_true (
      slip_aws_model_check_error (slip_aws_model_get (call->service, NULL), op, call->input, NULL));
  if (fixture->on_call != NULL)
    fixture->on_call (fixture, call->operation);
  if (op->effect != SLIP_AWS_EFFECT_READ)
    {
      g_assert_true (fixture->unlocked);
      g_ptr_array_add (fixture->sent, g_strdup (call->operation));
    }
  if (raise_before (fault, error))
    return NULL;
  if (info != NULL)
    {
      info->request_id = g_strdup_printf ("request-%u", fixture->sent->len);
      info->service_date_us = slip_clock_now (fixture->clock);
    }
  answer = carry_out (fixture, call->operation, json_node_get_object (call->input), error);
  if (answer == NULL)
    return NULL;
  if (op->effect != SLIP_AWS_EFFECT_READ)
    g_ptr_array_add (fixture->effects, g_strdup (call->operation));
  if (fault != FAULT_AFTER)
    return answer;
  json_node_unref (answer);
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME, "no answer came");
  return NULL;
}

static SlipAwsIdentity *
scripted_identity (gpointer data,
                   const char *environment,
                   GCancellable *cancellable,
                   GError **error)
{
  Fixture *fixture = data;
  g_autofree char *arn
      = g_strdup_printf ("arn:aws:sts::%s:assumed-role/breakglass/alice", fixture->account);

  if (take_fault (fixture, "GetCallerIdentity") != FAULT_NONE)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED, "the token has expired");
      return NULL;
    }
  return slip_aws_identity_new_for_arn (fixture->account, arn, "AROA:alice");
}

static gint64
scripted_expiration (gpointer data, const char *environment)
{
  return ((Fixture *)data)->expiration;
}

static void
scripted_renew (gpointer data, const char *environment)
{
  Fixture *fixture = data;

  if (fixture->renewed != 0)
    fixture->expiration = fixture->renewed;
}

static char *
scripted_endpoint (gpointer data, const char *environment, GError **error)
{
  return g_strdup (((Fixture *)data)->endpoint);
}

static gboolean
scripted_declared (
    gpointer data, const char *environment, char **account, char **role, GError **error)
{
  Fixture *fixture = data;

  *account = g_strdup (fixture->declared_account);
  *role = g_strdup (fixture->declared_role);
  return TRUE;
}

static void
scripted_unlock (gpointer data, const char *environment, const char *why)
{
  Fixture *fixture = data;

  fixture->unlocked = why != NULL;
  fixture->unlocks += why != NULL;
}

static SlipClock *
scripted_clock (gpointer data, const char *environment)
{
  return slip_clock_ref (((Fixture *)data)->clock);
}

/* The proof is the session's name, perhaps behind an account and a slash, and what it is bound to. */
static SlipAwsIdentity *
scripted_verify_proof (gpointer data,
                       const char *environment,
                       const char *proof,
                       const char *bound_to,
                       gint64 *made_us,
                       GCancellable *cancellable,
                       GError **error)
{
  Fixture *fixture = data;
  g_auto (GStrv) parts = g_strsplit (proof, "|", 2);
  const char *slash = strchr (parts[0], '/');
  g_autofree char *account
      = slash != NULL ? g_strndup (parts[0], slash - parts[0]) : g_strdup (fixture->account);
  g_autofree char *arn = g_strdup_printf ("arn:aws:sts::%s:assumed-role/breakglass/%s", account,
                                          slash != NULL ? slash + 1 : parts[0]);

  if (g_strcmp0 (parts[1], bound_to) != 0)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY,
                   "the proof is not bound to this");
      return NULL;
    }
  *made_us = slip_clock_now (fixture->clock);
  return slip_aws_identity_new_for_arn (account, arn, NULL);
}

static char **
scripted_lend (
    gpointer data, const char *environment, char **envp, GCancellable *cancellable, GError **error)
{
  Fixture *fixture = data;

  if (take_fault (fixture, "Lend") != FAULT_NONE)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED, "the token has expired");
      return envp;
    }
  envp = g_environ_setenv (envp, "AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", TRUE);
  return g_environ_setenv (envp, "AWS_SECRET_ACCESS_KEY", "lent-secret-key", TRUE);
}

static const SlipRunCallerVTable scripted = {
    .call = scripted_call,
    .identity = scripted_identity,
    .expiration = scripted_expiration,
    .renew = scripted_renew,
    .endpoint = scripted_endpoint,
    .declared = scripted_declared,
    .unlock = scripted_unlock,
    .clock = scripted_clock,
    .verify_proof = scripted_verify_proof,
    .lend = scripted_lend,
};

/* ---- setting up */

void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  if (g_getenv ("SLIPWAY_LEDGER_KEY") == NULL)
    g_setenv ("SLIPWAY_LEDGER_KEY", "file", TRUE);
  fixture->folder = g_dir_make_tmp ("slip-run-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (fixture->folder, "ledger.db", NULL);
  fixture->ledger = slip_ledger_open (path, &error);
  g_assert_no_error (error);
  fixture->clock = slip_clock_new_manual (START_US);
  slip_ledger_set_clock (fixture->ledger, fixture->clock);
  fixture->caller = slip_run_caller_new (&scripted, fixture, NULL);
  g_queue_init (&fixture->faults);
  fixture->snapshots
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_object_unref);
  fixture->reads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  fixture->sent = g_ptr_array_new_with_free_func (g_free);
  fixture->effects = g_ptr_array_new_with_free_func (g_free);
  fixture->tokens = g_ptr_array_new_with_free_func (g_free);
  fixture->account = g_strdup ("111111111111");
  fixture->endpoint = g_strdup ("endpoint-a");
  fixture->declared_account = "111111111111";
  fixture->declared_role = "breakglass";
  fixture->ready_after = 3;
  fixture_add_snapshot (fixture, "old", "available", "api");
}

static void
free_planned (gpointer data)
{
  Planned *planned = data;

  g_free (planned->operation);
  g_free (planned);
}

void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->runner);
  g_clear_pointer (&fixture->caller, slip_run_caller_unref);
  g_clear_object (&fixture->ledger);
  g_clear_pointer (&fixture->clock, slip_clock_unref);
  g_queue_clear_full (&fixture->faults, free_planned);
  g_hash_table_unref (fixture->snapshots);
  g_hash_table_unref (fixture->reads);
  g_ptr_array_unref (fixture->sent);
  g_ptr_array_unref (fixture->effects);
  g_ptr_array_unref (fixture->tokens);
  g_free (fixture->account);
  g_free (fixture->endpoint);
  g_free (fixture->run);
  g_clear_error (&fixture->error);
  g_clear_pointer (&fixture->told, g_free);
  slip_test_remove_folder (fixture->folder);
  g_free (fixture->folder);
}

JsonNode *
fixture_json (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = slip_json_parse (text, -1, &error);

  g_assert_no_error (error);
  return node;
}

void
fixture_fault (Fixture *fixture, const char *operation, Fault fault)
{
  Planned *planned = g_new0 (Planned, 1);

  planned->operation = g_strdup (operation);
  planned->fault = fault;
  g_queue_push_tail (&fixture->faults, planned);
}

/* ---- planning */

static void
set_default (JsonObject *step, const char *name, const char *value)
{
  if (!json_object_has_member (step, name))
    json_object_set_string_member (step, name, value);
}

/* What the steps of a test leave out of their inputs follows from the call that they write down. */
static void
complete_inputs (JsonObject *step)
{
  JsonObject *request = slip_json_object (step, "request");
  JsonObject *wait = slip_json_object (step, "wait");
  JsonObject *inputs;
  g_autoptr (GList) names = request != NULL ? json_object_get_members (request) : NULL;
  const char *action = slip_json_string (step, "action");

  if (!json_object_has_member (step, "inputs"))
    json_object_set_object_member (step, "inputs", json_object_new ());
  inputs = slip_json_object (step, "inputs");
  if (request == NULL || action == NULL
      || slip_action_is_local (slip_json_string (step, "service")))
    return;
  for (GList *l = names; l != NULL; l = l->next)
    if (!json_object_has_member (inputs, l->data))
      json_object_set_member (inputs, l->data,
                              slip_json_copy (json_object_get_member (request, l->data)));
  if (!g_str_has_suffix (action, "Api") && !g_str_has_suffix (action, "Property"))
    return;
  set_default (inputs, "Service", slip_json_string (step, "service"));
  set_default (inputs, "Api", slip_json_string (step, "operation"));
  if (wait == NULL)
    return;
  set_default (inputs, "PropertySelector", slip_json_string (wait, "selector"));
  if (!json_object_has_member (inputs, "DesiredValues") && slip_json_array (wait, "ok") != NULL)
    json_object_set_array_member (inputs, "DesiredValues",
                                  json_array_ref (slip_json_array (wait, "ok")));
}

/* As the models have it; a loop does what its body does. */
static const char *
effect_of (JsonObject *step)
{
  const char *service = slip_json_string (step, "service");
  JsonArray *body = slip_json_array (step, "body");
  SlipAwsEffect effect = SLIP_AWS_EFFECT_READ;
  SlipAwsEffect one;
  const SlipAwsOperation *op = NULL;

  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    if (slip_aws_effect_from_name (
            slip_json_string (json_array_get_object_element (body, i), "effect"), &one))
      effect = MAX (effect, one);

  if (service != NULL && !slip_action_is_local (service))
    op = slip_aws_model_lookup_operation (service, slip_json_string (step, "operation"), NULL,
                                          NULL);
  return slip_aws_effect_name (op != NULL ? slip_aws_operation_effect (op) : effect);
}

static void
complete_step (JsonObject *step, const char *next)
{
  const char *effect;

  set_default (step, "name", slip_json_string (step, "id"));
  set_default (step, "title", slip_json_string (step, "id"));
  set_default (step, "environment", "production");
  set_default (step, "account", "111111111111");
  set_default (step, "region", "eu-west-1");
  set_default (step, "effect", effect_of (step));
  effect = slip_json_string (step, "effect");
  set_default (step, "reversibility", g_str_equal (effect, "change") ? "recoverable" : effect);
  set_default (step, "onFailure", "Abort");
  set_default (step, "onCancel", "Abort");
  complete_inputs (step);
  if (!json_object_has_member (step, "resume"))
    {
      JsonObject *resume = json_object_new ();

      json_object_set_string_member (resume, "rule", "R0");
      json_object_set_object_member (step, "resume", resume);
    }
  if (next != NULL && !json_object_has_member (step, "next"))
    json_object_set_string_member (step, "next", next);
}

static void
complete_steps (JsonArray *steps)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      const char *next = i + 1 < json_array_get_length (steps)
                             ? slip_json_string (json_array_get_object_element (steps, i + 1), "id")
                             : NULL;

      if (slip_json_array (step, "body") != NULL)
        complete_steps (slip_json_array (step, "body"));
      complete_step (step, next);
    }
}

static SlipPlan *
make_plan (Fixture *fixture, const char *steps, gboolean edited)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
      "{\"schema\":\"org.slipway.plan/2\",\"runbook\":{\"name\":\"test\",\"title\":\"Test\"},"
      "\"environment\":\"production\",\"environments\":{\"production\":{\"account\":"
      "\"111111111111\","
      "\"role\":\"breakglass\",\"endpoint\":\"endpoint-a\",\"protected\":%s}},"
      "\"parameters\":{\"Database\":\"api\"},\"variables\":{\"count\":1},\"globals\":{},"
      "\"forecast\":{\"minutes\":12},\"started\":\"2026-11-21T06:30:00Z\",\"guards\":[%s],"
      "\"preflight\":[%s],\"steps\":[%s]}",
      fixture->open ? "false" : "true", fixture->found != NULL ? fixture->found : "",
      fixture->preflight != NULL ? fixture->preflight : "", steps);
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, &error);
  g_autofree char *hash = NULL;
  SlipPlan *plan;

  g_assert_no_error (error);
  complete_steps (slip_json_array (json_node_get_object (node), "steps"));
  hash = slip_plan_compute_hash (json_node_get_object (node));
  json_object_set_string_member (json_node_get_object (node), "hash", hash);
  plan = edited ? slip_plan_new_stored (node, &error) : slip_plan_new_from_json (node, &error);
  g_assert_no_error (error);
  return plan;
}

static void
create (Fixture *fixture, const char *steps, gboolean edited)
{
  g_autoptr (SlipPlan) plan = make_plan (fixture, steps, edited);
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->runner);
  g_free (fixture->run);
  fixture->run = slip_run_create (fixture->ledger, plan, &error);
  g_assert_no_error (error);
  fixture->runner
      = slip_runner_new_with_callers (fixture->ledger, fixture->run, fixture->caller, NULL);
}

void
fixture_plan_only (Fixture *fixture, const char *steps)
{
  create (fixture, steps, FALSE);
}

static void
approve (Fixture *fixture)
{
  g_autoptr (SlipRunFold) fold = fixture_fold (fixture);

  fixture_control (fixture, SLIP_RUNNER_APPROVE, NULL, fold->plan_hash);
}

void
fixture_plan (Fixture *fixture, const char *steps)
{
  create (fixture, steps, FALSE);
  approve (fixture);
}

void
fixture_plan_edited (Fixture *fixture, const char *steps)
{
  create (fixture, steps, TRUE);
  approve (fixture);
}

char *
fixture_step (const char *id, const char *action, const char *inputs, const char *more)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) own = slip_json_parse (inputs, -1, &error);
  g_autoptr (JsonNode) node = NULL;
  const SlipAction *found = slip_action_find (action);
  SlipActionPlan plan = {0};

  g_assert_no_error (error);
  node = slip_json_parse (more != NULL ? more : "{}", -1, &error);
  g_assert_no_error (error);
  g_assert_nonnull (found);
  plan.inputs = json_node_get_object (own);
  plan.step = json_node_get_object (node);
  plan.slipway = slip_json_object (plan.step, "slipway");
  json_object_set_string_member (plan.step, "id", id);
  json_object_set_string_member (plan.step, "name", id);
  json_object_set_string_member (plan.step, "action", action);
  json_object_set_object_member (plan.step, "inputs", json_object_ref (plan.inputs));
  g_assert_true (found->plan (&plan, &error));
  g_assert_no_error (error);
  if (!json_object_has_member (plan.step, "reversibility"))
    json_object_set_string_member (
        plan.step, "reversibility",
        g_strcmp0 (slip_json_string (plan.step, "effect"), "change") == 0 ? "recoverable" : "read");
  json_object_remove_member (plan.step, "slipway");
  return slip_json_to_text (node, FALSE);
}

/* ---- running and looking */

SlipRunFold *
fixture_fold (Fixture *fixture)
{
  SlipRunFold *fold = slip_run_fold_new (fixture->run);
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_run_fold_sync (fold, fixture->ledger, &error));
  g_assert_no_error (error);
  return fold;
}

SlipRunFold *
fixture_go (Fixture *fixture)
{
  g_autoptr (SlipJob) job = slip_runner_start (fixture->runner);

  slip_job_wait (job);
  g_clear_error (&fixture->error);
  fixture->error = slip_job_dup_error (job);
  g_free (fixture->told);
  fixture->told = slip_job_dup_detail (job);
  return fixture_fold (fixture);
}

void
fixture_control (Fixture *fixture, SlipRunnerControl control, const char *step, const char *text)
{
  g_autoptr (SlipRunFold) fold = slip_run_fold_new (fixture->run);
  g_autofree char *asked = NULL;
  g_autofree char *own = step != NULL ? g_strconcat (step, "/", NULL) : NULL;
  g_autoptr (GError) error = NULL;

  /* Who vouches for a guard has read what it found. */
  slip_run_fold_sync (fold, fixture->ledger, NULL);
  asked = slip_run_fold_dup_need_name (fold);
  if (control == SLIP_RUNNER_ATTEST && asked != NULL && g_str_has_prefix (asked, own))
    step = asked;
  slip_runner_control (fixture->runner, control, step, text, &error);
  g_assert_no_error (error);
}

void
fixture_append (Fixture *fixture, const char *kind, const char *step, const char *data)
{
  g_autoptr (JsonObject) entry = slip_run_entry_new (kind, fixture->run, step, NULL);
  g_autoptr (GError) error = NULL;

  if (g_str_equal (kind, "step.outcome"))
    json_object_set_string_member (entry, "outcome", "done");
  if (data != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_parse (data, -1, &error);

      g_assert_no_error (error);
      json_object_set_object_member (entry, "data", json_object_ref (json_node_get_object (node)));
    }
  slip_ledger_append (fixture->ledger, entry, NULL, &error);
  g_assert_no_error (error);
}

guint
fixture_count (GPtrArray *list, const char *operation)
{
  guint count = 0;

  for (guint i = 0; i < list->len; i++)
    count += g_str_equal (g_ptr_array_index (list, i), operation);
  return count;
}

guint
fixture_entries (SlipRunFold *fold, const char *kind, const char *step)
{
  guint count = 0;

  for (guint i = 0; i < fold->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (fold->entries, i);

      count += g_strcmp0 (slip_json_string (entry, "kind"), kind) == 0
               && (step == NULL || g_strcmp0 (slip_json_string (entry, "step"), step) == 0);
    }
  return count;
}
