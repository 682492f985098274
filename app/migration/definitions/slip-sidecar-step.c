/* SPDX-License-Identifier: MIT */
/* Entities of the sidecar and their steps: joins, columns, JSON templates, updates. Names are resolved by
 * the migration; what SQL means is the server's. */

#include "slip-json.h"
#include "slip-sidecar-private.h"

#include <string.h>

static void
clear_relation (SlipRelation *relation)
{
  g_free (relation->table);
  g_free (relation->sql);
}

static void
slip_pick_free (SlipPick *pick)
{
  g_strfreev (pick->per);
  g_strfreev (pick->order);
  g_free (pick);
}

static void
slip_join_free (SlipJoin *join)
{
  g_free (join->alias);
  clear_relation (&join->relation);
  g_clear_pointer (&join->on, g_ptr_array_unref);
  g_free (join->on_sql);
  g_free (join->where);
  g_clear_pointer (&join->pick, slip_pick_free);
  g_free (join);
}

static void
slip_from_free (SlipFrom *from)
{
  clear_relation (&from->relation);
  g_free (from->alias);
  g_free (from->where);
  g_free (from->table);
  g_free (from);
}

static void
slip_update_free (SlipUpdate *update)
{
  g_free (update->table);
  g_ptr_array_unref (update->on);
  g_free (update->where);
  g_strfreev (update->set);
  g_free (update);
}

static void
slip_json_column_free (SlipJsonColumn *column)
{
  g_free (column->column);
  json_node_unref (column->template);
  g_free (column);
}

static void
slip_step_free (SlipStep *step)
{
  g_free (step->name);
  g_free (step->entity);
  g_free (step->mapping_name);
  g_clear_pointer (&step->from, slip_from_free);
  g_ptr_array_unref (step->joins);
  g_ptr_array_unref (step->columns);
  g_ptr_array_unref (step->json);
  g_ptr_array_unref (step->decisions);
  g_strfreev (step->decision_names);
  g_free (step->path);
  g_free (step->where);
  g_strfreev (step->order);
  g_strfreev (step->dates);
  g_clear_pointer (&step->update, slip_update_free);
  g_free (step);
}

void
slip_entity_free (SlipEntity *entity)
{
  g_free (entity->name);
  g_strfreev (entity->needs);
  g_ptr_array_unref (entity->steps);
  g_free (entity->path);
  g_free (entity);
}

static void
read_table (SlipReader *reader, const char *text, SlipRelation *relation)
{
  static const char *const places[] = {"source", "transform", "target"};
  const char *dot = strchr (text, '.');

  for (gsize i = 0; dot != NULL && dot[1] != '\0' && i < G_N_ELEMENTS (places); i++)
    if (strlen (places[i]) == (gsize)(dot - text) && g_str_has_prefix (text, places[i]))
      {
        relation->kind = (SlipRelationKind)i;
        relation->table = g_strdup (dot + 1);
        return;
      }
  SLIP_READER_FAULT (
      reader, "relation",
      "Write source.TABLE, transform.TABLE or target.TABLE, or {\"sql\": \"SELECT …\"}",
      "“%s” names no relation", text);
}

static void
read_relation (SlipReader *reader, JsonObject *object, SlipRelation *relation)
{
  static const char *const known[] = {"sql", NULL};
  JsonNode *node = json_object_get_member (object, "relation");
  JsonObject *query = slip_json_node_object (node);
  gsize place;

  relation->kind = SLIP_RELATION_SQL;
  if (query == NULL)
    {
      g_autofree char *text = slip_reader_need_string (reader, object, "relation");

      if (text != NULL)
        read_table (reader, text, relation);
      return;
    }
  place = slip_reader_enter (reader, "relation");
  slip_reader_check_members (reader, query, known);
  relation->sql = slip_reader_need_string (reader, query, "sql");
  slip_reader_leave (reader, place);
}

static SlipPick *
read_pick (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"per", "order", NULL};
  SlipPick *pick = g_new0 (SlipPick, 1);

  slip_reader_check_members (reader, object, known);
  pick->per = slip_sidecar_dup_list (reader, object, "per");
  pick->order = slip_sidecar_dup_list (reader, object, "order");
  if (pick->per[0] == NULL)
    SLIP_READER_FAULT (reader, "per", "Name the columns that a row is picked for",
                       "the pick is for nothing");
  if (pick->order[0] == NULL)
    SLIP_READER_FAULT (reader, "order", "Say what comes first, so that the pick is always the same",
                       "the pick has no order");
  return pick;
}

