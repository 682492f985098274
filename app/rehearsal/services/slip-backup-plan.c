/* SPDX-License-Identifier: MIT */

/* Backup plans and their selections, as AWS's calls show them. They are kept, versioned and listed; the
 * rehearsal's clock does not run them: backups begin with StartBackupJob. */

#include "slip-backup.h"

#include "slip-json.h"

#include <string.h>

static const SlipWorldRecord *
find_plan (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *id = slip_json_string (input, "BackupPlanId");
  const SlipWorldRecord *plan
      = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_PLAN, id);

  if (plan != NULL)
    return plan;
  return slip_backup_missing (error, "Failed reading Backup plan with provided id: %s", id);
}

/* Rules get ids, and target vaults that are there. */
static JsonNode *
complete_plan (SlipServiceContext *ctx, JsonObject *plan, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (plan));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonArray *rules = slip_json_array (json_node_get_object (copy), "Rules");

  if (rules == NULL || json_array_get_length (rules) == 0)
    return slip_backup_invalid (error, "A backup plan must have at least one rule");
  for (guint i = 0; i < json_array_get_length (rules); i++)
    {
      JsonObject *rule = json_array_get_object_element (rules, i);
      const char *vault = slip_json_string (rule, "TargetBackupVaultName");
      g_autofree char *id = g_uuid_string_random ();

      if (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT, vault) == NULL)
        return slip_backup_invalid (error, "Backup vault %s does not exist", vault);
      json_object_set_string_member (rule, "RuleId", id);
    }
  return g_steal_pointer (&copy);
}

static JsonNode *
answer (const SlipWorldRecord *plan)
{
  static const char *const names[] = {"BackupPlanId", "BackupPlanArn",          "CreationDate",
                                      "VersionId",    "AdvancedBackupSettings", NULL};

  return slip_backup_answer (plan, names);
}

static void
store_plan (SlipServiceContext *ctx, JsonObject *data, const char *id, JsonNode *plan)
{
  static const char *const names[] = {"BackupPlanName", "AdvancedBackupSettings", NULL};
  JsonObject *shape = slip_json_object (data, "shape");
  g_autofree char *version = slip_random_id (NULL, 48, SLIP_ALPHABET_UPPER);

  slip_backup_copy_members (json_node_get_object (plan), shape, names);
  json_object_set_string_member (shape, "VersionId", version);
  json_object_set_member (data, "plan", plan);
  slip_world_put (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_PLAN, id, data);
}

JsonNode *
slip_backup_create_plan (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonNode *plan = complete_plan (ctx, slip_json_object (input, "BackupPlan"), error);
  const char *creator = slip_json_string (input, "CreatorRequestId");
  JsonObject *tags = slip_json_object (input, "BackupPlanTags");
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *arn = NULL;
  JsonObject *data, *shape;

  if (plan == NULL)
    return NULL;
  arn = g_strdup_printf ("arn:aws:backup:%s:%s:backup-plan:%s", ctx->region, ctx->account, id);
  data = slip_backup_new (&shape);
  json_object_set_string_member (shape, "BackupPlanId", id);
  json_object_set_string_member (shape, "BackupPlanArn", arn);
  slip_backup_set_time (shape, "CreationDate", slip_world_now (ctx->world));
  if (creator != NULL)
    json_object_set_string_member (shape, "CreatorRequestId", creator);
  json_object_set_object_member (data, "tags",
                                 tags != NULL ? json_object_ref (tags) : json_object_new ());
  store_plan (ctx, data, id, plan);
  return answer (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_PLAN, id));
}

JsonNode *
slip_backup_update_plan (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *known = find_plan (ctx, input, error);
  g_autofree char *id = NULL;
  JsonNode *plan;

  if (known == NULL)
    return NULL;
  plan = complete_plan (ctx, slip_json_object (input, "BackupPlan"), error);
  if (plan == NULL)
    return NULL;
  id = g_strdup (known->id);
  store_plan (ctx, slip_backup_edit (ctx->world, known, NULL), id, plan);
  return answer (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_PLAN, id));
}

JsonNode *
slip_backup_get_plan (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[]
      = {"BackupPlanId", "BackupPlanArn",          "VersionId", "CreatorRequestId",
         "CreationDate", "AdvancedBackupSettings", NULL};
  const SlipWorldRecord *plan = find_plan (ctx, input, error);
  const char *version = slip_json_string (input, "VersionId");
  JsonObject *output;

  if (plan == NULL)
    return NULL;
  if (version != NULL && strcmp (version, slip_backup_get (plan, "VersionId")) != 0)
    return slip_backup_missing (error, "Cannot find version %s of backup plan %s", version,
                                plan->id);
  output = json_object_new ();
  slip_backup_copy_members (slip_backup_shape (plan), output, names);
  json_object_set_member (output, "BackupPlan",
                          slip_json_copy (json_object_get_member (plan->data, "plan")));
  return slip_json_new_object (output);
}

