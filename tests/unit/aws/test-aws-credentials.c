/* SPDX-License-Identifier: MIT */

/* Where credentials come from: the chain of the SDKs, aws-vault (a stand-in that misbehaves on
 * demand), roles, single sign-on and containers against a scripted server; and the provider around
 * them: renewal, one fetch for many threads, nothing that ever hangs. */

#include "scripted-server.h"

#include "slip-aws-error.h"
#include "slip-aws-provider.h"
#include "slip-aws-source.h"
#include "slip-clock.h"

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define MINUTE ((gint64)60 * G_USEC_PER_SEC)

static char *folder;
static char *vault_log;
static char *vault_seen; /* the calls as ps shows them */

static void
clear_variables (void)
{
  static const char *const names[] = {
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AWS_SECURITY_TOKEN",
      "AWS_CREDENTIAL_EXPIRATION",
      "AWS_SESSION_EXPIRATION",
      "AWS_PROFILE",
      "AWS_DEFAULT_PROFILE",
      "AWS_REGION",
      "AWS_DEFAULT_REGION",
      "AWS_ENDPOINT_URL",
      "AWS_ENDPOINT_URL_STS",
      "AWS_ENDPOINT_URL_SSO",
      "AWS_ROLE_ARN",
      "AWS_WEB_IDENTITY_TOKEN_FILE",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
      "AWS_VAULT_PROMPT",
      "FAKE_VAULT_EXPIRATION",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_unsetenv (names[i]);
  g_remove (vault_log);
  g_remove (vault_seen);
}

static SlipAwsProvider *
provider_for (const char *config_text, const char *profile)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsConfig) config
      = slip_aws_config_new_from_text (config_text, -1, NULL, 0, &error);

  g_assert_no_error (error);
  return slip_aws_provider_new (config, profile);
}

static SlipAwsCredentials *
get (SlipAwsProvider *provider)
{
  g_autoptr (GError) error = NULL;
  SlipAwsCredentials *credentials = slip_aws_provider_get (provider, NULL, &error);

  g_assert_no_error (error);
  return credentials;
}

static void
assert_error (const char *config_text, const char *profile, int code, const char *part)
{
  g_autoptr (SlipAwsProvider) provider = provider_for (config_text, profile);
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_aws_provider_get (provider, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” does not say “%s”", error->message, part);
}

/* The chain */

static void
test_environment (void)
{
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsProvider) explicit = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  g_autoptr (SlipAwsCredentials) own = NULL;
  const char *config = "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = file\n";

  clear_variables ();
  g_setenv ("AWS_ACCESS_KEY_ID", "AKIAENV", TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", "env", TRUE);
  g_setenv ("AWS_SESSION_TOKEN", "token", TRUE);
  g_setenv ("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00Z", TRUE);
  provider = provider_for (config, NULL);
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "AKIAENV");
  g_assert_cmpstr (credentials->session_token, ==, "token");
  g_assert_cmpint (slip_aws_provider_get_expiration (provider), ==,
                   G_GINT64_CONSTANT (4070908800000000));
  /* Who names a profile means it. */
  explicit = provider_for (config, "default");
  own = get (explicit);
  g_assert_cmpstr (own->access_key, ==, "AKIAFILE");
}

static void
test_nothing (void)
{
  clear_variables ();
  assert_error ("", NULL, SLIP_AWS_ERROR_CREDENTIALS, "there are no credentials");
  assert_error ("[profile a]\nregion = x\n", "b", SLIP_AWS_ERROR_CONFIG, "They have: a");
  g_setenv ("AWS_ACCESS_KEY_ID", "AKIAENV", TRUE);
  assert_error ("", NULL, SLIP_AWS_ERROR_CREDENTIALS, "AWS_SECRET_ACCESS_KEY");
}

static void
test_circle (void)
{
  clear_variables ();
  assert_error ("[profile a]\nrole_arn = r\nsource_profile = b\n"
                "[profile b]\nrole_arn = r\nsource_profile = c\n"
                "[profile c]\nrole_arn = r\nsource_profile = a\n",
                "a", SLIP_AWS_ERROR_CONFIG, "config:9: the source profiles form a circle");
}

