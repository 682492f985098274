/* SPDX-License-Identifier: MIT */
/* Headers: what a column is called in the landing table, and how two headers differ. */

#include "slip-load-header.h"

#include "slip-csv-reader.h"
#include "slip-file.h"
#include "slip-load-plan.h"
#include "slip-reserved.h"

#include <string.h>

#define NAME_BYTES 63    /* NAMEDATALEN - 1 of PostgreSQL */
#define MAX_COLUMNS 1599 /* MaxHeapAttributeNumber, less the row id */
#define HEADERS_BYTES (16 * 1024 * 1024)

static guint
count_of (GHashTable *counts, const char *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (counts, name));
}

static void
set_count (GHashTable *counts, const char *name, guint count)
{
  g_hash_table_insert (counts, g_strdup (name), GUINT_TO_POINTER (count));
}

/* As pandas' parser does: x, x.1, x.2; and where x.1 is there already, x.1.1. */
static char *
make_unique (GHashTable *counts, const char *wanted)
{
  g_autofree char *name = g_strdup (wanted);
  guint count;

  while ((count = count_of (counts, name)) > 0)
    {
      char *next = g_strdup_printf ("%s.%u", name, count);

      set_count (counts, name, count + 1);
      g_free (name);
      name = next;
    }
  set_count (counts, name, 1);
  return g_steal_pointer (&name);
}

static char *
name_blank (const char *raw, guint i)
{
  if (*raw != '\0')
    return g_strdup (raw);
  return i == 0 ? g_strdup ("csv_record") : g_strdup_printf ("Unnamed: %u", i);
}

static void
note (GPtrArray *notes, const char *file, guint i, const char *raw, const char *name)
{
  if (notes == NULL || g_str_equal (raw, name))
    return;
  g_ptr_array_add (notes, *raw == '\0' ? g_strdup_printf (
                              "%s: column %u has no name and is landed as %s", file, i + 1, name)
                                       : g_strdup_printf ("%s: another column %s is landed as %s",
                                                          file, raw, name));
}

static gboolean
check_name (const char *file, const char *name, guint i, GError **error)
{
  const char *fault = NULL;

  if (strlen (name) > NAME_BYTES)
    fault = "is longer than the 63 bytes that PostgreSQL allows";
  else
    fault = slip_reserved_in_source (name);
  if (fault == NULL)
    return TRUE;
  g_set_error (
      error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
      "%s: the header of column %u, %s, %s. Rename it in the file%s", file, i + 1, name, fault,
      strpbrk (name, ";|\t") != NULL ? ", or say which “delimiter” it has in the sidecar" : "");
  return FALSE;
}

GStrv
slip_load_header_names (const char *file, const char *const *raw, GPtrArray *notes, GError **error)
{
  g_return_val_if_fail (file != NULL && raw != NULL, NULL);

  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = g_strv_length ((char **)raw);
  g_auto (GStrv) names = g_new0 (char *, n + 1);

  if (n > MAX_COLUMNS)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "%s has %u columns, and PostgreSQL allows %d. Is the delimiter right?", file, n,
                   MAX_COLUMNS);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *wanted = name_blank (raw[i], i);

      names[i] = make_unique (counts, wanted);
      if (!check_name (file, names[i], i, error))
        return NULL;
      note (notes, file, i, raw[i], names[i]);
    }
  return g_steal_pointer (&names);
}

static void
append_missing (GString *text, const char *const *from, const char *const *in, const char *what)
{
  guint n = 0;

  for (guint i = 0; from[i] != NULL; i++)
    if (!g_strv_contains (in, from[i]))
      g_string_append_printf (text, "%s%s", n++ > 0 ? ", " : text->len > 0 ? "; " : "", from[i]);
  if (n > 0)
    g_string_append_printf (text, " %s %s", n > 1 ? "are" : "is", what);
}

char *
slip_load_header_difference (const char *const *old, const char *const *now)
{
  g_return_val_if_fail (old != NULL && now != NULL, NULL);

  GString *text = g_string_new (NULL);

  append_missing (text, now, old, "new");
  append_missing (text, old, now, "gone");
  return g_string_free (text, text->len == 0);
}

/* ---- how they differ, with the places */

static guint
find_name (const char *const *names, const char *name)
{
  guint i = 0;

  while (names[i] != NULL && !g_str_equal (names[i], name))
    i++;
  return i;
}

static void
append_column (GString *text, const SlipLoadHeader *header, guint i)
{
  const char *raw = header->raw[i];
  g_autofree char *told = slip_migration_dup_told (raw);

  if (*raw == '\0')
    g_string_append_printf (text, "column %u has no name", i + 1);
  else if (g_str_equal (raw, header->names[i]))
    g_string_append_printf (text, "column %u is %s", i + 1, told);
  else
    g_string_append_printf (text, "column %u is %s once more, as column %u is", i + 1, told,
                            find_name (header->names, raw) + 1);
}

