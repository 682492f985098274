/* SPDX-License-Identifier: MIT */
/* The shape of what a run writes into the ledger: kinds, actor, error. The engine and the controls
 * make their entries here; the fold reads them. Nothing here touches the disk. */

#include "slip-run-entry.h"

#include "slip-aws-error.h"
#include "slip-clock.h"
#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-redact.h"

void
slip_run_entry_set_text (JsonObject *object, const char *name, const char *value)
{
  g_return_if_fail (object != NULL && name != NULL);

  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

JsonObject *
slip_run_entry_new_of_call (const char *kind, const char *principal)
{
  JsonObject *entry = json_object_new ();
  JsonObject *actor = json_object_new ();

  g_return_val_if_fail (kind != NULL, entry);

  json_object_set_string_member (actor, "user", g_get_user_name ());
  json_object_set_string_member (actor, "host", g_get_host_name ());
  slip_run_entry_set_text (actor, "principal", principal);
  json_object_set_string_member (entry, "kind", kind);
  json_object_set_object_member (entry, "actor", actor);
  return entry;
}

JsonObject *
slip_run_entry_new (const char *kind, const char *run, const char *step, const char *principal)
{
  JsonObject *entry;

  g_return_val_if_fail (kind != NULL && run != NULL, json_object_new ());

  entry = slip_run_entry_new_of_call (kind, principal);
  json_object_set_string_member (entry, "run", run);
  slip_run_entry_set_text (entry, "step", step);
  return entry;
}

JsonObject *
slip_run_entry_data (JsonObject *entry)
{
  JsonObject *data = slip_json_object (entry, "data");

  if (data != NULL)
    return data;
  data = json_object_new ();
  json_object_set_object_member (entry, "data", data);
  return data;
}

void
slip_run_entry_set_error (JsonObject *entry, const GError *error)
{
  JsonObject *object = json_object_new ();
  g_autofree char *untold = slip_migration_error_dup_untold (error);
  g_autofree char *message = slip_redact_text (untold);

  json_object_set_string_member (object, "message", message);
  slip_run_entry_set_text (object, "code", slip_aws_error_get_code (error));
  if (slip_aws_error_get_status (error) != 0)
    json_object_set_int_member (object, "status", slip_aws_error_get_status (error));
  json_object_set_object_member (slip_run_entry_data (entry), "error", object);
}

char *
slip_run_entry_dup_actor (JsonObject *entry)
{
  JsonObject *actor = slip_json_object (entry, "actor");
  const char *user = actor != NULL ? slip_json_string (actor, "user") : NULL;
  const char *host = actor != NULL ? slip_json_string (actor, "host") : NULL;
  const char *principal = actor != NULL ? slip_json_string (actor, "principal") : NULL;

  if (user == NULL)
    return NULL;
  return g_strconcat (user, host != NULL ? "@" : "", host != NULL ? host : "",
                      principal != NULL ? " as " : "", principal != NULL ? principal : "", NULL);
}

gint64
slip_run_entry_get_time (JsonObject *entry)
{
  const char *text = slip_json_string (entry, "time");
  gint64 time = 0;

  if (text == NULL || !slip_time_parse (text, &time))
    return 0;
  return time;
}
