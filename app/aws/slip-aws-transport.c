/* SPDX-License-Identifier: MIT */

/* HTTP through libsoup. A SoupSession is lent to one exchange at a time and then goes back to a
 * shelf, so that its kept connections are used again but never by two threads at once: libsoup 3.2
 * may send from any thread, yet a session is configured only where it was made, and its idle timers
 * would run in the main loop. A session serves one host, because the proxy question differs by host,
 * and the number of exchanges under way at once has a cap of its own. */

#include "slip-aws-transport.h"

#include "slip-aws-deadline.h"
#include "slip-aws-error.h"
#include "slip-crash.h"

#include <libsoup/soup.h>
#include <string.h>

#define MAX_UNDER_WAY 64
#define MAX_SHELVED 32
#define MAX_CONNECTIONS 16
#define MAX_IDLE_US (20 * G_USEC_PER_SEC)
#define DEFAULT_TIMEOUT_S 60
#define DEFAULT_MAX_BYTES ((gsize)64 * 1024 * 1024)
#define CHUNK (64 * 1024)
#define LITTLE 512

typedef struct
{
  SoupSession *session; /* owned */
  char *key;            /* scheme, host, port, time-out */
  gint64 used_us;
} Lent;

static GMutex shelf_lock;
static GCond shelf_changed;
static GQueue shelf = G_QUEUE_INIT; /* of Lent, last used first */
static guint under_way;

static void
lent_free (Lent *lent)
{
  g_object_unref (lent->session);
  g_free (lent->key);
  g_free (lent);
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0 || g_str_has_suffix (host, ".localhost");
}

static const char *
bundle_of (const SlipAwsExchange *exchange)
{
  const char *variable = g_getenv ("AWS_CA_BUNDLE");

  return variable != NULL && *variable != '\0' ? variable : exchange->ca_bundle;
}

static SoupSession *
session_new (const char *host, guint timeout_s, GTlsDatabase *certificates)
{
  /* An idle time-out would be a source in the default main context, that is, in another thread. One
   * exchange at a time needs two connections at most; but where libsoup has as many as it may, all of
   * which the server has just closed, its blocking send waits for another thread to return one, which
   * none has: for ever, and no time-out counts there. So it may have many more than can be. */
  SoupSession *session = soup_session_new_with_options (
      "timeout", timeout_s, "idle-timeout", 0, "max-conns", MAX_CONNECTIONS, "max-conns-per-host",
      MAX_CONNECTIONS, NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  if (is_loopback (host))
    soup_session_set_proxy_resolver (session, NULL);
  if (certificates != NULL)
    soup_session_set_tls_database (session, certificates);
  return session;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_mutex_lock (&shelf_lock);
  g_cond_broadcast (&shelf_changed);
  g_mutex_unlock (&shelf_lock);
}

/* Takes one of the places; FALSE when cancelled. */
static gboolean
take_place (GCancellable *cancellable)
{
  gboolean taken;
  gulong handler = cancellable != NULL
                       ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), NULL, NULL)
                       : 0;

  g_mutex_lock (&shelf_lock);
  while (under_way >= MAX_UNDER_WAY && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&shelf_changed, &shelf_lock);
  taken = !g_cancellable_is_cancelled (cancellable);
  if (taken)
    under_way++;
  g_mutex_unlock (&shelf_lock);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  return taken;
}

static void
leave_place (void)
{
  g_mutex_lock (&shelf_lock);
  under_way--;
  g_cond_signal (&shelf_changed);
  g_mutex_unlock (&shelf_lock);
}

static Lent *
find_shelved (const char *key, GQueue *stale)
{
  gint64 oldest_us = g_get_monotonic_time () - MAX_IDLE_US;
  Lent *found = NULL;

  g_mutex_lock (&shelf_lock);
  for (GList *link = shelf.head; link != NULL;)
    {
      GList *next = link->next;
      Lent *lent = link->data;

      if (lent->used_us < oldest_us)
        {
          g_queue_delete_link (&shelf, link);
          g_queue_push_tail (stale, lent);
        }
      else if (found == NULL && g_str_equal (lent->key, key))
        {
          g_queue_delete_link (&shelf, link);
          found = lent;
        }
      link = next;
    }
  g_mutex_unlock (&shelf_lock);
  return found;
}

static void
free_all (GQueue *queue)
{
  Lent *lent;

  while ((lent = g_queue_pop_head (queue)) != NULL)
    lent_free (lent);
}