static void
test_config_faults (void)
{
  clear_variables ();
  assert_error ("[profile a]\naws_access_key_id = A\n", "a", SLIP_AWS_ERROR_CONFIG,
                "aws_secret_access_key is missing");
  assert_error ("[profile a]\nrole_arn = r\nsource_profile = gone\n", "a", SLIP_AWS_ERROR_CONFIG,
                "no profile “gone”");
  assert_error ("[profile a]\nrole_arn = r\nsource_profile = a\naws_access_key_id = A\n"
                "aws_secret_access_key = s\nduration_seconds = 12\n",
                "a", SLIP_AWS_ERROR_CONFIG, "config:6: duration_seconds must be 900 to 43200");
  assert_error ("[profile a]\nrole_arn = r\ncredential_source = Moon\n", "a", SLIP_AWS_ERROR_CONFIG,
                "credential_source must be Environment");
  assert_error ("[profile a]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = r\n", "a",
                SLIP_AWS_ERROR_CONFIG, "there is no section [sso-session gone]");
}

static void
test_written_session (void)
{
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  clear_variables ();
  provider = provider_for ("[profile a]\naws_access_key_id = ASIAW\naws_secret_access_key = s\n"
                           "aws_session_token = t\n"
                           "x_security_token_expires = 2099-01-01T00:00:00Z\n",
                           "a");
  credentials = get (provider);
  g_assert_cmpint (credentials->expiration_us, ==, G_GINT64_CONSTANT (4070908800000000));
  assert_error ("[profile a]\naws_access_key_id = A\naws_secret_access_key = s\n"
                "x_security_token_expires = soon\n",
                "a", SLIP_AWS_ERROR_CONFIG, "config:4: x_security_token_expires is no time");
}

/* credential_process */

static void
test_process (void)
{
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  clear_variables ();
  provider = provider_for ("[profile a]\n"
                           "credential_process = printf %s "
                           "'{\"Version\": 1, \"AccessKeyId\": \"AKIAP\", \"SecretAccessKey\": "
                           "\"$HOME;x\"}'\n",
                           "a");
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "AKIAP");
  /* No shell has looked at it. */
  g_assert_cmpstr (credentials->secret_key, ==, "$HOME;x");
  g_assert_cmpint (credentials->expiration_us, ==, 0);
}

static const char *slow_file;

/* What waits for the file ends only because this was told. */
static void
end_slow (const char *what, guint timeout_s)
{
  g_assert_cmpstr (what, ==, "credential_process of profile a");
  g_assert_cmpuint (timeout_s, ==, 120);
  g_assert_true (g_file_set_contents (slow_file, "", 0, NULL));
}

static void
test_process_is_slow (void)
{
  g_autofree char *file = g_build_filename (folder, "told", NULL);
  g_autofree char *config = g_strdup_printf (
      "[profile a]\ncredential_process = sh -c 'until [ -e %s ]; do sleep 0.1; done; echo "
      "\"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"AKIAP\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}\"'"
      "\n",
      file);
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  clear_variables ();
  slow_file = file;
  slip_aws_provider_set_slow_func (end_slow);
  provider = provider_for (config, "a");
  credentials = get (provider);
  slip_aws_provider_set_slow_func (NULL);
  g_assert_cmpstr (credentials->access_key, ==, "AKIAP");
  g_assert_cmpint (g_unlink (file), ==, 0);
}

static void
test_process_failures (void)
{
  clear_variables ();
  assert_error ("[profile a]\ncredential_process = sh -c 'echo no luck >&2; exit 3'\n", "a",
                SLIP_AWS_ERROR_CREDENTIALS, "ended with 3: no luck");
  assert_error ("[profile a]\ncredential_process = /nowhere/tool\n", "a",
                SLIP_AWS_ERROR_CREDENTIALS, "cannot run /nowhere/tool");
  assert_error ("[profile a]\ncredential_process = echo nonsense\n", "a",
                SLIP_AWS_ERROR_CREDENTIALS, "printed no JSON object");
  assert_error ("[profile a]\ncredential_process = echo '{\"Version\":2}'\n", "a",
                SLIP_AWS_ERROR_CREDENTIALS, "another version");
  assert_error ("[profile a]\ncredential_process = echo '{\"Version\":1}'\n", "a",
                SLIP_AWS_ERROR_CREDENTIALS, "no AccessKeyId");
  assert_error ("[profile a]\ncredential_process = sh 'unterminated\n", "a", SLIP_AWS_ERROR_CONFIG,
                "credential_process");
  assert_error ("[profile a]\ncredential_process = sh -c 'yes | head -c 1000000'\n", "a",
                SLIP_AWS_ERROR_CREDENTIALS, "printed more than");
}

/* aws-vault */

static char *
give_code (const char *serial, const char *purpose, GCancellable *cancellable, gpointer data)
{
  const char **codes = data;
  const char *code = *codes;

  g_assert_nonnull (serial);
  if (code == NULL)
    return NULL;
  memmove (codes, codes + 1, 3 * sizeof *codes);
  return g_strdup (code);
}

