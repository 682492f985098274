/* SPDX-License-Identifier: MIT */
/* Which files of a folder become which landing table, in which order, and whether one is missing. It looks at names and
 * sizes only. */

#include "slip-load-plan.h"

#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define PART_DIGITS 3
#define FILES_IN_MESSAGE 6

static void
part_free (gpointer data)
{
  SlipLoadPart *part = data;

  g_free (part->path);
  g_free (part->name);
  g_free (part->sha256);
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

/* ---- what is missing */

static gboolean
is_plain (const char *glob)
{
  return strpbrk (glob, "*?") == NULL;
}

static const SlipSourceTable *
find_said (GPtrArray *said, const char *name)
{
  for (guint i = 0; said != NULL && i < said->len; i++)
    if (g_str_equal (((const SlipSourceTable *)g_ptr_array_index (said, i))->name, name))
      return g_ptr_array_index (said, i);
  return NULL;
}

static SlipLoadPart *
find_part (const SlipLoadTable *table, const char *name)
{
  for (guint i = 0; i < table->parts->len; i++)
    {
      SlipLoadPart *part = g_ptr_array_index (table->parts, i);

      if (g_str_equal (part->name, name))
        return part;
    }
  return NULL;
}

static gboolean
claims (const SlipLoadTable *table, const SlipSourceTable *said, const char *file)
{
  g_autofree char *name = said == NULL ? slip_load_table_name (file, NULL) : NULL;

  return said != NULL ? matches (said, file) : g_str_equal (name, table->name);
}

/* The part before a numbered one: entry1 of entry2.csv. NULL where it is the first, or its number is a date or the like. */
static char *
dup_before (const char *file)
{
  g_autofree char *stem = g_strndup (file, strcspn (file, "."));
  gsize digits = strcspn (stem, "0123456789");
  gsize length = strspn (stem + digits, "0123456789");
  guint64 number;

  if (length == 0 || length > PART_DIGITS || stem[digits + length] != '\0')
    return NULL;
  number = g_ascii_strtoull (stem + digits, NULL, 10);
  if (number <= 1)
    return NULL;
  return g_strdup_printf ("%.*s%0*u", (int)digits, stem, stem[digits] == '0' ? (int)length : 1,
                          (guint)number - 1);
}

/* Numbers are compared as such: entry01.csv comes before entry2.csv. */
static gboolean
has_number (const SlipLoadTable *table, const char *stem)
{
  for (guint i = 0; i < table->parts->len; i++)
    {
      const SlipLoadPart *part = g_ptr_array_index (table->parts, i);
      g_autofree char *other = g_strndup (part->name, strcspn (part->name, "."));
      gsize letters = strcspn (stem, "0123456789");

      if (letters == strcspn (other, "0123456789")
          && g_ascii_strncasecmp (other, stem, letters) == 0
          && g_ascii_strtoull (other + letters, NULL, 10)
                 == g_ascii_strtoull (stem + letters, NULL, 10))
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  GString *missing;
  gboolean without;  /* one of them has no file at all */
  gboolean fetched;  /* one of them is in slipway-source.json */
  gboolean numbered; /* one of them is a part before another */
} Missing;

static void
append_missing (Missing *self, const char *table, const char *file)
{
  g_string_append (self->missing, self->missing->len > 0 ? ", " : "");
  if (file != NULL && *file != '\0')
    g_string_append_printf (self->missing, "%s (%s)", table, file);
  else
    g_string_append (self->missing, table);
}

/* Who names each file has said which there are. */
static void
find_gaps (Missing *self, const SlipLoadTable *table, const SlipSourceTable *said)
{
  for (guint i = 0; i < table->parts->len; i++)
    {
      const SlipLoadPart *part = g_ptr_array_index (table->parts, i);
      g_autofree char *before = dup_before (part->name);

      if (before == NULL || has_number (table, before)
          || (said != NULL && said->files != NULL
              && g_strv_contains ((const char *const *)said->files, part->name)))
        continue;
      append_missing (self, table->name, before);
      self->numbered = TRUE;
    }
}

static void
find_missing (Missing *self, SlipLoadTable *table, const SlipSourceTable *said, JsonObject *fetched)
{
  g_autoptr (GList) names = fetched != NULL ? json_object_get_members (fetched) : NULL;
  gsize before = self->missing->len;

  if (table->parts->len == 0)
    {
      g_autofree char *globs
          = said != NULL && said->files != NULL ? g_strjoinv (", ", said->files) : NULL;

      append_missing (self, table->name, globs);
      self->without = TRUE;
      return;
    }
  for (guint i = 0; said != NULL && said->files != NULL && said->files[i] != NULL; i++)
    if (is_plain (said->files[i]) && find_part (table, said->files[i]) == NULL)
      append_missing (self, table->name, said->files[i]);
  for (GList *each = names; before == self->missing->len && each != NULL; each = each->next)
    if (is_source (each->data) && claims (table, said, each->data)
        && find_part (table, each->data) == NULL)
      {
        append_missing (self, table->name, each->data);
        self->fetched = TRUE;
        break;
      }
  if (before == self->missing->len)
    find_gaps (self, table, said);
}

/* Often it is there by another name, which who reads the list sees. */
static char *
describe_files (GPtrArray *files)
{
  GString *text = g_string_new (". It holds ");

  if (files->len == 0)
    g_string_append (text, "no .csv and no .xlsx file");
  for (guint i = 0; i < MIN (files->len, FILES_IN_MESSAGE); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            ((const SlipLoadPart *)g_ptr_array_index (files, i))->name);
  if (files->len > FILES_IN_MESSAGE)
    g_string_append_printf (text, " and %u more", files->len - FILES_IN_MESSAGE);
  return g_string_free (text, FALSE);
}

/* Every table that lacks a file is told, since a person fetches them all in one go. */
static gboolean
check_complete (GPtrArray *tables,
                GPtrArray *files,
                const char *folder,
                GPtrArray *said,
                JsonObject *fetched,
                const char *const *only,
                GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);
  g_autofree char *there_are = NULL;
  Missing found = {.missing = missing};

  for (guint i = 0; i < tables->len; i++)
    {
      SlipLoadTable *table = g_ptr_array_index (tables, i);

      find_missing (&found, table, find_said (said, table->name), fetched);
    }
  for (guint i = 0; only != NULL && only[i] != NULL; i++)
    {
      gboolean there = FALSE;

      for (guint j = 0; j < tables->len; j++)
        there |= g_str_equal (((SlipLoadTable *)g_ptr_array_index (tables, j))->name, only[i]);
      if (!there)
        append_missing (&found, only[i], NULL);
      found.without |= !there;
    }
  there_are = found.without ? describe_files (files) : g_strdup ("");
  if (missing->len > 0)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "%s has no file for: %s%s%s%s", folder, missing->str, there_are,
                 found.fetched ? ". What " SLIP_LOAD_FETCHED
                                 " there lists must be there: fetch it again, or take it out"
                               : "",
                 found.numbered ? ". Numbered parts are asked for from 1 on; if these are all, "
                                  "name each in the sidecar"
                                : "");
  else if (tables->len == 0)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "%s holds no .csv and no .xlsx file", folder);
  return missing->len == 0 && tables->len > 0;
}

