/* SPDX-License-Identifier: MIT */

/* One set of credentials, in a page of its own: locked against swapping where the limits allow it,
 * kept out of core dumps, cleared before it is unmapped. What copies a secret elsewhere (an
 * environment for a child, a derived key) has to clear its own copy. */

#include "slip-aws-credentials.h"

#include "slip-clock.h"

#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

typedef struct
{
  SlipAwsCredentials public;
  gsize mapped;
  gatomicrefcount refs;
  char text[];
} Page;

G_DEFINE_BOXED_TYPE (SlipAwsCredentials,
                     slip_aws_credentials,
                     slip_aws_credentials_ref,
                     slip_aws_credentials_unref)

static gpointer
map_secret_memory (gsize length)
{
  gpointer memory = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (memory == MAP_FAILED)
    g_error ("no memory for credentials");
  /* Neither is fatal: the limit of locked memory may be 0 in a container, and core dumps are already
   * off in our executables. */
  (void)mlock (memory, length);
  (void)madvise (memory, length, MADV_DONTDUMP);
  return memory;
}

static const char *
put (char **place, const char *text)
{
  char *start = *place;
  gsize size;

  if (text == NULL || *text == '\0')
    return NULL;
  size = strlen (text) + 1;
  memcpy (start, text, size);
  *place += size;
  return start;
}

static gsize
text_size (const char *text)
{
  return text != NULL ? strlen (text) + 1 : 0;
}

SlipAwsCredentials *
slip_aws_credentials_new (const char *access_key,
                          const char *secret_key,
                          const char *session_token,
                          gint64 expiration_us,
                          const char *source)
{
  gsize page_size = (gsize)sysconf (_SC_PAGESIZE);
  gsize length;
  Page *page;
  char *place;

  g_return_val_if_fail (access_key != NULL && *access_key != '\0', NULL);
  g_return_val_if_fail (secret_key != NULL && *secret_key != '\0', NULL);

  length = sizeof (Page) + text_size (access_key) + text_size (secret_key)
           + text_size (session_token) + text_size (source);
  length = (length + page_size - 1) / page_size * page_size;
  page = map_secret_memory (length);
  page->mapped = length;
  g_atomic_ref_count_init (&page->refs);
  place = page->text;
  page->public.access_key = put (&place, access_key);
  page->public.secret_key = put (&place, secret_key);
  page->public.session_token = put (&place, session_token);
  page->public.source = put (&place, source);
  page->public.expiration_us = expiration_us;
  page->public.obtained_us = slip_clock_now (slip_clock_get_system ());
  return &page->public;
}

SlipAwsCredentials *
slip_aws_credentials_ref (SlipAwsCredentials *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&((Page *)self)->refs);
  return self;
}

void
slip_aws_credentials_unref (SlipAwsCredentials *self)
{
  Page *page = (Page *)self;

  if (page == NULL || !g_atomic_ref_count_dec (&page->refs))
    return;
  gsize mapped = page->mapped;
  explicit_bzero (page, mapped);
  munmap (page, mapped);
}

gboolean
slip_aws_credentials_needs_refresh (const SlipAwsCredentials *self, gint64 now_us)
{
  gint64 left;
  gint64 life;

  if (self->expiration_us == 0)
    return FALSE;
  left = self->expiration_us - now_us;
  life = self->expiration_us - self->obtained_us;
  return left <= 10 * 60 * G_USEC_PER_SEC || left <= life / 5;
}

gboolean
slip_aws_credentials_is_expired (const SlipAwsCredentials *self, gint64 now_us)
{
  return self->expiration_us != 0 && now_us >= self->expiration_us;
}

char **
slip_aws_credentials_to_environ (const SlipAwsCredentials *self, char **envp)
{
  static const char *const contradicting[] = {
      "AWS_PROFILE",
      "AWS_DEFAULT_PROFILE",
      "AWS_VAULT",
      "AWS_SECURITY_TOKEN",
      "AWS_SESSION_TOKEN",
      "AWS_SESSION_EXPIRATION",
      "AWS_CREDENTIAL_EXPIRATION",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
      "AWS_WEB_IDENTITY_TOKEN_FILE",
      "AWS_ROLE_ARN",
  };

  if (envp == NULL)
    envp = g_get_environ ();
  for (guint i = 0; i < G_N_ELEMENTS (contradicting); i++)
    envp = g_environ_unsetenv (envp, contradicting[i]);
  envp = g_environ_setenv (envp, "AWS_ACCESS_KEY_ID", self->access_key, TRUE);
  envp = g_environ_setenv (envp, "AWS_SECRET_ACCESS_KEY", self->secret_key, TRUE);
  if (self->session_token != NULL)
    envp = g_environ_setenv (envp, "AWS_SESSION_TOKEN", self->session_token, TRUE);
  if (self->expiration_us != 0)
    {
      g_autofree char *time = slip_time_format (self->expiration_us);

      envp = g_environ_setenv (envp, "AWS_CREDENTIAL_EXPIRATION", time, TRUE);
    }
  return envp;
}

void
slip_aws_environ_free (char **envp)
{
  if (envp == NULL)
    return;
  for (char **entry = envp; *entry != NULL; entry++)
    slip_aws_secret_free (*entry);
  g_free (envp);
}

void
slip_aws_secret_free (char *text)
{
  if (text == NULL)
    return;
  explicit_bzero (text, strlen (text));
  g_free (text);
}

void
slip_aws_protect_process (void)
{
  (void)prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  OPENSSL_init_crypto (OPENSSL_INIT_NO_ATEXIT, NULL);
}
