/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * slip_file_dialog_save_async:
 * @parent: (nullable): a widget in the window to ask over
 * @title: what is saved
 * @name: the proposed file name
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks where to save. Main thread.
 */
void slip_file_dialog_save_async (GtkWidget *parent,
                                  const char *title,
                                  const char *name,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/**
 * slip_file_dialog_open_async:
 * @parent: (nullable): a widget in the window to ask over
 * @title: what is opened
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for an existing file. Main thread.
 */
void slip_file_dialog_open_async (GtkWidget *parent,
                                  const char *title,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/**
 * slip_file_dialog_open_page:
 * @window: the main window
 * @title: what is opened
 * @kind: the kind of page that shows such a file
 *
 * Asks for an existing file and goes to its page, `KIND/PATH`. Main thread.
 */
void slip_file_dialog_open_page (GtkWidget *window, const char *title, const char *kind);

/**
 * slip_file_dialog_prepare_answer:
 * @file: a file
 *
 * Answers the next question with @file in place of a person, without showing it. For tests: the native chooser belongs
 * to the desktop.
 */
void slip_file_dialog_prepare_answer (GFile *file);

/**
 * slip_file_dialog_keep:
 * @ledger: (nullable): the ledger that this process has open
 *
 * From here on no answer is a file of @ledger, neither to open nor to save: whoever opens it beside SQLite and closes it
 * costs it its locks, and what is appended then can be lost. Main thread.
 */
void slip_file_dialog_keep (SlipLedger *ledger);

/**
 * slip_file_dialog_refuse:
 * @parent: (nullable): a widget in the window to tell it over
 * @file: what somebody wants to open or save, such as a file that was dropped
 *
 * Every answer is asked for with this; files that come another way are to be, too. Main thread.
 *
 * Returns: whether it is of the ledger given to slip_file_dialog_keep(); the person was told then
 */
gboolean slip_file_dialog_refuse (GtkWidget *parent, GFile *file);

/**
 * slip_file_dialog_finish:
 * @result: as given to the callback
 *
 * Returns: (transfer full) (nullable): the file, or %NULL when the person cancelled or the file was refused
 */
GFile *slip_file_dialog_finish (GAsyncResult *result);

G_END_DECLS
