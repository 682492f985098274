/* SPDX-License-Identifier: MIT */
/* slipway:editSecret while running: reads the current version, changes the named members and no other,
 * and puts that as a new version under an idempotency token. The version of before keeps the label
 * AWSPREVIOUS, which is how it is undone. The value lives in memory for as long as the step. */

#include "slip-run-engine.h"

#include "slip-json.h"

typedef struct
{
  char *version;
  JsonNode *value; /* the secret as JSON */
} Secret;

static void
secret_clear (Secret *secret)
{
  g_clear_pointer (&secret->version, g_free);
  g_clear_pointer (&secret->value, json_node_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Secret, secret_clear)

/* What the secret holds must not stand in an error either. */
static gboolean
refuse (SlipRunContext *context, const char *why, GError **error)
{
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "secret %s %s",
               slip_json_string (context->inputs, "SecretId"), why);
  return FALSE;
}

static gboolean
read_stage (SlipRunContext *context, const char *stage, Secret *secret, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  g_autoptr (JsonNode) answer = NULL;
  JsonObject *found;
  const char *text;

  json_object_set_string_member (input, "SecretId", slip_json_string (context->inputs, "SecretId"));
  json_object_set_string_member (input, "VersionStage", stage);
  answer = slip_run_engine_read (context, "secretsmanager", "GetSecretValue", node,
                                 SLIP_AWS_PRIORITY_RUN, error);
  if (answer == NULL)
    return FALSE;
  found = json_node_get_object (answer);
  text = slip_json_string (found, "SecretString");
  secret->version = g_strdup (slip_json_string (found, "VersionId"));
  secret->value = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  if (secret->version != NULL && slip_json_node_object (secret->value) != NULL)
    return TRUE;
  return refuse (context,
                 "holds no JSON object, so that its members cannot be changed. Change it by "
                 "hand",
                 error);
}

/* Whether all members are as they should be. */
static gboolean
is_as_desired (JsonObject *set, JsonObject *value)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, set);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!json_object_has_member (value, name)
        || !slip_json_equal (json_object_get_member (value, name), node))
      return FALSE;
  return TRUE;
}

/* A member that is not there would be a misspelling, and whoever reads the secret would not see it. */
static char *
find_stranger (JsonObject *set, JsonObject *value)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init_ordered (&iter, set);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (!json_object_has_member (value, name))
      return g_strdup (name);
  return NULL;
}

static char *
edit (JsonObject *set, JsonNode *value)
{
  g_autoptr (JsonNode) edited = slip_json_copy (value);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, set);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (json_node_get_object (edited), name, slip_json_copy (node));
  return slip_json_to_text (edited, FALSE);
}

static gboolean
put (SlipRunContext *context, JsonObject *set, Secret *before, GError **error)
{
  JsonObject *request = slip_json_node_object (context->request);
  g_autofree char *stranger = find_stranger (set, json_node_get_object (before->value));
  g_autofree char *text = NULL;

  if (stranger != NULL)
    {
      g_autofree char *why = g_strdup_printf ("has no member %s to change", stranger);

      return refuse (context, why, error);
    }
  text = edit (set, before->value);
  json_object_set_string_member (request, "SecretString", text);
  return slip_run_send (context, error);
}

/* The new version is the current one, the one of before is kept. */
static gboolean
verify (SlipRunContext *context, JsonObject *set, const char *before, GError **error)
{
  g_auto (Secret) now = {0};
  g_auto (Secret) kept = {0};

  if (!read_stage (context, "AWSCURRENT", &now, error))
    return FALSE;
  if (!is_as_desired (set, json_node_get_object (now.value)))
    return refuse (context,
                   "was changed by somebody else meanwhile: it does not hold what this step "
                   "put there. Find out who, then resume",
                   error);
  if (!read_stage (context, "AWSPREVIOUS", &kept, error))
    {
      g_prefix_error (error, "the version of before cannot be read: ");
      return FALSE;
    }
  if (before != NULL && g_strcmp0 (kept.version, before) != 0)
    return refuse (context,
                   "has another version of before than the one that was changed: somebody "
                   "wrote to it meanwhile. Compare the versions, then resume",
                   error);
  if (context->outputs == NULL)
    context->outputs = json_object_new ();
  json_object_set_string_member (context->outputs, "VersionId", now.version);
  json_object_set_string_member (context->outputs, "PreviousVersionId", kept.version);
  return TRUE;
}

/* `Set`, and of `SetIfThere` what this secret has. */
static JsonObject *
choose_members (SlipRunContext *context, JsonObject *value)
{
  static const char *const inputs[] = {"Set", "SetIfThere"};
  JsonObject *chosen = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      JsonObject *told = slip_json_object (context->inputs, inputs[i]);
      g_autoptr (GList) names = told != NULL ? json_object_get_members (told) : NULL;

      for (GList *l = names; l != NULL; l = l->next)
        if (i == 0 || json_object_has_member (value, l->data))
          json_object_set_member (chosen, l->data,
                                  json_node_ref (json_object_get_member (told, l->data)));
    }
  return chosen;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  g_autoptr (JsonObject) set = NULL;
  g_auto (Secret) before = {0};

  if (!read_stage (context, "AWSCURRENT", &before, error))
    return FALSE;
  set = choose_members (context, json_node_get_object (before.value));
  if (!is_as_desired (set, json_node_get_object (before.value)))
    return put (context, set, &before, error) && verify (context, set, before.version, error);
  /* Ours when it was sent before and the answer was lost; else nobody changed anything. */
  context->changed = context->step->sends > 0;
  context->outcome = context->changed ? "adopted" : "unchanged";
  context->detail = g_strdup ("it is as it should be");
  if (context->changed)
    return verify (context, set, NULL, error);
  context->outputs = json_object_new ();
  json_object_set_string_member (context->outputs, "VersionId", before.version);
  return TRUE;
}

const SlipRunAction slip_run_action_edit_secret = {
    .name = "slipway:editSecret",
    .run = run,
};
