/* SPDX-License-Identifier: MIT */

/* What a migration's pages show, as files: numbers and rows as CSV, charts as PNG. Rows go from the database to the disk
 * on a worker, as they come. */

#include "config.h"

#include "slip-migration-export.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "slip-confirm.h"
#include "slip-file-dialog.h"
#include "slip-paint.h"
#include "slip-pg.h"
#include "slip-stage-tree.h"
#include "slip-task.h"

#define CHART_WIDTH 1200
#define HEADING_HEIGHT 40
#define HEADING_MARGIN 12

typedef struct
{
  GtkWidget *parent;   /* owned; only touched on the main thread */
  GBytes *bytes;       /* owned; what is written, or NULL for a query or a picture */
  GdkTexture *picture; /* owned; what is written as PNG, or NULL */
  char *conninfo;
  char *sql;
  char *path;
} Export;

static void
export_free (gpointer memory)
{
  Export *export = memory;

  g_object_unref (export->parent);
  g_clear_pointer (&export->bytes, g_bytes_unref);
  g_clear_object (&export->picture);
  g_free (export->conninfo);
  g_free (export->sql);
  g_free (export->path);
  g_free (export);
}

static gboolean
write_piece (const char *data, gsize length, gpointer stream, GError **error)
{
  return g_output_stream_write_all (stream, data, length, NULL, NULL, error);
}

static gboolean
write_query (Export *export, GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipPg) pg = slip_pg_open (export->conninfo, "database", cancellable, error);
  g_autofree char *copy = g_strdup_printf ("COPY (%s) TO STDOUT (FORMAT csv, HEADER)", export->sql);

  return pg != NULL && slip_pg_copy_out (pg, copy, write_piece, stream, NULL, error);
}

static gboolean
write_part (Export *export, const char *part, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (part);
  g_autoptr (GFileOutputStream) stream
      = g_file_create (file, G_FILE_CREATE_PRIVATE, cancellable, error);
  g_autoptr (GOutputStream) buffered = NULL;
  gboolean ok;

  if (stream == NULL)
    return FALSE;
  buffered = g_buffered_output_stream_new_sized (G_OUTPUT_STREAM (stream), 65536);
  if (export->picture != NULL)
    export->bytes = gdk_texture_save_to_png_bytes (export->picture);
  if (export->bytes != NULL)
    ok = g_output_stream_write_all (buffered, g_bytes_get_data (export->bytes, NULL),
                                    g_bytes_get_size (export->bytes), NULL, cancellable, error);
  else
    ok = write_query (export, buffered, cancellable, error);
  return g_output_stream_close (buffered, cancellable, ok ? error : NULL) && ok;
}

/* The file gets its name when it is whole; until then what had the name keeps it. */
static gboolean
do_export (SlipJob *job, gpointer memory, GError **error)
{
  Export *export = memory;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *part = g_strconcat (export->path, ".", unique, ".part", NULL);

  if (!write_part (export, part, cancellable, error))
    {
      g_unlink (part);
      return FALSE;
    }
  if (g_rename (part, export->path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s cannot be written: %s",
               export->path, g_strerror (errno));
  g_unlink (part);
  return FALSE;
}

static void
exported_cb (gpointer owner, gpointer memory, const GError *error)
{
  Export *export = memory;

  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    slip_confirm_message (export->parent, _ ("The file was not written"), error->message);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer memory)
{
  Export *export = memory;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);
  g_autoptr (SlipJob) job = NULL;

  if (file == NULL || g_file_peek_path (file) == NULL)
    {
      export_free (export);
      return;
    }
  export->path = g_file_get_path (file);
  job = slip_task_run (export->parent, slip_pool_get_io (), _ ("Exporting"), do_export, exported_cb,
                       export, export_free);
}

static Export *
new_export (GtkWidget *parent)
{
  Export *export = g_new0 (Export, 1);

  export->parent = g_object_ref (parent);
  return export;
}

void
slip_migration_export_query (
    GtkWidget *parent, const char *title, const char *name, const char *conninfo, const char *sql)
{
  Export *export = new_export (parent);

  export->conninfo = g_strdup (conninfo);
  export->sql = g_strdup (sql);
  slip_file_dialog_save_async (parent, title, name, chosen_cb, export);
}

