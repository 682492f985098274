/* SPDX-License-Identifier: MIT */
/* Definitions and sidecar as one thing, with names resolved: each step knows its mapping, its table definition
 * and its decisions, and entities stand behind those that they need. It does nothing itself. */

#include "slip-migration.h"

#include "slip-definitions-private.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-migration-check.h"
#include "slip-migration-error.h"
#include "slip-sidecar-private.h"

#include <string.h>

#define MAX_SIDECAR_BYTES ((gsize)16 << 20)

struct _SlipMigration
{
  GObject parent_instance;

  /* never change */
  SlipDefinitions *definitions; /* owned */
  char *path;                   /* of the sidecar, or NULL */
  char *file;                   /* as findings name it */
  char *sha256;
  char *name;
  char *title;
  gboolean strict;
  SlipSchemas schemas;
  SlipSource source;
  JsonObject *values;   /* owned */
  GPtrArray *filters;   /* element-type SlipFilter */
  GPtrArray *entities;  /* element-type SlipEntity, after what they need */
  GPtrArray *steps;     /* element-type SlipStep, owned by the entities */
  GPtrArray *decisions; /* element-type SlipDecision */
  GPtrArray *uids;      /* element-type SlipUid */
  GPtrArray *needs;     /* element-type SlipNeed */
  GPtrArray *rules;     /* element-type SlipBusinessRule */
  GPtrArray *hooks;     /* element-type SlipHook */
  GPtrArray *gates;     /* element-type SlipGate */
  GPtrArray *functions; /* element-type SlipNamedSql */
  SlipCase *extract;    /* owned, or NULL */
  SlipValidationRules validation;
  SlipApi api;
};

G_DEFINE_FINAL_TYPE (SlipMigration, slip_migration, G_TYPE_OBJECT)

static void
slip_migration_finalize (GObject *object)
{
  SlipMigration *self = SLIP_MIGRATION (object);

  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->entities);
  g_ptr_array_unref (self->filters);
  g_ptr_array_unref (self->decisions);
  g_ptr_array_unref (self->uids);
  g_ptr_array_unref (self->needs);
  g_ptr_array_unref (self->rules);
  g_ptr_array_unref (self->hooks);
  g_ptr_array_unref (self->gates);
  g_ptr_array_unref (self->functions);
  g_clear_pointer (&self->extract, slip_case_free);
  g_clear_pointer (&self->values, json_object_unref);
  slip_schemas_clear (&self->schemas);
  slip_source_clear (&self->source);
  slip_validation_rules_clear (&self->validation);
  slip_api_clear (&self->api);
  g_clear_object (&self->definitions);
  g_free (self->path);
  g_free (self->file);
  g_free (self->sha256);
  g_free (self->name);
  g_free (self->title);
  G_OBJECT_CLASS (slip_migration_parent_class)->finalize (object);
}

static void
slip_migration_class_init (SlipMigrationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_migration_finalize;
}

static void
slip_migration_init (SlipMigration *self)
{
  self->entities = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_entity_free);
  self->steps = g_ptr_array_new ();
  self->filters = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_filter_free);
  self->decisions = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_decision_free);
  self->uids = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_uid_free);
  self->needs = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_need_free);
  self->rules = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_business_rule_free);
  self->hooks = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_hook_free);
  self->gates = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_gate_free);
  self->functions = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_named_sql_free);
}

static void
read_value (SlipReader *reader, const char *name, JsonNode *node, gpointer values)
{
  if (!JSON_NODE_HOLDS_VALUE (node))
    SLIP_READER_FAULT (reader, NULL, "Write a text, a number, true or false",
                       "a value must be a single one");
  else
    json_object_set_member (values, name, json_node_copy (node));
}

static void
read_decision (SlipReader *reader, const char *name, JsonNode *node, gpointer decisions)
{
  JsonObject *object = slip_reader_as_object (reader, node);

  if (object != NULL)
    g_ptr_array_add (decisions, slip_decision_read (reader, name, object));
}

