/* SPDX-License-Identifier: MIT */

/* Single members of a resource's answer. Lists keep compact texts instead of trees, and a cell needs
 * one member of one row: a scan of a few hundred bytes. */

#include "config.h"

#include "slip-resource-text.h"

#include <string.h>

#include "slip-json.h"

static const char *
skip_string (const char *p)
{
  for (p++; *p != '\0' && *p != '"'; p++)
    if (*p == '\\' && *++p == '\0')
      return p;
  return *p == '"' ? p + 1 : p;
}

static const char *
skip_value (const char *p)
{
  guint depth = 0;

  for (; *p != '\0'; p++)
    {
      if (*p == '"')
        {
          p = skip_string (p) - 1;
          if (p[1] == '\0')
            return p + 1;
        }
      else if (*p == '{' || *p == '[')
        depth++;
      else if (*p == '}' || *p == ']')
        {
          if (depth == 0)
            return p;
          depth--;
        }
      else if (*p == ',' && depth == 0)
        return p;
    }
  return p;
}

static char *
dup_value (const char *start, const char *end)
{
  g_autofree char *slice = g_strndup (start, end - start);
  g_autoptr (JsonNode) node = NULL;

  if (start[0] == '{' || start[0] == '[' || g_str_equal (slice, "null"))
    return NULL;
  if (start[0] != '"')
    return g_steal_pointer (&slice);
  if (memchr (slice, '\\', strlen (slice)) == NULL)
    return end - start >= 2 ? g_strndup (start + 1, end - start - 2) : NULL;
  node = slip_json_parse (slice, -1, NULL);
  return node != NULL ? json_node_dup_string (node) : NULL;
}

char *
slip_json_text_dup_member (const char *text, const char *name)
{
  gsize length;
  const char *p;

  g_return_val_if_fail (text != NULL && name != NULL, NULL);

  length = strlen (name);
  p = text[0] == '{' ? text + 1 : "";
  while (*p == '"')
    {
      const char *member = p + 1;
      const char *value = skip_string (p);
      gsize member_length;

      if (*value != ':')
        return NULL;
      member_length = value - 1 - member;
      value++;
      p = skip_value (value);
      if (member_length == length && memcmp (member, name, length) == 0)
        return dup_value (value, p);
      if (*p == ',')
        p++;
    }
  return NULL;
}

char *
slip_resource_dup_member (SlipResource *resource, const char *name)
{
  g_return_val_if_fail (SLIP_IS_RESOURCE (resource), NULL);
  return slip_json_text_dup_member (slip_resource_get_text (resource), name);
}

const char *
slip_resource_get_key (SlipResource *resource)
{
  static GQuark quark;
  const char *key;
  g_autofree char *found = NULL;

  g_return_val_if_fail (SLIP_IS_RESOURCE (resource), NULL);

  if (quark == 0)
    quark = g_quark_from_static_string ("slip-resource-key");
  key = g_object_get_qdata (G_OBJECT (resource), quark);
  if (key != NULL)
    return key[0] != '\0' ? key : NULL;

  found = slip_resource_dup_member (resource, "KmsKeyId");
  key = g_intern_string (found != NULL ? found : "");
  g_object_set_qdata (G_OBJECT (resource), quark, (gpointer)key);
  return key[0] != '\0' ? key : NULL;
}
