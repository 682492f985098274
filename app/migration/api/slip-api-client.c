/* SPDX-License-Identifier: MIT */
/* The new system's API over HTTP, for one thread: who asks, how long, how often. Nothing but GET changes nothing, so that besides
 * the login nothing else is sent. Redirects are not followed: a token goes to the address that was given and nowhere else. */

#include "config.h"

#include "slip-api-private.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <libsoup/soup.h>
#include <math.h>
#include <string.h>

#define MAX_ANSWER (16 * 1024 * 1024)
#define BLOCK (64 * 1024)
#define MOST_DIGITS 18 /* that any number of 64 bits holds */

struct _SlipApiClient
{
  const SlipApiOptions *options; /* borrowed */
  SoupSession *session;          /* owned */
  char *xsrf; /* owned; what the API wants to get back with every request, or NULL */
};

void
slip_api_answer_clear (SlipApiAnswer *answer)
{
  g_clear_pointer (&answer->json, json_node_unref);
  g_clear_pointer (&answer->message, g_free);
}

SlipApiClient *
slip_api_client_new (const SlipApiOptions *options)
{
  SlipApiClient *self = g_new0 (SlipApiClient, 1);
  g_autoptr (SoupCookieJar) cookies = soup_cookie_jar_new ();

  self->options = options;
  self->session
      = soup_session_new_with_options ("timeout", options->timeout > 0 ? options->timeout : 30,
                                       "user-agent", "Slipway", "max-conns-per-host", 1, NULL);
  soup_session_add_feature (self->session, SOUP_SESSION_FEATURE (cookies));
  return self;
}

void
slip_api_client_free (SlipApiClient *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->session);
  g_free (self->xsrf);
  g_free (self);
}

/* ---- one request */

static SoupMessage *
new_message (SlipApiClient *self, const char *method, const char *path)
{
  g_autofree char *base = g_strdup (self->options->url);
  g_autofree char *uri = NULL;
  SoupMessage *message;

  while (g_str_has_suffix (base, "/"))
    base[strlen (base) - 1] = '\0';
  uri = g_strconcat (base, path, NULL);
  message = soup_message_new (method, uri);
  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_append (soup_message_get_request_headers (message), "Accept",
                               "application/json");
  if (self->xsrf != NULL)
    soup_message_headers_append (soup_message_get_request_headers (message), "X-XSRF-TOKEN",
                                 self->xsrf);
  if (self->options->token != NULL)
    {
      g_autofree char *bearer = g_strconcat ("Bearer ", self->options->token, NULL);

      soup_message_headers_append (soup_message_get_request_headers (message), "Authorization",
                                   bearer);
    }
  return message;
}

static GBytes *
read_body (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autofree guint8 *block = g_malloc (BLOCK);
  gssize n;

  while ((n = g_input_stream_read (stream, block, BLOCK, cancellable, error)) > 0)
    {
      g_byte_array_append (body, block, (guint)n);
      if (body->len > MAX_ANSWER)
        {
          SLIP_API_ERROR (error, INPUT, "the answer is larger than 16 MiB");
          return NULL;
        }
    }
  return n < 0 ? NULL : g_byte_array_free_to_bytes (g_steal_pointer (&body));
}

static GBytes *
send (SlipApiClient *self, SoupMessage *message, GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = soup_session_send (self->session, message, cancellable, error);

  return stream != NULL ? read_body (stream, cancellable, error) : NULL;
}

/* ---- login */

static gboolean
post_login (SlipApiClient *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *form
      = soup_form_encode ("email", self->options->user, "password", self->options->password, NULL);
  g_autoptr (GBytes) sent = g_bytes_new (form, strlen (form));
  g_autoptr (SoupMessage) message = new_message (self, "POST", path);
  g_autoptr (GBytes) body = NULL;
  guint status;

  soup_message_set_request_body_from_bytes (message, "application/x-www-form-urlencoded", sent);
  body = send (self, message, cancellable, error);
  explicit_bzero (form, strlen (form));
  if (body == NULL)
    return FALSE;
  status = soup_message_get_status (message);
  /* The original's system answers 401 to a login that it took; what is asked next tells. */
  if (status < 400 || status == 401)
    return TRUE;
  SLIP_API_ERROR (error, STATE, "%s%s refuses the login of %s: HTTP %u", self->options->url, path,
                  self->options->user, status);
  return FALSE;
}

