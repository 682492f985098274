/* SPDX-License-Identifier: MIT */

/* What is wrong with a state machine's definition, all at once, as ValidateStateMachineDefinition tells it: the
 * machine as a whole, its states' names and where they lead. What one state may say is in
 * slip-states-check-state.c. */

#include "slip-states-private.h"

#include "slip-json.h"

#define MAX_NAME 80
#define MAX_DEFINITION (1024 * 1024)

typedef struct
{
  GPtrArray *findings; /* element-type SlipStatesFinding */
  GHashTable *names;   /* set of names of the whole machine */
} Check;

static void
finding_free (gpointer data)
{
  SlipStatesFinding *finding = data;

  g_free (finding->code);
  g_free (finding->message);
  g_free (finding->location);
  g_free (finding);
}

void
slip_states_find_fault (
    GPtrArray *findings, const char *code, const char *location, const char *format, ...)
{
  SlipStatesFinding *finding = g_new0 (SlipStatesFinding, 1);
  va_list args;

  finding->code = g_strdup (code);
  finding->location = g_strdup (location);
  va_start (args, format);
  finding->message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (findings, finding);
}

static void check_machine (Check *check, JsonObject *machine, const char *location, gboolean whole);

/* ---- where states lead */

static void
lead_to (Check *check, JsonObject *states, GHashTable *reached, const char *to, const char *from)
{
  if (to == NULL)
    return;
  g_hash_table_add (reached, g_strdup (to));
  if (!json_object_has_member (states, to))
    slip_states_find_fault (check->findings, "MISSING_TRANSITION_TARGET", from,
                            "Missing transition target: %s", to);
}

static void
follow_list (Check *check,
             JsonObject *states,
             GHashTable *reached,
             JsonObject *state,
             const char *member,
             const char *location)
{
  JsonArray *list = slip_json_array (state, member);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *item = slip_json_node_object (json_array_get_element (list, i));
      g_autofree char *at = g_strdup_printf ("%s/%s[%u]/Next", location, member, i);

      if (item == NULL)
        continue;
      if (slip_json_string (item, "Next") == NULL)
        slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", at,
                                "The field 'Next' is required");
      lead_to (check, states, reached, slip_json_string (item, "Next"), at);
    }
}

/* All states but Choice, Succeed and Fail have just one of Next and End. */
static void
follow (
    Check *check, JsonObject *states, GHashTable *reached, JsonObject *state, const char *location)
{
  const char *type = slip_json_string (state, "Type");
  const char *next = slip_json_string (state, "Next");
  gboolean end = slip_json_bool (state, "End", FALSE);
  static const char *const without[] = {"Choice", "Succeed", "Fail", NULL};

  lead_to (check, states, reached, next, location);
  lead_to (check, states, reached, slip_json_string (state, "Default"), location);
  follow_list (check, states, reached, state, "Choices", location);
  follow_list (check, states, reached, state, "Catch", location);
  if (type == NULL)
    return;
  if (g_strv_contains (without, type)
          ? json_object_has_member (state, "Next") || json_object_has_member (state, "End")
          : (next != NULL) == end)
    slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", location,
                            g_strv_contains (without, type)
                                ? "A state of type %s has neither 'Next' nor 'End'"
                                : "A state of type %s has just one of 'Next' and 'End'",
                            type);
}

/* ---- states */

