/* SPDX-License-Identifier: MIT */
/* The check of how steps follow each other: whether targets exist, whether every step can be reached,
 * and whether what a `{{ … }}` names was yielded on every path that leads to it. */

#include "slip-check.h"

#include "slip-json.h"
#include "slip-template.h"

#include <string.h>

typedef struct
{
  guint from;
  guint to;
  gboolean yields; /* whether the outputs of @from are there when this edge is taken */
} Edge;

/* The steps of one list (the main steps, or a loop's body) and how they follow each other. */
typedef struct _Flow Flow;

struct _Flow
{
  SlipCheck *check;
  Flow *outer;      /* nullable: the main steps, for a loop's body */
  int outer_index;  /* the loop among them */
  GPtrArray *steps; /* element-type SlipCheckStep, borrowed */
  GArray *edges;    /* element-type Edge */
  GArray *exits;    /* element-type guint: steps after which the list ends */
  guint8 *reached;  /* by step */
  guint8 *defined;  /* by step × step: whether the column has run whenever the row begins */
};

static int
find_index (Flow *flow, const char *name)
{
  for (guint i = 0; i < flow->steps->len; i++)
    if (g_strcmp0 (((SlipCheckStep *)g_ptr_array_index (flow->steps, i))->name, name) == 0)
      return (int)i;
  return -1;
}

static void
add_edge (Flow *flow, guint from, guint to, gboolean yields)
{
  Edge edge = {.from = from, .to = to, .yields = yields};

  if (to < flow->steps->len)
    g_array_append_val (flow->edges, edge);
  else
    g_array_append_val (flow->exits, from);
}

/* The rest of the steps is not called unreachable for one wrong name. */
static void
go_on (Flow *flow, guint from)
{
  add_edge (flow, from, from + 1, TRUE);
}

/* Adds the edge to the step called @name; a fault at @path when there is none. */
static void
add_named_edge (Flow *flow, guint from, const char *path, const char *name, gboolean yields)
{
  int to = find_index (flow, name);
  SlipCheckStep *other = g_hash_table_lookup (flow->check->steps, name);
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *hint = NULL;

  if (to >= 0)
    {
      add_edge (flow, from, (guint)to, yields);
      return;
    }
  if (other != NULL)
    {
      slip_check_fault (flow->check, path, "the step %s is %s; a step cannot lead there", name,
                        other->loop != NULL ? "inside a loop" : "outside the loop");
      go_on (flow, from);
      return;
    }
  names = g_ptr_array_new ();
  for (guint i = 0; i < flow->steps->len; i++)
    g_ptr_array_add (names, ((SlipCheckStep *)g_ptr_array_index (flow->steps, i))->name);
  g_ptr_array_add (names, NULL);
  hint = slip_check_suggest (name, (const char *const *)names->pdata);
  slip_check_fault (flow->check, path, "there is no step %s%s", name, hint);
  go_on (flow, from);
}

static gboolean
is_true (JsonObject *object, const char *name)
{
  return slip_json_bool (object, name, FALSE)
         || g_strcmp0 (slip_json_string (object, name), "true") == 0;
}

/* `Abort`, `Continue` (only onFailure) or `step:NAME`. */
static void
add_target (Flow *flow, guint from, SlipCheckStep *step, const char *member, gboolean can_continue)
{
  const char *target = slip_json_string (step->object, member);
  g_autofree char *path = slip_path_member (step->path, member);

  if (target == NULL || g_str_equal (target, "Abort"))
    return;
  if (can_continue && g_str_equal (target, "Continue"))
    return;
  if (g_str_has_prefix (target, "step:"))
    add_named_edge (flow, from, path, target + strlen ("step:"), FALSE);
  else
    slip_check_fault (flow->check, path, "“%s” is not one of: Abort, %sstep:NAME", target,
                      can_continue ? "Continue, " : "");
}

