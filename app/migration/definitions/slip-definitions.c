/* SPDX-License-Identifier: MIT */
/* The definition files of a migration, read as a whole. It finds the files and keeps the records; what one
 * file means is read beside this, and whether files fit each other is the check's. */

#include "slip-definitions-private.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-error.h"

#include <string.h>

/* The largest file of the original has 60 KiB; a dump that somebody put among them is no definition. */
#define MAX_FILE_BYTES ((gsize)16 << 20)

struct _SlipDefinitions
{
  GObject parent_instance;

  /* never change */
  char *folder;
  char *sha256;
  GPtrArray *mappings;          /* element-type SlipMapping */
  GPtrArray *lookups;           /* element-type SlipLookup */
  GPtrArray *table_definitions; /* element-type SlipTableDefinition */
  GPtrArray *target_tables;     /* element-type SlipTargetTable */
  GPtrArray *validations;       /* element-type SlipValidation */
  GPtrArray *copy_tables;       /* element-type SlipCopyTable */
  GPtrArray *unread;            /* element-type utf8: files that are there and hold no object */
};

G_DEFINE_FINAL_TYPE (SlipDefinitions, slip_definitions, G_TYPE_OBJECT)

/* What is gone through while the files are read. */
typedef struct
{
  SlipDefinitions *definitions;
  GPtrArray *findings;
  GChecksum *digest;
} Load;

/* Reads one entry of a file that holds many of a kind, or a whole file. */
typedef gpointer (*ReadFunc) (SlipReader *reader, const char *name, JsonObject *object);

static void
slip_definitions_finalize (GObject *object)
{
  SlipDefinitions *self = SLIP_DEFINITIONS (object);

  g_free (self->folder);
  g_free (self->sha256);
  g_ptr_array_unref (self->mappings);
  g_ptr_array_unref (self->lookups);
  g_ptr_array_unref (self->table_definitions);
  g_ptr_array_unref (self->target_tables);
  g_ptr_array_unref (self->validations);
  g_ptr_array_unref (self->copy_tables);
  g_ptr_array_unref (self->unread);
  G_OBJECT_CLASS (slip_definitions_parent_class)->finalize (object);
}

static void
slip_definitions_class_init (SlipDefinitionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_definitions_finalize;
}

static void
slip_definitions_init (SlipDefinitions *self)
{
  self->mappings = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_mapping_free);
  self->lookups = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_lookup_free);
  self->table_definitions
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_table_definition_free);
  self->target_tables = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_target_table_free);
  self->validations = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_validation_free);
  self->copy_tables = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_copy_table_free);
  self->unread = g_ptr_array_new_with_free_func (g_free);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder but hidden ones, which systems leave there for themselves, sorted; NULL when it cannot be read. */
