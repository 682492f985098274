/* SPDX-License-Identifier: MIT */
/* The archive that a spreadsheet is, and what is told of one that cannot be read. A library's words for it say neither that
 * a file is empty nor that its end is missing, which are what happens to files on their way. */

#include "slip-xlsx-archive.h"

#include <stdio.h>
#include <string.h>

#define PIECE (64 * 1024)
#define END_BYTES                                                                                  \
  (22 + 65535) /* of a ZIP archive: its end record with the longest comment (APPNOTE 4.3.16) */

static void
set_error (
    const char *path, const char *place, const char *words, const char *way_out, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);

  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
               "%s cannot be read as a spreadsheet: %s%s%s. %s", name, place != NULL ? place : "",
               place != NULL ? ": " : "", words, way_out);
}

void
slip_xlsx_set_error (const char *path, const char *place, const char *words, GError **error)
{
  set_error (path, place, words, "Save it again as .xlsx, or as CSV", error);
}

static gboolean
has_end (const char *bytes, gsize length)
{
  for (gsize i = length; i >= 4; i--)
    if (memcmp (bytes + i - 4, "PK\5\6", 4) == 0)
      return TRUE;
  return FALSE;
}

/* Of a file that is there and can be read: what a look at its first and last bytes tells, or NULL. */
static const char *
find_fault (FILE *file, const char **way_out)
{
  static const char old[] = "\xD0\xCF\x11\xE0"; /* MS-CFB 2.2 */
  g_autofree char *end = g_malloc (END_BYTES);
  char begin[4] = {0};
  gsize n = fread (begin, 1, sizeof begin, file);
  long size;

  *way_out = "Fetch or export it again";
  if (n == 0 && feof (file))
    return "it is empty";
  if (n == sizeof begin && memcmp (begin, old, sizeof begin) == 0)
    {
      *way_out = "Save it as .xlsx without a password, or as CSV";
      return "it has a password, or is of the kind before .xlsx";
    }
  if (n < sizeof begin || memcmp (begin, "PK\3\4", sizeof begin) != 0)
    {
      *way_out = "Save it as .xlsx, or as CSV";
      return "it does not begin as any .xlsx file does";
    }
  size = fseek (file, 0, SEEK_END) == 0 ? ftell (file) : -1;
  if (size < 0 || fseek (file, MAX (size - END_BYTES, 0), SEEK_SET) != 0)
    return NULL;
  n = fread (end, 1, END_BYTES, file);
  return ferror (file) || has_end (end, n) ? NULL : "it is cut off: its end is not there";
}

void
slip_xlsx_set_archive_error (const char *path,
                             const char *place,
                             struct archive *archive,
                             GError **error)
{
  const char *said = archive_error_string (archive);
  const char *way_out = NULL;
  FILE *file = fopen (path, "rbe");
  const char *fault = file != NULL ? find_fault (file, &way_out) : NULL;

  if (file != NULL)
    fclose (file);
  if (fault != NULL)
    set_error (path, place, fault, way_out, error);
  else
    slip_xlsx_set_error (path, place, said != NULL ? said : "its archive is damaged", error);
}

struct archive *
slip_xlsx_open (const char *path, GError **error)
{
  struct archive *archive = archive_read_new ();

  if (archive == NULL)
    g_error ("out of memory");
  archive_read_support_format_zip (archive);
  if (archive_read_open_filename (archive, path, PIECE) == ARCHIVE_OK)
    return archive;
  slip_xlsx_set_archive_error (path, NULL, archive, error);
  archive_read_free (archive);
  return NULL;
}
