/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SLIP_TYPE_APPLICATION (slip_application_get_type ())

/**
 * SlipApplication:
 *
 * The program: command line, application-wide actions and keys, notifications.
 */
G_DECLARE_FINAL_TYPE (SlipApplication, slip_application, SLIP, APPLICATION, AdwApplication)

SlipApplication *slip_application_new (void);

G_END_DECLS
