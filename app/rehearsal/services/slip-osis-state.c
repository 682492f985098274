/* SPDX-License-Identifier: MIT */

/* What happens to pipelines: each change has a state while it lasts, one when it is done and one when
 * it failed. */

#include "slip-osis.h"

#include "slip-json.h"

static const struct
{
  const char *kind;
  const char *during;
  const char *after; /* NULL: gone */
  const char *failed;
  double seconds;
  const char *stages[3];
} changes[] = {
    [SLIP_OSIS_CREATE] = {"osis.pipeline-created",
                          "CREATING",
                          "ACTIVE",
                          "CREATE_FAILED",
                          OSIS_CREATE_SECONDS,
                          {"VALIDATION", "PROVISIONING", "STARTING"}},
    [SLIP_OSIS_UPDATE] = {"osis.pipeline-updated",
                          "UPDATING",
                          "ACTIVE",
                          "UPDATE_FAILED",
                          OSIS_UPDATE_SECONDS,
                          {"VALIDATION", "PROVISIONING", "SWITCHING"}},
    [SLIP_OSIS_START] = {"osis.pipeline-started",
                         "STARTING",
                         "ACTIVE",
                         "START_FAILED",
                         OSIS_START_SECONDS,
                         {"VALIDATION", "PROVISIONING", "STARTING"}},
    /* There is no failed state of its own: what could not be stopped goes on. */
    [SLIP_OSIS_STOP] = {"osis.pipeline-stopped",
                        "STOPPING",
                        "STOPPED",
                        "UPDATE_FAILED",
                        OSIS_STOP_SECONDS,
                        {"DRAINING", "STOPPING", "RELEASING"}},
    [SLIP_OSIS_DELETE] = {"osis.pipeline-deleted",
                          "DELETING",
                          NULL,
                          "ACTIVE",
                          OSIS_DELETE_SECONDS,
                          {"DRAINING", "STOPPING", "DELETING"}},
};

void
slip_osis_begin (SlipWorld *world,
                 const char *account,
                 const char *region,
                 const char *name,
                 JsonObject *data,
                 SlipOsisChange change)
{
  JsonObject *record = json_object_new ();
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (data, "Status", changes[change].during);
  json_object_remove_member (data, "StatusReason");
  json_object_set_string_member (data, "LastUpdatedAt", now);
  json_object_set_int_member (record, "change", change);
  json_object_set_string_member (record, "started", now);
  json_object_set_string_member (record, "status", "IN_PROGRESS");
  json_object_set_object_member (data, "change", record);
  slip_world_put (world, account, region, OSIS_PIPELINE, name, data);
  slip_world_schedule (world, changes[change].seconds, changes[change].kind, account, region,
                       OSIS_PIPELINE, name, NULL);
}

/* What an update changes is not there before it is done. */
static void
take_desired (JsonObject *data)
{
  g_autoptr (JsonObject) desired = slip_json_object (data, "desired") != NULL
                                       ? json_object_ref (slip_json_object (data, "desired"))
                                       : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (desired == NULL)
    return;
  json_object_remove_member (data, "desired");
  json_object_iter_init (&iter, desired);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (data, name, slip_json_copy (node));
}

static void
finish (JsonObject *data, SlipOsisChange change, const char *fail, const char *now)
{
  JsonObject *reason;

  json_object_set_string_member (data, "Status",
                                 fail == NULL ? changes[change].after : changes[change].failed);
  json_object_set_string_member (data, "LastUpdatedAt", now);
  json_object_set_string_member (slip_json_object (data, "change"), "status",
                                 fail == NULL ? "COMPLETED" : "FAILED");
  json_object_set_string_member (slip_json_object (data, "change"), "ended", now);
  if (fail == NULL)
    {
      take_desired (data);
      return;
    }
  json_object_remove_member (data, "desired");
  reason = json_object_new ();
  json_object_set_string_member (reason, "Description", fail);
  json_object_set_object_member (data, "StatusReason", reason);
}

static void
on_changed (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *data = slip_world_edit (world, transition->account, transition->region, OSIS_PIPELINE,
                                      transition->id);
  g_autofree char *now = slip_world_dup_now (world);
  SlipOsisChange change;

  if (data == NULL)
    return;
  change = (SlipOsisChange)slip_json_int (slip_json_object (data, "change"), "change", 0);
  if (changes[change].after == NULL && transition->fail == NULL)
    {
      json_object_unref (data);
      slip_world_remove (world, transition->account, transition->region, OSIS_PIPELINE,
                         transition->id);
      return;
    }
  finish (data, change, transition->fail, now);
  slip_world_put (world, transition->account, transition->region, OSIS_PIPELINE, transition->id,
                  data);
}

/* While a change lasts its first stage is done and its second under way. */
JsonObject *
slip_osis_show_progress (JsonObject *data)
{
  JsonObject *record = slip_json_object (data, "change");
  JsonObject *shown;
  JsonArray *stages;
  SlipOsisChange change;
  const char *status, *ended;

  if (record == NULL)
    return NULL;
  change = (SlipOsisChange)slip_json_int (record, "change", 0);
  status = slip_json_string (record, "status");
  ended = slip_json_string (record, "ended");
  shown = json_object_new ();
  stages = json_array_new ();
  json_object_set_string_member (shown, "StartTime", slip_json_string (record, "started"));
  json_object_set_string_member (shown, "Status", status);
  json_object_set_int_member (shown, "TotalNumberOfStages", G_N_ELEMENTS (changes[change].stages));
  for (guint i = 0; i < G_N_ELEMENTS (changes[change].stages); i++)
    {
      JsonObject *stage = json_object_new ();
      gboolean done = i == 0 || g_str_equal (status, "COMPLETED");

      json_object_set_string_member (stage, "Name", changes[change].stages[i]);
      json_object_set_string_member (stage, "Status",
                                     done     ? "COMPLETED"
                                     : i == 1 ? status
                                              : "PENDING");
      json_object_set_string_member (stage, "Description", changes[change].during);
      json_object_set_string_member (stage, "LastUpdatedAt",
                                     ended != NULL ? ended : slip_json_string (record, "started"));
      json_array_add_object_element (stages, stage);
    }
  json_object_set_array_member (shown, "ChangeProgressStages", stages);
  return shown;
}

void
slip_osis_attach (SlipWorld *world)
{
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    slip_world_handle (world, changes[i].kind, on_changed);
}
