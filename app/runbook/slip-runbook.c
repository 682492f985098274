/* SPDX-License-Identifier: MIT */
/* A runbook as the rest of the program sees it: a document that passed the check, with its name,
 * parameters and digest. Finding runbooks by name is here too: built-in ones in the GResource, the
 * user's own in a folder. */

#include "slip-runbook.h"

#include "slip-action.h"
#include "slip-check.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-runbook-private.h"
#include "slip-runbook-resources.h"

#include <string.h>

#define RESOURCE_FOLDER "/org/slipway/runbooks"

struct _SlipRunbook
{
  GObject parent_instance;
  char *name;
  char *source;
  char *sha256;
  JsonNode *node;
  JsonObject *root;       /* borrowed from node */
  GListStore *parameters; /* element-type SlipRunbookParameter */
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_TITLE,
  PROP_DESCRIPTION,
  N_PROPS,
};

/* Registered by hand, since the linker would drop a constructor that nothing in a static library names. */
GResource *
slip_runbook_get_resource (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      slip_runbooks_register_resource ();
      g_once_init_leave (&once, 1);
    }
  return slip_runbooks_get_resource ();
}

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SlipRunbook, slip_runbook, G_TYPE_OBJECT)

static void
slip_runbook_finalize (GObject *object)
{
  SlipRunbook *self = SLIP_RUNBOOK (object);

  g_free (self->name);
  g_free (self->source);
  g_free (self->sha256);
  g_clear_pointer (&self->node, json_node_unref);
  g_clear_object (&self->parameters);
  G_OBJECT_CLASS (slip_runbook_parent_class)->finalize (object);
}

static void
slip_runbook_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SlipRunbook *self = SLIP_RUNBOOK (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_TITLE:
      g_value_set_string (value, slip_runbook_get_title (self));
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, slip_runbook_get_description (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
slip_runbook_class_init (SlipRunbookClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = slip_runbook_finalize;
  object_class->get_property = slip_runbook_get_property;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
slip_runbook_init (SlipRunbook *self)
{
  self->parameters = g_list_store_new (SLIP_TYPE_RUNBOOK_PARAMETER);
}

static void
read_parameters (SlipRunbook *self)
{
  JsonObject *table = slip_json_object (self->root, "parameters");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (table == NULL)
    return;
  json_object_iter_init_ordered (&iter, table);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autoptr (SlipRunbookParameter) parameter
          = slip_runbook_parameter_new (name, json_node_get_object (node));

      g_list_store_append (self->parameters, parameter);
    }
}

static SlipRunbook *
new_from_document (SlipDocument *document, const char *name, const char *source)
{
  SlipRunbook *self = g_object_new (SLIP_TYPE_RUNBOOK, NULL);

  self->name = g_strdup (name);
  self->source = g_strdup (source);
  self->node = json_node_ref (slip_document_get_root (document));
  self->root = json_node_get_object (self->node);
  self->sha256 = slip_json_sha256 (self->node);
  read_parameters (self);
  return self;
}

static SlipRunbook *
parse (const char *text, gssize length, const char *name, const char *source, GPtrArray *faults)
{
  g_autoptr (SlipDocument) document = NULL;
  gsize bytes = length < 0 ? strlen (text) : (gsize)length;

  if (bytes > SLIP_RUNBOOK_MAX_BYTES)
    {
      g_ptr_array_add (faults, slip_fault_new (1, 1, "$", "the document is larger than 1 MiB"));
      return NULL;
    }
  document = slip_document_parse (text, length, faults);
  if (document != NULL)
    slip_check_document (document, faults);
  if (document == NULL || faults->len > 0)
    return NULL;
  return new_from_document (document, name, source);
}

SlipRunbook *
slip_runbook_parse (const char *text, gssize length, const char *name, GPtrArray **faults)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (faults != NULL, NULL);
  *faults = slip_faults_new ();
  return parse (text, length, name, name, *faults);
}

static GBytes *
read_bytes (const char *path, GError **error)
{
  const char *resource
      = g_str_has_prefix (path, "resource://") ? path + strlen ("resource://") : NULL;

  if (resource == NULL)
    return slip_file_read (path, SLIP_RUNBOOK_MAX_BYTES, error);
  return g_resource_lookup_data (slip_runbook_get_resource (), resource,
                                 G_RESOURCE_LOOKUP_FLAGS_NONE, error);
}

static char *
name_from_path (const char *path)
{
  char *name = g_path_get_basename (path);
  char *dot = strrchr (name, '.');

  if (dot != NULL && dot != name)
    *dot = '\0';
  return name;
}

SlipRunbook *
slip_runbook_load (const char *path, GPtrArray **faults, GError **error)
{
  g_autoptr (GPtrArray) found = slip_faults_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  SlipRunbook *self;
  gconstpointer data;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);
  bytes = read_bytes (path, error);
  if (bytes == NULL)
    {
      if (faults != NULL)
        *faults = g_steal_pointer (&found);
      return NULL;
    }
  name = name_from_path (path);
  data = g_bytes_get_data (bytes, &length);
  self = parse (data != NULL ? data : "", (gssize)length, name, path, found);
  if (self == NULL)
    {
      g_autofree char *text = slip_faults_to_text (found);

      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_INVALID, "%s", text);
    }
  if (faults != NULL)
    *faults = g_steal_pointer (&found);
  return self;
}

