/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-terraform-run.h"

G_BEGIN_DECLS

/**
 * SlipTerraformLock:
 * @id: what releases it
 * @who: user@host of the Terraform that took it
 * @what: its operation, `OperationTypePlan`
 * @since: when, as Terraform writes it; UTC
 *
 * A lock of a state, as Terraform tells it when it cannot have it.
 */
typedef struct
{
  char *id;
  char *who;
  char *what;
  char *since;
} SlipTerraformLock;

/**
 * SlipTerraformHolder:
 * @SLIP_TERRAFORM_HOLDER_OTHER: it cannot be shown to be ours
 * @SLIP_TERRAFORM_HOLDER_ALIVE: it may be ours, and this user still runs Terraform
 * @SLIP_TERRAFORM_HOLDER_DEAD: this step's own Terraform took it and is gone
 */
typedef enum
{
  SLIP_TERRAFORM_HOLDER_OTHER,
  SLIP_TERRAFORM_HOLDER_ALIVE,
  SLIP_TERRAFORM_HOLDER_DEAD,
} SlipTerraformHolder;

/**
 * slip_terraform_lock_read:
 * @text: (nullable): what Terraform printed
 * @lock: (out caller-allocates): the lock; clear with slip_terraform_lock_clear()
 *
 * Returns: whether @text tells of a lock
 */
gboolean slip_terraform_lock_read (const char *text, SlipTerraformLock *lock);

void slip_terraform_lock_clear (SlipTerraformLock *lock);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipTerraformLock, slip_terraform_lock_clear)

/**
 * slip_terraform_lock_holder:
 * @lock: a lock
 * @entries: (element-type JsonObject): what the ledger holds of the step
 * @here: slip_machine_dup_id()
 * @started: slip_machine_get_start()
 *
 * Whose lock it is. It is our own only when it names this user and host, when the last intent of the step before
 * it was taken was written on this machine, in this container, and when it was taken within
 * %SLIP_TERRAFORM_LOCK_MINUTES of that intent, and before the machine was started anew. Who took it later is not
 * known: a lock tells only names. Its Terraform is gone when this user runs none here, in whatever folder, which
 * a sandbox cannot see.
 *
 * Returns: the holder
 */
SlipTerraformHolder slip_terraform_lock_holder (const SlipTerraformLock *lock,
                                                GPtrArray *entries,
                                                const char *here,
                                                gint64 started);

/* A step's Terraform takes its lock as soon as it has begun. */
#define SLIP_TERRAFORM_LOCK_MINUTES 5

/**
 * slip_terraform_lock_yields:
 * @self: Terraform
 * @lock: a lock that stood in its way
 * @error: return location
 *
 * After a crash the step's own Terraform may still be at work, or may have died and left its lock. The
 * first is waited for, a little at each call; the second's lock is released, on record.
 *
 * Returns: whether it makes sense to try again; else @error is set: a lock of somebody else is left alone
 */
gboolean
slip_terraform_lock_yields (SlipTerraform *self, const SlipTerraformLock *lock, GError **error);

G_END_DECLS
