/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-action.h"
#include "slip-aws-model.h"
#include "slip-document.h"

G_BEGIN_DECLS

/**
 * SlipCheckStep:
 * @name: the step's name
 * @path: where it stands, `$.mainSteps[3]`
 * @object: the step
 * @inputs: its inputs; empty when it has none
 * @action: (nullable): its action, when there is one of that name
 * @loop: (nullable): the name of the loop that it stands in
 *
 * A step under check.
 */
typedef struct
{
  char *name;
  char *path;
  JsonObject *object;
  JsonObject *inputs;
  const SlipAction *action;
  char *loop;
} SlipCheckStep;

/**
 * SlipCheck:
 * @document: the document
 * @root: its members
 * @faults: (element-type SlipFault): gathers what is wrong
 * @types: what a reference's type is: `Parameter`, `variable:Name`, `Step.Output` →
 *   GUINT_TO_POINTER (SlipParameterType + 1)
 * @steps: name → SlipCheckStep, also those in loops
 * @main_steps: (element-type SlipCheckStep): the main steps in order, borrowed from @all
 * @all: (element-type SlipCheckStep): owns all steps
 *
 * One check of one document. The parts of the check (slip-check-….c) share it.
 */
typedef struct
{
  SlipDocument *document;
  JsonObject *root;
  GPtrArray *faults;
  GHashTable *types;
  GHashTable *steps;
  GPtrArray *main_steps;
  GPtrArray *all;
} SlipCheck;

/* The whole check: gathers all faults, sorted by place. */
void slip_check_document (SlipDocument *document, GPtrArray *faults);

/* Adds a fault at @path. */
void slip_check_fault (SlipCheck *check, const char *path, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Adds a fault at the member @name of the object at @path. */
void
slip_check_fault_at (SlipCheck *check, const char *path, const char *name, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* Whether every member of @object is in @table and of its kind, and required ones are there. A
 * string that holds references fits any kind. With @others, members outside the table are fine. */
void slip_check_members (SlipCheck *check,
                         const char *path,
                         JsonObject *object,
                         const SlipActionInput *table,
                         gboolean others);

/* What @selector takes of each element of its last list of everything, `[*]`; NULL when it has none. */
const char *slip_check_find_elements (const char *selector);

/* Whether both take something of the elements of one list. */
gboolean slip_check_same_list (const char *selector, const char *other);

/* Whether `gone` of a step's @resume is true: a later step deletes what it reads, or it only gives a new name. */
void slip_check_gone (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *resume);

/* The members of one element of `needs`, and of `changes`. */
extern const SlipActionInput slip_check_need_members[];

/* The lists `needs` and `changes` of a step's @slipway. */
void slip_check_needs (SlipCheck *check, const char *path, JsonObject *slipway);

/* " Did you mean X?" for the nearest of @candidates, or "". */
char *slip_check_suggest (const char *name, const char *const *candidates);

/* The string member @name; a fault when it is there but not one of @values. */
void slip_check_one_of (SlipCheck *check,
                        const char *path,
                        JsonObject *object,
                        const char *name,
                        const char *const *values);

/* Whether the member is a string without references. */
gboolean slip_check_is_plain (JsonObject *object, const char *name);

void slip_check_parameters (SlipCheck *check);
void slip_check_steps (SlipCheck *check);
void slip_check_flow (SlipCheck *check);
void slip_check_secrets (SlipCheck *check);

/* `Service`, `Api`, the request and the selectors of an API step. */
void slip_check_request (SlipCheck *check, SlipCheckStep *step);

/* A call written as {service, operation, input} at @path; true when the operation is known. */
gboolean slip_check_call (SlipCheck *check,
                          const char *path,
                          JsonObject *call,
                          const SlipAwsOperation **operation);

/* The kind and the fields in @inputs (at path @at) of a guard that compares with what was captured. */
void slip_check_captured (SlipCheck *check, const char *at, JsonObject *inputs);

/* A selector into the output of @operation; @type is what the document says it yields, or NULL. */
void slip_check_selector (SlipCheck *check,
                          const char *path,
                          const SlipAwsOperation *operation,
                          const char *selector,
                          const SlipParameterType *type);

/* The model's operation of an API step, NULL when it has none. */
const SlipAwsOperation *slip_check_operation (SlipCheckStep *step);

/**
 * SlipCheckWords:
 * @member: a member that takes one of a few words; %NULL ends the table
 * @words: (array zero-terminated=1): which
 */
typedef struct
{
  const char *member;
  const char *const *words;
} SlipCheckWords;

/**
 * SlipCheckObject:
 * @name: what it is called in slipway-objects.schema.json; %NULL ends the table
 * @members: its members
 * @words: (nullable): those that take one of a few words
 *
 * A kind of object within `slipway` objects.
 */
typedef struct
{
  const char *name;
  const SlipActionInput *members;
  const SlipCheckWords *words;
} SlipCheckObject;

/* All kinds of objects that Slipway adds to documents. */
const SlipCheckObject *slip_check_slipway_objects (void);

/* The slipway objects of the document, of a parameter and of a step. */
void slip_check_slipway_document (SlipCheck *check);
void slip_check_slipway_parameter (SlipCheck *check, const char *path, JsonObject *parameter);
void slip_check_slipway_step (SlipCheck *check, SlipCheckStep *step);

/* The type of what lies within a map, which no document declares. */
#define SLIP_CHECK_ANY_TYPE ((SlipParameterType)G_MAXUINT16)

/* The type of a reference; FALSE when it is not known. */
gboolean
slip_check_reference_type (SlipCheck *check, const char *reference, SlipParameterType *type);

/* The one reference that the string @node consists of, or NULL. */
char *slip_check_whole_reference (JsonNode *node);

G_END_DECLS
