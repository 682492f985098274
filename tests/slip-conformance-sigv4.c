/* SPDX-License-Identifier: MIT */

/* `slip-conformance sigv4 DIR…`: signs the cases of AWS's Signature Version 4 test suite and compares
 * canonical request, string to sign, Authorization header and signed request with what the suite
 * says; then proves the signed request as a server does, and proves that a changed one is refused.
 * Prints TAP. A case is a NAME.req with its siblings; folders are searched to the bottom. */

#include "slip-conformance.h"

#include "slip-aws-error.h"
#include "slip-aws-sigv4.h"

#include <stdio.h>
#include <string.h>

#define ACCESS_KEY "AKIDEXAMPLE"
#define SECRET_KEY "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define MAX_DEPTH 8

typedef struct
{
  char *name; /* for TAP */
  char *stem; /* path without .req */
} Case;

typedef struct
{
  SlipAwsRequest *request;
  char *host;
} Message;

static void
case_free (gpointer data)
{
  Case *c = data;

  g_free (c->name);
  g_free (c->stem);
  g_free (c);
}

static void
message_clear (Message *message)
{
  g_clear_pointer (&message->request, slip_aws_request_free);
  g_clear_pointer (&message->host, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Message, message_clear)

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static gboolean
find_cases (const char *path, const char *prefix, guint depth, GPtrArray *cases)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *entry;

  if (dir == NULL || depth > MAX_DEPTH)
    return FALSE;
  while ((entry = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (entry));
  g_ptr_array_sort (names, compare_strings);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *child = g_build_filename (path, name, NULL);
      g_autofree char *title = g_build_filename (prefix, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        find_cases (child, title, depth + 1, cases);
      else if (g_str_has_suffix (name, ".req"))
        {
          Case *c = g_new0 (Case, 1);

          c->stem = g_strndup (child, strlen (child) - strlen (".req"));
          c->name = g_strndup (title, strlen (title) - strlen (".req"));
          g_ptr_array_add (cases, c);
        }
    }
  return TRUE;
}

static char *
read_part (const Case *c, const char *suffix, gsize *length)
{
  g_autofree char *path = g_strconcat (c->stem, suffix, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, length, NULL))
    return NULL;
  return text;
}

/* Expected texts may end with a newline or not, and may have been stored with CRLF. */
static char *
read_expected (const Case *c, const char *suffix)
{
  g_autofree char *text = read_part (c, suffix, NULL);
  g_auto (GStrv) lines = NULL;

  if (text == NULL)
    return NULL;
  lines = g_strsplit (text, "\r\n", -1);
  return g_strchomp (g_strjoinv ("\n", lines));
}

static gboolean
parse_request_line (Message *message, char *line)
{
  char *space = strchr (line, ' ');
  char *version = g_strrstr (line, " HTTP/");

  if (space == NULL)
    return FALSE;
  if (version != NULL && version > space)
    *version = '\0';
  *space = '\0';
  message->request = slip_aws_request_new (line, "/");
  return slip_aws_request_set_target (message->request, space + 1);
}

/* The suite folds long values, which stand for several of the same name. */
static gboolean
parse_header_line (Message *message, char *line, char **last_name)
{
  char *colon;

  if (*line == ' ' || *line == '\t')
    {
      if (*last_name == NULL)
        return FALSE;
      slip_aws_headers_append (message->request->headers, *last_name, g_strstrip (line));
      return TRUE;
    }
  colon = strchr (line, ':');
  if (colon == NULL)
    return FALSE;
  *colon = '\0';
  g_free (*last_name);
  *last_name = g_strdup (line);
  if (g_ascii_strcasecmp (line, "host") == 0)
    message->host = g_strdup (g_strstrip (colon + 1));
  slip_aws_headers_append (message->request->headers, line, g_strstrip (colon + 1));
  return TRUE;
}

static gboolean
parse_message (const char *text, gsize length, Message *message)
{
  const char *at = text;
  const char *end = text + length;
  g_autofree char *last_name = NULL;
  gboolean first = TRUE;

  while (at < end)
    {
      const char *newline = memchr (at, '\n', (gsize)(end - at));
      g_autofree char *line = g_strndup (at, (gsize)((newline != NULL ? newline : end) - at));

      at = newline != NULL ? newline + 1 : end;
      if (g_str_has_suffix (line, "\r"))
        line[strlen (line) - 1] = '\0';
      if (*line == '\0')
        break;
      if (first ? !parse_request_line (message, line)
                : !parse_header_line (message, line, &last_name))
        return FALSE;
      first = FALSE;
    }
  if (at < end)
    message->request->body = g_bytes_new (at, (gsize)(end - at));
  return message->request != NULL && message->host != NULL;
}

