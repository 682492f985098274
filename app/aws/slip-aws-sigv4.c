/* SPDX-License-Identifier: MIT */

/* The signing side of AWS Signature Version 4: canonical request, string to sign, the Authorization
 * header and presigned queries. The verifying side is slip-aws-sigv4-verify.c and builds the same
 * canonical request from what came. Called by the client for each attempt, and by the rehearsal
 * server for each request. */

#include "slip-aws-sigv4-private.h"

#include "slip-aws-error.h"

#include <string.h>

#define MAX_EXPIRES_S 604800

/* Proxies and transports add or change these on the way, so that signing them would break. */
static const char *const unsigned_headers[] = {
    "authorization", "connection",        "expect",  "keep-alive", "proxy-authorization", "te",
    "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
};

SlipAwsSigv4Flags
slip_aws_sigv4_flags_for (const char *service)
{
  return g_strcmp0 (service, "s3") == 0 ? SLIP_AWS_SIGV4_S3 : SLIP_AWS_SIGV4_NONE;
}

/* Path */

static char *
encode_path (const char *path)
{
  return slip_aws_uri_encode (path, -1, "/");
}

/* RFC 3986 section 5.2.4, and empty segments are dropped: `/a//./b/../c/` is `/a/c/`. */
static char *
normalise_path (const char *path)
{
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  GString *out = g_string_new (NULL);
  gboolean folder = FALSE;

  for (char **segment = segments; *segment != NULL; segment++)
    {
      gboolean dots = g_str_equal (*segment, ".") || g_str_equal (*segment, "..");

      folder = **segment == '\0' || dots;
      if (g_str_equal (*segment, "..") && kept->len > 0)
        g_ptr_array_set_size (kept, (int)kept->len - 1);
      else if (!folder)
        g_ptr_array_add (kept, *segment);
    }
  for (guint i = 0; i < kept->len; i++)
    g_string_append_printf (out, "/%s", (const char *)kept->pdata[i]);
  if (folder || kept->len == 0)
    g_string_append_c (out, '/');
  return g_string_free (out, FALSE);
}

/* S3 signs a key as it is: escapes stay what they are, only in upper case, and nothing is escaped
 * twice. */
static char *
encode_path_once (const char *path)
{
  GString *out = g_string_sized_new (strlen (path) + 16);

  for (const char *c = path; *c != '\0'; c++)
    {
      if (*c == '%' && g_ascii_isxdigit (c[1]) && g_ascii_isxdigit (c[2]))
        {
          g_string_append_printf (out, "%%%c%c", g_ascii_toupper (c[1]), g_ascii_toupper (c[2]));
          c += 2;
        }
      else if (g_ascii_isalnum (*c) || strchr ("-._~/", *c) != NULL)
        g_string_append_c (out, *c);
      else
        g_string_append_printf (out, "%%%02X", (guchar)*c);
    }
  return g_string_free (out, FALSE);
}

static char *
canonical_path (const char *path, SlipAwsSigv4Flags flags)
{
  g_autofree char *normal = NULL;

  if (path == NULL || *path == '\0')
    return g_strdup ("/");
  if (flags & SLIP_AWS_SIGV4_S3)
    return encode_path_once (path);
  normal = normalise_path (path);
  return encode_path (normal);
}

/* Query */

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const SlipAwsPair *left = *(SlipAwsPair *const *)a;
  const SlipAwsPair *right = *(SlipAwsPair *const *)b;
  int order = strcmp (left->name, right->name);

  return order != 0 ? order : strcmp (left->value, right->value);
}

static char *
canonical_query (const GPtrArray *query)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_aws_pair_free);
  GString *out = g_string_new (NULL);

  for (guint i = 0; query != NULL && i < query->len; i++)
    {
      const SlipAwsPair *pair = query->pdata[i];
      g_autofree char *name = slip_aws_uri_encode (pair->name, -1, NULL);
      g_autofree char *value = slip_aws_uri_encode (pair->value, -1, NULL);

      if (!g_str_equal (pair->name, "X-Amz-Signature"))
        g_ptr_array_add (pairs, slip_aws_pair_new (name, value));
    }
  g_ptr_array_sort (pairs, compare_pairs);
  for (guint i = 0; i < pairs->len; i++)
    {
      const SlipAwsPair *pair = pairs->pdata[i];

      g_string_append_printf (out, "%s%s=%s", i > 0 ? "&" : "", pair->name, pair->value);
    }
  return g_string_free (out, FALSE);
}

