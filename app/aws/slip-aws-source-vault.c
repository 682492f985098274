/* SPDX-License-Identifier: MIT */

/* aws-vault, asked for a profile's credentials: `aws-vault export --format=json PROFILE`, or the older
 * `aws-vault exec --json PROFILE` where export is not known. It may want a one-time code; it is never
 * left waiting for one where nobody sees the question, but ended, and started again; a code from our own
 * dialog is then typed on a terminal of its own, where neither a command line nor an environment shows
 * it. Sources: USAGE.md of aws-vault, and its prompt/terminal.go, which reads standard input in older
 * versions and the terminal in newer ones. */

#include "slip-aws-source.h"

#include "slip-aws-child.h"
#include "slip-aws-error.h"

#include <string.h>

#define MAX_CODES 3

typedef enum
{
  ANSWER_CREDENTIALS,
  ANSWER_FAILED,
  ANSWER_NEEDS_CODE,
  ANSWER_NO_EXPORT,
} Answer;

/* In lower case. The first is what needs a code, the second what needs a person at a terminal. */
static const char *const code_prompts[] = {"enter mfa code", "enter token", "mfa code for", NULL};
static const char *const all_prompts[] = {
    "enter mfa code", "enter token",    "mfa code for", "passphrase",
    "password:",      "enter password", "press enter",  NULL,
};

gboolean
slip_aws_vault_is_installed (void)
{
  g_autofree char *path = g_find_program_in_path ("aws-vault");

  return path != NULL;
}

static gboolean
contains_any (const char *text, const char *const *words)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (lower, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

static GPtrArray *
make_argv (const char *profile, gboolean export)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup ("aws-vault"));
  g_ptr_array_add (argv, g_strdup (export ? "export" : "exec"));
  g_ptr_array_add (argv, g_strdup (export ? "--format=json" : "--json"));
  g_ptr_array_add (argv, g_strdup (profile));
  g_ptr_array_add (argv, NULL);
  return argv;
}

/* aws-vault refuses to run inside itself, and a profile named by the environment is not the asked one.
 * Without a terminal as its output it would ask by a window of its own; a key that answers for the person
 * (`AWS_VAULT_PROMPT=ykman`) is theirs to choose, until a code was asked for here. */
static char **
make_environ (gboolean has_code)
{
  static const char *const dropped[] = {
      "AWS_VAULT",
      "AWS_PROFILE",
      "AWS_DEFAULT_PROFILE",
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AWS_SECURITY_TOKEN",
      "AWS_CREDENTIAL_EXPIRATION",
      "AWS_SESSION_EXPIRATION",
  };
  char **envp = g_get_environ ();

  for (guint i = 0; i < G_N_ELEMENTS (dropped); i++)
    envp = g_environ_unsetenv (envp, dropped[i]);
  return g_environ_setenv (envp, "AWS_VAULT_PROMPT", "terminal", has_code);
}

static Answer
judge (const SlipAwsChildResult *result, gboolean export)
{
  static const char *const unknown[]
      = {"expected command but got", "unknown command", "unknown long flag", "not defined", NULL};
  static const char *const wants_code[]
      = {"multifactorauthentication", "mfa code", "mfa token", NULL};

  if (result->prompt != NULL)
    return contains_any (result->prompt, code_prompts) ? ANSWER_NEEDS_CODE : ANSWER_FAILED;
  if (result->ok)
    return ANSWER_CREDENTIALS;
  if (export && contains_any (result->err, unknown))
    return ANSWER_NO_EXPORT;
  return contains_any (result->err, wants_code) ? ANSWER_NEEDS_CODE : ANSWER_FAILED;
}

static gboolean
ask_vault (const char *profile,
           const char *code,
           guint timeout_s,
           gboolean export,
           SlipAwsChildResult *result,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GPtrArray) argv = make_argv (profile, export);
  g_autofree char *what = g_strdup_printf ("aws-vault of profile %s", profile);
  SlipAwsChild child = {
      .argv = (const char *const *)argv->pdata,
      .what = what,
      .envp = make_environ (code != NULL),
      .timeout_s = timeout_s,
      .prompts = all_prompts,
      .terminal = TRUE,
      .answer = code,
      .answered = code_prompts,
  };
  gboolean ok;

  slip_aws_child_result_clear (result);
  ok = slip_aws_child_run (&child, result, cancellable, error);
  slip_aws_environ_free (child.envp);
  return ok;
}

static void
set_failure (const SlipAwsChildResult *result, const char *profile, GError **error)
{
  if (result->prompt != NULL)
    g_set_error (
        error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
        "aws-vault asks “%s” for profile %s, which it can only do in a terminal. Unlock it "
        "there first: aws-vault export %s",
        result->prompt, profile, profile);
  else
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS,
                 "aws-vault ended with %d for profile %s: %s", result->status, profile,
                 result->err);
}

/* `Enter MFA code for arn:aws:iam::1:mfa/me: ` names the device. */
static char *
device_of (const SlipAwsChildResult *result)
{
  const char *arn = result->prompt != NULL ? strstr (result->prompt, "arn:") : NULL;
  gsize length;

  if (arn == NULL)
    return g_strdup ("the profile's MFA device");
  length = strcspn (arn, " \t");
  while (length > 0 && strchr (":.,", arn[length - 1]) != NULL)
    length--;
  return g_strndup (arn, length);
}

SlipAwsCredentials *
slip_aws_vault_fetch (const char *profile,
                      guint timeout_s,
                      const SlipAwsMfa *mfa,
                      GCancellable *cancellable,
                      GError **error)
{
  g_auto (SlipAwsChildResult) result = {0};
  g_autofree char *source = g_strdup_printf ("aws-vault profile %s", profile);
  g_autofree char *purpose = g_strdup_printf ("aws-vault for profile %s", profile);
  char *code = NULL;
  gboolean export = TRUE;
  guint codes = 0;

  while (TRUE)
    {
      gboolean ran = ask_vault (profile, code, timeout_s, export, &result, cancellable, error);
      g_autofree char *device = NULL;

      g_clear_pointer (&code, slip_aws_secret_free);
      if (!ran)
        return NULL;
      switch (judge (&result, export))
        {
        case ANSWER_CREDENTIALS:
          return slip_aws_process_parse (result.out, result.length, source, error);
        case ANSWER_NO_EXPORT:
          export = FALSE;
          break;
        case ANSWER_NEEDS_CODE:
          if (codes++ == MAX_CODES)
            {
              set_failure (&result, profile, error);
              return NULL;
            }
          device = device_of (&result);
          code = slip_aws_mfa_ask (mfa, device, purpose, cancellable, error);
          if (code == NULL)
            return NULL;
          break;
        case ANSWER_FAILED:
          set_failure (&result, profile, error);
          return NULL;
        }
    }
}
