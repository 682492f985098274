/* SPDX-License-Identifier: MIT */
/* Reads the workspace file. All faults are told at once, each with its JSON path, because a person
 * who mends a file by hand wants one round, not ten. */

#include "slip-workspace.h"
#include "slip-estate-error.h"
#include "slip-file.h"
#include "slip-json.h"

#include <math.h>
#include <string.h>

#define WORKSPACE_SCHEMA "org.slipway.workspace/1"
#define MAX_WORKSPACE_BYTES (1024 * 1024)

struct _SlipWorkspace
{
  GObject parent_instance;
  char *name;
  char *path;
  GListStore *environments; /* owned; for views, main thread */
  GPtrArray *all;           /* owned, element-type SlipEnvironment; the same, for any thread */
  GPtrArray *migrations;    /* owned, element-type SlipMigrationProject */
};

GQuark
slip_estate_error_quark (void)
{
  return g_quark_from_static_string ("slip-estate-error-quark");
}
G_DEFINE_FINAL_TYPE (SlipWorkspace, slip_workspace, G_TYPE_OBJECT)

typedef struct
{
  GString *faults; /* owned; a line each */
  char *folder;    /* owned; relative paths count from it */
} Checker;

static const char *const root_members[] = {"schema", "name", "environments", "migrations", NULL};
static const char *const environment_members[]
    = {"name",      "title",        "account",    "alias",
       "regions",   "profile",      "role",       "protected",
       "pairing",   "endpoint_url", "aws_config", "aws_credentials",
       "rehearsal", "settings",     "terraform",  NULL};
static const char *const terraform_members[] = {"name", "path", "workspace", NULL};
static const char *const rehearsal_members[] = {"speed", NULL};
static const char *const migration_members[]
    = {"name",         "title",     "definitions", "sidecar",     "source",
       "migration_db", "target_db", "run_date",    "environment", NULL};

static void G_GNUC_PRINTF (3, 4) fault (Checker *checker, const char *path, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_string_append_printf (checker->faults, "\n%s: %s", path, message);
}

static void
check_members (Checker *checker, JsonObject *object, const char *path, const char *const *known)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    if (!g_strv_contains (known, l->data))
      {
        g_autofree char *list = g_strjoinv (", ", (char **)known);

        fault (checker, path, "unknown member “%s”. Known are: %s", (char *)l->data, list);
      }
}

static JsonNode *
typed (Checker *checker,
       JsonObject *object,
       const char *path,
       const char *name,
       gboolean required,
       JsonNodeType type,
       GType value_type,
       const char *what)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    {
      if (required)
        fault (checker, path, "member “%s” is missing; it must be %s", name, what);
      return NULL;
    }
  if (json_node_get_node_type (node) != type
      || (value_type != G_TYPE_INVALID && json_node_get_value_type (node) != value_type))
    {
      fault (checker, path, "“%s” must be %s", name, what);
      return NULL;
    }
  return node;
}

