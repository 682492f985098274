/* SPDX-License-Identifier: MIT */

/* `slipwayctl aws SERVICE OPERATION`: one call of any operation of any service that has a model, with
 * JSON in and JSON out. Names are ours or the AWS CLI's, pages are merged as the AWS CLI merges them,
 * and what changes anything needs --allow-change. With --environment it acts as that environment of
 * the workspace, and a change only as the account and role that the workspace names. */

#include "config.h"

#include "slip-cli-answer.h"
#include "slip-cli-change.h"
#include "slip-cli.h"

#include "slip-aws-client.h"
#include "slip-aws-identity.h"
#include "slip-aws-protocol.h"
#include "slip-file.h"
#include "slip-json.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define MAX_INPUT_BYTES (64 * 1024 * 1024)

typedef struct
{
  char *input;
  char *environment;
  char *endpoint_url;
  char *region;
  char *profile;
  char *confirm;
  gboolean allow_change;
  gboolean no_paginate;
  gboolean list;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->input);
  g_free (options->environment);
  g_free (options->endpoint_url);
  g_free (options->region);
  g_free (options->profile);
  g_free (options->confirm);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What the AWS CLI calls a service where that is another name. */
static const char *
our_service (const char *name)
{
  static const char *const aliases[][2] = {
      {"application-auto-scaling", "application-autoscaling"},
      {"cloudwatch", "monitoring"},
      {"cloudwatch-logs", "logs"},
      {"database-migration-service", "dms"},
      {"deploy", "codedeploy"},
      {"elasticloadbalancing", "elbv2"},
      {"elasticloadbalancingv2", "elbv2"},
      {"s3api", "s3"},
      {"secrets-manager", "secretsmanager"},
      {"service-quotas", "servicequotas"},
      {"sfn", "states"},
      {"stepfunctions", "states"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (name, aliases[i][0]))
      return aliases[i][1];
  return name;
}

/* `describe-db-clusters`, `DescribeDBClusters` and `describeDBClusters` are the same. */
static char *
fold (const char *name)
{
  GString *out = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c++)
    if (*c != '-')
      g_string_append_c (out, g_ascii_tolower (*c));
  return g_string_free (out, FALSE);
}

static const char *
our_operation (const SlipAwsModel *model, const char *name)
{
  g_autofree char *wanted = fold (name);

  for (guint i = 0; i < slip_aws_model_get_n_operations (model); i++)
    {
      const SlipAwsOperation *op = slip_aws_model_get_operation (model, i);
      g_autofree char *folded = fold (op->name);

      if (g_str_equal (folded, wanted))
        return op->name;
    }
  return name;
}

static int
print_services (void)
{
  for (const char *const *name = slip_aws_model_list_services (); *name != NULL; name++)
    g_print ("%s\n", *name);
  return SLIP_CLI_OK;
}

static int
print_operations (const char *service)
{
  g_autoptr (GError) error = NULL;
  SlipAwsModel *model = slip_aws_model_get (our_service (service), &error);

  if (model == NULL)
    return slip_cli_usage_error ("%s", error->message);
  for (guint i = 0; i < slip_aws_model_get_n_operations (model); i++)
    {
      const SlipAwsOperation *op = slip_aws_model_get_operation (model, i);

      g_print ("%-8s%s\n", slip_aws_effect_name (slip_aws_operation_effect (op)), op->name);
    }
  return SLIP_CLI_OK;
}

/* Input */

static GBytes *
read_input_text (const char *input, GError **error)
{
  if (g_str_equal (input, "@-"))
    return slip_file_read ("/dev/stdin", MAX_INPUT_BYTES, error);
  if (*input == '@')
    return slip_file_read (input + 1, MAX_INPUT_BYTES, error);
  return g_bytes_new (input, strlen (input));
}

/* NULL with @status set when it cannot be read; an absent input is an empty object. */
static JsonNode *
read_input (const char *input, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = read_input_text (input != NULL ? input : "{}", &error);
  JsonNode *node = NULL;

  if (bytes != NULL)
    node = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                            &error);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return node;
  if (node != NULL)
    *status = slip_cli_usage_error (_ ("--input must be a JSON object"));
  else
    *status = slip_cli_usage_error (_ ("--input: %s"), error->message);
  g_clear_pointer (&node, json_node_unref);
  return NULL;
}

/* Pages */

