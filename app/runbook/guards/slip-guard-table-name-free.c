/* SPDX-License-Identifier: MIT */
/* Whether no DynamoDB table has the name that a restore will give to a new one. AWS Backup finds out
 * only after the job was started, and the job fails then. A table cannot be renamed. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"table", NULL};

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "table");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonObject *table;

  if (name == NULL
      || !g_regex_match_simple ("^[a-zA-Z0-9_.-]{3,255}$", name, G_REGEX_DOLLAR_ENDONLY, 0))
    {
      *message = g_strdup_printf ("“%s” is no name of a table: 3 to 255 letters, digits, hyphens, "
                                  "underscores and dots",
                                  name != NULL ? name : "");
      return SLIP_GUARD_BLOCK;
    }
  json_object_set_string_member (input, "TableName", name);
  output = slip_guard_call (context, "dynamodb", "DescribeTable", input, &error);
  if (slip_aws_error_has_code (error, "ResourceNotFoundException"))
    {
      *message = g_strdup_printf ("no table is called %s", name);
      return SLIP_GUARD_PASS;
    }
  table = output != NULL ? slip_json_object (slip_json_node_object (output), "Table") : NULL;
  if (table == NULL)
    return slip_guard_unprovable (message, "whether the name is free", error);
  *message = g_strdup_printf (
      "a table %s exists already (%s, created %s). Choose another name, such as %s-2", name,
      slip_json_string (table, "TableStatus"), slip_json_string (table, "CreationDateTime"), name);
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_table_name_free = {
    .id = "table-name-free",
    .title = "Table name is free",
    .inputs = inputs,
    .evaluate = evaluate,
};
