/* SPDX-License-Identifier: MIT */

/* The audit log page. Entries come from the lazy list; what a person wants of the log (verify,
 * export) is an action, so that menus, keys and tests share one path. */

#include "config.h"

#include "slip-audit-page.h"

#include <glib/gi18n.h>

#include "slip-clock.h"
#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-entry-details.h"
#include "slip-entry-list.h"
#include "slip-export.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-run-chooser.h"
#include "slip-run-notes.h"
#include "slip-run-text.h"
#include "slip-task.h"

struct _SlipAuditPage
{
  SlipPage parent_instance;

  GtkSearchEntry *search;
  SlipRunChooser *run;
  GtkDropDown *kind;
  GtkWidget *verify;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  GtkColumnView *view;
  AdwStatusPage *empty;
  SlipStatus *verified;
  GtkLabel *count;

  SlipWorkbench *workbench;      /* owned */
  SlipEntryList *list;           /* owned */
  GtkSingleSelection *selection; /* owned */
  SlipEntryDetails *details;     /* owned; the page's details while an entry is selected */
};

G_DEFINE_FINAL_TYPE (SlipAuditPage, slip_audit_page, SLIP_TYPE_PAGE)

static const char *const kinds[] = {NULL, "run.*", "step.*", "step.intent", "guard.*"};

static const char *
get_member (gpointer item, const char *name)
{
  return slip_json_string (slip_entry_get_object (item), name);
}

static char *
text_seq (gpointer item)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, slip_entry_get_seq (item));
}

static char *
text_time (gpointer item)
{
  const char *text = get_member (item, "time");
  gint64 time = 0;

  if (text == NULL || !slip_time_parse (text, &time))
    return g_strdup (text);
  return slip_format_exact_time (time);
}

static char *
text_kind (gpointer item)
{
  return g_strdup (slip_run_kind_title (get_member (item, "kind")));
}

static SlipTone
tone_kind (gpointer item)
{
  const char *outcome = get_member (item, "outcome");
  const char *effect = get_member (item, "effect");
  g_autofree char *notes = slip_run_notes_dup_entry (slip_entry_get_object (item));

  if (g_strcmp0 (outcome, "failed") == 0 || g_strcmp0 (outcome, "block") == 0)
    return SLIP_TONE_BAD;
  if (g_strcmp0 (outcome, "unknown") == 0 || g_strcmp0 (outcome, "unprovable") == 0)
    return SLIP_TONE_UNKNOWN;
  if (notes != NULL)
    return SLIP_TONE_WARNING;
  if (outcome != NULL)
    return SLIP_TONE_GOOD;
  if (g_strcmp0 (effect, "change") == 0 || g_strcmp0 (effect, "final") == 0)
    return SLIP_TONE_WARNING;
  return SLIP_TONE_NEUTRAL;
}

/* Which guard, before which step: there may be a dozen of them in a row. */
static char *
text_guard (JsonObject *data, const char *step)
{
  const char *title = slip_json_string (data, "title");

  return g_strdup_printf ("%s%s%s", title != NULL ? title : slip_json_string (data, "guard"),
                          step != NULL ? " · " : "", step != NULL ? step : "");
}

