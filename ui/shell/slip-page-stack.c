/* SPDX-License-Identifier: MIT */

/* The window's pages. They are kept once made, so that a list stays as it was left. */

#include "config.h"

#include "slip-page-stack.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-places.h"
#include "slip-settings.h"

#define MAX_HISTORY 50

struct _SlipPageStack
{
  AdwBin parent_instance;

  GtkStack *stack;          /* borrowed: it is the child */
  SlipWorkbench *workbench; /* owned, nullable */
  GPtrArray *history;       /* owned; page ids, the shown one last */
};

G_DEFINE_FINAL_TYPE (SlipPageStack, slip_page_stack, ADW_TYPE_BIN)

static guint signal_shown;
static guint signal_page_changed;

static void
notify_cb (SlipPageStack *self, GParamSpec *pspec, SlipPage *page)
{
  if (page == slip_page_stack_get_page (self))
    g_signal_emit (self, signal_page_changed, 0);
}

static gboolean
remove_page_cb (gpointer data)
{
  GtkWidget *page = data;
  GtkWidget *stack = gtk_widget_get_parent (page);

  if (GTK_IS_STACK (stack))
    gtk_stack_remove (GTK_STACK (stack), page);
  return G_SOURCE_REMOVE;
}

static const char *
get_last (SlipPageStack *self)
{
  return self->history->len > 0 ? g_ptr_array_index (self->history, self->history->len - 1) : NULL;
}

static void
close_page_cb (SlipPageStack *self, SlipPage *page)
{
  const char *name = gtk_stack_page_get_name (gtk_stack_get_page (self->stack, GTK_WIDGET (page)));
  g_autofree char *page_id = g_strdup (name);
  gboolean shown = page == slip_page_stack_get_page (self);

  for (guint i = self->history->len; i > 0; i--)
    if (g_str_equal (g_ptr_array_index (self->history, i - 1), page_id))
      g_ptr_array_remove_index (self->history, i - 1);
  if (shown)
    {
      const char *last = get_last (self);
      g_autofree char *target = g_strdup (last != NULL ? last : "runbooks");

      slip_page_stack_go (self, target);
    }
  /* Later: the page is still in its own signal handler. */
  g_idle_add_full (G_PRIORITY_DEFAULT, remove_page_cb, g_object_ref (page), g_object_unref);
}

static SlipPage *
new_page (SlipPageStack *self, const char *page_id)
{
  const char *argument = NULL;
  const SlipPlace *place = slip_places_find (page_id, &argument);
  SlipPage *page = place != NULL ? place->create (place, self->workbench, argument) : NULL;

  if (page == NULL)
    return NULL;
  if (slip_page_get_title (page) == NULL)
    slip_page_set_title (page, _ (place->title));
  if (place->flags & SLIP_PLACE_IN_ENVIRONMENT)
    slip_page_set_environment_name (page, argument);
  return page;
}