static void
add_choices (Flow *flow, guint from, SlipCheckStep *step)
{
  JsonArray *choices = slip_json_array (step->inputs, "Choices");
  const char *otherwise = slip_json_string (step->inputs, "Default");
  g_autofree char *list = g_strconcat (step->path, ".inputs.Choices", NULL);

  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    {
      JsonObject *choice = slip_json_node_object (json_array_get_element (choices, i));
      const char *next = choice != NULL ? slip_json_string (choice, "NextStep") : NULL;
      g_autofree char *path = g_strdup_printf ("%s[%u].NextStep", list, i);

      if (next != NULL)
        add_named_edge (flow, from, path, next, TRUE);
    }
  if (otherwise != NULL)
    {
      g_autofree char *path = g_strconcat (step->path, ".inputs.Default", NULL);

      add_named_edge (flow, from, path, otherwise, TRUE);
    }
}

static void
add_edges (Flow *flow, guint index)
{
  SlipCheckStep *step = g_ptr_array_index (flow->steps, index);
  const char *next = slip_json_string (step->object, "nextStep");
  gboolean branch = step->action != NULL && g_str_equal (step->action->name, "aws:branch");
  gboolean end = is_true (step->object, "isEnd");

  if (branch)
    add_choices (flow, index, step);
  if (end && next != NULL)
    slip_check_fault_at (flow->check, step->path, "nextStep",
                         "the step is an end; nothing follows");
  if (next != NULL)
    {
      g_autofree char *path = slip_path_member (step->path, "nextStep");

      add_named_edge (flow, index, path, next, TRUE);
    }
  else if (end)
    g_array_append_val (flow->exits, index);
  else if (!branch || slip_json_string (step->inputs, "Default") == NULL)
    add_edge (flow, index, index + 1, TRUE);
  add_target (flow, index, step, "onFailure", TRUE);
  add_target (flow, index, step, "onCancel", FALSE);
}

/* A step's outputs can be relied on where every path there runs it: the meet over all edges, down
 * from "everything", until nothing changes. */
static void
solve (Flow *flow)
{
  guint n = flow->steps->len;
  gboolean changed = TRUE;

  flow->reached = g_new0 (guint8, n);
  flow->defined = g_new (guint8, (gsize)n * n);
  memset (flow->defined, 1, (gsize)n * n);
  memset (flow->defined, 0, n);
  flow->reached[0] = 1;
  while (changed)
    {
      changed = FALSE;
      for (guint i = 0; i < flow->edges->len; i++)
        {
          Edge *edge = &g_array_index (flow->edges, Edge, i);
          guint8 *from = flow->defined + (gsize)edge->from * n;
          guint8 *to = flow->defined + (gsize)edge->to * n;

          if (!flow->reached[edge->from])
            continue;
          changed = changed || !flow->reached[edge->to];
          flow->reached[edge->to] = 1;
          for (guint j = 0; j < n; j++)
            if (to[j] && !from[j] && !(edge->yields && j == edge->from))
              {
                to[j] = 0;
                changed = TRUE;
              }
        }
    }
}

/* Whether the outputs of step @name are there when the list comes to its end. */
static gboolean
is_defined_at_end (Flow *flow, int step)
{
  guint n = flow->steps->len;

  for (guint i = 0; i < flow->exits->len; i++)
    {
      guint exit = g_array_index (flow->exits, guint, i);

      if (flow->reached[exit] && (guint)step != exit
          && !flow->defined[(gsize)exit * n + (guint)step])
        return FALSE;
    }
  return TRUE;
}