static const char *
text_member (Checker *checker,
             JsonObject *object,
             const char *path,
             const char *name,
             gboolean required,
             const char *pattern,
             const char *what)
{
  JsonNode *node
      = typed (checker, object, path, name, required, JSON_NODE_VALUE, G_TYPE_STRING, what);
  const char *text = node != NULL ? json_node_get_string (node) : NULL;

  if (text != NULL && !g_regex_match_simple (pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
    {
      fault (checker, path, "“%s” is “%s”; it must be %s", name, text, what);
      return NULL;
    }
  return text;
}

static gboolean
bool_member (Checker *checker, JsonObject *object, const char *path, const char *name)
{
  JsonNode *node = typed (checker, object, path, name, FALSE, JSON_NODE_VALUE, G_TYPE_BOOLEAN,
                          "true or false");

  return node != NULL && json_node_get_boolean (node);
}

static GPtrArray *
read_regions (Checker *checker, JsonObject *object, const char *path)
{
  JsonNode *node = typed (checker, object, path, "regions", TRUE, JSON_NODE_ARRAY, G_TYPE_INVALID,
                          "a list of regions, the primary one first");
  JsonArray *array = node != NULL ? json_node_get_array (node) : NULL;
  GPtrArray *regions = g_ptr_array_new ();

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      const char *region = json_node_get_value_type (element) == G_TYPE_STRING
                               ? json_node_get_string (element)
                               : NULL;

      if (region == NULL || !g_regex_match_simple ("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", region, 0, 0))
        fault (checker, path, "regions[%u] must be a region such as “eu-west-1”", i);
      else if (g_ptr_array_find_with_equal_func (regions, region, g_str_equal, NULL))
        fault (checker, path, "regions[%u]: “%s” is given twice", i, region);
      else
        g_ptr_array_add (regions, (gpointer)region);
    }
  if (array != NULL && json_array_get_length (array) == 0)
    fault (checker, path, "“regions” must name at least one region");
  g_ptr_array_add (regions, NULL);
  return regions;
}

static double
read_speed (Checker *checker, JsonObject *object, const char *path, gboolean *is_rehearsal)
{
  JsonNode *node = typed (checker, object, path, "rehearsal", FALSE, JSON_NODE_OBJECT,
                          G_TYPE_INVALID, "an object such as { \"speed\": 60 }");
  JsonObject *rehearsal = slip_json_node_object (node);
  double speed;

  *is_rehearsal = rehearsal != NULL;
  if (rehearsal == NULL)
    return 1;
  check_members (checker, rehearsal, path, rehearsal_members);
  speed
      = slip_json_double (rehearsal, "speed", json_object_has_member (rehearsal, "speed") ? -1 : 1);
  if (!(speed >= 1 && speed <= 1e9))
    fault (checker, path, "“rehearsal.speed” must be a number from 1 to 1,000,000,000");
  return speed;
}

static char *
absolute_path (Checker *checker, const char *file)
{
  if (file == NULL)
    return NULL;
  return g_path_is_absolute (file) ? g_strdup (file)
                                   : g_build_filename (checker->folder, file, NULL);
}

static void
read_terraform_root (Checker *checker, JsonObject *object, const char *path, GPtrArray *roots)
{
  SlipTerraformRoot *root;
  const char *name;
  const char *folder;
  const char *workspace;

  check_members (checker, object, path, terraform_members);
  name = text_member (checker, object, path, "name", TRUE, "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
                      "a short name of letters, digits, ‘.’, ‘_’ and ‘-’");
  folder = text_member (checker, object, path, "path", TRUE, "^.+$",
                        "the folder of a Terraform root configuration");
  workspace = text_member (checker, object, path, "workspace", FALSE, "^[\\w.-]{1,90}$",
                           "a Terraform workspace's name");
  if (name == NULL || folder == NULL)
    return;
  for (guint i = 0; i < roots->len; i++)
    if (g_str_equal (((SlipTerraformRoot *)g_ptr_array_index (roots, i))->name, name))
      {
        fault (checker, path, "the name “%s” is taken by an earlier root", name);
        return;
      }
  root = g_new0 (SlipTerraformRoot, 1);
  root->name = g_strdup (name);
  root->path = absolute_path (checker, folder);
  root->workspace = g_strdup (workspace);
  g_ptr_array_add (roots, root);
}

static GPtrArray *
read_terraform (Checker *checker, JsonObject *object, const char *path)
{
  JsonNode *node = typed (checker, object, path, "terraform", FALSE, JSON_NODE_ARRAY,
                          G_TYPE_INVALID, "a list of Terraform roots");
  JsonArray *array = node != NULL ? json_node_get_array (node) : NULL;
  GPtrArray *roots = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_terraform_root_free);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *root = slip_json_node_object (json_array_get_element (array, i));
      g_autofree char *at = g_strdup_printf ("%s.terraform[%u]", path, i);

      if (root == NULL)
        fault (checker, at, "must be an object such as { \"name\": \"network\", \"path\": \"…\" }");
      else
        read_terraform_root (checker, root, at, roots);
    }
  return roots;
}

