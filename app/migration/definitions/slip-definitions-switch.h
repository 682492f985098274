/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Files and folders that definitions are; what else is in their folder stays. */
extern const char *const slip_definitions_entries[];

/* Where a version is made ready, and where the one before is kept. */
char *slip_definitions_stage_path (const char *folder);
char *slip_definitions_previous_path (const char *folder);

/* Removes a file or a folder with all that is in it; what is not there is removed. */
gboolean slip_definitions_remove (const char *path, GError **error);

/* Which version it is; written by whoever installs it, whatever the archive has there. */
#define SLIP_DEFINITIONS_VERSION_FILE "mapping_definitions/summary/version.json"

/* Locks the folder against other installations until the descriptor is closed; -1 with an error. */
int slip_definitions_lock (const char *folder, GError **error);

/* Finishes what a killed installation had decided, and forgets what it had not. */
gboolean slip_definitions_recover (const char *folder, GError **error);

/* Writes down that these entries of the stage come into the folder, and does it. From then on there is no way back. */
gboolean slip_definitions_switch (const char *folder, const char *const *entries, GError **error);

/* Unpacks the definitions of an archive into @stage, synced to disk; @told is what messages call the archive. Returns: (transfer full): the entries it has. */
char **slip_definitions_unpack (
    const char *archive, const char *told, const char *stage, guint *ignored, GError **error);

#define SLIP_DEFINITIONS_SET_ERRNO(error, path, what)                                              \
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO, "%s %s: %s", path, what,      \
               g_strerror (errno))

G_END_DECLS