static void
test_vault (void)
{
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  g_autofree char *log = NULL;

  clear_variables ();
  g_setenv ("AWS_VAULT", "another", TRUE);
  provider = provider_for ("[profile plain]\nregion = eu-west-1\n", "plain");
  credentials = get (provider);
  g_unsetenv ("AWS_VAULT");
  g_assert_cmpstr (credentials->access_key, ==, "ASIAVAULT");
  g_assert_cmpstr (credentials->session_token, ==, "vault/token");
  g_assert_cmpstr (credentials->source, ==, "aws-vault profile plain");
  g_assert_cmpint (credentials->expiration_us, >, 0);
  g_assert_true (g_file_get_contents (vault_log, &log, NULL, NULL));
  g_assert_cmpstr (log, ==, "export --format=json plain\n");
}

static void
test_vault_keeps_the_keys_of_a_chain (void)
{
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  clear_variables ();
  provider = provider_for ("[profile plain]\nrole_arn = arn:aws:iam::1:role/r\n"
                           "source_profile = jump\nmfa_serial = arn:aws:iam::1:mfa/me\n"
                           "[profile jump]\nregion = eu-west-1\n",
                           "plain");
  credentials = get (provider);
  g_assert_cmpstr (credentials->source, ==, "aws-vault profile plain");
}

static void
test_vault_by_name (void)
{
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  clear_variables ();
  provider = provider_for ("[profile plain]\naws_access_key_id = A\naws_secret_access_key = s\n"
                           "slipway_credentials = aws-vault\n",
                           "plain");
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "ASIAVAULT");
}

static void
test_vault_older (void)
{
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  g_autofree char *log = NULL;

  clear_variables ();
  provider = provider_for ("[profile old]\nregion = eu-west-1\n", "old");
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "ASIAVAULT");
  g_assert_true (g_file_get_contents (vault_log, &log, NULL, NULL));
  g_assert_cmpstr (log, ==, "export --format=json old\nexec --json old\n");
}

/* The code comes to it, and nobody sees it on the way: what `ps` shows of the calls does not have it. */
static void
assert_code_is_typed (const char *profile)
{
  g_autofree char *config = g_strdup_printf ("[profile %s]\nregion = eu-west-1\n", profile);
  g_autofree char *calls
      = g_strdup_printf ("export --format=json %s\nexport --format=json %s\n", profile, profile);
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  const char *codes[] = {" 123456\n", NULL, NULL, NULL};
  g_autofree char *log = NULL;
  g_autofree char *seen = NULL;

  clear_variables ();
  provider = provider_for (config, profile);
  slip_aws_provider_set_mfa_callback (provider, give_code, codes, NULL);
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "ASIAVAULT");
  g_assert_true (g_file_get_contents (vault_log, &log, NULL, NULL));
  g_assert_cmpstr (log, ==, calls);
  g_assert_true (g_file_get_contents (vault_seen, &seen, NULL, NULL));
  g_assert_nonnull (strstr (seen, "export --format=json "));
  g_assert_null (strstr (seen, "123456"));
}

static void
test_vault_mfa (void)
{
  assert_code_is_typed ("mfa");
}

static void
test_vault_mfa_on_the_terminal (void)
{
  assert_code_is_typed ("mfa-terminal");
}

