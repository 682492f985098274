/* SPDX-License-Identifier: MIT */

/* The table of pages. What the navigator lists, what the search finds and what the window can open
 * all come from here. */

#include "config.h"

#include "slip-places.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-audit-page.h"
#include "slip-environment-page.h"
#include "slip-estate-page.h"
#include "slip-run-page.h"
#include "slip-runbooks-page.h"
#include "slip-runs-page.h"
#include "slip-wizard-page.h"

static SlipPage *
create_estate (SlipWorkbench *workbench, const char *argument, SlipEstateKind kind)
{
  g_auto (GStrv) parts = g_strsplit (argument, "/", 2);
  SlipEnvironment *environment = slip_workbench_find_environment (workbench, parts[0]);

  return environment != NULL ? slip_estate_page_new (workbench, environment, kind) : NULL;
}

static SlipPage *
create_databases (SlipWorkbench *workbench, const char *argument)
{
  return create_estate (workbench, argument, SLIP_ESTATE_DATABASES);
}

static SlipPage *
create_snapshots (SlipWorkbench *workbench, const char *argument)
{
  return create_estate (workbench, argument, SLIP_ESTATE_SNAPSHOTS);
}

static SlipPage *
create_environment (SlipWorkbench *workbench, const char *argument)
{
  SlipEnvironment *environment = slip_workbench_find_environment (workbench, argument);

  return environment != NULL ? slip_environment_page_new (workbench, environment) : NULL;
}

static SlipPage *
create_runbooks (SlipWorkbench *workbench, const char *argument)
{
  return slip_runbooks_page_new (workbench);
}

static SlipPage *
create_wizard (SlipWorkbench *workbench, const char *argument)
{
  return slip_wizard_page_new (workbench, argument);
}

static SlipPage *
create_plan (SlipWorkbench *workbench, const char *argument)
{
  return argument[0] != '\0' ? slip_wizard_page_new_for_file (workbench, argument) : NULL;
}

static SlipPage *
create_runs (SlipWorkbench *workbench, const char *argument)
{
  return slip_runs_page_new (workbench);
}

static SlipPage *
create_run (SlipWorkbench *workbench, const char *argument)
{
  return argument[0] != '\0' ? slip_run_page_new (workbench, argument) : NULL;
}

static SlipPage *
create_audit (SlipWorkbench *workbench, const char *argument)
{
  return slip_audit_page_new (workbench);
}

static const SlipPlace places[] = {
    {"databases", N_ ("Databases"), "slip-database-symbolic",
     SLIP_PLACE_IN_NAVIGATOR | SLIP_PLACE_IN_ENVIRONMENT, create_databases},
    {"snapshots", N_ ("Snapshots"), "slip-snapshot-symbolic",
     SLIP_PLACE_IN_NAVIGATOR | SLIP_PLACE_IN_ENVIRONMENT, create_snapshots},
    {"runbooks", N_ ("Runbooks"), "slip-runbook-symbolic", SLIP_PLACE_IN_NAVIGATOR,
     create_runbooks},
    {"runs", N_ ("Runs"), "slip-run-symbolic", SLIP_PLACE_IN_NAVIGATOR, create_runs},
    {"audit", N_ ("Audit log"), "slip-ledger-symbolic", SLIP_PLACE_IN_NAVIGATOR, create_audit},
    {"run", N_ ("Run"), "slip-run-symbolic", SLIP_PLACE_NONE, create_run},
    {"plan", N_ ("Plan"), "slip-runbook-symbolic", SLIP_PLACE_NONE, create_plan},
    {"wizard", N_ ("Runbook"), "slip-runbook-symbolic", SLIP_PLACE_NONE, create_wizard},
    {"environment", N_ ("Overview"), "slip-environment-symbolic", SLIP_PLACE_IN_ENVIRONMENT,
     create_environment},
};

const SlipPlace *
slip_places_get (guint *n_places)
{
  *n_places = G_N_ELEMENTS (places);
  return places;
}

const SlipPlace *
slip_places_find (const char *page_id, const char **argument)
{
  gsize length = strcspn (page_id, "/");

  g_return_val_if_fail (page_id != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (strlen (places[i].kind) == length && strncmp (places[i].kind, page_id, length) == 0)
      {
        if (argument != NULL)
          *argument = page_id[length] == '/' ? page_id + length + 1 : page_id + length;
        return &places[i];
      }
  return NULL;
}
