/* SPDX-License-Identifier: MIT */
/* The kinds of lists. What each asks AWS, and how an item of the answer becomes a row, is in a file for
 * each service; a new kind is such a file and one row here. Runs on worker threads; touches no list. */

#include "slip-estate-record.h"
#include "slip-json.h"

#include <glib/gi18n.h>
#include <math.h>

void
slip_estate_record_free (SlipEstateRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->id);
  g_free (record->name);
  g_free (record->region);
  g_free (record->status);
  g_free (record->detail);
  g_free (record->parent_id);
  g_free (record->parent_name);
  g_strfreev (record->adopts);
  g_free (record->text);
  g_free (record);
}

SlipEstateRecord *
slip_estate_record_new (
    SlipResourceKind kind, JsonObject *item, const char *region, const char *id, const char *name)
{
  SlipEstateRecord *record;
  g_autoptr (JsonNode) node = NULL;

  /* An item without its identity is no row; the model says both are always there. */
  if (id == NULL || name == NULL)
    return NULL;
  node = json_node_init_object (json_node_alloc (), item);
  record = g_new0 (SlipEstateRecord, 1);
  record->kind = kind;
  record->id = g_strdup (id);
  record->name = g_strdup (name);
  record->region = g_strdup (region);
  record->text = slip_json_to_text (node, FALSE);
  record->size = -1;
  return record;
}

/* JSON protocols tell seconds as numbers, the others a date. */
gint64
slip_estate_item_time (JsonObject *item, const char *name)
{
  gint64 time = 0;
  double seconds = slip_json_double (item, name, NAN);

  if (isfinite (seconds))
    return (gint64)(seconds * G_USEC_PER_SEC);
  return slip_time_parse (slip_json_string (item, name), &time) ? time : 0;
}

static char *
count_databases (guint n)
{
  return g_strdup_printf (ngettext ("%u cluster or instance", "%u clusters and instances", n), n);
}

static char *
count_snapshots (guint n)
{
  return g_strdup_printf (ngettext ("%u snapshot", "%u snapshots", n), n);
}

static char *
count_vaults (guint n)
{
  return g_strdup_printf (
      ngettext ("%u vault or recovery point", "%u vaults and recovery points", n), n);
}

static char *
count_tables (guint n)
{
  return g_strdup_printf (ngettext ("%u table or index", "%u tables and indexes", n), n);
}

static char *
count_tasks (guint n)
{
  return g_strdup_printf (ngettext ("%u service or task", "%u clusters, services and tasks", n), n);
}

static char *
count_pipelines (guint n)
{
  return g_strdup_printf (ngettext ("%u pipeline", "%u pipelines", n), n);
}

static char *
count_alarms (guint n)
{
  return g_strdup_printf (ngettext ("%u alarm", "%u alarms", n), n);
}

static char *
count_terraform (guint n)
{
  return g_strdup_printf (ngettext ("%u state or resource", "%u states and resources", n), n);
}

static char **
dup_roots (SlipEnvironment *environment)
{
  GPtrArray *roots = slip_environment_get_terraform (environment);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < roots->len; i++)
    g_strv_builder_add (names, ((const SlipTerraformRoot *)g_ptr_array_index (roots, i))->name);
  return g_strv_builder_end (names);
}

#define LISTINGS(table) .listings = table, .n_listings = G_N_ELEMENTS (table)

static const SlipEstateKindInfo kinds[SLIP_ESTATE_N_KINDS] = {
    [SLIP_ESTATE_DATABASES] = {"databases", N_ ("Databases"), N_ ("Listing databases of %s"),
                               count_databases, LISTINGS (slip_estate_databases)},
    [SLIP_ESTATE_SNAPSHOTS] = {"snapshots", N_ ("Snapshots"), N_ ("Listing snapshots of %s"),
                               count_snapshots, LISTINGS (slip_estate_snapshots)},
    [SLIP_ESTATE_VAULTS] = {"vaults", N_ ("Backup vaults"), N_ ("Listing backup vaults of %s"),
                            count_vaults, LISTINGS (slip_estate_vaults)},
    [SLIP_ESTATE_TABLES] = {"tables", N_ ("Tables"), N_ ("Listing tables of %s"), count_tables,
                            LISTINGS (slip_estate_tables)},
    [SLIP_ESTATE_TASKS] = {"tasks", N_ ("Tasks"), N_ ("Listing tasks of %s"), count_tasks,
                           LISTINGS (slip_estate_tasks)},
    [SLIP_ESTATE_PIPELINES] = {"pipelines", N_ ("Pipelines"), N_ ("Listing pipelines of %s"),
                               count_pipelines, LISTINGS (slip_estate_pipelines)},
    [SLIP_ESTATE_ALARMS] = {"alarms", N_ ("Alarms"), N_ ("Listing alarms of %s"), count_alarms,
                            LISTINGS (slip_estate_alarms)},
    [SLIP_ESTATE_TERRAFORM]
    = {"terraform", N_ ("Terraform"), N_ ("Reading Terraform states of %s"), count_terraform,
       LISTINGS (slip_estate_terraform), .dup_places = dup_roots},
};

const SlipEstateKindInfo *
slip_estate_kind_get (SlipEstateKind kind)
{
  g_return_val_if_fail ((guint)kind < SLIP_ESTATE_N_KINDS, NULL);

  return &kinds[kind];
}

const SlipEstateListing *
slip_estate_listings (SlipEstateKind kind, guint *n_listings)
{
  const SlipEstateKindInfo *info = slip_estate_kind_get (kind);

  g_return_val_if_fail (info != NULL, NULL);

  *n_listings = info->n_listings;
  return info->listings;
}

const SlipEstateListing *
slip_estate_listing_find (const SlipEstateListing *listing, const char *label)
{
  const SlipEstateListing *below = listing->below;

  if (g_strcmp0 (listing->label, label) == 0)
    return listing;
  for (; below != NULL && below->operation != NULL; below++)
    {
      const SlipEstateListing *found = slip_estate_listing_find (below, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

const char *
slip_estate_kind_get_name (SlipEstateKind kind)
{
  g_return_val_if_fail ((guint)kind < SLIP_ESTATE_N_KINDS, NULL);

  return kinds[kind].name;
}

const char *
slip_estate_kind_get_title (SlipEstateKind kind)
{
  g_return_val_if_fail ((guint)kind < SLIP_ESTATE_N_KINDS, NULL);

  return _ (kinds[kind].title);
}

gboolean
slip_estate_kind_find (const char *name, SlipEstateKind *kind)
{
  for (guint i = 0; i < SLIP_ESTATE_N_KINDS; i++)
    if (g_strcmp0 (kinds[i].name, name) == 0)
      {
        *kind = (SlipEstateKind)i;
        return TRUE;
      }
  return FALSE;
}
