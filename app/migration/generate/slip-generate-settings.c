/* SPDX-License-Identifier: MIT */
/* Reads the generator's settings as a whole: tables with their files, rows, columns and defects. Every
 * fault is told at once; nothing is generated from settings with one. */

#include "slip-generate-private.h"

#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-error.h"

#include <string.h>

#define MAX_BYTES (16 << 20)

static void
column_free (SlipGenColumn *column)
{
  g_free (column->name);
  slip_gen_class_free (column->value);
  g_clear_pointer (&column->defects, g_ptr_array_unref);
  g_free (column);
}

static void
pick_free (SlipGenPick *pick)
{
  g_free (pick->name);
  g_free (pick->table_name);
  g_free (pick);
}

static void
table_free (SlipGenTable *table)
{
  g_free (table->name);
  g_free (table->file);
  g_free (table->encoding);
  g_free (table->parent_name);
  slip_gen_weights_clear (&table->per);
  g_array_unref (table->per_rows);
  slip_gen_reference_free (table->only);
  g_clear_pointer (&table->only_values, g_ptr_array_unref);
  g_ptr_array_unref (table->columns);
  g_hash_table_unref (table->by_name);
  g_ptr_array_unref (table->picks);
  g_clear_pointer (&table->defects, g_ptr_array_unref);
  g_free (table);
}

static SlipGenTable *
table_new (const char *name)
{
  SlipGenTable *table = g_new0 (SlipGenTable, 1);

  table->name = g_strdup (name);
  table->rows = -1;
  table->clients = (SlipGenShare){1, 1};
  table->per_rows = g_array_new (FALSE, FALSE, sizeof (guint));
  table->columns = g_ptr_array_new_with_free_func ((GDestroyNotify)column_free);
  table->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  table->picks = g_ptr_array_new_with_free_func ((GDestroyNotify)pick_free);
  return table;
}

static void
pending_free (SlipGenPending *pending)
{
  g_free (pending->path);
  g_free (pending->where);
  g_free (pending);
}

static void
read_only (SlipGenParser *parser, JsonObject *per, SlipGenTable *table)
{
  JsonObject *only = slip_gen_object (parser, per, "only");
  gsize length = slip_gen_enter (parser, "only");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *reference;

  if (only != NULL && slip_gen_known (parser, only, "column is"))
    {
      node = json_node_new (JSON_NODE_OBJECT);
      reference = json_object_new ();
      json_object_set_string_member (reference, "table", table->parent_name);
      if (slip_gen_string (parser, only, "column") != NULL)
        json_object_set_string_member (reference, "column", slip_json_string (only, "column"));
      json_node_take_object (node, reference);
      table->only = slip_gen_reference (parser, node, table, NULL, FALSE);
      table->only_values = slip_gen_texts (parser, only, "is");
      if (table->only_values == NULL)
        slip_gen_fault_at (parser, "is", "must be the values of rows that are followed");
    }
  slip_gen_leave (parser, length);
}

static void
read_per (SlipGenParser *parser, JsonObject *object, SlipGenTable *table)
{
  JsonObject *per = slip_gen_object (parser, object, "per");
  gsize length = slip_gen_enter (parser, "per");

  if (per != NULL && slip_gen_known (parser, per, "table rows only"))
    {
      table->parent_name = g_strdup (slip_gen_string (parser, per, "table"));
      if (table->parent_name == NULL)
        slip_gen_fault (parser, "needs the member “table”");
      slip_gen_weights (parser, per, "rows", &table->per);
      for (guint i = 0; table->per.items != NULL && i < table->per.items->len; i++)
        {
          const char *text = g_ptr_array_index (table->per.items, i);
          guint64 rows = 0;
          guint count;

          if (!g_ascii_string_to_unsigned (text, 10, 0, 10000, &rows, NULL))
            slip_gen_fault_at (parser, "rows", "“%s” is no number of rows from 0 to 10000", text);
          count = (guint)rows;
          g_array_append_val (table->per_rows, count);
        }
      if (table->per.items == NULL)
        slip_gen_fault (parser,
                        "needs the member “rows”: how often how many, as {\"1\": 3, \"2\": 1}");
      if (table->parent_name != NULL)
        read_only (parser, per, table);
    }
  slip_gen_leave (parser, length);
}