static SlipEnvironment *
read_environment (Checker *checker, JsonObject *object, const char *path)
{
  gsize faults_before = checker->faults->len;
  g_autoptr (GPtrArray) regions = NULL;
  g_autoptr (GPtrArray) terraform = NULL;
  g_autofree char *config = NULL;
  g_autofree char *credentials = NULL;
  SlipEnvironmentSpec spec = {0};
  JsonNode *settings;

  check_members (checker, object, path, environment_members);
  spec.name = text_member (checker, object, path, "name", TRUE, "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
                           "a short name of letters, digits, ‘.’, ‘_’ and ‘-’");
  spec.title
      = text_member (checker, object, path, "title", FALSE, "^.{1,80}$", "1 to 80 characters");
  spec.account
      = text_member (checker, object, path, "account", TRUE, "^[0-9]{12}$", "12 digits in quotes");
  spec.alias
      = text_member (checker, object, path, "alias", FALSE, "^.{1,63}$", "1 to 63 characters");
  spec.profile = text_member (checker, object, path, "profile", FALSE, "^[^\\[\\]\\s]{1,128}$",
                              "a profile's name");
  spec.role = text_member (checker, object, path, "role", FALSE, "^[\\w+=,.@-]{1,64}$",
                           "a role's name, without its ARN");
  spec.endpoint_url = text_member (checker, object, path, "endpoint_url", FALSE,
                                   "^https?://[^\\s/@]+(/\\S*)?$", "an http or https URL");
  config = absolute_path (
      checker, text_member (checker, object, path, "aws_config", FALSE, "^.+$", "a file's path"));
  credentials = absolute_path (checker, text_member (checker, object, path, "aws_credentials",
                                                     FALSE, "^.+$", "a file's path"));
  regions = read_regions (checker, object, path);
  spec.regions = (const char *const *)regions->pdata;
  spec.is_protected = bool_member (checker, object, path, "protected");
  spec.needs_pairing = bool_member (checker, object, path, "pairing");
  spec.speed = read_speed (checker, object, path, &spec.is_rehearsal);
  settings = typed (checker, object, path, "settings", FALSE, JSON_NODE_OBJECT, G_TYPE_INVALID,
                    "an object");
  spec.settings = slip_json_node_object (settings);
  terraform = read_terraform (checker, object, path);
  spec.terraform = terraform;
  spec.aws_config = config;
  spec.aws_credentials = credentials;

  return checker->faults->len == faults_before ? slip_environment_new (&spec) : NULL;
}

static void
read_environments (SlipWorkspace *self, Checker *checker, JsonArray *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = slip_json_node_object (json_array_get_element (array, i));
      g_autofree char *path = g_strdup_printf ("$.environments[%u]", i);
      g_autoptr (SlipEnvironment) environment = NULL;

      if (object == NULL)
        {
          fault (checker, path, "must be an object");
          continue;
        }
      environment = read_environment (checker, object, path);
      if (environment == NULL)
        continue;
      if (slip_workspace_find (self, slip_environment_get_name (environment)) != NULL)
        fault (checker, path, "the name “%s” is taken by an earlier environment",
               slip_environment_get_name (environment));
      else
        {
          g_list_store_append (self->environments, environment);
          g_ptr_array_add (self->all, g_steal_pointer (&environment));
        }
    }
  if (json_array_get_length (array) == 0)
    fault (checker, "$.environments", "must name at least one environment");
}

static const char *
read_conninfo (Checker *checker, JsonObject *object, const char *path, const char *name)
{
  const char *conninfo = text_member (checker, object, path, name, TRUE, "(?s)^.+$",
                                      "a database's URI, or words of libpq");

  if (conninfo == NULL || !slip_migration_project_has_password (conninfo))
    return conninfo;
  /* The value is not repeated: it is a secret. */
  fault (checker, path,
         "“%s” holds a password. Leave it to ~/.pgpass, PGPASSWORD or a service file", name);
  return NULL;
}

