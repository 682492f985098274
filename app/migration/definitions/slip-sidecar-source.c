/* SPDX-License-Identifier: MIT */
/* Parts of the sidecar about what is landed: schemas, source files, filters, and the extract of one case. */

#include "slip-json.h"
#include "slip-sidecar-private.h"

#include <iconv.h>
#include <string.h>

static void
slip_source_table_free (SlipSourceTable *table)
{
  g_free (table->name);
  g_strfreev (table->files);
  g_free (table->encoding);
  g_free (table->delimiter);
  g_free (table);
}

static void
slip_follow_free (SlipFollow *follow)
{
  g_free (follow->table);
  g_ptr_array_unref (follow->on);
  g_free (follow);
}

void
slip_filter_free (SlipFilter *filter)
{
  g_free (filter->name);
  g_free (filter->table);
  g_free (filter->reason);
  g_free (filter->drop);
  g_ptr_array_unref (filter->follows);
  g_free (filter);
}

static void
slip_case_table_free (SlipCaseTable *table)
{
  g_free (table->table);
  g_free (table->of);
  g_ptr_array_unref (table->on);
  g_free (table);
}

static void
slip_column_class_free (SlipColumnClass *column)
{
  g_free (column->table);
  g_free (column->column);
  g_free (column->name);
  g_free (column);
}

void
slip_case_free (SlipCase *extract)
{
  g_free (extract->key_table);
  g_free (extract->key_column);
  g_ptr_array_unref (extract->tables);
  g_ptr_array_unref (extract->classes);
  g_free (extract);
}

void
slip_source_clear (SlipSource *source)
{
  g_free (source->encoding);
  g_free (source->delimiter);
  g_free (source->headers);
  g_clear_pointer (&source->tables, g_ptr_array_unref);
}

void
slip_schemas_clear (SlipSchemas *schemas)
{
  g_free (schemas->source);
  g_free (schemas->transform);
  g_free (schemas->integration);
  g_free (schemas->staging);
  g_free (schemas->target);
}

static void
read_schema (
    SlipReader *reader, JsonObject *object, const char *name, const char *fallback, char **schema)
{
  *schema = object != NULL ? slip_reader_dup_string (reader, object, name) : NULL;
  if (*schema == NULL)
    *schema = g_strdup (fallback);
}

/* Of the server itself, and of what keeps the books. */
static gboolean
is_reserved (const char *schema)
{
  return g_str_has_prefix (schema, "pg_") || g_str_has_prefix (schema, "slipway")
         || g_str_equal (schema, "information_schema");
}

/* PostgreSQL cuts a name to 63 bytes, and “…_kept” and “…_keys” are made of some. */
#define MAX_SCHEMA 58

/* Runs drop three of them and two more, and make them again: none may be another's. */
static void
check_schemas (SlipReader *reader, const SlipSchemas *schemas)
{
  g_autofree char *kept = g_strconcat (schemas->source, "_kept", NULL);
  g_autofree char *keys = g_strconcat (schemas->integration, "_keys", NULL);
  const struct
  {
    const char *member;
    const char *name;
  } all[] = {{"source", schemas->source},
             {NULL, kept},
             {NULL, keys},
             {"transform", schemas->transform},
             {"integration", schemas->integration},
             {"staging", schemas->staging},
             {"target", schemas->target}};

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      const char *name = all[i].name;
      gboolean dropped = i >= 3 && i <= 5;

      if (all[i].member == NULL)
        continue;
      if (*name == '\0' || strlen (name) > MAX_SCHEMA)
        SLIP_READER_FAULT (reader, all[i].member, NULL,
                           "a schema's name has 1 to %d bytes, and “%s” has %" G_GSIZE_FORMAT,
                           MAX_SCHEMA, name, strlen (name));
      else if (is_reserved (name) || (dropped && g_str_equal (name, "public")))
        SLIP_READER_FAULT (reader, all[i].member, "Say another name",
                           "schema “%s” is not the migration's to work in", name);
      if (i == 0 && g_str_equal (name, keys))
        SLIP_READER_FAULT (reader, all[i].member, "Say another name",
                           "schema “%s” is that of a stage already", name);
      for (gsize j = 0; dropped && j < i; j++)
        if (g_str_equal (name, all[j].name))
          SLIP_READER_FAULT (reader, all[i].member, "Say another name",
                             "schema “%s” is that of %s already, and a run drops it and makes it "
                             "again",
                             name, all[j].member != NULL ? all[j].member : "a stage");
    }
}

