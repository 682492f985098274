/* SPDX-License-Identifier: MIT */

/* A log as text that grows at its end. The reader looks on a worker every two seconds while the page is
 * shown; a pause stops the looking, so that nothing gathers meanwhile. Old lines are let go in portions.
 * The search goes over plain strings, one for each line, since walking a text buffer takes too long. */

#include "config.h"

#include "slip-log-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-format.h"
#include "slip-log-reader.h"
#include "slip-status.h"
#include "slip-task.h"
#include "slip-tip.h"

#define LOOK_SECONDS 2
#define DROP_LINES 1000
/* Looks after a task stopped, for lines that come late. */
#define LAST_LOOKS 30

struct _SlipLogPage
{
  SlipPage parent_instance;

  GtkWidget *stack;
  GtkLabel *heading;
  GtkWidget *search;
  GtkWidget *pause;
  GtkTextView *view;
  GtkWidget *scroller;
  SlipStatus *status;
  GtkLabel *count;

  SlipWorkbench *workbench;     /* owned */
  SlipEnvironment *environment; /* owned */
  SlipEstateList *tasks;        /* owned; tells the task's name */
  char *arn;
  SlipLogReader *reader; /* owned by the look that goes on, else here */
  SlipJob *job;          /* owned, nullable: the look that goes on */
  GPtrArray *lines;      /* owned, element-type utf8; what the buffer holds */
  guint timer;
  guint serial; /* which log; a look of an earlier one is thrown away */
  guint quiet;  /* looks without lines since the task stopped */
  guint64 n_dropped;
};

G_DEFINE_FINAL_TYPE (SlipLogPage, slip_log_page, SLIP_TYPE_PAGE)

typedef struct
{
  SlipLogReader *reader; /* owned */
  GPtrArray *lines;      /* owned, nullable */
  guint serial;
} Look;

static void look_soon (SlipLogPage *self, guint milliseconds);

static void
look_free (gpointer data)
{
  Look *look = data;

  g_clear_pointer (&look->reader, slip_log_reader_free);
  g_clear_pointer (&look->lines, g_ptr_array_unref);
  g_free (look);
}

static gboolean
is_paused (SlipLogPage *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->pause));
}

static gboolean
is_over (SlipLogPage *self)
{
  return self->reader != NULL
         && g_strcmp0 (slip_log_reader_get_state (self->reader), "STOPPED") == 0
         && self->quiet >= LAST_LOOKS;
}

static void
show_count (SlipLogPage *self)
{
  g_autofree char *text
      = self->n_dropped > 0
            ? g_strdup_printf (_ ("times are UTC · the newest %u lines; %" G_GUINT64_FORMAT
                                  " older ones are only in CloudWatch Logs"),
                               self->lines->len, self->n_dropped)
            : g_strdup_printf (
                ngettext ("times are UTC · %u line", "times are UTC · %u lines", self->lines->len),
                self->lines->len);

  gtk_label_set_label (self->count, text);
}

static void
show_state (SlipLogPage *self, const GError *error)
{
  const char *state = self->reader != NULL ? slip_log_reader_get_state (self->reader) : NULL;
  g_autofree char *text = NULL;

  if (error != NULL)
    slip_status_set (self->status, SLIP_TONE_WARNING, error->message);
  else if (is_paused (self))
    slip_status_set (self->status, SLIP_TONE_NEUTRAL, _ ("Paused"));
  else if (is_over (self))
    slip_status_set (self->status, SLIP_TONE_STOPPED, _ ("The task has stopped; this is its log"));
  else if (g_strcmp0 (state, "STOPPED") == 0)
    slip_status_set (self->status, SLIP_TONE_STOPPED,
                     _ ("The task has stopped; looking for late lines"));
  else
    {
      text = g_strdup_printf (self->lines->len > 0 ? _ ("Following · %s") : _ ("No line yet · %s"),
                              state != NULL ? state : _ ("every 2 s"));
      slip_status_set (self->status, SLIP_TONE_BUSY, text);
    }
  show_count (self);
}

static gboolean
is_at_end (SlipLogPage *self)
{
  GtkAdjustment *adjustment
      = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));

  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
         >= gtk_adjustment_get_upper (adjustment) - 40;
}

static void
scroll_to_end (SlipLogPage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);

  gtk_text_view_scroll_mark_onscreen (self->view, gtk_text_buffer_get_mark (buffer, "end"));
}

/* In portions, so that not every line at the bound moves the whole text. */
static void
drop_old (SlipLogPage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  guint n = self->lines->len > SLIP_LOG_PAGE_MAX_LINES
                ? MIN (self->lines->len - SLIP_LOG_PAGE_MAX_LINES + DROP_LINES, self->lines->len)
                : 0;
  GtkTextIter start;
  GtkTextIter end;

  if (n == 0)
    return;
  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_get_iter_at_line (buffer, &end, (int)n);
  gtk_text_buffer_delete (buffer, &start, &end);
  g_ptr_array_remove_range (self->lines, 0, n);
  self->n_dropped += n;
}

