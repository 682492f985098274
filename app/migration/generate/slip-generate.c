/* SPDX-License-Identifier: MIT */
/* Writes the tables one after another. The rows of a table that follows others are found by walking the
 * rows of the topmost one, so that only the row at hand is in memory, however many there are. */

#include "slip-generate-private.h"

#include "slip-file.h"
#include "slip-migration-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define MANIFEST "MANIFEST.tsv"
#define PLANTED "PLANTED.tsv"
#define UNFINISHED                                                                                 \
  "UNFINISHED.tsv" /* the names of what is being written, so that it can be replaced */
#define TELL_ROWS 50000

/* How often each defect of each column was planted, and of records behind them. */
typedef struct
{
  guint64 rows;
  guint64 first; /* the record's number in the table, from 1 */
} Count;

typedef struct
{
  SlipGenChance chance;
  const char *folder;
  const SlipGenTable *chain[SLIP_GENERATE_MAX_DEPTH]; /* topmost first */
  guint n_chain;
  guint64 counters[SLIP_GENERATE_MAX_DEPTH];
  const SlipGenTable *table;
  guint64 root_rows;
  guint part; /* from 1; 0 when the table is one file */
  SlipGenFile *file;
  GString *value;
  GString *manifest;
  GString *planted;
  GArray *counts; /* Count */
  guint tables;
  guint64 rows;
  SlipGenerateFunc func;
  gpointer data;
  GCancellable *cancellable;
} Work;

static gboolean
open_part (Work *work, guint part, GError **error)
{
  g_autofree char *name = work->table->parts > 0
                              ? g_strdup_printf ("%s%u.csv", work->table->file, part)
                              : g_strdup_printf ("%s.csv", work->table->file);

  if (work->file != NULL && !slip_gen_file_finish (work->file, work->manifest, error))
    return FALSE;
  g_clear_pointer (&work->file, slip_gen_file_free);
  work->file = slip_gen_file_new (work->folder, name, work->table, error);
  work->part = part;
  if (work->file == NULL)
    return FALSE;
  for (guint i = 0; i < work->table->columns->len; i++)
    {
      const SlipGenColumn *column = g_ptr_array_index (work->table->columns, i);

      if (column->since_part <= part && !column->hidden)
        slip_gen_file_field (work->file, column->name, strlen (column->name));
    }
  return slip_gen_file_end_record (work->file, 0, error);
}

/* Rows are dealt to parts by the topmost row, so that no count is needed before. */
static gboolean
open_part_of (Work *work, guint64 root, GError **error)
{
  guint parts = MAX (1, work->table->parts);
  guint part = (guint)((__uint128_t)root * parts / work->root_rows) + 1;

  while (work->part < part)
    if (!open_part (work, work->part + 1, error))
      return FALSE;
  return TRUE;
}

static void
count_defect (Work *work, guint index)
{
  Count *count = &g_array_index (work->counts, Count, index);

  if (count->rows++ == 0)
    count->first = work->counters[work->n_chain - 1];
}

/* Returns how many kinds of defects the column has. */
static guint
write_column (Work *work, const SlipGenColumn *column, const SlipGenRow *row, guint counter)
{
  guint n = column->defects != NULL ? column->defects->len : 0;
  SlipRandom random;
  int day = SLIP_GEN_NO_DAY;

  if (column->since_part > work->part || column->hidden)
    return n;
  /* Most columns of a wide table are blank. */
  if (n == 0 && column->value->kind == SLIP_GEN_CONSTANT && column->value->text[0] == '\0')
    {
      slip_gen_file_field (work->file, "", 0);
      return 0;
    }
  g_string_truncate (work->value, 0);
  slip_gen_append_value (&work->chance, column, row, work->value, n > 0 ? &day : NULL);
  if (n > 0)
    random = slip_random_at (work->chance.seed ^ column->defect_key, row->index);
  for (guint i = 0; i < n; i++)
    {
      const SlipGenDefect *defect = g_ptr_array_index (column->defects, i);

      if (!slip_gen_share_hit (defect->rate, &random))
        continue;
      slip_gen_defect_spoil (defect, &random, work->value, day);
      count_defect (work, counter + i);
      break;
    }
  slip_gen_file_field (work->file, work->value->str, work->value->len);
  return n;
}

