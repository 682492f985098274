/* SPDX-License-Identifier: MIT */

/* A table that is drawn as a whole. What is on the screen is cut where the window ends; a file that somebody is sent must
 * not be. */

#include "config.h"

#include "slip-table-picture.h"

#include <glib/gi18n.h>
#include <math.h>

#include "slip-format.h"
#include "slip-paint.h"

#define LINE_HEIGHT 24
#define MARGIN 16
#define GAP 18    /* between columns */
#define MARK 10   /* before the first one */
#define INDENT 18 /* for each step of depth */
#define CELL_MAX 460
#define MAX_ROWS 400 /* a renderer has a largest picture */

typedef struct
{
  gboolean head;
  char *title; /* of a table */
  guint depth;
  SlipTone tone;
  GStrv cells;
} Line;

typedef struct
{
  char *title;
  GPtrArray *lines; /* element-type Line; the first is the head */
  GArray *widths;   /* element-type int; of columns, once they are measured */
  guint left_out;
} Table;

struct _SlipTablePicture
{
  GtkWidget parent_instance;

  char *title;
  GPtrArray *tables; /* owned; element-type Table */
};

G_DEFINE_FINAL_TYPE (SlipTablePicture, slip_table_picture, GTK_TYPE_WIDGET)

static void
line_free (gpointer memory)
{
  Line *line = memory;

  g_strfreev (line->cells);
  g_free (line);
}

static void
table_free (gpointer memory)
{
  Table *table = memory;

  g_free (table->title);
  g_ptr_array_unref (table->lines);
  g_array_unref (table->widths);
  g_free (table);
}

/* ---- sizes */

static int
measure_text (SlipTablePicture *self, const char *text)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static int
get_indent (const Line *line)
{
  return line->head ? 0 : (int)line->depth * INDENT;
}

static void
measure_table (SlipTablePicture *self, Table *table)
{
  g_array_set_size (table->widths, 0);
  for (guint i = 0; i < table->lines->len; i++)
    {
      const Line *line = g_ptr_array_index (table->lines, i);

      for (guint c = 0; line->cells[c] != NULL; c++)
        {
          int width = MIN (measure_text (self, line->cells[c]), CELL_MAX)
                      + (c == 0 ? get_indent (line) : 0);

          if (c >= table->widths->len)
            g_array_append_val (table->widths, width);
          else if (g_array_index (table->widths, int, c) < width)
            g_array_index (table->widths, int, c) = width;
        }
    }
}

static int
get_table_width (const Table *table)
{
  int width = 2 * MARGIN + MARK;

  for (guint c = 0; c < table->widths->len; c++)
    width += g_array_index (table->widths, int, c) + GAP;
  return width;
}

static int
get_table_height (const Table *table)
{
  guint lines = table->lines->len + 1 + (table->title != NULL) + (table->left_out > 0);

  return (int)lines * LINE_HEIGHT;
}

static void
slip_table_picture_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  SlipTablePicture *self = SLIP_TABLE_PICTURE (widget);
  int size = orientation == GTK_ORIENTATION_HORIZONTAL
                 ? measure_text (self, self->title) + 2 * MARGIN
                 : 2 * MARGIN + LINE_HEIGHT;

  for (guint i = 0; i < self->tables->len; i++)
    {
      Table *table = g_ptr_array_index (self->tables, i);

      if (orientation == GTK_ORIENTATION_VERTICAL)
        {
          size += get_table_height (table);
          continue;
        }
      measure_table (self, table);
      size = MAX (size, get_table_width (table));
    }
  *minimum = *natural = size;
}

/* ---- drawing */

static void
draw_rule (SlipTablePicture *self, GtkSnapshot *snapshot, float y, float alpha, float height)
{
  GdkRGBA color = slip_paint_get_color (GTK_WIDGET (self), NULL);
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  color.alpha *= alpha;
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (MARGIN, y, (float)width - 2 * MARGIN, height));
}

static void
draw_line (SlipTablePicture *self,
           GtkSnapshot *snapshot,
           const Table *table,
           const Line *line,
           double y,
           const GdkRGBA *text)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GdkRGBA color = *text;
  double x = MARGIN + MARK;

  if (line->head)
    color.alpha *= 0.7f;
  else if (line->tone != SLIP_TONE_NEUTRAL)
    {
      GdkRGBA tone = slip_paint_get_tone (widget, line->tone);

      gtk_snapshot_append_color (snapshot, &tone,
                                 &GRAPHENE_RECT_INIT (MARGIN, (float)y + 7, 4, LINE_HEIGHT - 14));
    }
  for (guint c = 0; line->cells[c] != NULL && c < table->widths->len; c++)
    {
      int room = g_array_index (table->widths, int, c);
      int indent = c == 0 ? get_indent (line) : 0;

      slip_paint_text (widget, snapshot, line->cells[c], x + indent, y, LINE_HEIGHT,
                       room - indent + 1, 0, &color);
      x += room + GAP;
    }
  draw_rule (self, snapshot, (float)y + LINE_HEIGHT - 1, line->head ? 0.5f : 0.12f, 1);
}

