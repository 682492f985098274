/* SPDX-License-Identifier: MIT */
/* Ids in JSON that are settled by the integration. A document is walked along the template that made it, so that an id is
 * found by where it stands and not by what it looks like; everything beside it stays as it was written. */

#include "slip-stage-late.h"

#include <string.h>

/* An id as a step wrote it, a number or the text of one; all else (null, mostly) stays. */
#define IS_ID "'^\"?[0-9]{1,18}\"?$'"

/* ---- where they are */

static void
place_free (gpointer data)
{
  SlipLatePlace *place = data;

  g_ptr_array_unref (place->path);
  g_free (place);
}

static void
late_free (gpointer data)
{
  SlipLate *late = data;

  g_free (late->mapping);
  g_ptr_array_unref (late->places);
  g_free (late);
}

/* The table of {"$late": …}, or NULL for any other node. */
static const char *
get_late (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  if (object == NULL || !json_object_has_member (object, "$late"))
    return NULL;
  return json_object_get_string_member (json_object_get_object_member (object, "$late"), "table");
}

static GPtrArray *find_places (JsonNode *node, GPtrArray *path, GPtrArray *places);

static void
find_below (JsonNode *node, const char *name, GPtrArray *path, GPtrArray *places)
{
  g_ptr_array_add (path, g_strdup (name));
  find_places (node, path, places);
  g_ptr_array_remove_index (path, path->len - 1);
}

static gpointer
copy_text (gconstpointer text, gpointer data)
{
  return g_strdup (text);
}

/* Adds the places below @node, which @path leads to; returns @places. */
static GPtrArray *
find_places (JsonNode *node, GPtrArray *path, GPtrArray *places)
{
  const char *table = get_late (node);

  if (table != NULL)
    {
      SlipLatePlace *place = g_new0 (SlipLatePlace, 1);

      place->path = g_ptr_array_copy (path, (GCopyFunc)copy_text, NULL);
      g_ptr_array_set_free_func (place->path, g_free);
      place->table = table;
      g_ptr_array_add (places, place);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *index = g_strdup_printf ("%u", i);

          find_below (json_array_get_element (array, i), index, path, places);
        }
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = json_object_get_members (object);

      for (GList *l = names; l != NULL; l = l->next)
        find_below (json_object_get_member (object, l->data), l->data, path, places);
    }
  return places;
}

static GPtrArray *
new_places (JsonNode *template)
{
  g_autoptr (GPtrArray) path = g_ptr_array_new_with_free_func (g_free);

  return find_places (template, path, g_ptr_array_new_with_free_func (place_free));
}

static gboolean
are_same (GPtrArray *left, GPtrArray *right)
{
  gboolean same = left->len == right->len;

  for (guint i = 0; same && i < left->len; i++)
    {
      const SlipLatePlace *a = g_ptr_array_index (left, i);
      gboolean found = FALSE;

      for (guint j = 0; !found && j < right->len; j++)
        {
          const SlipLatePlace *b = g_ptr_array_index (right, j);

          found = g_str_equal (a->table, b->table) && a->path->len == b->path->len;
          for (guint k = 0; found && k < a->path->len; k++)
            found = g_str_equal (a->path->pdata[k], b->path->pdata[k]);
        }
      same = found;
    }
  return same;
}

static gboolean
add_late (GPtrArray *lates, const SlipStep *step, const SlipJsonColumn *json, GError **error)
{
  SlipLate *late = g_new0 (SlipLate, 1);

  late->step = step->name;
  late->mapping = g_strconcat (step->mapping_name, "_mapping", NULL);
  late->template = json->template;
  late->places = new_places (json->template);
  for (guint i = 0; i < lates->len; i++)
    {
      const SlipLate *other = g_ptr_array_index (lates, i);

      if (!g_str_equal (other->mapping, late->mapping))
        continue;
      if (!are_same (other->places, late->places))
        SLIP_STAGE_ERROR (
            error, DEFINITION,
            "steps %s and %s are both of mapping %s and have late ids of %s.%s in different "
            "places, and a row says its mapping only. Give one of them a mapping of its own",
            other->step, late->step, step->mapping_name, step->definition->destination,
            json->column);
      late_free (late);
      return *error == NULL;
    }
  g_ptr_array_add (lates, late);
  return TRUE;
}

GPtrArray *
slip_stage_late_find (SlipMigration *migration,
                      const char *table,
                      const char *column,
                      GError **error)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  g_autoptr (GPtrArray) lates = g_ptr_array_new_with_free_func (late_free);
  g_autoptr (GError) fault = NULL;

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (step->definition == NULL || g_strcmp0 (step->definition->destination, table) != 0)
        continue;
      for (guint j = 0; j < step->json->len; j++)
        {
          const SlipJsonColumn *json = g_ptr_array_index (step->json, j);

          if (g_str_equal (json->column, column) && !add_late (lates, step, json, &fault))
            {
              g_propagate_error (error, g_steal_pointer (&fault));
              return NULL;
            }
        }
    }
  for (guint i = lates->len; i-- > 0;)
    if (((SlipLate *)lates->pdata[i])->places->len == 0)
      g_ptr_array_remove_index (lates, i);
  return g_steal_pointer (&lates);
}

/* ---- the ids that stay */

static gboolean
has_late (JsonNode *node)
{
  g_autoptr (GPtrArray) places = new_places (node);

  return places->len > 0;
}

typedef struct
{
  SlipMigrationRun *run;
  GString *sql;
} Text;

