/* SPDX-License-Identifier: MIT */

/* Starts the workbench. */

#include "config.h"

#include "slip-aws-credentials.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

#include "slip-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (SlipApplication) application = NULL;

  /* A limit on file sizes is an error that is told, as a full disk is. */
  signal (SIGXFSZ, SIG_IGN);
  slip_aws_protect_process ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, SLIP_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("Slipway");
  g_set_prgname (SLIP_APP_ID);

  application = slip_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
