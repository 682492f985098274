/* SPDX-License-Identifier: MIT */
/* What nearly every file of ui/ reads first, precompiled with -Db_pch=true. No file relies on it: the
 * plain build goes without. */

#include <adwaita.h>
#include <json-glib/json-glib.h>

#include <string.h>
