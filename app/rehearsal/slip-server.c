/* SPDX-License-Identifier: MIT */

/* Sockets and HTTP of the rehearsal: takes requests from libsoup, hands them to slip-exchange.c or
 * slip-control.c, and sends what comes back, also late, half or not at all. Listens on loopback only:
 * the world holds keys, and nothing here is meant for a network. */

#include "slip-server.h"

#include <libsoup/soup.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "slip-control.h"
#include "slip-exchange.h"
#include "slip-site.h"
#include "slip-spool.h"

#define MAX_BODY (16 * 1024 * 1024)
#define MAX_UPLOAD (5LL * 1024 * 1024 * 1024)
#define SPOOL "slip-spool"

struct _SlipServer
{
  SlipWorld *world;   /* borrowed */
  SlipFaults *faults; /* borrowed */
  SoupServer *soup;
  char *endpoint;
};

static void
copy_header (const char *name, const char *value, gpointer data)
{
  slip_aws_headers_append (data, name, value);
}

static GBytes *
dup_body (SoupServerMessage *message)
{
  SlipSpool *spool = g_object_get_data (G_OBJECT (message), SPOOL);
  g_autoptr (GError) error = NULL;
  GBytes *body;

  if (spool == NULL)
    return soup_message_body_flatten (soup_server_message_get_request_body (message));
  body = slip_spool_map (spool, &error);
  if (body == NULL)
    g_warning ("%s", error->message);
  return body;
}

static SlipAwsRequest *
request_from_message (SoupServerMessage *message)
{
  GUri *uri = soup_server_message_get_uri (message);
  const char *query = g_uri_get_query (uri);
  const char *path = g_uri_get_path (uri);
  g_autofree char *target
      = query != NULL ? g_strdup_printf ("%s?%s", path, query) : g_strdup (path);
  g_autoptr (SlipAwsRequest) request
      = slip_aws_request_new (soup_server_message_get_method (message), "/");

  if (!slip_aws_request_set_target (request, target))
    return NULL;
  soup_message_headers_foreach (soup_server_message_get_request_headers (message), copy_header,
                                request->headers);
  request->body = dup_body (message);
  return request->body != NULL ? g_steal_pointer (&request) : NULL;
}

static void
set_header (const char *name, const char *value, gpointer data)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (data);

  if (g_ascii_strcasecmp (name, "content-type") == 0)
    soup_message_headers_replace (headers, name, value);
  else if (g_ascii_strcasecmp (name, "content-length") != 0)
    soup_message_headers_append (headers, name, value);
}

/* What the world's clock says, skewed as the faults want it. */
static char *
format_date (SlipServer *server)
{
  gint64 now = slip_world_now (server->world)
               + (gint64)(slip_faults_get_skew (server->faults) * G_TIME_SPAN_SECOND);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now / G_TIME_SPAN_SECOND);

  return soup_date_time_to_string (time, SOUP_DATE_HTTP);
}

static void
set_cork (SoupServerMessage *message, int on)
{
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket != NULL)
    g_socket_set_option (socket, IPPROTO_TCP, TCP_CORK, on, NULL);
}

static void
on_finished (SoupServerMessage *message, gpointer data)
{
  set_cork (message, 0);
}

/* libsoup sends head and body apart. Under load the AWS SDK for Go then sometimes closes a connection
 * between the two and sends the request again (its issues 1825 and 2737), so a conditional put, such as
 * Terraform's lock, fails on itself. One packet for both leaves it no time. */
static void
send_as_one (SoupServerMessage *message)
{
  set_cork (message, 1);
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), NULL);
}