/* Headers */

static gboolean
may_be_signed (const char *lower_name)
{
  for (guint i = 0; i < G_N_ELEMENTS (unsigned_headers); i++)
    if (g_str_equal (lower_name, unsigned_headers[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_listed (const char *list, const char *name)
{
  gsize length = strlen (name);

  for (const char *at = list; at != NULL; at = strchr (at, ';'))
    {
      if (*at == ';')
        at++;
      if (strncmp (at, name, length) == 0 && (at[length] == ';' || at[length] == '\0'))
        return TRUE;
    }
  return FALSE;
}

/* Outer white space goes, each inner run of it becomes one space. */
static void
append_trimmed (GString *out, const char *value)
{
  gboolean pending = FALSE;
  gboolean any = FALSE;

  for (const char *c = value; *c != '\0'; c++)
    {
      if (g_ascii_isspace (*c))
        {
          pending = any;
          continue;
        }
      if (pending)
        g_string_append_c (out, ' ');
      g_string_append_c (out, *c);
      pending = FALSE;
      any = TRUE;
    }
}

typedef struct
{
  GTree *values; /* lower-case name to GString */
  const char *wanted;
} HeaderCollection;

static void
collect_header (const char *name, const char *value, gpointer data)
{
  HeaderCollection *collection = data;
  g_autofree char *lower = g_ascii_strdown (name, -1);
  GString *joined;

  if (g_str_equal (lower, "host"))
    return;
  if (collection->wanted != NULL ? !is_listed (collection->wanted, lower) : !may_be_signed (lower))
    return;
  joined = g_tree_lookup (collection->values, lower);
  if (joined != NULL)
    g_string_append_c (joined, ',');
  else
    {
      joined = g_string_new (NULL);
      g_tree_insert (collection->values, g_steal_pointer (&lower), joined);
    }
  append_trimmed (joined, value);
}

static void
free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

/* Lower-case names in order, each with its values. */
static GTree *
collect_headers (const SlipAwsRequest *request, const char *host, const char *wanted)
{
  HeaderCollection collection = {NULL, wanted};
  GString *joined = g_string_new (NULL);

  collection.values = g_tree_new_full (compare_names, NULL, g_free, free_string);
  append_trimmed (joined, host);
  if (wanted == NULL || is_listed (wanted, "host"))
    g_tree_insert (collection.values, g_strdup ("host"), joined);
  else
    g_string_free (joined, TRUE);
  slip_aws_headers_foreach (request->headers, collect_header, &collection);
  return collection.values;
}

static gboolean
append_header_line (gpointer name, gpointer value, gpointer data)
{
  g_string_append_printf (data, "%s:%s\n", (const char *)name, ((GString *)value)->str);
  return FALSE;
}

static gboolean
append_header_name (gpointer name, gpointer value, gpointer data)
{
  GString *out = data;

  g_string_append_printf (out, "%s%s", out->len > 0 ? ";" : "", (const char *)name);
  return FALSE;
}

static char *
join_names (GTree *headers)
{
  GString *names = g_string_new (NULL);

  g_tree_foreach (headers, append_header_name, names);
  return g_string_free (names, FALSE);
}

/* Whole */

static void
hash_body (const SlipAwsRequest *request, char hex[65])
{
  gsize length = 0;
  gconstpointer data = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;

  slip_sigv4_sha256_hex (data, length, hex);
}

char *
slip_aws_sigv4_canonical_request (const SlipAwsRequest *request,
                                  const char *host,
                                  const char *signed_headers,
                                  const char *payload_hash,
                                  SlipAwsSigv4Flags flags)
{
  g_autofree char *path = canonical_path (request->path, flags);
  g_autofree char *query = canonical_query (request->query);
  g_autoptr (GTree) headers = collect_headers (request, host, signed_headers);
  g_autofree char *names = join_names (headers);
  GString *out = g_string_new (NULL);
  char hash[65];

  if (payload_hash == NULL)
    {
      hash_body (request, hash);
      payload_hash = hash;
    }
  g_string_append_printf (out, "%s\n%s\n%s\n", request->method, path, query);
  g_tree_foreach (headers, append_header_line, out);
  g_string_append_printf (out, "\n%s\n%s", signed_headers != NULL ? signed_headers : names,
                          payload_hash);
  return g_string_free (out, FALSE);
}

char *
slip_aws_sigv4_string_to_sign (const char *canonical,
                               const char *amz_date,
                               const char *region,
                               const char *service)
{
  char hash[65];

  slip_sigv4_sha256_hex (canonical, strlen (canonical), hash);
  return g_strdup_printf (SLIP_SIGV4_ALGORITHM "\n%s\n%.8s/%s/%s/aws4_request\n%s", amz_date,
                          amz_date, region, service, hash);
}

static gboolean
check_scope (const char *host, const char *region, const char *service, GError **error)
{
  if (host == NULL || *host == '\0' || region == NULL || *region == '\0' || service == NULL
      || *service == '\0' || strchr (region, '/') != NULL || strchr (service, '/') != NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                   "cannot sign for host “%s”, region “%s”, service “%s”", host != NULL ? host : "",
                   region != NULL ? region : "", service != NULL ? service : "");
      return FALSE;
    }
  return TRUE;
}

/* RFC 9110 section 5.6.2. */
static gboolean
is_token (const char *name)
{
  const char *c = name;

  while (g_ascii_isalnum (*c) || (*c != '\0' && strchr ("!#$%&'*+-.^_`|~", *c) != NULL))
    c++;
  return c > name && *c == '\0';
}

/* A line break in a value would let it write headers of its own. */
static gboolean
check_headers (const SlipAwsRequest *request, GError **error)
{
  for (guint i = 0; i < slip_aws_headers_get_length (request->headers); i++)
    {
      const SlipAwsPair *pair = slip_aws_headers_get_pair (request->headers, i);

      if (strpbrk (pair->value, "\r\n") != NULL || !is_token (pair->name))
        {
          g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                       "header “%s” cannot be sent: its name is none, or its value breaks the line",
                       pair->name);
          return FALSE;
        }
    }
  return TRUE;
}

/* What stands for the body; @hex has room for 65 bytes. */
static void
choose_payload (const SlipAwsRequest *request, SlipAwsSigv4Flags flags, char hex[65])
{
  if (flags & SLIP_AWS_SIGV4_UNSIGNED_PAYLOAD)
    g_strlcpy (hex, SLIP_SIGV4_UNSIGNED, 65);
  else
    hash_body (request, hex);
}

gboolean
slip_aws_sigv4_sign (SlipAwsRequest *request,
                     const char *host,
                     const SlipAwsCredentials *credentials,
                     const char *region,
                     const char *service,
                     gint64 time_us,
                     SlipAwsSigv4Flags flags,
                     GError **error)
{
  g_autofree char *canonical = NULL;
  g_autofree char *to_sign = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *names = NULL;
  g_autofree char *authorization = NULL;
  g_autoptr (GTree) headers = NULL;
  char payload[65];
  char date[17];

  g_return_val_if_fail (request != NULL && credentials != NULL, FALSE);

  if (!check_scope (host, region, service, error) || !check_headers (request, error))
    return FALSE;
  slip_sigv4_format_date (time_us, date);
  choose_payload (request, flags, payload);
  slip_aws_headers_remove (request->headers, "Authorization");
  slip_aws_headers_set (request->headers, "X-Amz-Date", date);
  if (credentials->session_token != NULL && !(flags & SLIP_AWS_SIGV4_NO_TOKEN))
    slip_aws_headers_set (request->headers, "X-Amz-Security-Token", credentials->session_token);
  if (flags & (SLIP_AWS_SIGV4_S3 | SLIP_AWS_SIGV4_UNSIGNED_PAYLOAD))
    slip_aws_headers_set (request->headers, "x-amz-content-sha256", payload);

  headers = collect_headers (request, host, NULL);
  names = join_names (headers);
  canonical = slip_aws_sigv4_canonical_request (request, host, names, payload, flags);
  to_sign = slip_aws_sigv4_string_to_sign (canonical, date, region, service);
  signature = slip_aws_sigv4_sign_text (credentials->secret_key, date, region, service, to_sign);
  authorization = g_strdup_printf (
      SLIP_SIGV4_ALGORITHM " Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s",
      credentials->access_key, date, region, service, names, signature);
  slip_aws_headers_set (request->headers, "Authorization", authorization);
  return TRUE;
}

static void
drop_signing_query (SlipAwsRequest *request)
{
  static const char *const names[] = {
      "X-Amz-Algorithm",     "X-Amz-Credential",     "X-Amz-Date",      "X-Amz-Expires",
      "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Signature",
  };

  for (guint i = request->query->len; i-- > 0;)
    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      if (g_str_equal (((SlipAwsPair *)request->query->pdata[i])->name, names[k]))
        {
          g_ptr_array_remove_index (request->query, i);
          break;
        }
}

gboolean
slip_aws_sigv4_presign (SlipAwsRequest *request,
                        const char *host,
                        const SlipAwsCredentials *credentials,
                        const char *region,
                        const char *service,
                        gint64 time_us,
                        guint expires_s,
                        SlipAwsSigv4Flags flags,
                        GError **error)
{
  g_autofree char *scope = NULL;
  g_autofree char *expires = NULL;
  g_autofree char *names = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *to_sign = NULL;
  g_autofree char *signature = NULL;
  g_autoptr (GTree) headers = NULL;
  char payload[65];
  char date[17];

  g_return_val_if_fail (request != NULL && credentials != NULL, FALSE);

  if (!check_scope (host, region, service, error) || !check_headers (request, error))
    return FALSE;
  if (expires_s < 1 || expires_s > MAX_EXPIRES_S)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                   "a presigned URL may live 1 to %d seconds, not %u", MAX_EXPIRES_S, expires_s);
      return FALSE;
    }
  slip_sigv4_format_date (time_us, date);
  choose_payload (request,
                  (flags & SLIP_AWS_SIGV4_S3) ? flags | SLIP_AWS_SIGV4_UNSIGNED_PAYLOAD : flags,
                  payload);
  headers = collect_headers (request, host, NULL);
  names = join_names (headers);
  scope = g_strdup_printf ("%s/%.8s/%s/%s/aws4_request", credentials->access_key, date, region,
                           service);
  expires = g_strdup_printf ("%u", expires_s);
  drop_signing_query (request);
  slip_aws_request_add_query (request, "X-Amz-Algorithm", SLIP_SIGV4_ALGORITHM);
  slip_aws_request_add_query (request, "X-Amz-Credential", scope);
  slip_aws_request_add_query (request, "X-Amz-Date", date);
  slip_aws_request_add_query (request, "X-Amz-Expires", expires);
  slip_aws_request_add_query (request, "X-Amz-SignedHeaders", names);
  if (credentials->session_token != NULL && !(flags & SLIP_AWS_SIGV4_NO_TOKEN))
    slip_aws_request_add_query (request, "X-Amz-Security-Token", credentials->session_token);
  canonical = slip_aws_sigv4_canonical_request (request, host, names, payload, flags);
  to_sign = slip_aws_sigv4_string_to_sign (canonical, date, region, service);
  signature = slip_aws_sigv4_sign_text (credentials->secret_key, date, region, service, to_sign);
  slip_aws_request_add_query (request, "X-Amz-Signature", signature);
  if (credentials->session_token != NULL && (flags & SLIP_AWS_SIGV4_NO_TOKEN))
    slip_aws_request_add_query (request, "X-Amz-Security-Token", credentials->session_token);
  return TRUE;
}
