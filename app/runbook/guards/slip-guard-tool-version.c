/* SPDX-License-Identifier: MIT */
/* Whether a program that a procedure runs is installed, in a version that will do. The constraint is
 * written as Terraform writes it: `~> 1.13.3`, `>= 1.5, < 2`. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-runbook-error.h"
#include "slip-process.h"

#include <stdlib.h>
#include <string.h>

/* `require`: nothing asks only that it is there; `needed`: when false, the guard has nothing to do. */
static const char *const inputs[] = {"program", "require?", "needed?", NULL};

#define TIMEOUT_SECONDS 30
#define MAX_NUMBERS 4

typedef struct
{
  long numbers[MAX_NUMBERS];
  guint n;
} Version;

/* The first dotted number of @text. */
static gboolean
parse_version (const char *text, Version *version)
{
  const char *at = text;

  memset (version, 0, sizeof *version);
  while (*at != '\0' && !g_ascii_isdigit (*at))
    at++;
  while (g_ascii_isdigit (*at) && version->n < MAX_NUMBERS)
    {
      char *end;

      version->numbers[version->n++] = strtol (at, &end, 10);
      at = *end == '.' && g_ascii_isdigit (end[1]) ? end + 1 : end;
    }
  return version->n > 0;
}

static int
compare (const Version *a, const Version *b, guint n)
{
  for (guint i = 0; i < n; i++)
    if (a->numbers[i] != b->numbers[i])
      return a->numbers[i] < b->numbers[i] ? -1 : 1;
  return 0;
}

/* `~> 1.13.3`: at least that, and the same but for the last number given. */
static gboolean
holds (const Version *found, const char *operator, const Version * wanted)
{
  int order = compare (found, wanted, MAX_NUMBERS);

  if (g_str_equal (operator, "~>"))
    return order >= 0 && compare (found, wanted, MAX (wanted->n, 2) - 1) == 0;
  if (g_str_equal (operator, ">="))
    return order >= 0;
  if (g_str_equal (operator, "<="))
    return order <= 0;
  if (g_str_equal (operator, ">"))
    return order > 0;
  if (g_str_equal (operator, "<"))
    return order < 0;
  if (g_str_equal (operator, "!="))
    return order != 0;
  return order == 0;
}

/* FALSE also for what is no constraint; @bad tells. */
static gboolean
satisfies (const Version *found, const char *constraint, gboolean *bad)
{
  g_auto (GStrv) parts = g_strsplit (constraint, ",", -1);
  gboolean all = TRUE;

  *bad = FALSE;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *part = g_strstrip (parts[i]);
      gsize length = strspn (part, "~<>=!");
      g_autofree char *operator= g_strndup (part, length);
      Version wanted;

      if (!parse_version (part + length, &wanted))
        *bad = TRUE;
      all = all && holds (found, operator, & wanted);
    }
  return all && !*bad;
}

static char *
ask_version (SlipGuardContext *context, const char *program, GError **error)
{
  const char *argv[] = {program, "version", NULL};
  g_auto (GStrv) environment = slip_process_environ (NULL);
  g_auto (SlipProcessResult) result = {0};
  SlipProcess process = {
      .argv = argv,
      .envp = environment,
      .timeout_s = TIMEOUT_SECONDS,
      .max_bytes = 64 * 1024,
  };

  /* Terraform's children know `version`, most others only `--version`. */
  if (!slip_process_run (&process, &result, context->cancellable, error))
    return NULL;
  if (result.status != 0)
    {
      argv[1] = "--version";
      slip_process_result_clear (&result);
      if (!slip_process_run (&process, &result, context->cancellable, error))
        return NULL;
    }
  if (result.status == 0 && result.out != NULL)
    return g_strdup (result.out);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "%s does not tell its version (exit status %d)", program, result.status);
  return NULL;
}

static SlipGuardState
judge (const char *program, const char *text, const char *require, char **message)
{
  g_autofree char *line = g_strndup (text, strcspn (text, "\n"));
  Version found;
  gboolean bad;

  if (!parse_version (line, &found))
    {
      *message = g_strdup_printf ("%s does not tell its version but “%s”", program, line);
      return SLIP_GUARD_UNPROVABLE;
    }
  if (require == NULL || satisfies (&found, require, &bad))
    {
      *message = g_strdup_printf ("%s%s%s", line, require != NULL ? " satisfies " : "",
                                  require != NULL ? require : "");
      return SLIP_GUARD_PASS;
    }
  *message = bad ? g_strdup_printf ("“%s” is no version constraint. Write it as ~> 1.13.3 or >= "
                                    "1.5, < 2",
                                    require)
                 : g_strdup_printf ("this is %s, and %s is required. Install that version, or name "
                                    "the program by its path",
                                    line, require);
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *program = slip_guard_input (context, "program");
  g_autofree char *path = program != NULL ? g_find_program_in_path (program) : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!slip_json_bool (context->inputs, "needed", TRUE))
    {
      *message = g_strdup_printf ("%s is not used by this plan", program);
      return SLIP_GUARD_PASS;
    }
  if (path == NULL)
    {
      *message
          = g_strdup_printf ("%s is not installed on this machine. Install it, or choose to have "
                             "its part done by hand",
                             program != NULL ? program : "the program");
      return SLIP_GUARD_BLOCK;
    }
  text = ask_version (context, path, &error);
  if (text == NULL)
    return slip_guard_unprovable (message, "the program's version", error);
  return judge (program, text, slip_guard_input (context, "require"), message);
}

const SlipGuard slip_guard_tool_version = {
    .id = "tool-version",
    .title = "Program is installed",
    .inputs = inputs,
    .evaluate = evaluate,
};
