/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SLIP_TYPE_PAGE (slip_page_get_type ())

/**
 * SlipPage:
 *
 * What the centre of the window shows: a widget with a title, an optional widget for the details
 * pane, and a few verbs that menus and keys reach it by. Properties: `title`, `subtitle`,
 * `environment-name` and `details`. Signal `open` (page id) asks the window to go to another page,
 * signal `close` to let this one go.
 */
G_DECLARE_DERIVABLE_TYPE (SlipPage, slip_page, SLIP, PAGE, AdwBin)

/**
 * SlipPageClass:
 * @refresh: looks again at what the page shows
 * @start_filter: moves the keyboard to the page's filter
 * @escape: goes one step back inside the page; returns whether there was one
 * @reveal: shows one of its rows, by the row's id; later when it is not there yet
 */
struct _SlipPageClass
{
  AdwBinClass parent_class;

  void (*refresh) (SlipPage *self);
  void (*start_filter) (SlipPage *self);
  gboolean (*escape) (SlipPage *self);
  void (*reveal) (SlipPage *self, const char *item);
};

const char *slip_page_get_title (SlipPage *self);
void slip_page_set_title (SlipPage *self, const char *title);
const char *slip_page_get_subtitle (SlipPage *self);
void slip_page_set_subtitle (SlipPage *self, const char *subtitle);

/**
 * slip_page_get_environment_name:
 * @self: a page
 *
 * Returns: (transfer none) (nullable): the environment the page belongs to, by its name in the
 *   workspace; the window takes its header and its edge from it
 */
const char *slip_page_get_environment_name (SlipPage *self);
void slip_page_set_environment_name (SlipPage *self, const char *name);

/**
 * slip_page_get_details:
 * @self: a page
 *
 * Returns: (transfer none) (nullable): what the details pane shows beside the page
 */
GtkWidget *slip_page_get_details (SlipPage *self);
void slip_page_set_details (SlipPage *self, GtkWidget *details);

/**
 * slip_page_open:
 * @self: a page
 * @page_id: a page, such as `snapshots/production` or `run/2026…`
 *
 * Asks the window to show another page.
 */
void slip_page_open (SlipPage *self, const char *page_id);

/**
 * slip_page_close:
 * @self: a page
 *
 * Asks the window to go back and to let the page go.
 */
void slip_page_close (SlipPage *self);

void slip_page_refresh (SlipPage *self);
void slip_page_start_filter (SlipPage *self);
gboolean slip_page_escape (SlipPage *self);
void slip_page_reveal (SlipPage *self, const char *item);

G_END_DECLS
