/* SPDX-License-Identifier: MIT */

/* Policies in the small, those of identities and those of resources by the same matching: Effect,
 * Principal, Action and Resource with wildcards, and conditions of the String, Arn and Bool operators.
 * A condition on what is not modelled here (the service a call comes through) counts as met, except
 * for the simulator, which names the missing key as AWS's does. */

#include "slip-policy.h"

#include "slip-json.h"
#include "slip-service.h"

typedef gboolean (*TextFunc) (const char *text, gconstpointer data);

/* IAM allows a string wherever it allows an array of strings. */
static gboolean
any_text (JsonNode *node, TextFunc func, gconstpointer data)
{
  JsonArray *array;

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_string (node) != NULL && func (json_node_get_string (node), data);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (item) && json_node_get_string (item) != NULL
          && func (json_node_get_string (item), data))
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  const char *account;
  const char *principal_arn;
} Caller;

/* A role in a policy stands for all its sessions. */
static gboolean
is_session_of (const char *principal_arn, const char *role_arn)
{
  g_autoptr (SlipArn) role = slip_arn_parse (role_arn);
  g_autofree char *name = NULL;
  g_autofree char *prefix = NULL;

  if (role == NULL || !g_str_has_prefix (role->resource, "role/"))
    return FALSE;
  /* A role's path is not part of its sessions' ARNs. */
  name = g_path_get_basename (role->resource);
  prefix
      = g_strdup_printf ("arn:%s:sts::%s:assumed-role/%s/", role->partition, role->account, name);
  return g_str_has_prefix (principal_arn, prefix);
}

static gboolean
principal_matches (const char *text, gconstpointer data)
{
  const Caller *caller = data;
  g_autofree char *root = g_strdup_printf ("arn:aws:iam::%s:root", caller->account);

  if (g_str_equal (text, "*") || g_str_equal (text, caller->account) || g_str_equal (text, root))
    return TRUE;
  return caller->principal_arn != NULL
         && (g_str_equal (text, caller->principal_arn)
             || is_session_of (caller->principal_arn, text));
}

static gboolean
action_matches (const char *text, gconstpointer action)
{
  g_autofree char *pattern = g_ascii_strdown (text, -1);
  g_autofree char *lower = g_ascii_strdown (action, -1);

  return g_pattern_match_simple (pattern, lower);
}

static gboolean
text_matches (const char *text, gconstpointer value)
{
  return g_pattern_match_simple (text, value);
}

/* A condition's operator, without its quantifier and `IfExists`. */
typedef struct
{
  const char *name;
  gboolean negated;
  gboolean wildcards;
} Operator;

static const Operator operators[] = {
    {"StringEquals", FALSE, FALSE}, {"StringNotEquals", TRUE, FALSE}, {"StringLike", FALSE, TRUE},
    {"StringNotLike", TRUE, TRUE},  {"ArnEquals", FALSE, TRUE},       {"ArnNotEquals", TRUE, TRUE},
    {"ArnLike", FALSE, TRUE},       {"ArnNotLike", TRUE, TRUE},       {"Bool", FALSE, FALSE},
};

static const Operator *
find_operator (const char *name)
{
  const char *colon = strchr (name, ':');
  const char *bare = colon != NULL ? colon + 1 : name;
  g_autofree char *stem = g_str_has_suffix (bare, "IfExists")
                              ? g_strndup (bare, strlen (bare) - strlen ("IfExists"))
                              : g_strdup (bare);

  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    if (g_str_equal (operators[i].name, stem))
      return &operators[i];
  return NULL;
}

static gboolean
text_equals (const char *text, gconstpointer value)
{
  return g_ascii_strcasecmp (text, value) == 0;
}

/* The values that a policy lists, as @expected; the context's, as @actual. */
static gboolean
any_value (const Operator *operator_, JsonNode *expected, JsonNode *actual)
{
  TextFunc func = operator_->wildcards ? text_matches : text_equals;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (actual) ? json_node_get_array (actual) : NULL;

  if (array == NULL)
    return any_text (expected, func, json_node_get_string (actual));
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (any_text (expected, func, json_array_get_string_element (array, i)))
      return TRUE;
  return FALSE;
}

/* Condition keys are told apart without their case. */
static JsonNode *
find_key (JsonObject *context, const char *key)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (context == NULL)
    return NULL;
  json_object_iter_init (&iter, context);
  while (json_object_iter_next (&iter, &name, &value))
    if (g_ascii_strcasecmp (name, key) == 0)
      return value;
  return NULL;
}

static void
note_missing (GPtrArray *missing, const char *key)
{
  if (!g_ptr_array_find_with_equal_func (missing, key, g_str_equal, NULL))
    g_ptr_array_add (missing, g_strdup (key));
}

/* Policies write the values of Bool without quotes, too. */
static JsonNode *
as_text (JsonNode *expected)
{
  if (JSON_NODE_HOLDS_VALUE (expected) && json_node_get_value_type (expected) == G_TYPE_BOOLEAN)
    return slip_json_new_string (json_node_get_boolean (expected) ? "true" : "false");
  return json_node_ref (expected);
}

static gboolean
condition_holds (const char *name,
                 const char *key,
                 JsonNode *expected,
                 const SlipPolicyRequest *request)
{
  const Operator *operator_ = find_operator (name);
  JsonNode *actual = find_key (request->context, key);
  g_autoptr (JsonNode) text = as_text (expected);

  if (actual == NULL && request->missing != NULL && !g_str_has_suffix (name, "IfExists"))
    {
      note_missing (request->missing, key);
      return operator_ != NULL && operator_->negated;
    }
  if (actual == NULL || operator_ == NULL)
    return TRUE;
  return any_value (operator_, text, actual) != operator_->negated;
}

