/* SPDX-License-Identifier: MIT */

/* Requests and responses as plain values, before they meet a connection or a signature, and the
 * percent encoding that AWS prescribes. The protocols fill these, the signer and the client read
 * them, and the rehearsal server goes the other way. */

#include "slip-aws-http.h"

#include <string.h>

struct _SlipAwsHeaders
{
  GPtrArray *pairs; /* element-type SlipAwsPair */
};

SlipAwsPair *
slip_aws_pair_new (const char *name, const char *value)
{
  SlipAwsPair *pair = g_new (SlipAwsPair, 1);
  pair->name = g_strdup (name);
  pair->value = g_strdup (value != NULL ? value : "");
  return pair;
}

void
slip_aws_pair_free (SlipAwsPair *pair)
{
  if (pair == NULL)
    return;
  g_free (pair->name);
  g_free (pair->value);
  g_free (pair);
}

static GPtrArray *
pairs_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)slip_aws_pair_free);
}

static void
pairs_append_all (GPtrArray *to, const GPtrArray *from)
{
  for (guint i = 0; i < from->len; i++)
    {
      const SlipAwsPair *pair = from->pdata[i];
      g_ptr_array_add (to, slip_aws_pair_new (pair->name, pair->value));
    }
}

SlipAwsHeaders *
slip_aws_headers_new (void)
{
  SlipAwsHeaders *headers = g_new (SlipAwsHeaders, 1);
  headers->pairs = pairs_new ();
  return headers;
}

SlipAwsHeaders *
slip_aws_headers_copy (const SlipAwsHeaders *headers)
{
  SlipAwsHeaders *copy = slip_aws_headers_new ();
  pairs_append_all (copy->pairs, headers->pairs);
  return copy;
}

void
slip_aws_headers_free (SlipAwsHeaders *headers)
{
  if (headers == NULL)
    return;
  g_ptr_array_unref (headers->pairs);
  g_free (headers);
}

static SlipAwsPair *
find_header (const SlipAwsHeaders *headers, const char *name, guint from, guint *index)
{
  for (guint i = from; i < headers->pairs->len; i++)
    {
      SlipAwsPair *pair = headers->pairs->pdata[i];
      if (g_ascii_strcasecmp (pair->name, name) == 0)
        {
          if (index != NULL)
            *index = i;
          return pair;
        }
    }
  return NULL;
}

void
slip_aws_headers_set (SlipAwsHeaders *headers, const char *name, const char *value)
{
  guint index = 0;
  SlipAwsPair *pair = find_header (headers, name, 0, &index);

  if (pair == NULL)
    {
      slip_aws_headers_append (headers, name, value);
      return;
    }
  char *old = pair->value;
  pair->value = g_strdup (value != NULL ? value : "");
  g_free (old);
  guint other = 0;
  while (find_header (headers, name, index + 1, &other) != NULL)
    g_ptr_array_remove_index (headers->pairs, other);
}

void
slip_aws_headers_append (SlipAwsHeaders *headers, const char *name, const char *value)
{
  g_ptr_array_add (headers->pairs, slip_aws_pair_new (name, value));
}

const char *
slip_aws_headers_get (const SlipAwsHeaders *headers, const char *name)
{
  const SlipAwsPair *pair = find_header (headers, name, 0, NULL);
  return pair != NULL ? pair->value : NULL;
}

gboolean
slip_aws_headers_remove (SlipAwsHeaders *headers, const char *name)
{
  gboolean found = FALSE;
  guint index = 0;

  while (find_header (headers, name, index, &index) != NULL)
    {
      g_ptr_array_remove_index (headers->pairs, index);
      found = TRUE;
    }
  return found;
}

guint
slip_aws_headers_get_length (const SlipAwsHeaders *headers)
{
  return headers->pairs->len;
}

const SlipAwsPair *
slip_aws_headers_get_pair (const SlipAwsHeaders *headers, guint index)
{
  g_return_val_if_fail (index < headers->pairs->len, NULL);
  return headers->pairs->pdata[index];
}

void
slip_aws_headers_foreach (const SlipAwsHeaders *headers, SlipAwsHeadersFunc func, gpointer data)
{
  for (guint i = 0; i < headers->pairs->len; i++)
    {
      const SlipAwsPair *pair = headers->pairs->pdata[i];
      func (pair->name, pair->value, data);
    }
}

SlipAwsRequest *
slip_aws_request_new (const char *method, const char *path)
{
  SlipAwsRequest *request = g_new0 (SlipAwsRequest, 1);
  request->method = g_strdup (method);
  request->path = g_strdup (path);
  request->query = pairs_new ();
  request->headers = slip_aws_headers_new ();
  return request;
}