static void
read_member (
    SlipReader *reader, JsonObject *root, const char *name, SlipReaderItemFunc func, gpointer data)
{
  JsonObject *object = slip_reader_get_object (reader, root, name);
  gsize place = slip_reader_enter (reader, name);

  slip_reader_each (reader, object, func, data);
  slip_reader_leave (reader, place);
}

static void
read_functions (SlipMigration *self, SlipReader *reader, JsonObject *root)
{
  g_auto (GStrv) files = slip_sidecar_dup_list (reader, root, "functions");

  for (guint i = 0; files[i] != NULL; i++)
    {
      char *sql = slip_reader_dup_file (reader, "functions", files[i]);
      SlipNamedSql *named;

      if (sql == NULL)
        continue;
      named = g_new0 (SlipNamedSql, 1);
      named->name = g_strdup (files[i]);
      named->sql = sql;
      g_ptr_array_add (self->functions, named);
    }
}

static void
read_parts (SlipMigration *self, SlipReader *reader, JsonObject *root)
{
  JsonObject *extract = slip_reader_get_object (reader, root, "case");
  gsize place = slip_reader_enter (reader, "schemas");

  slip_schemas_read (reader, slip_reader_get_object (reader, root, "schemas"), &self->schemas);
  slip_reader_leave (reader, place);
  place = slip_reader_enter (reader, "source");
  slip_source_read (reader, slip_reader_get_object (reader, root, "source"), &self->source);
  slip_reader_leave (reader, place);
  read_member (reader, root, "values", read_value, self->values);
  slip_sidecar_read_list (reader, root, "filters", (SlipSidecarReadFunc)slip_filter_read,
                          self->filters);
  slip_sidecar_read_list (reader, root, "entities", (SlipSidecarReadFunc)slip_entity_read,
                          self->entities);
  read_member (reader, root, "decisions", read_decision, self->decisions);
  slip_sidecar_read_list (reader, root, "uids", (SlipSidecarReadFunc)slip_uid_read, self->uids);
  slip_sidecar_read_list (reader, root, "needs", (SlipSidecarReadFunc)slip_need_read, self->needs);
  slip_sidecar_read_list (reader, root, "rules", (SlipSidecarReadFunc)slip_business_rule_read,
                          self->rules);
  slip_sidecar_read_list (reader, root, "hooks", (SlipSidecarReadFunc)slip_hook_read, self->hooks);
  read_functions (self, reader, root);
  place = slip_reader_enter (reader, "gates");
  slip_gates_read (reader, slip_reader_get_object (reader, root, "gates"), self->gates);
  slip_reader_leave (reader, place);
  place = slip_reader_enter (reader, "validation");
  slip_validation_rules_read (reader, slip_reader_get_object (reader, root, "validation"),
                              &self->validation);
  slip_reader_leave (reader, place);
  place = slip_reader_enter (reader, "api");
  slip_api_read (reader, slip_reader_get_object (reader, root, "api"), &self->api);
  slip_reader_leave (reader, place);
  place = slip_reader_enter (reader, "case");
  self->extract = extract != NULL ? slip_case_read (reader, extract) : NULL;
  slip_reader_leave (reader, place);
}

static void
tell (SlipMigration *self, GPtrArray *findings, const char *path, const char *advice, char *message)
{
  g_autofree char *owned = message;

  slip_findings_add (findings, SLIP_SEVERITY_ERROR, self->file, path, advice, "%s", owned);
}

