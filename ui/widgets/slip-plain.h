/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Texts that come from AWS, from files or from people, for widgets that take theirs as markup. */

/**
 * slip_plain_set_description:
 * @page: a status page
 * @text: (nullable): what it says, not markup
 */
void slip_plain_set_description (AdwStatusPage *page, const char *text);

/**
 * slip_plain_set_group:
 * @group: a group of rows
 * @title: (nullable): its title, not markup; %NULL leaves it as it is
 * @description: (nullable): what stands below, not markup; %NULL leaves it as it is
 */
void slip_plain_set_group (AdwPreferencesGroup *group, const char *title, const char *description);

G_END_DECLS
