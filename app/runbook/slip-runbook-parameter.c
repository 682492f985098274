/* SPDX-License-Identifier: MIT */
/* One parameter of a runbook: what forms, the command line and the planner need to know to ask for
 * it, and the one place where a value is tested against it. */

#include "slip-runbook-parameter.h"

#include "slip-json.h"
#include "slip-runbook-error.h"
#include "slip-runbook-private.h"

#include <string.h>

struct _SlipRunbookParameter
{
  GObject parent_instance;
  char *name;
  JsonObject *object;  /* owned; as in the document */
  JsonObject *slipway; /* borrowed from object, nullable */
  SlipParameterType type;
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_TITLE,
  PROP_DESCRIPTION,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SlipRunbookParameter, slip_runbook_parameter, G_TYPE_OBJECT)

static const char *const type_names[] = {
    "String", "StringList", "Integer", "Boolean", "MapList", "StringMap",
};

const char *
slip_parameter_type_name (SlipParameterType type)
{
  g_return_val_if_fail ((guint)type < G_N_ELEMENTS (type_names), NULL);
  return type_names[type];
}

gboolean
slip_parameter_type_parse (const char *name, SlipParameterType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    if (g_strcmp0 (name, type_names[i]) == 0)
      {
        *type = (SlipParameterType)i;
        return TRUE;
      }
  return FALSE;
}

static void
slip_runbook_parameter_finalize (GObject *object)
{
  SlipRunbookParameter *self = SLIP_RUNBOOK_PARAMETER (object);

  g_free (self->name);
  g_clear_pointer (&self->object, json_object_unref);
  G_OBJECT_CLASS (slip_runbook_parameter_parent_class)->finalize (object);
}

static void
slip_runbook_parameter_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SlipRunbookParameter *self = SLIP_RUNBOOK_PARAMETER (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_TITLE:
      g_value_set_string (value, slip_runbook_parameter_get_title (self));
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, slip_runbook_parameter_get_description (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
slip_runbook_parameter_class_init (SlipRunbookParameterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = slip_runbook_parameter_finalize;
  object_class->get_property = slip_runbook_parameter_get_property;
  properties[PROP_NAME]
      = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_TITLE]
      = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
slip_runbook_parameter_init (SlipRunbookParameter *self)
{
}

SlipRunbookParameter *
slip_runbook_parameter_new (const char *name, JsonObject *object)
{
  SlipRunbookParameter *self = g_object_new (SLIP_TYPE_RUNBOOK_PARAMETER, NULL);

  self->name = g_strdup (name);
  self->object = json_object_ref (object);
  self->slipway = slip_json_object (object, "slipway");
  slip_parameter_type_parse (slip_json_string (object, "type"), &self->type);
  return self;
}

static const char *
slipway_string (SlipRunbookParameter *self, const char *name)
{
  return self->slipway != NULL ? slip_json_string (self->slipway, name) : NULL;
}

static gboolean
slipway_bool (SlipRunbookParameter *self, const char *name)
{
  return self->slipway != NULL && slip_json_bool (self->slipway, name, FALSE);
}

const char *
slip_runbook_parameter_get_name (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return self->name;
}

const char *
slip_runbook_parameter_get_title (SlipRunbookParameter *self)
{
  const char *title;

  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  title = slipway_string (self, "title");
  return title != NULL ? title : self->name;
}

const char *
slip_runbook_parameter_get_description (SlipRunbookParameter *self)
{
  const char *description;

  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  description = slip_json_string (self->object, "description");
  return description != NULL ? description : "";
}

SlipParameterType
slip_runbook_parameter_get_parameter_type (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), SLIP_PARAMETER_STRING);
  return self->type;
}

JsonNode *
slip_runbook_parameter_get_default (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return json_object_get_member (self->object, "default");
}

JsonArray *
slip_runbook_parameter_get_allowed_values (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return slip_json_array (self->object, "allowedValues");
}

JsonArray *
slip_runbook_parameter_get_suggestions (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return self->slipway != NULL ? slip_json_array (self->slipway, "suggestions") : NULL;
}

const char *
slip_runbook_parameter_get_allowed_pattern (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return slip_json_string (self->object, "allowedPattern");
}

gint64
slip_runbook_parameter_get_min_chars (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), -1);
  return slip_json_int (self->object, "minChars", -1);
}

gint64
slip_runbook_parameter_get_max_chars (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), -1);
  return slip_json_int (self->object, "maxChars", -1);
}

gint64
slip_runbook_parameter_get_min_items (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), -1);
  return slip_json_int (self->object, "minItems", -1);
}

