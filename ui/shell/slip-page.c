/* SPDX-License-Identifier: MIT */

/* The common base of everything the window's centre shows. It knows nothing of the window: pages
 * announce what they are by properties, and ask for another page by the `open` signal. */

#include "config.h"

#include "slip-page.h"

typedef struct
{
  char *title;
  char *subtitle;
  char *environment_name;
  GtkWidget *details; /* owned; the window shows it beside the page */
} SlipPagePrivate;

G_DEFINE_TYPE_WITH_PRIVATE (SlipPage, slip_page, ADW_TYPE_BIN)

typedef enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_ENVIRONMENT_NAME,
  PROP_DETAILS,
} SlipPageProp;

static GParamSpec *properties[PROP_DETAILS + 1];
static guint signal_open;
static guint signal_close;

static void
set_text (SlipPage *self, char **field, const char *text, SlipPageProp prop)
{
  if (g_strcmp0 (*field, text) == 0)
    return;

  g_free (*field);
  *field = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
slip_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SlipPage *self = SLIP_PAGE (object);
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  switch ((SlipPageProp)prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, priv->title);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, priv->subtitle);
      break;
    case PROP_ENVIRONMENT_NAME:
      g_value_set_string (value, priv->environment_name);
      break;
    case PROP_DETAILS:
      g_value_set_object (value, priv->details);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_page_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  SlipPage *self = SLIP_PAGE (object);

  switch ((SlipPageProp)prop_id)
    {
    case PROP_TITLE:
      slip_page_set_title (self, g_value_get_string (value));
      break;
    case PROP_SUBTITLE:
      slip_page_set_subtitle (self, g_value_get_string (value));
      break;
    case PROP_ENVIRONMENT_NAME:
      slip_page_set_environment_name (self, g_value_get_string (value));
      break;
    case PROP_DETAILS:
      slip_page_set_details (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_page_dispose (GObject *object)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (SLIP_PAGE (object));

  g_clear_object (&priv->details);
  G_OBJECT_CLASS (slip_page_parent_class)->dispose (object);
}

static void
slip_page_finalize (GObject *object)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (SLIP_PAGE (object));

  g_free (priv->title);
  g_free (priv->subtitle);
  g_free (priv->environment_name);
  G_OBJECT_CLASS (slip_page_parent_class)->finalize (object);
}

static void
slip_page_class_init (SlipPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = slip_page_get_property;
  object_class->set_property = slip_page_set_property;
  object_class->dispose = slip_page_dispose;
  object_class->finalize = slip_page_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  properties[PROP_ENVIRONMENT_NAME]
      = g_param_spec_string ("environment-name", NULL, NULL, NULL, flags);
  properties[PROP_DETAILS] = g_param_spec_object ("details", NULL, NULL, GTK_TYPE_WIDGET, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signal_open = g_signal_new ("open", SLIP_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
  signal_close = g_signal_new ("close", SLIP_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
slip_page_init (SlipPage *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

const char *
slip_page_get_title (SlipPage *self)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_val_if_fail (SLIP_IS_PAGE (self), NULL);
  return priv->title;
}

void
slip_page_set_title (SlipPage *self, const char *title)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_if_fail (SLIP_IS_PAGE (self));
  set_text (self, &priv->title, title, PROP_TITLE);
}

const char *
slip_page_get_subtitle (SlipPage *self)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_val_if_fail (SLIP_IS_PAGE (self), NULL);
  return priv->subtitle;
}

void
slip_page_set_subtitle (SlipPage *self, const char *subtitle)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_if_fail (SLIP_IS_PAGE (self));
  set_text (self, &priv->subtitle, subtitle, PROP_SUBTITLE);
}

const char *
slip_page_get_environment_name (SlipPage *self)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_val_if_fail (SLIP_IS_PAGE (self), NULL);
  return priv->environment_name;
}

void
slip_page_set_environment_name (SlipPage *self, const char *name)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_if_fail (SLIP_IS_PAGE (self));
  set_text (self, &priv->environment_name, name, PROP_ENVIRONMENT_NAME);
}

GtkWidget *
slip_page_get_details (SlipPage *self)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_val_if_fail (SLIP_IS_PAGE (self), NULL);
  return priv->details;
}

void
slip_page_set_details (SlipPage *self, GtkWidget *details)
{
  SlipPagePrivate *priv = slip_page_get_instance_private (self);

  g_return_if_fail (SLIP_IS_PAGE (self));
  if (priv->details == details)
    return;

  g_clear_object (&priv->details);
  if (details != NULL)
    priv->details = g_object_ref_sink (details);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAILS]);
}

void
slip_page_open (SlipPage *self, const char *page_id)
{
  g_return_if_fail (SLIP_IS_PAGE (self));
  g_return_if_fail (page_id != NULL);
  g_signal_emit (self, signal_open, 0, page_id);
}

void
slip_page_close (SlipPage *self)
{
  g_return_if_fail (SLIP_IS_PAGE (self));
  g_signal_emit (self, signal_close, 0);
}

void
slip_page_refresh (SlipPage *self)
{
  g_return_if_fail (SLIP_IS_PAGE (self));
  if (SLIP_PAGE_GET_CLASS (self)->refresh != NULL)
    SLIP_PAGE_GET_CLASS (self)->refresh (self);
}

void
slip_page_start_filter (SlipPage *self)
{
  g_return_if_fail (SLIP_IS_PAGE (self));
  if (SLIP_PAGE_GET_CLASS (self)->start_filter != NULL)
    SLIP_PAGE_GET_CLASS (self)->start_filter (self);
}

gboolean
slip_page_escape (SlipPage *self)
{
  g_return_val_if_fail (SLIP_IS_PAGE (self), FALSE);
  if (SLIP_PAGE_GET_CLASS (self)->escape != NULL)
    return SLIP_PAGE_GET_CLASS (self)->escape (self);
  return FALSE;
}

void
slip_page_reveal (SlipPage *self, const char *item)
{
  g_return_if_fail (SLIP_IS_PAGE (self));
  if (SLIP_PAGE_GET_CLASS (self)->reveal != NULL)
    SLIP_PAGE_GET_CLASS (self)->reveal (self, item);
}
