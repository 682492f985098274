/* SPDX-License-Identifier: MIT */
/* Whether RDS would take the requests that bring a cluster back: subnet and parameter groups are there,
 * keys are enabled, each instance's class can be ordered in its zone. A script that found out after the
 * deletion is why this guard exists. */

#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

/* `cluster`: the request that makes the cluster; `overrides`: members that replace those of `cluster`,
 * whatever their case, unless they are empty; `instances`: requests of CreateDBInstance, of which those
 * count that name this cluster or none. */
static const char *const inputs[] = {"cluster", "overrides?", "instances?", NULL};

static const struct
{
  const char *member;
  const char *operation;
  const char *argument;
  const char *what;
  gboolean required;
} groups[] = {
    {"DBSubnetGroupName", "DescribeDBSubnetGroups", "DBSubnetGroupName", "subnet group", TRUE},
    {"DBClusterParameterGroupName", "DescribeDBClusterParameterGroups",
     "DBClusterParameterGroupName", "cluster parameter group", TRUE},
    {"DBParameterGroupName", "DescribeDBParameterGroups", "DBParameterGroupName", "parameter group",
     FALSE},
};

static gboolean
is_not_found (const GError *error)
{
  const char *code = slip_aws_error_get_code (error);

  return code != NULL && strstr (code, "NotFound") != NULL;
}

/* @error is what AWS said, and no verdict when the group is simply not there. */
static SlipGuardState
check_group (SlipGuardContext *context, JsonObject *request, guint which, char **message)
{
  const char *name = slip_json_string (request, groups[which].member);
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;

  /* An argument without a value is what a script sends whose variable is empty. */
  if (name == NULL || *name == '\0')
    {
      if (!groups[which].required)
        return SLIP_GUARD_PASS;
      *message = g_strdup_printf ("the request to bring the cluster back names no %s (%s); AWS "
                                  "would refuse it, or take a default that is not this cluster's. "
                                  "Name it, then plan again",
                                  groups[which].what, groups[which].member);
      return SLIP_GUARD_BLOCK;
    }
  json_object_set_string_member (input, groups[which].argument, name);
  output = slip_guard_call (context, "rds", groups[which].operation, input, &error);
  if (output != NULL)
    return SLIP_GUARD_PASS;
  if (!is_not_found (error))
    return slip_guard_unprovable (message, groups[which].what, error);
  *message = g_strdup_printf ("the %s %s is gone from %s: the cluster could not be brought back. "
                              "Create it, then plan again",
                              groups[which].what, name, context->region);
  return SLIP_GUARD_BLOCK;
}

/* Another key than the cluster had, of which AWS says who may use it. */
static gboolean
is_of_aws (SlipGuardContext *context, JsonObject *metadata)
{
  JsonObject *overrides = slip_json_object (context->inputs, "overrides");
  const char *named = overrides != NULL ? slip_json_string (overrides, "KmsKeyId") : NULL;

  return named != NULL && *named != '\0'
         && g_strcmp0 (slip_json_string (metadata, "KeyManager"), "AWS") == 0;
}

static SlipGuardState
check_key (SlipGuardContext *context, JsonObject *request, char **message)
{
  const char *key = slip_json_string (request, "KmsKeyId");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) metadata = NULL;

  if (key == NULL)
    return SLIP_GUARD_PASS;
  metadata = slip_guard_describe_key (context, key, &error);
  if (metadata == NULL && !is_not_found (error))
    return slip_guard_unprovable (message, "the state of the key", error);
  if (metadata != NULL && g_strcmp0 (slip_json_string (metadata, "KeyState"), "Enabled") == 0
      && is_of_aws (context, metadata))
    {
      *message = g_strdup_printf (
          "the key %s is managed by AWS: no snapshot of the restored cluster could be shared with "
          "another account, or copied there, and a cluster's key cannot be changed. Name a "
          "customer key, or accept that",
          key);
      return SLIP_GUARD_WARN;
    }
  if (metadata != NULL && g_strcmp0 (slip_json_string (metadata, "KeyState"), "Enabled") == 0)
    return SLIP_GUARD_PASS;
  *message
      = g_strdup_printf ("the key %s is %s: the cluster could not be brought back under it. Enable "
                         "it or name another one, then plan again",
                         key, metadata != NULL ? slip_json_string (metadata, "KeyState") : "gone");
  return SLIP_GUARD_BLOCK;
}

static gboolean
offers_zone (JsonObject *answer, const char *zone)
{
  JsonArray *options = slip_json_array (answer, "OrderableDBInstanceOptions");

  for (guint i = 0; options != NULL && i < json_array_get_length (options); i++)
    {
      JsonArray *zones
          = slip_json_array (json_array_get_object_element (options, i), "AvailabilityZones");

      if (zone == NULL)
        return TRUE;
      for (guint k = 0; zones != NULL && k < json_array_get_length (zones); k++)
        if (g_strcmp0 (slip_json_string (json_array_get_object_element (zones, k), "Name"), zone)
            == 0)
          return TRUE;
    }
  return FALSE;
}

static SlipGuardState
check_instance (SlipGuardContext *context,
                JsonObject *cluster,
                JsonObject *instance,
                char **message)
{
  const char *engine = slip_json_string (cluster, "Engine");
  const char *version = slip_json_string (cluster, "EngineVersion");
  const char *class = slip_json_string (instance, "DBInstanceClass");
  const char *zone = slip_json_string (instance, "AvailabilityZone");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;

  json_object_set_string_member (input, "Engine", engine != NULL ? engine : "");
  if (version != NULL)
    json_object_set_string_member (input, "EngineVersion", version);
  json_object_set_string_member (input, "DBInstanceClass", class != NULL ? class : "");
  output = slip_guard_call (context, "rds", "DescribeOrderableDBInstanceOptions", input, &error);
  if (output == NULL)
    return slip_guard_unprovable (message, "which instance classes can be ordered", error);
  if (offers_zone (slip_json_node_object (output), zone))
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf (
      "instance class %s cannot be ordered%s%s for %s %s: instance %s could not be brought back. "
      "Choose another class or zone",
      class, zone != NULL ? " in " : "", zone != NULL ? zone : "", engine,
      version != NULL ? version : "", slip_json_string (instance, "DBInstanceIdentifier"));
  return SLIP_GUARD_BLOCK;
}

