/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

#define ECR_REPOSITORY "ecr.repository"
/* `REPOSITORY\tDIGEST` */
#define ECR_IMAGE "ecr.image"
#define ECR_MANIFEST_TYPE "application/vnd.docker.distribution.manifest.v2+json"

typedef JsonNode *SlipEcrFunc (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-ecr.c: the repository that the input names as @name, in its own registry. */
const SlipWorldRecord *slip_ecr_need_repository (SlipServiceContext *ctx,
                                                 JsonObject *input,
                                                 const char *name,
                                                 GError **error);

/* An output of one member (transfer full). */
JsonNode *slip_ecr_wrap (const char *member, JsonObject *value);

/* slip-ecr-images.c */
SlipEcrFunc slip_ecr_put_image, slip_ecr_list_images, slip_ecr_describe_images, slip_ecr_batch_get,
    slip_ecr_batch_delete;

/* Returns: (element-type SlipWorldRecord): of one repository, by digest */
GPtrArray *slip_ecr_list_records (SlipServiceContext *ctx, const char *repository);
JsonObject *slip_ecr_new_image (SlipWorld *world, const char *manifest, const char *media_type);
void slip_ecr_put_record (SlipWorld *world,
                          const char *account,
                          const char *region,
                          const char *repository,
                          const char *digest,
                          JsonObject *data);

G_END_DECLS