static void
resolve_step (SlipMigration *self, SlipStep *step, GPtrArray *findings)
{
  if (step->mapping_name != NULL)
    {
      step->mapping = slip_definitions_find_mapping (self->definitions, step->mapping_name);
      step->definition
          = slip_definitions_find_table_definition (self->definitions, step->mapping_name);
    }
  if (step->mapping_name != NULL && step->mapping == NULL)
    tell (self, findings, step->path, NULL,
          g_strdup_printf ("there is no mapping “%s”", step->mapping_name));
  else if (step->mapping_name != NULL && step->definition == NULL)
    tell (self, findings, step->path, "A step needs one: it says where rows go",
          g_strdup_printf ("“%s” has no table definition", step->mapping_name));
  for (guint i = 0; step->decision_names[i] != NULL; i++)
    {
      const SlipDecision *decision = slip_migration_find_decision (self, step->decision_names[i]);

      if (decision != NULL)
        g_ptr_array_add (step->decisions, (gpointer)decision);
      else
        tell (self, findings, step->path, "Write it under decisions",
              g_strdup_printf ("there is no decision “%s”", step->decision_names[i]));
    }
}

static void
resolve_steps (SlipMigration *self, GPtrArray *findings)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->entities->len; i++)
    {
      SlipEntity *entity = g_ptr_array_index (self->entities, i);

      for (guint k = 0; k < entity->steps->len; k++)
        {
          SlipStep *step = g_ptr_array_index (entity->steps, k);

          resolve_step (self, step, findings);
          g_ptr_array_add (self->steps, step);
          if (step->name != NULL && !g_hash_table_add (names, step->name))
            tell (self, findings, step->path, "Give one of them another “name”",
                  g_strdup_printf ("two steps have the name “%s”", step->name));
        }
    }
}