static guint
draw_record_defects (Work *work, const SlipGenRow *row, guint counter)
{
  SlipRandom random = slip_random_at (work->chance.seed ^ work->table->defect_key, row->index);
  guint defects = 0;

  for (guint i = 0; i < work->table->defects->len; i++)
    {
      const SlipGenDefect *defect = g_ptr_array_index (work->table->defects, i);

      if (!slip_gen_share_hit (defect->rate, &random))
        continue;
      defects |= 1u << slip_gen_defect_of_record (defect);
      count_defect (work, counter + i);
    }
  return defects;
}

static gboolean
is_cancelled (Work *work, GError **error)
{
  if (!g_cancellable_is_cancelled (work->cancellable))
    return FALSE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED,
               "generating %s was cancelled", work->table->name);
  return TRUE;
}

static gboolean
write_row (Work *work, const SlipGenRow *row, GError **error)
{
  guint counter = 0;

  for (guint i = 0; i < work->table->columns->len; i++)
    counter += write_column (work, g_ptr_array_index (work->table->columns, i), row, counter);
  if (++work->rows % TELL_ROWS == 0)
    {
      if (work->func != NULL)
        work->func (work->table->name, work->tables, work->rows, work->data);
      if (is_cancelled (work, error))
        return FALSE;
    }
  return slip_gen_file_end_record (work->file, draw_record_defects (work, row, counter), error);
}

static gboolean
walk (Work *work, guint depth, const SlipGenRow *parent, GError **error)
{
  const SlipGenTable *table = work->chain[depth];
  guint64 rows
      = depth == 0 ? work->root_rows : slip_gen_rows_of (&work->chance, table, parent, work->value);

  for (guint64 i = 0; i < rows; i++)
    {
      SlipGenRow row = {.table = table,
                        .index = work->counters[depth]++,
                        .nth = depth == 0 ? 0 : i,
                        .parent = parent};

      if (depth == 0 && !open_part_of (work, i, error))
        return FALSE;
      if (!(depth + 1 < work->n_chain ? walk (work, depth + 1, &row, error)
                                      : write_row (work, &row, error)))
        return FALSE;
    }
  return TRUE;
}

static void
tell_planted (Work *work, const char *column, GPtrArray *defects, guint *counter)
{
  for (guint i = 0; defects != NULL && i < defects->len; i++, (*counter)++)
    {
      const Count *count = &g_array_index (work->counts, Count, *counter);

      g_string_append_printf (
          work->planted, "%s\t%s\t%s\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\n",
          work->table->name, column, slip_gen_defect_name (g_ptr_array_index (defects, i)),
          count->rows, count->first);
    }
}

static void
begin_table (Work *work, const SlipGenTable *table)
{
  guint n = table->defects->len;

  work->table = table;
  work->n_chain = table->depth + 1;
  for (guint i = table->depth + 1; i > 0; i--, table = table->parent)
    work->chain[i - 1] = table;
  memset (work->counters, 0, sizeof work->counters);
  work->root_rows = slip_gen_rows_fixed (work->chain[0], work->chance.clients);
  work->part = 0;
  for (guint i = 0; i < work->table->columns->len; i++)
    {
      const SlipGenColumn *column = g_ptr_array_index (work->table->columns, i);

      n += column->defects != NULL ? column->defects->len : 0;
    }
  g_array_set_size (work->counts, 0);
  g_array_set_size (work->counts, n);
}

static gboolean
write_table (Work *work, const SlipGenTable *table, GError **error)
{
  guint counter = 0;

  work->tables++;
  if (table->hidden)
    return TRUE;
  begin_table (work, table);
  if (!walk (work, 0, NULL, error))
    return FALSE;
  while (work->part < MAX (1, table->parts))
    if (!open_part (work, work->part + 1, error))
      return FALSE;
  if (!slip_gen_file_finish (work->file, work->manifest, error))
    return FALSE;
  g_clear_pointer (&work->file, slip_gen_file_free);
  for (guint i = 0; i < table->columns->len; i++)
    {
      const SlipGenColumn *column = g_ptr_array_index (table->columns, i);

      tell_planted (work, column->name, column->defects, &counter);
    }
  tell_planted (work, "", table->defects, &counter);
  if (work->func != NULL)
    work->func (table->name, work->tables, work->rows, work->data);
  return TRUE;
}

