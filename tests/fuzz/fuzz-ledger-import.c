/* SPDX-License-Identifier: MIT */
/* Verifies any bytes as an exported log: whatever the file holds, the verifier answers. */

#include "slip-ledger-verify.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  SlipVerifyReport report;
  char path[64];
  int fd = memfd_create ("export", MFD_CLOEXEC);

  if (fd < 0 || write (fd, data, size) != (ssize_t)size)
    abort ();
  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (slip_ledger_verify_file (path, NULL, &report, &error) == (error != NULL))
    abort ();
  close (fd);
  return 0;
}
