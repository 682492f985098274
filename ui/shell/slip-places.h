/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * SlipPlaceFlags:
 * @SLIP_PLACE_IN_ENVIRONMENT: there is one for each environment, listed below it
 * @SLIP_PLACE_IN_NAVIGATOR: the navigator lists it
 * @SLIP_PLACE_IN_MIGRATION: there is one for each migration of the workspace, listed below it
 * @SLIP_PLACE_WITH_ITEMS: what follows the first slash is not another page but what this one shows
 */
typedef enum
{
  SLIP_PLACE_NONE = 0,
  SLIP_PLACE_IN_ENVIRONMENT = 1 << 0,
  SLIP_PLACE_IN_NAVIGATOR = 1 << 1,
  SLIP_PLACE_WITH_ITEMS = 1 << 2,
  SLIP_PLACE_IN_MIGRATION = 1 << 3,
} SlipPlaceFlags;

/**
 * SlipPlace:
 * @kind: the first part of a page id: `snapshots` in `snapshots/production`
 * @title: for people, to be translated with gettext()
 * @icon: a symbolic icon
 * @flags: where it appears
 * @create: makes the page; @argument is what follows the first slash of the page id
 *
 * A kind of page. A new kind is one more row of the table in slip-places.c.
 */
typedef struct _SlipPlace SlipPlace;
struct _SlipPlace
{
  const char *kind;
  const char *title;
  const char *icon;
  SlipPlaceFlags flags;
  SlipPage *(*create) (const SlipPlace *place, SlipWorkbench *workbench, const char *argument);
};

/**
 * slip_places_get:
 * @n_places: (out): how many
 *
 * Returns: (transfer none) (array length=n_places): all kinds of pages, in the navigator's order
 */
const SlipPlace *slip_places_get (guint *n_places);

/**
 * slip_places_find:
 * @page_id: a page id
 * @argument: (out) (optional): points behind its first slash, or at its end
 *
 * Returns: (transfer none) (nullable): the kind of page it names
 */
const SlipPlace *slip_places_find (const char *page_id, const char **argument);

G_END_DECLS
