/* SPDX-License-Identifier: MIT */
/* Table definitions: where the rows of a mapping come from, which of them are kept, and where they go. */

#include "slip-definitions-private.h"

static void
slip_table_transform_free (SlipTableTransform *transform)
{
  g_free (transform->name);
  g_strfreev (transform->source_columns);
  g_strfreev (transform->target_columns);
  g_free (transform);
}

void
slip_table_definition_free (SlipTableDefinition *definition)
{
  g_free (definition->name);
  g_free (definition->destination);
  g_free (definition->entity);
  g_strfreev (definition->required);
  g_free (definition->source_table);
  g_strfreev (definition->additional_columns);
  g_ptr_array_unref (definition->conditions);
  g_ptr_array_unref (definition->transforms);
  g_free (definition);
}

char *
slip_table_definition_dup_c_name (const char *column)
{
  g_autofree char *lower = g_utf8_strdown (column, -1);
  GString *name = g_string_new ("c_");

  for (const char *p = lower; *p != '\0'; p++)
    if (*p != '.')
      g_string_append_c (name, *p == ' ' ? '_' : *p);
  return g_string_free (name, FALSE);
}

static char **
dup_list (char **strings)
{
  return strings != NULL ? strings : g_new0 (char *, 1);
}

static char **
split_entities (const char *text)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_strv_builder_add (builder, parts[i]);
  return g_strv_builder_end (builder);
}

static void
read_transform (SlipReader *reader, const char *name, JsonNode *node, gpointer transforms)
{
  static const char *const known[] = {"source_cols", "target_cols", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  SlipTableTransform *transform;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  transform = g_new0 (SlipTableTransform, 1);
  transform->name = g_strdup (name);
  transform->source_columns = dup_list (slip_reader_dup_strings (reader, object, "source_cols"));
  transform->target_columns = dup_list (slip_reader_dup_strings (reader, object, "target_cols"));
  g_ptr_array_add (transforms, transform);
}

static gboolean
read_is_join (SlipReader *reader, JsonObject *object)
{
  g_autofree char *type = slip_reader_need_string (reader, object, "table_type");

  if (type != NULL && !g_str_equal (type, "data") && !g_str_equal (type, "join"))
    SLIP_READER_FAULT (reader, "table_type", "Types are data and join", "there is no type “%s”",
                       type);
  return g_strcmp0 (type, "join") == 0;
}

SlipTableDefinition *
slip_table_definition_read (SlipReader *reader, const char *name, JsonObject *object)
{
  static const char *const known[] = {"destination_table_name",
                                      "entity_name",
                                      "required_entities",
                                      "source_table_name",
                                      "source_table_additional_columns",
                                      "source_conditions",
                                      "table_transforms",
                                      "table_type",
                                      NULL};
  SlipTableDefinition *definition = g_new0 (SlipTableDefinition, 1);
  g_autofree char *required = slip_reader_dup_string (reader, object, "required_entities");
  g_autofree char *source = slip_reader_dup_string (reader, object, "source_table_name");
  gsize place;

  slip_reader_check_members (reader, object, known);
  definition->name = g_strdup (name);
  definition->destination = slip_reader_need_string (reader, object, "destination_table_name");
  definition->entity = slip_reader_need_string (reader, object, "entity_name");
  definition->required = split_entities (required);
  definition->source_table = source != NULL ? g_utf8_strdown (source, -1) : NULL;
  definition->additional_columns
      = dup_list (slip_reader_dup_strings (reader, object, "source_table_additional_columns"));
  place = slip_reader_enter (reader, "source_conditions");
  definition->conditions
      = slip_conditions_read (reader, slip_reader_get_object (reader, object, "source_conditions"));
  slip_reader_leave (reader, place);
  definition->transforms
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_table_transform_free);
  place = slip_reader_enter (reader, "table_transforms");
  slip_reader_each (reader, slip_reader_get_object (reader, object, "table_transforms"),
                    read_transform, definition->transforms);
  slip_reader_leave (reader, place);
  definition->join = read_is_join (reader, object);
  return definition;
}