/* "prefix/container/id" is long, and the container and the id's beginning tell streams apart. */
static char *
dup_short (const char *source)
{
  g_auto (GStrv) parts = g_strsplit (source, "/", 3);

  return g_strv_length (parts) == 3 ? g_strdup_printf ("%s %.8s", parts[1], parts[2])
                                    : g_strdup (source);
}

static void
add_line (SlipLogPage *self, GString *text, const SlipLogLine *line)
{
  g_autofree char *time = slip_format_stamp (line->time);
  g_autofree char *source = line->source != NULL ? dup_short (line->source) : NULL;
  g_autofree char *chomped = g_strchomp (g_strdup (line->text));
  g_auto (GStrv) parts = NULL;

  g_strdelimit (chomped, "\r", ' ');
  parts = g_strsplit (chomped, "\n", -1);
  for (guint i = 0; i == 0 || parts[i] != NULL; i++)
    {
      char *one = g_strdup_printf ("%*s  %s%s%s", (int)strlen (time), i == 0 ? time : "",
                                   source != NULL && i == 0 ? source : "",
                                   source != NULL && i == 0 ? "  " : "",
                                   parts[0] != NULL ? parts[i] : "");

      g_string_append_printf (text, "%s\n", one);
      g_ptr_array_add (self->lines, one);
      if (parts[0] == NULL)
        break;
    }
}

void
slip_log_page_append (SlipLogPage *self, GPtrArray *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GtkTextBuffer *buffer;
  gboolean at_end;
  GtkTextIter end;

  g_return_if_fail (SLIP_IS_LOG_PAGE (self) && lines != NULL);

  if (lines->len == 0)
    return;
  buffer = gtk_text_view_get_buffer (self->view);
  at_end = is_at_end (self);
  for (guint i = 0; i < lines->len; i++)
    add_line (self, text, g_ptr_array_index (lines, i));
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert (buffer, &end, text->str, (int)text->len);
  drop_old (self);
  show_count (self);
  /* Who reads further up is left there. */
  if (at_end)
    scroll_to_end (self);
}

guint
slip_log_page_get_n_lines (SlipLogPage *self)
{
  g_return_val_if_fail (SLIP_IS_LOG_PAGE (self), 0);
  return self->lines->len;
}

/* ---- looking */

static gboolean
look_job (SlipJob *job, gpointer data, GError **error)
{
  Look *look = data;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  look->lines = slip_log_reader_read (look->reader, cancellable, error);
  return look->lines != NULL;
}

/* A task that has just begun is listed later than its page is opened. */
static void
show_heading (SlipLogPage *self)
{
  SlipResource *row = slip_estate_list_find (self->tasks, self->arn);
  const char *slash = strrchr (self->arn, '/');
  const char *name = row != NULL     ? slip_resource_get_name (row)
                     : slash != NULL ? slash + 1
                                     : self->arn;
  g_autofree char *heading = g_strdup_printf (_ ("Log of %s"), name);

  gtk_label_set_label (self->heading, heading);
}

static void
looked_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipLogPage *self = owner;
  Look *look = data;

  if (look->serial != self->serial)
    return;
  g_clear_object (&self->job);
  self->reader = g_steal_pointer (&look->reader);
  if (look->lines != NULL)
    {
      self->quiet = look->lines->len > 0
                            || g_strcmp0 (slip_log_reader_get_state (self->reader), "STOPPED") != 0
                        ? 0
                        : self->quiet + 1;
      slip_log_page_append (self, look->lines);
    }
  show_heading (self);
  show_state (self, error);
  if (!is_over (self))
    look_soon (self, slip_log_reader_has_more (self->reader) ? 0 : LOOK_SECONDS * 1000);
}

static gboolean
look_cb (gpointer data)
{
  SlipLogPage *self = data;
  Look *look;

  self->timer = 0;
  if (self->reader == NULL || is_paused (self) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return G_SOURCE_REMOVE;
  look = g_new0 (Look, 1);
  look->reader = g_steal_pointer (&self->reader);
  look->serial = self->serial;
  self->job = slip_task_run (self, slip_pool_get_io (), _ ("Reading a log"), look_job, looked_cb,
                             look, look_free);
  return G_SOURCE_REMOVE;
}

static void
look_soon (SlipLogPage *self, guint milliseconds)
{
  if (self->timer == 0 && self->job == NULL && self->reader != NULL)
    self->timer = g_timeout_add (milliseconds, look_cb, self);
}

static void
stop_looking (SlipLogPage *self)
{
  self->serial++;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->job != NULL)
    slip_job_cancel (self->job);
  g_clear_object (&self->job);
  g_clear_pointer (&self->reader, slip_log_reader_free);
}

static void
mapped_cb (SlipLogPage *self)
{
  if (!is_over (self))
    look_soon (self, 0);
}

static void
paused_cb (SlipLogPage *self)
{
  show_state (self, NULL);
  if (!is_paused (self))
    look_soon (self, 0);
}

void
slip_log_page_set_paused (SlipLogPage *self, gboolean paused)
{
  g_return_if_fail (SLIP_IS_LOG_PAGE (self));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->pause), paused);
}

