/* SPDX-License-Identifier: MIT */

/* What one state of a definition may say: fields by type, numbers in their ranges, paths, retriers and
 * catchers, choice rules. Written from the Amazon States Language's specification. */

#include "slip-states-private.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

#define SCHEMA "SCHEMA_VALIDATION_FAILED"

typedef struct
{
  const char *type;
  const char *fields;
} Allowed;

static const Allowed allowed[] = {
    {"Task",
     "Resource Next End InputPath OutputPath Parameters ResultSelector ResultPath Retry Catch "
     "TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath Credentials"},
    {"Pass", "Next End InputPath OutputPath Parameters Result ResultPath"},
    {"Choice", "Choices Default InputPath OutputPath"},
    {"Wait", "Next End InputPath OutputPath Seconds SecondsPath Timestamp TimestampPath"},
    {"Succeed", "InputPath OutputPath"},
    {"Fail", "Error ErrorPath Cause CausePath"},
    {"Parallel",
     "Branches Next End InputPath OutputPath Parameters ResultSelector ResultPath Retry Catch"},
    {"Map",
     "ItemProcessor Iterator ItemsPath ItemSelector MaxConcurrency Next End InputPath OutputPath "
     "Parameters ResultSelector ResultPath Retry Catch"},
};

static const char *const resources[] = {
    "arn:aws:states:::ecs:runTask",
    "arn:aws:states:::ecs:runTask.sync",
    "arn:aws:states:::ecs:runTask.waitForTaskToken",
    NULL,
};

gboolean
slip_states_offers (const char *resource)
{
  return g_strv_contains (resources, resource);
}

static gboolean
has (JsonObject *state, const char *name)
{
  return json_object_has_member (state, name);
}

static gboolean
is_null (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_NULL (node);
}

/* ---- fields */

static void
check_known (GPtrArray *findings, JsonObject *state, const Allowed *type, const char *location)
{
  g_auto (GStrv) fields = g_strsplit (type->fields, " ", -1);
  g_autoptr (GList) members = json_object_get_members (state);

  for (GList *member = members; member != NULL; member = member->next)
    if (!g_str_equal (member->data, "Type") && !g_str_equal (member->data, "Comment")
        && !g_strv_contains ((const char *const *)fields, member->data))
      slip_states_find_fault (findings, SCHEMA, location,
                              "Field '%s' is not supported in a state of type %s",
                              (char *)member->data, type->type);
}

static void
check_number (GPtrArray *findings,
              JsonObject *object,
              const char *name,
              gint64 least,
              gint64 most,
              const char *location)
{
  JsonNode *node = json_object_get_member (object, name);
  gint64 value = slip_json_int (object, name, -1);

  if (node != NULL
      && (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64
          || value < least || value > most))
    slip_states_find_fault (findings, SCHEMA, location,
                            "'%s' is a whole number of at least %" G_GINT64_FORMAT, name, least);
}

static void
check_one_of (GPtrArray *findings,
              JsonObject *state,
              const char *const *names,
              gboolean needed,
              const char *location)
{
  g_autofree char *list = g_strjoinv ("', '", (char **)names);
  guint count = 0;

  for (guint i = 0; names[i] != NULL; i++)
    count += has (state, names[i]);
  if (count > 1 || (needed && count == 0))
    slip_states_find_fault (findings, SCHEMA, location, "%s one of '%s'",
                            needed ? "The state needs just" : "The state has more than", list);
}

static void
check_paths (GPtrArray *findings, JsonObject *state, const char *location)
{
  static const char *const paths[]
      = {"InputPath",          "OutputPath",           "ItemsPath",    "SecondsPath",
         "TimeoutSecondsPath", "HeartbeatSecondsPath", "TimestampPath"};

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (has (state, paths[i]) && !is_null (state, paths[i])
        && !slip_states_is_path (slip_json_string (state, paths[i])))
      slip_states_find_fault (findings, SCHEMA, location, "'%s' is no path", paths[i]);
  if (has (state, "ResultPath") && !is_null (state, "ResultPath"))
    {
      const char *path = slip_json_string (state, "ResultPath");
      g_auto (GStrv) words = path != NULL ? slip_states_reference_split (path) : NULL;

      if (words == NULL)
        slip_states_find_fault (findings, SCHEMA, location, "'ResultPath' is no reference path");
    }
}

/* Members that end in `.$` hold a path or a call. */
static void
check_template (GPtrArray *findings, JsonNode *node, const char *location)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  JsonObject *object = slip_json_node_object (node);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    check_template (findings, json_array_get_element (array, i), location);
  if (object == NULL)
    return;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      const char *text = slip_json_node_string (value);

      if (!g_str_has_suffix (name, ".$"))
        check_template (findings, value, location);
      else if (text == NULL || (!slip_states_is_path (text) && !slip_states_is_call (text)))
        slip_states_find_fault (findings, SCHEMA, location,
                                "The value for the field '%s' must be a valid JSONPath or a valid "
                                "intrinsic function call",
                                name);
    }
}

