/* SPDX-License-Identifier: MIT */

/* The session's remaining time in the header bar. Asks the environment's client, which never blocks
 * for that, every five seconds; nothing else in the window counts time. */

#include "config.h"

#include "slip-session.h"

#include <glib/gi18n.h>

#include "slip-status.h"
#include "slip-tip.h"

#define WARN_BELOW_S (15 * 60)
#define INTERVAL_S 5

struct _SlipSession
{
  AdwBin parent_instance;

  SlipStatus *status;
  SlipEnvironment *environment; /* owned */
  guint source;
};

G_DEFINE_FINAL_TYPE (SlipSession, slip_session, ADW_TYPE_BIN)

char *
slip_session_dup_text (const char *role, gboolean refused, gint64 expiration_us, gint64 now_us)
{
  gint64 seconds = (expiration_us - now_us) / G_USEC_PER_SEC;
  const char *name = role != NULL ? role : _ ("Session");

  if (refused)
    return g_strdup_printf (_ ("%s: session refused"), name);
  if (seconds <= 0)
    return g_strdup_printf (_ ("%s: session ended"), name);
  return g_strdup_printf (_ ("%s %d:%02d left"), name, (int)(seconds / 3600),
                          (int)(seconds % 3600 / 60));
}

/* 0 when there is nothing to tell of a session. */
static gint64
get_expiration (SlipSession *self, gboolean *refused)
{
  g_autoptr (SlipAwsClient) client = NULL;
  g_autoptr (SlipAwsProvider) provider = NULL;

  if (self->environment == NULL)
    return 0;
  client = slip_environment_peek_client (self->environment);
  if (client == NULL)
    return 0;
  provider = slip_aws_client_ref_provider (client);
  *refused = slip_aws_provider_is_refused (provider);
  return slip_aws_provider_get_expiration (provider);
}

static gboolean
update_cb (gpointer data)
{
  SlipSession *self = data;
  gint64 now = g_get_real_time ();
  gboolean refused = FALSE;
  gint64 expiration = get_expiration (self, &refused);
  g_autofree char *text = NULL;
  SlipTone tone = SLIP_TONE_NEUTRAL;

  gtk_widget_set_visible (GTK_WIDGET (self), refused || expiration != 0);
  if (!refused && expiration == 0)
    return G_SOURCE_CONTINUE;

  text = slip_session_dup_text (slip_environment_get_role (self->environment), refused, expiration,
                                now);
  if (refused || expiration <= now)
    tone = SLIP_TONE_BAD;
  else if (expiration - now < WARN_BELOW_S * G_USEC_PER_SEC)
    tone = SLIP_TONE_WARNING;
  slip_status_set (self->status, tone, text);
  slip_tip_set (GTK_WIDGET (self),
                refused ? _ ("AWS refuses the credentials of this environment. Sign in "
                             "again where they come from, then refresh")
                        : _ ("How long the credentials of this environment still last"));
  return G_SOURCE_CONTINUE;
}

static void
slip_session_dispose (GObject *object)
{
  SlipSession *self = SLIP_SESSION (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->environment);
  G_OBJECT_CLASS (slip_session_parent_class)->dispose (object);
}

static void
slip_session_class_init (SlipSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_session_dispose;
}

static void
slip_session_init (SlipSession *self)
{
  self->status = SLIP_STATUS (slip_status_new ());
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->status));
  gtk_widget_add_css_class (GTK_WIDGET (self), "session");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  self->source = g_timeout_add_seconds (INTERVAL_S, update_cb, self);
}

void
slip_session_set_environment (SlipSession *self, SlipEnvironment *environment)
{
  g_return_if_fail (SLIP_IS_SESSION (self));
  g_set_object (&self->environment, environment);
  update_cb (self);
}
