/* SPDX-License-Identifier: MIT */

/* Runs a fuzz target once over every seed, for builds without libFuzzer, and prints TAP: what a fuzzer
 * found before stays found. Arguments are folders or files. */

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static guint number;

static gboolean
replay_file (const char *path)
{
  g_autofree char *data = NULL;
  gsize size = 0;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (path, &data, &size, &error))
    {
      printf ("not ok %u - %s\n", ++number, error->message);
      return FALSE;
    }
  LLVMFuzzerTestOneInput ((const uint8_t *)data, size);
  g_autofree char *name = g_path_get_basename (path);
  printf ("ok %u - %s\n", ++number, name);
  fflush (stdout);
  return TRUE;
}

static gboolean
replay_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  gboolean ok = TRUE;

  if (folder == NULL)
    return replay_file (path);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      ok = replay_file (inner) && ok;
    }
  return ok;
}

int
main (int argc, char **argv)
{
  gboolean ok = argc > 1;

  for (int i = 1; i < argc; i++)
    ok = replay_folder (argv[i]) && ok;
  printf ("1..%u\n", number);
  return ok && number > 0 ? 0 : 1;
}
