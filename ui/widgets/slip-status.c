/* SPDX-License-Identifier: MIT */

/* A status as icon and word, cheap enough for every row of a long list: setting the same status again
 * does nothing, and a cell of fixed width has an inscription, which is measured without laying out its
 * text. */

#include "config.h"

#include "slip-status.h"

#include "slip-cell.h"
#include "slip-tip.h"

struct _SlipStatus
{
  GtkWidget parent_instance;

  GtkWidget *icon;
  GtkWidget *label;
  SlipTone tone;
  gboolean is_cell;
};

typedef enum
{
  PROP_IS_CELL = 1,
  N_PROPS
} SlipStatusProp;

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SlipStatus, slip_status, GTK_TYPE_WIDGET)

static const struct
{
  const char *icon;
  const char *css_class;
} tones[] = {
    [SLIP_TONE_NEUTRAL] = {"slip-pending-symbolic", "tone-neutral"},
    [SLIP_TONE_GOOD] = {"slip-ok-symbolic", "tone-good"},
    [SLIP_TONE_BUSY] = {"slip-pending-symbolic", "tone-busy"},
    [SLIP_TONE_WARNING] = {"slip-warn-symbolic", "tone-warning"},
    [SLIP_TONE_BAD] = {"slip-fail-symbolic", "tone-bad"},
    [SLIP_TONE_STOPPED] = {"slip-stopped-symbolic", "tone-stopped"},
    [SLIP_TONE_UNKNOWN] = {"slip-unknown-symbolic", "tone-unknown"},
};

static void
slip_status_dispose (GObject *object)
{
  SlipStatus *self = SLIP_STATUS (object);

  g_clear_pointer (&self->icon, gtk_widget_unparent);
  g_clear_pointer (&self->label, gtk_widget_unparent);
  G_OBJECT_CLASS (slip_status_parent_class)->dispose (object);
}

static void
slip_status_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  SlipStatus *self = SLIP_STATUS (object);

  switch ((SlipStatusProp)prop_id)
    {
    case PROP_IS_CELL:
      self->is_cell = g_value_get_boolean (value);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_status_constructed (GObject *object)
{
  SlipStatus *self = SLIP_STATUS (object);

  self->icon = gtk_image_new_from_icon_name (tones[SLIP_TONE_NEUTRAL].icon);
  gtk_widget_set_parent (self->icon, GTK_WIDGET (self));
  self->label = self->is_cell ? slip_cell_new () : gtk_label_new (NULL);
  if (!self->is_cell)
    gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_widget_set_hexpand (self->label, TRUE);
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), tones[SLIP_TONE_NEUTRAL].css_class);
  G_OBJECT_CLASS (slip_status_parent_class)->constructed (object);
}

static void
slip_status_class_init (SlipStatusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = slip_status_constructed;
  object_class->dispose = slip_status_dispose;
  object_class->set_property = slip_status_set_property;
  properties[PROP_IS_CELL]
      = g_param_spec_boolean ("is-cell", NULL, NULL, FALSE,
                              G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "status");
}

static void
slip_status_init (SlipStatus *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
}

GtkWidget *
slip_status_new (void)
{
  return g_object_new (SLIP_TYPE_STATUS, NULL);
}

GtkWidget *
slip_status_new_cell (int chars, int natural_chars)
{
  SlipStatus *self = g_object_new (SLIP_TYPE_STATUS, "is-cell", TRUE, NULL);

  slip_cell_set_chars (self->label, chars, natural_chars);
  slip_cell_set_tooltip (self->label);
  return GTK_WIDGET (self);
}

void
slip_status_set_chars (SlipStatus *self, int chars, int natural_chars)
{
  g_return_if_fail (SLIP_IS_STATUS (self) && self->is_cell);
  slip_cell_set_chars (self->label, chars, natural_chars);
}

void
slip_status_set (SlipStatus *self, SlipTone tone, const char *text)
{
  g_return_if_fail (SLIP_IS_STATUS (self));
  g_return_if_fail ((guint)tone < G_N_ELEMENTS (tones));

  if (self->tone != tone)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self), tones[self->tone].css_class);
      gtk_widget_add_css_class (GTK_WIDGET (self), tones[tone].css_class);
      gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), tones[tone].icon);
      self->tone = tone;
    }
  gtk_widget_set_visible (self->icon, text != NULL && text[0] != '\0');
  if (self->is_cell)
    slip_cell_set_text (self->label, text);
  else
    gtk_label_set_label (GTK_LABEL (self->label), text != NULL ? text : "");
}

const char *
slip_status_get_text (SlipStatus *self)
{
  g_return_val_if_fail (SLIP_IS_STATUS (self), NULL);
  return self->is_cell ? gtk_inscription_get_text (GTK_INSCRIPTION (self->label))
                       : gtk_label_get_label (GTK_LABEL (self->label));
}

void
slip_status_set_width_chars (SlipStatus *self, int chars)
{
  g_return_if_fail (SLIP_IS_STATUS (self) && !self->is_cell);
  gtk_label_set_width_chars (GTK_LABEL (self->label), chars);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_END);
  slip_tip_follow_label (GTK_LABEL (self->label));
}

void
slip_status_set_lines (SlipStatus *self, int chars, int lines)
{
  g_return_if_fail (SLIP_IS_STATUS (self) && !self->is_cell);
  slip_status_set_width_chars (self, chars);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (self->label), lines);
}

void
slip_status_set_wrap (SlipStatus *self, int max_chars)
{
  g_return_if_fail (SLIP_IS_STATUS (self) && !self->is_cell);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), max_chars);
}

SlipTone
slip_tone_of_aws_status (const char *status)
{
  static const char *const good[] = {"available", "active",  "shared",  "ACTIVE", "COMPLETED",
                                     "AVAILABLE", "RUNNING", "ENABLED", "OK",     NULL};
  static const char *const bad[] = {"failed",
                                    "migration-failed",
                                    "cloning-failed",
                                    "restore-error",
                                    "storage-full",
                                    "insufficient-capacity",
                                    "FAILED",
                                    "CREATE_FAILED",
                                    "UPDATE_FAILED",
                                    "START_FAILED",
                                    "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
                                    NULL};
  static const char *const warning[]
      = {"deleting", "promoting", "DELETING", "DRAINING", "PARTIAL", "EXPIRED", NULL};
  static const char *const bad_prefixes[] = {"inaccessible-encryption", "incompatible-", NULL};

  if (status == NULL || status[0] == '\0')
    return SLIP_TONE_NEUTRAL;
  if (g_strv_contains (good, status))
    return SLIP_TONE_GOOD;
  if (g_strv_contains (bad, status))
    return SLIP_TONE_BAD;
  for (guint i = 0; bad_prefixes[i] != NULL; i++)
    if (g_str_has_prefix (status, bad_prefixes[i]))
      return SLIP_TONE_BAD;
  if (g_str_equal (status, "stopped") || g_str_equal (status, "STOPPED")
      || g_str_equal (status, "INACTIVE"))
    return SLIP_TONE_STOPPED;
  if (g_strv_contains (warning, status))
    return SLIP_TONE_WARNING;
  return SLIP_TONE_BUSY;
}

const char *
slip_tone_get_icon (SlipTone tone)
{
  g_return_val_if_fail ((guint)tone < G_N_ELEMENTS (tones), NULL);
  return tones[tone].icon;
}

const char *
slip_tone_get_css_class (SlipTone tone)
{
  g_return_val_if_fail ((guint)tone < G_N_ELEMENTS (tones), NULL);
  return tones[tone].css_class;
}
