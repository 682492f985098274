/* SPDX-License-Identifier: MIT */
/* The stand-in for AWS of the planner's and guards' tests. Requests are checked against the models, as
 * the client would, so that a test cannot pass with a request that AWS refuses. */

#include "scripted.h"

#include "slip-aws-error.h"
#include "slip-aws-model.h"
#include "slip-json.h"

#include <string.h>

typedef struct
{
  char *environment;
  char *call;
  char *part; /* nullable */
  char *answer;
  int left; /* how often it answers yet; -1 for always */
} Rule;

struct _Scripted
{
  GMutex lock;
  GPtrArray *rules; /* newest first */
  GPtrArray *calls;
  GHashTable *facts;
  gint64 expiration;
  gint64 skew;
};

#define CLUSTER                                                                                    \
  "{\"DBClusters\":[{\"DBClusterIdentifier\":\"api-production\",\"Status\":\"available\","         \
  "\"DBClusterArn\":\"arn:aws:rds:eu-west-1:111111111111:cluster:api-production\","                \
  "\"Engine\":\"aurora-postgresql\",\"EngineVersion\":\"14.15\",\"AllocatedStorage\":100,"         \
  "\"KmsKeyId\":\"arn:aws:kms:eu-west-1:111111111111:key/store\",\"DBClusterMembers\":["           \
  "{\"DBInstanceIdentifier\":\"api-production-0\",\"IsClusterWriter\":true}]}]}"
#define KEY                                                                                        \
  "{\"KeyMetadata\":{\"KeyId\":\"shared\",\"Arn\":\"arn:aws:kms:eu-west-1:111111111111:key/"       \
  "shared\",\"KeyManager\":\"CUSTOMER\",\"KeyState\":\"Enabled\",\"KeySpec\":"                     \
  "\"SYMMETRIC_DEFAULT\"}}"
#define POLICY                                                                                     \
  "{\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":"          \
  "\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"arn:aws:iam::222222222222:root\\\"},"          \
  "\\\"Action\\\":[\\\"kms:Decrypt\\\",\\\"kms:DescribeKey\\\",\\\"kms:CreateGrant\\\"],"          \
  "\\\"Resource\\\":\\\"*\\\"}]}\"}"
#define OLDER_COPY                                                                                 \
  "{\"DBClusterSnapshots\":[{\"AllocatedStorage\":100,\"DBClusterSnapshotIdentifier\":\"api-"      \
  "snpshot-for-copy\","                                                                            \
  "\"DBClusterIdentifier\":\"api-production\",\"SnapshotType\":\"manual\",\"Status\":"             \
  "\"available\",\"SnapshotCreateTime\":\"2026-11-20T06:00:00Z\",\"DBClusterSnapshotArn\":"        \
  "\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:api-snpshot-for-copy\"}]}"
#define ATTRIBUTES                                                                                 \
  "{\"DBClusterSnapshotAttributesResult\":{\"DBClusterSnapshotIdentifier\":"                       \
  "\"api-snpshot-for-copy\",\"DBClusterSnapshotAttributes\":[{\"AttributeName\":\"restore\","      \
  "\"AttributeValues\":[\"222222222222\"]}]}}"
#define QUOTAS                                                                                     \
  "{\"AccountQuotas\":[{\"AccountQuotaName\":\"ManualClusterSnapshots\",\"Used\":1,\"Max\":100}]}"
#define ALLOWED                                                                                    \
  "{\"EvaluationResults\":[{\"EvalActionName\":\"rds:CreateDBClusterSnapshot\",\"EvalDecision\":"  \
  "\"allowed\"}]}"
#define NO_SNAPSHOT "!DBClusterSnapshotNotFoundFault there is no such snapshot"

static void
rule_free (gpointer data)
{
  Rule *rule = data;

  g_free (rule->environment);
  g_free (rule->call);
  g_free (rule->part);
  g_free (rule->answer);
  g_free (rule);
}

void
scripted_add_environment (Scripted *script, const char *text)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  JsonObject *facts = json_node_get_object (node);

  g_hash_table_insert (script->facts, g_strdup (slip_json_string (facts, "name")),
                       json_object_ref (facts));
}

