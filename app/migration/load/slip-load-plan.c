/* SPDX-License-Identifier: MIT */
/* Which files of a folder become which landing table, and in which order. It looks at names and sizes only. */

#include "slip-load-plan.h"

#include "slip-migration-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static void
part_free (gpointer data)
{
  SlipLoadPart *part = data;

  g_free (part->path);
  g_free (part->name);
  g_free (part);
}

void
slip_load_table_free (SlipLoadTable *table)
{
  if (table == NULL)
    return;
  g_free (table->name);
  g_ptr_array_unref (table->parts);
  g_free (table->encoding);
  g_free (table);
}

char *
slip_load_table_name (const char *file, gboolean *is_part)
{
  g_return_val_if_fail (file != NULL, NULL);

  g_autofree char *stem = g_strndup (file, strcspn (file, "."));
  g_autofree char *lower = g_utf8_strdown (stem, -1);
  gsize length = strlen (lower);
  gboolean numbered = length > 0 && g_ascii_isdigit (lower[length - 1]);
  GString *letters;

  if (is_part != NULL)
    *is_part = numbered;
  if (!numbered)
    return g_steal_pointer (&lower);
  letters = g_string_new (NULL);
  for (const char *p = lower; *p != '\0'; p = g_utf8_next_char (p))
    if (*p == '_' || g_unichar_isalpha (g_utf8_get_char (p)))
      g_string_append_unichar (letters, g_utf8_get_char (p));
  return g_string_free (letters, FALSE);
}

/* ---- the folder */

static gboolean
is_source (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot != NULL && *name != '.'
         && (g_ascii_strcasecmp (dot, ".csv") == 0 || g_ascii_strcasecmp (dot, ".xlsx") == 0);
}

/* Numbers in names count as numbers: feeexport2 comes before feeexport10. */
static int
compare_names (const char *a, const char *b)
{
  for (; *a != '\0' && *b != '\0'; a++, b++)
    {
      if (g_ascii_isdigit (*a) && g_ascii_isdigit (*b))
        {
          char *behind_a;
          char *behind_b;
          guint64 x = g_ascii_strtoull (a, &behind_a, 10);
          guint64 y = g_ascii_strtoull (b, &behind_b, 10);

          if (x != y)
            return x < y ? -1 : 1;
          a = behind_a - 1;
          b = behind_b - 1;
        }
      else if (*a != *b)
        return (guchar)*a < (guchar)*b ? -1 : 1;
    }
  return (int)(guchar)*a - (int)(guchar)*b;
}

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const SlipLoadPart *left = *(SlipLoadPart *const *)a;
  const SlipLoadPart *right = *(SlipLoadPart *const *)b;
  int order = compare_names (left->name, right->name);

  return order != 0 ? order : strcmp (left->name, right->name);
}

static GPtrArray *
list_files (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (part_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &local);
  const char *name;

  if (dir == NULL)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR,
                   g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                       ? SLIP_MIGRATION_ERROR_NOT_FOUND
                       : SLIP_MIGRATION_ERROR_IO,
                   "the folder of source files: %s", local->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;
      SlipLoadPart *part;

      if (!is_source (name))
        continue;
      if (g_stat (path, &info) != 0)
        {
          g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "cannot read %s: %s",
                       path, g_strerror (errno));
          return NULL;
        }
      if (S_ISDIR (info.st_mode))
        continue;
      part = g_new0 (SlipLoadPart, 1);
      part->path = g_steal_pointer (&path);
      part->name = g_strdup (name);
      part->bytes = (guint64)info.st_size;
      g_ptr_array_add (files, part);
    }
  g_ptr_array_sort (files, compare_parts);
  return g_steal_pointer (&files);
}

/* ---- tables */

static SlipLoadTable *
find_table (GPtrArray *tables, const char *name)
{
  SlipLoadTable *table;

  for (guint i = 0; i < tables->len; i++)
    {
      table = g_ptr_array_index (tables, i);
      if (g_str_equal (table->name, name))
        return table;
    }
  table = g_new0 (SlipLoadTable, 1);
  table->name = g_strdup (name);
  table->parts = g_ptr_array_new_with_free_func (part_free);
  g_ptr_array_add (tables, table);
  return table;
}

static gboolean
add_part (SlipLoadTable *table, const SlipLoadPart *file, gboolean several, GError **error)
{
  SlipLoadPart *part;

  if (table->parts->len > 0 && !several)
    {
      const SlipLoadPart *first = g_ptr_array_index (table->parts, 0);

      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "%s and %s would both be table %s. Remove one, or name the files of %s in the "
                   "sidecar",
                   first->name, file->name, table->name, table->name);
      return FALSE;
    }
  part = g_new0 (SlipLoadPart, 1);
  part->path = g_strdup (file->path);
  part->name = g_strdup (file->name);
  part->bytes = file->bytes;
  g_ptr_array_add (table->parts, part);
  table->bytes += file->bytes;
  return TRUE;
}