/* Whoever names a page or its size wants that page, as with the AWS CLI. */
static gboolean
names_a_page (const SlipAwsOperation *op, JsonNode *input)
{
  const SlipAwsPagination *pagination = slip_aws_operation_pagination (op);
  JsonObject *object = json_node_get_object (input);

  if (pagination == NULL)
    return TRUE;
  if (pagination->limit_key != NULL && json_object_has_member (object, pagination->limit_key))
    return TRUE;
  for (guint i = 0; pagination->input_tokens != NULL && pagination->input_tokens[i] != NULL; i++)
    if (json_object_has_member (object, pagination->input_tokens[i]))
      return TRUE;
  return FALSE;
}

/* Errors that a better call would not have raised. */
static gboolean
is_usage_error (const GError *error)
{
  static const int codes[] = {SLIP_AWS_ERROR_MODEL, SLIP_AWS_ERROR_CHECK, SLIP_AWS_ERROR_CONFIG,
                              SLIP_AWS_ERROR_READ_ONLY, SLIP_AWS_ERROR_ENDPOINT};

  for (guint i = 0; error->domain == SLIP_AWS_ERROR && i < G_N_ELEMENTS (codes); i++)
    if (error->code == codes[i])
      return TRUE;
  return FALSE;
}

static int
fail (GError *error)
{
  gboolean usage = is_usage_error (error);
  int status = slip_cli_fail (error);

  return usage ? SLIP_CLI_USAGE : status;
}

/* Clients */

/* NULL when there is none, which has been told. */
static SlipEnvironment *
find_environment (SlipWorkspace *workspace, const char *name)
{
  SlipEnvironment *environment = slip_workspace_find (workspace, name);

  if (environment == NULL)
    slip_cli_no_environment (workspace, name);
  return environment;
}

/* The client of an environment; its profile, endpoint and AWS files are the workspace's. */
static int
client_of_environment (SlipCli *cli,
                       const Options *options,
                       SlipCliChange *change,
                       SlipAwsClient **client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipWorkspace) workspace = slip_cli_load_workspace (cli);
  g_autoptr (SlipAwsIdentity) identity = NULL;
  SlipEnvironment *environment;

  if (workspace == NULL)
    return SLIP_CLI_FAILED;
  environment = find_environment (workspace, options->environment);
  if (environment == NULL)
    return SLIP_CLI_USAGE;
  *client = slip_environment_new_client (environment, &error);
  if (*client == NULL)
    return fail (g_steal_pointer (&error));
  if (!options->allow_change || change->effect == SLIP_AWS_EFFECT_READ)
    return SLIP_CLI_OK;
  identity = slip_aws_identity_get (*client, NULL, &error);
  if (identity == NULL
      || !slip_aws_identity_matches (identity, slip_environment_get_account (environment),
                                     slip_environment_get_role (environment), &error))
    return fail (g_steal_pointer (&error));
  change->environment = g_object_ref (environment);
  change->principal = g_strdup (identity->arn);
  return slip_cli_change_allow (environment, options->confirm);
}

static int
client_of_profile (const Options *options, SlipAwsClient **client)
{
  g_autoptr (GError) error = NULL;

  *client = slip_aws_client_new_for_profile (options->profile, options->region,
                                             options->endpoint_url, &error);
  if (*client == NULL)
    return fail (g_steal_pointer (&error));
  if (slip_cli_mfa_callback () != NULL)
    {
      g_autoptr (SlipAwsProvider) provider = slip_aws_client_ref_provider (*client);

      slip_aws_provider_set_mfa_callback (provider, slip_cli_mfa_callback (), NULL, NULL);
    }
  return SLIP_CLI_OK;
}

static int
make_client (SlipCli *cli, const Options *options, SlipCliChange *change, SlipAwsClient **client)
{
  int status = options->environment != NULL ? client_of_environment (cli, options, change, client)
                                            : client_of_profile (options, client);

  if (status == SLIP_CLI_OK && options->allow_change)
    slip_aws_client_unlock (*client, "slipwayctl aws --allow-change");
  return status;
}