/* What a file has that is not known; and what is known of its place, where the file lacks that, goes to @replaced. */
static void
append_new (GString *text,
            const SlipLoadHeader *header,
            const char *const *known,
            const char *what,
            GHashTable *replaced)
{
  guint n_known = g_strv_length ((char **)known);
  gboolean named = FALSE;

  for (guint i = 0; header->names[i] != NULL; i++)
    {
      if (g_strv_contains (known, header->names[i]))
        continue;
      if (named)
        g_string_append (text, "; ");
      else
        g_string_append_printf (text, "%s%s, %s: ", text->len > 0 ? "; " : "", header->file,
                                header->line);
      named = TRUE;
      append_column (text, header, i);
      if (i < n_known && !g_strv_contains (header->names, known[i]))
        {
          g_autofree char *told = slip_migration_dup_told (known[i]);

          g_string_append_printf (text, " where %s %s", told, what);
          g_hash_table_add (replaced, (gpointer)known[i]);
        }
    }
}

static gboolean
is_in_any (const SlipLoadHeader *headers, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_strv_contains (headers[i].names, name))
      return TRUE;
  return FALSE;
}

char *
slip_load_header_tell (const SlipLoadHeader *headers,
                       guint n,
                       const char *const *known,
                       const char *what)
{
  g_return_val_if_fail (headers != NULL && n > 0 && known != NULL && what != NULL, NULL);

  g_autoptr (GHashTable) replaced = g_hash_table_new (g_str_hash, g_str_equal);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    append_new (text, &headers[i], known, what, replaced);
  for (guint i = 0; known[i] != NULL; i++)
    {
      g_autofree char *told = slip_migration_dup_told (known[i]);

      if (is_in_any (headers, n, known[i]) || g_hash_table_contains (replaced, known[i]))
        continue;
      if (text->len > 0)
        g_string_append (text, "; ");
      else if (n == 1)
        g_string_append_printf (text, "%s, %s: ", headers->file, headers->line);
      g_string_append_printf (text, "%s, column %u, is %s", told, i + 1,
                              n == 1 ? "gone" : "in none of its files");
    }
  return g_string_free (text, FALSE);
}

/* ---- those that are expected */

static char
find_delimiter (GPtrArray *tables, const char *table, char fallback)
{
  for (guint i = 0; tables != NULL && i < tables->len; i++)
    {
      const SlipSourceTable *known = g_ptr_array_index (tables, i);

      if (known->delimiter != NULL && g_strcmp0 (known->name, table) == 0)
        return *known->delimiter;
    }
  return fallback;
}

static gboolean
take_header (GHashTable *headers,
             const char *path,
             const char *file,
             const char *line,
             char *table,
             char delimiter,
             GError **error)
{
  g_autofree char *owned = table;
  const SlipCsvFormat format = {.delimiter = delimiter};
  g_autoptr (SlipCsvReader) reader = slip_csv_reader_new (
      slip_source_file_new_for_bytes (path, line, strlen (line)), &format, error);
  GStrv names = reader != NULL ? slip_load_header_names (file, slip_csv_reader_get_header (reader),
                                                         NULL, error)
                               : NULL;

  if (names == NULL)
    {
      g_prefix_error (error, "%s, header of %s: ", path, file);
      return FALSE;
    }
  g_hash_table_insert (headers, g_steal_pointer (&owned), names);
  return TRUE;
}

GHashTable *
slip_load_headers_read (const char *path, GPtrArray *tables, char delimiter, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  g_autoptr (GBytes) bytes = slip_file_read (path, HEADERS_BYTES, error);
  g_autoptr (GHashTable) headers
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
  g_autofree char *text = NULL;
  g_autofree char *file = NULL;
  g_auto (GStrv) lines = NULL;

  if (bytes == NULL)
    {
      g_prefix_error (error, "expected headers: ");
      return NULL;
    }
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_strchomp (*line);
      if (g_str_has_prefix (*line, "==> ") && g_str_has_suffix (*line, " <=="))
        {
          g_free (file);
          file = g_strndup (*line + 4, strlen (*line) - 8);
        }
      else if (**line != '\0' && file != NULL)
        {
          char *table = slip_load_table_name (file, NULL);

          if (!take_header (headers, path, file, *line, table,
                            find_delimiter (tables, table, delimiter), error))
            return NULL;
          g_clear_pointer (&file, g_free);
        }
    }
  return g_steal_pointer (&headers);
}
