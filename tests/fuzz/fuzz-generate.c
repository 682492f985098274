/* SPDX-License-Identifier: MIT */

/* Any bytes as settings of the generator: either they are read, and each column makes a value for the first rows
 * of its table, or every fault is told with the file's name. */

#include "slip-generate-private.h"
#include "slip-migration-error.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
make_values (const SlipGenChance *chance, const SlipGenTable *table)
{
  SlipGenRow rows[SLIP_GENERATE_MAX_DEPTH] = {0};
  const SlipGenTable *at = table;
  g_autoptr (GString) value = g_string_new (NULL);

  for (guint i = 0; i < SLIP_GENERATE_MAX_DEPTH && at != NULL; i++, at = at->parent)
    {
      rows[i].table = at;
      if (i > 0)
        rows[i - 1].parent = &rows[i];
      if (i == 1)
        slip_gen_rows_of (chance, table, &rows[1], value);
    }
  g_assert_null (at);
  for (guint i = 0; i < table->columns->len; i++)
    {
      int day = SLIP_GEN_NO_DAY;

      g_string_truncate (value, 0);
      slip_gen_append_value (chance, g_ptr_array_index (table->columns, i), &rows[0], value, &day);
      g_assert_true (g_utf8_validate (value->str, -1, NULL));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipGenerateSettings) settings = slip_generate_settings_new_from_text (
      (const char *)data, (gssize)size, "/nowhere/settings.json", NULL, faults, &error);
  const SlipGenChance chance = {settings, 3, 7};

  g_assert_cmpint (settings == NULL, ==, faults->len > 0);
  if (settings == NULL)
    {
      g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION);
      for (guint i = 0; i < faults->len; i++)
        g_assert_true (
            g_str_has_prefix (g_ptr_array_index (faults, i), "/nowhere/settings.json: "));
      return 0;
    }
  for (guint i = 0; i < settings->tables->len; i++)
    make_values (&chance, g_ptr_array_index (settings->tables, i));
  return 0;
}
