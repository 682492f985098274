/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipCliAnswer:
 * @service: the service
 * @op: the operation
 * @whole: what is known of the answer, its lists of results emptied
 * @lists: (nullable): name of a list of results → its items as text
 * @kept: (nullable): pages whose items are text by now
 *
 * The answer to one call, page by page, as it will be printed. Begin with the first two members set and
 * the rest zero. It is never freed: the process ends when it is printed, and to give a hundred thousand
 * nodes back one by one takes as long as a third of reading them.
 */
typedef struct
{
  const char *service;
  const SlipAwsOperation *op;
  JsonNode *whole;
  GHashTable *lists;
  GPtrArray *kept;
} SlipCliAnswer;

/**
 * slip_cli_answer_take:
 * @answer: an answer
 * @output: (transfer full) (nullable): all of it
 */
void slip_cli_answer_take (SlipCliAnswer *answer, JsonNode *output);

/**
 * slip_cli_answer_take_page:
 * @page: the next page
 * @answer: the #SlipCliAnswer
 * @error: not used
 *
 * A #SlipAwsPageFunc. Its items become text at once, while the next page is on its way: nothing is
 * printed before all pages are there.
 *
 * Returns: %TRUE
 */
gboolean slip_cli_answer_take_page (JsonNode *page, gpointer answer, GError **error);

/**
 * slip_cli_answer_print:
 * @answer: an answer
 *
 * Prints it as JSON.
 *
 * Returns: the exit status
 */
int slip_cli_answer_print (SlipCliAnswer *answer);

G_END_DECLS