void
slip_schemas_read (SlipReader *reader, JsonObject *object, SlipSchemas *schemas)
{
  static const char *const known[]
      = {"source", "transform", "integration", "staging", "target", NULL};

  slip_reader_check_members (reader, object, known);
  read_schema (reader, object, "source", "casrec_csv", &schemas->source);
  read_schema (reader, object, "transform", "transform", &schemas->transform);
  read_schema (reader, object, "integration", "integration", &schemas->integration);
  read_schema (reader, object, "staging", "staging", &schemas->staging);
  read_schema (reader, object, "target", "public", &schemas->target);
  check_schemas (reader, schemas);
}

static char *
read_encoding (SlipReader *reader, JsonObject *object)
{
  char *encoding = slip_reader_dup_string (reader, object, "encoding");
  iconv_t converter = encoding != NULL ? iconv_open ("UTF-8", encoding) : (iconv_t)-1;

  if (converter != (iconv_t)-1)
    iconv_close (converter);
  else if (encoding != NULL)
    SLIP_READER_FAULT (reader, "encoding", "iconv --list tells what is known",
                       "there is no encoding “%s”", encoding);
  return encoding;
}

static char *
read_delimiter (SlipReader *reader, JsonObject *object)
{
  char *delimiter = slip_reader_dup_string (reader, object, "delimiter");

  if (delimiter != NULL && (strlen (delimiter) != 1 || strchr ("\"\r\n", *delimiter) != NULL))
    SLIP_READER_FAULT (reader, "delimiter", "Write one character, such as \",\" or \"\\t\"",
                       "“%s” cannot part fields", delimiter);
  return delimiter;
}

/* A path that is relative is from the sidecar's folder. */
static char *
read_path (SlipReader *reader, JsonObject *object, const char *name)
{
  char *path = slip_reader_dup_string (reader, object, name);
  char *full;

  if (path == NULL || reader->folder == NULL || g_path_is_absolute (path))
    return path;
  full = g_build_filename (reader->folder, path, NULL);
  g_free (path);
  return full;
}

static void
read_source_table (SlipReader *reader, const char *name, JsonNode *node, gpointer tables)
{
  static const char *const known[] = {"files", "encoding", "delimiter", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  SlipSourceTable *table;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  table = g_new0 (SlipSourceTable, 1);
  table->name = g_utf8_strdown (name, -1);
  table->files = slip_sidecar_dup_list (reader, object, "files");
  table->encoding = read_encoding (reader, object);
  table->delimiter = read_delimiter (reader, object);
  g_ptr_array_add (tables, table);
}

void
slip_source_read (SlipReader *reader, JsonObject *object, SlipSource *source)
{
  static const char *const known[]
      = {"encoding", "delimiter", "headers", "badRecords", "maxFieldBytes", "tables", NULL};
  static const char *const policies[] = {"stop", "collect", NULL};
  gsize place;

  source->tables = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_source_table_free);
  if (object != NULL)
    {
      slip_reader_check_members (reader, object, known);
      source->encoding = read_encoding (reader, object);
      source->delimiter = read_delimiter (reader, object);
      source->headers = read_path (reader, object, "headers");
      source->collect = slip_sidecar_one_of (reader, object, "badRecords", policies) == 1;
      source->max_field_bytes = slip_reader_get_int (reader, object, "maxFieldBytes", 0);
      if (source->max_field_bytes < 0)
        SLIP_READER_FAULT (reader, "maxFieldBytes", NULL, "a number of bytes is not below 0");
      place = slip_reader_enter (reader, "tables");
      slip_reader_each (reader, slip_reader_get_object (reader, object, "tables"),
                        read_source_table, source->tables);
      slip_reader_leave (reader, place);
    }
  if (source->encoding == NULL)
    source->encoding = g_strdup ("UTF-8");
  if (source->delimiter == NULL)
    source->delimiter = g_strdup (",");
}

static gpointer
read_follow (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"table", "on", NULL};
  SlipFollow *follow = g_new0 (SlipFollow, 1);

  slip_reader_check_members (reader, object, known);
  follow->table = slip_reader_need_string (reader, object, "table");
  follow->on = slip_sidecar_read_pairs (reader, object, "on");
  return follow;
}