static void
check_step_reference (Flow *flow, int at, SlipCheckStep *step, const char *path, const char *name)
{
  g_autofree char *step_name = g_strndup (name, strcspn (name, "."));
  SlipCheckStep *source = g_hash_table_lookup (flow->check->steps, step_name);
  int from = find_index (flow, step_name);
  SlipParameterType type;

  if (source == NULL)
    {
      slip_check_fault (flow->check, path, "{{ %s }}: there is no step %s", name, step_name);
      return;
    }
  if (!slip_check_reference_type (flow->check, name, &type))
    {
      slip_check_fault (flow->check, path, "{{ %s }}: the step %s has no output %s", name,
                        step_name, strchr (name, '.') + 1);
      return;
    }
  if (g_strcmp0 (source->name, step->loop) == 0)
    return;
  if (from < 0 && source->loop == NULL && flow->outer != NULL)
    {
      check_step_reference (flow->outer, flow->outer_index, step, path, name);
      return;
    }
  if (from < 0 && source->loop != NULL)
    slip_check_fault (flow->check, path,
                      "{{ %s }}: the step %s stands in the loop %s, and can be "
                      "used only there",
                      name, step_name, source->loop);
  else if (from >= 0 && at >= 0 && flow->reached[at]
           && !flow->defined[(gsize)at * flow->steps->len + (guint)from])
    slip_check_fault (flow->check, path,
                      "{{ %s }}: the step %s has not run on every path that leads here", name,
                      step_name);
  else if (from >= 0 && at < 0 && !is_defined_at_end (flow, from))
    slip_check_fault (flow->check, path, "{{ %s }}: the step %s does not run on every path", name,
                      step_name);
}

static gboolean
is_global (const char *name)
{
  static const char *const globals[] = {
      "global:DATE",       "global:DATE_TIME",        "global:REGION",
      "global:ACCOUNT_ID", "automation:EXECUTION_ID", NULL,
  };

  return g_strv_contains (globals, name);
}

static gboolean
is_workstation (const char *name)
{
  return g_str_equal (name, "slipway:environment") || g_str_equal (name, "slipway:account")
         || g_str_equal (name, "slipway:region") || g_str_has_prefix (name, "slipway:setting.");
}

/* @at is -1 for what is evaluated at the end of a loop's turn. */
static void
check_reference (
    Flow *flow, int at, SlipCheckStep *step, const char *path, const char *name, gboolean slipway)
{
  SlipParameterType type;

  if (strchr (name, ':') != NULL)
    {
      gboolean variable = g_str_has_prefix (name, "variable:");

      if (variable && !slip_check_reference_type (flow->check, name, &type))
        slip_check_fault (flow->check, path, "{{ %s }}: there is no variable %s", name,
                          name + strlen ("variable:"));
      else if (!variable && !is_global (name) && !(slipway && is_workstation (name)))
        slip_check_fault (flow->check, path, "{{ %s }}: there is no such value", name);
    }
  else if (strchr (name, '.') != NULL)
    check_step_reference (flow, at, step, path, name);
  else if (!slip_check_reference_type (flow->check, name, &type))
    {
      g_autofree const char **names
          = (const char **)g_hash_table_get_keys_as_array (flow->check->types, NULL);
      g_autofree char *hint = slip_check_suggest (name, names);

      slip_check_fault (flow->check, path, "{{ %s }}: there is no parameter %s%s", name, name,
                        hint);
    }
}

/* Checks all references below @node. */
static void
check_references (
    Flow *flow, int at, SlipCheckStep *step, const char *path, JsonNode *node, gboolean slipway)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          g_autofree char *member_path = slip_path_member (path, name);

          check_references (flow, at, step, member_path, member, slipway);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        g_autofree char *element = slip_path_element (path, i);

        check_references (flow, at, step, element,
                          json_array_get_element (json_node_get_array (node), i), slipway);
      }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) names = slip_template_list_text (json_node_get_string (node), &error);

      if (names == NULL)
        slip_check_fault (flow->check, path, "%s", error->message);
      for (guint i = 0; names != NULL && i < names->len; i++)
        check_reference (flow, at, step, path, g_ptr_array_index (names, i), slipway);
    }
}

static void
check_list (SlipCheck *check, GPtrArray *steps, SlipCheckStep *loop, Flow *outer, int outer_index);

