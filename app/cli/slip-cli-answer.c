/* SPDX-License-Identifier: MIT */

/* What `slipwayctl aws` prints: pages merged as the AWS CLI merges them, in its JSON. */

#include "config.h"

#include "slip-cli-answer.h"
#include "slip-cli.h"

#include "slip-aws-http.h"
#include "slip-aws-pages.h"
#include "slip-aws-protocol.h"
#include "slip-json.h"
#include "slip-print.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* ---- policies */

/* IAM sends a policy as percent-encoded JSON in a string; the AWS CLI shows the policy. */
static JsonNode *
decode_policy (JsonNode *node)
{
  g_autofree char *text = NULL;
  JsonNode *policy;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  text = slip_aws_uri_decode (json_node_get_string (node), -1, FALSE);
  policy = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  if (policy != NULL && JSON_NODE_HOLDS_OBJECT (policy))
    return policy;
  g_clear_pointer (&policy, json_node_unref);
  return NULL;
}

static void
show_policies (JsonNode *node)
{
  static const char *const names[]
      = {"AssumeRolePolicyDocument", "Document", "PolicyDocument", NULL};
  JsonObject *object = slip_json_node_object (node);
  g_autoptr (GList) members = object != NULL ? json_object_get_members (object) : NULL;

  for (GList *name = members; name != NULL; name = name->next)
    {
      JsonNode *child = json_object_get_member (object, name->data);
      JsonNode *policy = g_strv_contains (names, name->data) ? decode_policy (child) : NULL;

      if (policy != NULL)
        json_object_set_member (object, name->data, policy);
      else
        show_policies (child);
    }
  for (guint i = 0;
       JSON_NODE_HOLDS_ARRAY (node) && i < json_array_get_length (json_node_get_array (node)); i++)
    show_policies (json_array_get_element (json_node_get_array (node), i));
}

/* ---- pages */

/* A list of results that is a member of the answer itself; lists further down stay nodes. */
static gboolean
is_list (const SlipCliAnswer *answer, const char *name)
{
  const SlipAwsMember *member
      = answer->op->output != NULL ? slip_aws_shape_find_member (answer->op->output, name) : NULL;

  return member != NULL && member->shape->type == SLIP_AWS_TYPE_LIST;
}

static GString *
text_of (SlipCliAnswer *answer, const char *name)
{
  GString *text;

  if (answer->lists == NULL)
    answer->lists = g_hash_table_new (g_str_hash, g_str_equal);
  text = g_hash_table_lookup (answer->lists, name);
  if (text == NULL)
    {
      text = g_string_new (NULL);
      g_hash_table_insert (answer->lists, (gpointer)name, text);
    }
  return text;
}

/* What is not text now: the page itself must stay as it is, it tells where the next one is. */
static JsonNode *
rest_of (const SlipCliAnswer *answer, JsonObject *page, const char *const *names)
{
  JsonObject *rest = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, page);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    if (g_strv_contains (names, name) && is_list (answer, name))
      json_object_set_array_member (rest, name, json_array_new ());
    else
      json_object_set_member (rest, name, json_node_ref (member));
  return slip_json_new_object (rest);
}

static void
take_items (SlipCliAnswer *answer, JsonObject *page, const char *name)
{
  JsonArray *items = slip_json_array (page, name);
  const char *ready = slip_json_string (page, name);
  GString *text = text_of (answer, name);

  if (ready != NULL && *ready != '\0')
    {
      if (text->len > 0)
        g_string_append_c (text, ',');
      g_string_append (text, ready);
    }
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    {
      if (text->len > 0)
        g_string_append_c (text, ',');
      slip_json_append_line (text, SLIP_AWS_TEXT_DEPTH);
      slip_json_append_text (text, json_array_get_element (items, i), SLIP_AWS_TEXT_DEPTH);
    }
}

/* Results that are nodes are kept, see SlipCliAnswer. */
static void
keep (SlipCliAnswer *answer, JsonNode *page, const char *const *names)
{
  JsonObject *object = slip_json_node_object (page);
  gboolean text = FALSE;

  for (guint i = 0; object != NULL && names != NULL && names[i] != NULL; i++)
    text |= is_list (answer, names[i]) && slip_json_string (object, names[i]) != NULL;
  if (!text)
    g_ptr_array_add (answer->kept, json_node_ref (page));
}

static void
merge (SlipCliAnswer *answer, JsonNode *rest)
{
  if (answer->whole == NULL)
    answer->whole = rest;
  else
    slip_aws_pages_merge (answer->op, answer->whole, rest);
  g_ptr_array_add (answer->kept, rest);
}

gboolean
slip_cli_answer_take_page (JsonNode *page, gpointer data, GError **error)
{
  SlipCliAnswer *answer = data;
  const SlipAwsPagination *pagination = slip_aws_operation_pagination (answer->op);
  const char *const *names = pagination != NULL ? pagination->result_keys : NULL;
  JsonObject *object = slip_json_node_object (page);

  if (answer->kept == NULL)
    answer->kept = g_ptr_array_new ();
  keep (answer, page, names);
  if (g_str_equal (answer->service, "iam"))
    show_policies (page);
  for (guint i = 0; object != NULL && names != NULL && names[i] != NULL; i++)
    if (is_list (answer, names[i]))
      take_items (answer, object, names[i]);
  merge (answer,
         names != NULL && object != NULL ? rest_of (answer, object, names) : json_node_ref (page));
  return TRUE;
}

void
slip_cli_answer_take (SlipCliAnswer *answer, JsonNode *output)
{
  if (output != NULL && g_str_equal (answer->service, "iam"))
    show_policies (output);
  answer->whole = output;
}

/* ---- printing */

/* JSON is UTF-8 whatever the locale is, so this is not for g_print(). */
static gboolean
put (const char *text)
{
  g_autofree char *safe = slip_print_escape (text);

  return fputs (safe, stdout) >= 0;
}

static gboolean
put_member (SlipCliAnswer *answer, const char *name, JsonNode *value)
{
  GString *list = answer->lists != NULL ? g_hash_table_lookup (answer->lists, name) : NULL;
  g_autoptr (JsonNode) key = slip_json_new_string (name);
  g_autofree char *quoted = slip_json_to_text (key, FALSE);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "\n  %s: ", quoted);
  if (list != NULL && list->len > 0)
    return put (text->str) && put ("[") && put (list->str) && put ("\n  ]");
  slip_json_append_text (text, value, 1);
  return put (text->str);
}

static gboolean
put_object (SlipCliAnswer *answer, JsonObject *object)
{
  gboolean ok = put ("{");
  gboolean first = TRUE;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (ok && json_object_iter_next_ordered (&iter, &name, &value))
    {
      ok = (first || put (",")) && put_member (answer, name, value);
      first = FALSE;
    }
  return ok && put (first ? "}\n" : "\n}\n");
}

int
slip_cli_answer_print (SlipCliAnswer *answer)
{
  gboolean ok;

  if (answer->kept != NULL)
    slip_aws_pages_keep_results (answer->op, answer->whole);
  if (JSON_NODE_HOLDS_OBJECT (answer->whole))
    ok = put_object (answer, json_node_get_object (answer->whole));
  else
    {
      g_autofree char *text = slip_json_to_text (answer->whole, TRUE);

      ok = put (text) && put ("\n");
    }
  return ok && fflush (stdout) == 0 ? SLIP_CLI_OK : slip_cli_fail_to_print (_ ("the answer"));
}