static char *
text_what (gpointer item)
{
  JsonObject *data = slip_json_object (slip_entry_get_object (item), "data");
  const char *message = data != NULL ? slip_json_string (data, "message") : NULL;
  const char *step = get_member (item, "step");
  const char *operation = get_member (item, "operation");
  const char *detail = data != NULL ? slip_json_string (data, "detail") : NULL;
  g_autoptr (GString) text = g_string_new (step);
  g_autofree char *notes = slip_run_notes_dup_entry (slip_entry_get_object (item));

  if (data != NULL && slip_json_string (data, "guard") != NULL)
    return text_guard (data, step);
  if (notes != NULL)
    return g_strdelimit (g_steal_pointer (&notes), "\n", ' ');
  if (operation != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", operation);
  if (detail != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", detail);
  if (text->len == 0 && data != NULL && slip_json_string (data, "title") != NULL)
    g_string_append (text, slip_json_string (data, "title"));
  if (text->len == 0 && (message != NULL || get_member (item, "outcome") != NULL))
    g_string_append (text, message != NULL ? message : get_member (item, "outcome"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
text_where (gpointer item)
{
  const char *environment = get_member (item, "environment");
  const char *region = get_member (item, "region");

  if (environment == NULL || region == NULL)
    return g_strdup (environment != NULL ? environment : region);
  return g_strdup_printf ("%s · %s", environment, region);
}

static char *
text_who (gpointer item)
{
  JsonObject *actor = slip_json_object (slip_entry_get_object (item), "actor");

  return g_strdup (actor != NULL ? slip_json_string (actor, "user") : NULL);
}

static const SlipColumn columns[] = {
    {N_ ("#"), FALSE, 4, TRUE, text_seq, NULL, NULL},
    {N_ ("Time"), FALSE, 25, FALSE, text_time, NULL, NULL},
    {N_ ("Kind"), FALSE, 12, FALSE, text_kind, tone_kind, NULL},
    {N_ ("What"), TRUE, 18, FALSE, text_what, NULL, NULL},
    {N_ ("Where"), FALSE, 12, FALSE, text_where, NULL, NULL},
    {N_ ("Who"), FALSE, 5, FALSE, text_who, NULL, NULL},
};

/* What the first column takes. */
#define NUMBER 54

static void
list_changed_cb (SlipAuditPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  gboolean complete = slip_entry_list_is_complete (self->list);
  const char *message = slip_entry_list_get_message (self->list);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  gboolean filtered = text[0] != '\0' || gtk_drop_down_get_selected (self->kind) > 0
                      || slip_run_chooser_get_run (self->run) != NULL;
  g_autofree char *count = NULL;

  if (message != NULL)
    count = g_strdup (message);
  else if (slip_entry_list_is_loading (self->list))
    count = g_strdup_printf (_ ("%u entries, reading…"), n);
  else if (complete && filtered)
    count = g_strdup_printf (ngettext ("%u entry matches", "%u entries match", n), n);
  else if (filtered)
    count = g_strdup_printf (_ ("newest %u entries that match, older ones on scrolling down"), n);
  else if (complete)
    count = g_strdup_printf (ngettext ("%u entry, all shown", "%u entries, all shown", n), n);
  else
    count = g_strdup_printf (_ ("newest %u entries, older ones on scrolling down"), n);
  gtk_label_set_label (self->count, count);
  adw_status_page_set_title (self->empty,
                             filtered ? _ ("Nothing matches") : _ ("The audit log is empty"));
  gtk_stack_set_visible_child_name (
      self->stack, n == 0 && !slip_entry_list_is_loading (self->list) ? "empty" : "list");
}

static void
filter_changed_cb (SlipAuditPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->kind);

  if (self->list != NULL)
    slip_entry_list_set_filter (self->list, slip_run_chooser_get_run (self->run),
                                selected < G_N_ELEMENTS (kinds) ? kinds[selected] : NULL,
                                gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
edge_reached_cb (SlipAuditPage *self, GtkPositionType position)
{
  if (position == GTK_POS_BOTTOM)
    slip_entry_list_load_more (self->list);
}

static void
scrolled_cb (SlipAuditPage *self, GtkAdjustment *adjustment)
{
  double left = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment)
                - gtk_adjustment_get_value (adjustment);

  /* A page ahead, so that scrolling does not run into the end. */
  if (left < gtk_adjustment_get_page_size (adjustment))
    slip_entry_list_load_more (self->list);
}

static void
appended_cb (SlipAuditPage *self)
{
  slip_entry_list_load_new (self->list);
}

static void
selected_cb (SlipAuditPage *self)
{
  SlipEntry *entry = gtk_single_selection_get_selected_item (self->selection);

  slip_entry_details_set_entry (self->details, entry);
  slip_page_set_details (SLIP_PAGE (self), entry != NULL ? GTK_WIDGET (self->details) : NULL);
}

typedef struct
{
  SlipLedger *ledger;
  gint64 entries;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  g_object_unref (check->ledger);
  g_free (check);
}

static gboolean
check_ledger (SlipJob *job, gpointer data, GError **error)
{
  Check *check = data;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  return slip_ledger_check (check->ledger, cancellable, &check->entries, error);
}

static void
checked_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipAuditPage *self = owner;
  Check *check = data;
  g_autofree char *clock = slip_format_clock (g_get_real_time ());
  g_autofree char *text = NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "audit.verify", TRUE);
  if (error != NULL)
    {
      slip_status_set (self->verified, SLIP_TONE_BAD, error->message);
      return;
    }
  text = g_strdup_printf (ngettext ("%u entry verified at %s: nothing was changed or removed",
                                    "%u entries verified at %s: nothing was changed or removed",
                                    (gulong)check->entries),
                          (guint)check->entries, clock);
  slip_status_set (self->verified, SLIP_TONE_GOOD, text);
}

static void
verify_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipAuditPage *self = SLIP_AUDIT_PAGE (widget);
  Check *check = g_new0 (Check, 1);
  g_autoptr (SlipJob) job = NULL;

  check->ledger = g_object_ref (slip_workbench_get_ledger (self->workbench));
  gtk_widget_action_set_enabled (widget, "audit.verify", FALSE);
  slip_status_set (self->verified, SLIP_TONE_BUSY, _ ("Verifying…"));
  job = slip_task_run (self, slip_pool_get_default (), _ ("Verifying the audit log"), check_ledger,
                       checked_cb, check, check_free);
  slip_workbench_add_job (self->workbench, job);
}

static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipAuditPage *self = SLIP_AUDIT_PAGE (widget);
  SlipLedgerFormat format;

  if (slip_ledger_format_parse (g_variant_get_string (parameter, NULL), &format))
    slip_export_ask (widget, self->workbench, NULL, format);
}

static void
verify_file_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  slip_export_verify_ask (widget, SLIP_AUDIT_PAGE (widget)->workbench);
}

