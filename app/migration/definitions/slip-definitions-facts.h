/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-definitions-diff.h"

G_BEGIN_DECLS

/* One property of an item, as text; a value that is not set is no fact. */
typedef struct
{
  const char *property; /* static */
  char *value;          /* owned; never NULL */
  gboolean rows;        /* whether rows depend on it */
} SlipFact;

/* An item of a record. The first one of a record has the name "", and is the record itself. */
typedef struct
{
  char *name;
  GPtrArray *facts; /* owned; element-type SlipFact */
  gboolean ordered; /* whether its place among the ordered items is told */
  gboolean rows;    /* whether rows depend on it being there */
} SlipFactItem;

/* What a record says, in a form in which two of a kind can be compared without knowing which kind. */
typedef struct
{
  char *name;
  GPtrArray *items;   /* owned; element-type SlipFactItem */
  GHashTable *index;  /* name → item, borrowed */
  gboolean order;     /* whether the order of its ordered items can change rows */
  const char *plural; /* static; what its ordered items are called */
} SlipFacts;

/**
 * slip_definitions_facts:
 * @self: definitions
 * @part: of which kind
 *
 * Returns: (transfer full) (element-type SlipFacts): all records of a kind, in their order
 */
GPtrArray *slip_definitions_facts (SlipDefinitions *self, SlipDefinitionsPart part);

G_END_DECLS
