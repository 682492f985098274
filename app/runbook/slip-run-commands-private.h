/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-commands.h"
#include "slip-run-look.h"

G_BEGIN_DECLS

/* The commands of one step at a time, while they are listed. */
typedef struct
{
  SlipRunFold *fold;
  SlipWorkspace *workspace;
  JsonArray *lines; /* of the step at hand */
  JsonArray *notes;
} SlipRunCommands;

/* Begins a step. */
void slip_run_commands_begin (SlipRunCommands *commands);

/* (transfer full): the step as an object that has its lines and notes; more may be added to both. */
JsonObject *slip_run_commands_new_block (SlipRunCommands *commands, SlipFoldStep *step);

void slip_run_commands_note (SlipRunCommands *commands, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
void slip_run_commands_add_line (SlipRunCommands *commands, const char *line);

/* (transfer full): @node with what the run knows; where the rest is found is noted. */
JsonNode *slip_run_commands_resolve (SlipRunCommands *commands, JsonNode *node);

/* (transfer full): a call with the AWS CLI, signed in as the step is. */
char *slip_run_commands_make_call (SlipRunCommands *commands,
                                   SlipPlanStep *step,
                                   const char *service,
                                   const char *operation,
                                   JsonNode *request,
                                   const char *query);

/* (transfer full): a pattern of grep -E for either of two lists of words. */
char *slip_run_commands_make_pattern (const char *first, const char *second);

/* Waits as the step @step does. */
void slip_run_commands_add_wait (SlipRunCommands *commands, SlipPlanStep *step, JsonNode *request);

/* Adds the calls of a step that puts back what was captured. FALSE when @step is none, or what was captured is not known. */
gboolean slip_run_commands_add_reapply (SlipRunCommands *commands, SlipPlanStep *step);

/* Adds to @list a look for each thing that the run made and the rest builds on, but for those of @again. */
void slip_run_commands_add_needed (SlipRunCommands *commands, JsonArray *list, GHashTable *again);

G_END_DECLS
