/* SPDX-License-Identifier: MIT */

/* Saving what was edited. Definitions with errors may be saved, for somebody else to go on with, but not by a slip of the
 * hand: a run refuses them. */

#include "config.h"

#include "slip-edit-save.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"

/* Errors that the question names. */
#define MOST_ERRORS 6

static void
agreed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipDefinitionDraft) draft = data;

  if (slip_confirm_finish (result, NULL) && !slip_definition_draft_is_empty (draft))
    slip_definition_draft_save (draft);
}

static void
ask (GtkWidget *parent, SlipDefinitionDraft *draft, guint errors)
{
  g_autofree char *heading
      = g_strdup_printf (ngettext ("Save with %u error?", "Save with %u errors?", errors), errors);
  g_autofree char *found = slip_definition_draft_dup_errors (draft, MOST_ERRORS);
  g_autofree char *body
      = g_strdup_printf (_ ("%s\n\nA run refuses definitions that have errors."), found);
  SlipConfirm confirm = {.heading = heading,
                         .body = body,
                         .verb = _ ("_Save Anyway"),
                         .refuse = _ ("_Go On Editing"),
                         .destructive = TRUE};

  slip_confirm_async (parent, &confirm, NULL, agreed_cb, g_object_ref (draft));
}

void
slip_edit_save (GtkWidget *parent, SlipDefinitionDraft *draft)
{
  guint errors;

  g_return_if_fail (GTK_IS_WIDGET (parent) && SLIP_IS_DEFINITION_DRAFT (draft));

  errors = slip_definition_draft_count (draft, SLIP_SEVERITY_ERROR);
  /* A button that is pressed by key clicks a moment later: by then it may be another draft's. */
  if (slip_definition_draft_is_empty (draft))
    return;
  if (errors > 0)
    ask (parent, draft, errors);
  else
    slip_definition_draft_save (draft);
}
