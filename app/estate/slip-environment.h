/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-client.h"
#include "slip-clock.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SLIP_TYPE_ENVIRONMENT (slip_environment_get_type ())

/**
 * SlipEnvironment:
 *
 * One AWS account as an engineer calls it ("production"): account, regions, credentials profile,
 * required role, whether it is protected. Immutable, so its getters are thread-safe; the client is
 * made on first use.
 */
G_DECLARE_FINAL_TYPE (SlipEnvironment, slip_environment, SLIP, ENVIRONMENT, GObject)

/* Borrowed for the life of the environment, which never changes. */
const char *slip_environment_get_name (SlipEnvironment *self);
const char *slip_environment_get_title (SlipEnvironment *self);
const char *slip_environment_get_account (SlipEnvironment *self);
const char *slip_environment_get_alias (SlipEnvironment *self);
const char *slip_environment_get_profile (SlipEnvironment *self);
const char *slip_environment_get_role (SlipEnvironment *self);

/* Paths of the AWS CLI's files; %NULL for the usual places. */
const char *slip_environment_get_aws_config (SlipEnvironment *self);
const char *slip_environment_get_aws_credentials (SlipEnvironment *self);

/**
 * slip_environment_get_regions:
 *
 * Returns: (transfer none) (array zero-terminated=1): regions, the primary one first
 */
const char *const *slip_environment_get_regions (SlipEnvironment *self);

gboolean slip_environment_is_protected (SlipEnvironment *self);

/**
 * slip_environment_needs_pairing:
 *
 * Returns: whether every plan that changes something here must be cosigned by a second person
 */
gboolean slip_environment_needs_pairing (SlipEnvironment *self);

/**
 * slip_environment_get_endpoint_url:
 *
 * Returns: (nullable): the endpoint that stands for all of AWS, from the workspace file
 */
const char *slip_environment_get_endpoint_url (SlipEnvironment *self);

/**
 * slip_environment_is_rehearsal:
 *
 * Returns: whether the workspace says that this is a rehearsal estate
 */
gboolean slip_environment_is_rehearsal (SlipEnvironment *self);

/**
 * slip_environment_get_speed:
 *
 * Returns: how much faster than real time states change: 1 for AWS itself
 */
double slip_environment_get_speed (SlipEnvironment *self);

/**
 * slip_environment_ref_clock:
 *
 * Returns: (transfer full): the clock for waits and polls on this environment
 */
SlipClock *slip_environment_ref_clock (SlipEnvironment *self);

/**
 * SlipTerraformRoot:
 * @name: a short name, unique in its environment
 * @path: the folder of the root configuration
 * @workspace: (nullable): the Terraform workspace, the default one when not given
 *
 * A Terraform root configuration that makes things in an environment.
 */
typedef struct
{
  char *name;
  char *path;
  char *workspace;
} SlipTerraformRoot;

/**
 * slip_environment_get_terraform:
 *
 * Returns: (transfer none) (element-type SlipTerraformRoot): its Terraform roots, maybe none
 */
GPtrArray *slip_environment_get_terraform (SlipEnvironment *self);

/**
 * slip_environment_find_terraform:
 *
 * Returns: (transfer none) (nullable): the root of that name
 */
const SlipTerraformRoot *slip_environment_find_terraform (SlipEnvironment *self, const char *name);

void slip_terraform_root_free (SlipTerraformRoot *root);

/**
 * slip_environment_get_settings:
 *
 * Returns: (transfer none): free-form defaults for runbook parameters; empty when there are none.
 *   Do not change it.
 */
JsonObject *slip_environment_get_settings (SlipEnvironment *self);

/**
 * slip_environment_ref_client:
 * @self: an environment
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the shared client for reading, which stays read-only; %NULL
 *   with an error of the credentials or configuration. May read files: not on the main thread.
 */
SlipAwsClient *slip_environment_ref_client (SlipEnvironment *self, GError **error);

/**
 * slip_environment_new_client:
 * @self: an environment
 * @error: return location
 *
 * Returns: (transfer full) (nullable): a client of its own, read-only until a run unlocks it; it
 *   shares credentials and request limits with the reading one
 */
SlipAwsClient *slip_environment_new_client (SlipEnvironment *self, GError **error);

/**
 * slip_environment_peek_client:
 *
 * Returns: (transfer full) (nullable): the shared client when it was made already; never blocks
 */
SlipAwsClient *slip_environment_peek_client (SlipEnvironment *self);

/**
 * slip_environment_set_mfa_callback:
 * @self: an environment
 * @callback: (nullable): asks a person for a code; called on a worker thread
 * @data: (nullable): for @callback; must outlive the environment
 *
 * For all clients of this environment, made already or later.
 */
void
slip_environment_set_mfa_callback (SlipEnvironment *self, SlipAwsMfaFunc callback, gpointer data);

/**
 * SlipEnvironmentSpec:
 *
 * What slip_environment_new() is given; everything is copied.
 */
typedef struct
{
  const char *name;
  const char *title; /* nullable: the name */
  const char *account;
  const char *alias; /* nullable */
  const char *const *regions;
  const char *profile; /* nullable: the environment's own credentials chain */
  const char *role;    /* nullable: any principal of the account will do */
  gboolean is_protected;
  gboolean needs_pairing;
  gboolean is_rehearsal;
  double speed;                /* 0 means 1 */
  const char *endpoint_url;    /* nullable */
  const char *aws_config;      /* nullable: the usual place */
  const char *aws_credentials; /* nullable: the usual place */
  JsonObject *settings;        /* nullable */
  GPtrArray *terraform;        /* nullable, element-type SlipTerraformRoot; shared, not copied */
} SlipEnvironmentSpec;

SlipEnvironment *slip_environment_new (const SlipEnvironmentSpec *spec);

G_END_DECLS
