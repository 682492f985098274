/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipParameterType:
 *
 * The types of Systems Manager parameters.
 */
typedef enum
{
  SLIP_PARAMETER_STRING,
  SLIP_PARAMETER_STRING_LIST,
  SLIP_PARAMETER_INTEGER,
  SLIP_PARAMETER_BOOLEAN,
  SLIP_PARAMETER_MAP_LIST,
  SLIP_PARAMETER_STRING_MAP,
} SlipParameterType;

/**
 * slip_parameter_type_name:
 *
 * Returns: (transfer none): `String`, `StringList`, …
 */
const char *slip_parameter_type_name (SlipParameterType type);
gboolean slip_parameter_type_parse (const char *name, SlipParameterType *type);

#define SLIP_TYPE_RUNBOOK_PARAMETER (slip_runbook_parameter_get_type ())

/**
 * SlipRunbookParameter:
 *
 * What a runbook asks for before it can be planned. Immutable, thread-safe. Read-only properties:
 * `name`, `title`, `description`.
 */
G_DECLARE_FINAL_TYPE (
    SlipRunbookParameter, slip_runbook_parameter, SLIP, RUNBOOK_PARAMETER, GObject)

const char *slip_runbook_parameter_get_name (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_title:
 *
 * Returns: (transfer none): `slipway.title`, or the name
 */
const char *slip_runbook_parameter_get_title (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_description:
 *
 * Returns: (transfer none): the description, "" without one
 */
const char *slip_runbook_parameter_get_description (SlipRunbookParameter *self);
SlipParameterType slip_runbook_parameter_get_parameter_type (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_default:
 *
 * Returns: (transfer none) (nullable): the document's own default. The environment's settings and
 *   derived names go before it: see slip_planner_default_parameters()
 */
JsonNode *slip_runbook_parameter_get_default (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_allowed_values:
 *
 * Returns: (transfer none) (nullable): the values to choose from; nothing else is accepted
 */
JsonArray *slip_runbook_parameter_get_allowed_values (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_suggestions:
 *
 * Returns: (transfer none) (nullable): values to offer besides; elements are strings, or objects
 *   `{value, title}`; a value may hold references to other parameters
 */
JsonArray *slip_runbook_parameter_get_suggestions (SlipRunbookParameter *self);
const char *slip_runbook_parameter_get_allowed_pattern (SlipRunbookParameter *self);

/* -1 when there is no such limit */
gint64 slip_runbook_parameter_get_min_chars (SlipRunbookParameter *self);
gint64 slip_runbook_parameter_get_max_chars (SlipRunbookParameter *self);
gint64 slip_runbook_parameter_get_min_items (SlipRunbookParameter *self);
gint64 slip_runbook_parameter_get_max_items (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_widget:
 *
 * Returns: (transfer none): how to ask for it: `text`, `area`, `choice`, `switch`, `number`, `list`,
 *   `json`, `region`, `environment`, `account`, `cluster`, `cluster-snapshot`, `kms-key`
 */
const char *slip_runbook_parameter_get_widget (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_group:
 *
 * Returns: (transfer none) (nullable): the heading that it belongs under
 */
const char *slip_runbook_parameter_get_group (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_choices:
 *
 * Returns: (transfer none) (nullable): the call whose answer lists what to choose from:
 *   `{service, operation, input, values: selector, titles?, times?, states?: selectors, environment?, region?}`
 */
JsonObject *slip_runbook_parameter_get_choices (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_is_required:
 *
 * Returns: whether nothing gives it a value when the user does not: no default, setting or
 *   derivation
 */
gboolean slip_runbook_parameter_is_required (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_is_destructive:
 *
 * Returns: whether it names what a step destroys or overwrites. Such a choice is never preselected
 *   and never remembered
 */
gboolean slip_runbook_parameter_is_destructive (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_pairing:
 * @self: a parameter
 * @value: (nullable): its value
 *
 * Returns: (transfer none) (nullable): why a second person must cosign a plan with this value
 */
const char *slip_runbook_parameter_get_pairing (SlipRunbookParameter *self, JsonNode *value);

/**
 * slip_runbook_parameter_is_advanced:
 *
 * Returns: whether most users leave it alone
 */
gboolean slip_runbook_parameter_is_advanced (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_setting:
 *
 * Returns: (transfer none) (nullable): the member of the environment's `settings` (dots lead into
 *   objects) that gives the default
 */
const char *slip_runbook_parameter_get_setting (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_get_derive:
 *
 * Returns: (transfer none) (nullable): the template that gives the default, with references to other
 *   parameters, `{{ slipway:environment }}`, `{{ slipway:account }}`, `{{ slipway:region }}`,
 *   `{{ slipway:date }}` (YYYY-MM-DD, UTC, of the start of planning), `{{ slipway:day }}` (YYYYMMDD),
 *   `{{ slipway:minute }}`, `{{ slipway:second }}`,
 *   `{{ slipway:setting.NAME }}`, `{{ slipway:environment-of.Parameter }}` (the environment whose
 *   account that parameter, or the first of its list, is)
 */
const char *slip_runbook_parameter_get_derive (SlipRunbookParameter *self);

/**
 * slip_runbook_parameter_check:
 * @self: a parameter
 * @value: a value for it
 * @message: (out) (nullable): what is wrong
 *
 * Returns: whether @value fits the type, limits, pattern and allowed values
 */
gboolean slip_runbook_parameter_check (SlipRunbookParameter *self, JsonNode *value, char **message);

/**
 * slip_runbook_parameter_parse:
 * @self: a parameter
 * @text: as typed: plain text for a String, comma-separated or JSON for a StringList, `true`, `42`,
 *   JSON for maps
 * @error: return location
 *
 * Returns: (transfer full): the value with the parameter's type, or %NULL with
 *   %SLIP_RUNBOOK_ERROR_PARAMETER
 */
JsonNode *
slip_runbook_parameter_parse (SlipRunbookParameter *self, const char *text, GError **error);

G_END_DECLS
