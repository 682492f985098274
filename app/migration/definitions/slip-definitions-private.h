/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-definition-reader.h"
#include "slip-definitions.h"

G_BEGIN_DECLS

/* One reader for each kind of file. They are given what the file holds, note what is wrong with it, and
 * return a record, or %NULL when nothing of it can be used. */
SlipMapping *slip_mapping_read (SlipReader *reader, const char *name, JsonObject *root);
SlipLookup *slip_lookup_read (SlipReader *reader, const char *name, JsonObject *root);
SlipTableDefinition *
slip_table_definition_read (SlipReader *reader, const char *name, JsonObject *object);
SlipTargetTable *slip_target_table_read (SlipReader *reader, const char *name, JsonObject *object);
SlipValidation *slip_validation_read (SlipReader *reader, const char *name, JsonObject *object);
SlipCopyTable *slip_copy_table_read (SlipReader *reader, const char *name, JsonObject *object);

/* `data_type` of the object at which the reader stands; text when it is none. */
SlipType slip_type_read (SlipReader *reader, JsonObject *object);

/* Conditions of a table definition. */
GPtrArray *slip_conditions_read (SlipReader *reader, JsonObject *object);
void slip_condition_free (SlipCondition *condition);

/* The record of that name, or NULL. Records begin with their name. */
gconstpointer slip_definitions_find_record (GPtrArray *list, const char *name);

G_END_DECLS
