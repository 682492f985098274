/* SPDX-License-Identifier: MIT */
/* Which machine this is, for those who must not take what another machine's process left for their own. */

#include "slip-machine.h"

#include <string.h>
#include <unistd.h>

#define SALT "org.slipway.Slipway"

/* The namespace that is there from the kernel's start: who counts processes in it sees all of them. */
#define FIRST_NAMESPACE "pid:[4026531836]"

static char *
read_line (const char *path)
{
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_strstrip (text);
}

static char *
read_namespace (void)
{
  char text[64];
  ssize_t length = readlink ("/proc/self/ns/pid", text, sizeof text);

  return length > 0 && (gsize)length < sizeof text ? g_strndup (text, (gsize)length) : NULL;
}

static char *
digest (const char *text)
{
  return text != NULL && *text != '\0' ? g_compute_hmac_for_string (
             G_CHECKSUM_SHA256, (const guchar *)SALT, strlen (SALT), text, -1)
                                       : g_strdup ("");
}

char *
slip_machine_dup_id (void)
{
  g_autofree char *id = read_line ("/etc/machine-id");
  g_autofree char *boot = read_line ("/proc/sys/kernel/random/boot_id");
  g_autofree char *namespace_ = read_namespace ();
  gboolean is_host = g_strcmp0 (namespace_, FIRST_NAMESPACE) == 0;
  g_autofree char *start
      = boot != NULL && namespace_ != NULL ? g_strconcat (boot, " ", namespace_, NULL) : NULL;
  g_autofree char *machine_digest = digest (is_host ? id : NULL);
  g_autofree char *start_digest = digest (start);

  return g_strconcat (machine_digest, ":", start_digest, NULL);
}

gint64
slip_machine_get_start (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/stat", &text, NULL, NULL))
    return 0;
  line = strstr (text, "\nbtime ");
  return line != NULL ? g_ascii_strtoll (line + strlen ("\nbtime "), NULL, 10) * G_USEC_PER_SEC : 0;
}

SlipMachineMatch
slip_machine_compare (const char *told, const char *here)
{
  const char *told_start = told != NULL ? strchr (told, ':') : NULL;
  const char *start = strchr (here, ':');

  if (told_start == NULL || start == NULL || told_start[1] == '\0' || start[1] == '\0')
    return SLIP_MACHINE_OTHER;
  if (g_str_equal (told_start, start))
    return SLIP_MACHINE_SAME;
  if (start == here || told_start - told != start - here
      || strncmp (told, here, (gsize)(start - here)) != 0)
    return SLIP_MACHINE_OTHER;
  return SLIP_MACHINE_RESTARTED;
}
