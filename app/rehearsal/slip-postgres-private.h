/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-postgres-server.h"
#include "slip-postgres.h"

#include <libpq-fe.h>

G_BEGIN_DECLS

/* What the files of SlipPostgres share. */

#define SLIP_POSTGRES_ADMIN "rdsadmin"

struct _SlipPostgres
{
  SlipPostgresTools *tools; /* owned */
  char *password;           /* owned; the administrator's */
  GMutex mutex;             /* guards servers and caught_up */
  GHashTable *servers;      /* owned; key → SlipPostgresServer */
  GHashTable *caught_up;    /* owned; standby → gint64, when it lacked nothing */
  GMutex template_mutex;    /* held while the template is made */
};

typedef PGconn SlipPgConn;
typedef PGresult SlipPgResult;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPgConn, PQfinish)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPgResult, PQclear)

gboolean slip_postgres_check_key (const char *key);

/* Whether there is a file or folder of this name below the folder. */
gboolean slip_postgres_has (SlipPostgres *self, const char *name);
gboolean
slip_postgres_rename (SlipPostgres *self, const char *from, const char *to, GError **error);

/* Logs in as the administrator. */
SlipPgConn *
slip_postgres_connect (SlipPostgres *self, const char *key, const char *database, GError **error);
gboolean slip_postgres_do (SlipPgConn *conn, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean slip_postgres_has_rows (SlipPgConn *conn, const char *sql, const char *parameter);

G_END_DECLS
