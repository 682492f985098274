/* SPDX-License-Identifier: MIT */
/* Whose hand it was: what CloudTrail knows of the last change to something. */

#include "slip-trail.h"

#include "slip-json.h"

JsonNode *
slip_trail_new_question (const char *resource)
{
  JsonObject *input = json_object_new ();
  JsonObject *attribute = json_object_new ();
  JsonArray *attributes = json_array_new ();

  json_object_set_string_member (attribute, "AttributeKey", "ResourceName");
  json_object_set_string_member (attribute, "AttributeValue", resource);
  json_array_add_object_element (attributes, attribute);
  json_object_set_array_member (input, "LookupAttributes", attributes);
  return slip_json_new_object (input);
}

/* Whether @run sent it itself: its audit log holds the ids of all requests that were answered. */
static gboolean
is_own (const char *request, SlipLedger *ledger, const char *run)
{
  const SlipLedgerFilter filter = {.run = run, .text = request};

  return request != NULL && *request != '\0' && ledger != NULL && run != NULL
         && slip_ledger_count (ledger, &filter, NULL) > 0;
}

/* Whether it changed something, by another hand than that of @run. */
static gboolean
counts (JsonObject *event, SlipLedger *ledger, const char *run)
{
  const char *text = slip_json_string (event, "CloudTrailEvent");
  g_autoptr (JsonNode) node = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  JsonObject *record = slip_json_node_object (node);

  if (g_strcmp0 (slip_json_string (event, "ReadOnly"), "true") == 0)
    return FALSE;
  return record == NULL
         || (slip_json_string (record, "errorCode") == NULL
             && !is_own (slip_json_string (record, "requestID"), ledger, run));
}

/* The newest that counts, or NULL. */
static JsonObject *
find_change (JsonNode *answer, SlipLedger *ledger, const char *run)
{
  JsonArray *events = slip_json_array (slip_json_node_object (answer), "Events");
  JsonObject *newest = NULL;

  for (guint i = 0; events != NULL && i < json_array_get_length (events); i++)
    {
      JsonObject *event = slip_json_node_object (json_array_get_element (events, i));

      if (event != NULL
          && (newest == NULL
              || g_strcmp0 (slip_json_string (event, "EventTime"),
                            slip_json_string (newest, "EventTime"))
                     > 0)
          && counts (event, ledger, run))
        newest = event;
    }
  return newest;
}

char *
slip_trail_describe_last_change (JsonNode *answer,
                                 const GError *refused,
                                 SlipLedger *ledger,
                                 const char *run)
{
  JsonObject *event = answer != NULL && slip_json_node_object (answer) != NULL
                          ? find_change (answer, ledger, run)
                          : NULL;

  if (event == NULL && refused != NULL)
    return g_strdup_printf ("CloudTrail could not be asked who did it (%s)", refused->message);
  if (event == NULL)
    return g_strdup ("CloudTrail does not say (yet) who did it");
  return g_strdup_printf ("The last change that CloudTrail knows is %s by %s at %s",
                          slip_json_string (event, "EventName"),
                          slip_json_string (event, "Username"),
                          slip_json_string (event, "EventTime"));
}
