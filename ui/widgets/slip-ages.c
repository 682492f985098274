/* SPDX-License-Identifier: MIT */

/* Ages that grow while somebody looks. One timer for all of them, which comes when the first text changes; cells of pages
 * that nobody looks at cost nothing until they are shown again. */

#include "config.h"

#include "slip-ages.h"

#include "slip-cell.h"
#include "slip-format.h"

/* No sooner, and no later: a machine that slept is right again soon after. */
#define LEAST_US (250 * (gint64)1000)
#define MOST_US (60 * (gint64)G_USEC_PER_SEC)

typedef struct
{
  GtkWidget *cell;
  gint64 time;
} Age;

static GHashTable *ages; /* set of Age that cells own */
static guint source;
static gint64 due;

static gboolean
update_cb (gpointer data)
{
  source = 0;
  slip_ages_update (g_get_real_time ());
  return G_SOURCE_REMOVE;
}

static void
wake_at (gint64 at_us, gint64 now_us)
{
  at_us = CLAMP (at_us, now_us + LEAST_US, now_us + MOST_US);
  if (source != 0 && due <= at_us)
    return;
  g_clear_handle_id (&source, g_source_remove);
  due = at_us;
  source = g_timeout_add ((guint)((at_us - now_us) / 1000 + 1), update_cb, NULL);
}

/* When slip_format_age() says something else. */
static gint64
find_change (gint64 time_us, gint64 now_us)
{
  gint64 age = MAX (now_us - time_us, 0);
  gint64 seconds = age / G_USEC_PER_SEC;
  gint64 unit = seconds < 60 ? 1 : seconds < 3600 ? 60 : seconds < 48 * 3600 ? 3600 : 86400;

  unit *= G_USEC_PER_SEC;
  return now_us + unit - age % unit;
}

static void
show (Age *age, gint64 now_us)
{
  g_autofree char *text = slip_format_age (age->time, now_us);

  slip_cell_set_text (age->cell, text);
}

static void
map_cb (GtkWidget *cell, gpointer data)
{
  Age *age = g_object_get_data (G_OBJECT (cell), "slip-age");
  gint64 now = g_get_real_time ();

  if (age == NULL)
    return;
  show (age, now);
  wake_at (find_change (age->time, now), now);
}

static void
age_free (gpointer data)
{
  Age *age = data;

  g_hash_table_remove (ages, age);
  if (g_hash_table_size (ages) == 0)
    g_clear_handle_id (&source, g_source_remove);
  g_free (age);
}

void
slip_ages_follow (GtkWidget *cell, gint64 time_us)
{
  gint64 now = g_get_real_time ();
  Age *age;

  g_return_if_fail (GTK_IS_WIDGET (cell));

  age = g_object_get_data (G_OBJECT (cell), "slip-age");
  if (time_us == 0)
    {
      g_object_set_data (G_OBJECT (cell), "slip-age", NULL);
      return;
    }
  if (age == NULL)
    {
      if (ages == NULL)
        ages = g_hash_table_new (NULL, NULL);
      age = g_new0 (Age, 1);
      age->cell = cell;
      g_hash_table_add (ages, age);
      g_object_set_data_full (G_OBJECT (cell), "slip-age", age, age_free);
    }
  /* Once: cells are used for one row after another. */
  if (g_object_get_data (G_OBJECT (cell), "slip-age-maps") == NULL)
    {
      g_object_set_data (G_OBJECT (cell), "slip-age-maps", cell);
      g_signal_connect (cell, "map", G_CALLBACK (map_cb), NULL);
    }
  age->time = time_us;
  show (age, now);
  if (gtk_widget_get_mapped (cell))
    wake_at (find_change (time_us, now), now);
}

void
slip_ages_update (gint64 now_us)
{
  GHashTableIter iter;
  gpointer key;
  gint64 first = G_MAXINT64;

  if (ages == NULL)
    return;
  g_hash_table_iter_init (&iter, ages);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      Age *age = key;

      if (!gtk_widget_get_mapped (age->cell))
        continue;
      show (age, now_us);
      first = MIN (first, find_change (age->time, now_us));
    }
  if (first != G_MAXINT64)
    wake_at (first, now_us);
}