static void
read_rows (SlipGenParser *parser, JsonObject *object, SlipGenTable *table)
{
  static const char *const ways[] = {"rows", "clients", "per"};
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    n += json_object_has_member (object, ways[i]) ? 1 : 0;
  if (n != 1)
    slip_gen_fault (parser, "needs one of “rows”, “clients” and “per”: how many rows there are");
  table->rows = slip_gen_int (parser, object, "rows", 0, 1000000000, -1);
  if (json_object_has_member (object, "clients"))
    {
      const char *text = slip_gen_string (parser, object, "clients");

      /* More than one for each client is a share above one. */
      if (text != NULL && !slip_gen_share_from_text (text, &table->clients))
        slip_gen_fault_at (
            parser, "clients",
            "“%s” is no number of rows for each client. Write a fraction, as 4/5 or 1/1", text);
    }
  read_per (parser, object, table);
}

static void
read_column (SlipGenParser *parser, JsonNode *node, SlipGenTable *table)
{
  JsonObject *object = slip_json_node_object (node);
  SlipGenColumn *column;
  const char *name;

  if (slip_json_node_string (node) != NULL)
    name = slip_json_node_string (node);
  else
    name = object != NULL ? slip_gen_string (parser, object, "name") : NULL;
  if (name == NULL)
    {
      slip_gen_fault (parser,
                      "must be an object with “name” and “class”, or the name of a blank column");
      return;
    }
  column = g_new0 (SlipGenColumn, 1);
  column->name = g_strdup (name);
  column->table = table;
  column->key = slip_random_key (slip_random_key (0, table->name), name);
  column->defect_key = slip_random_key (column->key, "defects");
  column->since_part = 1;
  g_ptr_array_add (table->columns, column);
  parser->column = column->name;
  if (!g_hash_table_insert (table->by_name, column->name, column))
    slip_gen_fault (parser, "there is a column “%s” before it", name);
  if (object != NULL)
    {
      column->since_part = (guint)slip_gen_int (parser, object, "since_part", 1, 99, 1);
      column->hidden = slip_gen_bool (parser, object, "hidden");
      column->value
          = slip_gen_class_parse (parser, object, table, column, " name defects since_part hidden");
      column->defects = slip_gen_defects_parse (parser, object, FALSE);
    }
  else
    {
      column->value = g_new0 (SlipGenClass, 1);
      column->value->kind = SLIP_GEN_CONSTANT;
      column->value->text = g_strdup ("");
    }
  parser->column = NULL;
}

static void
read_columns (SlipGenParser *parser, JsonObject *object, SlipGenTable *table)
{
  JsonArray *columns = slip_gen_array (parser, object, "columns");
  gsize length = slip_gen_enter (parser, "columns");

  if (columns == NULL || json_array_get_length (columns) == 0)
    slip_gen_fault (parser, "needs at least one column");
  for (guint i = 0; columns != NULL && i < json_array_get_length (columns); i++)
    {
      gsize inner = slip_gen_enter_index (parser, i);

      read_column (parser, json_array_get_element (columns, i), table);
      slip_gen_leave (parser, inner);
    }
  slip_gen_leave (parser, length);
}

static void
read_picks (SlipGenParser *parser, JsonObject *object, SlipGenTable *table)
{
  JsonObject *picks = slip_gen_object (parser, object, "picks");
  gsize length = slip_gen_enter (parser, "picks");
  JsonObjectIter iter;
  const char *name;
  SlipGenPick *pick;

  if (picks != NULL)
    json_object_iter_init_ordered (&iter, picks);
  while (picks != NULL && json_object_iter_next_ordered (&iter, &name, NULL))
    {
      pick = g_new0 (SlipGenPick, 1);
      pick->name = g_strdup (name);
      pick->table_name = g_strdup (slip_gen_string (parser, picks, name));
      if (pick->table_name == NULL)
        pick->table_name = g_strdup ("");
      pick->key
          = slip_random_key (slip_random_key (slip_random_key (0, table->name), "picks"), name);
      g_ptr_array_add (table->picks, pick);
    }
  slip_gen_leave (parser, length);
}