static void
test_vault_wrong_code_is_asked_again (void)
{
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  const char *codes[] = {"111111", "654321", NULL, NULL};
  SlipAwsMfa mfa = {give_code, codes};
  g_autoptr (GError) error = NULL;

  clear_variables ();
  /* The refusal names no device, so the second question cannot. */
  credentials = slip_aws_vault_fetch ("mfa-refused", 10, &mfa, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (credentials->access_key, ==, "ASIAVAULT");
}

static void
assert_vault_error (const char *profile, int code, const char *part, gint64 within_us)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_aws_vault_fetch (profile, 2, NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” does not say “%s”", error->message, part);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, within_us);
}

static void
test_vault_never_hangs (void)
{
  clear_variables ();
  assert_vault_error ("mfa", SLIP_AWS_ERROR_MFA_NEEDED, "arn:aws:iam::111111111111:mfa/me",
                      3 * G_USEC_PER_SEC / 2);
  assert_vault_error ("for-ever", SLIP_AWS_ERROR_MFA_NEEDED, "one-time code",
                      3 * G_USEC_PER_SEC / 2);
  assert_vault_error ("passphrase", SLIP_AWS_ERROR_CREDENTIALS, "Enter passphrase to unlock",
                      3 * G_USEC_PER_SEC / 2);
  assert_vault_error ("terminal", SLIP_AWS_ERROR_CREDENTIALS, "Press Enter to open the browser",
                      3 * G_USEC_PER_SEC / 2);
  assert_vault_error ("silent", SLIP_AWS_ERROR_CREDENTIALS, "within 2 seconds", 4 * G_USEC_PER_SEC);
  assert_vault_error ("garbage", SLIP_AWS_ERROR_CREDENTIALS, "printed no JSON object",
                      3 * G_USEC_PER_SEC / 2);
  assert_vault_error ("unknown", SLIP_AWS_ERROR_CREDENTIALS, "profile \"unknown\" not found",
                      3 * G_USEC_PER_SEC / 2);
}

static void
test_vault_leaves_no_child (void)
{
  g_autofree char *path = g_strconcat (vault_log, ".pid", NULL);
  g_autofree char *text = NULL;
  pid_t pid;

  clear_variables ();
  g_assert_null (slip_aws_vault_fetch ("silent", 1, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  pid = (pid_t)g_ascii_strtoll (text, NULL, 10);
  for (guint i = 0; i < 100 && kill (pid, 0) == 0; i++)
    {
      g_autofree char *stat = g_strdup_printf ("/proc/%d/stat", pid);
      g_autofree char *line = NULL;

      /* A zombie that only its adoptive parent has not buried yet is dead too. */
      if (g_file_get_contents (stat, &line, NULL, NULL) && strstr (line, ") Z ") != NULL)
        break;
      g_usleep (20000);
      g_assert_cmpuint (i, <, 99);
    }
  g_remove (path);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (200000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_vault_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 begun = g_get_monotonic_time ();
  GThread *thread;

  clear_variables ();
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (slip_aws_vault_fetch ("silent", 30, NULL, cancellable, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 2 * G_USEC_PER_SEC);
  g_thread_join (thread);
}

/* The provider */

static void
test_expired (void)
{
  clear_variables ();
  assert_error ("[profile expired]\nregion = x\n", "expired", SLIP_AWS_ERROR_EXPIRED,
                "expired at 2001-01-01T00:00:00Z");
}

typedef struct
{
  guint fetches;
  gint64 life_us;
  gboolean fail;
  /* A fetch ends when so many threads are about to ask. */
  gint callers;
  gint asking;
} Source;

static SlipAwsCredentials *
fetch_counted (gpointer data, GCancellable *cancellable, GError **error)
{
  Source *source = data;
  g_autofree char *key = g_strdup_printf ("AKIA%u", ++source->fetches);

  while (g_atomic_int_get (&source->asking) < source->callers)
    g_thread_yield ();
  if (source->fail)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS, "the source is down");
      return NULL;
    }
  return slip_aws_credentials_new (key, "s", NULL, g_get_real_time () + source->life_us, "counted");
}

static void
test_is_cached (void)
{
  Source source = {.life_us = 60 * MINUTE};
  g_autoptr (SlipAwsProvider) provider
      = slip_aws_provider_new_func ("t", fetch_counted, &source, NULL);
  g_autoptr (SlipAwsCredentials) first = get (provider);
  g_autoptr (SlipAwsCredentials) second = get (provider);
  g_autoptr (SlipAwsCredentials) third = NULL;

  g_assert_true (first == second);
  g_assert_cmpuint (source.fetches, ==, 1);
  slip_aws_provider_invalidate (provider, first);
  third = get (provider);
  g_assert_cmpstr (third->access_key, ==, "AKIA2");
  /* The refused ones are long gone: the new ones stay. */
  slip_aws_provider_invalidate (provider, first);
  g_assert_cmpint (slip_aws_provider_get_expiration (provider), >, 0);
}

static void
test_is_renewed_in_time (void)
{
  Source source = {.life_us = 9 * MINUTE};
  g_autoptr (SlipAwsProvider) provider
      = slip_aws_provider_new_func ("t", fetch_counted, &source, NULL);
  g_autoptr (SlipAwsCredentials) first = get (provider);
  g_autoptr (SlipAwsCredentials) second = get (provider);
  g_autoptr (SlipAwsCredentials) third = NULL;

  g_assert_cmpuint (source.fetches, ==, 2);
  /* While the old ones live, a source that fails is not asked again for each call. */
  source.fail = TRUE;
  third = get (provider);
  g_assert_cmpstr (third->access_key, ==, "AKIA2");
  slip_aws_credentials_unref (get (provider));
  slip_aws_credentials_unref (get (provider));
  g_assert_cmpuint (source.fetches, ==, 3);
}

static void
test_needs_refresh (void)
{
  gint64 now_us = g_get_real_time ();
  g_autoptr (SlipAwsCredentials) hour
      = slip_aws_credentials_new ("A", "s", NULL, now_us + 60 * MINUTE, "t");
  g_autoptr (SlipAwsCredentials) day
      = slip_aws_credentials_new ("A", "s", NULL, now_us + 1200 * MINUTE, "t");
  g_autoptr (SlipAwsCredentials) ever = slip_aws_credentials_new ("A", "s", NULL, 0, "t");

  g_assert_false (slip_aws_credentials_needs_refresh (hour, now_us + 47 * MINUTE));
  g_assert_true (slip_aws_credentials_needs_refresh (hour, now_us + 49 * MINUTE));
  g_assert_true (slip_aws_credentials_needs_refresh (day, now_us + 970 * MINUTE));
  g_assert_false (slip_aws_credentials_needs_refresh (ever, G_MAXINT64));
  g_assert_true (slip_aws_credentials_is_expired (hour, now_us + 61 * MINUTE));
}

#define CALLERS 8

typedef struct
{
  SlipAwsProvider *provider;
  Source *source;
} Caller;

static gpointer
get_in_thread (gpointer data)
{
  const Caller *caller = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  g_atomic_int_inc (&caller->source->asking);
  credentials = slip_aws_provider_get (caller->provider, NULL, &error);
  return GINT_TO_POINTER (credentials != NULL ? 1 : error->code + 100);
}

/* How often the source was asked when so many threads wanted credentials at once. */
static guint
fetches_for_many_threads (Source source, int expected)
{
  g_autoptr (SlipAwsProvider) provider
      = slip_aws_provider_new_func ("t", fetch_counted, &source, NULL);
  Caller caller = {.provider = provider, .source = &source};
  GThread *threads[CALLERS];

  source.callers = CALLERS;
  for (guint i = 0; i < CALLERS; i++)
    threads[i] = g_thread_new ("get", get_in_thread, &caller);
  for (guint i = 0; i < CALLERS; i++)
    g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (threads[i])), ==, expected);
  return source.fetches;
}

static void
test_one_fetch_for_many_threads (void)
{
  const Source good = {.life_us = 60 * MINUTE};
  const Source bad = {.fail = TRUE};
  guint fewest = CALLERS;

  g_assert_cmpuint (fetches_for_many_threads (good, 1), ==, 1);
  /* Who waited for a fetch shares its failure. Who came after it asks again: on a busy machine that
   * may be all of them now and then, but not each time. */
  for (guint round = 0; round < 20 && fewest == CALLERS; round++)
    fewest = MIN (fewest, fetches_for_many_threads (bad, SLIP_AWS_ERROR_CREDENTIALS + 100));
  g_assert_cmpuint (fewest, <, CALLERS);
}

static void
test_child_environment (void)
{
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("A", "s", "t", G_GINT64_CONSTANT (4070908800000000), "x");
  char **envp
      = g_strsplit ("PATH=/bin\nAWS_PROFILE=p\nAWS_VAULT=v\nAWS_SESSION_TOKEN=old", "\n", -1);

  envp = slip_aws_credentials_to_environ (credentials, envp);
  g_assert_cmpstr (g_environ_getenv (envp, "AWS_ACCESS_KEY_ID"), ==, "A");
  g_assert_cmpstr (g_environ_getenv (envp, "AWS_SESSION_TOKEN"), ==, "t");
  g_assert_cmpstr (g_environ_getenv (envp, "AWS_CREDENTIAL_EXPIRATION"), ==,
                   "2099-01-01T00:00:00Z");
  g_assert_null (g_environ_getenv (envp, "AWS_PROFILE"));
  g_assert_null (g_environ_getenv (envp, "AWS_VAULT"));
  g_assert_cmpstr (g_environ_getenv (envp, "PATH"), ==, "/bin");
  slip_aws_environ_free (envp);
}

static void
test_no_core_dumps (void)
{
  slip_aws_protect_process ();
  g_assert_cmpint (prctl (PR_GET_DUMPABLE, 0, 0, 0, 0), ==, 0);
}

static int hashed;

static gpointer
hash_for_ever (gpointer data)
{
  guchar digest[EVP_MAX_MD_SIZE];

  for (;;)
    {
      g_assert_true (EVP_Digest ("x", 1, digest, NULL, EVP_sha256 (), NULL) == 1);
      g_atomic_int_inc (&hashed);
    }
  return NULL;
}

static void
wait_for_more (void)
{
  int before = g_atomic_int_get (&hashed);

  while (g_atomic_int_get (&hashed) < before + 100)
    g_thread_yield ();
}

/* What was registered first runs last: behind all that libcrypto would do at the end. */
static void
test_threads_outlive_main (void)
{
  if (g_test_subprocess ())
    {
      slip_aws_protect_process ();
      atexit (wait_for_more);
      g_thread_unref (g_thread_new ("hash", hash_for_ever, NULL));
      wait_for_more ();
      exit (0);
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* Sources behind HTTP */

#define STS_ANSWER(operation, key)                                                                 \
  "<" operation "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" operation         \
  "Result><Credentials><AccessKeyId>" key                                                          \
  "</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"                                        \
  "<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"  \
  "</" operation                                                                                   \
  "Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></" operation "Response>"

static const char *const role_config
    = "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n"
      "[profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
      "external_id = ext\nduration_seconds = 900\nrole_session_name = me\nregion = eu-west-2\n";

static void
test_role (void)
{
  const ScriptedStep steps[] = {
      {.expect_method = "POST",
       .expect_header = "Authorization: Credential=AKIABASE/",
       .expect_body = "ExternalId=ext",
       .body = STS_ANSWER ("AssumeRole", "ASIAROLE")},
  };
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  g_autofree char *request = NULL;

  clear_variables ();
  g_setenv ("AWS_ENDPOINT_URL_STS", scripted_server_get_url (server), TRUE);
  provider = provider_for (role_config, "role");
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "ASIAROLE");
  g_assert_cmpstr (credentials->source, ==, "role arn:aws:iam::1:role/r");
  request = scripted_server_dup_request (server, 0);
  g_assert_nonnull (strstr (request, "DurationSeconds=900"));
  g_assert_nonnull (strstr (request, "RoleSessionName=me"));
  g_assert_nonnull (strstr (request, "/eu-west-2/sts/aws4_request"));
}

static void
test_role_refused (void)
{
  const ScriptedStep steps[] = {
      {.status = 403,
       .body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not you"
               "</Message></Error><RequestId>r</RequestId></ErrorResponse>"},
  };
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));

  clear_variables ();
  g_setenv ("AWS_ENDPOINT_URL_STS", scripted_server_get_url (server), TRUE);
  assert_error (role_config, "role", SLIP_AWS_ERROR_CREDENTIALS,
                "profile role, role arn:aws:iam::1:role/r: AccessDenied: not you");
}

