/* SPDX-License-Identifier: MIT */
/* Refuses plans that hold what looks like a secret, or what AWS's models mark as one. A plan is approved by its hash and kept whole in
 * the audit log, which redacts; had it something to redact, the plan in the log would not be the one
 * that was approved, and no run of it could ever be continued. */

#include "slip-aws-model.h"
#include "slip-document.h"
#include "slip-json.h"
#include "slip-plan-private.h"
#include "slip-redact.h"
#include "slip-template.h"

/* Where the two differ; they have the same shape except where a secret was. */
static void
compare (JsonNode *plan, JsonNode *redacted, const char *path, GPtrArray *places)
{
  if (JSON_NODE_HOLDS_OBJECT (plan) && JSON_NODE_HOLDS_OBJECT (redacted))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (plan));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          g_autofree char *at = g_strdup_printf ("%s.%s", path, name);

          compare (member, json_object_get_member (json_node_get_object (redacted), name), at,
                   places);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (plan) && JSON_NODE_HOLDS_ARRAY (redacted))
    {
      JsonArray *array = json_node_get_array (plan);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *at = g_strdup_printf ("%s[%u]", path, i);

          compare (json_array_get_element (array, i),
                   json_array_get_element (json_node_get_array (redacted), i), at, places);
        }
    }
  else if (!slip_json_equal (plan, redacted))
    g_ptr_array_add (places, g_strdup (path));
}

/* ---- what the models mark */

typedef struct
{
  const char *path; /* of the request */
  GPtrArray *places;
} Marked;

/* Of what is left to the run, only the reference is in the plan; evidence is redacted already. */
static void
take_marked (const char *path, JsonNode *value, gpointer data)
{
  Marked *marked = data;
  g_autofree char *place = g_strconcat (marked->path, path + 1, NULL);

  if (!slip_template_has_references (value)
      && g_strcmp0 (slip_json_node_string (value), SLIP_REDACTED) != 0
      && !g_ptr_array_find_with_equal_func (marked->places, place, g_str_equal, NULL))
    g_ptr_array_add (marked->places, g_steal_pointer (&place));
}

/* Where the search is: a plan has ten thousand places, and hardly ever is one of them told. */
typedef struct Place
{
  const struct Place *up; /* (nullable): NULL at the top */
  const char *name;       /* (nullable): of a member; NULL for an element */
  guint index;
} Place;

static char *
describe_place (const Place *place)
{
  g_autofree char *up = NULL;

  if (place == NULL)
    return g_strdup ("$");
  up = describe_place (place->up);
  return place->name != NULL ? slip_path_member (up, place->name)
                             : slip_path_element (up, place->index);
}

static void
find_marked (JsonObject *call, const char *service, const Place *place, GPtrArray *places)
{
  static const char *const members[] = {"request", "input"};
  const char *operation = slip_json_string (call, "operation");
  const SlipAwsOperation *op
      = service != NULL && operation != NULL
            ? slip_aws_model_lookup_operation (service, operation, NULL, NULL)
            : NULL;

  for (guint i = 0; op != NULL && i < G_N_ELEMENTS (members); i++)
    {
      const Place member = {.up = place, .name = members[i]};
      g_autofree char *at = describe_place (&member);
      Marked marked = {at, places};

      slip_aws_model_foreach_sensitive (op, json_object_get_member (call, members[i]), take_marked,
                                        &marked);
    }
}

/* Calls stand in steps, in what they look with and in guards; a look without a service has its step's. */
static void
find_calls (JsonNode *node, const char *service, const Place *place, GPtrArray *places)
{
  JsonObject *object = slip_json_node_object (node);

  if (object != NULL)
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      if (slip_json_string (object, "service") != NULL)
        service = slip_json_string (object, "service");
      find_marked (object, service, place, places);
      json_object_iter_init_ordered (&iter, object);
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          const Place at = {.up = place, .name = name};

          find_calls (member, service, &at, places);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          const Place at = {.up = place, .index = i};

          find_calls (json_array_get_element (array, i), service, &at, places);
        }
    }
}

gboolean
slip_plan_check_secrets (JsonNode *plan, GError **error)
{
  g_autoptr (JsonNode) redacted = slip_redact_json (plan);
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  if (!slip_json_equal (plan, redacted))
    compare (plan, redacted, "$", places);
  find_calls (plan, NULL, NULL, places);
  if (places->len == 0)
    return TRUE;
  g_ptr_array_add (places, NULL);
  list = g_strjoinv (", ", (char **)places->pdata);
  g_set_error (
      error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
      "the plan holds what looks like a secret at %s. The audit log keeps plans whole: let a "
      "step read the secret from where it is kept, and refer to it as {{ Step.Output }}",
      list);
  return FALSE;
}