/* NULL when @exchange names certificates that cannot be read. */
static Lent *
borrow_session (const SlipAwsExchange *exchange, guint timeout_s, GError **error)
{
  const SlipAwsEndpoint *endpoint = exchange->endpoint;
  gboolean secure = g_str_equal (endpoint->scheme, "https");
  const char *bundle = secure ? bundle_of (exchange) : NULL;
  g_autofree char *key = g_strdup_printf ("%s\n%s\n%d\n%u\n%s", endpoint->scheme, endpoint->host,
                                          endpoint->port, timeout_s, bundle != NULL ? bundle : "");
  g_autoptr (GTlsDatabase) certificates = NULL;
  GQueue stale = G_QUEUE_INIT;
  Lent *lent = find_shelved (key, &stale);

  free_all (&stale);
  if (lent != NULL)
    return lent;
  if (bundle != NULL)
    {
      certificates = g_tls_file_database_new (bundle, error);
      if (certificates == NULL)
        {
          g_prefix_error (error, "the CA bundle %s: ", bundle);
          return NULL;
        }
    }
  lent = g_new0 (Lent, 1);
  lent->session = session_new (endpoint->host, timeout_s, certificates);
  lent->key = g_steal_pointer (&key);
  return lent;
}

static void
return_session (Lent *lent)
{
  GQueue surplus = G_QUEUE_INIT;

  lent->used_us = g_get_monotonic_time ();
  g_mutex_lock (&shelf_lock);
  g_queue_push_head (&shelf, lent);
  while (shelf.length > MAX_SHELVED)
    g_queue_push_tail (&surplus, g_queue_pop_tail (&shelf));
  g_mutex_unlock (&shelf_lock);
  free_all (&surplus);
}

/* Messages */

static SoupMessage *
message_new (const SlipAwsExchange *exchange)
{
  const SlipAwsEndpoint *endpoint = exchange->endpoint;
  const SlipAwsRequest *request = exchange->request;
  g_autofree char *path = g_strconcat (endpoint->path, request->path, NULL);
  g_autofree char *query = slip_aws_request_dup_query_string (request);
  g_autoptr (GUri) uri = g_uri_build (SOUP_HTTP_URI_FLAGS, endpoint->scheme, NULL, endpoint->host,
                                      endpoint->port, path, *query != '\0' ? query : NULL, NULL);
  SoupMessage *message = soup_message_new_from_uri (request->method, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  for (guint i = 0; i < slip_aws_headers_get_length (request->headers); i++)
    {
      const SlipAwsPair *pair = slip_aws_headers_get_pair (request->headers, i);

      soup_message_headers_append (headers, pair->name, pair->value);
    }
  if (exchange->user_agent != NULL)
    soup_message_headers_replace (headers, "User-Agent", exchange->user_agent);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, NULL, request->body);
  else if (!g_str_equal (request->method, "GET") && !g_str_equal (request->method, "HEAD"))
    soup_message_headers_set_content_length (headers, 0);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  /* Left alone, libsoup gives each POST a new connection, and sends PUT and DELETE again when a kept
   * one closes. What matters to us is not the method but whether a second sending is harmless. */
  soup_message_add_flags (message,
                          exchange->once ? SOUP_MESSAGE_NEW_CONNECTION : SOUP_MESSAGE_IDEMPOTENT);
  if (exchange->verbatim)
    soup_message_disable_feature (message, SOUP_TYPE_CONTENT_DECODER);
  return message;
}

/* Emitted in the sending thread, between the connection and the first byte. */
static void
on_starting (SoupMessage *message, gpointer data)
{
  *(gboolean *)data = TRUE;
}

/* Emitted in the sending thread, when the last byte was given to the system. */
static void
on_wrote_body (SoupMessage *message, gpointer data)
{
  slip_crash_point ("sent");
}

/* @expected bytes go into one piece of memory; then a little room shows that there are no more. */
static gsize
next_room (gsize had, gsize expected)
{
  if (expected == 0)
    return CHUNK;
  return had < expected ? expected - had : LITTLE;
}

static gboolean
read_all (GInputStream *stream,
          gsize expected,
          gsize max_bytes,
          GByteArray *body,
          GCancellable *cancellable,
          GError **error)
{
  while (TRUE)
    {
      gsize had = body->len;
      gsize room = next_room (had, expected);
      gssize got;

      g_byte_array_set_size (body, (guint)(had + room));
      got = g_input_stream_read (stream, body->data + had, room, cancellable, error);
      g_byte_array_set_size (body, (guint)(had + (got > 0 ? (gsize)got : 0)));
      if (got <= 0)
        return got == 0;
      if (body->len > max_bytes)
        {
          g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                       "the answer is larger than %" G_GSIZE_FORMAT " bytes", max_bytes);
          return FALSE;
        }
    }
}