/* One code buys one session, and the session assumes both roles. */
static void
test_role_mfa (void)
{
  const ScriptedStep steps[] = {
      {.expect_body = "Action=GetSessionToken",
       .status = 403,
       .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>MultiFactorAuthentication "
               "failed with invalid MFA one time pass code.</Message></Error></ErrorResponse>"},
      {.expect_body = "TokenCode=222222", .body = STS_ANSWER ("GetSessionToken", "ASIASESSION")},
      {.expect_header = "Authorization: Credential=ASIASESSION/",
       .expect_body = "role%2Fone",
       .body = STS_ANSWER ("AssumeRole", "ASIAONE")},
      {.expect_header = "Authorization: Credential=ASIASESSION/",
       .expect_body = "role%2Ftwo",
       .body = STS_ANSWER ("AssumeRole", "ASIATWO")},
  };
  const char *config = "[profile base]\naws_access_key_id = AKIAMFA\naws_secret_access_key = s\n"
                       "[profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = base\n"
                       "mfa_serial = arn:aws:iam::111111111111:mfa/me\n"
                       "[profile two]\nrole_arn = arn:aws:iam::1:role/two\nsource_profile = base\n"
                       "mfa_serial = arn:aws:iam::111111111111:mfa/me\n";
  const char *codes[] = {"111111", "222222", NULL, NULL};
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipAwsProvider) one = NULL;
  g_autoptr (SlipAwsProvider) two = NULL;
  g_autoptr (SlipAwsCredentials) first = NULL;
  g_autoptr (SlipAwsCredentials) second = NULL;

  clear_variables ();
  g_setenv ("AWS_ENDPOINT_URL_STS", scripted_server_get_url (server), TRUE);
  assert_error (config, "one", SLIP_AWS_ERROR_MFA_NEEDED, "one-time code");
  one = provider_for (config, "one");
  slip_aws_provider_set_mfa_callback (one, give_code, codes, NULL);
  first = get (one);
  two = provider_for (config, "two");
  second = get (two);
  g_assert_cmpstr (first->access_key, ==, "ASIAONE");
  g_assert_cmpstr (second->access_key, ==, "ASIATWO");
}