static void
send_response (SlipServer *server, SoupServerMessage *message, const SlipAwsResponse *response)
{
  g_autofree char *date = format_date (server);
  SoupMessageBody *body = soup_server_message_get_response_body (message);
  const char *length = slip_aws_headers_get (response->headers, "content-length");

  send_as_one (message);
  soup_server_message_set_status (message, response->status, NULL);
  slip_aws_headers_foreach (response->headers, set_header, message);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Date", date);
  if (response->body != NULL && g_bytes_get_size (response->body) > 0)
    soup_message_body_append_bytes (body, response->body);
  else if (g_str_equal (soup_server_message_get_method (message), "HEAD") && length != NULL)
    soup_message_headers_set_content_length (soup_server_message_get_response_headers (message),
                                             (goffset)g_ascii_strtoll (length, NULL, 10));
}

static void
append_head_line (const char *name, const char *value, gpointer data)
{
  if (g_ascii_strcasecmp (name, "content-length") != 0)
    g_string_append_printf (data, "%s: %s\r\n", name, value);
}

/* Writes past libsoup. */
static void
send_raw (SoupServerMessage *message, const char *text, gsize length)
{
  GSocket *socket = soup_server_message_get_socket (message);
  gsize sent = 0;

  while (socket != NULL && sent < length)
    {
      gssize count
          = g_socket_send_with_blocking (socket, text + sent, length - sent, TRUE, NULL, NULL);

      if (count <= 0)
        break;
      sent += (gsize)count;
    }
}

/* libsoup would never send less than it announced, so this goes past it. */
static void
send_half (SoupServerMessage *message, const SlipAwsResponse *response)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize length = 0;
  const char *body = response->body != NULL ? g_bytes_get_data (response->body, &length) : NULL;

  g_string_printf (text, "HTTP/1.1 %u Truncated\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n",
                   response->status, length);
  slip_aws_headers_foreach (response->headers, append_head_line, text);
  g_string_append (text, "\r\n");
  if (body != NULL)
    g_string_append_len (text, body, (gssize)(length / 2));
  send_raw (message, text->str, text->len);
}

static void
close_connection (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);

  /* libsoup then finds the connection gone and forgets the message. */
  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                "close");
  soup_server_message_set_status (message, 500, NULL);
}

static gboolean
on_delay_over (gpointer data)
{
  soup_server_message_unpause (data);
  return G_SOURCE_REMOVE;
}

static void
delay (SoupServerMessage *message, double seconds)
{
  soup_server_message_pause (message);
  g_timeout_add_full (G_PRIORITY_DEFAULT, (guint)(CLAMP (seconds, 0, 3600) * 1000), on_delay_over,
                      g_object_ref (message), g_object_unref);
}

static void
send_exchange (SlipServer *server, SoupServerMessage *message, SlipExchange *exchange)
{
  switch (exchange->answer)
    {
    case SLIP_ANSWER_WHOLE:
      send_response (server, message, exchange->response);
      if (exchange->delay > 0)
        delay (message, exchange->delay);
      break;
    case SLIP_ANSWER_TRUNCATED:
      send_half (message, exchange->response);
      close_connection (message);
      break;
    case SLIP_ANSWER_DROPPED:
      close_connection (message);
      break;
    default:
      g_assert_not_reached ();
    }
  g_clear_pointer (&exchange->response, slip_aws_response_free);
}

static void
on_request (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer data)
{
  SlipServer *server = data;
  const char *host
      = soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Host");
  g_autoptr (SlipAwsRequest) request = request_from_message (message);
  SlipExchange exchange;

  if (request == NULL || host == NULL)
    {
      soup_server_message_set_status (message, 400, NULL);
      return;
    }
  if (slip_control_is_for (request))
    {
      g_autoptr (SlipAwsResponse) response = slip_control_run (server, request, host);

      send_response (server, message, response);
      return;
    }
  if (slip_site_is_for (request))
    {
      g_autoptr (SlipAwsResponse) response = slip_site_run (server->world, request);

      send_response (server, message, response);
      return;
    }
  exchange = slip_exchange_run (server->world, server->faults, server->endpoint, request, host);
  send_exchange (server, message, &exchange);
}

/* libsoup would read the whole body before it answers. */
static void
refuse_size (SoupServerMessage *message)
{
  static const char text[]
      = "HTTP/1.1 413 Request Entity Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

  send_raw (message, text, strlen (text));
  close_connection (message);
}

