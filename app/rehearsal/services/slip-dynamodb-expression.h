/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-dynamodb-value.h"

G_BEGIN_DECLS

/* One step of a document path: a member's name, or an index. */
typedef struct
{
  char *name; /* NULL: the index counts */
  guint index;
} SlipDynamodbStep;

typedef enum
{
  SLIP_DYNAMODB_PATH,
  SLIP_DYNAMODB_VALUE,
  SLIP_DYNAMODB_CALL,    /* name: begins_with, size, if_not_exists, … */
  SLIP_DYNAMODB_COMPARE, /* name: =, <>, <, <=, >, >= */
  SLIP_DYNAMODB_BETWEEN,
  SLIP_DYNAMODB_IN,
  SLIP_DYNAMODB_AND,
  SLIP_DYNAMODB_OR,
  SLIP_DYNAMODB_NOT,
  SLIP_DYNAMODB_PLUS,
  SLIP_DYNAMODB_MINUS,
  SLIP_DYNAMODB_LIST,   /* of paths: a projection */
  SLIP_DYNAMODB_ACTION, /* name: SET, REMOVE, ADD, DELETE; a path, then perhaps an operand */
} SlipDynamodbKind;

typedef struct _SlipDynamodbNode SlipDynamodbNode;

/* An expression as a tree. Immutable. */
struct _SlipDynamodbNode
{
  SlipDynamodbKind kind;
  char *name;
  GArray *steps;     /* element-type SlipDynamodbStep; of paths */
  JsonObject *value; /* of values: normal */
  GPtrArray *children;
};

void slip_dynamodb_node_free (SlipDynamodbNode *node);

static inline const SlipDynamodbNode *
slip_dynamodb_child (const SlipDynamodbNode *node, guint index)
{
  return g_ptr_array_index (node->children, index);
}

/* The names and values a request brings for its expressions, and which of them were used. */
typedef struct
{
  JsonObject *names;
  JsonObject *values;
  GHashTable *used;
} SlipDynamodbNames;

void slip_dynamodb_names_init (SlipDynamodbNames *names, JsonObject *input);
void slip_dynamodb_names_clear (SlipDynamodbNames *names);

/* Whether every name and value that the request brought was used; AWS's error otherwise. */
gboolean slip_dynamodb_names_check (SlipDynamodbNames *names, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipDynamodbNames, slip_dynamodb_names_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipDynamodbNode, slip_dynamodb_node_free)

/* slip-dynamodb-parse.c. @member is the request's: `FilterExpression`. All return NULL when it is
 * not in the request, and with an error when it is malformed. */
SlipDynamodbNode *slip_dynamodb_parse_condition (JsonObject *input,
                                                 const char *member,
                                                 SlipDynamodbNames *names,
                                                 GError **error);
SlipDynamodbNode *
slip_dynamodb_parse_projection (JsonObject *input, SlipDynamodbNames *names, GError **error);
SlipDynamodbNode *
slip_dynamodb_parse_update (JsonObject *input, SlipDynamodbNames *names, GError **error);

/* slip-dynamodb-evaluate.c */

/* Whether @item satisfies @condition; no condition is satisfied. */
gboolean slip_dynamodb_matches (const SlipDynamodbNode *condition, JsonObject *item);

/* What a path leads to, borrowed. */
JsonObject *slip_dynamodb_lookup (GArray *steps, JsonObject *item);

/* Only what the paths of a projection lead to; without one the item itself. */
JsonObject *slip_dynamodb_project (const SlipDynamodbNode *projection, JsonObject *item);

/* slip-dynamodb-update.c: a copy of @item with the update's actions done, or NULL with an error.
 * Adds the top-level attributes it touches to @touched. */
JsonObject *slip_dynamodb_update (const SlipDynamodbNode *update,
                                  JsonObject *item,
                                  GHashTable *touched,
                                  GError **error);

/* The value of an operand, (transfer full); NULL when there is none, or with an error. */
JsonObject *
slip_dynamodb_operand (const SlipDynamodbNode *operand, JsonObject *item, GError **error);

G_END_DECLS