/* An alias is written into SQL as it is. */
static char *
read_alias (SlipReader *reader, JsonObject *object)
{
  static const char *const taken[] = {"m", "s", "let", NULL};
  char *alias = slip_reader_need_string (reader, object, "as");

  if (alias != NULL && g_strv_contains (taken, alias))
    SLIP_READER_FAULT (reader, "as", "m, s and let are taken: choose another",
                       "“%s” has a meaning of its own", alias);
  for (const char *p = alias; p != NULL && *p != '\0'; p++)
    if (!g_ascii_islower (*p) && *p != '_' && (p == alias || !g_ascii_isdigit (*p)))
      {
        SLIP_READER_FAULT (reader, "as", "Use lower case letters, digits and _",
                           "“%s” cannot be written in SQL without quotes", alias);
        break;
      }
  return alias;
}

static gpointer
read_join (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"as", "relation", "on", "where", "kind", "pick", NULL};
  static const char *const kinds[] = {"left", "inner", NULL};
  SlipJoin *join = g_new0 (SlipJoin, 1);
  JsonObject *pick = slip_reader_get_object (reader, object, "pick");
  gsize place;

  slip_reader_check_members (reader, object, known);
  join->alias = read_alias (reader, object);
  read_relation (reader, object, &join->relation);
  if (slip_json_node_string (json_object_get_member (object, "on")) != NULL)
    join->on_sql = slip_reader_need_string (reader, object, "on");
  else
    join->on = slip_sidecar_read_pairs (reader, object, "on");
  join->where = slip_reader_dup_string (reader, object, "where");
  if (!json_object_has_member (object, "kind"))
    SLIP_READER_FAULT (reader, "kind", "Say left (rows without a match stay) or inner",
                       "the kind of the join is missing");
  join->left = slip_sidecar_one_of (reader, object, "kind", kinds) == 0;
  place = slip_reader_enter (reader, "pick");
  join->pick = pick != NULL ? read_pick (reader, pick) : NULL;
  slip_reader_leave (reader, place);
  return join;
}

static SlipFrom *
read_from (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"relation", "as", "where", "table", NULL};
  SlipFrom *from = g_new0 (SlipFrom, 1);

  slip_reader_check_members (reader, object, known);
  read_relation (reader, object, &from->relation);
  from->alias = read_alias (reader, object);
  from->where = slip_reader_dup_string (reader, object, "where");
  from->table = slip_reader_dup_string (reader, object, "table");
  return from;
}

static SlipUpdate *
read_update (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"table", "on", "where", "set", NULL};
  SlipUpdate *update = g_new0 (SlipUpdate, 1);

  slip_reader_check_members (reader, object, known);
  update->table = slip_reader_need_string (reader, object, "table");
  update->on = slip_sidecar_read_pairs (reader, object, "on");
  update->where = slip_reader_dup_string (reader, object, "where");
  update->set = slip_sidecar_dup_list (reader, object, "set");
  if (update->set[0] == NULL)
    SLIP_READER_FAULT (reader, "set", "Name the columns that it changes",
                       "the update changes nothing");
  return update;
}

static void
check_late (SlipReader *reader, JsonNode *node)
{
  static const char *const known[] = {"table", "id", NULL};
  JsonObject *late = slip_reader_as_object (reader, node);
  g_autofree char *table = NULL;
  g_autofree char *id = NULL;

  if (late == NULL)
    return;
  slip_reader_check_members (reader, late, known);
  table = slip_reader_need_string (reader, late, "table");
  id = slip_reader_need_string (reader, late, "id");
}

/* A member that begins with $ is ours, and stands alone. */
static void
check_template (SlipReader *reader, const char *name, JsonNode *node, gpointer data)
{
  JsonObject *object = slip_json_node_object (node);
  gboolean alone = object != NULL && json_object_get_size (object) == 1;

  if (JSON_NODE_HOLDS_ARRAY (node))
    slip_reader_each_element (reader, json_node_get_array (node), check_template, NULL);
  if (name != NULL && *name == '$')
    SLIP_READER_FAULT (reader, NULL, "Use {\"$sql\": …} or {\"$late\": {\"table\", \"id\"}}",
                       "“%s” is no value of a template", name);
  if (alone && json_object_has_member (object, "$sql"))
    {
      g_autofree char *sql = slip_reader_need_string (reader, object, "$sql");

      return;
    }
  if (alone && json_object_has_member (object, "$late"))
    {
      gsize place = slip_reader_enter (reader, "$late");

      check_late (reader, json_object_get_member (object, "$late"));
      slip_reader_leave (reader, place);
      return;
    }
  slip_reader_each (reader, object, check_template, NULL);
}