static gboolean
is_wanted (const char *const *only, const char *name)
{
  return only == NULL || *only == NULL || g_strv_contains (only, name);
}

static gboolean
plan_by_names (GPtrArray *tables, GPtrArray *files, const char *const *only, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      const SlipLoadPart *file = g_ptr_array_index (files, i);
      gboolean several;
      g_autofree char *name = slip_load_table_name (file->name, &several);

      if (*name == '\0')
        {
          g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                       "%s gives no table a name: rename it, or name its table in the sidecar",
                       file->name);
          return FALSE;
        }
      if (is_wanted (only, name) && !add_part (find_table (tables, name), file, several, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
matches (const SlipSourceTable *said, const char *file)
{
  g_autofree char *name = NULL;

  for (char **glob = said->files; glob != NULL && *glob != NULL; glob++)
    if (g_pattern_match_simple (*glob, file))
      return TRUE;
  if (said->files != NULL && *said->files != NULL)
    return FALSE;
  name = slip_load_table_name (file, NULL);
  return g_str_equal (name, said->name);
}

static gboolean
plan_by_sidecar (
    GPtrArray *tables, GPtrArray *files, GPtrArray *said, const char *const *only, GError **error)
{
  for (guint i = 0; i < said->len; i++)
    {
      const SlipSourceTable *each = g_ptr_array_index (said, i);
      gboolean named = each->files != NULL && *each->files != NULL;
      SlipLoadTable *table;

      if (!is_wanted (only, each->name))
        continue;
      table = find_table (tables, each->name);
      table->encoding = g_strdup (each->encoding);
      table->delimiter = each->delimiter != NULL ? *each->delimiter : '\0';
      for (guint j = 0; j < files->len; j++)
        {
          const SlipLoadPart *file = g_ptr_array_index (files, j);
          gboolean several;

          if (!matches (each, file->name))
            continue;
          g_free (slip_load_table_name (file->name, &several));
          if (!add_part (table, file, several || named, error))
            return FALSE;
        }
    }
  return TRUE;
}

char **
slip_load_plan_find_unclaimed (const char *folder, GPtrArray *tables, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);

  g_autoptr (GPtrArray) files = list_files (folder, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (files == NULL)
    return NULL;
  for (guint i = 0; tables != NULL && tables->len > 0 && i < files->len; i++)
    {
      const SlipLoadPart *file = g_ptr_array_index (files, i);
      gboolean taken = FALSE;

      for (guint j = 0; !taken && j < tables->len; j++)
        taken = matches (g_ptr_array_index (tables, j), file->name);
      if (!taken)
        g_ptr_array_add (names, g_strdup (file->name));
    }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_steal (names, NULL);
}

/* Every table that lacks its file is told, since a person fetches them all in one go. */
static gboolean
check_complete (GPtrArray *tables, const char *folder, const char *const *only, GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (guint i = 0; i < tables->len; i++)
    {
      const SlipLoadTable *table = g_ptr_array_index (tables, i);

      if (table->parts->len == 0)
        g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", table->name);
    }
  for (guint i = 0; only != NULL && only[i] != NULL; i++)
    {
      gboolean found = FALSE;

      for (guint j = 0; j < tables->len; j++)
        found |= g_str_equal (((SlipLoadTable *)g_ptr_array_index (tables, j))->name, only[i]);
      if (!found)
        g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", only[i]);
    }
  if (missing->len > 0)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "%s has no file for: %s", folder, missing->str);
  else if (tables->len == 0)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "%s holds no .csv and no .xlsx file", folder);
  return missing->len == 0 && tables->len > 0;
}

static int
compare_tables (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(SlipLoadTable *const *)a)->name, (*(SlipLoadTable *const *)b)->name);
}

GPtrArray *
slip_load_plan (const char *folder, GPtrArray *tables, const char *const *only, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);

  g_autoptr (GPtrArray) files = list_files (folder, error);
  g_autoptr (GPtrArray) plan
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_load_table_free);
  gboolean said = tables != NULL && tables->len > 0;

  if (files == NULL)
    return NULL;
  if (!(said ? plan_by_sidecar (plan, files, tables, only, error)
             : plan_by_names (plan, files, only, error))
      || !check_complete (plan, folder, only, error))
    return NULL;
  g_ptr_array_sort (plan, compare_tables);
  return g_steal_pointer (&plan);
}
