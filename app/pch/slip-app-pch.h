/* SPDX-License-Identifier: MIT */
/* What nearly every file of app/ reads first, precompiled with -Db_pch=true. No file relies on it: the
 * plain build goes without. */

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include <string.h>