static void
test_web_identity (void)
{
  const ScriptedStep steps[] = {
      {.expect_body = "WebIdentityToken=ey.abc",
       .body = STS_ANSWER ("AssumeRoleWithWebIdentity", "ASIAWEB")},
  };
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autofree char *file = g_build_filename (folder, "token", NULL);
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  g_autofree char *request = NULL;

  clear_variables ();
  g_assert_true (g_file_set_contents (file, "ey.abc\n", -1, NULL));
  g_setenv ("AWS_ENDPOINT_URL_STS", scripted_server_get_url (server), TRUE);
  g_setenv ("AWS_ROLE_ARN", "arn:aws:iam::1:role/web", TRUE);
  g_setenv ("AWS_WEB_IDENTITY_TOKEN_FILE", file, TRUE);
  provider = provider_for ("", NULL);
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "ASIAWEB");
  request = scripted_server_dup_request (server, 0);
  g_assert_null (strstr (request, "Authorization"));
  g_remove (file);
}

static void
write_sso_token (const char *name, const char *text)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA1, name, -1);
  g_autofree char *dir = g_build_filename (g_get_home_dir (), ".aws", "sso", "cache", NULL);
  g_autofree char *path = g_strdup_printf ("%s/%s.json", dir, hash);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_sso (void)
{
  const ScriptedStep steps[] = {
      {.expect_method = "GET",
       .expect_target = "/federation/credentials?role_name=Admin&account_id=111111111111",
       .expect_header = "x-amz-sso_bearer_token: bearer",
       .body = "{\"roleCredentials\":{\"accessKeyId\":\"ASIASSO\",\"secretAccessKey\":\"s\","
               "\"sessionToken\":\"t\",\"expiration\":4070908800000}}"},
      {.status = 401, .body = "{\"message\":\"Session token not found or invalid\"}"},
  };
  const char *config = "[profile a]\nsso_session = corp\nsso_account_id = 111111111111\n"
                       "sso_role_name = Admin\n[sso-session corp]\nsso_region = eu-west-1\n"
                       "sso_start_url = https://corp.awsapps.com/start\n";
  const char *legacy = "[profile a]\nsso_start_url = https://old/start\nsso_region = eu-west-1\n"
                       "sso_account_id = 111111111111\nsso_role_name = Admin\n";
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  clear_variables ();
  g_setenv ("AWS_ENDPOINT_URL_SSO", scripted_server_get_url (server), TRUE);
  assert_error (config, "a", SLIP_AWS_ERROR_EXPIRED, "aws sso login --profile a");
  write_sso_token ("corp", "{\"accessToken\":\"bearer\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}");
  provider = provider_for (config, "a");
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "ASIASSO");
  g_assert_cmpint (credentials->expiration_us, ==, G_GINT64_CONSTANT (4070908800000000));
  assert_error (config, "a", SLIP_AWS_ERROR_EXPIRED, "is refused for profile a");
  write_sso_token ("https://old/start",
                   "{\"accessToken\":\"bearer\",\"expiresAt\":\"2001-01-01T00:00:00UTC\"}");
  assert_error (legacy, "a", SLIP_AWS_ERROR_EXPIRED, "has expired for profile a");
}