gint64
slip_runbook_parameter_get_max_items (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), -1);
  return slip_json_int (self->object, "maxItems", -1);
}

const char *
slip_runbook_parameter_get_widget (SlipRunbookParameter *self)
{
  const char *widget;

  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  widget = slipway_string (self, "widget");
  if (widget != NULL)
    return widget;
  if (slip_runbook_parameter_get_allowed_values (self) != NULL)
    return "choice";
  switch (self->type)
    {
    case SLIP_PARAMETER_INTEGER:
      return "number";
    case SLIP_PARAMETER_BOOLEAN:
      return "switch";
    case SLIP_PARAMETER_STRING_LIST:
      return "list";
    case SLIP_PARAMETER_MAP_LIST:
    case SLIP_PARAMETER_STRING_MAP:
      return "json";
    case SLIP_PARAMETER_STRING:
    default:
      return g_strcmp0 (slip_json_string (self->object, "displayType"), "textarea") == 0 ? "area"
                                                                                         : "text";
    }
}

const char *
slip_runbook_parameter_get_group (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return slipway_string (self, "group");
}

JsonObject *
slip_runbook_parameter_get_choices (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return self->slipway != NULL ? slip_json_object (self->slipway, "choices") : NULL;
}

gboolean
slip_runbook_parameter_is_required (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), FALSE);
  return !json_object_has_member (self->object, "default")
         && (slip_runbook_parameter_is_destructive (self)
             || (slipway_string (self, "setting") == NULL
                 && slipway_string (self, "derive") == NULL));
}

gboolean
slip_runbook_parameter_is_destructive (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), FALSE);
  return slipway_bool (self, "destructive");
}

const char *
slip_runbook_parameter_get_pairing (SlipRunbookParameter *self, JsonNode *value)
{
  JsonObject *pairing;
  const char *text;

  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);

  pairing = self->slipway != NULL ? slip_json_object (self->slipway, "pairing") : NULL;
  text = value != NULL && JSON_NODE_HOLDS_VALUE (value) ? json_node_get_string (value) : NULL;
  return pairing != NULL && text != NULL ? slip_json_string (pairing, text) : NULL;
}

gboolean
slip_runbook_parameter_is_advanced (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), FALSE);
  return slipway_bool (self, "advanced");
}

const char *
slip_runbook_parameter_get_setting (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return slipway_string (self, "setting");
}

const char *
slip_runbook_parameter_get_derive (SlipRunbookParameter *self)
{
  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  return slipway_string (self, "derive");
}

JsonObject *
slip_runbook_parameter_get_object (SlipRunbookParameter *self)
{
  return self->object;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static char *
describe_allowed (JsonArray *allowed)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (allowed); i++)
    {
      JsonNode *node = json_array_get_element (allowed, i);
      g_autofree char *value = holds (node, G_TYPE_STRING) ? g_strdup (json_node_get_string (node))
                                                           : slip_json_to_text (node, FALSE);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", value);
    }
  return g_string_free (text, FALSE);
}

static char *
check_allowed (SlipRunbookParameter *self, JsonNode *value)
{
  JsonArray *allowed = slip_runbook_parameter_get_allowed_values (self);
  g_autofree char *list = NULL;
  g_autofree char *text = NULL;

  if (allowed == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (allowed); i++)
    if (slip_json_equal (json_array_get_element (allowed, i), value))
      return NULL;
  list = describe_allowed (allowed);
  text = slip_json_to_text (value, FALSE);
  return g_strdup_printf ("%s is not one of: %s", text, list);
}

static char *
describe_length (SlipRunbookParameter *self, const char *text, const char *how, gint64 limit)
{
  const char *wanted = slip_runbook_parameter_get_description (self);
  g_autofree char *given
      = *text == '\0' ? g_strdup ("an empty text") : g_strdup_printf ("“%s”", text);

  return g_strdup_printf ("%s has %s than %" G_GINT64_FORMAT " characters%s%s", given, how, limit,
                          wanted[0] != '\0' ? ". Wanted: " : "", wanted);
}

/* In words first: few people read patterns. */
static char *
describe_misfit (SlipRunbookParameter *self, const char *text, const char *pattern)
{
  const char *wanted = slip_runbook_parameter_get_description (self);

  if (wanted[0] == '\0')
    return g_strdup_printf ("“%s” does not match the pattern %s", text, pattern);
  return g_strdup_printf ("“%s” does not fit. Wanted: %s (pattern %s)", text, wanted, pattern);
}