static gboolean
send (SlipCli *cli,
      const Options *options,
      SlipAwsClient *client,
      SlipCliChange *change,
      SlipCliAnswer *answer,
      GError **error)
{
  const SlipAwsCall *call = change->call;
  SlipAwsCall listing = *call;
  gboolean recorded = change->environment != NULL;
  g_autoptr (GError) failure = NULL;

  if (recorded && !slip_cli_change_begin (change, cli, client, error))
    return FALSE;
  if (options->no_paginate || names_a_page (answer->op, call->input))
    slip_cli_answer_take (answer, slip_aws_client_call (client, call, NULL, NULL, &failure));
  else
    {
      /* The policies that IAM lists are decoded, so they have to be values. */
      listing.results_as_text = !g_str_equal (call->service, "iam");
      slip_aws_client_list (client, &listing, slip_cli_answer_take_page, answer, NULL, NULL,
                            &failure);
    }
  if (recorded && !slip_cli_change_end (change, failure, error))
    return FALSE;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static int
run (SlipCli *cli, const Options *options, const char *service, const char *operation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsClient) client = NULL;
  g_autoptr (JsonNode) input = NULL;
  SlipAwsModel *model = slip_aws_model_get (our_service (service), &error);
  SlipAwsCall call = {.service = our_service (service),
                      .region = options->region,
                      .priority = SLIP_AWS_PRIORITY_RUN};
  g_auto (SlipCliChange) change = {.call = &call};
  /* Kept until the process ends, see SlipCliAnswer. */
  static SlipCliAnswer answer;
  int status = SLIP_CLI_USAGE;

  if (model == NULL)
    return fail (g_steal_pointer (&error));
  call.operation = our_operation (model, operation);
  answer.service = call.service;
  answer.op = slip_aws_model_lookup_operation (call.service, call.operation, NULL, &error);
  if (answer.op == NULL)
    return fail (g_steal_pointer (&error));
  input = read_input (options->input, &status);
  if (input == NULL)
    return status;
  call.input = input;
  change.effect = slip_aws_operation_effect (answer.op);
  status = make_client (cli, options, &change, &client);
  if (status != SLIP_CLI_OK)
    return status;
  if (!send (cli, options, client, &change, &answer, &error))
    return fail (g_steal_pointer (&error));
  return slip_cli_answer_print (&answer);
}

int
slip_cli_aws (SlipCli *cli, int argc, char **argv)
{
  g_auto (Options) options = {0};
  const GOptionEntry entries[] = {
      {"input", 'i', 0, G_OPTION_ARG_STRING, &options.input,
       N_ ("The operation's input; @FILE reads it from a file, @- from standard input"),
       N_ ("JSON|@FILE")},
      {"environment", 'e', 0, G_OPTION_ARG_STRING, &options.environment,
       N_ ("An environment of the workspace: its profile, first region and endpoint"), N_ ("NAME")},
      {"region", 'r', 0, G_OPTION_ARG_STRING, &options.region, N_ ("The region"), N_ ("REGION")},
      {"profile", 'p', 0, G_OPTION_ARG_STRING, &options.profile,
       N_ ("A profile of the AWS configuration files"), N_ ("PROFILE")},
      {"endpoint-url", 0, 0, G_OPTION_ARG_STRING, &options.endpoint_url,
       N_ ("Where to send it instead of to AWS"), N_ ("URL")},
      {"allow-change", 0, 0, G_OPTION_ARG_NONE, &options.allow_change,
       N_ ("Let the operation change something"), NULL},
      {"confirm", 0, 0, G_OPTION_ARG_STRING, &options.confirm,
       N_ ("With --allow-change on a protected environment: its name"), N_ ("NAME")},
      {"no-paginate", 0, 0, G_OPTION_ARG_NONE, &options.no_paginate,
       N_ ("Only the first page, as AWS answers it"), NULL},
      {"list", 0, 0, G_OPTION_ARG_NONE, &options.list,
       N_ ("List the services, or with SERVICE its operations and their effects"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  int status = SLIP_CLI_OK;

  if (!slip_cli_parse (entries, "aws [SERVICE OPERATION]",
                       _ ("Calls one operation of an AWS API and prints the answer as JSON. Names "
                          "are those of the API or of the AWS CLI: DescribeDBClusters or "
                          "describe-db-clusters. It acts as an environment of the workspace, or "
                          "without --environment as the AWS CLI would."),
                       &argc, &argv, &status))
    return status;
  if (options.list && argc <= 2)
    return argc == 2 ? print_operations (argv[1]) : print_services ();
  if (argc != 3)
    return slip_cli_usage_error (
        _ ("aws needs SERVICE and OPERATION, such as: rds describe-db-clusters"));
  if (options.environment != NULL && (options.profile != NULL || options.endpoint_url != NULL))
    return slip_cli_usage_error (
        _ ("--environment brings its own profile and endpoint. Leave out %s"),
        options.profile != NULL ? "--profile" : "--endpoint-url");
  return run (cli, &options, argv[1], argv[2]);
}