JsonNode *
slip_backup_list_plans (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list = {SLIP_BACKUP_PLAN, "BackupPlansList", FALSE, NULL, NULL};

  return slip_backup_list (ctx, input, &list, error);
}

typedef struct
{
  const char *plan;
  guint count;
} Count;

static gboolean
count_selection (const SlipWorldRecord *selection, gpointer data)
{
  Count *count = data;

  count->count += g_strcmp0 (slip_backup_get (selection, "BackupPlanId"), count->plan) == 0;
  return TRUE;
}

JsonNode *
slip_backup_delete_plan (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[] = {"BackupPlanId", "BackupPlanArn", "VersionId", NULL};
  const SlipWorldRecord *plan = find_plan (ctx, input, error);
  Count count = {NULL, 0};
  JsonObject *output;

  if (plan == NULL)
    return NULL;
  count.plan = plan->id;
  slip_world_foreach (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_SELECTION, NULL,
                      count_selection, &count);
  if (count.count > 0)
    return slip_backup_refuse (error, "Related backup plan selections must be deleted prior to "
                                      "backup plan deletion");
  output = json_object_new ();
  slip_backup_copy_members (slip_backup_shape (plan), output, names);
  slip_backup_set_time (output, "DeletionDate", slip_world_now (ctx->world));
  slip_world_remove (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_PLAN, plan->id);
  return slip_json_new_object (output);
}

/* --- Selections --- */

JsonNode *
slip_backup_create_selection (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const shown[] = {"SelectionName", "IamRoleArn", NULL};
  static const char *const answered[] = {"SelectionId", "BackupPlanId", "CreationDate", NULL};
  const SlipWorldRecord *plan = find_plan (ctx, input, error);
  JsonObject *selection = slip_json_object (input, "BackupSelection");
  const char *creator = slip_json_string (input, "CreatorRequestId");
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *id = NULL;
  JsonObject *data, *shape, *output;

  if (plan == NULL
      || !slip_backup_check_role (ctx, slip_json_string (selection, "IamRoleArn"), error))
    return NULL;
  data = slip_backup_new (&shape);
  slip_backup_copy_members (selection, shape, shown);
  json_object_set_string_member (shape, "SelectionId", uuid);
  json_object_set_string_member (shape, "BackupPlanId", plan->id);
  slip_backup_set_time (shape, "CreationDate", slip_world_now (ctx->world));
  if (creator != NULL)
    json_object_set_string_member (shape, "CreatorRequestId", creator);
  json_object_set_object_member (data, "selection", json_object_ref (selection));
  output = json_object_new ();
  slip_backup_copy_members (shape, output, answered);
  id = g_strdup_printf ("%s/%s", plan->id, uuid);
  slip_world_put (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_SELECTION, id, data);
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
find_selection (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "SelectionId");
  g_autofree char *id = g_strdup_printf ("%s/%s", slip_json_string (input, "BackupPlanId"), name);
  const SlipWorldRecord *selection
      = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_SELECTION, id);

  if (selection != NULL)
    return selection;
  return slip_backup_missing (error, "Cannot find backup selection %s", name);
}

JsonNode *
slip_backup_get_selection (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[]
      = {"SelectionId", "BackupPlanId", "CreationDate", "CreatorRequestId", NULL};
  const SlipWorldRecord *selection = find_selection (ctx, input, error);
  JsonObject *output;

  if (selection == NULL)
    return NULL;
  output = json_object_new ();
  slip_backup_copy_members (slip_backup_shape (selection), output, names);
  json_object_set_object_member (output, "BackupSelection",
                                 json_object_ref (slip_json_object (selection->data, "selection")));
  return slip_json_new_object (output);
}

JsonNode *
slip_backup_delete_selection (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *selection = find_selection (ctx, input, error);

  if (selection != NULL)
    slip_world_remove (ctx->world, ctx->account, ctx->region, selection->type, selection->id);
  return NULL;
}

static gboolean
match_selection (const SlipWorldRecord *record, JsonObject *input)
{
  static const SlipBackupFilter filters[] = {{"BackupPlanId", "BackupPlanId", 0}, {NULL, NULL, 0}};

  return slip_backup_matches (record, input, filters);
}

JsonNode *
slip_backup_list_selections (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list
      = {SLIP_BACKUP_SELECTION, "BackupSelectionsList", FALSE, match_selection, NULL};

  if (find_plan (ctx, input, error) == NULL)
    return NULL;
  return slip_backup_list (ctx, input, &list, error);
}