static gboolean
conditions_hold (JsonObject *statement, const SlipPolicyRequest *request)
{
  JsonObject *condition = slip_json_object (statement, "Condition");
  g_autoptr (GList) names = condition != NULL ? json_object_get_members (condition) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonObject *keys = slip_json_object (condition, name->data);
      g_autoptr (GList) list = keys != NULL ? json_object_get_members (keys) : NULL;

      for (GList *key = list; key != NULL; key = key->next)
        if (!condition_holds (name->data, key->data, json_object_get_member (keys, key->data),
                              request))
          return FALSE;
    }
  return TRUE;
}

static gboolean
principals_match (JsonObject *statement, const SlipPolicyRequest *request)
{
  Caller caller = {request->account, request->principal_arn};
  JsonNode *principal = json_object_get_member (statement, "Principal");
  JsonObject *kinds = principal != NULL ? slip_json_node_object (principal) : NULL;

  if (kinds != NULL)
    principal = json_object_get_member (kinds, "AWS");
  return any_text (principal, principal_matches, &caller);
}

static gboolean
call_matches (JsonObject *statement, const SlipPolicyRequest *request)
{
  JsonNode *action = json_object_get_member (statement, "Action");
  JsonNode *not_action = json_object_get_member (statement, "NotAction");
  JsonNode *resource = json_object_get_member (statement, "Resource");
  JsonNode *not_resource = json_object_get_member (statement, "NotResource");

  if (not_action != NULL ? any_text (not_action, action_matches, request->action)
                         : !any_text (action, action_matches, request->action))
    return FALSE;
  if (request->resource == NULL)
    return TRUE;
  if (not_resource != NULL)
    return !any_text (not_resource, text_matches, request->resource);
  return resource == NULL || any_text (resource, text_matches, request->resource);
}

/* IAM allows one statement wherever it allows an array of them. */
static SlipPolicyVerdict
judge (JsonNode *policy, gboolean with_principal, const SlipPolicyRequest *request)
{
  JsonObject *root = policy != NULL ? slip_json_node_object (policy) : NULL;
  JsonArray *list = root != NULL ? slip_json_array (root, "Statement") : NULL;
  JsonObject *single = root != NULL ? slip_json_object (root, "Statement") : NULL;
  guint count = single != NULL ? 1 : list != NULL ? json_array_get_length (list) : 0;
  SlipPolicyVerdict verdict = SLIP_POLICY_SILENT;

  for (guint i = 0; i < count; i++)
    {
      JsonObject *statement
          = single != NULL ? single : slip_json_node_object (json_array_get_element (list, i));

      if (statement == NULL || (with_principal && !principals_match (statement, request))
          || !call_matches (statement, request) || !conditions_hold (statement, request))
        continue;
      if (g_strcmp0 (slip_json_string (statement, "Effect"), "Deny") == 0)
        return SLIP_POLICY_DENIES;
      verdict = SLIP_POLICY_ALLOWS;
    }
  return verdict;
}

SlipPolicyVerdict
slip_policy_judge_identity (JsonNode *policy, const SlipPolicyRequest *request)
{
  return judge (policy, FALSE, request);
}

SlipPolicyVerdict
slip_policy_judge_trust (JsonNode *policy, const SlipPolicyRequest *request)
{
  return judge (policy, TRUE, request);
}

gboolean
slip_policy_allows (JsonNode *policy,
                    const char *account,
                    const char *principal_arn,
                    const char *action)
{
  g_autoptr (JsonObject) context = json_object_new ();
  SlipPolicyRequest request
      = {.account = account, .principal_arn = principal_arn, .action = action, .context = context};

  json_object_set_string_member (context, "kms:CallerAccount", account);
  return judge (policy, TRUE, &request) == SLIP_POLICY_ALLOWS;
}

static char *
check_statement (JsonObject *statement, gboolean with_principal)
{
  const char *effect = statement != NULL ? slip_json_string (statement, "Effect") : NULL;

  if (g_strcmp0 (effect, "Allow") != 0 && g_strcmp0 (effect, "Deny") != 0)
    return g_strdup ("Syntax errors in policy.");
  if (json_object_has_member (statement, "Action")
      == json_object_has_member (statement, "NotAction"))
    return g_strdup ("Policy statement must contain actions.");
  if (with_principal)
    return json_object_has_member (statement, "Principal")
               ? NULL
               : g_strdup ("Missing required field Principal");
  if (json_object_has_member (statement, "Principal"))
    return g_strdup ("Policy document should not specify a principal.");
  if (json_object_has_member (statement, "Resource")
      == json_object_has_member (statement, "NotResource"))
    return g_strdup ("Policy statement must contain resources.");
  return NULL;
}

char *
slip_policy_check_document (const char *text, gboolean with_principal)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  JsonObject *root = node != NULL ? slip_json_node_object (node) : NULL;
  JsonArray *list = root != NULL ? slip_json_array (root, "Statement") : NULL;
  JsonObject *single = root != NULL ? slip_json_object (root, "Statement") : NULL;

  if (root == NULL)
    return g_strdup ("Syntax errors in policy.");
  if (single != NULL)
    return check_statement (single, with_principal);
  if (list == NULL || json_array_get_length (list) == 0)
    return g_strdup ("Syntax errors in policy.");
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      char *problem = check_statement (slip_json_node_object (json_array_get_element (list, i)),
                                       with_principal);

      if (problem != NULL)
        return problem;
    }
  return NULL;
}