static void
slip_log_page_reveal (SlipPage *page, const char *item)
{
  SlipLogPage *self = SLIP_LOG_PAGE (page);

  if (g_strcmp0 (self->arn, item) == 0)
    return;
  stop_looking (self);
  g_free (self->arn);
  self->arn = g_strdup (item);
  self->reader = slip_log_reader_new (self->environment, item);
  self->n_dropped = 0;
  self->quiet = 0;
  g_ptr_array_set_size (self->lines, 0);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), "", 0);
  g_set_object (&self->tasks,
                slip_workbench_get_estate (self->workbench, self->environment, SLIP_ESTATE_TASKS));
  show_heading (self);
  slip_tip_set (GTK_WIDGET (self->heading), item);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "log");
  show_state (self, NULL);
  look_soon (self, 0);
}

/* ---- searching and copying */

static void
select_line (SlipLogPage *self, guint line)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_iter_at_line (buffer, &start, (int)line);
  end = start;
  gtk_text_iter_forward_to_line_end (&end);
  gtk_text_buffer_select_range (buffer, &start, &end);
  gtk_text_view_scroll_to_iter (self->view, &start, 0, TRUE, 0, 0.3);
}

gboolean
slip_log_page_find (SlipLogPage *self, const char *text, gboolean backwards)
{
  GtkTextBuffer *buffer;
  GtkTextIter cursor;
  guint n;
  guint at;

  g_return_val_if_fail (SLIP_IS_LOG_PAGE (self), FALSE);

  n = self->lines->len;
  if (text == NULL || text[0] == '\0' || n == 0)
    return FALSE;
  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_get_iter_at_mark (buffer, &cursor, gtk_text_buffer_get_insert (buffer));
  at = MIN ((guint)gtk_text_iter_get_line (&cursor), n - 1);
  for (guint i = 1; i <= n; i++)
    {
      guint line = backwards ? (at + n - i) % n : (at + i) % n;

      if (strcasestr (g_ptr_array_index (self->lines, line), text) == NULL)
        continue;
      select_line (self, line);
      return TRUE;
    }
  return FALSE;
}

static void
find (SlipLogPage *self, gboolean backwards)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));

  if (slip_log_page_find (self, text, backwards) || text[0] == '\0')
    gtk_widget_remove_css_class (self->search, "error");
  else
    gtk_widget_add_css_class (self->search, "error");
}

static void
find_next_cb (SlipLogPage *self)
{
  find (self, FALSE);
}

static void
find_previous_cb (SlipLogPage *self)
{
  find (self, TRUE);
}

/* The lines that are selected, or all that are kept. */
static void
copy_cb (SlipLogPage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  g_autofree char *text = NULL;
  GtkTextIter start;
  GtkTextIter end;

  if (!gtk_text_buffer_get_selection_bounds (buffer, &start, &end))
    gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
slip_log_page_start_filter (SlipPage *page)
{
  gtk_widget_grab_focus (SLIP_LOG_PAGE (page)->search);
}

static void
slip_log_page_refresh (SlipPage *page)
{
  look_soon (SLIP_LOG_PAGE (page), 0);
}

/* ---- the page */

static void
slip_log_page_dispose (GObject *object)
{
  SlipLogPage *self = SLIP_LOG_PAGE (object);

  stop_looking (self);
  g_clear_object (&self->tasks);
  g_clear_object (&self->environment);
  g_clear_object (&self->workbench);
  G_OBJECT_CLASS (slip_log_page_parent_class)->dispose (object);
}

static void
slip_log_page_finalize (GObject *object)
{
  SlipLogPage *self = SLIP_LOG_PAGE (object);

  g_ptr_array_unref (self->lines);
  g_free (self->arn);
  G_OBJECT_CLASS (slip_log_page_parent_class)->finalize (object);
}

static void
slip_log_page_class_init (SlipLogPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_log_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_log_page_finalize;
  SLIP_PAGE_CLASS (klass)->reveal = slip_log_page_reveal;
  SLIP_PAGE_CLASS (klass)->refresh = slip_log_page_refresh;
  SLIP_PAGE_CLASS (klass)->start_filter = slip_log_page_start_filter;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/estate/slip-log-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, heading);
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, search);
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, pause);
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, view);
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, status);
  gtk_widget_class_bind_template_child (widget_class, SlipLogPage, count);
  gtk_widget_class_bind_template_callback (widget_class, paused_cb);
  gtk_widget_class_bind_template_callback (widget_class, find_next_cb);
  gtk_widget_class_bind_template_callback (widget_class, find_previous_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, mapped_cb);
}

static void
slip_log_page_init (SlipLogPage *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter end;

  self->lines = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  slip_status_set_lines (self->status, 20, 3);
  slip_tip_follow_label (self->count);
  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_create_mark (buffer, "end", &end, FALSE);
}

SlipPage *
slip_log_page_new (SlipWorkbench *workbench, SlipEnvironment *environment)
{
  SlipLogPage *self = g_object_new (SLIP_TYPE_LOG_PAGE, NULL);

  self->workbench = g_object_ref (workbench);
  self->environment = g_object_ref (environment);
  return SLIP_PAGE (self);
}
