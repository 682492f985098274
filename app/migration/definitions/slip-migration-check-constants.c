/* SPDX-License-Identifier: MIT */
/* The check's look at constants that should be one: names that differ in a number only, such as the tag of a
 * phase. One of them is usually left over, and rows that carry it are not found afterwards. */

#include "slip-json.h"
#include "slip-migration-check-private.h"

/* Shorter words with numbers (OPG102, OPG103) are codes of their own. */
#define LEAST_LETTERS 8

/* The text with each number put to #, or NULL when it is no tag. */
static char *
dup_shape (const char *text)
{
  GString *shape = g_string_new (NULL);
  guint letters = 0;
  guint numbers = 0;

  for (const char *p = text; *p != '\0'; p++)
    {
      gboolean digit = g_ascii_isdigit (*p);

      letters += g_ascii_isalpha (*p) ? 1 : 0;
      if (digit && p > text && g_ascii_isdigit (p[-1]))
        continue;
      numbers += digit ? 1 : 0;
      g_string_append_c (shape, digit ? '#' : *p);
    }
  if (letters < LEAST_LETTERS || numbers == 0)
    {
      g_string_free (shape, TRUE);
      return NULL;
    }
  return g_string_free (shape, FALSE);
}

/* What the sidecar says of a shape; otherwise what most columns say. */
typedef struct
{
  GHashTable *counts; /* owned: text → how many columns */
  char *said;         /* owned, or NULL */
} Shape;

static void
shape_free (Shape *shape)
{
  g_hash_table_unref (shape->counts);
  g_free (shape->said);
  g_free (shape);
}

static Shape *
need_shape (GHashTable *shapes, const char *text)
{
  char *key = dup_shape (text);
  Shape *shape = key != NULL ? g_hash_table_lookup (shapes, key) : NULL;

  if (key == NULL || shape != NULL)
    {
      g_free (key);
      return shape;
    }
  shape = g_new0 (Shape, 1);
  shape->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (shapes, key, shape);
  return shape;
}

static void
each_constant (SlipCheck *check,
               GHashTable *shapes,
               void (*func) (SlipCheck *check,
                             const SlipMapping *mapping,
                             const SlipMappingColumn *column,
                             const char *text,
                             Shape *shape))
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);

  for (guint i = 0; i < mappings->len; i++)
    {
      const SlipMapping *mapping = g_ptr_array_index (mappings, i);

      for (guint k = 0; k < mapping->columns->len; k++)
        {
          const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, k);
          const char *text = slip_json_node_string (column->default_value);
          Shape *shape = text != NULL ? need_shape (shapes, text) : NULL;

          if (shape != NULL)
            func (check, mapping, column, text, shape);
        }
    }
}

static void
count (SlipCheck *check,
       const SlipMapping *mapping,
       const SlipMappingColumn *column,
       const char *text,
       Shape *shape)
{
  gsize before = GPOINTER_TO_SIZE (g_hash_table_lookup (shape->counts, text));

  g_hash_table_insert (shape->counts, g_strdup (text), GSIZE_TO_POINTER (before + 1));
}

/* Ties are settled by the text, so that the same files give the same findings. */
static const char *
get_usual (const Shape *shape)
{
  const char *usual = NULL;
  gsize most = 0;
  GHashTableIter iter;
  gpointer text;
  gpointer value;

  if (shape->said != NULL)
    return shape->said;
  g_hash_table_iter_init (&iter, shape->counts);
  while (g_hash_table_iter_next (&iter, &text, &value))
    {
      gsize times = GPOINTER_TO_SIZE (value);

      if (times > most || (times == most && g_strcmp0 (text, usual) > 0))
        {
          most = times;
          usual = text;
        }
    }
  return usual;
}

static void
compare (SlipCheck *check,
         const SlipMapping *mapping,
         const SlipMappingColumn *column,
         const char *text,
         Shape *shape)
{
  const char *usual = get_usual (shape);

  if (g_str_equal (text, usual))
    return;
  SLIP_CHECK_TELL_COLUMN (
      check, SLIP_SEVERITY_WARNING, mapping, column, "transform_casrec", "default_value",
      "Write the same in both, or state which it is under values in the sidecar",
      "the constant “%s” contradicts “%s”, which %s says", text, usual,
      shape->said != NULL ? "the sidecar" : "most of the definitions");
}

void
slip_migration_check_constants (SlipCheck *check)
{
  g_autoptr (GHashTable) shapes
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)shape_free);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, slip_migration_get_values (check->migration));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const char *text = slip_json_node_string (node);
      Shape *shape = text != NULL ? need_shape (shapes, text) : NULL;

      if (shape != NULL && shape->said == NULL)
        shape->said = g_strdup (text);
    }
  each_constant (check, shapes, count);
  each_constant (check, shapes, compare);
}