/* All that was found, so that nobody mends one fault only to hear of the next. */
typedef struct
{
  SlipGuardState state;
  GPtrArray *messages; /* owned; of that state, each once */
} Findings;

static guint
weight_of (SlipGuardState state)
{
  switch (state)
    {
    case SLIP_GUARD_BLOCK:
      return 3;
    case SLIP_GUARD_UNPROVABLE:
      return 2;
    case SLIP_GUARD_WARN:
      return 1;
    default:
      return 0;
    }
}

static void
take (Findings *findings, SlipGuardState found, char *message)
{
  gboolean worse = weight_of (found) > weight_of (findings->state);

  if (found == SLIP_GUARD_PASS || (!worse && found != findings->state)
      || (!worse
          && g_ptr_array_find_with_equal_func (findings->messages, message, g_str_equal, NULL)))
    {
      g_free (message);
      return;
    }
  if (worse)
    g_ptr_array_set_size (findings->messages, 0);
  findings->state = found;
  g_ptr_array_add (findings->messages, message);
}

static char *
dup_message (Findings *findings)
{
  g_autoptr (GString) text = NULL;

  if (findings->messages->len == 1)
    return g_strdup (g_ptr_array_index (findings->messages, 0));
  text = g_string_new (NULL);
  for (guint i = 0; i < findings->messages->len; i++)
    g_string_append_printf (text, "%s(%u) %s", i > 0 ? ". " : "", i + 1,
                            (const char *)g_ptr_array_index (findings->messages, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
is_of (SlipGuardContext *context, JsonObject *cluster, JsonObject *instance)
{
  const char *zone = slip_json_string (instance, "AvailabilityZone");
  const char *of = slip_json_string (instance, "DBClusterIdentifier");

  return (of == NULL || g_strcmp0 (of, slip_json_string (cluster, "DBClusterIdentifier")) == 0)
         && (zone == NULL || context->region == NULL || g_str_has_prefix (zone, context->region));
}

static void
check_instances (SlipGuardContext *context, JsonObject *cluster, Findings *findings)
{
  JsonArray *instances = slip_json_array (context->inputs, "instances");

  for (guint i = 0; instances != NULL && i < json_array_get_length (instances); i++)
    {
      JsonObject *instance = slip_json_node_object (json_array_get_element (instances, i));
      SlipGuardState found;
      char *why = NULL;

      /* Names of clusters repeat in other regions, zones do not. */
      if (instance == NULL || !is_of (context, cluster, instance))
        continue;
      for (guint which = 2; which < G_N_ELEMENTS (groups); which++)
        {
          found = check_group (context, instance, which, &why);
          take (findings, found, g_steal_pointer (&why));
        }
      found = check_instance (context, cluster, instance, &why);
      take (findings, found, g_steal_pointer (&why));
    }
}

static void
override (JsonObject *request, const char *name, const char *value)
{
  g_autoptr (GList) names = json_object_get_members (request);

  for (GList *l = names; l != NULL; l = l->next)
    if (g_ascii_strcasecmp (l->data, name) == 0 && !g_str_equal (l->data, name))
      json_object_remove_member (request, l->data);
  json_object_set_string_member (request, name, value);
}

/* The request as it will be sent; NULL when it is not known. */
static JsonObject *
dup_request (SlipGuardContext *context)
{
  JsonObject *cluster = slip_json_object (context->inputs, "cluster");
  JsonObject *overrides = slip_json_object (context->inputs, "overrides");
  g_autoptr (JsonNode) node = NULL;
  JsonObjectIter iter;
  const char *name;

  if (cluster == NULL)
    return NULL;
  node = slip_json_copy (json_object_get_member (context->inputs, "cluster"));
  if (overrides == NULL)
    return json_object_ref (json_node_get_object (node));
  json_object_iter_init_ordered (&iter, overrides);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    {
      const char *value = slip_json_string (overrides, name);

      if (value != NULL && *value != '\0')
        override (json_node_get_object (node), name, value);
    }
  return json_object_ref (json_node_get_object (node));
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonObject) cluster = dup_request (context);
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);
  Findings findings = {.state = SLIP_GUARD_PASS, .messages = messages};
  SlipGuardState found;
  char *why = NULL;

  if (cluster == NULL)
    {
      *message = g_strdup ("the request that brings the cluster back is not known");
      return SLIP_GUARD_BLOCK;
    }
  for (guint which = 0; which < 2; which++)
    {
      found = check_group (context, cluster, which, &why);
      take (&findings, found, g_steal_pointer (&why));
    }
  found = check_key (context, cluster, &why);
  take (&findings, found, g_steal_pointer (&why));
  check_instances (context, cluster, &findings);
  *message = findings.state != SLIP_GUARD_PASS
                 ? dup_message (&findings)
                 : g_strdup_printf ("groups, key and instance classes are there to bring %s back",
                                    slip_json_string (cluster, "DBClusterIdentifier"));
  return findings.state;
}

const SlipGuard slip_guard_restore_possible = {
    .id = "restore-possible",
    .title = "Cluster can be brought back",
    .inputs = inputs,
    .evaluate = evaluate,
};
