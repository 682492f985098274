/* SPDX-License-Identifier: MIT */
/* Rows of a case out of source files, read from front to end as the loader reads them; what is not of the case is
 * forgotten at once. */

#include "slip-case-private.h"

#include "slip-load-header.h"
#include "slip-load-plan.h"
#include "slip-records.h"

#define LOOK_EVERY 4096

static SlipCsvFormat
format_of (SlipMigration *migration, const SlipLoadTable *table)
{
  const SlipSource *source = slip_migration_get_source (migration);
  SlipCsvFormat format = {
      .encoding = table->encoding != NULL ? table->encoding : source->encoding,
      .delimiter = source->delimiter != NULL ? *source->delimiter : '\0',
      .max_field = (gsize)MAX (source->max_field_bytes, 0),
  };

  if (table->delimiter != '\0')
    format.delimiter = table->delimiter;
  return format;
}

static GPtrArray *
plan (SlipMigration *migration, const char *folder, const char *table, GError **error)
{
  const char *only[] = {table, NULL};

  return slip_load_plan (folder, slip_migration_get_source (migration)->tables, only, error);
}

static GStrv
names_of (SlipRecords *records, const SlipLoadPart *part, GError **error)
{
  return slip_load_header_names (part->name, slip_records_get_header (records), NULL, error);
}

char **
slip_case_files_dup_columns (SlipMigration *migration,
                             const char *folder,
                             const char *table,
                             GError **error)
{
  g_autoptr (GPtrArray) tables = plan (migration, folder, table, error);
  g_autoptr (GStrvBuilder) columns = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const SlipLoadTable *files;
  SlipCsvFormat format;

  if (tables == NULL)
    return NULL;
  files = g_ptr_array_index (tables, 0);
  format = format_of (migration, files);
  for (guint i = 0; i < files->parts->len; i++)
    {
      const SlipLoadPart *part = g_ptr_array_index (files->parts, i);
      g_autoptr (SlipRecords) records = slip_records_open (part->path, &format, error);
      g_auto (GStrv) names = records != NULL ? names_of (records, part, error) : NULL;

      if (names == NULL)
        return NULL;
      for (guint j = 0; names[j] != NULL; j++)
        if (g_hash_table_add (seen, g_strdup (names[j])))
          g_strv_builder_add (columns, names[j]);
    }
  return g_strv_builder_end (columns);
}

/* A folder may hold the case's files and no others; what the run lacks then its own check tells. */
static gboolean
add_name (GStrvBuilder *names, GPtrArray *tables, GError *problem, GError **error)
{
  g_autoptr (GPtrArray) plan = tables;

  for (guint i = 0; plan != NULL && i < plan->len; i++)
    g_strv_builder_add (names, ((const SlipLoadTable *)g_ptr_array_index (plan, i))->name);
  if (plan != NULL
      || g_error_matches (problem, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND))
    {
      g_clear_error (&problem);
      return TRUE;
    }
  g_propagate_error (error, problem);
  return FALSE;
}

char **
slip_case_files_dup_tables (SlipMigration *migration, const char *folder, GError **error)
{
  GPtrArray *said = slip_migration_get_source (migration)->tables;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  GError *problem = NULL;

  if (said == NULL || said->len == 0)
    {
      GPtrArray *all = slip_load_plan (folder, NULL, NULL, &problem);

      return add_name (names, all, problem, error) ? g_strv_builder_end (names) : NULL;
    }
  for (guint i = 0; i < said->len; i++)
    {
      const SlipSourceTable *table = g_ptr_array_index (said, i);
      GPtrArray *one = plan (migration, folder, table->name, &problem);

      if (!add_name (names, one, g_steal_pointer (&problem), error))
        return NULL;
    }
  return g_strv_builder_end (names);
}

/* ---- records */

typedef struct
{
  SlipCaseRows *rows;
  const SlipCaseTuples *tuples;
  const char *file;
  int *places;     /* owned; by column of the table: which field of the part, or -1 */
  int *key_places; /* owned; the same by column of the tuples */
  gboolean collect;
} Part;