static char *
user_folder (void)
{
  const char *folder = g_getenv ("SLIPWAY_RUNBOOKS");

  if (folder != NULL && *folder != '\0')
    return g_strdup (folder);
  return g_build_filename (g_get_user_data_dir (), "slipway", "runbooks", NULL);
}

static gboolean
is_document (const char *file)
{
  return g_str_has_suffix (file, ".yaml") || g_str_has_suffix (file, ".yml")
         || g_str_has_suffix (file, ".json");
}

/* Paths of all documents by name; the user's hide built-in ones. */
static GHashTable *
list_paths (void)
{
  GHashTable *paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) built_in = g_resource_enumerate_children (
      slip_runbook_get_resource (), RESOURCE_FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *folder = user_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  for (guint i = 0; built_in != NULL && built_in[i] != NULL; i++)
    if (is_document (built_in[i]))
      g_hash_table_replace (paths, name_from_path (built_in[i]),
                            g_strdup_printf ("resource://" RESOURCE_FOLDER "/%s", built_in[i]));
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (is_document (file) && *file != '.')
      g_hash_table_replace (paths, name_from_path (file), g_build_filename (folder, file, NULL));
  return paths;
}

static SlipRunbook *
load_named (const char *path, GError **error)
{
  SlipRunbook *self = slip_runbook_load (path, NULL, error);

  if (self == NULL)
    g_prefix_error (error, "%s:\n", path);
  return self;
}

char *
slip_runbook_dup_path (const char *name, GError **error)
{
  g_autoptr (GHashTable) paths = NULL;
  g_autoptr (GList) names = NULL;
  g_autoptr (GString) list = NULL;
  const char *path;

  g_return_val_if_fail (name != NULL, NULL);
  if (strchr (name, '/') != NULL || is_document (name))
    return g_strdup (name);
  paths = list_paths ();
  path = g_hash_table_lookup (paths, name);
  if (path != NULL)
    return g_strdup (path);
  list = g_string_new (NULL);
  names = g_list_sort (g_hash_table_get_keys (paths), (GCompareFunc)strcmp);
  for (GList *at = names; at != NULL; at = at->next)
    g_string_append_printf (list, "%s%s", at == names ? "" : ", ", (const char *)at->data);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
               "there is no runbook %s. There are: %s", name, list->str);
  return NULL;
}

SlipRunbook *
slip_runbook_find (const char *name, GError **error)
{
  g_autofree char *path = slip_runbook_dup_path (name, error);

  return path != NULL ? load_named (path, error) : NULL;
}

/* Of built-in ones, which cannot change, the digest is kept. It alone: json-glib counts references to what is in a
 * document without a lock. */
char *
slip_runbook_dup_digest (const char *name)
{
  static GMutex mutex;
  static GHashTable *known; /* path → digest */
  g_autofree char *path = slip_runbook_dup_path (name, NULL);
  gboolean built_in = path != NULL && g_str_has_prefix (path, "resource://");
  g_autoptr (SlipRunbook) found = NULL;
  char *digest = NULL;

  g_mutex_lock (&mutex);
  if (built_in && known != NULL)
    digest = g_strdup (g_hash_table_lookup (known, path));
  g_mutex_unlock (&mutex);
  if (digest != NULL || path == NULL)
    return digest;
  found = load_named (path, NULL);
  if (found == NULL || !built_in)
    return found != NULL ? g_strdup (found->sha256) : NULL;
  g_mutex_lock (&mutex);
  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_replace (known, g_steal_pointer (&path), g_strdup (found->sha256));
  g_mutex_unlock (&mutex);
  return g_strdup (found->sha256);
}

