/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SLIP_BASE_ERROR (slip_base_error_quark ())

/**
 * SlipBaseError:
 * @SLIP_BASE_ERROR_PARSE: a text is not what it claims to be; the message holds line and column
 * @SLIP_BASE_ERROR_TOO_LARGE: a file or text is larger than its reader accepts
 * @SLIP_BASE_ERROR_IO: the file system refused; the message names the file
 * @SLIP_BASE_ERROR_SELECTOR: a selector is malformed, or matches nothing of the asked kind
 * @SLIP_BASE_ERROR_NUMBER: a number has no canonical form (NaN or infinite)
 * @SLIP_BASE_ERROR_PROCESS: a program cannot be started
 * @SLIP_BASE_ERROR_TIMEOUT: a program did not end in time, and was ended
 * @SLIP_BASE_ERROR_CANCELLED: somebody cancelled it
 *
 * Errors of the base folder.
 */
typedef enum
{
  SLIP_BASE_ERROR_PARSE,
  SLIP_BASE_ERROR_TOO_LARGE,
  SLIP_BASE_ERROR_IO,
  SLIP_BASE_ERROR_SELECTOR,
  SLIP_BASE_ERROR_NUMBER,
  SLIP_BASE_ERROR_PROCESS,
  SLIP_BASE_ERROR_TIMEOUT,
  SLIP_BASE_ERROR_CANCELLED,
} SlipBaseError;

GQuark slip_base_error_quark (void);

G_END_DECLS
