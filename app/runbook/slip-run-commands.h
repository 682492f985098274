/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/* How a person finishes a run by hand, with the AWS CLI and without this program. */

/**
 * slip_run_fold_list_commands:
 * @fold: a run
 * @workspace: (nullable): whose environments tell profiles, files and endpoints; without it, or when it
 *   lacks an environment, the commands lack them and say so
 *
 * For each step that is neither done nor skipped, and those that the run takes once more (see
 * slip_run_fold_list_again(), which says why), in the order of the plan, the commands that do what
 * the step would: `aws SERVICE OPERATION --cli-input-json …` quoted for a POSIX shell, a loop that
 * polls for a wait, the program's own command line for an action of the workstation. Values that the
 * run knows are filled in. What only an earlier step yields stays as `{{ Step.Output }}`, with a note
 * where to find it. A call whose fate is not known is preceded by the one that looks. Touches no disk.
 *
 * Returns: (transfer full) (element-type JsonObject): objects `{step, index, title, environment,
 *   effect, commands: [text], notes: [text]}`; `index` counts from 1
 */
JsonArray *slip_run_fold_list_commands (SlipRunFold *fold, SlipWorkspace *workspace);

/**
 * slip_run_commands_to_script:
 * @commands: what slip_run_fold_list_commands() gave
 *
 * Returns: (transfer full): all of it as text for a shell, titles and notes as comments
 */
char *slip_run_commands_to_script (JsonArray *commands);

/**
 * slip_run_command_name:
 * @service: a service as plans call it: `monitoring`
 *
 * Returns: (transfer none): what the AWS CLI calls it: `cloudwatch`
 */
const char *slip_run_command_name (const char *service);

/**
 * slip_run_command_operation:
 * @operation: an operation: `CreateDBCluster`
 *
 * Returns: (transfer full): what the AWS CLI calls it: `create-db-cluster`, by the rules of botocore's
 *   xform_name()
 */
char *slip_run_command_operation (const char *operation);

/**
 * slip_run_command_query:
 * @selector: (nullable): a JSONPath: `$.DBClusters[0].Status`
 *
 * Returns: (transfer full) (nullable): the same as JMESPath, for `--query`; %NULL for what that cannot
 *   say in the same words
 */
char *slip_run_command_query (const char *selector);

/**
 * slip_run_command_append:
 * @line: a command line
 * @word: appended as one word, quoted when a shell would take it for more
 */
void slip_run_command_append (GString *line, const char *word);

/**
 * slip_run_command_append_words:
 * @line: a command line
 * @words: (nullable): what is appended, each element as one word
 */
void slip_run_command_append_words (GString *line, JsonArray *words);

/**
 * slip_run_command_join:
 * @values: (nullable): values
 * @between: what stands between two of them
 *
 * Returns: (transfer full): all of them as one text
 */
char *slip_run_command_join (JsonArray *values, const char *between);

/**
 * slip_run_command_new_metric_input:
 * @request: the request of a step with `slipway:metric`
 *
 * Returns: (transfer full): what `GetMetricStatistics` is asked, but for the times
 */
JsonNode *slip_run_command_new_metric_input (JsonObject *request);

/**
 * slip_run_command_make_migration:
 * @request: the request of a step with `slipway:migrate`
 * @notes: (element-type utf8): what a person must know besides is appended
 *
 * Returns: (transfer full) (nullable): the command line of `slipwayctl migrate` that does the same
 */
char *slip_run_command_make_migration (JsonObject *request, GPtrArray *notes);

G_END_DECLS
