/* SPDX-License-Identifier: MIT */

/* The scripted server: one thread accepts, one thread serves each connection, and whichever request
 * comes next plays the next step. A request that does not fit is remembered as a failure and answered
 * with 599, so that the test ends with a message instead of a hang. */

#include "scripted-server.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_REQUEST (1024 * 1024)

struct _ScriptedServer
{
  const ScriptedStep *steps;
  guint n_steps;
  char *url;
  GSocket *socket;
  GThread *thread;
  GCancellable *stop;
  GMutex lock; /* of all below */
  guint next;
  guint n_connections;
  GPtrArray *requests; /* of char* */
  GPtrArray *threads;  /* of GThread */
  GString *failures;
};

typedef struct
{
  ScriptedServer *server;
  GSocket *socket;
} Connection;

static void G_GNUC_PRINTF (2, 3) fail (ScriptedServer *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (self->failures, format, args);
  g_string_append_c (self->failures, '\n');
  va_end (args);
}

static gboolean
send_all (Connection *connection, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize sent
          = g_socket_send (connection->socket, data, length, connection->server->stop, NULL);

      if (sent <= 0)
        return FALSE;
      data += sent;
      length -= (gsize)sent;
    }
  return TRUE;
}

static gsize
content_length (const char *head)
{
  g_autofree char *lower = g_ascii_strdown (head, -1);
  const char *at = strstr (lower, "\r\ncontent-length:");

  return at != NULL ? (gsize)g_ascii_strtoull (at + strlen ("\r\ncontent-length:"), NULL, 10) : 0;
}

/* One whole request, or NULL when the peer is gone. */
static GString *
read_request (Connection *connection, GString *rest)
{
  while (rest->len < MAX_REQUEST)
    {
      const char *end = strstr (rest->str, "\r\n\r\n");
      char buffer[8192];
      gssize got;

      if (end != NULL)
        {
          gsize whole = (gsize)(end + 4 - rest->str) + content_length (rest->str);

          if (rest->len >= whole)
            {
              GString *request = g_string_new_len (rest->str, (gssize)whole);

              g_string_erase (rest, 0, (gssize)whole);
              return request;
            }
        }
      got = g_socket_receive (connection->socket, buffer, sizeof buffer, connection->server->stop,
                              NULL);
      if (got <= 0)
        return NULL;
      g_string_append_len (rest, buffer, got);
    }
  return NULL;
}

static gboolean
has_header (const char *request, const char *wanted)
{
  g_auto (GStrv) lines = g_strsplit (request, "\r\n", -1);
  const char *colon = strchr (wanted, ':');
  gsize name_length = (gsize)(colon - wanted);
  const char *value = colon + 1;

  while (*value == ' ')
    value++;
  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    if (g_ascii_strncasecmp (*line, wanted, name_length) == 0 && (*line)[name_length] == ':'
        && strstr (*line + name_length, value) != NULL)
      return TRUE;
  return FALSE;
}

static void
check (ScriptedServer *self, guint index, const ScriptedStep *step, const char *request)
{
  g_autofree char *line = g_strndup (request, strcspn (request, "\r"));
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  const char *body = strstr (request, "\r\n\r\n");

  if (step->expect_method != NULL && g_strcmp0 (words[0], step->expect_method) != 0)
    fail (self, "request %u: method %s instead of %s", index, words[0], step->expect_method);
  if (step->expect_target != NULL && g_strcmp0 (words[1], step->expect_target) != 0)
    fail (self, "request %u: target %s instead of %s", index, words[1], step->expect_target);
  if (step->expect_header != NULL && !has_header (request, step->expect_header))
    fail (self, "request %u lacks the header %s:\n%s", index, step->expect_header, request);
  if (step->expect_body != NULL && (body == NULL || strstr (body, step->expect_body) == NULL))
    fail (self, "request %u lacks %s in its body:\n%s", index, step->expect_body, request);
}

static const ScriptedStep *
take_step (ScriptedServer *self, const char *request)
{
  const ScriptedStep *step = NULL;

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->requests, g_strdup (request));
  if (self->next < self->n_steps)
    {
      step = &self->steps[self->next];
      check (self, self->next, step, request);
    }
  else
    fail (self, "a request that the script does not have:\n%s", request);
  self->next++;
  g_mutex_unlock (&self->lock);
  return step;
}

/* Until the peer is gone, or the server is freed. */
static void
drip (Connection *connection)
{
  while (send_all (connection, " ", 1)
         && !g_socket_condition_timed_wait (connection->socket, G_IO_HUP | G_IO_IN,
                                            50 * G_TIME_SPAN_MILLISECOND, connection->server->stop,
                                            NULL)
         && !g_cancellable_is_cancelled (connection->server->stop))
    ;
}