static SlipPage *
ensure_page (SlipPageStack *self, const char *page_id)
{
  static const char *const signals[]
      = {"notify::title", "notify::subtitle", "notify::environment-name", "notify::details"};
  GtkWidget *child = gtk_stack_get_child_by_name (self->stack, page_id);
  SlipPage *page = child != NULL ? SLIP_PAGE (child) : new_page (self, page_id);

  if (page == NULL || child != NULL)
    return page;
  gtk_stack_add_named (self->stack, GTK_WIDGET (page), page_id);
  g_signal_connect_object (page, "open", G_CALLBACK (slip_page_stack_go), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "close", G_CALLBACK (close_page_cb), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (page, signals[i], G_CALLBACK (notify_cb), self, G_CONNECT_SWAPPED);
  return page;
}

/* `snapshots/production/arn:…` is the page `snapshots/production` with one of its rows shown, and so is
 * `migration-trace/club/member:7`; `audit/2026…` is the page `audit` with one run. */
static char *
split_item (const char *page_id, const char **item)
{
  const char *argument = NULL;
  const SlipPlace *place = slip_places_find (page_id, &argument);
  const char *slash;

  *item = NULL;
  if (place == NULL
      || !(place->flags
           & (SLIP_PLACE_IN_ENVIRONMENT | SLIP_PLACE_WITH_ITEMS | SLIP_PLACE_IN_MIGRATION)))
    return g_strdup (page_id);
  slash = strchr (place->flags & SLIP_PLACE_WITH_ITEMS ? page_id : argument, '/');
  if (slash == NULL)
    return g_strdup (page_id);
  *item = slash + 1;
  return g_strndup (page_id, slash - page_id);
}

static gboolean
is_file_page (const char *page_id)
{
  return g_str_has_prefix (page_id, "plan/") || g_str_has_prefix (page_id, "cosign/");
}

static void
remember_page (SlipPageStack *self, const char *page_id)
{
  GSettings *settings = slip_settings_get ();

  if (g_strcmp0 (get_last (self), page_id) != 0)
    g_ptr_array_add (self->history, g_strdup (page_id));
  if (self->history->len > MAX_HISTORY)
    g_ptr_array_remove_index (self->history, 0);
  if (settings != NULL && !g_str_has_prefix (page_id, "wizard/") && !is_file_page (page_id))
    g_settings_set_string (settings, "last-page", page_id);
}

/* A plan's file may have changed since its page was made: it is read anew each time it is opened. */
static void
drop_read_plan (SlipPageStack *self, const char *page_id)
{
  GtkWidget *page = gtk_stack_get_child_by_name (self->stack, page_id);

  if (page != NULL && is_file_page (page_id) && page != gtk_stack_get_visible_child (self->stack))
    gtk_stack_remove (self->stack, page);
}

static void
slip_page_stack_dispose (GObject *object)
{
  SlipPageStack *self = SLIP_PAGE_STACK (object);

  if (self->stack != NULL)
    slip_page_stack_clear (self);
  self->stack = NULL;
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_clear_object (&self->workbench);
  G_OBJECT_CLASS (slip_page_stack_parent_class)->dispose (object);
}

static void
slip_page_stack_finalize (GObject *object)
{
  g_ptr_array_unref (SLIP_PAGE_STACK (object)->history);
  G_OBJECT_CLASS (slip_page_stack_parent_class)->finalize (object);
}

static void
slip_page_stack_class_init (SlipPageStackClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = slip_page_stack_dispose;
  object_class->finalize = slip_page_stack_finalize;
  signal_shown = g_signal_new ("shown", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                               1, G_TYPE_STRING);
  signal_page_changed
      = g_signal_new ("page-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_page_stack_init (SlipPageStack *self)
{
  self->history = g_ptr_array_new_with_free_func (g_free);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->stack));
}

void
slip_page_stack_set_workbench (SlipPageStack *self, SlipWorkbench *workbench)
{
  g_return_if_fail (SLIP_IS_PAGE_STACK (self));
  g_return_if_fail (SLIP_IS_WORKBENCH (workbench));
  g_set_object (&self->workbench, workbench);
}

void
slip_page_stack_go (SlipPageStack *self, const char *page_id)
{
  const char *item = NULL;
  g_autofree char *base = NULL;
  SlipPage *page;

  g_return_if_fail (SLIP_IS_PAGE_STACK (self));
  g_return_if_fail (page_id != NULL);

  base = split_item (page_id, &item);
  drop_read_plan (self, base);
  page = self->workbench != NULL ? ensure_page (self, base) : NULL;
  if (page == NULL)
    return;

  remember_page (self, base);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (page));
  g_signal_emit (self, signal_shown, 0, base);
  if (item != NULL)
    slip_page_reveal (page, item);
}

void
slip_page_stack_back (SlipPageStack *self)
{
  SlipPage *page;
  g_autofree char *target = NULL;

  g_return_if_fail (SLIP_IS_PAGE_STACK (self));

  page = slip_page_stack_get_page (self);
  if ((page != NULL && slip_page_escape (page)) || !slip_page_stack_can_go_back (self))
    return;
  g_ptr_array_set_size (self->history, self->history->len - 1);
  target = g_strdup (get_last (self));
  g_ptr_array_set_size (self->history, self->history->len - 1);
  slip_page_stack_go (self, target);
}

gboolean
slip_page_stack_can_go_back (SlipPageStack *self)
{
  g_return_val_if_fail (SLIP_IS_PAGE_STACK (self), FALSE);
  return self->history->len > 1;
}

void
slip_page_stack_clear (SlipPageStack *self)
{
  GtkWidget *child;

  g_return_if_fail (SLIP_IS_PAGE_STACK (self));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->stack))) != NULL)
    gtk_stack_remove (self->stack, child);
  g_ptr_array_set_size (self->history, 0);
}

SlipPage *
slip_page_stack_get_page (SlipPageStack *self)
{
  GtkWidget *child;

  g_return_val_if_fail (SLIP_IS_PAGE_STACK (self), NULL);
  child = self->stack != NULL ? gtk_stack_get_visible_child (self->stack) : NULL;
  return child != NULL ? SLIP_PAGE (child) : NULL;
}

const char *
slip_page_stack_get_page_id (SlipPageStack *self)
{
  g_return_val_if_fail (SLIP_IS_PAGE_STACK (self), NULL);
  return self->stack != NULL ? gtk_stack_get_visible_child_name (self->stack) : NULL;
}
