/* SPDX-License-Identifier: MIT */
/* data/runbooks/slipway-objects.schema.json says the same as the tables that the check works with:
 * the same objects, members, kinds, required members and words. The argument is the schema's path. */

#include "slip-check.h"
#include "slip-json.h"

static JsonObject *definitions;

/* What a property takes, without the way out that a reference gives. */
static JsonObject *
own_type (JsonObject *property)
{
  JsonArray *any = slip_json_array (property, "anyOf");

  if (any == NULL)
    return property;
  g_assert_cmpuint (json_array_get_length (any), ==, 2);
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (any, 1), "$ref"), ==,
                   "#/$defs/reference");
  return json_array_get_object_element (any, 0);
}

static SlipActionKind
kind_of (JsonObject *property)
{
  static const char *const types[] = {"string", "integer", "boolean", "array", "object", "number"};
  JsonObject *type = own_type (property);
  const char *name = slip_json_string (type, "type");

  if (slip_json_string (type, "$ref") != NULL)
    return SLIP_ACTION_MAP;
  if (name == NULL)
    return SLIP_ACTION_ANY;
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (name, types[i]) == 0)
      return (SlipActionKind)i;
  g_error ("“%s” is no type that a member of ours takes", name);
}

static gboolean
requires (JsonObject *definition, const char *name)
{
  JsonArray *required = slip_json_array (definition, "required");

  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    if (g_str_equal (json_array_get_string_element (required, i), name))
      return TRUE;
  return FALSE;
}

static const char *const *
words_of (const SlipCheckObject *kind, const char *member)
{
  for (const SlipCheckWords *words = kind->words; words != NULL && words->member != NULL; words++)
    if (g_str_equal (words->member, member))
      return words->words;
  return NULL;
}

static void
assert_words (const char *at, JsonObject *property, const char *const *words)
{
  JsonArray *listed = slip_json_array (property, "enum");
  guint n = words != NULL ? g_strv_length ((char **)words) : 0;

  if ((listed != NULL ? json_array_get_length (listed) : 0) != n)
    g_error ("%s: the schema lists another number of words than the %u of the check", at, n);
  for (guint i = 0; i < n; i++)
    if (!g_strv_contains (words, json_array_get_string_element (listed, i)))
      g_error ("%s: the check does not know “%s”", at, json_array_get_string_element (listed, i));
}

static void
test_members (gconstpointer data)
{
  const SlipCheckObject *kind = data;
  JsonObject *definition = slip_json_object (definitions, kind->name);
  JsonObject *properties = slip_json_object (definition, "properties");
  guint n = 0;

  g_assert_false (slip_json_bool (definition, "additionalProperties", TRUE));
  for (const SlipActionInput *member = kind->members; member->name != NULL; member++, n++)
    {
      JsonObject *property = slip_json_object (properties, member->name);
      g_autofree char *at = g_strdup_printf ("%s.%s", kind->name, member->name);

      if (property == NULL)
        g_error ("%s is missing in the schema", at);
      if (kind_of (property) != member->kind)
        g_error ("%s is of kind %d in the schema and of %d in the check", at, kind_of (property),
                 member->kind);
      if (requires (definition, member->name) != member->required)
        g_error ("%s is required by only one of schema and check", at);
      assert_words (at, property, words_of (kind, member->name));
    }
  if (json_object_get_size (properties) != n)
    g_error ("%s has %u members in the schema and %u in the check", kind->name,
             json_object_get_size (properties), n);
}

/* What the schema defines besides is for its own use. */
static void
test_objects (void)
{
  g_autoptr (GList) names = json_object_get_members (definitions);

  for (GList *name = names; name != NULL; name = name->next)
    {
      const SlipCheckObject *kind = slip_check_slipway_objects ();

      while (kind->name != NULL && !g_str_equal (kind->name, name->data))
        kind++;
      if (kind->name == NULL && !g_str_equal (name->data, "reference")
          && !g_str_equal (name->data, "anyStep"))
        g_error ("the check knows no object %s", (char *)name->data);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (JsonNode) schema = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  g_file_get_contents (argv[1], &text, NULL, &error);
  g_assert_no_error (error);
  schema = slip_json_parse (text, -1, &error);
  g_assert_no_error (error);
  definitions = slip_json_object (json_node_get_object (schema), "$defs");
  for (const SlipCheckObject *kind = slip_check_slipway_objects (); kind->name != NULL; kind++)
    {
      g_autofree char *path = g_strdup_printf ("/schema/%s/is_what_is_checked", kind->name);

      g_test_add_data_func (path, kind, test_members);
    }
  g_test_add_func ("/schema/defines_nothing_else", test_objects);
  return g_test_run ();
}