static void append_value (Text *text, JsonNode *node, const char *value, guint depth);

static void
append_case (Text *text, JsonNode *node, const char *when, guint depth)
{
  g_autofree char *value = g_strdup_printf ("m%u.value", depth);

  if (!has_late (node))
    return;
  g_string_append_printf (text->sql, " WHEN %s THEN ", when);
  append_value (text, node, value, depth + 1);
}

/* All members in their order; only those with a late id in them are written anew. */
static void
append_object (Text *text, JsonObject *object, const char *value, guint depth)
{
  g_autoptr (GList) names = json_object_get_members (object);

  g_string_append_printf (
      text->sql,
      "CASE json_typeof (%s) WHEN 'object' THEN (SELECT '{' || coalesce (string_agg "
      "(slipway.json_escape (m%u.key) || ': ' || CASE m%u.key",
      value, depth, depth);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *name = slip_stage_sql ("%L", (const char *)l->data);

      append_case (text, json_object_get_member (object, l->data), name, depth);
    }
  g_string_append_printf (
      text->sql,
      " ELSE m%u.value::text END, ', ' ORDER BY m%u.n), '') || '}' FROM json_each (%s) "
      "WITH ORDINALITY AS m%u (key, value, n)) ELSE %s::text END",
      depth, depth, value, depth, value);
}

static void
append_array (Text *text, JsonArray *array, const char *value, guint depth)
{
  g_string_append_printf (
      text->sql,
      "CASE json_typeof (%s) WHEN 'array' THEN (SELECT '[' || coalesce (string_agg "
      "(CASE m%u.n",
      value, depth);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i + 1);

      append_case (text, json_array_get_element (array, i), number, depth);
    }
  g_string_append_printf (
      text->sql,
      " ELSE m%u.value::text END, ', ' ORDER BY m%u.n), '') || ']' FROM "
      "json_array_elements (%s) WITH ORDINALITY AS m%u (value, n)) ELSE %s::text END",
      depth, depth, value, depth, value);
}

/* The text of @value, an expression of type json that @node stands for; @node has a late id in it. */
static void
append_value (Text *text, JsonNode *node, const char *value, guint depth)
{
  const char *table = get_late (node);

  if (table != NULL)
    {
      g_autofree char *keys = slip_stage_keys_dup_table (text->run, table);

      slip_stage_sql_append (
          text->sql,
          "CASE WHEN %s::text ~ " IS_ID " THEN coalesce ((SELECT k.new_key::text FROM "
          "%s AS k WHERE k.old_key = btrim (%s::text, '\"')::bigint), 'null') ELSE "
          "%s::text END",
          value, keys, value, value);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    append_array (text, json_node_get_array (node), value, depth);
  else
    append_object (text, json_node_get_object (node), value, depth);
}

char *
slip_stage_late_sql (SlipMigrationRun *run, GPtrArray *lates, const char *column)
{
  GString *sql = g_string_new ("(CASE t.casrec_mapping_file_name");
  Text text = {run, sql};
  g_autofree char *document = slip_stage_sql ("t.%I::json", column);

  for (guint i = 0; i < lates->len; i++)
    {
      const SlipLate *late = g_ptr_array_index (lates, i);

      slip_stage_sql_append (sql, " WHEN %L THEN ", late->mapping);
      append_value (&text, late->template, document, 1);
    }
  slip_stage_sql_append (sql, " ELSE t.%I::text END)::json", column);
  return g_string_free (sql, FALSE);
}

/* ---- what came of them */

static gboolean
measure_place (SlipMigrationRun *run,
               const SlipLate *late,
               const SlipLatePlace *place,
               const char *table,
               const char *column,
               GError **error)
{
  g_autofree char *keys = slip_stage_keys_dup_table (run, place->table);
  g_autoptr (GString) path = g_string_new ("ARRAY[");
  g_autoptr (GString) told = g_string_new (column);

  for (guint i = 0; i < place->path->len; i++)
    {
      slip_stage_sql_append (path, "%s%L", i > 0 ? ", " : "", place->path->pdata[i]);
      g_string_append_printf (told, ".%s", (const char *)place->path->pdata[i]);
    }
  g_string_append (path, "]::text[]");
  return slip_stage_sql_run (
      run->pg, "count ids in JSON without a row", error,
      "INSERT INTO slipway.measure (run, stage, entity, column_name, kind, rows, row_ids)\n"
      "SELECT %D, 'integration', %L, %L, 'unmatched', count (*), array_agg (t.row::bigint)\n"
      "  FROM (SELECT casrec_row_id AS row, CASE casrec_mapping_file_name WHEN %L THEN %I::json "
      "#>> %s END AS id\n"
      "          FROM %I.%I) AS t LEFT JOIN %s AS k ON k.old_key::text = t.id\n"
      " WHERE t.id IS NOT NULL AND k.old_key IS NULL HAVING count (*) > 0",
      run->id, table, told->str, late->mapping, column, path->str, run->schemas->transform, table,
      keys);
}

gboolean
slip_stage_late_measure (
    SlipMigrationRun *run, GPtrArray *lates, const char *table, const char *column, GError **error)
{
  for (guint i = 0; i < lates->len; i++)
    {
      const SlipLate *late = g_ptr_array_index (lates, i);

      for (guint j = 0; j < late->places->len; j++)
        if (!measure_place (run, late, g_ptr_array_index (late->places, j), table, column, error))
          return FALSE;
    }
  return TRUE;
}
