/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipTerraformKind:
 *
 * The sub-operations of `slipway:terraform`.
 */
typedef enum
{
  SLIP_TERRAFORM_INIT,
  SLIP_TERRAFORM_WORKSPACE,
  SLIP_TERRAFORM_STATE_BACKUP,
  SLIP_TERRAFORM_STATE_LIST,
  SLIP_TERRAFORM_STATE_SHOW,
  SLIP_TERRAFORM_STATE_SEARCH,
  SLIP_TERRAFORM_STATE_REMOVE,
  SLIP_TERRAFORM_REPLACE_OBJECT,
  SLIP_TERRAFORM_PLAN,
  SLIP_TERRAFORM_APPLY,
  SLIP_TERRAFORM_OUTPUT,
  SLIP_TERRAFORM_TAINT,
  SLIP_TERRAFORM_UNTAINT,
} SlipTerraformKind;

/**
 * SlipTerraformOperation:
 * @name: as in the input `Operation`
 * @kind: it
 * @changes: whether it changes state or infrastructure
 * @rule: its resume rule
 * @needs: (array zero-terminated=1): inputs that it must have
 * @takes: (array zero-terminated=1): inputs that it may have, besides those of all
 *
 * What a sub-operation is like.
 */
typedef struct
{
  const char *name;
  SlipTerraformKind kind;
  gboolean changes;
  const char *rule;
  const char *needs[4];
  const char *takes[8];
} SlipTerraformOperation;

/**
 * slip_terraform_find:
 * @name: (nullable): the input `Operation`
 *
 * Returns: (transfer none) (nullable): the sub-operation
 */
const SlipTerraformOperation *slip_terraform_find (const char *name);

/**
 * slip_terraform_list_names:
 *
 * Returns: (transfer full): all names, for people
 */
char *slip_terraform_list_names (void);

/**
 * slip_terraform_commands:
 * @operation: a sub-operation
 * @inputs: the step's inputs
 * @plan_file: path of the plan file, for those that make or apply one
 *
 * Builds what is run, the same for the plan and for the run; no shell takes part, and no secret.
 *
 * Returns: (transfer full) (element-type GStrv): the arguments of one call of terraform after another
 */
GPtrArray *slip_terraform_commands (const SlipTerraformOperation *operation,
                                    JsonObject *inputs,
                                    const char *plan_file);

G_END_DECLS
