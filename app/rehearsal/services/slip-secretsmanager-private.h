/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

#define SM_SECRET "secretsmanager.secret"
#define SM_VERSION "secretsmanager.version"

#define SM_CURRENT "AWSCURRENT"
#define SM_PREVIOUS "AWSPREVIOUS"

/* slip-secretsmanager-store.c: secrets and their versions in the world. */

/* Finds the secret a caller names (name, ARN, ARN without its random end) and checks that he may do
 * this with it; sets AWS's error otherwise. @deleted tells whether one marked for deletion counts. */
const SlipWorldRecord *
slip_secret_need (SlipServiceContext *ctx, const char *secret_id, gboolean deleted, GError **error);

JsonObject *slip_secret_edit (SlipServiceContext *ctx, const SlipWorldRecord *secret);

/* Writes a secret back. Takes @data over. */
void slip_secret_put (SlipServiceContext *ctx, const SlipWorldRecord *secret, JsonObject *data);

/* Makes a secret without a version. @data gets ARN, Name and dates, and is taken over. */
const SlipWorldRecord *slip_secret_make (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonObject *data);

/* Adds a version, or finds that it is there already with the same content. @stages NULL means
 * AWSCURRENT. Returns FALSE with an error when the id is taken by another content. */
gboolean slip_secret_add_version (SlipWorld *world,
                                  const SlipWorldRecord *secret,
                                  const char *version_id,
                                  const char *text,
                                  const char *binary,
                                  JsonArray *stages,
                                  GError **error);

const SlipWorldRecord *
slip_secret_get_version (SlipWorld *world, const SlipWorldRecord *secret, const char *version_id);

/* Returns: (transfer none) (nullable): the id of the version with a stage */
const char *slip_secret_find_stage (const SlipWorldRecord *secret, const char *stage);

/* Takes a stage from the version that has it and gives it to another, or to none. AWSCURRENT leaves
 * AWSPREVIOUS behind. */
void slip_secret_move_stage (JsonObject *secret, const char *stage, const char *to_version);

void
slip_secret_remove (SlipWorld *world, const char *account, const char *region, const char *name);

/* slip-secretsmanager-list.c */
JsonNode *slip_secret_list (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_list_versions (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-secretsmanager-password.c */
JsonNode *slip_secret_random_password (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-secretsmanager-config.c: policies, rotation, tags */
JsonNode *slip_secret_get_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_put_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_delete_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_validate_policy (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_rotate (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_cancel_rotate (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_tag (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_secret_untag (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-secretsmanager-seed.c */
gboolean slip_secret_seed (const SlipSeed *seed, GError **error);

gboolean slip_secret_check_name (const char *name, GError **error);

/* An output with ARN and Name. */
JsonObject *slip_secret_new_output (const SlipWorldRecord *secret);

G_END_DECLS
