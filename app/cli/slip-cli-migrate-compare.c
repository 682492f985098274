/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate compare: two tables on two servers, and in which rows and cells they differ. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-table-compare.h"

#include <glib/gi18n.h>

#define LISTED 100

typedef struct
{
  SlipTableCompareOptions options;
  char *left;
  char *right;
  char *table;
  char *right_table;
  char *where;
  char **key;
  char **columns;
  char **except;
  char *words[3]; /* of key, columns and except, as they were given */
  gint limit;
  gint chunks;
  gboolean json;

  SlipTableComparison *comparison; /* owned; of the thread, once the loop has ended */
  GError *error;
} Command;

static void
command_clear (Command *command)
{
  g_clear_pointer (&command->comparison, slip_table_comparison_free);
  g_clear_error (&command->error);
  for (gsize i = 0; i < G_N_ELEMENTS (command->words); i++)
    g_free (command->words[i]);
  g_free (command->left);
  g_free (command->right);
  g_free (command->table);
  g_free (command->right_table);
  g_free (command->where);
  g_strfreev (command->key);
  g_strfreev (command->columns);
  g_strfreev (command->except);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

/* ---- what is asked for */

/* Names between commas; one that has a comma stands in double quotes, and a double quote in it is doubled. */
static char **
split_names (const char *words)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GString) name = g_string_new (NULL);
  gboolean quoted = FALSE;

  if (words == NULL)
    return NULL;
  for (const char *at = words;; at++)
    {
      if (quoted && at[0] == '"' && at[1] == '"')
        g_string_append_c (name, *at++);
      else if (*at == '"')
        quoted = !quoted;
      else if (*at == '\0' || (*at == ',' && !quoted))
        {
          if (name->len > 0)
            g_strv_builder_add (names, name->str);
          g_string_truncate (name, 0);
        }
      else
        g_string_append_c (name, *at);
      if (*at == '\0')
        return g_strv_builder_end (names);
    }
}

static void
take_options (Command *command)
{
  command->key = split_names (command->words[0]);
  command->columns = split_names (command->words[1]);
  command->except = split_names (command->words[2]);
  command->options = (SlipTableCompareOptions){
      .left = command->left,
      .right = command->right,
      .left_table = command->table,
      .right_table = command->right_table,
      .key = (const char *const *)command->key,
      .columns = (const char *const *)command->columns,
      .except = (const char *const *)command->except,
      .where = command->where,
      .limit = (guint)command->limit,
      .chunks = (guint)command->chunks,
  };
}

static gboolean
parse (Command *command, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"left", 0, 0, G_OPTION_ARG_STRING, &command->left,
       N_ ("The database that has what should be: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"right", 0, 0, G_OPTION_ARG_STRING, &command->right, N_ ("The database that has what is"),
       N_ ("CONNINFO")},
      {"table", 0, 0, G_OPTION_ARG_STRING, &command->table,
       N_ ("The table or view, as SQL writes its name"), N_ ("NAME")},
      {"right-table", 0, 0, G_OPTION_ARG_STRING, &command->right_table,
       N_ ("Its name on the right, where it has another"), N_ ("NAME")},
      {"key", 0, 0, G_OPTION_ARG_STRING, &command->words[0],
       N_ ("The columns that name a row (default: the left's primary key)"), N_ ("A,B")},
      {"columns", 0, 0, G_OPTION_ARG_STRING, &command->words[1],
       N_ ("Only these columns, beside the key"), N_ ("A,B")},
      {"except", 0, 0, G_OPTION_ARG_STRING, &command->words[2], N_ ("Not these columns"),
       N_ ("A,B")},
      {"where", 0, 0, G_OPTION_ARG_STRING, &command->where,
       N_ ("Only rows that meet this condition, on both sides"), N_ ("SQL")},
      {"limit", 0, 0, G_OPTION_ARG_INT, &command->limit,
       N_ ("How many rows of each kind are listed (default 100); all are counted"), N_ ("N")},
      {"chunks", 0, 0, G_OPTION_ARG_INT, &command->chunks,
       N_ ("How many chunks are hashed first (default: by the tables' sizes)"), N_ ("N")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &command->json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  command->limit = LISTED;
  if (!slip_cli_parse (
          entries, "migrate compare --left CONNINFO --right CONNINFO --table NAME",
          _ ("Compares a table on two servers by hashes that each computes of its own rows, chunk "
             "by "
             "chunk;\nonly rows that differ are fetched. Each server is read at one moment of its "
             "own: what is\nwritten between the two moments shows as a difference.\n\nExit "
             "status: 0 the same, 1 not the same or not comparable, 2 wrong call."),
          argc, argv, status))
    return FALSE;
  if (*argc != 1)
    *status = slip_cli_usage_error (_ ("migrate compare takes no words beside its options"));
  else if (command->left == NULL || command->right == NULL || command->table == NULL)
    *status = slip_cli_usage_error (_ ("migrate compare needs --left, --right and --table"));
  else if (command->limit < 0 || command->limit > 100000)
    *status = slip_cli_usage_error (_ ("--limit is a number of rows, 0 to 100000"));
  else if (command->chunks < 0 || command->chunks > 1000000)
    *status = slip_cli_usage_error (_ ("--chunks is a number of chunks, 1 to 1000000"));
  else
    return TRUE;
  return FALSE;
}

/* ---- while it goes on */

static void
compare (GCancellable *cancellable, gpointer data)
{
  Command *command = data;

  command->comparison = slip_table_compare (&command->options, cancellable, &command->error);
}

/* ---- what came of it */

static void
print_cells (const SlipTableComparison *comparison, const SlipDifference *difference)
{
  for (guint i = 0; difference->differs != NULL && i < comparison->columns->len; i++)
    {
      const SlipComparedColumn *column = g_ptr_array_index (comparison->columns, i);
      g_autofree char *left = slip_pg_quote_literal (g_ptr_array_index (difference->left, i));
      g_autofree char *right = slip_pg_quote_literal (g_ptr_array_index (difference->right, i));

      if (difference->differs[i])
        g_print (_ ("    %s: left %s, right %s\n"), column->name, g_strstrip (left),
                 g_strstrip (right));
    }
}

static void
print_differences (const SlipTableComparison *comparison)
{
  for (guint i = 0; i < comparison->differences->len; i++)
    {
      const SlipDifference *difference = g_ptr_array_index (comparison->differences, i);
      g_autofree char *key = slip_table_comparison_dup_key (comparison, difference);

      g_print ("  %-10s %s\n", slip_difference_kind_to_string (difference->kind), key);
      print_cells (comparison, difference);
    }
}

static void
print_names (const char *format, GPtrArray *names)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            (const char *)g_ptr_array_index (names, i));
  if (names->len > 0)
    g_print ("%s: %s\n", format, text->str);
}