static int
compare_titles (gconstpointer a, gconstpointer b, gpointer data)
{
  return g_utf8_collate (slip_runbook_get_title ((SlipRunbook *)a),
                         slip_runbook_get_title ((SlipRunbook *)b));
}

GListModel *
slip_runbook_list (GPtrArray **problems)
{
  GListStore *store = g_list_store_new (SLIP_TYPE_RUNBOOK);
  g_autoptr (GHashTable) paths = list_paths ();
  GHashTableIter iter;
  gpointer path;

  if (problems != NULL)
    *problems = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_iter_init (&iter, paths);
  while (g_hash_table_iter_next (&iter, NULL, &path))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SlipRunbook) runbook = slip_runbook_load (path, NULL, &error);

      if (runbook != NULL)
        g_list_store_append (store, runbook);
      else if (problems != NULL)
        g_ptr_array_add (*problems, g_strdup_printf ("%s: %s", (char *)path, error->message));
    }
  g_list_store_sort (store, compare_titles, NULL);
  return G_LIST_MODEL (store);
}

const char *
slip_runbook_get_name (SlipRunbook *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  return self->name;
}

const char *
slip_runbook_get_title (SlipRunbook *self)
{
  JsonObject *settings;
  const char *title = NULL;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  settings = slip_runbook_get_settings (self);
  if (settings != NULL)
    title = slip_json_string (settings, "title");
  return title != NULL ? title : self->name;
}

const char *
slip_runbook_get_description (SlipRunbook *self)
{
  const char *description;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  description = slip_json_string (self->root, "description");
  return description != NULL ? description : "";
}

const char *
slip_runbook_get_source (SlipRunbook *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  return self->source;
}

const char *
slip_runbook_get_sha256 (SlipRunbook *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  return self->sha256;
}

GListModel *
slip_runbook_get_parameters (SlipRunbook *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  return G_LIST_MODEL (self->parameters);
}

const char *
slip_runbook_find_pairing (SlipRunbook *self, JsonObject *parameters)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  g_return_val_if_fail (parameters != NULL, NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->parameters)); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter
          = g_list_model_get_item (G_LIST_MODEL (self->parameters), i);
      const char *why = slip_runbook_parameter_get_pairing (
          parameter,
          json_object_get_member (parameters, slip_runbook_parameter_get_name (parameter)));

      if (why != NULL)
        return why;
    }
  return NULL;
}

SlipRunbookParameter *
slip_runbook_find_parameter (SlipRunbook *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->parameters)); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter
          = g_list_model_get_item (G_LIST_MODEL (self->parameters), i);

      /* The store keeps it alive. */
      if (g_str_equal (slip_runbook_parameter_get_name (parameter), name))
        return parameter;
    }
  return NULL;
}

JsonObject *
slip_runbook_get_root (SlipRunbook *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  return self->root;
}

JsonArray *
slip_runbook_get_steps (SlipRunbook *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  return slip_json_array (self->root, "mainSteps");
}

JsonObject *
slip_runbook_get_settings (SlipRunbook *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  return slip_json_object (self->root, "slipway");
}

static void
collect_workstation_steps (JsonArray *steps, GPtrArray *names)
{
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      const SlipAction *action = slip_action_find (slip_json_string (step, "action"));
      JsonObject *inputs = slip_json_object (step, "inputs");

      if (action->workstation)
        g_ptr_array_add (
            names, g_strdup_printf ("%s (%s)", slip_json_string (step, "name"), action->name));
      if (inputs != NULL && g_str_equal (action->name, "aws:loop"))
        collect_workstation_steps (slip_json_array (inputs, "Steps"), names);
    }
}

char **
slip_runbook_dup_workstation_steps (SlipRunbook *self)
{
  GPtrArray *names = g_ptr_array_new ();

  g_return_val_if_fail (SLIP_IS_RUNBOOK (self), NULL);
  collect_workstation_steps (slip_runbook_get_steps (self), names);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}
