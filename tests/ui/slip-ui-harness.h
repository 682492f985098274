/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-window.h"

G_BEGIN_DECLS

/**
 * SlipUi:
 *
 * The program's window in the test's own process, on a rehearsal server that is its child.
 */
typedef struct
{
  GSubprocess *server;
  char *folder;
  char *endpoint;
  GtkApplication *application;
  SlipWindow *window;
  SlipWorkbench *workbench;
} SlipUi;

/**
 * slip_ui_start:
 * @speed: how much faster than real time the rehearsal runs
 *
 * Starts server and window and waits until the workspace is open. Ends the test as skipped when there
 * is no server to start.
 *
 * Returns: (nullable): the window, %NULL when it was skipped
 */
SlipUi *slip_ui_start (double speed);

/**
 * slip_ui_start_prepared:
 * @speed: how much faster than real time the rehearsal runs
 * @prepare: (nullable): puts into the test's folder what must be there before the server begins
 *
 * slip_ui_start() in a folder that holds something already.
 */
SlipUi *slip_ui_start_prepared (double speed, void (*prepare) (const char *folder));

/**
 * slip_ui_start_scenario:
 * @speed: how much faster than real time the rehearsal runs
 * @scenario: a built-in scenario's name, or a file
 *
 * slip_ui_start() on another estate.
 */
SlipUi *slip_ui_start_scenario (double speed, const char *scenario);
void slip_ui_stop (SlipUi *ui);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipUi, slip_ui_stop)

typedef gboolean (*SlipUiCondition) (gpointer data);

/**
 * slip_ui_wait:
 * @condition: what is waited for
 * @data: for @condition
 * @seconds: how long at most; afterwards the test fails
 * @what: for the failure's message
 *
 * Runs the main loop until @condition holds.
 */
void slip_ui_wait (SlipUiCondition condition, gpointer data, double seconds, const char *what);

/**
 * slip_ui_settle:
 *
 * Runs the main loop for a few frames, so that what was changed is drawn.
 */
void slip_ui_settle (void);

/**
 * slip_ui_shoot:
 * @window: a window that is shown
 * @name: file name without ending
 *
 * Writes a PNG of it into the folder `SLIPWAY_SHOTS`, when that is set.
 */
void slip_ui_shoot (GtkWidget *window, const char *name);

/**
 * slip_ui_find:
 * @root: where to look
 * @type: a type
 *
 * Returns: (nullable): the first visible widget of @type, in drawing order
 */
GtkWidget *slip_ui_find (GtkWidget *root, GType type);

/**
 * slip_ui_find_button:
 * @label: a part of its label, without mnemonic
 *
 * Returns: (nullable): the first visible button that says so
 */
GtkWidget *slip_ui_find_button (GtkWidget *root, const char *label);
void slip_ui_click (GtkWidget *root, const char *label);

/**
 * slip_ui_find_text:
 *
 * Returns: whether a visible label below @root holds @text
 */
gboolean slip_ui_find_text (GtkWidget *root, const char *text);

/**
 * slip_ui_offers:
 *
 * Returns: whether a label below @widget holds @text, be it on the screen or not: without a monitor no list pops up
 */
gboolean slip_ui_offers (GtkWidget *widget, const char *text);

/**
 * slip_ui_dup_text:
 *
 * Returns: (transfer full) (nullable): the whole text of the first visible label below @root that holds @text
 */
char *slip_ui_dup_text (GtkWidget *root, const char *text);

/**
 * slip_ui_find_cut:
 * @inside: only labels below a widget of this type
 * @but: (nullable): labels that begin with it may be cut
 * @text: (out): the whole text of the first label that is drawn cut
 *
 * Returns: whether there is one
 */
gboolean slip_ui_find_cut (GtkWidget *root, GType inside, const char *but, char **text);

/**
 * slip_ui_resize:
 *
 * Gives the window a size, and waits until it is drawn in it.
 */
void slip_ui_resize (SlipUi *ui, int width, int height);

/**
 * slip_ui_lint:
 * @root: a window
 *
 * Fails for each visible widget that can have the keyboard's focus and has no name a screen reader
 * could say. Rows and cells of list views are exempt: this GTK release gives them none.
 */
void slip_ui_lint (GtkWidget *root);

/**
 * slip_ui_get_dialog:
 *
 * Returns: (nullable): a toplevel that is not the main window
 */
GtkWidget *slip_ui_get_dialog (SlipUi *ui);

/**
 * slip_ui_approve_run:
 * @snapshot: (nullable): the name of the snapshot that it takes; %NULL for the one the runbook gives
 *
 * Plans the pre-migration snapshot of production, and approves it with all it asks for: what the wizard
 * does, without its pages.
 *
 * Returns: (transfer full): the run's id
 */
char *slip_ui_approve_run (SlipUi *ui, const char *snapshot);

/**
 * slip_ui_ask_server:
 * @path: below `/_slipway/`, such as "faults"
 * @body: a JSON document
 *
 * Posts @body to the rehearsal server, and fails the test when it is refused.
 */
void slip_ui_ask_server (SlipUi *ui, const char *path, const char *body);

/**
 * slip_ui_say_everything:
 * @widget: a page or dialog
 *
 * Fills in everything that it asks to be typed, as a person would: what stands in the title. Ticks every box.
 */
void slip_ui_say_everything (GtkWidget *widget);

G_END_DECLS
