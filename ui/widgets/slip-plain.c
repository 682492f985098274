/* SPDX-License-Identifier: MIT */

/* An error text with an `&` in it must not leave an empty page behind, and nobody else's `<b>` may be
 * drawn as ours. */

#include "config.h"

#include "slip-plain.h"

void
slip_plain_set_description (AdwStatusPage *page, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text != NULL ? text : "", -1);

  g_return_if_fail (ADW_IS_STATUS_PAGE (page));
  adw_status_page_set_description (page, text != NULL ? escaped : NULL);
}

void
slip_plain_set_group (AdwPreferencesGroup *group, const char *title, const char *description)
{
  g_autofree char *escaped_title = g_markup_escape_text (title != NULL ? title : "", -1);
  g_autofree char *escaped = g_markup_escape_text (description != NULL ? description : "", -1);

  g_return_if_fail (ADW_IS_PREFERENCES_GROUP (group));
  if (title != NULL)
    adw_preferences_group_set_title (group, escaped_title);
  if (description != NULL)
    adw_preferences_group_set_description (group, escaped);
}
