/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-kms-world.h"
#include "slip-services-list.h"

G_BEGIN_DECLS

#define KMS_KEY "kms.key"
#define KMS_ALIAS "kms.alias"
#define KMS_MATERIAL "kms.material"

/* Who may use which key, in slip-kms-world.c: */

const char *slip_kms_key_arn (const SlipWorldRecord *key);

/* Finds the key a caller names and checks that he may do this with it; sets AWS's error otherwise. */
const SlipWorldRecord *slip_kms_need_key (SlipServiceContext *ctx,
                                          const char *key_id,
                                          gboolean alias_allowed,
                                          GError **error);

/* As slip_kms_need_key(), and the key must be enabled. */
const SlipWorldRecord *
slip_kms_need_usable_key (SlipServiceContext *ctx, const char *key_id, GError **error);

/* Makes a customer's key with fresh material, or AWS's own for a service. Returns its id. */
char *slip_kms_make_key (SlipWorld *world,
                         const char *account,
                         const char *region,
                         const char *id,
                         const char *description,
                         const char *policy,
                         gboolean aws_managed);

void slip_kms_put_alias (SlipWorld *world,
                         const char *account,
                         const char *region,
                         const char *name,
                         const char *key_id);

char *slip_kms_default_policy (const char *account, JsonArray *usable_by);

/* One page of a list, with Truncated and NextMarker. @items is taken over. */
JsonNode *slip_kms_page (JsonObject *input, const char *member, JsonArray *items, GError **error);

/* slip-kms-seed.c */
void slip_kms_prepare (SlipWorld *world, const char *account, const char *region);
gboolean slip_kms_seed (const SlipSeed *seed, GError **error);

/* Functions of the operations, by file: */

/* slip-kms-alias.c */
JsonNode *slip_kms_create_alias (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_update_alias (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_delete_alias (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_list_aliases (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-kms-grants.c */
JsonNode *slip_kms_create_grant (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_list_grants (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *
slip_kms_list_retirable_grants (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_revoke_grant (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_retire_grant (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-kms-crypto.c */
JsonNode *slip_kms_encrypt (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_decrypt (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_re_encrypt (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_generate_data_key (SlipServiceContext *ctx, JsonObject *input, GError **error);
JsonNode *slip_kms_generate_data_key_without_plaintext (SlipServiceContext *ctx,
                                                        JsonObject *input,
                                                        GError **error);
JsonNode *slip_kms_generate_random (SlipServiceContext *ctx, JsonObject *input, GError **error);

G_END_DECLS