SlipAwsRequest *
slip_aws_request_copy (const SlipAwsRequest *request)
{
  SlipAwsRequest *copy = slip_aws_request_new (request->method, request->path);
  pairs_append_all (copy->query, request->query);
  pairs_append_all (copy->headers->pairs, request->headers->pairs);
  copy->body = request->body != NULL ? g_bytes_ref (request->body) : NULL;
  copy->host_prefix = g_strdup (request->host_prefix);
  return copy;
}

void
slip_aws_request_free (SlipAwsRequest *request)
{
  if (request == NULL)
    return;
  g_free (request->method);
  g_free (request->path);
  g_ptr_array_unref (request->query);
  slip_aws_headers_free (request->headers);
  g_clear_pointer (&request->body, g_bytes_unref);
  g_free (request->host_prefix);
  g_free (request);
}

void
slip_aws_request_add_query (SlipAwsRequest *request, const char *name, const char *value)
{
  g_ptr_array_add (request->query, slip_aws_pair_new (name, value));
}

const char *
slip_aws_request_get_query (const SlipAwsRequest *request, const char *name)
{
  for (guint i = 0; i < request->query->len; i++)
    {
      const SlipAwsPair *pair = request->query->pdata[i];
      if (strcmp (pair->name, name) == 0)
        return pair->value;
    }
  return NULL;
}

gboolean
slip_aws_request_set_target (SlipAwsRequest *request, const char *target)
{
  if (target[0] != '/')
    return FALSE;

  g_autoptr (GPtrArray) query = pairs_new ();
  const char *mark = strchr (target, '?');
  g_auto (GStrv) parts = g_strsplit (mark != NULL ? mark + 1 : "", "&", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      if (**part == '\0')
        continue;
      const char *equals = strchr (*part, '=');
      gssize length = equals != NULL ? equals - *part : -1;
      g_autofree char *name = slip_aws_uri_decode (*part, length, TRUE);
      g_autofree char *value = slip_aws_uri_decode (equals != NULL ? equals + 1 : "", -1, TRUE);
      if (name == NULL || value == NULL)
        return FALSE;
      g_ptr_array_add (query, slip_aws_pair_new (name, value));
    }
  g_free (request->path);
  request->path = mark != NULL ? g_strndup (target, mark - target) : g_strdup (target);
  g_ptr_array_unref (request->query);
  request->query = g_steal_pointer (&query);
  return TRUE;
}

char *
slip_aws_request_dup_query_string (const SlipAwsRequest *request)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < request->query->len; i++)
    {
      const SlipAwsPair *pair = request->query->pdata[i];
      g_autofree char *name = slip_aws_uri_encode (pair->name, -1, NULL);
      g_autofree char *value = slip_aws_uri_encode (pair->value, -1, NULL);
      g_string_append_printf (text, "%s%s=%s", i > 0 ? "&" : "", name, value);
    }
  return g_string_free (text, FALSE);
}

SlipAwsResponse *
slip_aws_response_new (guint status)
{
  SlipAwsResponse *response = g_new0 (SlipAwsResponse, 1);
  response->status = status;
  response->headers = slip_aws_headers_new ();
  return response;
}

void
slip_aws_response_free (SlipAwsResponse *response)
{
  if (response == NULL)
    return;
  slip_aws_headers_free (response->headers);
  g_clear_pointer (&response->body, g_bytes_unref);
  g_free (response);
}

char *
slip_aws_uri_encode (const char *text, gssize length, const char *keep)
{
  static const char digits[] = "0123456789ABCDEF";
  gsize n = length < 0 ? strlen (text) : (gsize)length;
  GString *out = g_string_sized_new (n + 16);

  for (gsize i = 0; i < n; i++)
    {
      guchar c = text[i];
      if (g_ascii_isalnum (c) || c == '-' || c == '.' || c == '_' || c == '~'
          || (keep != NULL && c != '\0' && strchr (keep, c) != NULL))
        {
          g_string_append_c (out, c);
          continue;
        }
      g_string_append_c (out, '%');
      g_string_append_c (out, digits[c >> 4]);
      g_string_append_c (out, digits[c & 15]);
    }
  return g_string_free (out, FALSE);
}

char *
slip_aws_uri_decode (const char *text, gssize length, gboolean plus_is_space)
{
  gsize n = length < 0 ? strlen (text) : (gsize)length;
  g_autofree char *out = g_malloc (n + 1);
  gsize at = 0;

  for (gsize i = 0; i < n; i++)
    {
      char c = text[i];
      if (c == '+' && plus_is_space)
        c = ' ';
      else if (c == '%')
        {
          if (i + 2 >= n || !g_ascii_isxdigit (text[i + 1]) || !g_ascii_isxdigit (text[i + 2]))
            return NULL;
          c = (char)(g_ascii_xdigit_value (text[i + 1]) * 16 + g_ascii_xdigit_value (text[i + 2]));
          i += 2;
        }
      if (c == '\0')
        return NULL;
      out[at++] = c;
    }
  out[at] = '\0';
  return g_utf8_validate (out, at, NULL) ? g_steal_pointer (&out) : NULL;
}