/* Whether the connection goes on. */
static gboolean
play (Connection *connection, const ScriptedStep *step)
{
  static const ScriptedStep unexpected
      = {.status = 599, .body = "unexpected", .end = SCRIPTED_CLOSE};
  const ScriptedStep *used = step != NULL ? step : &unexpected;
  gsize length = used->body_length != 0 ? used->body_length
                 : used->body != NULL   ? strlen (used->body)
                                        : 0;
  g_autofree char *head = g_strdup_printf (
      "HTTP/1.1 %u Scripted\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n",
      used->status != 0 ? used->status : 200, length, used->headers != NULL ? used->headers : "");

  if (used->delay_ms > 0)
    g_usleep (used->delay_ms * 1000);
  switch (used->end)
    {
    case SCRIPTED_DROP:
      return FALSE;
    case SCRIPTED_HANG:
      g_socket_condition_wait (connection->socket, G_IO_HUP | G_IO_IN, connection->server->stop,
                               NULL);
      return FALSE;
    case SCRIPTED_DRIP:
      if (send_all (connection, head, strlen (head)))
        drip (connection);
      return FALSE;
    case SCRIPTED_TRUNCATE:
      if (send_all (connection, head, strlen (head)))
        send_all (connection, used->body, length / 2);
      return FALSE;
    case SCRIPTED_ANSWER:
    case SCRIPTED_CLOSE:
      break;
    }
  return send_all (connection, head, strlen (head)) && send_all (connection, used->body, length)
         && used->end == SCRIPTED_ANSWER;
}

static gpointer
serve (gpointer data)
{
  Connection *connection = data;
  g_autoptr (GString) rest = g_string_new (NULL);
  gboolean on = TRUE;

  while (on)
    {
      g_autoptr (GString) request = read_request (connection, rest);

      if (request == NULL)
        break;
      on = play (connection, take_step (connection->server, request->str));
    }
  g_socket_close (connection->socket, NULL);
  g_object_unref (connection->socket);
  g_free (connection);
  return NULL;
}

static gpointer
accept_all (gpointer data)
{
  ScriptedServer *self = data;

  while (TRUE)
    {
      GSocket *socket = g_socket_accept (self->socket, self->stop, NULL);
      Connection *connection;

      if (socket == NULL)
        return NULL;
      connection = g_new0 (Connection, 1);
      connection->server = self;
      connection->socket = socket;
      g_mutex_lock (&self->lock);
      self->n_connections++;
      g_ptr_array_add (self->threads, g_thread_new ("connection", serve, connection));
      g_mutex_unlock (&self->lock);
    }
}

ScriptedServer *
scripted_server_new (const ScriptedStep *steps, guint n_steps)
{
  ScriptedServer *self = g_new0 (ScriptedServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  self->steps = steps;
  self->n_steps = n_steps;
  self->stop = g_cancellable_new ();
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->threads = g_ptr_array_new ();
  self->failures = g_string_new (NULL);
  g_mutex_init (&self->lock);
  self->socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->socket, any, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->socket, &error);
  g_assert_no_error (error);
  address = g_socket_get_local_address (self->socket, &error);
  g_assert_no_error (error);
  self->url = g_strdup_printf ("http://127.0.0.1:%u",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  self->thread = g_thread_new ("scripted", accept_all, self);
  return self;
}

void
scripted_server_free (ScriptedServer *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->stop);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (self->threads->pdata[i]);
  if (self->next < self->n_steps)
    fail (self, "only %u of %u requests came", self->next, self->n_steps);
  if (self->failures->len > 0)
    g_error ("the script was not followed:\n%s", self->failures->str);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->stop);
  g_ptr_array_unref (self->requests);
  g_ptr_array_unref (self->threads);
  g_string_free (self->failures, TRUE);
  g_mutex_clear (&self->lock);
  g_free (self->url);
  g_free (self);
}

const char *
scripted_server_get_url (ScriptedServer *self)
{
  return self->url;
}

guint
scripted_server_get_n_requests (ScriptedServer *self)
{
  guint count;

  g_mutex_lock (&self->lock);
  count = self->requests->len;
  g_mutex_unlock (&self->lock);
  return count;
}

guint
scripted_server_get_n_connections (ScriptedServer *self)
{
  guint count;

  g_mutex_lock (&self->lock);
  count = self->n_connections;
  g_mutex_unlock (&self->lock);
  return count;
}

char *
scripted_server_dup_request (ScriptedServer *self, guint index)
{
  char *request;

  g_mutex_lock (&self->lock);
  request = index < self->requests->len ? g_strdup (self->requests->pdata[index]) : NULL;
  g_mutex_unlock (&self->lock);
  return request;
}
