/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-environment.h"

G_BEGIN_DECLS

#define SLIP_TYPE_SESSION (slip_session_get_type ())

/**
 * SlipSession:
 *
 * How long the credentials of an environment still last: `breakglass 0:41 left`. Warns in the last
 * quarter of an hour, and says so when they have ended, or when AWS refuses them before. Hidden while
 * nothing is known.
 */
G_DECLARE_FINAL_TYPE (SlipSession, slip_session, SLIP, SESSION, AdwBin)

void slip_session_set_environment (SlipSession *self, SlipEnvironment *environment);

/**
 * slip_session_dup_text:
 * @role: (nullable): the role the session has
 * @refused: whether AWS refuses it, whatever its end
 * @expiration_us: when it ends, microseconds since 1970
 * @now_us: the present
 *
 * Returns: (transfer full): what the header shows
 */
char *
slip_session_dup_text (const char *role, gboolean refused, gint64 expiration_us, gint64 now_us);

G_END_DECLS
