/* SPDX-License-Identifier: MIT */
/* Telling people of a resource that is in a run's way: what it is, who made it and when, and what can be
 * done about it. It never advises to delete what another run made: that may be somebody's way back. */

#include "slip-run-foreign.h"

#include "slip-json.h"
#include "slip-run-lock.h"
#include "slip-run-targets.h"

/* ---- who made it */

static const char *
tag_in_list (JsonArray *tags)
{
  for (guint i = 0; i < json_array_get_length (tags); i++)
    {
      JsonObject *tag = slip_json_node_object (json_array_get_element (tags, i));
      const char *key = tag != NULL ? slip_json_string (tag, "Key") : NULL;

      if (tag != NULL && key == NULL)
        key = slip_json_string (tag, "key");
      if (g_strcmp0 (key, SLIP_RUN_TAG) == 0)
        return slip_json_string (tag, "Value") != NULL ? slip_json_string (tag, "Value")
                                                       : slip_json_string (tag, "value");
    }
  return NULL;
}

const char *
slip_run_foreign_tag (JsonObject *resource)
{
  static const char *const names[] = {"TagList", "Tags", "TagSet", "tags"};

  g_return_val_if_fail (resource != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonArray *list = slip_json_array (resource, names[i]);
      JsonObject *map = slip_json_object (resource, names[i]);
      const char *run = list != NULL  ? tag_in_list (list)
                        : map != NULL ? slip_json_string (map, SLIP_RUN_TAG)
                                      : NULL;

      if (run != NULL)
        return run;
    }
  return NULL;
}

/* %NULL when this ledger knows no such run. */
static SlipRunFold *
find_run (SlipLedger *ledger, const char *run)
{
  g_autoptr (SlipRunFold) fold = slip_run_fold_new (run);

  if (ledger == NULL || !slip_run_fold_sync (fold, ledger, NULL) || fold->plan == NULL)
    return NULL;
  return g_steal_pointer (&fold);
}

static SlipRunState
state_of (SlipLedger *ledger, SlipRunFold *fold)
{
  g_autofree char *folder = slip_run_lock_folder (ledger);

  return fold->state == SLIP_RUN_RUNNING && !slip_run_lock_is_held (folder, fold->id)
             ? SLIP_RUN_INTERRUPTED
             : fold->state;
}

char *
slip_run_foreign_maker (SlipLedger *ledger, const char *run)
{
  g_autoptr (SlipRunFold) fold = run != NULL ? find_run (ledger, run) : NULL;

  if (run == NULL)
    return g_strdup ("by no run that it tells of");
  if (fold == NULL)
    return g_strdup_printf (
        "by run %s, which is not in this audit log: it ran on another workstation", run);
  return g_strdup_printf ("by run %s (“%s”, %s)", run, slip_plan_get_title (fold->plan),
                          slip_run_state_get_name (state_of (ledger, fold)));
}

/* ---- what it is */

static const char *
made_at (JsonObject *resource)
{
  static const char *const suffixes[]
      = {"CreateTime", "CreationTime", "CreationDate", "CreatedAt", "CreationDateTime"};
  g_autoptr (GList) members = json_object_get_members (resource);

  for (GList *l = members; l != NULL; l = l->next)
    for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
      if (g_str_has_suffix (l->data, suffixes[i]) && slip_json_string (resource, l->data) != NULL)
        return slip_json_string (resource, l->data);
  return NULL;
}

static char *
what_it_is (JsonObject *resource, const char *maker)
{
  const char *status = resource != NULL ? slip_json_string (resource, "Status") : NULL;
  const char *made = resource != NULL ? made_at (resource) : NULL;

  return g_strdup_printf ("%s%smade %s%s%s", status != NULL ? status : "",
                          status != NULL ? ", " : "", made != NULL ? made : "at an unknown time",
                          maker != NULL ? " " : "", maker != NULL ? maker : "");
}

/* ---- what can be done */

static const char *
ways_out (SlipLedger *ledger, const char *run)
{
  g_autoptr (SlipRunFold) fold = run != NULL ? find_run (ledger, run) : NULL;

  if (run == NULL)
    return "Find out whose it is. If it is needed, plan again with another name; if nobody needs "
           "it "
           "any more, remove it and resume";
  if (fold == NULL)
    return "Ask whoever works there whether that run is through and this is still needed, or plan "
           "again with another name";
  if (fold->started != 0 && fold->state != SLIP_RUN_DONE && fold->state != SLIP_RUN_CANCELLED)
    return "Resume that run and let it end, or cancel it and see what it leaves behind; or plan "
           "again "
           "with another name";
  return "It may be the way back from what that run prepared. Plan again with another name";
}

char *
slip_run_foreign_describe (SlipLedger *ledger,
                           const char *operation,
                           JsonObject *request,
                           JsonNode *found)
{
  JsonObject *resource = slip_json_node_object (found);
  const char *run = resource != NULL ? slip_run_foreign_tag (resource) : NULL;
  g_autofree char *name = request != NULL ? slip_run_targets_subject (operation, request) : NULL;
  g_autofree char *maker = slip_run_foreign_maker (ledger, run);
  g_autofree char *what = what_it_is (resource, maker);

  return g_strdup_printf ("%s is there already, and it is not this run's: %s. %s",
                          name != NULL ? name : "what it would make", what, ways_out (ledger, run));
}
