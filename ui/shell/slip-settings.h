/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * slip_settings_get:
 *
 * Returns: (transfer none) (nullable): the window's settings, or %NULL where the schema is not
 *   installed; everything then works with its defaults and is forgotten
 */
GSettings *slip_settings_get (void);

/**
 * slip_settings_get_boolean:
 * @key: a boolean key
 * @fallback: what counts without settings
 */
gboolean slip_settings_get_boolean (const char *key, gboolean fallback);
int slip_settings_get_int (const char *key, int fallback);
void slip_settings_set_int (const char *key, int value);

/**
 * slip_settings_apply_color_scheme:
 *
 * Follows the `color-scheme` key now and whenever it changes.
 */
void slip_settings_apply_color_scheme (void);

G_END_DECLS