SlipFilter *
slip_filter_read (SlipReader *reader, JsonObject *object)
{
  static const char *const known[]
      = {"name", "table", "reason", "enabled", "drop", "follows", NULL};
  SlipFilter *filter = g_new0 (SlipFilter, 1);

  slip_reader_check_members (reader, object, known);
  filter->name = slip_reader_need_string (reader, object, "name");
  filter->table = slip_reader_need_string (reader, object, "table");
  filter->reason = slip_reader_need_string (reader, object, "reason");
  filter->enabled = !json_object_has_member (object, "enabled")
                    || slip_reader_get_bool (reader, object, "enabled");
  filter->drop = slip_reader_need_string (reader, object, "drop");
  filter->follows = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_follow_free);
  slip_sidecar_read_list (reader, object, "follows", read_follow, filter->follows);
  return filter;
}

static gpointer
read_case_table (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"table", "of", "on", NULL};
  SlipCaseTable *table = g_new0 (SlipCaseTable, 1);

  slip_reader_check_members (reader, object, known);
  table->table = slip_reader_need_string (reader, object, "table");
  table->of = slip_reader_dup_string (reader, object, "of");
  table->on = slip_sidecar_read_pairs (reader, object, "on");
  return table;
}

typedef struct
{
  const char *table;
  GPtrArray *classes;
} ClassRead;

static void
read_class (SlipReader *reader, const char *name, JsonNode *node, gpointer data)
{
  static const char *const classes[]
      = {"keep",         "blank",   "key",    "given-name", "family-name", "full-name",
         "organisation", "address", "town",   "postcode",   "phone",       "email",
         "date",         "time",    "number", "text",       NULL};
  const char *text = slip_json_node_string (node);
  ClassRead *read = data;
  SlipColumnClass *column;

  if (text == NULL || !g_strv_contains (classes, text))
    {
      g_autofree char *list = g_strjoinv (", ", (char **)classes);
      g_autofree char *advice = g_strdup_printf ("Classes are: %s", list);

      SLIP_READER_FAULT (reader, NULL, advice, "there is no class “%s”", text != NULL ? text : "");
      return;
    }
  column = g_new0 (SlipColumnClass, 1);
  column->table = g_strdup (read->table);
  column->column = g_strdup (name);
  column->name = g_strdup (text);
  g_ptr_array_add (read->classes, column);
}

static void
read_classes (SlipReader *reader, const char *name, JsonNode *node, gpointer classes)
{
  ClassRead read = {name, classes};

  slip_reader_each (reader, slip_reader_as_object (reader, node), read_class, &read);
}

const char *
slip_case_get_class (const SlipCase *extract, const char *table, const char *column)
{
  for (guint i = 0; i < extract->classes->len; i++)
    {
      const SlipColumnClass *class = g_ptr_array_index (extract->classes, i);

      if (g_str_equal (class->table, table) && g_str_equal (class->column, column))
        return class->name;
    }
  return NULL;
}

static void
read_case_key (SlipReader *reader, JsonObject *object, SlipCase *extract)
{
  static const char *const known[] = {"table", "column", NULL};
  JsonObject *key = slip_reader_need_object (reader, object, "key");
  gsize place = slip_reader_enter (reader, "key");

  if (key != NULL)
    {
      slip_reader_check_members (reader, key, known);
      extract->key_table = slip_reader_need_string (reader, key, "table");
      extract->key_column = slip_reader_need_string (reader, key, "column");
    }
  slip_reader_leave (reader, place);
}

SlipCase *
slip_case_read (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"key", "tables", "classes", NULL};
  SlipCase *extract = g_new0 (SlipCase, 1);
  gsize place;

  slip_reader_check_members (reader, object, known);
  read_case_key (reader, object, extract);
  extract->tables = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_case_table_free);
  slip_sidecar_read_list (reader, object, "tables", read_case_table, extract->tables);
  for (guint i = 0; i < extract->tables->len; i++)
    {
      SlipCaseTable *table = g_ptr_array_index (extract->tables, i);

      if (table->of == NULL)
        table->of = g_strdup (extract->key_table);
    }
  extract->classes = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_column_class_free);
  place = slip_reader_enter (reader, "classes");
  slip_reader_each (reader, slip_reader_need_object (reader, object, "classes"), read_classes,
                    extract->classes);
  slip_reader_leave (reader, place);
  return extract;
}
