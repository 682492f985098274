/* SPDX-License-Identifier: MIT */
/* Whether an image of ECR is the one that was chosen: the tag is there, begins as this environment's tags must, and has
 * not been moved to another image since the plan. A tag that only contains `main` is not one of main's. That a newer image
 * bears such a tag is a warning, since an older one may be meant. */

#include "slip-clock.h"
#include "slip-guards.h"
#include "slip-json.h"
#include "slip-runbook-error.h"

#define PAGE 1000
/* More pages than any repository has; a service that never ends is not believed. */
#define MAX_PAGES 100

/* `prefix`: what the tag must begin with, `production-`; `digest`: what it was when the plan was made. */
static const char *const inputs[] = {"repository", "tag", "prefix?", "digest?", NULL};

static JsonNode *
describe (SlipGuardContext *context, const char *repository, const char *tag, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  JsonObject *id = json_object_new ();
  JsonArray *ids = json_array_new ();

  json_object_set_string_member (id, "imageTag", tag);
  json_array_add_object_element (ids, id);
  json_object_set_string_member (input, "repositoryName", repository);
  json_object_set_array_member (input, "imageIds", ids);
  return slip_guard_call (context, "ecr", "DescribeImages", input, error);
}

static SlipGuardState
judge (SlipGuardContext *context, const char *tag, JsonObject *image, char **message)
{
  const char *digest = slip_json_string (image, "imageDigest");
  const char *planned = slip_guard_input (context, "digest");
  const char *pushed = slip_json_string (image, "imagePushedAt");
  g_autofree char *age = pushed != NULL ? slip_guard_age (context, pushed) : NULL;

  if (digest == NULL || !g_str_has_prefix (digest, "sha256:"))
    {
      *message = g_strdup_printf ("ECR does not tell the digest of the image with tag %s", tag);
      return SLIP_GUARD_UNPROVABLE;
    }
  if (planned != NULL && !g_str_equal (planned, digest))
    {
      *message
          = g_strdup_printf ("tag %s was moved: it was %s and is %s. Find out who pushed what, "
                             "then plan again",
                             tag, planned, digest);
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup_printf ("%s is %s%s%s", tag, digest, age != NULL ? ", " : "",
                              age != NULL ? age : "");
  return SLIP_GUARD_PASS;
}

/* ---- what else there is */

typedef struct
{
  const char *digest; /* of the image that was chosen */
  const char *prefix;
  gint64 pushed; /* of the newest so far */
  char *tag;     /* owned; its tag, or NULL */
  char *time;    /* owned */
} Newest;

static void
newest_clear (Newest *newest)
{
  g_free (newest->tag);
  g_free (newest->time);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Newest, newest_clear)

static void
take_image (Newest *newest, JsonObject *image)
{
  JsonArray *tags = slip_json_array (image, "imageTags");
  const char *pushed = slip_json_string (image, "imagePushedAt");
  gint64 time;

  if (pushed == NULL || !slip_time_parse (pushed, &time) || time <= newest->pushed
      || g_strcmp0 (slip_json_string (image, "imageDigest"), newest->digest) == 0)
    return;
  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++)
    {
      const char *tag = slip_json_node_string (json_array_get_element (tags, i));

      if (tag == NULL || !g_str_has_prefix (tag, newest->prefix))
        continue;
      newest_clear (newest);
      newest->pushed = time;
      newest->tag = g_strdup (tag);
      newest->time = g_strdup (pushed);
      return;
    }
}

static gboolean
find_newest (SlipGuardContext *context, Newest *newest, GError **error)
{
  g_autofree char *token = NULL;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autoptr (JsonObject) input = json_object_new ();
      g_autoptr (JsonNode) output = NULL;
      JsonArray *images;

      json_object_set_string_member (input, "repositoryName",
                                     slip_guard_input (context, "repository"));
      json_object_set_int_member (input, "maxResults", PAGE);
      if (token != NULL)
        json_object_set_string_member (input, "nextToken", token);
      output = slip_guard_call (context, "ecr", "DescribeImages", input, error);
      if (output == NULL)
        return FALSE;
      images = slip_json_array (slip_json_node_object (output), "imageDetails");
      for (guint i = 0; images != NULL && i < json_array_get_length (images); i++)
        if (slip_json_node_object (json_array_get_element (images, i)) != NULL)
          take_image (newest, json_array_get_object_element (images, i));
      g_free (token);
      token = g_strdup (slip_json_string (slip_json_node_object (output), "nextToken"));
      if (token == NULL)
        return TRUE;
    }
  g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                       "ECR lists images without an end");
  return FALSE;
}

/* Of an image that passes. */
static SlipGuardState
judge_age (SlipGuardContext *context, JsonObject *image, char **message)
{
  const char *pushed = slip_json_string (image, "imagePushedAt");
  g_auto (Newest) newest = {.digest = slip_json_string (image, "imageDigest"),
                            .prefix = slip_guard_input (context, "prefix")};
  g_autoptr (GError) error = NULL;
  g_autofree char *age = NULL;
  g_autofree char *before = *message;

  *message = NULL;
  if (pushed == NULL || !slip_time_parse (pushed, &newest.pushed))
    {
      *message = g_strdup_printf ("%s; when it was pushed, ECR does not tell", before);
      return SLIP_GUARD_UNPROVABLE;
    }
  if (!find_newest (context, &newest, &error))
    return slip_guard_unprovable (message, "whether there is a newer image", error);
  if (newest.tag == NULL)
    {
      *message = g_steal_pointer (&before);
      return SLIP_GUARD_PASS;
    }
  age = slip_guard_age (context, newest.time);
  *message = g_strdup_printf ("%s, and %s is newer, %s. Choose that one, unless the older image "
                              "is meant",
                              before, newest.tag, age);
  return SLIP_GUARD_WARN;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *repository = slip_guard_input (context, "repository");
  const char *tag = slip_guard_input (context, "tag");
  const char *prefix = slip_guard_input (context, "prefix");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) image = NULL;
  SlipGuardState state;

  if (repository == NULL || tag == NULL)
    {
      *message = g_strdup ("no image is named");
      return SLIP_GUARD_BLOCK;
    }
  if (prefix != NULL && !g_str_has_prefix (tag, prefix))
    {
      *message = g_strdup_printf ("tag %s does not begin with %s, as tags of this environment do. "
                                  "Choose one that does",
                                  tag, prefix);
      return SLIP_GUARD_BLOCK;
    }
  output = describe (context, repository, tag, &error);
  if (slip_aws_error_has_code (error, "ImageNotFoundException")
      || slip_aws_error_has_code (error, "RepositoryNotFoundException"))
    {
      *message = g_strdup_printf ("there is no image with tag %s in repository %s of %s", tag,
                                  repository, context->region);
      return SLIP_GUARD_BLOCK;
    }
  if (output == NULL)
    return slip_guard_unprovable (message, "which image the tag is of", error);
  image = slip_json_select (output, "$.imageDetails[0]", NULL);
  if (image == NULL || slip_json_node_object (image) == NULL)
    {
      *message = g_strdup_printf ("ECR shows no image with tag %s", tag);
      return SLIP_GUARD_UNPROVABLE;
    }
  state = judge (context, tag, slip_json_node_object (image), message);
  return state == SLIP_GUARD_PASS && prefix != NULL
             ? judge_age (context, slip_json_node_object (image), message)
             : state;
}

const SlipGuard slip_guard_image_tag = {
    .id = "image-tag",
    .title = "Image is the one that was chosen",
    .inputs = inputs,
    .evaluate = evaluate,
};