static void
check_inner (Check *check, JsonObject *state, const char *location)
{
  JsonArray *branches = slip_json_array (state, "Branches");
  static const char *const processors[] = {"ItemProcessor", "Iterator"};

  for (guint i = 0; branches != NULL && i < json_array_get_length (branches); i++)
    {
      JsonObject *branch = slip_json_node_object (json_array_get_element (branches, i));
      g_autofree char *at = g_strdup_printf ("%s/Branches[%u]", location, i);

      if (branch != NULL)
        check_machine (check, branch, at, FALSE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (processors); i++)
    if (slip_json_object (state, processors[i]) != NULL)
      {
        g_autofree char *at = g_strdup_printf ("%s/%s", location, processors[i]);

        check_machine (check, slip_json_object (state, processors[i]), at, FALSE);
      }
}

static void
check_state (Check *check,
             JsonObject *states,
             GHashTable *reached,
             const char *name,
             JsonNode *node,
             const char *location)
{
  JsonObject *state = slip_json_node_object (node);

  if (g_utf8_strlen (name, -1) > MAX_NAME || *name == '\0')
    slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", location,
                            "A state's name has 1 to %d characters", MAX_NAME);
  if (!g_hash_table_add (check->names, g_strdup (name)))
    slip_states_find_fault (check->findings, "DUPLICATE_STATE_NAME", location,
                            "The name %s is given twice in the state machine", name);
  if (state == NULL)
    {
      slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", location,
                              "A state is an object");
      return;
    }
  slip_states_check_fields (check->findings, state, location);
  follow (check, states, reached, state, location);
  check_inner (check, state, location);
}

static void
check_states (Check *check, JsonObject *machine, JsonObject *states, const char *location)
{
  g_autoptr (GHashTable) reached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *start = slip_json_string (machine, "StartAt");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (start == NULL || !json_object_has_member (states, start))
    slip_states_find_fault (check->findings, "MISSING_TRANSITION_TARGET", location,
                            "The value of 'StartAt' is not the name of a state");
  else
    g_hash_table_add (reached, g_strdup (start));
  json_object_iter_init_ordered (&iter, states);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *at = g_strdup_printf ("%s/States/%s", location, name);

      check_state (check, states, reached, name, node, at);
    }
  json_object_iter_init_ordered (&iter, states);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!g_hash_table_contains (reached, name))
      {
        g_autofree char *at = g_strdup_printf ("%s/States/%s", location, name);

        slip_states_find_fault (check->findings, "MISSING_TRANSITION_TARGET", at,
                                "State \"%s\" is not reachable.", name);
      }
}

static void
check_machine (Check *check, JsonObject *machine, const char *location, gboolean whole)
{
  static const char *const known[]
      = {"Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage", NULL};
  static const char *const inner[] = {"Comment", "StartAt", "States", "ProcessorConfig", NULL};
  JsonObject *states = slip_json_object (machine, "States");
  g_autoptr (GList) members = json_object_get_members (machine);

  for (GList *member = members; member != NULL; member = member->next)
    if (!g_strv_contains (whole ? known : inner, member->data))
      slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", location,
                              "Field '%s' is not supported", (char *)member->data);
  if (json_object_has_member (machine, "QueryLanguage")
      && g_strcmp0 (slip_json_string (machine, "QueryLanguage"), "JSONPath") != 0)
    slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", location,
                            "The rehearsal knows the query language JSONPath only");
  if (json_object_has_member (machine, "TimeoutSeconds")
      && slip_json_int (machine, "TimeoutSeconds", 0) < 1)
    slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", location,
                            "'TimeoutSeconds' is a positive number");
  if (states == NULL || json_object_get_size (states) == 0)
    slip_states_find_fault (check->findings, "SCHEMA_VALIDATION_FAILED", location,
                            "The field 'States' is required, with one state at least");
  else
    check_states (check, machine, states, location);
}

GPtrArray *
slip_states_check (const char *definition)
{
  Check check = {.findings = g_ptr_array_new_with_free_func (finding_free)};
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = slip_json_parse (definition, -1, &error);

  if (strlen (definition) > MAX_DEFINITION)
    slip_states_find_fault (check.findings, "SCHEMA_VALIDATION_FAILED", "",
                            "The definition is longer than 1 MiB");
  else if (root == NULL || slip_json_node_object (root) == NULL)
    slip_states_find_fault (check.findings, "INVALID_JSON_DESCRIPTION", "",
                            "The definition is no JSON object: %s",
                            error != NULL ? error->message : "it is another value");
  else
    {
      check.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      check_machine (&check, slip_json_node_object (root), "", TRUE);
      g_hash_table_unref (check.names);
    }
  return check.findings;
}
