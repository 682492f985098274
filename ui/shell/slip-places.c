/* SPDX-License-Identifier: MIT */

/* The table of pages. What the navigator lists, what the search finds and what the window can open
 * all come from here. */

#include "config.h"

#include "slip-places.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-audit-page.h"
#include "slip-comparison-page.h"
#include "slip-cosign-page.h"
#include "slip-definitions-page.h"
#include "slip-environment-page.h"
#include "slip-estate-page.h"
#include "slip-log-page.h"
#include "slip-migration-page.h"
#include "slip-migrations-page.h"
#include "slip-run-page.h"
#include "slip-runbooks-page.h"
#include "slip-runs-page.h"
#include "slip-trace-page.h"
#include "slip-waterfall-page.h"
#include "slip-wizard-page.h"

static SlipPage *
create_estate (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  g_auto (GStrv) parts = g_strsplit (argument, "/", 2);
  SlipEnvironment *environment = slip_workbench_find_environment (workbench, parts[0]);
  SlipEstateKind kind;

  if (environment == NULL || !slip_estate_kind_find (place->kind, &kind))
    return NULL;
  return slip_estate_page_new (workbench, environment, kind);
}

static SlipPage *
create_log (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  SlipEnvironment *environment = slip_workbench_find_environment (workbench, argument);

  return environment != NULL ? slip_log_page_new (workbench, environment) : NULL;
}

static SlipPage *
create_environment (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  SlipEnvironment *environment = slip_workbench_find_environment (workbench, argument);

  return environment != NULL ? slip_environment_page_new (workbench, environment) : NULL;
}

static SlipPage *
create_runbooks (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_runbooks_page_new (workbench);
}

static SlipPage *
create_wizard (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_wizard_page_new (workbench, argument);
}

static SlipPage *
create_plan (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return argument[0] != '\0' ? slip_wizard_page_new_for_file (workbench, argument) : NULL;
}

static SlipPage *
create_cosign (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return argument[0] != '\0' ? slip_cosign_page_new (workbench, argument) : NULL;
}

static SlipPage *
create_runs (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_runs_page_new (workbench);
}

static SlipPage *
create_run (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return argument[0] != '\0' ? slip_run_page_new (workbench, argument) : NULL;
}

static SlipPage *
create_audit (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_audit_page_new (workbench);
}

static SlipPage *
create_migrations (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_migrations_page_new (workbench);
}

static SlipPage *
create_migration (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_migration_page_new (workbench, argument);
}

static SlipPage *
create_definitions (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_definitions_page_new (workbench, argument);
}

static SlipPage *
create_comparison (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_comparison_page_new (workbench, argument);
}

static SlipPage *
create_waterfall (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_waterfall_page_new (workbench, argument);
}

static SlipPage *
create_trace (const SlipPlace *place, SlipWorkbench *workbench, const char *argument)
{
  return slip_trace_page_new (workbench, argument);
}

#define ESTATE(kind, title, icon)                                                                  \
  {                                                                                                \
    kind, title, icon, SLIP_PLACE_IN_NAVIGATOR | SLIP_PLACE_IN_ENVIRONMENT, create_estate          \
  }

#define MIGRATION(kind, title, icon, create)                                                       \
  {                                                                                                \
    "migration-" kind, title, icon, SLIP_PLACE_IN_NAVIGATOR | SLIP_PLACE_IN_MIGRATION, create      \
  }

static const SlipPlace places[] = {
    ESTATE ("databases", N_ ("Databases"), "slip-database-symbolic"),
    ESTATE ("snapshots", N_ ("Snapshots"), "slip-snapshot-symbolic"),
    ESTATE ("vaults", N_ ("Backup vaults"), "slip-vault-symbolic"),
    ESTATE ("tables", N_ ("Tables"), "slip-table-symbolic"),
    ESTATE ("tasks", N_ ("Tasks"), "slip-task-symbolic"),
    ESTATE ("pipelines", N_ ("Pipelines"), "slip-pipeline-symbolic"),
    ESTATE ("alarms", N_ ("Alarms"), "slip-alarm-symbolic"),
    ESTATE ("terraform", N_ ("Terraform"), "slip-terraform-symbolic"),
    {"runbooks", N_ ("Runbooks"), "slip-runbook-symbolic", SLIP_PLACE_IN_NAVIGATOR,
     create_runbooks},
    {"runs", N_ ("Runs"), "slip-run-symbolic", SLIP_PLACE_IN_NAVIGATOR, create_runs},
    {"migrations", N_ ("Migrations"), "slip-migration-symbolic", SLIP_PLACE_IN_NAVIGATOR,
     create_migrations},
    {"migration", N_ ("Runs"), "slip-migration-symbolic", SLIP_PLACE_IN_MIGRATION,
     create_migration},
    MIGRATION ("definitions", N_ ("Definitions"), "slip-definitions-symbolic", create_definitions),
    MIGRATION ("comparison", N_ ("Comparison"), "slip-compare-symbolic", create_comparison),
    MIGRATION ("waterfall", N_ ("Waterfall"), "slip-waterfall-symbolic", create_waterfall),
    MIGRATION ("trace", N_ ("Trace"), "slip-trace-symbolic", create_trace),
    {"audit", N_ ("Audit log"), "slip-ledger-symbolic",
     SLIP_PLACE_IN_NAVIGATOR | SLIP_PLACE_WITH_ITEMS, create_audit},
    {"log", N_ ("Log"), "slip-task-symbolic", SLIP_PLACE_IN_ENVIRONMENT, create_log},
    {"run", N_ ("Run"), "slip-run-symbolic", SLIP_PLACE_NONE, create_run},
    {"plan", N_ ("Plan"), "slip-runbook-symbolic", SLIP_PLACE_NONE, create_plan},
    {"cosign", N_ ("Cosign"), "slip-approve-symbolic", SLIP_PLACE_NONE, create_cosign},
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
