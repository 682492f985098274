/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * SlipConfirm:
 * @heading: the question, with the verb
 * @body: (nullable): what will happen, and what cannot be undone
 * @verb: the label of the button that does it
 * @refuse: (nullable): the label of the other button; %NULL for “Cancel”
 * @destructive: whether the button is drawn as dangerous
 * @environment_title: (nullable): named above the question, when it is about an environment
 * @environment_protected: whether that environment is protected: the name is drawn in its colour
 * @typed: (nullable): a text the person must type before the button works
 * @entry_title: (nullable): asks for a free text under this title; its answer is given back
 * @entry_secret: whether the free text is hidden while typed
 * @extra: (nullable) (transfer floating): what can be chosen besides, above what is typed; its caller reads it
 *
 * What a question needs. The one place that shows a dialog with a choice, so that a protected
 * environment is named in every one of them and no destructive button ever has the default focus.
 */
typedef struct
{
  const char *heading;
  const char *body;
  const char *verb;
  const char *refuse;
  gboolean destructive;
  const char *environment_title;
  gboolean environment_protected;
  const char *typed;
  const char *entry_title;
  gboolean entry_secret;
  GtkWidget *extra;
} SlipConfirm;

/**
 * slip_confirm_async:
 * @parent: (nullable): a widget in the window to ask over
 * @confirm: the question; copied
 * @cancellable: (nullable): closes the dialog, as if it had been refused
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks. Main thread.
 */
void slip_confirm_async (GtkWidget *parent,
                         const SlipConfirm *confirm,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);

/**
 * slip_confirm_finish:
 * @result: as given to the callback
 * @text: (out) (optional) (nullable) (transfer full): what was typed
 *
 * Returns: whether the person agreed
 */
gboolean slip_confirm_finish (GAsyncResult *result, char **text);

/**
 * slip_confirm_message:
 * @parent: (nullable): a widget in the window to show over
 * @heading: what happened
 * @body: (nullable): more, with the way out
 *
 * Tells something that must not be missed. Main thread.
 */
void slip_confirm_message (GtkWidget *parent, const char *heading, const char *body);

G_END_DECLS