static gboolean
is_placed (GPtrArray *placed, const char *name)
{
  for (guint i = 0; i < placed->len; i++)
    if (g_strcmp0 (((SlipEntity *)g_ptr_array_index (placed, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_ready (GPtrArray *placed, const SlipEntity *entity)
{
  for (guint i = 0; entity->needs[i] != NULL; i++)
    if (!is_placed (placed, entity->needs[i]))
      return FALSE;
  return TRUE;
}

static void
check_needs (SlipMigration *self, GPtrArray *findings)
{
  for (guint i = 0; i < self->entities->len; i++)
    {
      const SlipEntity *entity = g_ptr_array_index (self->entities, i);

      for (guint k = 0; entity->needs[k] != NULL; k++)
        if (!is_placed (self->entities, entity->needs[k]))
          tell (self, findings, entity->path, NULL,
                g_strdup_printf ("there is no entity “%s” to need", entity->needs[k]));
      for (guint k = 0; k < i; k++)
        if (g_strcmp0 (((SlipEntity *)g_ptr_array_index (self->entities, k))->name, entity->name)
            == 0)
          tell (self, findings, entity->path, NULL,
                g_strdup_printf ("two entities have the name “%s”", entity->name));
    }
}

/* Each entity behind what it needs; otherwise in the file's order, so that ids do not depend on anything. */
static void
order_entities (SlipMigration *self, GPtrArray *findings)
{
  g_autoptr (GPtrArray) left = g_ptr_array_copy (self->entities, NULL, NULL);
  GPtrArray *placed = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_entity_free);
  guint faults = findings->len;

  g_ptr_array_set_free_func (left, NULL);
  check_needs (self, findings);
  while (left->len > 0)
    {
      guint i = 0;

      while (i < left->len && !is_ready (placed, g_ptr_array_index (left, i)))
        i++;
      if (i == left->len)
        {
          const SlipEntity *first = g_ptr_array_index (left, 0);

          if (findings->len == faults)
            tell (self, findings, first->path, "Take one of the needs away",
                  g_strdup_printf ("“%s” and what it needs need each other", first->name));
          i = 0;
        }
      g_ptr_array_add (placed, g_ptr_array_remove_index (left, i));
    }
  g_ptr_array_set_free_func (self->entities, NULL);
  g_ptr_array_unref (self->entities);
  self->entities = placed;
}

static void
check_head (SlipMigration *self, SlipReader *reader, JsonObject *root)
{
  static const char *const known[]
      = {"$schema", "name",      "title",    "mode",       "definitions", "schemas", "values",
         "source",  "filters",   "entities", "decisions",  "uids",        "rules",   "hooks",
         "gates",   "functions", "case",     "validation", "api",         "needs",   NULL};
  static const char *const modes[] = {"compat", "strict", NULL};

  slip_reader_check_members (reader, root, known);
  self->name = slip_reader_need_string (reader, root, "name");
  self->title = slip_reader_dup_string (reader, root, "title");
  self->strict = slip_sidecar_one_of (reader, root, "mode", modes) == 1;
}

static void
read_definitions (SlipMigration *self, const char *folder, GPtrArray *findings)
{
  self->definitions = slip_definitions_read (folder, findings);
}

static char *
dup_folder (const char *base, SlipReader *reader, JsonObject *root)
{
  g_autofree char *path = slip_reader_dup_string (reader, root, "definitions");

  if (path == NULL)
    return g_strdup (base);
  return g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (base, path, NULL);
}

static void
read_sidecar (SlipMigration *self, const char *fallback, GPtrArray *findings)
{
  g_autoptr (GError) error = NULL;
  /* A named pipe would keep whoever reads it waiting for ever. */
  gboolean odd = g_file_test (self->path, G_FILE_TEST_EXISTS)
                 && !g_file_test (self->path, G_FILE_TEST_IS_REGULAR);
  g_autoptr (GBytes) bytes = odd ? NULL : slip_file_read (self->path, MAX_SIDECAR_BYTES, &error);
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *base = g_path_get_dirname (self->path);
  g_autofree char *folder = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root;
  SlipReader reader;

  slip_reader_init (&reader, findings, self->file);
  reader.unknown = SLIP_SEVERITY_ERROR;
  reader.folder = base;
  reader.digest = digest;
  if (bytes == NULL)
    SLIP_READER_FAULT (&reader, NULL, NULL, "the file cannot be read: %s",
                       odd ? "it is no regular file" : error->message);
  else
    {
      gsize length;
      gconstpointer data = g_bytes_get_data (bytes, &length);

      g_checksum_update (digest, data, (gssize)length);
      node = slip_reader_parse (&reader, bytes);
    }
  root = node != NULL ? slip_reader_as_object (&reader, node) : NULL;
  if (root != NULL)
    {
      check_head (self, &reader, root);
      folder = dup_folder (base, &reader, root);
      read_parts (self, &reader, root);
    }
  read_definitions (self, folder != NULL ? folder : fallback, findings);
  self->sha256 = g_strdup (g_checksum_get_string (digest));
  slip_reader_clear (&reader);
}

/* What a sidecar that says nothing would say. */
static void
fill_gaps (SlipMigration *self, GPtrArray *findings)
{
  SlipReader reader;

  slip_reader_init (&reader, findings, self->file);
  if (self->schemas.source == NULL)
    slip_schemas_read (&reader, NULL, &self->schemas);
  if (self->source.tables == NULL)
    slip_source_read (&reader, NULL, &self->source);
  if (self->validation.known == NULL)
    slip_validation_rules_read (&reader, NULL, &self->validation);
  if (self->api.checks == NULL)
    slip_api_read (&reader, NULL, &self->api);
  slip_reader_clear (&reader);
  if (self->name == NULL)
    self->name = g_strdup ("migration");
  if (self->title == NULL)
    self->title = g_strdup (self->name);
}

SlipMigration *
slip_migration_read (const char *folder, const char *sidecar, GPtrArray *findings)
{
  SlipMigration *self;

  g_return_val_if_fail (folder != NULL && findings != NULL, NULL);

  self = g_object_new (SLIP_TYPE_MIGRATION, NULL);
  self->values = json_object_new ();
  self->path
      = sidecar != NULL ? g_strdup (sidecar) : g_build_filename (folder, "migration.json", NULL);
  self->file = g_path_get_basename (self->path);
  if (sidecar != NULL || g_file_test (self->path, G_FILE_TEST_EXISTS))
    read_sidecar (self, folder, findings);
  else
    {
      slip_findings_add (findings, SLIP_SEVERITY_NOTE, self->file, NULL,
                         "Definitions are checked without it, and nothing can run",
                         "there is no sidecar");
      g_clear_pointer (&self->path, g_free);
      self->sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "", -1);
      read_definitions (self, folder, findings);
    }
  fill_gaps (self, findings);
  order_entities (self, findings);
  resolve_steps (self, findings);
  return self;
}

SlipMigration *
slip_migration_load (const char *folder, const char *sidecar, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipMigration) self = NULL;
  guint faults;

  g_return_val_if_fail (folder != NULL, NULL);

  self = slip_migration_read (folder, sidecar, findings);
  faults = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
  if (faults > 0)
    {
      const SlipCheckAgainst nothing = {0};
      g_autofree char *text = NULL;

      /* Whoever mends these is told now what the check would tell of the others. */
      if (!slip_migration_check (self, &nothing, NULL, findings, error))
        return NULL;
      slip_findings_sort (findings);
      faults = slip_findings_count (findings, SLIP_SEVERITY_ERROR);
      text = slip_findings_to_text (findings, SLIP_SEVERITY_ERROR);
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                   "the migration in %s has %u %s:\n%s", folder, faults,
                   faults == 1 ? "fault" : "faults", g_strchomp (text));
      return NULL;
    }
  if (self->path == NULL)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "there is no migration.json in %s. Write one, or name it with --sidecar FILE",
                   folder);
      return NULL;
    }
  return g_steal_pointer (&self);
}

