/* SPDX-License-Identifier: MIT */

/* What must be registered before the first widget is made. */

#include "config.h"

#include "slip-ui.h"

#include <adwaita.h>

#include "slip-activity.h"
#include "slip-approve-dialog.h"
#include "slip-audit-page.h"
#include "slip-authorise.h"
#include "slip-estate-page.h"
#include "slip-field-list.h"
#include "slip-job-row.h"
#include "slip-json-view.h"
#include "slip-lanes.h"
#include "slip-navigator.h"
#include "slip-page-stack.h"
#include "slip-palette.h"
#include "slip-plan-view.h"
#include "slip-resource-details.h"
#include "slip-resources.h"
#include "slip-run-banner.h"
#include "slip-run-page.h"
#include "slip-runs-page.h"
#include "slip-session.h"
#include "slip-status.h"
#include "slip-step-details.h"
#include "slip-window.h"
#include "slip-wizard-page.h"

static void
load_style (void)
{
  GdkDisplay *display = gdk_display_get_default ();
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  if (display == NULL)
    return;
  gtk_css_provider_load_from_resource (provider, "/org/slipway/Slipway/ui/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    "/org/slipway/Slipway/ui/icons");
}

void
slip_ui_init (void)
{
  g_resources_register (slip_ui_get_resource ());
  g_type_ensure (SLIP_TYPE_STATUS);
  g_type_ensure (SLIP_TYPE_SESSION);
  g_type_ensure (SLIP_TYPE_FIELD_LIST);
  g_type_ensure (SLIP_TYPE_JSON_VIEW);
  g_type_ensure (SLIP_TYPE_LANES);
  g_type_ensure (SLIP_TYPE_PLAN_VIEW);
  g_type_ensure (SLIP_TYPE_AUTHORISE);
  g_type_ensure (SLIP_TYPE_NAVIGATOR);
  g_type_ensure (SLIP_TYPE_PAGE_STACK);
  g_type_ensure (SLIP_TYPE_ACTIVITY);
  g_type_ensure (SLIP_TYPE_RUN_BANNER);
  load_style ();
}

const GType *
slip_ui_get_templates (void)
{
  static GType types[16];

  if (types[0] == 0)
    {
      guint n = 0;

      types[n++] = SLIP_TYPE_NAVIGATOR;
      types[n++] = SLIP_TYPE_ACTIVITY;
      types[n++] = SLIP_TYPE_JOB_ROW;
      types[n++] = SLIP_TYPE_WINDOW;
      types[n++] = SLIP_TYPE_PALETTE;
      types[n++] = SLIP_TYPE_ESTATE_PAGE;
      types[n++] = SLIP_TYPE_RESOURCE_DETAILS;
      types[n++] = SLIP_TYPE_AUDIT_PAGE;
      types[n++] = SLIP_TYPE_RUNS_PAGE;
      types[n++] = SLIP_TYPE_RUN_PAGE;
      types[n++] = SLIP_TYPE_RUN_BANNER;
      types[n++] = SLIP_TYPE_APPROVE_DIALOG;
      types[n++] = SLIP_TYPE_STEP_DETAILS;
      types[n++] = SLIP_TYPE_WIZARD_PAGE;
      types[n++] = G_TYPE_INVALID;
    }
  return types;
}
