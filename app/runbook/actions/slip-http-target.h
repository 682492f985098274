/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is kept of one answer, at most. */
#define SLIP_HTTP_MOST_BYTES (16 * 1024 * 1024)

/**
 * SlipHttpTarget:
 * @scheme: `https`, or `http` for this machine
 * @host: a name or an address
 * @port: a port
 * @path: begins with `/`, as it goes over the wire
 * @query: (nullable): what stands behind `?`
 *
 * A web address that a step may ask.
 */
typedef struct
{
  char *scheme;
  char *host;
  guint port;
  char *path;
  char *query;
} SlipHttpTarget;

/**
 * slip_http_target_new:
 * @url: an address
 * @error: return location
 *
 * Refuses what is no HTTPS (plain HTTP only reaches this machine), and what carries a secret: a name
 * and password, or a query member that looks like one. Addresses end up in logs, of this program and
 * of others.
 *
 * Returns: (transfer full): the address, or %NULL with %SLIP_RUNBOOK_ERROR_REQUEST
 */
SlipHttpTarget *slip_http_target_new (const char *url, GError **error);
void slip_http_target_free (SlipHttpTarget *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipHttpTarget, slip_http_target_free)

G_END_DECLS