static void
read_json_column (SlipReader *reader, const char *name, JsonNode *node, gpointer list)
{
  SlipJsonColumn *column = g_new0 (SlipJsonColumn, 1);

  check_template (reader, NULL, node, NULL);
  column->column = g_strdup (name);
  column->template = slip_json_copy (node);
  g_ptr_array_add (list, column);
}

static void
read_json (SlipReader *reader, JsonObject *object, GPtrArray *list)
{
  JsonObject *templates = slip_reader_get_object (reader, object, "json");
  gsize place = slip_reader_enter (reader, "json");

  slip_reader_each (reader, templates, read_json_column, list);
  slip_reader_leave (reader, place);
}

/* In an update, t is the row that changes. */
static void
check_update_aliases (SlipReader *reader, const SlipStep *step)
{
  gboolean taken = step->from != NULL && g_strcmp0 (step->from->alias, "t") == 0;

  for (guint i = 0; i < step->joins->len; i++)
    {
      const SlipJoin *join = g_ptr_array_index (step->joins, i);

      taken = taken || g_strcmp0 (join->alias, "t") == 0;
    }
  if (taken)
    SLIP_READER_FAULT (reader, "update", "Choose another “as”",
                       "in an update, t is the row that changes");
}

/* TABLE.COLUMN: a column's name may have dots, a landed table's has none. */
static char **
read_dates (SlipReader *reader, JsonObject *object)
{
  char **dates = slip_sidecar_dup_list (reader, object, "dates");

  for (guint i = 0; dates[i] != NULL; i++)
    {
      const char *dot = strchr (dates[i], '.');

      if (dot == NULL || dot == dates[i] || dot[1] == '\0')
        SLIP_READER_FAULT (reader, "dates", "Write TABLE.COLUMN",
                           "“%s” is no column of a landed table", dates[i]);
    }
  return dates;
}

static gpointer
read_step (SlipReader *reader, JsonObject *object)
{
  static const char *const known[]
      = {"mapping",   "name",  "from", "joins",  "columns", "json", "where",
         "decisions", "order", "ids",  "update", "dates",   NULL};
  static const char *const ids[] = {"mapped", "final", NULL};
  JsonObject *from = slip_reader_get_object (reader, object, "from");
  JsonObject *update = slip_reader_get_object (reader, object, "update");
  SlipStep *step = g_new0 (SlipStep, 1);
  gsize place;

  slip_reader_check_members (reader, object, known);
  step->mapping_name = slip_reader_need_string (reader, object, "mapping");
  step->name = slip_reader_dup_string (reader, object, "name");
  if (step->name == NULL)
    step->name = g_strdup (step->mapping_name);
  place = slip_reader_enter (reader, "from");
  step->from = from != NULL ? read_from (reader, from) : NULL;
  slip_reader_leave (reader, place);
  step->joins = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_join_free);
  slip_sidecar_read_list (reader, object, "joins", read_join, step->joins);
  step->columns = slip_sidecar_read_named (reader, object, "columns");
  step->json = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_json_column_free);
  read_json (reader, object, step->json);
  step->decisions = g_ptr_array_new ();
  step->decision_names = slip_sidecar_dup_list (reader, object, "decisions");
  step->path = g_strdup (reader->path->str);
  step->where = slip_reader_dup_string (reader, object, "where");
  step->order = slip_sidecar_dup_list (reader, object, "order");
  step->dates = read_dates (reader, object);
  step->ids_final = slip_sidecar_one_of (reader, object, "ids", ids) == 1;
  place = slip_reader_enter (reader, "update");
  step->update = update != NULL ? read_update (reader, update) : NULL;
  slip_reader_leave (reader, place);
  if (update != NULL)
    check_update_aliases (reader, step);
  return step;
}

SlipEntity *
slip_entity_read (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"name", "needs", "steps", NULL};
  SlipEntity *entity = g_new0 (SlipEntity, 1);

  slip_reader_check_members (reader, object, known);
  entity->name = slip_reader_need_string (reader, object, "name");
  entity->path = g_strdup (reader->path->str);
  entity->needs = slip_sidecar_dup_list (reader, object, "needs");
  entity->steps = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_step_free);
  slip_sidecar_read_list (reader, object, "steps", read_step, entity->steps);
  for (guint i = 0; i < entity->steps->len; i++)
    ((SlipStep *)g_ptr_array_index (entity->steps, i))->entity = g_strdup (entity->name);
  return entity;
}
