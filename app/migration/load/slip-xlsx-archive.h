/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"

#include <archive.h>

G_BEGIN_DECLS

/* An opened archive, or NULL. */
struct archive *slip_xlsx_open (const char *path, GError **error);

/* What is wrong with @path, and where in it; @place may be NULL. */
void slip_xlsx_set_error (const char *path, const char *place, const char *words, GError **error);

/* The same of a step of @archive that failed: what a person can see of the file comes before what the library says. */
void slip_xlsx_set_archive_error (const char *path,
                                  const char *place,
                                  struct archive *archive,
                                  GError **error);

G_END_DECLS
