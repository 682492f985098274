/* SPDX-License-Identifier: MIT */
/* Whether an image of ECR is the one that was chosen: the tag is there, begins as this environment's tags must, and has
 * not been moved to another image since the plan. A tag that only contains `main` is not one of main's. */

#include "slip-guards.h"
#include "slip-json.h"

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

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *repository = slip_guard_input (context, "repository");
  const char *tag = slip_guard_input (context, "tag");
  const char *prefix = slip_guard_input (context, "prefix");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) image = NULL;

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
  return judge (context, tag, slip_json_node_object (image), message);
}

const SlipGuard slip_guard_image_tag = {
    .id = "image-tag",
    .title = "Image is the one that was chosen",
    .inputs = inputs,
    .evaluate = evaluate,
};
