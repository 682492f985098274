/* SPDX-License-Identifier: MIT */

/* Columns of a mapping and codes of a lookup, told alike. It reads what is on disk and what the draft says, and changes
 * neither; the editor does. */

#include "config.h"

#include "slip-edited.h"

#include "slip-edit-column.h"
#include "slip-edit-sign-off.h"
#include "slip-json.h"

const char *
slip_edited_get_file (const SlipEdited *edited)
{
  return edited->mapping != NULL ? edited->mapping->file : edited->lookup->file;
}

static SlipEditItem *
add_item (const SlipEdited *edited,
          GListStore *items,
          const char *name,
          SlipType type,
          char *rule,
          gboolean complete)
{
  SlipEditItem *item = slip_edit_item_new (name, slip_type_get_name (type), rule);

  item->complete = complete;
  item->is_code = edited->lookup != NULL;
  slip_edit_item_take_draft (item, edited->draft, slip_edited_get_file (edited));
  g_list_store_append (items, item);
  g_object_unref (item);
  return item; /* The list keeps it. */
}

void
slip_edited_add_code (const SlipEdited *edited, GListStore *items, const char *code, char *value)
{
  SlipEditItem *item = add_item (edited, items, code, edited->lookup->type, value, FALSE);

  slip_edit_item_mark (item);
}

static void
add_codes (const SlipEdited *edited, GListStore *items)
{
  GPtrArray *codes = slip_definition_draft_get_codes (edited->draft, edited->lookup->file);

  for (guint i = 0; codes != NULL && i + 1 < codes->len; i += 2)
    {
      g_autoptr (JsonNode) value = slip_json_parse (codes->pdata[i + 1], -1, NULL);

      slip_edited_add_code (edited, items, codes->pdata[i], slip_value_dup_text (value));
    }
}

void
slip_edited_fill (const SlipEdited *edited, GListStore *items)
{
  g_list_store_remove_all (items);
  for (guint i = 0; edited->mapping != NULL && i < edited->mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (edited->mapping->columns, i);

      add_item (
          edited, items, column->target, column->type,
          slip_edit_column_dup_rule (edited->migration, edited->mapping, column, edited->draft),
          slip_edit_is_signed_off (edited->draft, edited->mapping, column));
    }
  for (guint i = 0; edited->lookup != NULL && i < edited->lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (edited->lookup->entries, i);
      g_autofree char *path = slip_edit_dup_path (entry->code, SLIP_EDIT_VALUE);
      JsonNode *value = slip_definition_draft_get (edited->draft, edited->lookup->file, path);

      add_item (edited, items, entry->code, edited->lookup->type,
                slip_value_dup_text (value != NULL ? value : entry->value), TRUE);
    }
  if (edited->lookup != NULL)
    add_codes (edited, items);
}

const SlipMappingColumn *
slip_edited_find_column (const SlipEdited *edited, SlipEditItem *item)
{
  return item != NULL && edited->mapping != NULL
             ? slip_mapping_find_column (edited->mapping, item->name)
             : NULL;
}

gboolean
slip_edited_has (const SlipEdited *edited, SlipEdit edit)
{
  return edit == SLIP_EDIT_NAME || (edit == SLIP_EDIT_VALUE) == (edited->lookup != NULL);
}

gboolean
slip_edited_is_added (const SlipEdited *edited, SlipEditItem *item)
{
  return edited->lookup != NULL && slip_lookup_find (edited->lookup, item->name) == NULL;
}

char *
slip_edited_dup_text (const SlipEdited *edited, SlipEditItem *item, SlipEdit edit)
{
  const SlipMappingColumn *column = slip_edited_find_column (edited, item);
  g_autofree char *path = slip_edit_dup_path (item->name, edit);
  JsonNode *value;

  if (edit == SLIP_EDIT_NAME)
    return g_strdup (item->to != NULL ? item->to : item->name);
  value = slip_definition_draft_get (edited->draft, slip_edited_get_file (edited), path);
  if (value != NULL)
    return slip_value_dup_text (value);
  if (edit == SLIP_EDIT_VALUE)
    return g_strdup (item->rule);
  return column != NULL ? slip_edit_column_dup_field (column, edit) : NULL;
}