static gboolean
same (const char *what, const char *expected, const char *actual)
{
  g_auto (GStrv) lines = NULL;

  if (expected == NULL || g_str_equal (expected, actual))
    return TRUE;
  lines = g_strsplit (expected, "\n", -1);
  printf ("# %s should be\n", what);
  for (char **line = lines; *line != NULL; line++)
    printf ("#   %s\n", *line);
  g_strfreev (lines);
  lines = g_strsplit (actual, "\n", -1);
  printf ("# but is\n");
  for (char **line = lines; *line != NULL; line++)
    printf ("#   %s\n", *line);
  return FALSE;
}

/* Every header of the suite's signed request, except the Authorization, which has its own file. */
static gboolean
same_headers (const Message *expected, const SlipAwsRequest *actual)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < slip_aws_headers_get_length (expected->request->headers); i++)
    {
      const SlipAwsPair *pair = slip_aws_headers_get_pair (expected->request->headers, i);
      const char *got = slip_aws_headers_get (actual->headers, pair->name);
      guint found = 0;

      if (g_ascii_strcasecmp (pair->name, "Authorization") == 0)
        continue;
      for (guint k = 0; k < slip_aws_headers_get_length (actual->headers); k++)
        {
          const SlipAwsPair *other = slip_aws_headers_get_pair (actual->headers, k);

          if (g_ascii_strcasecmp (pair->name, other->name) == 0
              && g_str_equal (pair->value, other->value))
            found++;
        }
      if (found == 0)
        ok = same (pair->name, pair->value, got != NULL ? got : "(absent)");
    }
  return ok;
}

/* What the suite means to be signed: day, region and service of the scope, and the token. */
typedef struct
{
  gint64 time_us;
  char *region;
  char *service;
  const char *token;
  SlipAwsSigv4Flags flags;
} Scope;

static void
scope_clear (Scope *scope)
{
  g_free (scope->region);
  g_free (scope->service);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scope, scope_clear)

static gboolean
read_scope (const Case *c, const Message *request, const Message *signed_request, Scope *scope)
{
  g_autofree char *to_sign = read_expected (c, ".sts");
  g_autofree char *canonical = read_expected (c, ".creq");
  const char *date = slip_aws_headers_get (request->request->headers, "X-Amz-Date");
  g_autoptr (GDateTime) time = NULL;

  scope->region = g_strdup ("us-east-1");
  scope->service = g_strdup ("service");
  if (to_sign != NULL)
    {
      g_auto (GStrv) lines = g_strsplit (to_sign, "\n", -1);
      g_auto (GStrv) parts = NULL;

      if (g_strv_length (lines) != 4)
        return FALSE;
      parts = g_strsplit (lines[2], "/", -1);
      if (g_strv_length (parts) != 4)
        return FALSE;
      g_free (scope->region);
      g_free (scope->service);
      scope->region = g_strdup (parts[1]);
      scope->service = g_strdup (parts[2]);
    }
  time = g_date_time_new_from_iso8601 (date != NULL ? date : "20150830T123600Z", NULL);
  if (time == NULL)
    return FALSE;
  scope->time_us = g_date_time_to_unix (time) * G_USEC_PER_SEC;
  scope->flags = slip_aws_sigv4_flags_for (scope->service);
  if (signed_request->request != NULL
      && slip_aws_headers_get (request->request->headers, "X-Amz-Security-Token") == NULL)
    scope->token = slip_aws_headers_get (signed_request->request->headers, "X-Amz-Security-Token");
  if (scope->token != NULL && canonical != NULL
      && strstr (canonical, "x-amz-security-token") == NULL)
    scope->flags |= SLIP_AWS_SIGV4_NO_TOKEN;
  return TRUE;
}

