/* SPDX-License-Identifier: MIT */

/* A head that scrolls where it must, above what takes the rest. */

#include "config.h"

#include "slip-head-layout.h"

#define LEAST_REST 120 /* of the last child, where there is room for that */

static int
get_least (GtkWidget *child, GtkOrientation orientation, int for_size)
{
  int least;

  gtk_widget_measure (child, orientation, for_size, &least, NULL, NULL, NULL);
  return least;
}

/* Of all that the head holds, in lines of @width. */
static int
get_head_height (GtkWidget *head, int width)
{
  GtkWidget *child = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (head));
  int natural;

  if (GTK_IS_VIEWPORT (child))
    child = gtk_viewport_get_child (GTK_VIEWPORT (child));
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

static GtkSizeRequestMode
get_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure (GtkWidget *widget,
         GtkOrientation orientation,
         int for_size,
         int *minimum,
         int *natural,
         int *minimum_baseline,
         int *natural_baseline)
{
  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int least, most;

      gtk_widget_measure (child, orientation, for_size, &least, &most, NULL, NULL);
      if (orientation == GTK_ORIENTATION_HORIZONTAL)
        {
          *minimum = MAX (*minimum, least);
          *natural = MAX (*natural, most);
          continue;
        }
      *minimum += least;
      *natural += most;
    }
}

static void
allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *head = gtk_widget_get_first_child (widget);
  GtkWidget *last = gtk_widget_get_last_child (widget);
  int others = 0;
  int y = 0;

  for (GtkWidget *child = gtk_widget_get_next_sibling (head); child != last;
       child = gtk_widget_get_next_sibling (child))
    others += get_least (child, GTK_ORIENTATION_VERTICAL, width);
  for (GtkWidget *child = head; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      int least = get_least (child, GTK_ORIENTATION_VERTICAL, width);
      int most
          = height - others - MAX (LEAST_REST, get_least (last, GTK_ORIENTATION_VERTICAL, width));
      int given = child == head   ? MAX (least, MIN (get_head_height (head, width), most))
                  : child == last ? MAX (least, height - y)
                                  : least;

      gtk_widget_size_allocate (child, &(GtkAllocation){0, y, width, given}, -1);
      y += given;
    }
}

GtkLayoutManager *
slip_head_layout_new (void)
{
  return gtk_custom_layout_new (get_mode, measure, allocate);
}