static void
read_file (SlipGenParser *parser, JsonObject *object, SlipGenTable *table)
{
  const char *file = slip_gen_string (parser, object, "file");
  const char *delimiter = slip_gen_string (parser, object, "delimiter");
  const char *encoding = slip_gen_string (parser, object, "encoding");
  g_autofree char *converted = NULL;

  if (file != NULL && (*file == '\0' || *file == '.' || strpbrk (file, "/\\\t\n") != NULL))
    slip_gen_fault_at (parser, "file", "“%s” is no name of a file without its folder", file);
  table->file = g_strdup (file != NULL ? file : table->name);
  table->parts = (guint)slip_gen_int (parser, object, "parts", 0, 99, 0);
  table->hidden = slip_gen_bool (parser, object, "hidden");
  table->bom = slip_gen_bool (parser, object, "bom");
  table->crlf = slip_gen_bool (parser, object, "crlf");
  if (delimiter != NULL && (strlen (delimiter) != 1 || strchr ("\"\r\n", *delimiter) != NULL))
    slip_gen_fault_at (parser, "delimiter",
                       "must be one ASCII character, no quote and no line end");
  table->delimiter = delimiter != NULL ? *delimiter : ',';
  if (encoding != NULL && g_ascii_strcasecmp (encoding, "UTF-8") != 0)
    {
      converted = g_convert ("a", 1, encoding, "UTF-8", NULL, NULL, NULL);
      if (converted == NULL)
        slip_gen_fault_at (parser, "encoding", "iconv knows no encoding “%s”", encoding);
      table->encoding = g_strdup (encoding);
      if (table->bom)
        slip_gen_fault_at (parser, "bom", "belongs to UTF-8");
    }
}

static void
read_table (SlipGenParser *parser, JsonNode *node)
{
  SlipGenerateSettings *settings = parser->settings;
  JsonObject *object = slip_json_node_object (node);
  const char *name = object != NULL ? slip_gen_string (parser, object, "name") : NULL;
  SlipGenTable *table;

  if (name == NULL || *name == '\0')
    {
      slip_gen_fault (parser, "must be an object with “name”");
      return;
    }
  table = table_new (name);
  g_ptr_array_add (settings->tables, table);
  parser->table = table->name;
  slip_gen_known (
      parser, object,
      "name hidden file parts bom crlf delimiter encoding rows clients per picks columns defects");
  if (!g_hash_table_insert (settings->by_name, table->name, table))
    slip_gen_fault (parser, "there is a table “%s” before it", name);
  table->count_key = slip_random_key (slip_random_key (0, name), "rows");
  table->defect_key = slip_random_key (slip_random_key (0, name), "records");
  read_file (parser, object, table);
  read_rows (parser, object, table);
  read_picks (parser, object, table);
  read_columns (parser, object, table);
  table->defects = slip_gen_defects_parse (parser, object, TRUE);
  parser->table = NULL;
}

static void
read_lists (SlipGenParser *parser, JsonObject *root)
{
  JsonObject *lists = slip_gen_object (parser, root, "lists");
  gsize length = slip_gen_enter (parser, "lists");
  JsonObjectIter iter;
  const char *name;

  if (lists != NULL)
    json_object_iter_init_ordered (&iter, lists);
  while (lists != NULL && json_object_iter_next_ordered (&iter, &name, NULL))
    {
      GPtrArray *texts = slip_gen_texts (parser, lists, name);

      if (texts != NULL)
        g_hash_table_insert (parser->settings->lists, g_strdup (name), texts);
    }
  slip_gen_leave (parser, length);
}

static void
check_files (SlipGenParser *parser)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *tables = parser->settings->tables;

  for (guint i = 0; i < tables->len; i++)
    {
      SlipGenTable *table = g_ptr_array_index (tables, i);
      gsize outer = slip_gen_enter (parser, "tables");

      slip_gen_enter_index (parser, i);
      parser->table = table->name;
      if (!table->hidden && !g_hash_table_add (seen, table->file))
        slip_gen_fault_at (parser, "file", "another table writes “%s” as well", table->file);
      for (guint k = 0; k < table->columns->len; k++)
        {
          SlipGenColumn *column = g_ptr_array_index (table->columns, k);

          if (column->since_part > MAX (1, table->parts))
            slip_gen_fault (parser, "column “%s” begins in part %u, and there are %u", column->name,
                            column->since_part, MAX (1, table->parts));
        }
      parser->table = NULL;
      slip_gen_leave (parser, outer);
    }
}

/* Our own path is meant from the settings' folder, a caller's from where they are. */
static void
find_definitions (SlipGenParser *parser, const char *path, gboolean own)
{
  g_autofree char *settings = g_canonicalize_filename (parser->settings->path, NULL);
  g_autofree char *folder = g_path_get_dirname (settings);
  g_autofree char *full = path != NULL ? g_canonicalize_filename (path, own ? folder : NULL) : NULL;

  if (full == NULL)
    return;
  if (g_file_test (full, G_FILE_TEST_IS_DIR))
    parser->settings->definitions = g_steal_pointer (&full);
  else
    slip_gen_fault_at (parser, "definitions", "there is no folder %s. Name one with --definitions",
                       full);
}

