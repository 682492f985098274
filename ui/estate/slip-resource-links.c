/* SPDX-License-Identifier: MIT */

/* Where one can go from a resource. A copy of a recovery point names the vault that it comes from, and
 * only the copy jobs of that vault's account name the point: so that account's list is asked. */

#include "config.h"

#include "slip-resource-links.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-format.h"
#include "slip-resource-text.h"

static void
link_free (gpointer data)
{
  SlipResourceLink *link = data;

  g_free (link->label);
  g_free (link->page_id);
  g_free (link);
}

static void
add_link (GPtrArray *links, char *label, char *page_id)
{
  SlipResourceLink *link = g_new0 (SlipResourceLink, 1);

  link->label = label;
  link->page_id = page_id;
  g_ptr_array_add (links, link);
}

char *
slip_resource_dup_page_id (SlipEnvironment *environment, SlipEstateKind kind, const char *id)
{
  return g_strdup_printf ("%s/%s/%s", slip_estate_kind_get_name (kind),
                          slip_environment_get_name (environment), id);
}

/* The fifth part of an ARN. */
static char *
dup_account (const char *arn)
{
  g_auto (GStrv) parts = g_strsplit (arn, ":", 6);

  return g_strv_length (parts) == 6 ? g_strdup (parts[4]) : NULL;
}

static const char *
vault_name (const char *arn)
{
  const char *colon = strrchr (arn, ':');

  return colon != NULL ? colon + 1 : arn;
}

static void
add_copy (GPtrArray *links, SlipWorkbench *workbench, const SlipEstateCopy *copy)
{
  g_autofree char *account = dup_account (copy->vault);
  SlipEnvironment *environment
      = account != NULL
            ? slip_workspace_find_account (slip_workbench_get_workspace (workbench), account)
            : NULL;
  g_autofree char *digits = slip_format_account (account);
  const char *where = environment != NULL ? slip_environment_get_title (environment) : digits;

  add_link (links,
            g_strdup_printf (copy->is_original ? _ ("Original in %s, %s") : _ ("Copy in %s, %s"),
                             vault_name (copy->vault), where),
            environment != NULL
                ? slip_resource_dup_page_id (environment, SLIP_ESTATE_VAULTS, copy->id)
                : NULL);
}

static gboolean
is_known (GPtrArray *seen, const char *id)
{
  return g_ptr_array_find (seen, id, NULL);
}

static void
add_copies (GPtrArray *links,
            GPtrArray *seen,
            SlipWorkbench *workbench,
            SlipEnvironment *environment,
            const char *id,
            GPtrArray *lists)
{
  SlipEstateList *list = slip_workbench_get_estate (workbench, environment, SLIP_ESTATE_VAULTS);
  GPtrArray *copies = slip_estate_list_get_copies (list, id);

  if (lists != NULL)
    g_ptr_array_add (lists, g_object_ref (list));
  for (guint i = 0; copies != NULL && i < copies->len; i++)
    {
      const SlipEstateCopy *copy = g_ptr_array_index (copies, i);

      if (is_known (seen, copy->id))
        continue;
      g_ptr_array_add (seen, (gpointer)copy->id);
      add_copy (links, workbench, copy);
    }
}

static void
add_point_links (GPtrArray *links, SlipWorkbench *workbench, SlipResource *point, GPtrArray *lists)
{
  SlipEnvironment *own = slip_resource_get_environment (point);
  const char *id = slip_resource_get_id (point);
  g_autofree char *source = slip_resource_dup_member (point, "SourceBackupVaultArn");
  g_autofree char *account = source != NULL ? dup_account (source) : NULL;
  g_autoptr (GPtrArray) seen = g_ptr_array_new ();
  SlipEnvironment *other = NULL;

  add_copies (links, seen, workbench, own, id, lists);
  if (account != NULL)
    other = slip_workspace_find_account (slip_workbench_get_workspace (workbench), account);
  if (other != NULL && other != own)
    add_copies (links, seen, workbench, other, id, lists);
  /* The jobs are gone after thirty days; the vault is still named. */
  if (source != NULL && links->len == 0)
    add_link (links,
              g_strdup_printf (_ ("Copied from %s, %s"), vault_name (source),
                               other != NULL ? slip_environment_get_title (other) : account),
              other != NULL ? slip_resource_dup_page_id (other, SLIP_ESTATE_VAULTS, source) : NULL);
}

GPtrArray *
slip_resource_list_links (SlipWorkbench *workbench, SlipResource *resource, GPtrArray *lists)
{
  GPtrArray *links = g_ptr_array_new_with_free_func (link_free);

  switch (slip_resource_get_kind (resource))
    {
    case SLIP_RESOURCE_RECOVERY_POINT:
      add_point_links (links, workbench, resource, lists);
      break;
    case SLIP_RESOURCE_ECS_TASK:
    case SLIP_RESOURCE_ECS_SERVICE:
      add_link (
          links, g_strdup (_ ("Follow the log")),
          g_strdup_printf ("log/%s/%s",
                           slip_environment_get_name (slip_resource_get_environment (resource)),
                           slip_resource_get_id (resource)));
      break;
    default:
      break;
    }
  return links;
}
