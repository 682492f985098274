/* SPDX-License-Identifier: MIT */

/* An environment at a glance. The identity is asked of AWS, on a worker, when the page is made and when
 * it is refreshed: the name of a profile proves nothing. */

#include "config.h"

#include "slip-environment-page.h"

#include <glib/gi18n.h>

#include "slip-aws-identity.h"
#include "slip-format.h"
#include "slip-status.h"
#include "slip-task.h"

struct _SlipEnvironmentPage
{
  SlipPage parent_instance;

  SlipEnvironment *environment; /* owned */
  SlipStatus *identity;
  AdwActionRow *identity_row;
};

G_DEFINE_FINAL_TYPE (SlipEnvironmentPage, slip_environment_page, SLIP_TYPE_PAGE)

typedef struct
{
  SlipEnvironment *environment;
  char *arn;
} Lookup;

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;

  g_object_unref (lookup->environment);
  g_free (lookup->arn);
  g_free (lookup);
}

static gboolean
ask_identity (SlipJob *job, gpointer data, GError **error)
{
  Lookup *lookup = data;
  g_autoptr (SlipAwsClient) client = slip_environment_ref_client (lookup->environment, error);
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autoptr (SlipAwsIdentity) identity = NULL;

  if (client == NULL)
    return FALSE;
  identity = slip_aws_identity_get (client, cancellable, error);
  if (identity == NULL)
    return FALSE;
  lookup->arn = g_strdup (identity->arn);
  return slip_aws_identity_matches (identity, slip_environment_get_account (lookup->environment),
                                    slip_environment_get_role (lookup->environment), error);
}

static void
identity_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipEnvironmentPage *self = owner;
  Lookup *lookup = data;
  g_autofree char *subtitle
      = g_markup_escape_text (error != NULL ? error->message : lookup->arn, -1);

  slip_status_set (self->identity, error != NULL ? SLIP_TONE_BAD : SLIP_TONE_GOOD,
                   error != NULL ? _ ("not as it must be") : _ ("as it must be"));
  adw_action_row_set_subtitle (self->identity_row, subtitle);
}

static void
slip_environment_page_refresh (SlipPage *page)
{
  SlipEnvironmentPage *self = SLIP_ENVIRONMENT_PAGE (page);
  Lookup *lookup = g_new0 (Lookup, 1);
  g_autoptr (SlipJob) job = NULL;

  lookup->environment = g_object_ref (self->environment);
  slip_status_set (self->identity, SLIP_TONE_BUSY, _ ("asking"));
  job = slip_task_run (self, slip_pool_get_io (), _ ("Asking AWS who we are"), ask_identity,
                       identity_cb, lookup, lookup_free);
}

static GtkWidget *
new_row (const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *escaped = g_markup_escape_text (text != NULL ? text : "–", -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), escaped);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static AdwPreferencesGroup *
new_account_group (SlipEnvironmentPage *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  g_autofree char *account = slip_format_account (slip_environment_get_account (self->environment));
  g_autofree char *regions
      = g_strjoinv (", ", (char **)slip_environment_get_regions (self->environment));

  adw_preferences_group_set_title (group, _ ("Account"));
  adw_preferences_group_add (group, new_row (_ ("Account"), account));
  adw_preferences_group_add (group,
                             new_row (_ ("Alias"), slip_environment_get_alias (self->environment)));
  adw_preferences_group_add (group, new_row (_ ("Regions"), regions));
  adw_preferences_group_add (
      group, new_row (_ ("Protection"), slip_environment_is_protected (self->environment)
                                            ? _ ("Protected: its name must be typed to approve")
                                            : _ ("Not protected")));
  if (slip_environment_get_endpoint_url (self->environment) != NULL)
    adw_preferences_group_add (
        group, new_row (_ ("Endpoint"), slip_environment_get_endpoint_url (self->environment)));
  return group;
}

static AdwPreferencesGroup *
new_session_group (SlipEnvironmentPage *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, _ ("Session"));
  adw_preferences_group_add (
      group, new_row (_ ("Profile"), slip_environment_get_profile (self->environment)));
  adw_preferences_group_add (
      group, new_row (_ ("Role it must have"), slip_environment_get_role (self->environment)));
  self->identity_row = ADW_ACTION_ROW (new_row (_ ("Identity"), _ ("Asking AWS…")));
  self->identity = SLIP_STATUS (slip_status_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->identity), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (self->identity_row, GTK_WIDGET (self->identity));
  adw_preferences_group_add (group, GTK_WIDGET (self->identity_row));
  return group;
}

static void
slip_environment_page_dispose (GObject *object)
{
  g_clear_object (&SLIP_ENVIRONMENT_PAGE (object)->environment);
  G_OBJECT_CLASS (slip_environment_page_parent_class)->dispose (object);
}

static void
slip_environment_page_class_init (SlipEnvironmentPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_environment_page_dispose;
  SLIP_PAGE_CLASS (klass)->refresh = slip_environment_page_refresh;
}

static void
slip_environment_page_init (SlipEnvironmentPage *self)
{
}

SlipPage *
slip_environment_page_new (SlipWorkbench *workbench, SlipEnvironment *environment)
{
  SlipEnvironmentPage *self = g_object_new (SLIP_TYPE_ENVIRONMENT_PAGE, NULL);
  GtkWidget *page = adw_preferences_page_new ();

  self->environment = g_object_ref (environment);
  slip_page_set_title (SLIP_PAGE (self), _ ("Overview"));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), new_account_group (self));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), new_session_group (self));
  adw_bin_set_child (ADW_BIN (self), page);
  slip_environment_page_refresh (SLIP_PAGE (self));
  return SLIP_PAGE (self);
}
