/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-list.h"
#include "slip-status.h"

G_BEGIN_DECLS

/**
 * SlipEstateLook:
 * @icon: a symbolic icon
 * @empty_title: a list without rows, to be translated
 * @empty_text: and why that may be, to be translated
 * @name_width: pixels that its names need; other columns come and go with what is left
 *
 * How a kind of list looks.
 */
typedef struct
{
  const char *icon;
  const char *empty_title;
  const char *empty_text;
  int name_width;
} SlipEstateLook;

const SlipEstateLook *slip_estate_kind_get_look (SlipEstateKind kind);
const char *slip_resource_kind_get_icon (SlipResourceKind kind);

/**
 * slip_resource_kind_get_title:
 *
 * Returns: what such a row is, translated
 */
const char *slip_resource_kind_get_title (SlipResourceKind kind);

/**
 * slip_resource_get_tone:
 *
 * Returns: what the status of a row means: a task that stopped by itself with 0 did not fail
 */
SlipTone slip_resource_get_tone (SlipResource *resource);

/**
 * slip_resource_dup_lock:
 * @resource: a Terraform root
 *
 * Returns: (transfer full) (nullable): who holds its lock, since when and for what; %NULL when nobody
 */
char *slip_resource_dup_lock (SlipResource *resource);

/**
 * slip_resource_dup_loss:
 * @resource: anything
 * @now_us: the present
 *
 * Returns: (transfer full) (nullable): of what can be restored: which data a restore brings back, and how
 *   much time's writing is lost
 */
char *slip_resource_dup_loss (SlipResource *resource, gint64 now_us);

G_END_DECLS