static SlipMigrationProject *
read_migration (SlipWorkspace *self, Checker *checker, JsonObject *object, const char *path)
{
  gsize faults_before = checker->faults->len;
  SlipMigrationProject spec = {0};
  g_autofree char *definitions = NULL;
  g_autofree char *sidecar = NULL;
  g_autofree char *source = NULL;
  const char *environment;

  check_members (checker, object, path, migration_members);
  spec.name = (char *)text_member (checker, object, path, "name", TRUE,
                                   "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
                                   "a short name of letters, digits, ‘.’, ‘_’ and ‘-’");
  spec.title = (char *)text_member (checker, object, path, "title", FALSE, "^.{1,80}$",
                                    "1 to 80 characters");
  spec.definitions = definitions
      = absolute_path (checker, text_member (checker, object, path, "definitions", TRUE, "^.+$",
                                             "the folder of the definitions"));
  spec.sidecar = sidecar = absolute_path (
      checker, text_member (checker, object, path, "sidecar", FALSE, "^.+$", "a file's path"));
  spec.source = source = absolute_path (
      checker, text_member (checker, object, path, "source", FALSE, "^.+$", "a folder's path"));
  spec.migration_db = (char *)read_conninfo (checker, object, path, "migration_db");
  spec.target_db = (char *)read_conninfo (checker, object, path, "target_db");
  spec.run_date = (char *)text_member (checker, object, path, "run_date", FALSE,
                                       "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "a date, YYYY-MM-DD");
  environment
      = text_member (checker, object, path, "environment", FALSE, "^.+$", "an environment's name");
  if (environment != NULL && slip_workspace_find (self, environment) == NULL)
    fault (checker, path, "“environment” is “%s”, and there is no environment of that name",
           environment);
  spec.environment = (char *)environment;
  return checker->faults->len == faults_before ? slip_migration_project_new (&spec) : NULL;
}

static void
read_migrations (SlipWorkspace *self, Checker *checker, JsonArray *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = slip_json_node_object (json_array_get_element (array, i));
      g_autofree char *path = g_strdup_printf ("$.migrations[%u]", i);
      g_autoptr (SlipMigrationProject) migration = NULL;

      if (object == NULL)
        {
          fault (checker, path, "must be an object");
          continue;
        }
      migration = read_migration (self, checker, object, path);
      if (migration == NULL)
        continue;
      if (slip_workspace_find_migration (self, migration->name) != NULL)
        fault (checker, path, "the name “%s” is taken by an earlier migration", migration->name);
      else
        g_ptr_array_add (self->migrations, g_steal_pointer (&migration));
    }
}

static void
read_root (SlipWorkspace *self, Checker *checker, JsonObject *root)
{
  const char *schema
      = text_member (checker, root, "$", "schema", TRUE, "", "\"" WORKSPACE_SCHEMA "\"");
  JsonNode *environments;
  JsonNode *migrations;

  check_members (checker, root, "$", root_members);
  if (schema != NULL && !g_str_equal (schema, WORKSPACE_SCHEMA))
    fault (checker, "$.schema", "is “%s”; this version reads “%s”", schema, WORKSPACE_SCHEMA);
  self->name = g_strdup (
      text_member (checker, root, "$", "name", FALSE, "^.{1,80}$", "1 to 80 characters"));
  environments = typed (checker, root, "$", "environments", TRUE, JSON_NODE_ARRAY, G_TYPE_INVALID,
                        "a list of environments");
  if (environments != NULL)
    read_environments (self, checker, json_node_get_array (environments));
  migrations = typed (checker, root, "$", "migrations", FALSE, JSON_NODE_ARRAY, G_TYPE_INVALID,
                      "a list of migrations");
  if (migrations != NULL)
    read_migrations (self, checker, json_node_get_array (migrations));
  if (self->name == NULL)
    self->name = g_path_get_basename (self->path);
}

