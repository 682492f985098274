/* SPDX-License-Identifier: MIT */

/* What the search can find, and the search itself: a plain scan, since even a large estate is only
 * tens of thousands of short strings. Titles that begin with the text come before those that hold it. */

#include "config.h"

#include "slip-palette-item.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "slip-format.h"
#include "slip-places.h"
#include "slip-resource-look.h"
#include "slip-run-text.h"

struct _SlipPaletteItem
{
  GObject parent_instance;

  char *title;
  char *subtitle;
  const char *icon;
  char *action;
  guint score;
};

G_DEFINE_FINAL_TYPE (SlipPaletteItem, slip_palette_item, G_TYPE_OBJECT)

typedef struct
{
  GPtrArray *items;
  char **words;
  const char *text;
  SlipEnvironment *environment; /* borrowed; where the person is, or NULL */
  guint limit;
} Search;

static void
slip_palette_item_finalize (GObject *object)
{
  SlipPaletteItem *self = SLIP_PALETTE_ITEM (object);

  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->action);
  G_OBJECT_CLASS (slip_palette_item_parent_class)->finalize (object);
}

static void
slip_palette_item_class_init (SlipPaletteItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_palette_item_finalize;
}

static void
slip_palette_item_init (SlipPaletteItem *self)
{
}

static gboolean
matches (Search *search, const char *title, const char *subtitle)
{
  for (guint i = 0; search->words[i] != NULL; i++)
    if (strcasestr (title, search->words[i]) == NULL
        && (subtitle == NULL || strcasestr (subtitle, search->words[i]) == NULL))
      return FALSE;
  return TRUE;
}

static void
offer (Search *search,
       const char *title,
       const char *subtitle,
       const char *icon,
       const char *action_name,
       const char *target)
{
  SlipPaletteItem *item;

  /* Four times the limit: enough to choose the best of, without keeping a whole estate. */
  if (title == NULL || search->items->len >= search->limit * 4
      || !matches (search, title, subtitle))
    return;
  item = g_object_new (SLIP_TYPE_PALETTE_ITEM, NULL);
  item->title = g_strdup (title);
  item->subtitle = g_strdup (subtitle);
  item->icon = icon;
  if (target != NULL)
    {
      g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_string (target));

      item->action = g_action_print_detailed_name (action_name, variant);
    }
  else
    item->action = g_strdup (action_name);
  if (search->text[0] != '\0'
      && g_ascii_strncasecmp (title, search->text, strlen (search->text)) == 0)
    item->score = 2;
  else if (search->words[0] != NULL && strcasestr (title, search->words[0]) != NULL)
    item->score = 1;
  g_ptr_array_add (search->items, item);
}

static void
offer_places (Search *search, SlipEnvironment *environment)
{
  guint n_places;
  const SlipPlace *places = slip_places_get (&n_places);

  for (guint i = 0; i < n_places; i++)
    {
      gboolean inside = (places[i].flags & SLIP_PLACE_IN_ENVIRONMENT) != 0;
      g_autofree char *title = NULL;
      g_autofree char *page_id = NULL;

      if (!(places[i].flags & SLIP_PLACE_IN_NAVIGATOR) || inside != (environment != NULL)
          || (places[i].flags & SLIP_PLACE_IN_MIGRATION))
        continue;
      if (environment == NULL)
        {
          offer (search, _ (places[i].title), NULL, places[i].icon, "win.go", places[i].kind);
          continue;
        }
      title = g_strdup_printf ("%s – %s", slip_environment_get_title (environment),
                               _ (places[i].title));
      page_id = g_strdup_printf ("%s/%s", places[i].kind, slip_environment_get_name (environment));
      offer (search, title, slip_environment_get_alias (environment), places[i].icon, "win.go",
             page_id);
    }
}

static void
offer_environments (Search *search, SlipWorkbench *workbench)
{
  GListModel *environments
      = slip_workspace_get_environments (slip_workbench_get_workspace (workbench));

  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);
      g_autofree char *page_id
          = g_strdup_printf ("environment/%s", slip_environment_get_name (environment));
      g_autofree char *account = slip_format_account (slip_environment_get_account (environment));

      offer (search, slip_environment_get_title (environment), account, "slip-environment-symbolic",
             "win.go", page_id);
      offer_places (search, environment);
    }
}

