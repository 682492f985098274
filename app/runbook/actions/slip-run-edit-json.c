/* SPDX-License-Identifier: MIT */
/* slipway:editJson while running: the file that was planned for, or none. The old file is kept in the
 * run's folder before the new one takes its place. */

#include "slip-run-local.h"

#include "slip-crash.h"
#include "slip-edit.h"
#include "slip-file.h"
#include "slip-json.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES (8 * 1024 * 1024)

typedef struct
{
  SlipRunContext *context;
  SlipEditFormat format;
  char *path; /* without links: the new file takes the place of the real one */
  int mode;
  char *text;
  char *digest;
  char *wanted;
  char *wanted_digest;
  JsonArray *changes;
} Edit;

static void
edit_clear (Edit *self)
{
  g_free (self->path);
  g_free (self->text);
  g_free (self->digest);
  g_free (self->wanted);
  g_free (self->wanted_digest);
  g_clear_pointer (&self->changes, json_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Edit, edit_clear)

static gboolean
find_file (Edit *self, GError **error)
{
  const char *file = slip_json_string (self->context->inputs, "File");
  g_autofree char *path = file != NULL && g_str_has_prefix (file, "~/")
                              ? g_build_filename (g_get_home_dir (), file + 2, NULL)
                              : g_strdup (file);
  char *real = path != NULL && g_path_is_absolute (path) ? realpath (path, NULL) : NULL;
  struct stat info;

  if (real == NULL || stat (real, &info) != 0 || !S_ISREG (info.st_mode))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "there is no file %s: %s",
                   file != NULL ? file : "", real == NULL ? g_strerror (errno) : "it is no file");
      free (real);
      return FALSE;
    }
  self->path = g_strdup (real);
  self->mode = (int)(info.st_mode & 07777);
  free (real);
  return TRUE;
}

static gboolean
read_it (Edit *self, GError **error)
{
  g_autoptr (GBytes) bytes = slip_file_read (self->path, MAX_BYTES, error);
  gsize length;
  const char *data;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &length);
  if (length == 0 || memchr (data, '\0', length) != NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s is empty or no text",
                   self->path);
      return FALSE;
    }
  g_free (self->text);
  g_free (self->digest);
  self->text = g_strndup (data, length);
  self->digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return TRUE;
}

static gboolean
load (Edit *self, GError **error)
{
  g_autoptr (JsonObject) set = slip_edit_wishes (self->context->inputs);

  if (set == NULL
      || !slip_edit_format_from (slip_json_string (self->context->inputs, "Format"),
                                 slip_json_string (self->context->inputs, "File"), &self->format))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "step %s edits nothing known",
                   self->context->step->id);
      return FALSE;
    }
  if (!find_file (self, error) || !read_it (self, error))
    return FALSE;
  self->wanted = slip_edit_apply (self->format, self->text, set, &self->changes, error);
  if (self->wanted == NULL)
    {
      g_prefix_error (error, "%s: ", self->path);
      return FALSE;
    }
  self->wanted_digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->wanted, -1);
  return TRUE;
}

/* The file must be the one that was planned for, or the one that this step made of it. */
static gboolean
is_ours (Edit *self, gboolean *made, GError **error)
{
  SlipRunContext *context = self->context;
  JsonObject *request = slip_json_node_object (context->request);
  const char *planned = request != NULL ? slip_json_string (request, "sha256") : NULL;
  JsonObject *before
      = context->step->request != NULL ? slip_json_node_object (context->step->request) : NULL;
  const char *becomes = before != NULL ? slip_json_string (before, "becomes_sha256") : NULL;

  *made = becomes != NULL && g_str_equal (becomes, self->digest);
  if (*made || planned == NULL || g_str_equal (planned, self->digest))
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s was changed since the plan was made (it was %.12s…, it is %.12s…). Look who did "
               "it, and plan again",
               self->path, planned, self->digest);
  return FALSE;
}

static void
yield_outputs (Edit *self, const char *backup)
{
  JsonObject *outputs = json_object_new ();
  JsonArray *changed = json_array_new ();

  for (guint i = 0; i < json_array_get_length (self->changes); i++)
    json_array_add_string_element (
        changed, slip_json_string (json_array_get_object_element (self->changes, i), "path"));
  json_object_set_string_member (outputs, "File", self->path);
  json_object_set_string_member (outputs, "Sha256", self->wanted_digest);
  json_object_set_array_member (outputs, "Changed", changed);
  if (backup != NULL)
    json_object_set_string_member (outputs, "Backup", backup);
  self->context->outputs = outputs;
}

static gboolean
write_intent (Edit *self, const char *backup, GError **error)
{
  JsonObject *planned = slip_json_node_object (self->context->request);
  g_autoptr (JsonNode) copy = slip_json_copy (self->context->request);
  JsonObject *request = json_object_ref (json_node_get_object (copy));

  g_assert (planned != NULL);
  json_object_set_string_member (request, "sha256", self->digest);
  json_object_set_string_member (request, "becomes_sha256", self->wanted_digest);
  json_object_set_string_member (request, "backup", backup);
  json_object_set_array_member (request, "diff", slip_edit_diff (self->text, self->wanted));
  return slip_run_local_intent (self->context, NULL, request, error);
}

/* Somebody may have written between our reading and now. */
static gboolean
replace (Edit *self, GError **error)
{
  g_autoptr (GBytes) now = slip_file_read (self->path, MAX_BYTES, error);
  g_autofree char *digest
      = now != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, now) : NULL;

  if (now == NULL)
    return FALSE;
  if (!g_str_equal (digest, self->digest))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s was changed just now by somebody else. Nothing was written", self->path);
      return FALSE;
    }
  if (!slip_file_write_atomic (self->path, self->wanted, -1, self->mode, error))
    return FALSE;
  slip_crash_point ("file written");
  if (!read_it (self, error))
    return FALSE;
  if (g_str_equal (self->digest, self->wanted_digest))
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s is not what was written to it: somebody else writes to it too", self->path);
  return FALSE;
}

static gboolean
edit (Edit *self, GError **error)
{
  SlipRunContext *context = self->context;
  g_autofree char *backup = slip_run_local_path (context, "file-", ".bak", error);
  guint n = json_array_get_length (self->changes);

  if (backup == NULL || !slip_file_write_atomic (backup, self->text, -1, 0600, error)
      || !write_intent (self, backup, error) || !replace (self, error))
    return FALSE;
  context->changed = TRUE;
  context->detail = g_strdup_printf ("%u value%s of %s", n, n == 1 ? "" : "s", self->path);
  yield_outputs (self, backup);
  return TRUE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  g_auto (Edit) self = {.context = context};
  gboolean made = FALSE;

  if (!slip_run_engine_check (context->engine, error) || !load (&self, error)
      || !is_ours (&self, &made, error))
    return FALSE;
  if (json_array_get_length (self.changes) > 0)
    return edit (&self, error);
  context->outcome = made ? "adopted" : "unchanged";
  context->changed = made;
  context->detail = g_strdup_printf ("%s has these values already", self.path);
  yield_outputs (&self, NULL);
  return TRUE;
}

const SlipRunAction slip_run_action_edit_json = {
    .name = "slipway:editJson",
    .run = run,
};
