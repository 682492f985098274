/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

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
 * slip_file_dialog_finish:
 * @result: as given to the callback
 *
 * Returns: (transfer full) (nullable): the file, or %NULL when the person cancelled
 */
GFile *slip_file_dialog_finish (GAsyncResult *result);

G_END_DECLS
