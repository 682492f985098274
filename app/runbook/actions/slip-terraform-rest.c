/* SPDX-License-Identifier: MIT */
/* What a plan of Terraform does that one before it, which people confirmed, did not. Addresses and
 * actions are not enough: the same update may set another value by now. */

#include "slip-terraform-rest.h"

#include "slip-json.h"
#include "slip-terraform-judge.h"
#include "slip-terraform-values.h"

/* More of them are counted only. */
#define MOST_NAMES 12

/* ---- values */

static JsonNode *
member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
same (JsonNode *a, JsonNode *b)
{
  return a == NULL || b == NULL ? a == b : slip_json_equal (a, b);
}

static gboolean
all_hold (JsonObject *names, JsonObject *confirmed, JsonObject *change)
{
  g_autoptr (GList) list = names != NULL ? json_object_get_members (names) : NULL;

  for (GList *l = list; l != NULL; l = l->next)
    {
      if (slip_terraform_is_marked (
              member (slip_json_object (confirmed, "after_unknown"), l->data)))
        continue;
      if (slip_terraform_is_marked (member (slip_json_object (change, "after_unknown"), l->data))
          || !same (member (slip_json_object (confirmed, "after"), l->data),
                    member (slip_json_object (change, "after"), l->data)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
values_hold (JsonObject *confirmed, JsonObject *change)
{
  return all_hold (slip_json_object (confirmed, "after"), confirmed, change)
         && all_hold (slip_json_object (change, "after"), confirmed, change)
         && all_hold (slip_json_object (change, "after_unknown"), confirmed, change);
}

/* ---- changes */

static gboolean
covers (JsonObject *confirmed, JsonObject *resource)
{
  JsonObject *then = slip_json_object (confirmed, "change");
  JsonObject *now = slip_json_object (resource, "change");
  const char *did = then != NULL ? slip_terraform_name_action (then) : NULL;
  const char *does = slip_terraform_name_action (now);
  const char *aside = slip_json_string (resource, "deposed");
  gboolean half;

  if (did == NULL
      || g_strcmp0 (slip_json_string (confirmed, "address"), slip_json_string (resource, "address"))
             != 0)
    return FALSE;
  half = g_str_equal (did, "replace");
  if (g_str_equal (does, "delete"))
    return aside != NULL ? half || g_strcmp0 (slip_json_string (confirmed, "deposed"), aside) == 0
                         : g_str_equal (did, "delete");
  return (g_str_equal (did, does) || (half && g_str_equal (does, "create")))
         && values_hold (then, now);
}

gboolean
slip_terraform_is_rest (JsonObject *confirmed, JsonObject *resource)
{
  JsonArray *all = slip_json_array (confirmed, "resource_changes");
  const char *action = slip_terraform_name_action (slip_json_object (resource, "change"));

  /* What is only read changes nothing. */
  if (g_strcmp0 (action, "read") == 0)
    return TRUE;
  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    if (covers (json_array_get_object_element (all, i), resource))
      return TRUE;
  return FALSE;
}

/* ---- telling */

static gboolean
is_in (JsonArray *changes, JsonObject *change)
{
  for (guint i = 0; i < json_array_get_length (changes); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (changes, i), "address"),
                   slip_json_string (change, "address"))
        == 0)
      return TRUE;
  return FALSE;
}

static void
add_names (GString *text, const char *what, GPtrArray *changes)
{
  if (changes->len == 0)
    return;
  g_string_append_printf (text, "%s%s ", text->len > 0 ? "; " : "", what);
  for (guint i = 0; i < changes->len && i < MOST_NAMES; i++)
    {
      JsonObject *change = g_ptr_array_index (changes, i);

      g_string_append_printf (text, "%s%s (%s)", i > 0 ? ", " : "",
                              slip_json_string (change, "address"),
                              slip_json_string (change, "action"));
    }
  if (changes->len > MOST_NAMES)
    g_string_append_printf (text, " and %u more", changes->len - MOST_NAMES);
}

char *
slip_terraform_describe_difference (JsonArray *before, JsonArray *now)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GPtrArray) other = g_ptr_array_new ();
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();

  for (guint i = 0; i < json_array_get_length (now); i++)
    {
      JsonObject *change = json_array_get_object_element (now, i);

      if (!slip_json_bool (change, SLIP_TERRAFORM_CONFIRMED, FALSE))
        g_ptr_array_add (other, change);
    }
  for (guint i = 0; i < json_array_get_length (before); i++)
    {
      JsonObject *change = json_array_get_object_element (before, i);

      if (!is_in (now, change))
        g_ptr_array_add (gone, change);
    }
  add_names (text, "new or different:", other);
  add_names (text, "no more in it:", gone);
  if (text->len == 0)
    g_string_append (text, "it does the same");
  return g_string_free (text, FALSE);
}