static gboolean
check_steps (const Case *c, const Message *message, const Scope *scope, GError **error)
{
  g_auto (SlipAwsSigned) sig = {0};
  g_autofree char *creq = read_expected (c, ".creq");
  g_autofree char *sts = read_expected (c, ".sts");
  g_autofree char *authz = read_expected (c, ".authz");
  g_autofree char *canonical = NULL;
  g_autofree char *to_sign = NULL;
  gboolean ok = TRUE;

  if (creq == NULL && sts == NULL && authz == NULL)
    {
      printf ("# none of .creq, .sts and .authz is there\n");
      return FALSE;
    }
  if (!slip_aws_sigv4_parse (message->request, &sig, error))
    return FALSE;
  canonical = slip_aws_sigv4_canonical_request (message->request, message->host, sig.signed_headers,
                                                NULL, scope->flags);
  to_sign = slip_aws_sigv4_string_to_sign (canonical, sig.amz_date, scope->region, scope->service);
  ok = same ("the canonical request", creq, canonical) && ok;
  ok = same ("the string to sign", sts, to_sign) && ok;
  return same ("the authorization", authz,
               slip_aws_headers_get (message->request->headers, "Authorization"))
         && ok;
}

static gboolean
check_server (const Message *message, const Scope *scope, GError **error)
{
  const char *token = slip_aws_headers_get (message->request->headers, "X-Amz-Security-Token");
  g_autoptr (SlipAwsRequest) changed = slip_aws_request_copy (message->request);

  if (!slip_aws_sigv4_verify (message->request, message->host, SECRET_KEY, token, scope->time_us,
                              300, error))
    return FALSE;
  slip_aws_request_add_query (changed, "Action", "Other");
  if (slip_aws_sigv4_verify (changed, message->host, SECRET_KEY, token, scope->time_us, 300, NULL))
    {
      printf ("# a changed request passed for the signed one\n");
      return FALSE;
    }
  return TRUE;
}

static gboolean
run_case (const Case *c, GError **error)
{
  g_auto (Message) message = {0};
  g_auto (Message) expected = {0};
  g_auto (Scope) scope = {0};
  g_autoptr (SlipAwsCredentials) credentials = NULL;
  gsize length = 0;
  g_autofree char *req = read_part (c, ".req", &length);
  gsize signed_length = 0;
  g_autofree char *sreq = read_part (c, ".sreq", &signed_length);

  if (req == NULL || !parse_message (req, length, &message)
      || (sreq != NULL && !parse_message (sreq, signed_length, &expected))
      || !read_scope (c, &message, &expected, &scope))
    {
      printf ("# the case cannot be read\n");
      return FALSE;
    }
  credentials = slip_aws_credentials_new (ACCESS_KEY, SECRET_KEY, scope.token, 0, "test suite");
  if (!slip_aws_sigv4_sign (message.request, message.host, credentials, scope.region, scope.service,
                            scope.time_us, scope.flags, error))
    return FALSE;
  if (!check_steps (c, &message, &scope, error))
    return FALSE;
  if (scope.flags & SLIP_AWS_SIGV4_NO_TOKEN)
    slip_aws_headers_set (message.request->headers, "X-Amz-Security-Token", scope.token);
  if (expected.request != NULL && !same_headers (&expected, message.request))
    return FALSE;
  return check_server (&message, &scope, error);
}

int
slip_conformance_sigv4 (int argc, char **argv)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func (case_free);
  guint failed = 0;

  for (int i = 0; i < argc; i++)
    {
      g_autofree char *path = g_canonicalize_filename (argv[i], NULL);
      g_autofree char *base = g_path_get_basename (path);

      if (!find_cases (path, base, 0, cases))
        {
          fprintf (stderr, "slip-conformance: cannot read the folder %s\n", argv[i]);
          return 2;
        }
    }
  if (cases->len == 0)
    {
      fprintf (stderr, "slip-conformance: no .req file below the given folders\n");
      return 2;
    }
  printf ("1..%u\n", cases->len);
  for (guint i = 0; i < cases->len; i++)
    {
      const Case *c = cases->pdata[i];
      g_autoptr (GError) error = NULL;
      gboolean ok = run_case (c, &error);

      if (error != NULL)
        printf ("# %s\n", error->message);
      printf ("%s %u - %s\n", ok ? "ok" : "not ok", i + 1, c->name);
      failed += ok ? 0 : 1;
    }
  return failed == 0 ? 0 : 1;
}
