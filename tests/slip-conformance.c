/* SPDX-License-Identifier: MIT */

/* Runs public conformance suites for AWS clients against this code and prints TAP. The suites are not
 * part of the repository: give their folders or files. Exit status 0: all passed or skipped with a
 * reason; 1: some case failed; 2: the call was wrong. */

#include "slip-conformance.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static int
usage (void)
{
  fputs ("usage: slip-conformance sigv4 DIR…\n"
         "       slip-conformance protocol FILE…\n",
         stderr);
  return 2;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc < 3)
    return usage ();
  if (strcmp (argv[1], "sigv4") == 0)
    return slip_conformance_sigv4 (argc - 2, argv + 2);
  if (strcmp (argv[1], "protocol") == 0)
    return slip_conformance_protocol (argc - 2, argv + 2);
  return usage ();
}