static void
print_text (const SlipTableComparison *comparison)
{
  guint64 differing = 0;

  g_print ("%-6s %-14s %-26s %s\n", _ ("side"), _ ("rows"), _ ("moment"), _ ("table"));
  for (guint i = 0; i < 2; i++)
    {
      const SlipComparedSide *side = &comparison->side[i];

      g_print ("%-6s %-14" G_GUINT64_FORMAT " %-26s %s, %s\n", i == 0 ? _ ("left") : _ ("right"),
               side->rows, side->moment, side->table, side->where);
    }
  for (guint i = 0; i < comparison->notes->len; i++)
    g_print (_ ("note: %s\n"), (const char *)g_ptr_array_index (comparison->notes, i));
  print_names (_ ("only left has the columns"), comparison->only_left);
  print_names (_ ("only right has the columns"), comparison->only_right);
  print_differences (comparison);
  for (guint i = 0; i < SLIP_N_DIFFERENCE_KINDS; i++)
    {
      g_print ("%-10s %" G_GUINT64_FORMAT "\n", slip_difference_kind_to_string (i),
               comparison->counts[i]);
      differing += comparison->counts[i];
    }
  if (differing > comparison->differences->len)
    g_print (g_dngettext (
                 NULL, "%" G_GUINT64_FORMAT " row is counted and not listed: --limit lists more\n",
                 "%" G_GUINT64_FORMAT " rows are counted and not listed: --limit lists more\n",
                 (gulong)(differing - comparison->differences->len)),
             differing - comparison->differences->len);
  g_print (_ ("%s: %u columns, %u of %u chunks differ, %.1f s\n"),
           slip_table_comparison_is_same (comparison) ? _ ("the same") : _ ("not the same"),
           comparison->columns->len, comparison->chunks_differing, comparison->chunks,
           comparison->seconds);
}

int
slip_cli_migrate_compare (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {0};
  int status;

  if (!parse (&command, &argc, &argv, &status))
    return status;
  take_options (&command);
  slip_cli_migrate_work (compare, NULL, &command);
  if (command.comparison == NULL)
    return slip_cli_fail (g_steal_pointer (&command.error));
  if (command.json)
    {
      g_autoptr (JsonNode) node = slip_table_comparison_to_json (command.comparison);
      g_autofree char *text = slip_json_to_text (node, TRUE);

      g_print ("%s\n", text);
    }
  else
    print_text (command.comparison);
  return slip_table_comparison_is_same (command.comparison) ? SLIP_CLI_OK : SLIP_CLI_FAILED;
}