static char *
check_text (SlipRunbookParameter *self, const char *text)
{
  const char *pattern = slip_runbook_parameter_get_allowed_pattern (self);
  gint64 min = slip_runbook_parameter_get_min_chars (self);
  gint64 max = slip_runbook_parameter_get_max_chars (self);
  glong length = g_utf8_strlen (text, -1);

  if (strstr (text, "{{") != NULL)
    return g_strdup ("a value cannot hold a reference ({{)");
  if (min >= 0 && length < min)
    return describe_length (self, text, "fewer", min);
  if (max >= 0 && length > max)
    return describe_length (self, text, "more", max);
  if (pattern != NULL)
    {
      g_autofree char *whole = g_strdup_printf ("\\A(?:%s)\\z", pattern);
      g_autoptr (GRegex) regex = g_regex_new (whole, 0, 0, NULL);

      if (regex == NULL || !g_regex_match (regex, text, 0, NULL))
        return describe_misfit (self, text, pattern);
    }
  return NULL;
}

static char *
check_list (SlipRunbookParameter *self, JsonNode *value)
{
  gint64 min = slip_runbook_parameter_get_min_items (self);
  gint64 max = slip_runbook_parameter_get_max_items (self);
  gboolean maps = self->type == SLIP_PARAMETER_MAP_LIST;
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (value))
    return g_strdup_printf ("must be a list of %s", maps ? "maps" : "strings");
  array = json_node_get_array (value);
  if (min >= 0 && json_array_get_length (array) < min)
    return g_strdup_printf ("must have at least %" G_GINT64_FORMAT " items", min);
  if (max >= 0 && json_array_get_length (array) > max)
    return g_strdup_printf ("must have at most %" G_GINT64_FORMAT " items", max);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      char *message = NULL;

      if (maps ? !JSON_NODE_HOLDS_OBJECT (element) : !holds (element, G_TYPE_STRING))
        return g_strdup_printf ("must be a list of %s", maps ? "maps" : "strings");
      if (!maps)
        message = check_text (self, json_node_get_string (element));
      if (message == NULL)
        message = check_allowed (self, element);
      if (message != NULL)
        return message;
    }
  return NULL;
}

static char *
check_value (SlipRunbookParameter *self, JsonNode *value)
{
  char *message;

  switch (self->type)
    {
    case SLIP_PARAMETER_STRING:
      if (!holds (value, G_TYPE_STRING))
        return g_strdup ("must be a string");
      message = check_text (self, json_node_get_string (value));
      return message != NULL ? message : check_allowed (self, value);
    case SLIP_PARAMETER_STRING_LIST:
    case SLIP_PARAMETER_MAP_LIST:
      return check_list (self, value);
    case SLIP_PARAMETER_INTEGER:
      return holds (value, G_TYPE_INT64) ? check_allowed (self, value)
                                         : g_strdup ("must be a whole number");
    case SLIP_PARAMETER_BOOLEAN:
      return holds (value, G_TYPE_BOOLEAN) ? check_allowed (self, value)
                                           : g_strdup ("must be true or false");
    case SLIP_PARAMETER_STRING_MAP:
    default:
      return JSON_NODE_HOLDS_OBJECT (value) ? NULL : g_strdup ("must be a map");
    }
}

gboolean
slip_runbook_parameter_check (SlipRunbookParameter *self, JsonNode *value, char **message)
{
  g_autofree char *fault = NULL;

  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  fault = check_value (self, value);
  if (message != NULL)
    *message = g_strdup (fault);
  return fault == NULL;
}

static JsonNode *
parse_list (const char *text)
{
  JsonArray *array = json_array_new ();
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_strstrip (parts[i]);
      if (*parts[i] != '\0')
        json_array_add_string_element (array, parts[i]);
    }
  return slip_json_new_array (array);
}

static JsonNode *
parse_value (SlipRunbookParameter *self, const char *text)
{
  g_autofree char *bare = g_strstrip (g_strdup (text));

  if (self->type == SLIP_PARAMETER_STRING)
    return slip_json_new_string (text);
  if (self->type == SLIP_PARAMETER_STRING_LIST && *bare != '[')
    return parse_list (bare);
  return slip_json_parse (bare, -1, NULL);
}

JsonNode *
slip_runbook_parameter_parse (SlipRunbookParameter *self, const char *text, GError **error)
{
  g_autoptr (JsonNode) value = NULL;
  g_autofree char *message = NULL;

  g_return_val_if_fail (SLIP_IS_RUNBOOK_PARAMETER (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);
  value = parse_value (self, text);
  if (value == NULL)
    message = g_strdup_printf ("“%s” is no %s", text, slip_parameter_type_name (self->type));
  else if (slip_runbook_parameter_check (self, value, &message))
    return g_steal_pointer (&value);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER, "%s: %s", self->name,
               message);
  return NULL;
}
