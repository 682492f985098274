/* SPDX-License-Identifier: MIT */

/* A mapping's column as a person edits it: what each of its fields says, and what would fill it with what the draft has for
 * them. What the change means beyond this column the draft's check tells. */

#include "config.h"

#include "slip-edit-column.h"

#include "slip-mapping-rule.h"

char *
slip_edit_column_dup_field (const SlipMappingColumn *column, SlipEdit edit)
{
  g_return_val_if_fail (column != NULL, NULL);

  switch (edit)
    {
    case SLIP_EDIT_SOURCE_TABLE:
      return g_strdup (column->source_table);
    case SLIP_EDIT_SOURCE_COLUMN:
      return column->source_columns != NULL ? g_strjoinv (", ", column->source_columns) : NULL;
    case SLIP_EDIT_TRANSFORMATION:
      return g_strdup (column->transformation);
    case SLIP_EDIT_LOOKUP:
      return g_strdup (column->lookup);
    case SLIP_EDIT_DEFAULT:
      return column->default_value != NULL ? slip_value_dup_text (column->default_value) : NULL;
    case SLIP_EDIT_VALUE:
    case SLIP_EDIT_NAME:
    case SLIP_N_EDITS:
      break;
    }
  return NULL;
}

/* Blank is none, as it is where definitions are read. */
static void
set_field (SlipMappingColumn *column, SlipEdit edit, JsonNode *value, char *text, char **sources)
{
  char *said = text[0] != '\0' ? text : NULL;

  if (edit == SLIP_EDIT_SOURCE_TABLE)
    column->source_table = said;
  else if (edit == SLIP_EDIT_TRANSFORMATION)
    column->transformation = said;
  else if (edit == SLIP_EDIT_LOOKUP)
    column->lookup = said;
  else if (edit == SLIP_EDIT_DEFAULT)
    column->default_value = said != NULL ? value : NULL;
  else if (edit == SLIP_EDIT_SOURCE_COLUMN)
    {
      sources[0] = said;
      column->source_columns = said != NULL ? sources : NULL;
    }
}

char *
slip_edit_column_dup_rule (SlipMigration *migration,
                           const SlipMapping *mapping,
                           const SlipMappingColumn *column,
                           SlipDefinitionDraft *draft)
{
  SlipMappingColumn changed; /* of what others own */
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  char *sources[] = {NULL, NULL};

  g_return_val_if_fail (mapping != NULL && column != NULL, NULL);
  g_return_val_if_fail (SLIP_IS_DEFINITION_DRAFT (draft), NULL);

  changed = *column;
  for (guint i = 0; i < SLIP_EDIT_VALUE; i++)
    {
      g_autofree char *path = slip_edit_dup_path (column->target, i);
      JsonNode *value = slip_definition_draft_get (draft, mapping->file, path);

      g_autofree char *text = value != NULL ? slip_value_dup_text (value) : NULL;

      if (text == NULL)
        continue;
      /* Tables have the names of files, in small letters, wherever they are read. */
      g_ptr_array_add (texts, i == SLIP_EDIT_SOURCE_TABLE ? g_utf8_strdown (text, -1)
                                                          : g_steal_pointer (&text));
      set_field (&changed, i, value, g_ptr_array_index (texts, texts->len - 1), sources);
    }
  return slip_mapping_rule_dup_text_of (migration, mapping->name, &changed);
}
