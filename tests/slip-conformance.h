/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each takes the words behind its subcommand and returns an exit status: 0 all passed, 1 some case
 * failed, 2 the call was wrong. */
int slip_conformance_protocol (int argc, char **argv);
int slip_conformance_sigv4 (int argc, char **argv);

G_END_DECLS