Scripted *
scripted_new (void)
{
  Scripted *script = g_new0 (Scripted, 1);

  g_mutex_init (&script->lock);
  script->rules = g_ptr_array_new_with_free_func (rule_free);
  script->calls = g_ptr_array_new_with_free_func (g_free);
  script->facts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_object_unref);
  scripted_add_environment (
      script, "{\"name\":\"production\",\"title\":\"Production\",\"account\":\"111111111111\","
              "\"alias\":\"sirius\",\"role\":\"breakglass\",\"protected\":true,\"regions\":"
              "[\"eu-west-1\",\"eu-west-2\"],\"endpoint\":\"e1\",\"overridden\":false,\"accounts\":"
              "{\"111111111111\":\"production\",\"222222222222\":\"preproduction\"},\"settings\":"
              "{\"database\":\"api\",\"reencryption_key\":\"alias/shared\",\"share_with\":"
              "[\"222222222222\"],\"consumer\":{\"expects\":\"api-snpshot-for-copy\"}}}");
  scripted_add_environment (
      script,
      "{\"name\":\"preproduction\",\"title\":\"Preproduction\",\"account\":"
      "\"222222222222\",\"alias\":\"pre\",\"role\":\"breakglass\",\"protected\":false,"
      "\"regions\":[\"eu-west-1\"],\"endpoint\":\"e1\",\"overridden\":false,\"settings\":{}}");
  scripted_answer (script, "production", "sts:GetCallerIdentity",
                   "{\"Account\":\"111111111111\",\"Arn\":\"arn:aws:sts::111111111111:"
                   "assumed-role/breakglass/ann\",\"UserId\":\"U:ann\"}");
  scripted_answer (script, "preproduction", "sts:GetCallerIdentity",
                   "{\"Account\":\"222222222222\",\"Arn\":\"arn:aws:sts::222222222222:"
                   "assumed-role/breakglass/ann\",\"UserId\":\"U:ann\"}");
  scripted_answer (script, "production", "iam:SimulatePrincipalPolicy", ALLOWED);
  scripted_answer (script, "production", "rds:DescribeDBClusters", CLUSTER);
  scripted_answer (script, "production", "kms:DescribeKey", KEY);
  scripted_answer (script, "production", "kms:GetKeyPolicy", POLICY);
  scripted_answer (script, "production", "rds:DescribeAccountAttributes", QUOTAS);
  scripted_answer (script, "production", "rds:DescribeDBClusterSnapshotAttributes", ATTRIBUTES);
  scripted_answer (script, "production", "rds:DescribeDBClusterSnapshots", OLDER_COPY);
  scripted_answer_to (script, "production", "rds:DescribeDBClusterSnapshots",
                      "pre-migration-snapshot", NO_SNAPSHOT);
  scripted_answer (script, "preproduction", "rds:DescribeDBClusterSnapshots",
                   "{\"DBClusterSnapshots\":[]}");
  return script;
}

void
scripted_answer_to (Scripted *script,
                    const char *environment,
                    const char *call,
                    const char *part,
                    const char *answer)
{
  Rule *rule = g_new0 (Rule, 1);

  rule->environment = g_strdup (environment);
  rule->call = g_strdup (call);
  rule->part = g_strdup (part);
  rule->answer = g_strdup (answer);
  rule->left = -1;
  g_ptr_array_insert (script->rules, 0, rule);
}

void
scripted_answer_times (
    Scripted *script, const char *environment, const char *call, const char *answer, int times)
{
  scripted_answer_to (script, environment, call, NULL, answer);
  ((Rule *)g_ptr_array_index (script->rules, 0))->left = times;
}

/* A plain answer goes behind those for certain requests, but before older plain ones. */
void
scripted_answer (Scripted *script, const char *environment, const char *call, const char *answer)
{
  Rule *rule;
  guint at = 0;

  scripted_answer_to (script, environment, call, NULL, answer);
  rule = g_ptr_array_steal_index (script->rules, 0);
  while (at < script->rules->len && ((Rule *)g_ptr_array_index (script->rules, at))->part != NULL)
    at++;
  g_ptr_array_insert (script->rules, (gint)at, rule);
}

JsonObject *
scripted_facts (Scripted *script, const char *environment)
{
  return g_hash_table_lookup (script->facts, environment);
}

void
scripted_set_expiration (Scripted *script, gint64 time_us)
{
  script->expiration = time_us;
}