SlipDefinitions *
slip_migration_get_definitions (SlipMigration *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return self->definitions;
}

const SlipSchemas *
slip_migration_get_schemas (SlipMigration *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return &self->schemas;
}

const SlipSource *
slip_migration_get_source (SlipMigration *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return &self->source;
}

const SlipApi *
slip_migration_get_api (SlipMigration *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return &self->api;
}

const SlipValidationRules *
slip_migration_get_validation_rules (SlipMigration *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return &self->validation;
}

gboolean
slip_migration_is_strict (SlipMigration *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), FALSE);

  return self->strict;
}

JsonNode *
slip_migration_get_value (SlipMigration *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self) && name != NULL, NULL);

  return json_object_get_member (self->values, name);
}

/* Getters that only lend a field. */
#define GETTER(type, name, field)                                                                  \
  type slip_migration_get_##name (SlipMigration *self)                                             \
  {                                                                                                \
    g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);                                         \
                                                                                                   \
    return self->field;                                                                            \
  }

GETTER (const char *, sidecar_path, path)
GETTER (const char *, sidecar_sha256, sha256)
GETTER (const char *, name, name)
GETTER (const char *, title, title)
GETTER (JsonObject *, values, values)
GETTER (GPtrArray *, filters, filters)
GETTER (GPtrArray *, entities, entities)
GETTER (GPtrArray *, steps, steps)
GETTER (GPtrArray *, decisions, decisions)
GETTER (GPtrArray *, uids, uids)
GETTER (GPtrArray *, needs, needs)
GETTER (GPtrArray *, rules, rules)
GETTER (GPtrArray *, hooks, hooks)
GETTER (GPtrArray *, gates, gates)
GETTER (GPtrArray *, functions, functions)
GETTER (const SlipCase *, case, extract)

const SlipEntity *
slip_migration_find_entity (SlipMigration *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return slip_definitions_find_record (self->entities, name);
}

const SlipStep *
slip_migration_find_step (SlipMigration *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return slip_definitions_find_record (self->steps, name);
}

const SlipDecision *
slip_migration_find_decision (SlipMigration *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (self), NULL);

  return slip_definitions_find_record (self->decisions, name);
}
