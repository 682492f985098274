/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SLIP_MANAGED_POLICY_PREFIX "arn:aws:iam::aws:policy/"

/**
 * SlipManagedPolicy:
 * @name: such as `ReadOnlyAccess`
 * @path: in front of the name in its ARN: `/`, `/service-role/`
 * @id: `ANPA…`
 * @description: AWS's words
 * @actions: (array zero-terminated=1): what it allows on all resources
 * @except: (nullable) (array zero-terminated=1): what it leaves out of everything (NotAction)
 *
 * A policy that AWS manages, in the small: what it allows, not all of its statements.
 */
typedef struct
{
  const char *name;
  const char *path;
  const char *id;
  const char *description;
  const char *const *actions;
  const char *const *except;
} SlipManagedPolicy;

/**
 * slip_managed_policies_find:
 * @name_or_arn: a name or an ARN
 *
 * Returns: (transfer none) (nullable): the policy
 */
const SlipManagedPolicy *slip_managed_policies_find (const char *name_or_arn);

/**
 * slip_managed_policies_get:
 * @index: from 0
 *
 * Returns: (transfer none) (nullable): one after another in the order of their names, then %NULL
 */
const SlipManagedPolicy *slip_managed_policies_get (guint index);

/**
 * slip_managed_policies_dup_arn:
 *
 * Returns: (transfer full): the policy's ARN
 */
char *slip_managed_policies_dup_arn (const SlipManagedPolicy *policy);

/**
 * slip_managed_policies_get_document:
 *
 * Returns: (transfer none): the policy's document; the same node each time
 */
JsonNode *slip_managed_policies_get_document (const SlipManagedPolicy *policy);

G_END_DECLS