static void
test_container (void)
{
  const ScriptedStep steps[] = {
      {.expect_target = "/creds?x=1",
       .expect_header = "Authorization: Basic abc",
       .body = "{\"AccessKeyId\":\"ASIACON\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
               "\"Expiration\":\"2099-01-01T00:00:00Z\"}"},
      {.status = 500, .body = "no"},
  };
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autofree char *url = g_strconcat (scripted_server_get_url (server), "/creds?x=1", NULL);
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  clear_variables ();
  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, TRUE);
  g_setenv ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc", TRUE);
  provider = provider_for ("", NULL);
  credentials = get (provider);
  g_assert_cmpstr (credentials->access_key, ==, "ASIACON");
  assert_error ("", NULL, SLIP_AWS_ERROR_CREDENTIALS, "HTTP 500");
  g_setenv ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/creds", TRUE);
  assert_error ("", NULL, SLIP_AWS_ERROR_CREDENTIALS, "loopback");
}

static void
put_fake_vault_on_path (void)
{
  g_autofree char *source
      = g_test_build_filename (G_TEST_DIST, "unit", "aws", "fake-aws-vault", NULL);
  g_autofree char *target = g_build_filename (folder, "aws-vault", NULL);
  g_autofree char *path = g_strdup_printf ("%s:%s", folder, g_getenv ("PATH"));
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (source, &text, &length, NULL));
  g_assert_true (g_file_set_contents (target, text, (gssize)length, NULL));
  g_assert_cmpint (g_chmod (target, 0700), ==, 0);
  g_setenv ("PATH", path, TRUE);
  vault_log = g_build_filename (folder, "vault.log", NULL);
  vault_seen = g_strconcat (vault_log, ".seen", NULL);
  g_setenv ("FAKE_VAULT_LOG", vault_log, TRUE);
}