/* An upload goes to disk as it comes, and never into memory as a whole. */
static void
on_upload_chunk (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  SlipSpool *spool = data;

  slip_spool_write (spool, g_bytes_get_data (chunk, NULL), g_bytes_get_size (chunk));
  if (slip_spool_get_length (spool) > MAX_UPLOAD)
    refuse_size (message);
}

static gboolean
is_upload (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));

  return g_str_equal (soup_server_message_get_method (message), "PUT")
         && ((authorization != NULL && strstr (authorization, "/s3/aws4_request") != NULL)
             || (query != NULL && strstr (query, "%2Fs3%2Faws4_request") != NULL));
}

static gboolean
begin_upload (SlipServer *server, SoupServerMessage *message)
{
  g_autoptr (GError) error = NULL;
  SlipSpool *spool = slip_spool_new (slip_world_get_folder (server->world), &error);

  if (spool == NULL)
    {
      g_warning ("an upload cannot be taken: %s", error->message);
      return FALSE;
    }
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_object_set_data_full (G_OBJECT (message), SPOOL, spool, (GDestroyNotify)slip_spool_free);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_upload_chunk), spool);
  return TRUE;
}

/* A body of unknown length is counted while it comes in. */
static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  if (soup_server_message_get_request_body (message)->length > MAX_BODY)
    refuse_size (message);
}

static void
on_headers (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  gboolean upload = is_upload (message);

  if (soup_message_headers_get_content_length (headers) > (upload ? MAX_UPLOAD : MAX_BODY))
    {
      refuse_size (message);
      return;
    }
  if (upload && begin_upload (data, message))
    return;
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), NULL);
}

SlipServer *
slip_server_new (SlipWorld *world, SlipFaults *faults)
{
  SlipServer *server = g_new0 (SlipServer, 1);

  server->world = world;
  server->faults = faults;
  /* Paths stay as they were sent: they are signed, and an ARN in one holds encoded characters. */
  server->soup = soup_server_new ("server-header", "slipway-rehearsal", "raw-paths", TRUE, NULL);
  soup_server_add_early_handler (server->soup, NULL, on_headers, server, NULL);
  soup_server_add_handler (server->soup, NULL, on_request, server, NULL);
  return server;
}

void
slip_server_free (SlipServer *server)
{
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  g_free (server->endpoint);
  g_free (server);
}

/* The port that was taken. soup_server_get_uris() of libsoup 3.2 knows it too, but leaks the address. */
static guint
bound_port (SlipServer *server)
{
  g_autoptr (GSList) sockets = soup_server_get_listeners (server->soup);
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (sockets->data, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
}

gboolean
slip_server_listen (SlipServer *server, const char *address, guint port, GError **error)
{
  gboolean named = g_str_equal (address, "localhost");
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (named ? "127.0.0.1" : address);
  g_autoptr (GSocketAddress) socket_address = NULL;

  if (inet == NULL || !g_inet_address_get_is_loopback (inet))
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_ADDRESS,
                   "%s is not a loopback address. The rehearsal listens on this machine only: use "
                   "127.0.0.1 or ::1.",
                   address);
      return FALSE;
    }
  socket_address = g_inet_socket_address_new (inet, (guint16)port);
  if (!soup_server_listen (server->soup, socket_address, 0, error))
    {
      g_prefix_error (error, "cannot listen on %s port %u: ", address, port);
      return FALSE;
    }
  g_free (server->endpoint);
  server->endpoint
      = g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6
            ? g_strdup_printf ("http://[%s]:%u", address, bound_port (server))
            : g_strdup_printf ("http://%s:%u", named ? "127.0.0.1" : address, bound_port (server));
  return TRUE;
}

const char *
slip_server_get_endpoint (SlipServer *server)
{
  return server->endpoint;
}

SlipWorld *
slip_server_get_world (SlipServer *server)
{
  return server->world;
}

SlipFaults *
slip_server_get_faults (SlipServer *server)
{
  return server->faults;
}