void
slip_migration_export_text (GtkWidget *parent,
                            const char *title,
                            const char *name,
                            const char *text)
{
  Export *export = new_export (parent);

  export->bytes = g_bytes_new (text, strlen (text));
  slip_file_dialog_save_async (parent, title, name, chosen_cb, export);
}

static GtkSnapshot *
new_ground (GtkWidget *like, int width, int height)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GdkRGBA ground = {1, 1, 1, 1};

  gtk_style_context_lookup_color (gtk_widget_get_style_context (like), "view_bg_color", &ground);
  gtk_snapshot_append_color (snapshot, &ground, &GRAPHENE_RECT_INIT (0, 0, width, height));
  return snapshot;
}

static GdkTexture *
render (GtkSnapshot *snapshot, GtkWidget *like, int width, int height)
{
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);

  return gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (like)), node,
                                      &GRAPHENE_RECT_INIT (0, 0, width, height));
}

/* GTK draws what is mapped only; a chart of ours draws itself, once it has colours and a size. */
static GdkTexture *
draw (GtkWidget *chart, const char *heading, GtkWidget *like, int width)
{
  GtkSnapshot *snapshot;
  GtkAllocation room = {0, 0, width, 0};
  int top = heading != NULL ? HEADING_HEIGHT : 0;

  gtk_widget_set_parent (chart, like);
  gtk_widget_measure (chart, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &room.width, NULL, NULL);
  room.width = MAX (room.width, width);
  gtk_widget_measure (chart, GTK_ORIENTATION_VERTICAL, room.width, NULL, &room.height, NULL, NULL);
  gtk_widget_size_allocate (chart, &room, -1);
  snapshot = new_ground (like, room.width, room.height + top);
  if (heading != NULL)
    {
      GdkRGBA text = slip_paint_get_color (like, NULL);

      slip_paint_text (like, snapshot, heading, HEADING_MARGIN, 0, top,
                       room.width - 2 * HEADING_MARGIN, 0, &text);
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, (float)top));
  GTK_WIDGET_GET_CLASS (chart)->snapshot (chart, snapshot);
  gtk_snapshot_restore (snapshot);
  gtk_widget_unparent (chart);
  return render (snapshot, like, room.width, room.height + top);
}

char *
slip_migration_dup_heading (SlipMigrationData *data)
{
  const SlipMigrationRunStatus *run = slip_migration_data_get_status (data);
  g_autofree char *state = run != NULL ? slip_run_dup_state (run, NULL) : NULL;

  if (run == NULL)
    return NULL;
  return g_strdup_printf (_ ("%s, run %d of %s: %s"), data->project->title, (int)run->run,
                          run->run_date, state);
}

GBytes *
slip_migration_draw (GtkWidget *chart, const char *heading, GtkWidget *like)
{
  g_autoptr (GdkTexture) picture = NULL;

  g_return_val_if_fail (GTK_IS_WIDGET (chart) && gtk_widget_get_native (like) != NULL, NULL);
  picture = draw (chart, heading, like, CHART_WIDTH);
  return gdk_texture_save_to_png_bytes (picture);
}

/* It becomes PNG on the worker. */
static void
save_picture (GtkWidget *parent, const char *title, const char *name, GdkTexture *picture)
{
  Export *export = new_export (parent);

  export->picture = picture;
  slip_file_dialog_save_async (parent, title, name, chosen_cb, export);
}

void
slip_migration_export_drawing (GtkWidget *parent,
                               const char *title,
                               const char *name,
                               GtkWidget *chart)
{
  g_return_if_fail (GTK_IS_WIDGET (chart) && gtk_widget_get_native (parent) != NULL);
  save_picture (parent, title, name, draw (chart, NULL, parent, 0));
}

void
slip_migration_export_chart (
    GtkWidget *parent, const char *title, const char *name, GtkWidget *chart, const char *heading)
{
  g_return_if_fail (GTK_IS_WIDGET (chart) && gtk_widget_get_native (parent) != NULL);
  save_picture (parent, title, name, draw (chart, heading, parent, CHART_WIDTH));
}