static void
slip_workspace_finalize (GObject *object)
{
  SlipWorkspace *self = SLIP_WORKSPACE (object);

  g_clear_object (&self->environments);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  g_clear_pointer (&self->migrations, g_ptr_array_unref);
  g_free (self->name);
  g_free (self->path);
  G_OBJECT_CLASS (slip_workspace_parent_class)->finalize (object);
}

static void
slip_workspace_class_init (SlipWorkspaceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_workspace_finalize;
}

static void
slip_workspace_init (SlipWorkspace *self)
{
  self->environments = g_list_store_new (SLIP_TYPE_ENVIRONMENT);
  self->all = g_ptr_array_new_with_free_func (g_object_unref);
  self->migrations = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_migration_project_unref);
}

SlipWorkspace *
slip_workspace_new_from_text (const char *text, gssize length, const char *path, GError **error)
{
  g_autoptr (SlipWorkspace) self = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GString) faults = g_string_new (NULL);
  g_autofree char *folder = NULL;
  g_autoptr (GError) local_error = NULL;
  Checker checker = {.faults = faults};

  g_return_val_if_fail (text != NULL && path != NULL, NULL);

  node = slip_json_parse (text, length, &local_error);
  if (node == NULL)
    {
      g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_WORKSPACE,
                   "workspace file %s is not valid JSON, %s", path, local_error->message);
      return NULL;
    }
  folder = g_path_get_dirname (path);
  checker.folder = folder;
  self = g_object_new (SLIP_TYPE_WORKSPACE, NULL);
  self->path = g_strdup (path);
  if (slip_json_node_object (node) == NULL)
    fault (&checker, "$", "must be an object");
  else
    read_root (self, &checker, slip_json_node_object (node));
  if (faults->len > 0)
    {
      g_set_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_WORKSPACE,
                   "workspace file %s is not valid:%s", path, faults->str);
      return NULL;
    }
  return g_steal_pointer (&self);
}

SlipWorkspace *
slip_workspace_load (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  gconstpointer text;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = slip_file_read (path, MAX_WORKSPACE_BYTES, error);
  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  return slip_workspace_new_from_text (text != NULL ? text : "", (gssize)length, path, error);
}

const char *
slip_workspace_get_name (SlipWorkspace *self)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (self), NULL);

  return self->name;
}

const char *
slip_workspace_get_path (SlipWorkspace *self)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (self), NULL);

  return self->path;
}

GListModel *
slip_workspace_get_environments (SlipWorkspace *self)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (self), NULL);

  return G_LIST_MODEL (self->environments);
}

static SlipEnvironment *
find (SlipWorkspace *self, const char *wanted, const char *(*get) (SlipEnvironment *))
{
  for (guint i = 0; i < self->all->len; i++)
    if (g_strcmp0 (get (g_ptr_array_index (self->all, i)), wanted) == 0)
      return g_ptr_array_index (self->all, i);
  return NULL;
}

SlipEnvironment *
slip_workspace_find (SlipWorkspace *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (self), NULL);

  return find (self, name, slip_environment_get_name);
}

SlipEnvironment *
slip_workspace_find_account (SlipWorkspace *self, const char *account)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (self), NULL);

  return find (self, account, slip_environment_get_account);
}

GPtrArray *
slip_workspace_get_migrations (SlipWorkspace *self)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (self), NULL);

  return self->migrations;
}

SlipMigrationProject *
slip_workspace_find_migration (SlipWorkspace *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_WORKSPACE (self), NULL);

  for (guint i = 0; i < self->migrations->len; i++)
    {
      SlipMigrationProject *migration = g_ptr_array_index (self->migrations, i);

      if (g_strcmp0 (migration->name, name) == 0)
        return migration;
    }
  return NULL;
}
