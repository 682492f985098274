/* SPDX-License-Identifier: MIT */
/* Whose hand it was: what CloudTrail knows of the last change to something. */

#include "slip-trail.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

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

typedef struct
{
  SlipLedger *ledger;
  const char *run;
  gint64 since;
  gboolean claimed; /* whether what only claims to be the run's counts, and nothing else */
} Own;

/* Whether the run sent it itself: its audit log holds the ids of requests that were answered. */
static gboolean
is_own (JsonObject *record, const Own *own)
{
  const char *request = slip_json_string (record, "requestID");
  const SlipLedgerFilter filter = {.run = own->run, .text = request};

  return own->run != NULL && request != NULL && *request != '\0' && own->ledger != NULL
         && slip_ledger_count (own->ledger, &filter, NULL) > 0;
}

/* Whether its client says that it is the run's, as anybody's can: what got no answer has no id. */
static gboolean
claims_to_be_own (JsonObject *record, const Own *own)
{
  const char *agent = slip_json_string (record, "userAgent");

  return own->run != NULL && agent != NULL && strstr (agent, own->run) != NULL;
}

/* A time that cannot be read is no excuse for anybody. */
static gboolean
is_before (JsonObject *event, gint64 since)
{
  const char *text = slip_json_string (event, "EventTime");
  gint64 time;

  return text != NULL && slip_time_parse (text, &time) && time < since;
}

/* Whether it changed something since, by another hand than that of the run, or by one that says it is the run's. */
static gboolean
counts (JsonObject *event, const Own *own)
{
  const char *text = slip_json_string (event, "CloudTrailEvent");
  g_autoptr (JsonNode) node = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  JsonObject *record = slip_json_node_object (node);

  if (g_strcmp0 (slip_json_string (event, "ReadOnly"), "true") == 0
      || is_before (event, own->since))
    return FALSE;
  if (record == NULL)
    return !own->claimed;
  return slip_json_string (record, "errorCode") == NULL && !is_own (record, own)
         && claims_to_be_own (record, own) == own->claimed;
}

/* The newest that counts, or NULL. */
static JsonObject *
find_change (JsonNode *answer, const Own *own)
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
          && counts (event, own))
        newest = event;
    }
  return newest;
}

char *
slip_trail_describe_last_change (
    JsonNode *answer, const GError *refused, SlipLedger *ledger, const char *run, gint64 since)
{
  const Own own = {ledger, run, since, FALSE};
  const Own claimed = {ledger, run, since, TRUE};
  gboolean told = answer != NULL && slip_json_node_object (answer) != NULL;
  JsonObject *event = told ? find_change (answer, &own) : NULL;
  JsonObject *other = told && event == NULL ? find_change (answer, &claimed) : NULL;

  if (other != NULL && refused == NULL)
    return g_strdup_printf (
        "CloudTrail knows of no change but of such as say themselves, by user agent, that they are "
        "this run's; the last is %s by %s at %s",
        slip_json_string (other, "EventName"), slip_json_string (other, "Username"),
        slip_json_string (other, "EventTime"));
  if (event == NULL && refused != NULL)
    return g_strdup_printf ("CloudTrail could not be asked who did it (%s)", refused->message);
  if (event == NULL)
    return g_strdup ("CloudTrail does not say (yet) who did it");
  return g_strdup_printf ("The last change that CloudTrail knows is %s by %s at %s",
                          slip_json_string (event, "EventName"),
                          slip_json_string (event, "Username"),
                          slip_json_string (event, "EventTime"));
}
