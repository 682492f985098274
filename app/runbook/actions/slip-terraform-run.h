/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-local.h"
#include "slip-terraform-request.h"

G_BEGIN_DECLS

/**
 * SlipTerraform:
 * @context: the step under way
 * @operation: its sub-operation
 * @program: the program
 * @directory: where it runs
 * @envp: its environment, with credentials
 *
 * Terraform at work for one step.
 */
typedef struct
{
  SlipRunContext *context;
  const SlipTerraformOperation *operation;
  char *program;
  char *directory;
  char **envp;
} SlipTerraform;

/**
 * SLIP_TERRAFORM_EXIT_CHANGES:
 *
 * With `-detailed-exitcode`: it went well, and there are changes.
 */
#define SLIP_TERRAFORM_EXIT_CHANGES 2

/**
 * slip_terraform_run_once:
 * @self: Terraform
 * @words: (array zero-terminated=1): its arguments
 * @change: whether this call changes something
 * @ok: exit status, besides 0, that is well; 0 for none
 * @result: (out): how it ended
 * @error: return location
 *
 * Runs it once, whatever is locked.
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_FAILED, with what Terraform said
 */
gboolean slip_terraform_run_once (SlipTerraform *self,
                                  const char *const *words,
                                  gboolean change,
                                  int ok,
                                  SlipProcessResult *result,
                                  GError **error);

/**
 * slip_terraform_run:
 * @self: Terraform
 * @words: (array zero-terminated=1): its arguments
 * @change: whether this call changes something
 * @ok: exit status, besides 0, that is well; 0 for none
 * @result: (out): how it ended
 * @error: return location
 *
 * Runs it. A lock that an earlier process of this very step left is waited for or released, see
 * slip_terraform_lock_yields().
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_FAILED, with what Terraform said and, when the state is locked,
 *   who holds it since when
 */
gboolean slip_terraform_run (SlipTerraform *self,
                             const char *const *words,
                             gboolean change,
                             int ok,
                             SlipProcessResult *result,
                             GError **error);

/**
 * slip_terraform_read_json:
 * @self: Terraform
 * @words: (array zero-terminated=1): arguments of a call that prints one JSON value
 * @error: return location
 *
 * Returns: (transfer full): the value; it may hold secrets
 */
JsonNode *slip_terraform_read_json (SlipTerraform *self, const char *const *words, GError **error);

/**
 * slip_terraform_find_in:
 * @state: `{values: {root_module}}`, as `terraform show -json` prints a state, and a plan the state before
 * @address: an address
 *
 * Returns: (transfer none) (nullable): the resource, in whatever module
 */
JsonObject *slip_terraform_find_in (JsonObject *state, const char *address);

/**
 * slip_terraform_find_object:
 * @self: Terraform
 * @address: an address in the state
 * @found: (out) (transfer full) (nullable): the resource as `terraform show -json` has it, or %NULL when
 *   the state has none
 * @error: return location
 *
 * Returns: %FALSE when the state cannot be read
 */
gboolean slip_terraform_find_object (SlipTerraform *self,
                                     const char *address,
                                     JsonObject **found,
                                     GError **error);

/**
 * slip_terraform_backup:
 * @self: Terraform
 * @path: where to
 * @data: (transfer none): gets `File`, `Serial`, `Lineage` and `Sha256`
 * @error: return location
 *
 * Pulls the state into a file with mode 0600.
 */
gboolean
slip_terraform_backup (SlipTerraform *self, const char *path, JsonObject *data, GError **error);

/**
 * slip_terraform_check_workspace:
 * @self: Terraform
 * @error: return location
 *
 * Returns: %FALSE when the step names a workspace and Terraform is in another
 */
gboolean slip_terraform_check_workspace (SlipTerraform *self, GError **error);

/* The sub-operations with files of their own. */
gboolean slip_terraform_plan (SlipTerraform *self, GError **error);
gboolean slip_terraform_apply (SlipTerraform *self, GError **error);
gboolean slip_terraform_replace_object (SlipTerraform *self, GError **error);
gboolean slip_terraform_remove_object (SlipTerraform *self, GError **error);
gboolean slip_terraform_search (SlipTerraform *self, GError **error);

/**
 * slip_terraform_holds_name:
 * @value: a value of the state
 * @name: a name
 *
 * Returns: whether @value holds @name as a whole: `table/api` holds `api`, `table/api-2026` does not
 */
gboolean slip_terraform_holds_name (const char *value, const char *name);

/**
 * slip_terraform_make_plan:
 * @self: Terraform
 * @inputs: the inputs of a plan step, resolved
 * @plan_file: where the plan goes
 * @confirmed: (nullable): a plan that was confirmed before, as slip_terraform_show_plan() tells it
 * @result: (out) (transfer full): `{PlanFile, Sha256, HasChanges, Changes, Unexpected}`
 * @error: return location
 *
 * Plans, reads the plan and judges it by the inputs' rules. Each of the changes tells, when there is
 * a @confirmed plan, whether it is part of that.
 */
gboolean slip_terraform_make_plan (SlipTerraform *self,
                                   JsonObject *inputs,
                                   const char *plan_file,
                                   JsonNode *confirmed,
                                   JsonObject **result,
                                   GError **error);

/**
 * slip_terraform_show_plan:
 * @self: Terraform
 * @plan_file: a plan
 * @error: return location
 *
 * Returns: (transfer full): what `terraform show -json` prints of it; it may hold secrets
 */
JsonNode *slip_terraform_show_plan (SlipTerraform *self, const char *plan_file, GError **error);

/**
 * slip_terraform_digest:
 * @path: a plan
 * @error: return location
 *
 * Returns: (transfer full): its SHA-256
 */
char *slip_terraform_digest (const char *path, GError **error);

/**
 * slip_terraform_describe_plan:
 * @plan: as slip_terraform_make_plan() makes it
 *
 * Returns: (transfer full): one line for people
 */
char *slip_terraform_describe_plan (JsonObject *plan);

/**
 * slip_terraform_prepare:
 * @self: Terraform; its context is set
 * @error: return location
 *
 * Finds folder and program, and lends credentials; once more, when somebody was waited for meanwhile.
 */
gboolean slip_terraform_prepare (SlipTerraform *self, GError **error);

G_END_DECLS