/* “Boat club – Waterfall”: every page of every migration. */
static void
offer_migrations (Search *search, SlipWorkbench *workbench)
{
  GPtrArray *projects = slip_workspace_get_migrations (slip_workbench_get_workspace (workbench));
  guint n_places;
  const SlipPlace *places = slip_places_get (&n_places);

  for (guint i = 0; i < projects->len; i++)
    for (guint j = 0; j < n_places; j++)
      {
        const SlipMigrationProject *project = g_ptr_array_index (projects, i);
        g_autofree char *title = g_strdup_printf ("%s – %s", project->title, _ (places[j].title));
        g_autofree char *page_id = g_strdup_printf ("%s/%s", places[j].kind, project->name);

        if (places[j].flags & SLIP_PLACE_IN_MIGRATION)
          offer (search, title, project->definitions, places[j].icon, "win.go", page_id);
      }
}

static void
offer_actions (Search *search)
{
  static const struct
  {
    const char *title;
    const char *icon;
    const char *action;
  } actions[] = {
      {N_ ("Open a plan…"), "document-open-symbolic", "win.open-plan"},
      {N_ ("Cosign a plan…"), "document-open-symbolic", "win.cosign-plan"},
      {N_ ("Refresh this page"), "view-refresh-symbolic", "win.refresh"},
      {N_ ("Reload the workspace"), "view-refresh-symbolic", "win.reload"},
      {N_ ("Show or hide details"), "sidebar-show-symbolic", "win.show-details"},
      {N_ ("Show or hide activity"), "sidebar-show-symbolic", "win.show-activity"},
      {N_ ("Preferences"), "emblem-system-symbolic", "app.preferences"},
      {N_ ("Keyboard shortcuts"), "emblem-system-symbolic", "win.show-help-overlay"},
      {N_ ("About Slipway"), "emblem-system-symbolic", "app.about"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    offer (search, _ (actions[i].title), _ ("Action"), actions[i].icon, actions[i].action, NULL);
}

/* A person who looks at an environment means that one. */
static char *
dup_wizard_id (Search *search, SlipRunbook *runbook)
{
  const char *name = slip_runbook_get_name (runbook);
  g_autofree char *environment = NULL;

  if (search->environment == NULL)
    return g_strdup_printf ("wizard/%s", name);
  environment = g_uri_escape_string (slip_environment_get_name (search->environment), NULL, FALSE);
  return g_strdup_printf ("wizard/%s?environment=%s", name, environment);
}

static void
offer_runbooks (Search *search, SlipWorkbench *workbench)
{
  GListModel *runbooks = slip_workbench_get_runbooks (workbench);

  for (guint i = 0; runbooks != NULL && i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);
      g_autofree char *page_id = dup_wizard_id (search, runbook);
      g_autofree char *title = g_strdup_printf (_ ("%s…"), slip_runbook_get_title (runbook));
      g_autofree char *subtitle
          = search->environment != NULL ? g_strdup_printf (
                _ ("Runbook · %s"), slip_environment_get_title (search->environment))
                                        : g_strdup (_ ("Runbook"));

      offer (search, title, subtitle, "slip-runbook-symbolic", "win.go", page_id);
    }
}

static void
offer_runs (Search *search, SlipWorkbench *workbench)
{
  SlipRunList *runs = slip_workbench_get_runs (workbench);

  for (guint i = 0; runs != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (runs)); i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (G_LIST_MODEL (runs), i);
      const SlipRunSummary *summary = slip_run_row_get_summary (row);
      g_autofree char *page_id = g_strdup_printf ("run/%s", summary->id);
      g_autofree char *planned = slip_format_stamp (summary->planned);
      g_autofree char *subtitle
          = g_strdup_printf (_ ("Run %s · %s · %s · %s"), summary->id, summary->environment,
                             planned, slip_run_state_title (summary->state));

      offer (search, summary->title, subtitle, "slip-run-symbolic", "win.go", page_id);
    }
}

static gboolean
has_word (const char *text, const char *word)
{
  return text != NULL && strcasestr (text, word) != NULL;
}