static void
remove_folder (void)
{
  g_autofree char *command = g_strdup_printf ("rm -r '%s'", folder);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

/* Tools that renew a session write the credentials file; a run that waits for them goes on with it. */
static void
test_renewed_file (void)
{
  g_autofree char *config_path = g_build_filename (folder, "config-renewed", NULL);
  g_autofree char *path = g_build_filename (folder, "credentials-renewed", NULL);
  g_autoptr (SlipAwsConfig) config = NULL;
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) before = NULL;
  g_autoptr (SlipAwsCredentials) after = NULL;
  g_autoptr (GError) error = NULL;

  clear_variables ();
  g_assert_true (g_file_set_contents (
      path, "[p]\naws_access_key_id = AKIAONE\naws_secret_access_key = one\n", -1, NULL));
  config = slip_aws_config_load (config_path, path, &error);
  g_assert_no_error (error);
  provider = slip_aws_provider_new (config, "p");
  before = get (provider);
  g_assert_true (g_file_set_contents (
      path, "[p]\naws_access_key_id = AKIATWO\naws_secret_access_key = two\n", -1, NULL));
  slip_aws_provider_invalidate (provider, before);
  after = get (provider);
  g_assert_cmpstr (before->access_key, ==, "AKIAONE");
  g_assert_cmpstr (after->access_key, ==, "AKIATWO");
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("slip-credentials-XXXXXX", NULL);
  g_assert_nonnull (folder);
  /* Before anything asks for it. The option of g_test_init() for this leaks. */
  g_setenv ("HOME", folder, TRUE);
  put_fake_vault_on_path ();
  g_test_add_func ("/credentials/environment", test_environment);
  g_test_add_func ("/credentials/nothing_is_an_error", test_nothing);
  g_test_add_func ("/credentials/a_renewed_file_is_read_anew", test_renewed_file);
  g_test_add_func ("/credentials/circle_of_profiles", test_circle);
  g_test_add_func ("/credentials/config_faults", test_config_faults);
  g_test_add_func ("/credentials/session_written_to_a_file", test_written_session);
  g_test_add_func ("/credentials/process", test_process);
  g_test_add_func ("/credentials/process_failures", test_process_failures);
  g_test_add_func ("/credentials/process_that_is_slow_is_told", test_process_is_slow);
  g_test_add_func ("/credentials/vault/export", test_vault);
  g_test_add_func ("/credentials/vault/keeps_the_keys_of_a_chain",
                   test_vault_keeps_the_keys_of_a_chain);
  g_test_add_func ("/credentials/vault/by_name", test_vault_by_name);
  g_test_add_func ("/credentials/vault/older_than_export", test_vault_older);
  g_test_add_func ("/credentials/vault/code_is_typed_and_stands_in_no_command_line",
                   test_vault_mfa);
  g_test_add_func ("/credentials/vault/code_is_typed_on_the_terminal",
                   test_vault_mfa_on_the_terminal);
  g_test_add_func ("/credentials/vault/never_hangs", test_vault_never_hangs);
  g_test_add_func ("/credentials/vault/leaves_no_child", test_vault_leaves_no_child);
  g_test_add_func ("/credentials/vault/cancel", test_vault_cancel);
  g_test_add_func ("/credentials/expired_at_once", test_expired);
  g_test_add_func ("/credentials/provider/is_cached", test_is_cached);
  g_test_add_func ("/credentials/provider/is_renewed_in_time", test_is_renewed_in_time);
  g_test_add_func ("/credentials/provider/one_fetch_for_many_threads",
                   test_one_fetch_for_many_threads);
  g_test_add_func ("/credentials/needs_refresh", test_needs_refresh);
  g_test_add_func ("/credentials/child_environment", test_child_environment);
  g_test_add_func ("/credentials/role", test_role);
  g_test_add_func ("/credentials/role_refused", test_role_refused);
  g_test_add_func ("/credentials/role_mfa_buys_one_session", test_role_mfa);
  g_test_add_func ("/credentials/web_identity", test_web_identity);
  g_test_add_func ("/credentials/sso", test_sso);
  g_test_add_func ("/credentials/container", test_container);
  g_test_add_func ("/credentials/vault/wrong_code_is_asked_again",
                   test_vault_wrong_code_is_asked_again);
  g_test_add_func ("/credentials/no_core_dumps", test_no_core_dumps);
  g_test_add_func ("/credentials/threads_outlive_main", test_threads_outlive_main);
  status = g_test_run ();
  clear_variables ();
  remove_folder ();
  g_free (vault_log);
  g_free (vault_seen);
  g_free (folder);
  return status;
}
