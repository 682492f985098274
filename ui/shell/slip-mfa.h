/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * slip_mfa_attach:
 * @workbench: a workbench that is ready
 * @application: whose active window the question appears over
 *
 * Lets the credentials of every environment of the workspace ask for one-time codes in the window.
 */
void slip_mfa_attach (SlipWorkbench *workbench, GtkApplication *application);

/**
 * slip_mfa_ask:
 * @serial: the device
 * @purpose: why, for people
 * @cancellable: (nullable): ends the wait
 * @data: a #SlipMfaContext
 *
 * A #SlipAwsMfaFunc: shows the question on the main thread and waits on the worker that needs the
 * answer. Refusing, closing the window's dialog or @cancellable give %NULL.
 *
 * Returns: (transfer full) (nullable): the code
 */
char *
slip_mfa_ask (const char *serial, const char *purpose, GCancellable *cancellable, gpointer data);

/**
 * SlipMfaContext:
 * @application: (nullable): whose active window the question appears over
 * @environment: (nullable): the environment it is about
 *
 * What slip_mfa_ask() needs; must live as long as it may be called.
 */
typedef struct
{
  GtkApplication *application;
  SlipEnvironment *environment;
} SlipMfaContext;

G_END_DECLS