static double
draw_table (SlipTablePicture *self,
            GtkSnapshot *snapshot,
            const Table *table,
            double y,
            const GdkRGBA *text)
{
  if (table->title != NULL)
    {
      slip_paint_text (GTK_WIDGET (self), snapshot, table->title, MARGIN, y, LINE_HEIGHT, 0, 0,
                       text);
      y += LINE_HEIGHT;
    }
  for (guint i = 0; i < table->lines->len; i++, y += LINE_HEIGHT)
    draw_line (self, snapshot, table, g_ptr_array_index (table->lines, i), y, text);
  if (table->left_out > 0)
    {
      g_autofree char *count = slip_format_count (table->left_out);
      g_autofree char *note
          = g_strdup_printf (_ ("… and %s more rows, which the CSV file has"), count);

      slip_paint_text (GTK_WIDGET (self), snapshot, note, MARGIN + MARK, y, LINE_HEIGHT, 0, 0,
                       text);
      y += LINE_HEIGHT;
    }
  return y + LINE_HEIGHT;
}

static void
slip_table_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SlipTablePicture *self = SLIP_TABLE_PICTURE (widget);
  GdkRGBA text = slip_paint_get_color (widget, NULL);
  double y = MARGIN;

  slip_paint_text (widget, snapshot, self->title, MARGIN, y, LINE_HEIGHT, 0, 0, &text);
  y += LINE_HEIGHT * 1.5;
  for (guint i = 0; i < self->tables->len; i++)
    y = draw_table (self, snapshot, g_ptr_array_index (self->tables, i), y, &text);
}

/* ---- the widget */

static void
slip_table_picture_finalize (GObject *object)
{
  SlipTablePicture *self = SLIP_TABLE_PICTURE (object);

  g_free (self->title);
  g_ptr_array_unref (self->tables);
  G_OBJECT_CLASS (slip_table_picture_parent_class)->finalize (object);
}

static void
slip_table_picture_class_init (SlipTablePictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = slip_table_picture_finalize;
  widget_class->measure = slip_table_picture_measure;
  widget_class->snapshot = slip_table_picture_snapshot;
  gtk_widget_class_set_css_name (widget_class, "chart");
}

static void
slip_table_picture_init (SlipTablePicture *self)
{
  self->tables = g_ptr_array_new_with_free_func (table_free);
}

GtkWidget *
slip_table_picture_new (const char *title)
{
  SlipTablePicture *self = g_object_new (SLIP_TYPE_TABLE_PICTURE, NULL);

  self->title = g_strdup (title);
  return GTK_WIDGET (self);
}

/* One line each: a value may have line ends in it. */
static Line *
new_line (const char *const *cells)
{
  Line *line = g_new0 (Line, 1);

  line->cells = g_strdupv ((GStrv)cells);
  for (guint c = 0; line->cells[c] != NULL; c++)
    g_strdelimit (line->cells[c], "\r\n\t", ' ');
  return line;
}

void
slip_table_picture_add_head (SlipTablePicture *self, const char *title, const char *const *cells)
{
  Table *table;
  Line *line;

  g_return_if_fail (SLIP_IS_TABLE_PICTURE (self) && cells != NULL);

  table = g_new0 (Table, 1);
  table->title = g_strdup (title);
  table->lines = g_ptr_array_new_with_free_func (line_free);
  table->widths = g_array_new (FALSE, FALSE, sizeof (int));
  line = new_line (cells);
  line->head = TRUE;
  g_ptr_array_add (table->lines, line);
  g_ptr_array_add (self->tables, table);
}

void
slip_table_picture_add_row (SlipTablePicture *self,
                            guint depth,
                            SlipTone tone,
                            const char *const *cells)
{
  Table *table;
  Line *line;

  g_return_if_fail (SLIP_IS_TABLE_PICTURE (self) && self->tables->len > 0 && cells != NULL);

  table = g_ptr_array_index (self->tables, self->tables->len - 1);
  if (table->lines->len > MAX_ROWS)
    {
      table->left_out++;
      return;
    }
  line = new_line (cells);
  line->depth = depth;
  line->tone = tone;
  g_ptr_array_add (table->lines, line);
}

static void
add_item (SlipTablePicture *self, gpointer item, const SlipColumn *columns, guint n_columns)
{
  g_autoptr (GStrvBuilder) cells = g_strv_builder_new ();
  g_auto (GStrv) row = NULL;
  SlipTone tone = SLIP_TONE_NEUTRAL;

  for (guint c = 0; c < n_columns; c++)
    {
      g_autofree char *text = columns[c].text (item);

      g_strv_builder_add (cells, text != NULL ? text : "");
      if (columns[c].tone != NULL)
        tone = columns[c].tone (item);
    }
  row = g_strv_builder_end (cells);
  slip_table_picture_add_row (self, 0, tone, (const char *const *)row);
}

void
slip_table_picture_add_model (SlipTablePicture *self,
                              const char *title,
                              GListModel *rows,
                              const SlipColumn *columns,
                              guint n_columns)
{
  g_autoptr (GStrvBuilder) titles = g_strv_builder_new ();
  g_auto (GStrv) head = NULL;

  g_return_if_fail (SLIP_IS_TABLE_PICTURE (self) && G_IS_LIST_MODEL (rows));

  for (guint c = 0; c < n_columns; c++)
    g_strv_builder_add (titles, _ (columns[c].title));
  head = g_strv_builder_end (titles);
  slip_table_picture_add_head (self, title, (const char *const *)head);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (rows, i);

      add_item (self, item, columns, n_columns);
    }
}