/* How long the body will be, to read it into one piece of memory; 0 when that is not said. */
static gsize
expected_length (SoupMessage *message, gsize max_bytes)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  goffset length;

  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH)
    return 0;
  length = soup_message_headers_get_content_length (headers);
  return length > 0 && (gsize)length <= max_bytes ? (gsize)length : 0;
}

static void
copy_header (const char *name, const char *value, gpointer data)
{
  slip_aws_headers_append (data, name, value);
}

static SlipAwsResponse *
receive (SoupSession *session,
         SoupMessage *message,
         gsize max_bytes,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GInputStream) stream = soup_session_send (session, message, cancellable, error);
  g_autoptr (GByteArray) body = NULL;
  SlipAwsResponse *response;
  gsize expected;

  if (stream == NULL)
    return NULL;
  expected = expected_length (message, max_bytes);
  body = g_byte_array_sized_new ((guint)(expected + LITTLE));
  if (!read_all (stream, expected, max_bytes, body, cancellable, error)
      || !g_input_stream_close (stream, cancellable, error))
    return NULL;
  response = slip_aws_response_new (soup_message_get_status (message));
  soup_message_headers_foreach (soup_message_get_response_headers (message), copy_header,
                                response->headers);
  response->body = g_byte_array_free_to_bytes (g_steal_pointer (&body));
  return response;
}

static void
convert_error (const SlipAwsEndpoint *endpoint, GError *cause, GError **error)
{
  g_autofree char *url = slip_aws_endpoint_dup_url (endpoint);

  if (cause->domain == SLIP_AWS_ERROR)
    g_propagate_prefixed_error (error, g_error_copy (cause), "%s: ", url);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "the call was cancelled");
  else
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT, "%s: %s", url, cause->message);
}

/* With a place taken and a session lent; @lent is given back or freed. */
static SlipAwsResponse *
exchange_with (Lent *lent,
               const SlipAwsExchange *exchange,
               gboolean *maybe_sent,
               GCancellable *cancellable,
               GError **error)
{
  gsize max_bytes = exchange->max_bytes != 0 ? exchange->max_bytes : DEFAULT_MAX_BYTES;
  g_autoptr (SoupMessage) message = message_new (exchange);
  SlipAwsResponse *response;

  g_signal_connect (message, "starting", G_CALLBACK (on_starting), maybe_sent);
  if (exchange->once)
    g_signal_connect (message, "wrote-body", G_CALLBACK (on_wrote_body), NULL);
  response = receive (lent->session, message, max_bytes, cancellable, error);
  g_signal_handlers_disconnect_by_data (message, maybe_sent);
  /* What is left of a failed connection is not worth keeping. */
  if (response != NULL)
    return_session (lent);
  else
    lent_free (lent);
  return response;
}

SlipAwsResponse *
slip_aws_transport_send (const SlipAwsExchange *exchange,
                         gboolean *maybe_sent,
                         gboolean *timed_out,
                         GCancellable *cancellable,
                         GError **error)
{
  guint timeout_s = exchange->timeout_s != 0 ? exchange->timeout_s : DEFAULT_TIMEOUT_S;
  g_autoptr (SlipAwsDeadline) deadline = NULL;
  g_autoptr (GError) cause = NULL;
  SlipAwsResponse *response = NULL;
  Lent *lent;

  *maybe_sent = FALSE;
  *timed_out = FALSE;
  if (!take_place (cancellable))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "the call was cancelled");
      return NULL;
    }
  lent = borrow_session (exchange, timeout_s, &cause);
  if (exchange->deadline_s != 0)
    deadline = slip_aws_deadline_new (exchange->deadline_s, cancellable);
  if (lent != NULL)
    response = exchange_with (
        lent, exchange, maybe_sent,
        deadline != NULL ? slip_aws_deadline_get_cancellable (deadline) : cancellable, &cause);
  if (response == NULL)
    {
      if (deadline != NULL && slip_aws_deadline_is_over (deadline)
          && !g_cancellable_is_cancelled (cancellable))
        {
          g_clear_error (&cause);
          g_set_error (&cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "the answer had not ended after %u seconds", exchange->deadline_s);
        }
      *timed_out = g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      convert_error (exchange->endpoint, cause, error);
    }
  leave_place ();
  return response;
}