/* ---- what was fetched */

static gboolean
read_fetched (const char *folder, JsonObject **fetched, GError **error)
{
  g_autofree char *path = g_build_filename (folder, SLIP_LOAD_FETCHED, NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  bytes = slip_file_read (path, SLIP_LOAD_FETCHED_MAX, error);
  if (bytes == NULL)
    return FALSE;
  node = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), error);
  if (node == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "%s is no JSON object. Fetch the files again, or remove it", path);
      return FALSE;
    }
  *fetched = json_object_ref (json_node_get_object (node));
  return TRUE;
}

static void
note_digests (GPtrArray *tables, JsonObject *fetched)
{
  for (guint i = 0; fetched != NULL && i < tables->len; i++)
    {
      const SlipLoadTable *table = g_ptr_array_index (tables, i);

      for (guint j = 0; j < table->parts->len; j++)
        {
          SlipLoadPart *part = g_ptr_array_index (table->parts, j);

          part->sha256
              = g_strdup (slip_json_string (slip_json_object (fetched, part->name), "sha256"));
        }
    }
}

/* Without a sidecar a table may be only in the list of what was fetched. */
static void
add_fetched (GPtrArray *tables, JsonObject *fetched, const char *const *only)
{
  g_autoptr (GList) names = json_object_get_members (fetched);

  for (GList *each = names; each != NULL; each = each->next)
    {
      g_autofree char *name = slip_load_table_name (each->data, NULL);

      if (is_source (each->data) && *name != '\0' && is_wanted (only, name))
        find_table (tables, name);
    }
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
  g_autoptr (JsonObject) fetched = NULL;
  gboolean said = tables != NULL && tables->len > 0;

  if (files == NULL || !read_fetched (folder, &fetched, error))
    return NULL;
  if (!(said ? plan_by_sidecar (plan, files, tables, only, error)
             : plan_by_names (plan, files, only, error)))
    return NULL;
  if (!said && fetched != NULL)
    add_fetched (plan, fetched, only);
  if (!check_complete (plan, files, folder, said ? tables : NULL, fetched, only, error))
    return NULL;
  note_digests (plan, fetched);
  g_ptr_array_sort (plan, compare_tables);
  return g_steal_pointer (&plan);
}