static char *
dup_field (const SlipRecord *record, int place)
{
  if (place < 0 || record->fields[place].text == NULL)
    return NULL;
  return g_strndup (record->fields[place].text, record->fields[place].length);
}

static char **
dup_values (const SlipRecord *record, const int *places, guint n)
{
  char **values = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    values[i] = dup_field (record, places[i]);
  return values;
}

static void
free_values (char **values, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (values[i]);
  g_free (values);
}

static void
take_record (Part *part, const SlipRecord *record)
{
  guint n_keys = g_strv_length (part->tuples->columns);
  char **keys = dup_values (record, part->key_places, n_keys);

  if (slip_case_tuples_has (part->tuples, (const char *const *)keys))
    {
      char **values = dup_values (record, part->places, part->rows->n);
      g_autofree char *id = g_strdup_printf ("%s %" G_GUINT64_FORMAT, part->file, record->number);
      g_autofree char *anchor = slip_case_tuple_text ((const char *const *)keys, n_keys);

      slip_case_rows_add (part->rows, id, (const char *const *)values, anchor);
      free_values (values, part->rows->n);
    }
  free_values (keys, n_keys);
}

/* Bad records that the load puts aside are in no landed table, and so in no case. */
static gboolean
take_bad (Part *part, SlipBadRecord *bad, GError **error)
{
  g_autoptr (SlipBadRecord) record = bad;
  g_autofree char *text = NULL;

  if (part->collect)
    return TRUE;
  text = slip_bad_record_to_text (record);
  SLIP_CASE_ERROR (error, INPUT, "%s. Mend it, or let “badRecords” of the sidecar be “collect”",
                   text);
  return FALSE;
}

static gboolean
read_records (Part *part, SlipRecords *records, GCancellable *cancellable, GError **error)
{
  for (guint64 n = 0;; n++)
    {
      SlipRecord record;
      SlipBadRecord *bad = NULL;
      SlipRead result = slip_records_next (records, &record, &bad, error);

      if (result == SLIP_READ_END || result == SLIP_READ_ERROR)
        return result == SLIP_READ_END;
      if (result == SLIP_READ_RECORD)
        take_record (part, &record);
      else if (!take_bad (part, bad, error))
        return FALSE;
      if (n % LOOK_EVERY == 0 && g_cancellable_is_cancelled (cancellable))
        {
          SLIP_CASE_ERROR (error, CANCELLED, "cancelled; nothing was changed");
          return FALSE;
        }
    }
}

static int *
find_places (char **columns, char **names)
{
  int *places = g_new0 (int, g_strv_length (columns) + 1);

  for (guint i = 0; columns[i] != NULL; i++)
    {
      places[i] = -1;
      for (guint j = 0; names[j] != NULL; j++)
        if (g_str_equal (columns[i], names[j]))
          places[i] = (int)j;
    }
  return places;
}

static gboolean
select_part (const SlipLoadPart *file,
             const SlipCsvFormat *format,
             Part *part,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (SlipRecords) records = slip_records_open (file->path, format, error);
  g_auto (GStrv) names = records != NULL ? names_of (records, file, error) : NULL;
  g_autofree int *places = NULL;
  g_autofree int *key_places = NULL;

  if (names == NULL)
    return FALSE;
  part->file = file->name;
  part->places = places = find_places (part->rows->columns, names);
  part->key_places = key_places = find_places (part->tuples->columns, names);
  return read_records (part, records, cancellable, error);
}

gboolean
slip_case_files_select (SlipMigration *migration,
                        const char *folder,
                        SlipCaseRows *rows,
                        const SlipCaseTuples *tuples,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (GPtrArray) tables = plan (migration, folder, rows->table, error);
  Part part
      = {.rows = rows, .tuples = tuples, .collect = slip_migration_get_source (migration)->collect};
  const SlipLoadTable *files;
  SlipCsvFormat format;

  if (tables == NULL)
    return FALSE;
  files = g_ptr_array_index (tables, 0);
  format = format_of (migration, files);
  for (guint i = 0; i < files->parts->len; i++)
    if (!select_part (g_ptr_array_index (files->parts, i), &format, &part, cancellable, error))
      return FALSE;
  return TRUE;
}
