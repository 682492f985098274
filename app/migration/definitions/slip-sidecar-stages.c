/* SPDX-License-Identifier: MIT */
/* Parts of the sidecar about what comes behind the steps: public numbers, business rules, hooks and gates. */

#include "slip-json.h"
#include "slip-sidecar-private.h"

#include <math.h>
#include <string.h>

static void
slip_table_column_free (SlipTableColumn *column)
{
  g_free (column->table);
  g_free (column->column);
  g_free (column);
}

void
slip_uid_free (SlipUid *uid)
{
  g_ptr_array_unref (uid->columns);
  g_free (uid->sequence);
  g_free (uid);
}

void
slip_need_free (SlipNeed *need)
{
  g_free (need->table);
  g_free (need->where);
  g_free (need->why);
  g_free (need->rows);
  g_free (need);
}

void
slip_business_rule_free (SlipBusinessRule *rule)
{
  g_free (rule->name);
  g_free (rule->stage);
  g_free (rule->sql);
  g_free (rule->file);
  g_free (rule->mapping);
  g_ptr_array_unref (rule->fills);
  g_free (rule);
}

void
slip_hook_free (SlipHook *hook)
{
  g_free (hook->name);
  g_free (hook->after);
  g_free (hook->setup);
  g_free (hook->audit);
  g_free (hook->update);
  g_free (hook->validate);
  g_free (hook);
}

void
slip_gate_free (SlipGate *gate)
{
  g_free (gate->stage);
  g_free (gate->kind);
  g_free (gate);
}

static gpointer
read_table_column (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"table", "column", NULL};
  SlipTableColumn *column = g_new0 (SlipTableColumn, 1);

  slip_reader_check_members (reader, object, known);
  column->table = slip_reader_need_string (reader, object, "table");
  column->column = slip_reader_need_string (reader, object, "column");
  return column;
}

SlipUid *
slip_uid_read (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"tables", "sequence", "base", "check", NULL};
  static const char *const checks[] = {"none", "luhn", NULL};
  SlipUid *uid = g_new0 (SlipUid, 1);

  slip_reader_check_members (reader, object, known);
  uid->columns = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_table_column_free);
  slip_sidecar_read_list (reader, object, "tables", read_table_column, uid->columns);
  if (uid->columns->len == 0)
    SLIP_READER_FAULT (reader, "tables", "Name a table and its column", "nothing is numbered");
  uid->sequence = slip_reader_need_string (reader, object, "sequence");
  uid->base = slip_reader_get_int (reader, object, "base", 0);
  if (uid->base < 0)
    SLIP_READER_FAULT (reader, "base", NULL, "numbers begin at 0 or above");
  uid->luhn = slip_sidecar_one_of (reader, object, "check", checks) == 1;
  return uid;
}

SlipNeed *
slip_need_read (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"table", "where", "why", "rows", NULL};
  SlipNeed *need = g_new0 (SlipNeed, 1);

  slip_reader_check_members (reader, object, known);
  need->table = slip_reader_need_string (reader, object, "table");
  need->where = slip_reader_dup_string (reader, object, "where");
  need->why = slip_reader_need_string (reader, object, "why");
  need->rows = slip_reader_dup_string (reader, object, "rows");
  return need;
}

static char *
read_stage (SlipReader *reader, JsonObject *object, const char *name)
{
  char *stage = slip_reader_need_string (reader, object, name);

  if (stage != NULL && !slip_sidecar_is_stage (stage))
    SLIP_READER_FAULT (reader, name,
                       "Stages are load, filter, prepare, transform, integration, load_to_target, "
                       "validation and api",
                       "there is no stage “%s”", stage);
  return stage;
}

SlipBusinessRule *
slip_business_rule_read (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"name", "stage", "sql", "file", "mapping", "fills", NULL};
  SlipBusinessRule *rule = g_new0 (SlipBusinessRule, 1);

  slip_reader_check_members (reader, object, known);
  rule->name = slip_reader_need_string (reader, object, "name");
  rule->stage = read_stage (reader, object, "stage");
  rule->mapping = slip_reader_dup_string (reader, object, "mapping");
  rule->fills = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_table_column_free);
  slip_sidecar_read_list (reader, object, "fills", read_table_column, rule->fills);
  if (rule->fills->len > 0 && g_strcmp0 (rule->stage, "integration") != 0)
    SLIP_READER_FAULT (reader, "fills", "Rules of stage integration fill columns",
                       "at the end of another stage there is nothing to count");
  rule->file = slip_reader_dup_string (reader, object, "file");
  rule->sql = slip_reader_dup_string (reader, object, "sql");
  if ((rule->file == NULL) == (rule->sql == NULL))
    SLIP_READER_FAULT (reader, NULL, "Give either sql or file",
                       rule->sql == NULL ? "the rule has no statements"
                                         : "the rule has statements twice");
  if (rule->sql == NULL)
    rule->sql = slip_reader_dup_file (reader, "file", rule->file);
  return rule;
}