/* ---- Retry and Catch */

static void
check_errors (
    GPtrArray *findings, JsonObject *item, gboolean last, const char *what, const char *location)
{
  JsonArray *errors = slip_json_array (item, "ErrorEquals");

  if (errors == NULL || json_array_get_length (errors) == 0)
    {
      slip_states_find_fault (findings, SCHEMA, location, "%s needs names in 'ErrorEquals'", what);
      return;
    }
  for (guint i = 0; i < json_array_get_length (errors); i++)
    {
      const char *name = slip_json_node_string (json_array_get_element (errors, i));

      if (name == NULL)
        slip_states_find_fault (findings, SCHEMA, location, "'ErrorEquals' holds texts");
      else if (g_str_equal (name, "States.ALL") && (json_array_get_length (errors) > 1 || !last))
        slip_states_find_fault (findings, SCHEMA, location,
                                "'States.ALL' stands alone, and in the last %s", what);
    }
}

static void
check_retry (GPtrArray *findings, JsonObject *item, const char *location)
{
  gint64 interval = slip_json_int (item, "IntervalSeconds", 1);
  const char *jitter = slip_json_string (item, "JitterStrategy");

  check_number (findings, item, "IntervalSeconds", 1, 99999999, location);
  check_number (findings, item, "MaxAttempts", 0, 99999999, location);
  check_number (findings, item, "MaxDelaySeconds", interval + 1, 31622399, location);
  if (has (item, "BackoffRate") && slip_json_double (item, "BackoffRate", 0) < 1)
    slip_states_find_fault (findings, SCHEMA, location, "'BackoffRate' is at least 1");
  if (has (item, "JitterStrategy") && g_strcmp0 (jitter, "FULL") != 0
      && g_strcmp0 (jitter, "NONE") != 0)
    slip_states_find_fault (findings, SCHEMA, location, "'JitterStrategy' is FULL or NONE");
}

static void
check_list (GPtrArray *findings, JsonObject *state, const char *name, const char *location)
{
  JsonArray *list = slip_json_array (state, name);
  guint length = list != NULL ? json_array_get_length (list) : 0;

  if (has (state, name) && list == NULL)
    slip_states_find_fault (findings, SCHEMA, location, "'%s' is an array", name);
  for (guint i = 0; i < length; i++)
    {
      JsonObject *item = slip_json_node_object (json_array_get_element (list, i));

      if (item == NULL)
        {
          slip_states_find_fault (findings, SCHEMA, location, "'%s' holds objects", name);
          continue;
        }
      check_errors (findings, item, i + 1 == length, name, location);
      if (g_str_equal (name, "Retry"))
        check_retry (findings, item, location);
      else
        check_paths (findings, item, location);
    }
}

/* ---- types */

static void check_rule (GPtrArray *findings, JsonNode *node, const char *location);

static guint
check_rules (GPtrArray *findings, JsonObject *rule, const char *name, const char *location)
{
  JsonArray *list = slip_json_array (rule, name);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    check_rule (findings, json_array_get_element (list, i), location);
  return list != NULL;
}

static void
check_rule (GPtrArray *findings, JsonNode *node, const char *location)
{
  JsonObject *rule = slip_json_node_object (node);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;
  guint tests = 0, joined;

  if (rule == NULL)
    {
      slip_states_find_fault (findings, SCHEMA, location, "A choice rule is an object");
      return;
    }
  joined = check_rules (findings, rule, "And", location)
           + check_rules (findings, rule, "Or", location)
           + (slip_json_object (rule, "Not") != NULL);
  if (slip_json_object (rule, "Not") != NULL)
    check_rule (findings, json_object_get_member (rule, "Not"), location);
  json_object_iter_init (&iter, rule);
  while (json_object_iter_next (&iter, &name, &value))
    {
      gboolean by_path = g_str_has_suffix (name, "Path");

      if (!slip_states_is_comparison (name))
        continue;
      tests++;
      if (by_path && !slip_states_is_path (slip_json_node_string (value)))
        slip_states_find_fault (findings, SCHEMA, location, "'%s' is no path", name);
      if (g_str_equal (name, "StringMatches") && slip_json_node_string (value) == NULL)
        slip_states_find_fault (findings, SCHEMA, location, "'StringMatches' is a text");
    }
  if (tests + joined != 1)
    slip_states_find_fault (findings, SCHEMA, location, "A choice rule has just one comparison");
  if (tests == 1 && !slip_states_is_path (slip_json_string (rule, "Variable")))
    slip_states_find_fault (findings, SCHEMA, location, "'Variable' is no path");
}

static void
check_choice (GPtrArray *findings, JsonObject *state, const char *location)
{
  JsonArray *choices = slip_json_array (state, "Choices");

  if (choices == NULL || json_array_get_length (choices) == 0)
    slip_states_find_fault (findings, SCHEMA, location, "A Choice state needs 'Choices'");
  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    check_rule (findings, json_array_get_element (choices, i), location);
}

