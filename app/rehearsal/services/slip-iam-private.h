/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-principals.h"
#include "slip-services-list.h"

G_BEGIN_DECLS

/* slip-iam.c: what the files share. */

/* IAM's refusals of something that is not there, in its own words. */
gpointer slip_iam_no_entity (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* A page of @items by Marker and MaxItems; sets IsTruncated and Marker beside @member. @items are
 * objects, taken over; pages are counted from the front, as nothing else orders them. */
JsonNode *slip_iam_page (JsonObject *input, const char *member, JsonArray *items, GError **error);

/* Copies the members that are there. */
void slip_iam_copy (JsonObject *to, JsonObject *from, const char *const *members);

/* Documents travel URL-encoded. */
void slip_iam_set_document (JsonObject *object, const char *member, const char *document);

/* Refuses a document that IAM would not take. */
gboolean slip_iam_check_document (const char *text, gboolean with_principal, GError **error);

/* Paths begin and end with a slash; NULL is "/". */
gboolean slip_iam_check_path (const char *path, GError **error);
gboolean slip_iam_check_name (const char *name, const char *member, GError **error);

/* Finds the role or user that an operation names, or sets NoSuchEntity. The role's name is in
 * RoleName, the user's in UserName; a user may leave it out and means himself. */
const SlipWorldRecord *slip_iam_need (SlipServiceContext *ctx, JsonObject *input, GError **error);

JsonObject *slip_iam_edit (SlipServiceContext *ctx, const SlipWorldRecord *record);

/* Takes @data over. */
void slip_iam_put (SlipServiceContext *ctx, const SlipWorldRecord *record, JsonObject *data);

JsonNode *slip_iam_tag (SlipServiceContext *ctx, const SlipWorldRecord *record, JsonObject *input);
JsonNode *
slip_iam_untag (SlipServiceContext *ctx, const SlipWorldRecord *record, JsonObject *input);
JsonNode *slip_iam_list_tags (const SlipWorldRecord *record, JsonObject *input, GError **error);

typedef JsonNode *SlipIamFunc (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-iam-roles.c */
SlipIamFunc slip_iam_create_role, slip_iam_get_role, slip_iam_list_roles, slip_iam_delete_role,
    slip_iam_update_role, slip_iam_update_trust, slip_iam_tag_role, slip_iam_untag_role,
    slip_iam_list_role_tags, slip_iam_list_profiles;

/* slip-iam-users.c */
SlipIamFunc slip_iam_get_user, slip_iam_list_users, slip_iam_list_user_tags,
    slip_iam_list_groups_for_user, slip_iam_list_aliases, slip_iam_list_mfa_devices;

/* slip-iam-policies.c */
SlipIamFunc slip_iam_create_policy, slip_iam_get_policy, slip_iam_list_policies,
    slip_iam_delete_policy, slip_iam_create_version, slip_iam_get_version, slip_iam_list_versions,
    slip_iam_delete_version, slip_iam_set_default_version, slip_iam_tag_policy,
    slip_iam_untag_policy, slip_iam_list_policy_tags, slip_iam_list_entities;

/* Makes a customer managed policy; @document was checked. */
void slip_iam_make_policy (SlipWorld *world,
                           const char *account,
                           const char *name,
                           const char *path,
                           const char *description,
                           const char *document,
                           JsonArray *tags);

/* Whether there is a policy with this ARN, AWS's or the account's. */
gboolean slip_iam_has_policy (SlipServiceContext *ctx, const char *arn);

/* slip-iam-attach.c: inline and attached policies of roles and users */
SlipIamFunc slip_iam_put_inline, slip_iam_get_inline, slip_iam_list_inline, slip_iam_delete_inline,
    slip_iam_attach, slip_iam_detach, slip_iam_list_attached;

/* slip-iam-simulate.c */
SlipIamFunc slip_iam_simulate_principal, slip_iam_simulate_custom;

/* slip-iam-seed.c */
gboolean slip_iam_seed (const SlipSeed *seed, GError **error);

G_END_DECLS