static char *
read_file (SlipReader *reader, JsonObject *object, const char *name)
{
  g_autofree char *file = slip_reader_dup_string (reader, object, name);

  return slip_reader_dup_file (reader, name, file);
}

SlipHook *
slip_hook_read (SlipReader *reader, JsonObject *object)
{
  static const char *const known[]
      = {"name", "after", "setup", "audit", "update", "validate", NULL};
  SlipHook *hook = g_new0 (SlipHook, 1);
  gboolean any = FALSE;

  slip_reader_check_members (reader, object, known);
  hook->name = slip_reader_need_string (reader, object, "name");
  hook->after = read_stage (reader, object, "after");
  hook->setup = read_file (reader, object, "setup");
  hook->audit = read_file (reader, object, "audit");
  hook->update = read_file (reader, object, "update");
  hook->validate = read_file (reader, object, "validate");
  for (guint i = 2; known[i] != NULL; i++)
    any = any || json_object_has_member (object, known[i]);
  if (!any)
    SLIP_READER_FAULT (reader, NULL, "Give at least one of setup, audit, update and validate",
                       "the hook does nothing");
  return hook;
}

/* 5 is rows, "5%" percent. */
static gboolean
read_limit (JsonNode *node, SlipGate *gate)
{
  const char *text = slip_json_node_string (node);
  char *end = NULL;

  if (text != NULL)
    {
      gate->limit = g_ascii_strtod (text, &end);
      gate->percent = TRUE;
      return end != text && g_str_equal (end, "%") && gate->limit >= 0 && gate->limit <= 100
             && g_ascii_isdigit (*text);
    }
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  gate->limit = (double)json_node_get_int (node);
  return gate->limit >= 0;
}

/* What a stage counts that a gate can bound. A gate on anything else could never fail. */
static const struct
{
  const char *stage;
  const char *kinds[8];
} counted[] = {
    {"load", {"rejected", "unclaimed"}},
    {"filter", {"dropped"}},
    {"transform", {"unknown", "unmatched", "ambiguous", "bad", "altered", "defaulted", "dropped"}},
    {"integration", {"unmatched", "altered", "dropped"}},
    {"validation", {"missing", "extra", "differing", "duplicated"}},
    {"api", {"failed"}},
};

static const char *const *
find_counted (const char *stage)
{
  for (gsize i = 0; i < G_N_ELEMENTS (counted); i++)
    if (g_str_equal (counted[i].stage, stage))
      return counted[i].kinds;
  return NULL;
}

typedef struct
{
  const char *stage;
  GPtrArray *gates;
} GateRead;

static void
read_gate (SlipReader *reader, const char *name, JsonNode *node, gpointer data)
{
  GateRead *read = data;
  const char *const *kinds = find_counted (read->stage);
  SlipGate *gate = g_new0 (SlipGate, 1);

  gate->stage = g_strdup (read->stage);
  gate->kind = g_strdup (name);
  g_ptr_array_add (read->gates, gate);
  if (kinds != NULL && !g_strv_contains (kinds, name))
    {
      g_autofree char *list = g_strjoinv (", ", (char **)kinds);
      g_autofree char *advice = g_strdup_printf ("Stage %s counts %s", read->stage, list);

      SLIP_READER_FAULT (reader, NULL, advice, "nothing counts “%s” in stage %s", name,
                         read->stage);
    }
  if (!read_limit (node, gate))
    SLIP_READER_FAULT (reader, NULL, "Write rows, such as 0, or percent, such as \"5%\"",
                       "this is no limit");
}

static void
read_stage_gates (SlipReader *reader, const char *name, JsonNode *node, gpointer gates)
{
  static const char advice[]
      = "Stages with gates are load, filter, transform, integration, validation and api";
  GateRead read = {name, gates};

  if (!slip_sidecar_is_stage (name))
    SLIP_READER_FAULT (reader, NULL, advice, "there is no stage “%s”", name);
  else if (find_counted (name) == NULL)
    SLIP_READER_FAULT (reader, NULL, advice,
                       "stage %s counts nothing: a gate there would let everything pass", name);
  slip_reader_each (reader, slip_reader_as_object (reader, node), read_gate, &read);
}

void
slip_gates_read (SlipReader *reader, JsonObject *object, GPtrArray *gates)
{
  slip_reader_each (reader, object, read_stage_gates, gates);
}