static void
check_task (GPtrArray *findings, JsonObject *state, const char *location)
{
  static const char *const timeouts[] = {"TimeoutSeconds", "TimeoutSecondsPath", NULL};
  static const char *const heartbeats[] = {"HeartbeatSeconds", "HeartbeatSecondsPath", NULL};
  const char *resource = slip_json_string (state, "Resource");

  if (resource == NULL || !g_str_has_prefix (resource, "arn:"))
    slip_states_find_fault (findings, SCHEMA, location, "The field 'Resource' is an ARN");
  else if (!slip_states_offers (resource))
    slip_states_find_fault (findings, SCHEMA, location, "The rehearsal does not offer %s",
                            resource);
  check_one_of (findings, state, timeouts, FALSE, location);
  check_one_of (findings, state, heartbeats, FALSE, location);
  check_number (findings, state, "TimeoutSeconds", 1, 99999999, location);
  check_number (findings, state, "HeartbeatSeconds", 1, 99999999, location);
  if (has (state, "TimeoutSeconds")
      && slip_json_int (state, "HeartbeatSeconds", 0) >= slip_json_int (state, "TimeoutSeconds", 0))
    slip_states_find_fault (findings, SCHEMA, location,
                            "'HeartbeatSeconds' is smaller than 'TimeoutSeconds'");
}

static void
check_wait (GPtrArray *findings, JsonObject *state, const char *location)
{
  static const char *const waits[] = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath", NULL};
  gint64 time = 0;

  check_one_of (findings, state, waits, TRUE, location);
  check_number (findings, state, "Seconds", 0, 99999999, location);
  if (has (state, "Timestamp")
      && (slip_json_string (state, "Timestamp") == NULL
          || !slip_time_parse (slip_json_string (state, "Timestamp"), &time)))
    slip_states_find_fault (findings, SCHEMA, location, "'Timestamp' is no time");
}

static void
check_fail (GPtrArray *findings, JsonObject *state, const char *location)
{
  static const char *const errors[] = {"Error", "ErrorPath", NULL};
  static const char *const causes[] = {"Cause", "CausePath", NULL};
  static const char *const dynamic[] = {"ErrorPath", "CausePath"};

  check_one_of (findings, state, errors, FALSE, location);
  check_one_of (findings, state, causes, FALSE, location);
  for (guint i = 0; i < G_N_ELEMENTS (dynamic); i++)
    {
      const char *text = slip_json_string (state, dynamic[i]);

      if (has (state, dynamic[i])
          && (text == NULL || (!slip_states_is_path (text) && !slip_states_is_call (text))))
        slip_states_find_fault (findings, SCHEMA, location, "'%s' is neither a path nor a call",
                                dynamic[i]);
    }
}

static void
check_by_type (GPtrArray *findings, JsonObject *state, const char *type, const char *location)
{
  static const char *const processors[] = {"ItemProcessor", "Iterator", NULL};
  static const char *const selectors[] = {"ItemSelector", "Parameters", NULL};
  JsonArray *branches = slip_json_array (state, "Branches");

  if (g_str_equal (type, "Task"))
    check_task (findings, state, location);
  else if (g_str_equal (type, "Choice"))
    check_choice (findings, state, location);
  else if (g_str_equal (type, "Wait"))
    check_wait (findings, state, location);
  else if (g_str_equal (type, "Fail"))
    check_fail (findings, state, location);
  else if (g_str_equal (type, "Parallel")
           && (branches == NULL || json_array_get_length (branches) == 0))
    slip_states_find_fault (findings, SCHEMA, location, "A Parallel state needs 'Branches'");
  else if (g_str_equal (type, "Map"))
    {
      check_one_of (findings, state, processors, TRUE, location);
      check_one_of (findings, state, selectors, FALSE, location);
      check_number (findings, state, "MaxConcurrency", 0, 99999999, location);
    }
}

void
slip_states_check_fields (GPtrArray *findings, JsonObject *state, const char *location)
{
  static const char *const templates[] = {"Parameters", "ResultSelector", "ItemSelector"};
  const char *type = slip_json_string (state, "Type");
  const Allowed *found = NULL;

  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (allowed); i++)
    if (g_str_equal (type, allowed[i].type))
      found = &allowed[i];
  if (found == NULL)
    {
      slip_states_find_fault (findings, SCHEMA, location, "The field 'Type' is no type of state");
      return;
    }
  check_known (findings, state, found, location);
  check_paths (findings, state, location);
  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    if (has (state, templates[i]))
      check_template (findings, json_object_get_member (state, templates[i]), location);
  check_list (findings, state, "Retry", location);
  check_list (findings, state, "Catch", location);
  check_by_type (findings, state, type, location);
}