gboolean
slip_api_client_login (SlipApiClient *self,
                       const char *path,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (SoupMessage) message = new_message (self, "GET", "");
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) local = NULL;

  if (message == NULL)
    {
      SLIP_API_ERROR (error, CONNECTION, "“%s” is no address. Write it as https://HOST",
                      self->options->url);
      return FALSE;
    }
  if (self->options->user == NULL || self->options->password == NULL)
    return TRUE;
  body = send (self, message, cancellable, &local);
  if (body != NULL)
    {
      self->xsrf = g_strdup (soup_message_headers_get_one (
          soup_message_get_response_headers (message), "X-XSRF-TOKEN"));
      if (post_login (self, path != NULL ? path : "/auth/login", cancellable, &local))
        return TRUE;
    }
  if (local->domain == SLIP_MIGRATION_ERROR)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    SLIP_API_ERROR (error, CONNECTION, "no way to %s: %s", self->options->url, local->message);
  return FALSE;
}

/* ---- answers */

/* Behind the number that begins at @from; *wide is whether the parser would round it, or has no room for it. */
static gsize
skip_number (const char *body, gsize from, gsize length, gboolean *wide)
{
  gboolean whole = TRUE;
  gboolean plain = TRUE;
  gsize i = from + 1;

  for (; i < length && (g_ascii_isalnum (body[i]) || strchr ("+-.", body[i]) != NULL); i++)
    {
      whole = whole && g_ascii_isdigit (body[i]);
      plain = plain && (!g_ascii_isalpha (body[i]) || g_ascii_tolower (body[i]) == 'e');
    }
  *wide = whole && i - from > MOST_DIGITS;
  if (!whole && plain)
    {
      g_autofree char *number = g_strndup (body + from, i - from);
      char *end;

      *wide = isinf (g_ascii_strtod (number, &end)) && *end == '\0';
    }
  return i;
}

/* Numbers that the parser does not keep, as texts of the same digits that are marked for what they are. */
static GString *
quote_wide (const char *body, gsize length)
{
  GString *text = g_string_sized_new (length);
  gboolean quoted = FALSE;

  for (gsize i = 0; i < length;)
    {
      gsize from = i++;
      gboolean wide = FALSE;

      if (!quoted && (body[from] == '-' || g_ascii_isdigit (body[from])))
        i = skip_number (body, from, length, &wide);
      else if (quoted && body[from] == '\\' && i < length)
        i++;
      else if (body[from] == '"')
        quoted = !quoted;
      g_string_append (text, wide ? "\"" SLIP_API_WIDE : "");
      g_string_append_len (text, body + from, (gssize)(i - from));
      g_string_append (text, wide ? "\"" : "");
    }
  return text;
}

/* Whether @answer is an answer; otherwise its message says why not. */
static gboolean
take_body (SlipApiAnswer *answer, GBytes *body, gboolean retry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = NULL;

  if (answer->status == 404 && !retry)
    return TRUE;
  if (answer->status < 200 || answer->status > 201)
    {
      answer->message = g_strdup_printf ("HTTP %u", answer->status);
      return FALSE;
    }
  text = quote_wide (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  answer->json = slip_json_parse (text->str, (gssize)text->len, &error);
  if (answer->json == NULL)
    answer->message = g_strdup_printf ("the answer is no JSON: %s", error->message);
  return answer->json != NULL;
}

static gboolean
ask (SlipApiClient *self,
     const char *path,
     gboolean retry,
     GCancellable *cancellable,
     SlipApiAnswer *answer)
{
  g_autoptr (SoupMessage) message = new_message (self, "GET", path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = message != NULL ? send (self, message, cancellable, &error) : NULL;

  g_clear_pointer (&answer->message, g_free);
  answer->tries++;
  answer->status = body != NULL ? soup_message_get_status (message) : 0;
  if (body != NULL)
    return take_body (answer, body, retry);
  answer->message = g_strdup (error != NULL ? error->message : "the path cannot be asked");
  return FALSE;
}

/* Asking again helps against what passes, and not against “no”. */
static gboolean
may_pass (const SlipApiAnswer *answer)
{
  return answer->status != 401 && answer->status != 403;
}

void
slip_api_client_get (SlipApiClient *self,
                     const char *path,
                     gboolean retry,
                     GCancellable *cancellable,
                     SlipApiAnswer *answer)
{
  guint most = !retry ? 1 : self->options->tries > 0 ? self->options->tries : 5;
  guint pause = self->options->pause > 0 ? self->options->pause : 3000;
  SlipClock *clock = slip_clock_get_system ();
  gint64 begun = slip_clock_monotonic (clock);

  while (!ask (self, path, retry, cancellable, answer) && answer->tries < most && may_pass (answer)
         && !g_cancellable_is_cancelled (cancellable))
    if (!slip_clock_sleep (clock, (gint64)pause * 1000, cancellable, NULL))
      break;
  answer->milliseconds = (guint)((slip_clock_monotonic (clock) - begun) / 1000);
}