/* Of tens of thousands nearly none match; their texts are made for those only. */
static gboolean
resource_matches (Search *search, SlipEnvironment *environment, SlipResource *resource)
{
  for (guint i = 0; search->words[i] != NULL; i++)
    {
      const char *word = search->words[i];

      if (!has_word (slip_resource_get_name (resource), word)
          && !has_word (slip_resource_get_status (resource), word)
          && !has_word (slip_resource_get_region (resource), word)
          && !has_word (slip_environment_get_title (environment), word))
        return FALSE;
    }
  return TRUE;
}

static void
offer_resources (Search *search, SlipEstateList *list, GListModel *items, guint depth)
{
  SlipEnvironment *owner = slip_estate_list_get_environment (list);
  const char *environment = slip_environment_get_name (owner);
  SlipEstateKind kind = slip_estate_list_get_kind (list);
  guint n = g_list_model_get_n_items (items);

  for (guint i = 0; i < n && search->items->len < search->limit * 4; i++)
    {
      g_autoptr (SlipResource) resource = g_list_model_get_item (items, i);
      GListModel *children = slip_resource_get_children (resource);

      if (slip_resource_get_kind (resource) != SLIP_RESOURCE_SNAPSHOT_GROUP
          && resource_matches (search, owner, resource))
        {
          g_autofree char *page_id = g_strdup_printf ("%s/%s/%s", slip_estate_kind_get_name (kind),
                                                      environment, slip_resource_get_id (resource));
          g_autofree char *subtitle = g_strdup_printf (
              "%s · %s · %s", slip_environment_get_title (owner),
              slip_resource_get_region (resource) != NULL ? slip_resource_get_region (resource)
                                                          : _ ("global"),
              slip_resource_get_status (resource) != NULL ? slip_resource_get_status (resource)
                                                          : "");

          offer (search, slip_resource_get_name (resource), subtitle,
                 slip_resource_kind_get_icon (slip_resource_get_kind (resource)), "win.go",
                 page_id);
        }
      if (children != NULL && depth < 8)
        offer_resources (search, list, children, depth + 1);
    }
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const SlipPaletteItem *one = *(SlipPaletteItem *const *)a;
  const SlipPaletteItem *two = *(SlipPaletteItem *const *)b;

  return (int)two->score - (int)one->score;
}

GPtrArray *
slip_palette_search (SlipWorkbench *workbench,
                     SlipEnvironment *environment,
                     const char *text,
                     guint limit)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text != NULL ? text : ""));
  g_auto (GStrv) words = g_strsplit_set (stripped, " ", -1);
  g_autoptr (GPtrArray) estates = NULL;
  Search search = {
      .items = g_ptr_array_new_with_free_func (g_object_unref),
      .words = words,
      .text = stripped,
      .environment = environment,
      .limit = limit,
  };

  g_return_val_if_fail (SLIP_IS_WORKBENCH (workbench), search.items);

  offer_places (&search, NULL);
  offer_environments (&search, workbench);
  offer_migrations (&search, workbench);
  offer_runbooks (&search, workbench);
  offer_actions (&search);
  if (words[0] != NULL && words[0][0] != '\0')
    offer_runs (&search, workbench);
  estates = slip_workbench_get_estates (workbench);
  for (guint i = 0; words[0] != NULL && words[0][0] != '\0' && i < estates->len; i++)
    offer_resources (&search, g_ptr_array_index (estates, i),
                     G_LIST_MODEL (g_ptr_array_index (estates, i)), 0);

  g_ptr_array_sort (search.items, compare_items);
  if (search.items->len > limit)
    g_ptr_array_set_size (search.items, limit);
  return search.items;
}

const char *
slip_palette_item_get_title (SlipPaletteItem *self)
{
  g_return_val_if_fail (SLIP_IS_PALETTE_ITEM (self), NULL);
  return self->title;
}

const char *
slip_palette_item_get_subtitle (SlipPaletteItem *self)
{
  g_return_val_if_fail (SLIP_IS_PALETTE_ITEM (self), NULL);
  return self->subtitle;
}

const char *
slip_palette_item_get_icon (SlipPaletteItem *self)
{
  g_return_val_if_fail (SLIP_IS_PALETTE_ITEM (self), NULL);
  return self->icon;
}

const char *
slip_palette_item_get_action (SlipPaletteItem *self)
{
  g_return_val_if_fail (SLIP_IS_PALETTE_ITEM (self), NULL);
  return self->action;
}