/* Removes the files that a list names, whether they are all there or not, and then the list. */
static gboolean
remove_listed (const char *folder, const char *list, GError **error)
{
  g_autofree char *path = g_build_filename (folder, list, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return TRUE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *name = g_strndup (lines[i], strcspn (lines[i], "\t"));
      g_autofree char *file = g_build_filename (folder, name, NULL);

      if ((g_str_has_suffix (name, ".csv") || g_str_equal (name, PLANTED))
          && strchr (name, '/') == NULL)
        g_unlink (file);
    }
  if (g_unlink (path) == 0)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "cannot replace %s: %s", path,
               g_strerror (errno));
  return FALSE;
}

static gboolean
remove_former (const char *folder, GError **error)
{
  g_autofree char *planted = g_build_filename (folder, PLANTED, NULL);
  g_autofree char *manifest = g_build_filename (folder, MANIFEST, NULL);

  slip_file_sweep (folder);
  if (g_file_test (manifest, G_FILE_TEST_EXISTS))
    g_unlink (planted);
  return remove_listed (folder, MANIFEST, error) && remove_listed (folder, UNFINISHED, error);
}

static gboolean
prepare_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = NULL;
  const char *other;

  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO,
                   "cannot make the folder %s: %s", folder, g_strerror (errno));
      return FALSE;
    }
  if (!remove_former (folder, error))
    return FALSE;
  dir = g_dir_open (folder, 0, error);
  if (dir == NULL)
    return FALSE;
  other = g_dir_read_name (dir);
  if (other == NULL)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "the folder %s holds %s, which was not generated. Name a folder of its own", folder,
               other);
  return FALSE;
}

static gboolean
write_text (const char *folder, const char *name, GString *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return slip_file_write_atomic (path, text->str, (gssize)text->len, 0644, error);
}

/* From here on a later call knows what to replace, also when this one is killed. */
static gboolean
tell_unfinished (const SlipGenerateSettings *settings, const char *folder, GError **error)
{
  g_autoptr (GString) names = g_string_new ("file\n");

  for (guint i = 0; i < settings->tables->len; i++)
    {
      const SlipGenTable *table = g_ptr_array_index (settings->tables, i);

      for (guint part = 1; !table->hidden && part <= table->parts; part++)
        g_string_append_printf (names, "%s%u.csv\n", table->file, part);
      if (!table->hidden && table->parts == 0)
        g_string_append_printf (names, "%s.csv\n", table->file);
    }
  g_string_append (names, PLANTED "\n");
  return write_text (folder, UNFINISHED, names, error);
}

static gboolean
tell_finished (const char *folder, GString *planted, GString *manifest, GError **error)
{
  g_autofree char *unfinished = g_build_filename (folder, UNFINISHED, NULL);

  if (!write_text (folder, PLANTED, planted, error)
      || !write_text (folder, MANIFEST, manifest, error))
    return FALSE;
  g_unlink (unfinished);
  return TRUE;
}

gboolean
slip_generate (const SlipGenerateSettings *settings,
               guint64 clients,
               guint64 seed,
               const char *folder,
               SlipGenerateFunc func,
               gpointer data,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GString) value = g_string_sized_new (1024);
  g_autoptr (GString) manifest = g_string_new ("file\trows\tbytes\tsha256\n");
  g_autoptr (GString) planted = g_string_new ("table\tcolumn\tdefect\trows\tfirst\n");
  g_autoptr (GArray) counts = g_array_new (FALSE, TRUE, sizeof (Count));
  Work work = {.chance = {settings, clients, slip_random_mix (seed + 1)},
               .folder = folder,
               .value = value,
               .manifest = manifest,
               .planted = planted,
               .counts = counts,
               .func = func,
               .data = data,
               .cancellable = cancellable};
  gboolean written = TRUE;

  g_return_val_if_fail (settings != NULL && clients > 0, FALSE);
  if (!prepare_folder (folder, error) || !tell_unfinished (settings, folder, error))
    return FALSE;
  for (guint i = 0; written && i < settings->tables->len; i++)
    written = write_table (&work, g_ptr_array_index (settings->tables, i), error)
              && !is_cancelled (&work, error);
  g_clear_pointer (&work.file, slip_gen_file_free);
  return written && tell_finished (folder, planted, manifest, error);
}