static void
check_body (Flow *flow, int index)
{
  SlipCheck *check = flow->check;
  SlipCheckStep *loop = g_ptr_array_index (flow->steps, (guint)index);
  g_autoptr (GPtrArray) body = g_ptr_array_new ();

  for (guint i = 0; i < check->all->len; i++)
    {
      SlipCheckStep *step = g_ptr_array_index (check->all, i);

      if (g_strcmp0 (step->loop, loop->name) == 0)
        g_ptr_array_add (body, step);
    }
  if (body->len > 0)
    check_list (check, body, loop, flow, index);
}

static void
check_step (Flow *flow, guint index)
{
  SlipCheckStep *step = g_ptr_array_index (flow->steps, index);
  gboolean loop = step->action != NULL && g_str_equal (step->action->name, "aws:loop");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  g_autofree char *inputs = slip_path_member (step->path, "inputs");
  JsonNode *timeout = json_object_get_member (step->object, "timeoutSeconds");
  JsonNode *slipway = json_object_get_member (step->object, "slipway");

  if (!flow->reached[index])
    slip_check_fault (flow->check, step->path, "no path leads to the step %s", step->name);
  json_object_iter_init_ordered (&iter, step->inputs);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *path = slip_path_member (inputs, name);

      /* The body and its condition are a list of their own. */
      if (!loop || (!g_str_equal (name, "Steps") && !g_str_equal (name, "LoopCondition")))
        check_references (flow, (int)index, step, path, node, FALSE);
    }
  if (timeout != NULL)
    {
      g_autofree char *path = slip_path_member (step->path, "timeoutSeconds");

      check_references (flow, (int)index, step, path, timeout, FALSE);
    }
  if (slipway != NULL)
    {
      g_autofree char *path = slip_path_member (step->path, "slipway");

      check_references (flow, (int)index, step, path, slipway, TRUE);
    }
  if (loop)
    check_body (flow, (int)index);
}

static void
check_list (SlipCheck *check, GPtrArray *steps, SlipCheckStep *loop, Flow *outer, int outer_index)
{
  Flow flow = {.check = check, .steps = steps, .outer = outer, .outer_index = outer_index};
  JsonNode *condition
      = loop != NULL ? json_object_get_member (loop->inputs, "LoopCondition") : NULL;

  flow.edges = g_array_new (FALSE, FALSE, sizeof (Edge));
  flow.exits = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < steps->len; i++)
    add_edges (&flow, i);
  solve (&flow);
  for (guint i = 0; i < steps->len; i++)
    check_step (&flow, i);
  if (condition != NULL)
    {
      g_autofree char *path = g_strconcat (loop->path, ".inputs.LoopCondition", NULL);
      SlipCheckStep inside = {.name = loop->name, .loop = loop->name};

      check_references (&flow, -1, &inside, path, condition, FALSE);
    }
  g_array_unref (flow.edges);
  g_array_unref (flow.exits);
  g_free (flow.reached);
  g_free (flow.defined);
}

/* Guards of the whole document know no outputs: they are evaluated before there are any. */
static void
check_document_guards (SlipCheck *check)
{
  JsonObject *slipway = slip_json_object (check->root, "slipway");
  JsonNode *guards = slipway != NULL ? json_object_get_member (slipway, "guards") : NULL;
  g_autoptr (GPtrArray) names = guards != NULL ? slip_template_list (guards, NULL) : NULL;
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  Flow flow = {.check = check, .steps = none};

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (strchr (name, '.') != NULL && strchr (name, ':') == NULL)
        slip_check_fault (check, "$.slipway.guards",
                          "{{ %s }}: a guard of the whole document cannot use what a step yields",
                          name);
      else
        check_reference (&flow, -1, NULL, "$.slipway.guards", name, TRUE);
    }
}

void
slip_check_flow (SlipCheck *check)
{
  check_document_guards (check);
  if (check->main_steps->len > 0)
    check_list (check, check->main_steps, NULL, NULL, 0);
}
