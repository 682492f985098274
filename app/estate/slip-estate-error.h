/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SLIP_ESTATE_ERROR (slip_estate_error_quark ())

/**
 * SlipEstateError:
 * @SLIP_ESTATE_ERROR_WORKSPACE: a workspace file is not valid; the message names every fault
 * @SLIP_ESTATE_ERROR_ENVIRONMENT: there is no such environment, or it cannot be used
 */
typedef enum
{
  SLIP_ESTATE_ERROR_WORKSPACE,
  SLIP_ESTATE_ERROR_ENVIRONMENT,
} SlipEstateError;

GQuark slip_estate_error_quark (void);

G_END_DECLS
