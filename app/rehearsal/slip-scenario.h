/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/**
 * SlipScenario:
 *
 * A scenario document: accounts, roles, resources by account and region, faults. Its format is
 * described in data/rehearsal/README.md. Immutable.
 */
typedef struct _SlipScenario SlipScenario;

/**
 * slip_scenario_load:
 * @name_or_path: the name of a scenario that comes with Slipway, or a file's path
 * @error: return location
 *
 * Reads a scenario and checks the whole of what the server itself understands. Sections of services
 * are checked by their own seeds.
 *
 * Returns: (transfer full): the scenario, or %NULL with %SLIP_REHEARSAL_ERROR_SCENARIO
 */
SlipScenario *slip_scenario_load (const char *name_or_path, GError **error);

/**
 * slip_scenario_new_from_json:
 * @node: the document
 *
 * As slip_scenario_load(), of a parsed document.
 */
SlipScenario *slip_scenario_new_from_json (JsonNode *node, GError **error);
void slip_scenario_free (SlipScenario *scenario);

const char *slip_scenario_get_name (SlipScenario *scenario);

/**
 * slip_scenario_get_root:
 *
 * Returns: (transfer none): the document
 */
JsonObject *slip_scenario_get_root (SlipScenario *scenario);

/**
 * slip_scenario_seed:
 * @scenario: a scenario
 * @world: a new world
 * @error: return location
 *
 * Makes accounts, principals and all resources, in one transaction.
 *
 * Returns: whether all of it is made; with %FALSE the world is as it was
 */
gboolean slip_scenario_seed (SlipScenario *scenario, SlipWorld *world, GError **error);

/* --- For the seeds of services --- */

/**
 * slip_scenario_error:
 * @error: return location
 * @path: the place in the scenario
 * @format: what is wrong there
 *
 * Returns: %FALSE
 */
gboolean slip_scenario_error (GError **error, const char *path, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/**
 * slip_scenario_check_members:
 * @object: an object of the scenario
 * @path: its place
 * @allowed: (array zero-terminated=1): the members it may have
 * @error: return location
 *
 * Returns: %FALSE when @object has another member
 */
gboolean slip_scenario_check_members (JsonObject *object,
                                      const char *path,
                                      const char *const *allowed,
                                      GError **error);

/**
 * slip_scenario_get_string:
 * @required: whether it must be there and not be empty
 * @value: (out) (transfer none) (nullable): the string, %NULL when absent
 *
 * Returns: %FALSE when the member is missing or no string
 */
gboolean slip_scenario_get_string (JsonObject *object,
                                   const char *path,
                                   const char *name,
                                   gboolean required,
                                   const char **value,
                                   GError **error);

/**
 * slip_scenario_get_int:
 * @value: (inout): set when the member is there
 *
 * Returns: %FALSE when the member is no integer between @minimum and @maximum
 */
gboolean slip_scenario_get_int (JsonObject *object,
                                const char *path,
                                const char *name,
                                gint64 minimum,
                                gint64 maximum,
                                gint64 *value,
                                GError **error);

gboolean slip_scenario_get_bool (
    JsonObject *object, const char *path, const char *name, gboolean *value, GError **error);

/**
 * slip_scenario_get_object:
 * @value: (out) (transfer none) (nullable): the object, %NULL when absent
 */
gboolean slip_scenario_get_object (JsonObject *object,
                                   const char *path,
                                   const char *name,
                                   gboolean required,
                                   JsonObject **value,
                                   GError **error);

/**
 * slip_scenario_get_strings:
 * @value: (out) (transfer none) (nullable): an array of strings, %NULL when absent
 *
 * Returns: %FALSE when the member is missing, no array, or holds something else than strings
 */
gboolean slip_scenario_get_strings (JsonObject *object,
                                    const char *path,
                                    const char *name,
                                    gboolean required,
                                    JsonArray **value,
                                    GError **error);

/**
 * SlipScenarioItemFunc:
 * @item: an element of an array of objects
 * @path: its place, such as `$.accounts[0].resources.eu-west-1.rds.clusters[2]`
 * @data: as given
 * @error: return location
 */
typedef gboolean (*SlipScenarioItemFunc) (JsonObject *item,
                                          const char *path,
                                          gpointer data,
                                          GError **error);

/**
 * slip_scenario_foreach_item:
 * @name: a member that is an array of objects, or absent
 *
 * Returns: %FALSE at the first element that is no object or for which @func fails
 */
gboolean slip_scenario_foreach_item (JsonObject *object,
                                     const char *path,
                                     const char *name,
                                     SlipScenarioItemFunc func,
                                     gpointer data,
                                     GError **error);

/**
 * slip_scenario_seed_list:
 * @seed: a section of a service that has one list and nothing else
 * @name: the list's member
 * @func: seeds an element; its data is @seed
 *
 * Returns: %FALSE when the section has another member, or as slip_scenario_foreach_item()
 */
gboolean slip_scenario_seed_list (const SlipSeed *seed,
                                  const char *name,
                                  SlipScenarioItemFunc func,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipScenario, slip_scenario_free)

G_END_DECLS