static void
read_root (SlipGenParser *parser, JsonObject *root, const char *definitions)
{
  SlipGenerateSettings *settings = parser->settings;
  const char *own = slip_gen_string (parser, root, "definitions");
  const char *format = slip_gen_string (parser, root, "date_format");
  JsonArray *tables = slip_gen_array (parser, root, "tables");
  gsize length;

  slip_gen_known (parser, root, "$schema title definitions date_format lists tables");
  find_definitions (parser, definitions != NULL ? definitions : own, definitions == NULL);
  settings->date_format = g_strdup (format != NULL ? format : "%Y-%m-%d");
  read_lists (parser, root);
  length = slip_gen_enter (parser, "tables");
  if (tables == NULL || json_array_get_length (tables) == 0)
    slip_gen_fault (parser, "needs at least one table");
  for (guint i = 0; tables != NULL && i < json_array_get_length (tables); i++)
    {
      gsize inner = slip_gen_enter_index (parser, i);

      read_table (parser, json_array_get_element (tables, i));
      slip_gen_leave (parser, inner);
    }
  slip_gen_leave (parser, length);
  if (parser->lookup_without_folder)
    slip_gen_fault_at (parser, "definitions",
                       "columns draw from lookups, and no folder of definitions that could be "
                       "read is named, nor can a lookup's name have a “/”");
  check_files (parser);
  slip_gen_resolve (parser);
}

static gboolean
read_settings (SlipGenerateSettings *settings,
               JsonObject *root,
               const char *definitions,
               GPtrArray *faults,
               GError **error)
{
  g_autoptr (GPtrArray) references = g_ptr_array_new_with_free_func ((GDestroyNotify)pending_free);
  g_autoptr (GHashTable) lookups
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GString) path = g_string_new (NULL);
  SlipGenParser parser = {.settings = settings,
                          .path = path,
                          .faults = faults,
                          .references = references,
                          .lookups = lookups};
  guint before = faults->len;

  read_root (&parser, root, definitions);
  if (faults->len == before)
    return TRUE;
  g_set_error_literal (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                       g_ptr_array_index (faults, before));
  return FALSE;
}

SlipGenerateSettings *
slip_generate_settings_new_from_text (const char *text,
                                      gssize length,
                                      const char *path,
                                      const char *definitions,
                                      GPtrArray *faults,
                                      GError **error)
{
  g_autoptr (SlipGenerateSettings) self = g_new0 (SlipGenerateSettings, 1);
  g_autoptr (GPtrArray) all
      = faults != NULL ? g_ptr_array_ref (faults) : g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (text, length, &local);

  self->path = g_strdup (path);
  self->tables = g_ptr_array_new_with_free_func ((GDestroyNotify)table_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->lists
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  if (slip_json_node_object (node) == NULL)
    {
      g_autofree char *message
          = g_strdup_printf ("%s: %s", path, local != NULL ? local->message : "must be an object");

      g_ptr_array_add (all, g_strdup (message));
      g_set_error_literal (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION, message);
      return NULL;
    }
  if (!read_settings (self, json_node_get_object (node), definitions, all, error))
    return NULL;
  return g_steal_pointer (&self);
}

SlipGenerateSettings *
slip_generate_settings_load (const char *path,
                             const char *definitions,
                             GPtrArray *faults,
                             GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length = 0;
  const char *text;

  g_return_val_if_fail (path != NULL, NULL);
  bytes = slip_file_read (path, MAX_BYTES, &local);
  if (bytes == NULL)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR,
                   g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                       ? SLIP_MIGRATION_ERROR_NOT_FOUND
                       : SLIP_MIGRATION_ERROR_IO,
                   "cannot read the settings: %s", local->message);
      return NULL;
    }
  text = g_bytes_get_data (bytes, &length);
  return slip_generate_settings_new_from_text (text != NULL ? text : "", (gssize)length, path,
                                               definitions, faults, error);
}

void
slip_generate_settings_free (SlipGenerateSettings *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->definitions);
  g_free (self->date_format);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_clear_pointer (&self->lists, g_hash_table_unref);
  g_free (self);
}

guint
slip_generate_settings_get_n_tables (const SlipGenerateSettings *self)
{
  return self->tables->len;
}
