/* SPDX-License-Identifier: MIT */

/* Form bodies of the query and ec2 protocols: `Action=…&Tags.Tag.1.Key=…`. Reading makes a tree of the
 * dotted names, because a server must find out how long each list is before it can read it. */

#include "slip-aws-protocol-private.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PAIRS 20000
#define MAX_DEPTH 40

struct _SlipAwsForm
{
  char *value;          /* owned; NULL when nothing was given for this very name */
  GHashTable *children; /* owned, or NULL; part of a name → SlipAwsForm */
};

void
slip_aws_form_append (GString *body, const char *name, const char *value)
{
  g_autofree char *encoded_name = slip_aws_uri_encode (name, -1, NULL);
  g_autofree char *encoded_value = slip_aws_uri_encode (value, -1, NULL);

  if (body->len > 0)
    g_string_append_c (body, '&');
  g_string_append (body, encoded_name);
  g_string_append_c (body, '=');
  g_string_append (body, encoded_value);
}

static SlipAwsForm *
form_new (void)
{
  return g_new0 (SlipAwsForm, 1);
}

void
slip_aws_form_free (SlipAwsForm *form)
{
  if (form == NULL)
    return;
  g_free (form->value);
  g_clear_pointer (&form->children, g_hash_table_unref);
  g_free (form);
}

static SlipAwsForm *
ensure_child (SlipAwsForm *form, const char *name)
{
  SlipAwsForm *child = form->children != NULL ? g_hash_table_lookup (form->children, name) : NULL;

  if (child != NULL)
    return child;
  if (form->children == NULL)
    form->children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify)slip_aws_form_free);
  child = form_new ();
  g_hash_table_insert (form->children, g_strdup (name), child);
  return child;
}

static gboolean
add_pair (SlipAwsForm *root, const char *name, char *value)
{
  g_auto (GStrv) parts = g_strsplit (name, ".", MAX_DEPTH + 1);
  SlipAwsForm *form = root;

  if (g_strv_length (parts) > MAX_DEPTH)
    {
      g_free (value);
      return FALSE;
    }
  for (char **part = parts; *part != NULL; part++)
    form = ensure_child (form, *part);
  g_free (form->value);
  form->value = value;
  return TRUE;
}

static gboolean
set_malformed (GError **error, const char *why)
{
  slip_aws_error_set_service (error, "MalformedQueryString", 400, "%s", why);
  return FALSE;
}

static gboolean
read_pair (SlipAwsForm *root, const char *start, gsize length, GError **error)
{
  const char *equals = memchr (start, '=', length);
  gsize name_length = equals != NULL ? (gsize)(equals - start) : length;
  g_autofree char *name = slip_aws_uri_decode (start, name_length, TRUE);
  char *value = equals != NULL ? slip_aws_uri_decode (equals + 1, length - name_length - 1, TRUE)
                               : g_strdup ("");

  if (name == NULL || value == NULL)
    {
      g_free (value);
      return set_malformed (error, "The query string contains a syntax error");
    }
  return add_pair (root, name, value)
         || set_malformed (error, "The query string names a member too deep");
}

SlipAwsForm *
slip_aws_form_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (SlipAwsForm) root = form_new ();
  const char *end = text + length;
  guint n = 0;

  while (text < end)
    {
      const char *stop = memchr (text, '&', end - text);
      if (stop == NULL)
        stop = end;
      if (stop > text && !read_pair (root, text, stop - text, error))
        return NULL;
      if (++n > MAX_PAIRS)
        {
          set_malformed (error, "The query string has too many parameters");
          return NULL;
        }
      text = stop + 1;
    }
  return g_steal_pointer (&root);
}

const char *
slip_aws_form_get_value (const SlipAwsForm *form)
{
  return form->value;
}

const SlipAwsForm *
slip_aws_form_get_child (const SlipAwsForm *form, const char *name)
{
  return form->children != NULL && name != NULL ? g_hash_table_lookup (form->children, name) : NULL;
}

gboolean
slip_aws_form_has_children (const SlipAwsForm *form)
{
  return form->children != NULL;
}

typedef struct
{
  gint64 number;
  SlipAwsForm *form;
} Numbered;

static int
compare_numbered (const void *a, const void *b)
{
  const Numbered *left = a;
  const Numbered *right = b;
  return left->number < right->number ? -1 : left->number > right->number;
}

GPtrArray *
slip_aws_form_list_numbered (const SlipAwsForm *form)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Numbered));
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  if (form->children == NULL)
    return list;
  g_hash_table_iter_init (&iter, form->children);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      char *end = NULL;
      Numbered numbered = {.number = g_ascii_strtoll (key, &end, 10), .form = value};
      if (end != key && *end == '\0' && numbered.number >= 0)
        g_array_append_val (found, numbered);
    }
  g_array_sort (found, compare_numbered);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (list, g_array_index (found, Numbered, i).form);
  return list;
}
