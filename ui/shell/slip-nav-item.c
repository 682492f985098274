/* SPDX-License-Identifier: MIT */

/* One row of the navigator: an environment, a kind of list below it, or a page of its own. */

#include "config.h"

#include "slip-nav-item.h"

struct _SlipNavItem
{
  GObject parent_instance;

  char *page_id;
  char *title;
  char *icon;
  char *badge;
  GListStore *children; /* owned; NULL for a leaf */
  gboolean is_protected;
};

G_DEFINE_FINAL_TYPE (SlipNavItem, slip_nav_item, G_TYPE_OBJECT)

typedef enum
{
  PROP_TITLE = 1,
  PROP_BADGE,
} SlipNavItemProp;

static GParamSpec *properties[PROP_BADGE + 1];

static void
slip_nav_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SlipNavItem *self = SLIP_NAV_ITEM (object);

  switch ((SlipNavItemProp)prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_BADGE:
      g_value_set_string (value, self->badge);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_nav_item_finalize (GObject *object)
{
  SlipNavItem *self = SLIP_NAV_ITEM (object);

  g_free (self->page_id);
  g_free (self->title);
  g_free (self->icon);
  g_free (self->badge);
  g_clear_object (&self->children);
  G_OBJECT_CLASS (slip_nav_item_parent_class)->finalize (object);
}

static void
slip_nav_item_class_init (SlipNavItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = slip_nav_item_get_property;
  object_class->finalize = slip_nav_item_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_BADGE] = g_param_spec_string ("badge", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
slip_nav_item_init (SlipNavItem *self)
{
}

SlipNavItem *
slip_nav_item_new (const char *page_id, const char *title, const char *icon, gboolean is_protected)
{
  SlipNavItem *self = g_object_new (SLIP_TYPE_NAV_ITEM, NULL);

  self->page_id = g_strdup (page_id);
  self->title = g_strdup (title);
  self->icon = g_strdup (icon);
  self->is_protected = is_protected;
  return self;
}

const char *
slip_nav_item_get_page_id (SlipNavItem *self)
{
  g_return_val_if_fail (SLIP_IS_NAV_ITEM (self), NULL);
  return self->page_id;
}

const char *
slip_nav_item_get_title (SlipNavItem *self)
{
  g_return_val_if_fail (SLIP_IS_NAV_ITEM (self), NULL);
  return self->title;
}

const char *
slip_nav_item_get_icon (SlipNavItem *self)
{
  g_return_val_if_fail (SLIP_IS_NAV_ITEM (self), NULL);
  return self->icon;
}

gboolean
slip_nav_item_is_protected (SlipNavItem *self)
{
  g_return_val_if_fail (SLIP_IS_NAV_ITEM (self), FALSE);
  return self->is_protected;
}

const char *
slip_nav_item_get_badge (SlipNavItem *self)
{
  g_return_val_if_fail (SLIP_IS_NAV_ITEM (self), NULL);
  return self->badge;
}

void
slip_nav_item_set_badge (SlipNavItem *self, const char *badge)
{
  g_return_if_fail (SLIP_IS_NAV_ITEM (self));
  if (g_strcmp0 (self->badge, badge) == 0)
    return;
  g_free (self->badge);
  self->badge = g_strdup (badge);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BADGE]);
}

GListModel *
slip_nav_item_get_children (SlipNavItem *self)
{
  g_return_val_if_fail (SLIP_IS_NAV_ITEM (self), NULL);
  return self->children != NULL ? G_LIST_MODEL (self->children) : NULL;
}

void
slip_nav_item_append (SlipNavItem *self, SlipNavItem *child)
{
  g_return_if_fail (SLIP_IS_NAV_ITEM (self) && SLIP_IS_NAV_ITEM (child));
  if (self->children == NULL)
    self->children = g_list_store_new (SLIP_TYPE_NAV_ITEM);
  g_list_store_append (self->children, child);
}
