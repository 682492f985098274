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

/* The newest that is no read, or NULL. */
static JsonObject *
find_change (JsonNode *answer)
{
  JsonArray *events = slip_json_array (slip_json_node_object (answer), "Events");

  for (guint i = 0; events != NULL && i < json_array_get_length (events); i++)
    {
      JsonObject *event = slip_json_node_object (json_array_get_element (events, i));

      if (event != NULL && g_strcmp0 (slip_json_string (event, "ReadOnly"), "true") != 0)
        return event;
    }
  return NULL;
}

char *
slip_trail_describe_last_change (JsonNode *answer)
{
  JsonObject *event
      = answer != NULL && slip_json_node_object (answer) != NULL ? find_change (answer) : NULL;

  if (event == NULL)
    return g_strdup ("CloudTrail does not say (yet) who did it");
  return g_strdup_printf ("The last change that CloudTrail knows is %s by %s at %s",
                          slip_json_string (event, "EventName"),
                          slip_json_string (event, "Username"),
                          slip_json_string (event, "EventTime"));
}
