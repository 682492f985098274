/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-definitions-diff.h"

G_BEGIN_DECLS

/**
 * SlipDefinitionsVersion:
 * @bucket: where it is from
 * @key: and by which key
 * @version_id: (nullable): S3's id of the version
 * @last_modified: when it was put there, ISO 8601
 * @sha256: of the archive, 64 hexadecimal digits
 * @checked: what the archive was held against, such as `MD5`
 *
 * Which version definitions are of; `mapping_definitions/summary/version.json` in the folder.
 */
typedef struct
{
  char *bucket;
  char *key;
  char *version_id;
  char *last_modified;
  char *sha256;
  char *checked;
} SlipDefinitionsVersion;

void slip_definitions_version_free (SlipDefinitionsVersion *version);

/**
 * slip_definitions_version_read:
 * @folder: definitions
 *
 * Returns: (transfer full) (nullable): which version they are of; %NULL when they were not installed from an archive, or
 *   by something that noted less
 */
SlipDefinitionsVersion *slip_definitions_version_read (const char *folder);

/**
 * slip_definitions_dup_previous:
 * @folder: definitions
 *
 * Returns: (transfer full) (nullable): the folder in which the version before is kept; %NULL when there is none
 */
char *slip_definitions_dup_previous (const char *folder);

/**
 * SlipDefinitionsInstall:
 * @changed: whether the folder is another than before
 * @changes: (nullable) (element-type SlipDefinitionsChange): what differs in meaning; %NULL where there were no
 *   definitions before
 * @ignored: files of the archive that are no definitions
 *
 * What came of an installation.
 */
typedef struct
{
  gboolean changed;
  GPtrArray *changes;
  guint ignored;
} SlipDefinitionsInstall;

void slip_definitions_install_clear (SlipDefinitionsInstall *install);

/**
 * slip_definitions_install:
 * @archive: a ZIP file with a folder `mapping_definitions`, at whatever depth, and beside it maybe `tables.json` and
 *   the like
 * @folder: where to; made when it is not there
 * @version: what the archive is
 * @install: (inout): zeroed before; filled in
 * @error: return location
 *
 * Unpacks definitions beside those that are there, checks them, and puts them in their place by one exchange of names each
 * (renameat2()); the version before stays, see slip_definitions_dup_previous(). After whatever kills it the folder is the old
 * version or the new one, and the next installation finishes what was begun. Blocks; any thread.
 *
 * Returns: whether @folder is of @version; otherwise nothing has changed, and it is %SLIP_MIGRATION_ERROR_DEFINITION with every
 *   fault that the archive's files have, %SLIP_MIGRATION_ERROR_INPUT for an archive that cannot be read or leads out of
 *   the folder, %SLIP_MIGRATION_ERROR_STATE while another program installs, or %SLIP_MIGRATION_ERROR_IO
 */
gboolean slip_definitions_install (const char *archive,
                                   const char *folder,
                                   const SlipDefinitionsVersion *version,
                                   SlipDefinitionsInstall *install,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipDefinitionsVersion, slip_definitions_version_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipDefinitionsInstall, slip_definitions_install_clear)

G_END_DECLS