static GPtrArray *
list_folder (const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  GPtrArray *names;
  const char *name;

  if (dir == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (*name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
add_to_digest (Load *load, const char *file, GBytes *bytes)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);
  g_autofree char *head = g_strdup_printf ("%s\n%" G_GSIZE_FORMAT "\n", file, length);

  g_checksum_update (load->digest, (const guchar *)head, -1);
  if (length > 0)
    g_checksum_update (load->digest, data, (gssize)length);
}

/* Reads a file to the object that it is; NULL when it is none, which is noted. */
static JsonNode *
read_file (Load *load, const char *file, SlipReader *reader)
{
  g_autofree char *path = g_build_filename (load->definitions->folder, file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_FILE_BYTES, &error);
  g_autoptr (JsonNode) node = NULL;

  if (bytes == NULL)
    {
      SLIP_READER_FAULT (reader, NULL, NULL, "the file cannot be read: %s", error->message);
      return NULL;
    }
  add_to_digest (load, file, bytes);
  node = slip_reader_parse (reader, bytes);
  if (node == NULL || slip_reader_as_object (reader, node) == NULL)
    return NULL;
  return g_steal_pointer (&node);
}

/* A file of its own for each record. */
static void
read_one (Load *load, const char *file, const char *name, ReadFunc read, GPtrArray *list)
{
  SlipReader reader;
  g_autoptr (JsonNode) node = NULL;

  slip_reader_init (&reader, load->findings, file);
  node = read_file (load, file, &reader);
  if (node != NULL)
    g_ptr_array_add (list, read (&reader, name, json_node_get_object (node)));
  else
    g_ptr_array_add (load->definitions->unread, g_strdup (file));
  slip_reader_clear (&reader);
}

typedef struct
{
  ReadFunc read;
  GPtrArray *list;
} Many;

static void
read_entry (SlipReader *reader, const char *name, JsonNode *node, gpointer data)
{
  Many *many = data;
  JsonObject *object = slip_reader_as_object (reader, node);

  if (object != NULL)
    g_ptr_array_add (many->list, many->read (reader, name, object));
}

/* One file with a record for each of its members. */
static void
read_many (Load *load, const char *file, SlipSeverity absent, ReadFunc read, GPtrArray *list)
{
  g_autofree char *path = g_build_filename (load->definitions->folder, file, NULL);
  Many many = {read, list};
  SlipReader reader;
  g_autoptr (JsonNode) node = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      slip_findings_add (load->findings, absent, file, NULL,
                         absent == SLIP_SEVERITY_ERROR ? "Nothing can run without it" : NULL,
                         "the file is not there");
      return;
    }
  slip_reader_init (&reader, load->findings, file);
  node = read_file (load, file, &reader);
  if (node != NULL)
    slip_reader_each (&reader, json_node_get_object (node), read_entry, &many);
  slip_reader_clear (&reader);
}

/* Every file of a folder whose name ends with @suffix; others that look like definitions are noted. */
static void
read_folder (Load *load, const char *folder, const char *suffix, ReadFunc read, GPtrArray *list)
{
  g_autofree char *path = g_build_filename (load->definitions->folder, folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = list_folder (path, &error);

  if (names == NULL)
    {
      slip_findings_add (load->findings, SLIP_SEVERITY_ERROR, folder, NULL, NULL,
                         "the folder cannot be read: %s", error->message);
      return;
    }
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *file = g_build_filename (folder, name, NULL);
      const char *tail = g_str_equal (suffix, "_mapping.json") ? suffix : ".json";
      g_autofree char *stem = NULL;

      if (!g_str_has_suffix (name, ".json"))
        continue;
      if (!g_str_has_suffix (name, suffix))
        {
          slip_findings_add (load->findings, SLIP_SEVERITY_WARNING, file, NULL, NULL,
                             "nothing reads this file: its name does not end with %s", suffix);
          continue;
        }
      stem = g_strndup (name, strlen (name) - strlen (tail));
      read_one (load, file, stem, read, list);
    }
}

static void
read_all (Load *load)
{
  SlipDefinitions *self = load->definitions;

  read_folder (load, "mapping_definitions", "_mapping.json", (ReadFunc)slip_mapping_read,
               self->mappings);
  read_folder (load, "mapping_definitions/lookups", "_lookup.json", (ReadFunc)slip_lookup_read,
               self->lookups);
  read_many (load, "mapping_definitions/tables/table_definitions.json", SLIP_SEVERITY_ERROR,
             (ReadFunc)slip_table_definition_read, self->table_definitions);
  read_many (load, "tables.json", SLIP_SEVERITY_ERROR, (ReadFunc)slip_target_table_read,
             self->target_tables);
  read_many (load, "validation_mapping.json", SLIP_SEVERITY_WARNING, (ReadFunc)slip_validation_read,
             self->validations);
  read_many (load, "tables_to_copy_from_sirius.json", SLIP_SEVERITY_NOTE,
             (ReadFunc)slip_copy_table_read, self->copy_tables);
}

