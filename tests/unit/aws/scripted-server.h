/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An HTTP server on loopback that plays a script: each request that comes must be the one the next
 * step expects, and is answered as the step says. For tests of what a client does when servers
 * misbehave. */

typedef enum
{
  SCRIPTED_ANSWER,   /* and keep the connection */
  SCRIPTED_CLOSE,    /* answer, then close without having said so */
  SCRIPTED_DROP,     /* read the request, close without an answer */
  SCRIPTED_TRUNCATE, /* announce the whole body, send half of it, close */
  SCRIPTED_DRIP,     /* announce the body and send a byte of it now and then, never the last */
  SCRIPTED_HANG,     /* read the request, never answer; until the server is freed */
} ScriptedEnd;

typedef struct
{
  const char *expect_method; /* or NULL for any */
  const char *expect_target; /* whole request target, or NULL */
  const char *expect_header; /* "Name: part of its value", or NULL */
  const char *expect_body;   /* part of the body, or NULL */
  guint status;              /* 0 is 200 */
  const char *headers;       /* lines that end with \r\n, or NULL */
  const char *body;          /* or NULL */
  gsize body_length;         /* 0 for a text */
  guint delay_ms;
  ScriptedEnd end;
} ScriptedStep;

typedef struct _ScriptedServer ScriptedServer;

/* Copies nothing: @steps must live as long as the server. */
ScriptedServer *scripted_server_new (const ScriptedStep *steps, guint n_steps);

/* Fails the test when the script was not played to its end, or a request came that it does not have. */
void scripted_server_free (ScriptedServer *self);

/* `http://127.0.0.1:PORT` */
const char *scripted_server_get_url (ScriptedServer *self);

guint scripted_server_get_n_requests (ScriptedServer *self);
guint scripted_server_get_n_connections (ScriptedServer *self);

/* The whole request at @index as it came; the caller frees it. */
char *scripted_server_dup_request (ScriptedServer *self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScriptedServer, scripted_server_free)

G_END_DECLS
