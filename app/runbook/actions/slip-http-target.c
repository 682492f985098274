/* SPDX-License-Identifier: MIT */
/* Which web addresses a step may ask: those whose traffic nobody can read on the way, and that hold no
 * secret themselves. Documents are checked with it, and runs once more with what references came to. */

#include "slip-http-target.h"

#include "slip-redact.h"
#include "slip-runbook-error.h"

#include <string.h>

static gboolean
is_this_machine (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return g_ascii_strcasecmp (host, "localhost") == 0
         || (address != NULL && g_inet_address_get_is_loopback (address));
}

static gboolean
has_secret (const char *query)
{
  GUriParamsIter iter;
  char *name;
  char *value;

  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL))
    {
      gboolean secret = slip_redact_name_is_secret (name) || g_ascii_strcasecmp (name, "token") == 0
                        || g_ascii_strcasecmp (name, "X-Amz-Signature") == 0;

      g_free (name);
      g_free (value);
      if (secret)
        return TRUE;
    }
  return FALSE;
}

static const char *
fault_of (GUri *uri)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);

  if (host == NULL || *host == '\0')
    return "names no host";
  if (!g_str_equal (scheme, "https") && !(g_str_equal (scheme, "http") && is_this_machine (host)))
    return "is not https; plain http is for this machine only";
  if (g_uri_get_userinfo (uri) != NULL)
    return "carries a name or password. Addresses end up in logs: send it in a header";
  if (g_uri_get_query (uri) != NULL && has_secret (g_uri_get_query (uri)))
    return "carries a secret in its query. Addresses end up in logs: send it in a header";
  if (g_uri_get_fragment (uri) != NULL)
    return "has a fragment, which is never sent";
  return NULL;
}

SlipHttpTarget *
slip_http_target_new (const char *url, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUri) uri
      = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, &local);
  const char *fault = uri != NULL ? fault_of (uri) : local->message;
  SlipHttpTarget *self;

  if (fault != NULL)
    {
      g_autofree char *shown = slip_redact_text (url);

      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_REQUEST, "the address %s %s",
                   shown, fault);
      return NULL;
    }
  self = g_new0 (SlipHttpTarget, 1);
  self->scheme = g_strdup (g_uri_get_scheme (uri));
  self->host = g_strdup (g_uri_get_host (uri));
  self->port = g_uri_get_port (uri) > 0              ? (guint)g_uri_get_port (uri)
               : g_str_equal (self->scheme, "https") ? 443
                                                     : 80;
  self->path = g_strdup (*g_uri_get_path (uri) != '\0' ? g_uri_get_path (uri) : "/");
  self->query = g_strdup (g_uri_get_query (uri));
  return self;
}

void
slip_http_target_free (SlipHttpTarget *self)
{
  g_free (self->scheme);
  g_free (self->host);
  g_free (self->path);
  g_free (self->query);
  g_free (self);
}