/* A checkout of the original holds them deeper. */
static char *
find_folder (const char *folder)
{
  static const char *const places[] = {".", "migration_steps/shared", "shared"};

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *inside = g_build_filename (folder, places[i], "mapping_definitions", NULL);

      if (g_file_test (inside, G_FILE_TEST_IS_DIR))
        return i == 0 ? g_strdup (folder) : g_build_filename (folder, places[i], NULL);
    }
  return g_strdup (folder);
}

SlipDefinitions *
slip_definitions_read (const char *folder, GPtrArray *findings)
{
  SlipDefinitions *self;
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  Load load = {.findings = findings, .digest = digest};

  g_return_val_if_fail (folder != NULL && findings != NULL, NULL);

  self = g_object_new (SLIP_TYPE_DEFINITIONS, NULL);
  self->folder = find_folder (folder);
  load.definitions = self;
  read_all (&load);
  self->sha256 = g_strdup (g_checksum_get_string (digest));
  return self;
}

SlipDefinitions *
slip_definitions_load (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipDefinitions) self = NULL;
  guint faults;

  g_return_val_if_fail (folder != NULL, NULL);

  self = slip_definitions_read (folder, findings);
  faults = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
  if (faults > 0)
    {
      g_autofree char *text = slip_findings_to_text (findings, SLIP_SEVERITY_ERROR);

      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                   "the definitions in %s have %u %s:\n%s", folder, faults,
                   faults == 1 ? "fault" : "faults", g_strchomp (text));
      return NULL;
    }
  return g_steal_pointer (&self);
}

const char *
slip_definitions_get_folder (SlipDefinitions *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);

  return self->folder;
}

const char *
slip_definitions_get_sha256 (SlipDefinitions *self)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);

  return self->sha256;
}

/* Each list, and its records by name: a record begins with its name. */
#define LIST(list)                                                                                 \
  GPtrArray *slip_definitions_get_##list (SlipDefinitions *self)                                   \
  {                                                                                                \
    g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);                                       \
                                                                                                   \
    return self->list;                                                                             \
  }

LIST (mappings)
LIST (lookups)
LIST (table_definitions)
LIST (target_tables)
LIST (validations)
LIST (copy_tables)

gconstpointer
slip_definitions_find_record (GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    {
      const char *const *record = g_ptr_array_index (list, i);

      if (g_strcmp0 (*record, name) == 0)
        return record;
    }
  return NULL;
}

const SlipMapping *
slip_definitions_find_mapping (SlipDefinitions *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);

  return slip_definitions_find_record (self->mappings, name);
}

const SlipLookup *
slip_definitions_find_lookup (SlipDefinitions *self, const char *name)
{
  g_autofree char *full = NULL;
  const SlipLookup *lookup;

  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self) && name != NULL, NULL);

  lookup = slip_definitions_find_record (self->lookups, name);
  if (lookup != NULL || g_str_has_suffix (name, "_lookup"))
    return lookup;
  full = g_strconcat (name, "_lookup", NULL);
  return slip_definitions_find_record (self->lookups, full);
}

gboolean
slip_definitions_is_lookup_unread (SlipDefinitions *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self) && name != NULL, FALSE);

  g_autofree char *file = g_strdup_printf ("mapping_definitions/lookups/%s%s.json", name,
                                           g_str_has_suffix (name, "_lookup") ? "" : "_lookup");

  return g_ptr_array_find_with_equal_func (self->unread, file, g_str_equal, NULL);
}

const SlipTableDefinition *
slip_definitions_find_table_definition (SlipDefinitions *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);

  return slip_definitions_find_record (self->table_definitions, name);
}

const SlipTargetTable *
slip_definitions_find_target_table (SlipDefinitions *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);

  return slip_definitions_find_record (self->target_tables, name);
}

const SlipValidation *
slip_definitions_find_validation (SlipDefinitions *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);

  return slip_definitions_find_record (self->validations, name);
}

const SlipCopyTable *
slip_definitions_find_copy_table (SlipDefinitions *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (self), NULL);

  return slip_definitions_find_record (self->copy_tables, name);
}
