/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* References of Systems Manager documents: `{{ Parameter }}`, `{{ Step.Output }}` (and, on a workstation,
 * `{{ Step.Output.Member }}` into what it yielded),
 * `{{ variable:Name }}`, `{{ global:DATE_TIME }}`, `{{ automation:EXECUTION_ID }}`. In a plan the
 * steps of a loop's turn carry ids such as `Each[2].Delete`, so a reference may hold brackets. */

/**
 * SlipTemplateLookup:
 * @reference: what stands between the braces, trimmed: `Step.Output`
 * @data: as given
 *
 * Returns: (transfer full) (nullable): its value, or %NULL when it is not known (yet). It is only read, so
 *   that a reference to what is kept elsewhere will do
 */
typedef JsonNode *(*SlipTemplateLookup) (const char *reference, gpointer data);

/**
 * slip_template_has_references:
 * @node: a value
 *
 * Returns: whether a string in it holds a `{{ … }}`
 */
gboolean slip_template_has_references (JsonNode *node);

/**
 * slip_template_list:
 * @node: a value
 * @error: return location
 *
 * Returns: (transfer full) (element-type utf8): the references in it, each once, in order; %NULL
 *   with %SLIP_RUNBOOK_ERROR_EXPRESSION when one is malformed
 */
GPtrArray *slip_template_list (JsonNode *node, GError **error);

/**
 * slip_template_list_text:
 * @text: a string
 * @error: return location
 *
 * Like slip_template_list() for one string.
 */
GPtrArray *slip_template_list_text (const char *text, GError **error);

/**
 * slip_template_resolve:
 * @node: a value
 * @lookup: finds values
 * @data: for @lookup
 * @unknown: (nullable) (element-type utf8): collects what @lookup does not know, each once. With
 *   %NULL something unknown is an error
 * @error: return location
 *
 * Replaces references by values. A string that is nothing but one reference becomes the value with
 * its type; within a longer string, strings, numbers and booleans are written out and lists and maps
 * as JSON. An element of a list that is one reference to a list is replaced by that list's elements,
 * as Systems Manager does. What is not known stays as it is.
 *
 * Returns: (transfer full): a new value, or %NULL with %SLIP_RUNBOOK_ERROR_EXPRESSION
 */
JsonNode *slip_template_resolve (
    JsonNode *node, SlipTemplateLookup lookup, gpointer data, GPtrArray *unknown, GError **error);

/**
 * slip_template_rename:
 * @node: a value
 * @rename: called with each reference; returns its new text (transfer full), or %NULL to leave it
 * @data: for @rename
 *
 * Returns: (transfer full): a copy with references renamed; malformed ones are left alone
 */
JsonNode *slip_template_rename (JsonNode *node,
                                char *(*rename) (const char *reference, gpointer data),
                                gpointer data);

G_END_DECLS
