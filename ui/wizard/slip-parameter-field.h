/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-runbook-parameter.h"

G_BEGIN_DECLS

#define SLIP_TYPE_PARAMETER_FIELD (slip_parameter_field_get_type ())

/**
 * SlipParameterField:
 *
 * The rows that ask for one parameter of a runbook, and what was answered. Made from the parameter
 * alone. A value set from outside is a default, and may be replaced by another default until a person
 * touches the field. Signals: `changed` (the person changed it), `pick` (the picker's popover opens
 * and wants choices).
 */
G_DECLARE_FINAL_TYPE (SlipParameterField, slip_parameter_field, SLIP, PARAMETER_FIELD, GObject)

/**
 * slip_parameter_field_new:
 * @parameter: what is asked for
 * @values: (nullable) (array zero-terminated=1): a closed set of values besides the parameter's own
 * @has_picker: whether there is something to pick from
 */
SlipParameterField *slip_parameter_field_new (SlipRunbookParameter *parameter,
                                              const char *const *values,
                                              gboolean has_picker);

SlipRunbookParameter *slip_parameter_field_get_parameter (SlipParameterField *self);

/**
 * slip_parameter_field_get_rows:
 *
 * Returns: (transfer none) (element-type GtkWidget): the rows, in order
 */
GPtrArray *slip_parameter_field_get_rows (SlipParameterField *self);

/**
 * slip_parameter_field_set_default:
 * @value: (nullable): what it is unless the person says otherwise; ignored once they have, and for
 *   what a step destroys
 */
void slip_parameter_field_set_default (SlipParameterField *self, JsonNode *value);

/**
 * slip_parameter_field_is_touched:
 *
 * Returns: whether a person has set it
 */
gboolean slip_parameter_field_is_touched (SlipParameterField *self);

/**
 * slip_parameter_field_dup_value:
 * @message: (out) (nullable): why there is none
 *
 * Returns: (transfer full) (nullable): the value; %NULL without @message when it was left empty
 */
JsonNode *slip_parameter_field_dup_value (SlipParameterField *self, char **message);

/**
 * slip_parameter_field_show_message:
 * @message: (nullable): what is wrong with the value; %NULL shows the description instead
 */
void slip_parameter_field_show_message (SlipParameterField *self, const char *message);
const char *slip_parameter_field_get_message (SlipParameterField *self);

/**
 * slip_parameter_field_set_outlook:
 * @text: (nullable): what hangs on the value at hand, below the description
 */
void slip_parameter_field_set_outlook (SlipParameterField *self, const char *text);

/**
 * slip_parameter_field_set_offer:
 * @value: (nullable): what the person came from; %NULL offers nothing any more
 * @text: (nullable): what the button says, which tells why it is this
 *
 * Offers a value below the field without taking it: a button puts it in, as if the person had typed it, and is gone as long
 * as it stands there. A switch offers nothing.
 */
void slip_parameter_field_set_offer (SlipParameterField *self, const char *value, const char *text);

/**
 * slip_parameter_field_get_offer:
 *
 * Returns: (transfer none) (nullable): what is offered
 */
const char *slip_parameter_field_get_offer (SlipParameterField *self);

/**
 * slip_parameter_field_set_choices:
 * @choices: (nullable): an array of `{value, title}` for the picker
 * @note: (nullable): shown instead of choices, such as why there are none
 */
void
slip_parameter_field_set_choices (SlipParameterField *self, JsonArray *choices, const char *note);

/**
 * slip_parameter_field_set_text:
 * @text: what a person would type
 *
 * As if a person had typed it; for a switch `true` or `false`.
 */
void slip_parameter_field_set_text (SlipParameterField *self, const char *text);

G_END_DECLS
