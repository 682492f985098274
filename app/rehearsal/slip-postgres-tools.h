/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLIP_POSTGRES_ERROR (slip_postgres_error_quark ())

/**
 * SlipPostgresError:
 * @SLIP_POSTGRES_ERROR_ABSENT: PostgreSQL's programs are not installed, or nobody may run them
 * @SLIP_POSTGRES_ERROR_FAILED: a program or a statement failed; the message holds its own words
 * @SLIP_POSTGRES_ERROR_NOT_FOUND: no data under that key
 *
 * Errors of the PostgreSQL side of the rehearsal server.
 */
typedef enum
{
  SLIP_POSTGRES_ERROR_ABSENT,
  SLIP_POSTGRES_ERROR_FAILED,
  SLIP_POSTGRES_ERROR_NOT_FOUND,
} SlipPostgresError;

GQuark slip_postgres_error_quark (void);

/**
 * SlipPostgresTools:
 *
 * PostgreSQL's own programs, run as an unprivileged user inside one folder. Thread-safe.
 */
typedef struct _SlipPostgresTools SlipPostgresTools;

/**
 * slip_postgres_tools_new:
 * @folder: where data will live; created when absent, mode 0700
 * @error: return location
 *
 * Looks for initdb, postgres and pg_basebackup where pg_config says, in
 * `/usr/lib/postgresql/VERSION/bin` (highest version first) and on PATH. PostgreSQL refuses to run
 * as root, so for root the programs run as `postgres` or `nobody`, and @folder is given to that user.
 *
 * Returns: (transfer full): the tools, or %NULL with %SLIP_POSTGRES_ERROR_ABSENT
 */
SlipPostgresTools *slip_postgres_tools_new (const char *folder, GError **error);
void slip_postgres_tools_free (SlipPostgresTools *self);

/**
 * slip_postgres_tools_get_version:
 *
 * Returns: (transfer none): what `postgres --version` says, without the program's name
 */
const char *slip_postgres_tools_get_version (SlipPostgresTools *self);

/**
 * slip_postgres_tools_dup_path:
 * @self: tools
 * @name: a path below the folder
 *
 * Returns: (transfer full): the path as the server's own process sees it
 */
char *slip_postgres_tools_dup_path (SlipPostgresTools *self, const char *name);

/**
 * slip_postgres_tools_dup_inner_path:
 * @self: tools
 * @name: a path below the folder
 *
 * For root the folder is handed to the programs as an open descriptor, because the folders above it
 * may be closed to an unprivileged user.
 *
 * Returns: (transfer full): the path as a program that the tools started sees it
 */
char *slip_postgres_tools_dup_inner_path (SlipPostgresTools *self, const char *name);

/**
 * slip_postgres_tools_run:
 * @self: tools
 * @argv: program name (of PostgreSQL, or of the system such as `tar`) and arguments, %NULL-ended
 * @password: (nullable): given to the program as PGPASSWORD, never on its command line
 * @cancellable: (nullable): kills the program
 * @error: return location
 *
 * Runs a program to its end. It dies with this process. Worker threads only.
 *
 * Returns: whether it exited with 0; otherwise %SLIP_POSTGRES_ERROR_FAILED with the end of what it
 *   printed, or %G_IO_ERROR_CANCELLED
 */
gboolean slip_postgres_tools_run (SlipPostgresTools *self,
                                  const char *const *argv,
                                  const char *password,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * slip_postgres_tools_start:
 * @self: tools
 * @argv: as for slip_postgres_tools_run()
 * @log: a path below the folder; what the program prints is appended
 * @error: return location
 *
 * Starts a program that goes on. The kernel interrupts it (SIGINT) when this process dies, however
 * that happens. Any thread.
 *
 * Returns: (transfer full): the running program
 */
GSubprocess *slip_postgres_tools_start (SlipPostgresTools *self,
                                        const char *const *argv,
                                        const char *log,
                                        GError **error);

/**
 * slip_postgres_tools_make_folder:
 * @self: tools
 * @name: a path below the folder
 * @error: return location
 *
 * Returns: whether it exists now, mode 0700, owned by the user the programs run as
 */
gboolean
slip_postgres_tools_make_folder (SlipPostgresTools *self, const char *name, GError **error);

/**
 * slip_postgres_tools_write:
 * @self: tools
 * @name: a path below the folder
 * @text: what it will hold
 * @error: return location
 *
 * Returns: whether the file is there, mode 0600, owned by the user the programs run as
 */
gboolean slip_postgres_tools_write (SlipPostgresTools *self,
                                    const char *name,
                                    const char *text,
                                    GError **error);

/**
 * slip_postgres_tools_remove:
 * @self: tools
 * @name: a path below the folder
 *
 * Deletes a file, or a folder with all below it; never follows a symbolic link. What is already
 * gone is no error.
 */
void slip_postgres_tools_remove (SlipPostgresTools *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPostgresTools, slip_postgres_tools_free)

G_END_DECLS
