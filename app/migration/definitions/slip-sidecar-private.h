/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-definition-reader.h"
#include "slip-sidecar.h"

G_BEGIN_DECLS

/* Parts of the sidecar. Each reader stands at the part's object and notes what is wrong with it. */

SlipEntity *slip_entity_read (SlipReader *reader, JsonObject *object);
SlipDecision *slip_decision_read (SlipReader *reader, const char *name, JsonObject *object);
SlipFilter *slip_filter_read (SlipReader *reader, JsonObject *object);
SlipUid *slip_uid_read (SlipReader *reader, JsonObject *object);
SlipNeed *slip_need_read (SlipReader *reader, JsonObject *object);
SlipBusinessRule *slip_business_rule_read (SlipReader *reader, JsonObject *object);
SlipHook *slip_hook_read (SlipReader *reader, JsonObject *object);
SlipCase *slip_case_read (SlipReader *reader, JsonObject *object);
void slip_source_read (SlipReader *reader, JsonObject *object, SlipSource *source);
void slip_schemas_read (SlipReader *reader, JsonObject *object, SlipSchemas *schemas);
void
slip_validation_rules_read (SlipReader *reader, JsonObject *object, SlipValidationRules *rules);
void slip_validation_rules_clear (SlipValidationRules *rules);
void slip_api_read (SlipReader *reader, JsonObject *object, SlipApi *api);
void slip_api_clear (SlipApi *api);
void slip_gates_read (SlipReader *reader, JsonObject *object, GPtrArray *gates);

void slip_entity_free (SlipEntity *entity);
void slip_decision_free (SlipDecision *decision);
void slip_filter_free (SlipFilter *filter);
void slip_uid_free (SlipUid *uid);
void slip_need_free (SlipNeed *need);
void slip_business_rule_free (SlipBusinessRule *rule);
void slip_hook_free (SlipHook *hook);
void slip_gate_free (SlipGate *gate);
void slip_case_free (SlipCase *extract);
void slip_source_clear (SlipSource *source);
void slip_schemas_clear (SlipSchemas *schemas);
void slip_named_sql_free (SlipNamedSql *named);
void slip_pair_free (SlipPair *pair);

/* Shared by the parts. */
char **slip_sidecar_dup_list (SlipReader *reader, JsonObject *object, const char *name);
GPtrArray *slip_sidecar_read_pairs (SlipReader *reader, JsonObject *object, const char *name);
GPtrArray *slip_sidecar_read_named (SlipReader *reader, JsonObject *object, const char *name);
gboolean slip_sidecar_is_stage (const char *name);

/* Reads the object at which the reader stands to a record, or to NULL. */
typedef gpointer (*SlipSidecarReadFunc) (SlipReader *reader, JsonObject *object);

/**
 * slip_sidecar_read_list:
 * @object: the part
 * @name: a member that is a list of objects, or absent
 * @read: reads one of them
 * @list: where to
 */
void slip_sidecar_read_list (SlipReader *reader,
                             JsonObject *object,
                             const char *name,
                             SlipSidecarReadFunc read,
                             GPtrArray *list);

/**
 * slip_sidecar_one_of:
 * @words: (array zero-terminated=1): what it can be; the first when it is not set
 *
 * Returns: which; 0 with an error when it is none of them
 */
guint slip_sidecar_one_of (SlipReader *reader,
                           JsonObject *object,
                           const char *name,
                           const char *const *words);

G_END_DECLS
