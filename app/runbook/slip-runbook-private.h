/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-runbook.h"

G_BEGIN_DECLS

/* A parameter of a document that was checked; @object is borrowed from the document for good. */
SlipRunbookParameter *slip_runbook_parameter_new (const char *name, JsonObject *object);

/* `slipway.default` members and the like of a parameter, NULL when it has none. */
JsonObject *slip_runbook_parameter_get_object (SlipRunbookParameter *self);

/* The document as YAML in block style, member order kept. */
char *slip_yaml_write (JsonNode *node);

/* What is built in: documents, and the tables of slipway:capture. */
GResource *slip_runbook_get_resource (void);

G_END_DECLS