static void
open_run_cb (SlipAuditPage *self, const char *page_id)
{
  slip_page_open (SLIP_PAGE (self), page_id);
}

static void
slip_audit_page_refresh (SlipPage *page)
{
  slip_entry_list_load_new (SLIP_AUDIT_PAGE (page)->list);
}

/* A run is what is shown of a log. */
static void
slip_audit_page_reveal (SlipPage *page, const char *item)
{
  SlipAuditPage *self = SLIP_AUDIT_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_drop_down_set_selected (self->kind, 0);
  slip_run_chooser_choose (self->run, item);
}

static void
slip_audit_page_start_filter (SlipPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (SLIP_AUDIT_PAGE (page)->search));
}

static void
slip_audit_page_dispose (GObject *object)
{
  SlipAuditPage *self = SLIP_AUDIT_PAGE (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->details);
  g_clear_object (&self->list);
  g_clear_object (&self->workbench);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_AUDIT_PAGE);
  G_OBJECT_CLASS (slip_audit_page_parent_class)->dispose (object);
}

static void
slip_audit_page_class_init (SlipAuditPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_audit_page_dispose;
  SLIP_PAGE_CLASS (klass)->refresh = slip_audit_page_refresh;
  SLIP_PAGE_CLASS (klass)->reveal = slip_audit_page_reveal;
  SLIP_PAGE_CLASS (klass)->start_filter = slip_audit_page_start_filter;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/ledger/slip-audit-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, search);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, run);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, kind);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, verify);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, view);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, empty);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, verified);
  gtk_widget_class_bind_template_child (widget_class, SlipAuditPage, count);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_install_action (widget_class, "audit.verify", NULL, verify_action);
  gtk_widget_class_install_action (widget_class, "audit.export", "s", export_action);
  gtk_widget_class_install_action (widget_class, "audit.verify-file", NULL, verify_file_action);
}

static void
slip_audit_page_init (SlipAuditPage *self)
{
  g_type_ensure (SLIP_TYPE_RUN_CHOOSER);
  gtk_widget_init_template (GTK_WIDGET (self));
  slip_columns_add (self->view, columns, G_N_ELEMENTS (columns));
  slip_column_room_add (self->view, NUMBER);
  slip_status_set_lines (self->verified, 20, 3);
  slip_status_set (self->verified, SLIP_TONE_NEUTRAL, _ ("Not verified in this session"));
}

SlipPage *
slip_audit_page_new (SlipWorkbench *workbench)
{
  SlipAuditPage *self = g_object_new (SLIP_TYPE_AUDIT_PAGE, NULL);

  self->workbench = g_object_ref (workbench);
  self->list = slip_entry_list_new (slip_workbench_get_ledger (workbench));
  slip_run_chooser_set_runs (self->run, slip_workbench_get_runs (workbench));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->list)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  self->details = SLIP_ENTRY_DETAILS (g_object_ref_sink (slip_entry_details_new ()));

  g_signal_connect_object (self->details, "open", G_CALLBACK (open_run_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "notify::loading", G_CALLBACK (list_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "runs-changed", G_CALLBACK (appended_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->scroller, "edge-reached", G_CALLBACK (edge_reached_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "value-changed",
                           G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  list_changed_cb (self);
  return SLIP_PAGE (self);
}
