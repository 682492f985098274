/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-parameter-field.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_PARAMETER_FORM (slip_parameter_form_get_type ())

/**
 * SlipParameterForm:
 *
 * A runbook's parameters as a form, for one environment. Defaults come from the environment's
 * settings and from what is derived, and follow while the person fills in; what a step destroys has
 * none. Signal: `changed`.
 */
G_DECLARE_FINAL_TYPE (SlipParameterForm, slip_parameter_form, SLIP, PARAMETER_FORM, AdwBin)

GtkWidget *slip_parameter_form_new (SlipWorkbench *workbench, SlipRunbook *runbook);

/**
 * slip_parameter_form_set_environment:
 * @environment: (nullable): where the runbook acts
 */
void slip_parameter_form_set_environment (SlipParameterForm *self, SlipEnvironment *environment);
SlipEnvironment *slip_parameter_form_get_environment (SlipParameterForm *self);

/**
 * slip_parameter_form_set_value:
 * @name: a parameter
 * @text: what a person would type
 *
 * Sets what is not destroyed by a step; of what is, @text is offered beside the field, and a person takes it.
 */
void slip_parameter_form_set_value (SlipParameterForm *self, const char *name, const char *text);

/**
 * slip_parameter_form_dup_parameters:
 * @self: a form
 *
 * Reads every field, and shows beside each what does not fit.
 *
 * Returns: (transfer full) (nullable): the values by name; %NULL when something does not fit
 */
JsonObject *slip_parameter_form_dup_parameters (SlipParameterForm *self);

/**
 * slip_parameter_form_dup_complete:
 * @self: a form
 *
 * As slip_parameter_form_dup_parameters(), and finds fault with nothing: whoever still fills it in is
 * not interrupted.
 *
 * Returns: (transfer full) (nullable): the values by name; %NULL while something does not fit
 */
JsonObject *slip_parameter_form_dup_complete (SlipParameterForm *self);

/**
 * slip_parameter_form_find:
 *
 * Returns: (transfer none) (nullable): the field of a parameter
 */
SlipParameterField *slip_parameter_form_find (SlipParameterForm *self, const char *name);

/**
 * slip_parameter_form_focus_problem:
 *
 * Moves the focus to the first field that slip_parameter_form_dup_parameters() found fault with, and
 * scrolls it into view with its reason, as soon as that is laid out.
 *
 * Returns: whether there was one
 */
gboolean slip_parameter_form_focus_problem (SlipParameterForm *self);

G_END_DECLS