void
scripted_set_skew (Scripted *script, gint64 skew_us)
{
  script->skew = skew_us;
}

guint
scripted_count (Scripted *script, const char *call)
{
  guint count = 0;

  for (guint i = 0; i < script->calls->len; i++)
    count += g_str_equal (g_ptr_array_index (script->calls, i), call);
  return count;
}

guint
scripted_count_all (Scripted *script)
{
  return script->calls->len;
}

static JsonNode *
fail (const char *answer, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (answer + 1, " ", 2);

  if (answer[1] == '!')
    g_set_error_literal (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT, "the connection broke");
  else
    g_propagate_error (error, slip_aws_error_new_service (parts[0], parts[1], 400, "r-1"));
  return NULL;
}

static JsonNode *
call (gpointer data,
      const char *environment,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GCancellable *cancellable,
      GError **error)
{
  Scripted *script = data;
  g_autofree char *name = g_strdup_printf ("%s:%s", service, operation);
  g_autofree char *text = input != NULL ? slip_json_canonical (input, NULL) : g_strdup ("{}");
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, &model, error);

  g_assert_nonnull (op);
  g_assert_cmpint (slip_aws_operation_effect (op), ==, SLIP_AWS_EFFECT_READ);
  if (!slip_aws_model_check_error (model, op, input, error))
    return NULL;
  g_mutex_lock (&script->lock);
  g_ptr_array_add (script->calls, g_strdup (name));
  g_mutex_unlock (&script->lock);
  for (guint i = 0; i < script->rules->len; i++)
    {
      Rule *rule = g_ptr_array_index (script->rules, i);

      if (!g_str_equal (rule->environment, environment) || !g_str_equal (rule->call, name)
          || (rule->part != NULL && strstr (text, rule->part) == NULL) || rule->left == 0)
        continue;
      if (rule->left > 0)
        rule->left--;
      if (*rule->answer == '!')
        return fail (rule->answer, error);
      return slip_json_parse (rule->answer, -1, error);
    }
  return fail ("!AccessDenied not in the script", error);
}

static JsonObject *
environment (gpointer data, const char *name)
{
  JsonObject *facts = g_hash_table_lookup (((Scripted *)data)->facts, name);

  return facts != NULL ? json_object_ref (facts) : NULL;
}

static char **
environments (gpointer data)
{
  static const char *const names[] = {"production", "preproduction", NULL};

  return g_strdupv ((char **)names);
}

static gint64
expiration (gpointer data, const char *name, GCancellable *cancellable, GError **error)
{
  return ((Scripted *)data)->expiration;
}

static gint64
skew (gpointer data, const char *name)
{
  return ((Scripted *)data)->skew;
}

SlipCaller *
scripted_caller (Scripted *script)
{
  static const SlipCallerVTable vtable = {
      .call = call,
      .environment = environment,
      .environments = environments,
      .session_expiration = expiration,
      .clock_skew = skew,
  };

  return slip_caller_new (&vtable, script, NULL);
}

void
scripted_free (Scripted *script)
{
  g_mutex_clear (&script->lock);
  g_ptr_array_unref (script->rules);
  g_ptr_array_unref (script->calls);
  g_hash_table_unref (script->facts);
  g_free (script);
}

void
scripted_assert_guard (Scripted *script,
                       const ScriptedGuard *asked,
                       SlipGuardState state,
                       const char *words)
{
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (SCRIPTED_NOW);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_parse (asked->inputs, -1, NULL);
  g_autoptr (SlipGuardResult) result = NULL;
  const SlipGuardMeans means
      = {.caller = caller, .clock = clock, .ledger = asked->ledger, .run = asked->run};

  g_assert_nonnull (node);
  json_object_set_string_member (object, "guard", asked->guard);
  json_object_set_string_member (object, "environment", asked->environment);
  json_object_set_string_member (object, "region", "eu-west-1");
  json_object_set_member (object, "inputs", g_steal_pointer (&node));
  result = slip_guard_run (&means, object, NULL, NULL);
  if (slip_guard_result_get_state (result) != state
      || strstr (slip_guard_result_get_message (result), words) == NULL)
    g_error ("%s is %s (%s), not %s (%s)", asked->guard,
             slip_guard_state_get_name (slip_guard_result_get_state (result)),
             slip_guard_result_get_message (result), slip_guard_state_get_name (state), words);
}
