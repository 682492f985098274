/* SPDX-License-Identifier: MIT */
/* Joins names to what they mean, once all tables of the settings were read: parents, picks and columns that
 * other columns read. Finds what is not there and what goes round in a circle. */

#include "slip-generate-private.h"

#include <string.h>

static void fault (SlipGenParser *parser, const SlipGenPending *pending, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
fault (SlipGenParser *parser, const SlipGenPending *pending, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (parser->faults, g_strdup_printf ("%s: %s%s: %s", parser->settings->path,
                                                    pending->path, pending->where, message));
}

static void
table_fault (SlipGenParser *parser, guint index, const char *member, const char *message)
{
  SlipGenTable *table = g_ptr_array_index (parser->settings->tables, index);

  g_ptr_array_add (parser->faults,
                   g_strdup_printf ("%s: /tables/%u/%s (%s): %s", parser->settings->path, index,
                                    member, table->name, message));
}

/* Whether each row of its parent has as many, all the way up, so that any row can be found. */
static gboolean
is_fixed (const SlipGenTable *table)
{
  for (; table->parent != NULL; table = table->parent)
    if (table->per_rows->len != 1 || table->only != NULL)
      return FALSE;
  return TRUE;
}

static gboolean
can_be_empty (const SlipGenTable *table)
{
  for (; table->parent != NULL; table = table->parent)
    if (g_array_index (table->per_rows, guint, 0) == 0)
      return TRUE;
  return table->rows == 0 || (table->rows < 0 && table->clients.of == 0);
}

static void
resolve_parents (SlipGenParser *parser)
{
  GPtrArray *tables = parser->settings->tables;

  for (guint i = 0; i < tables->len; i++)
    {
      SlipGenTable *table = g_ptr_array_index (tables, i);

      if (table->parent_name == NULL)
        continue;
      table->parent = g_hash_table_lookup (parser->settings->by_name, table->parent_name);
      if (table->parent == NULL)
        {
          g_autofree char *text = g_strdup_printf ("there is no table “%s” that rows could follow",
                                                   table->parent_name);

          table_fault (parser, i, "per", text);
        }
    }
  for (guint i = 0; i < tables->len; i++)
    {
      SlipGenTable *table = g_ptr_array_index (tables, i);

      for (const SlipGenTable *at = table->parent; at != NULL; at = at->parent)
        if (++table->depth >= SLIP_GENERATE_MAX_DEPTH)
          {
            table_fault (parser, i, "per", "tables follow one another in a circle, or too deep");
            table->parent = NULL;
            break;
          }
    }
}

static void
resolve_picks (SlipGenParser *parser)
{
  GPtrArray *tables = parser->settings->tables;

  for (guint i = 0; i < tables->len; i++)
    {
      SlipGenTable *table = g_ptr_array_index (tables, i);

      for (guint k = 0; k < table->picks->len; k++)
        {
          SlipGenPick *pick = g_ptr_array_index (table->picks, k);
          g_autofree char *member = g_strdup_printf ("picks/%s", pick->name);
          g_autofree char *text = NULL;

          pick->table = g_hash_table_lookup (parser->settings->by_name, pick->table_name);
          if (pick->table == NULL)
            text = g_strdup_printf ("there is no table “%s”", pick->table_name);
          else if (!is_fixed (pick->table))
            text = g_strdup_printf ("%s has a number of rows that chance decides, and cannot be "
                                    "picked from. Pick from a table that it follows",
                                    pick->table_name);
          else if (can_be_empty (pick->table))
            text = g_strdup_printf ("%s has no rows", pick->table_name);
          if (text != NULL)
            table_fault (parser, i, member, text);
        }
    }
}

static const SlipGenTable *
find_table (const SlipGenPending *pending)
{
  SlipGenReference *reference = pending->reference;
  const SlipGenTable *table = pending->table;

  if (reference->table == NULL)
    return table;
  for (guint i = 0; i < table->picks->len; i++)
    {
      const SlipGenPick *pick = g_ptr_array_index (table->picks, i);

      if (g_str_equal (pick->name, reference->table))
        {
          reference->pick = (int)i;
          return pick->table;
        }
    }
  for (table = table->parent; table != NULL; table = table->parent)
    {
      reference->up++;
      if (g_str_equal (table->name, reference->table))
        return table;
    }
  return NULL;
}

static void
resolve_reference (SlipGenParser *parser, const SlipGenPending *pending)
{
  SlipGenReference *reference = pending->reference;
  const SlipGenTable *table = find_table (pending);

  if (table == NULL && reference->pick < 0)
    fault (parser, pending, "“%s” is neither a table that %s follows nor one of its picks",
           reference->table != NULL ? reference->table : "", pending->table->name);
  if (table == NULL)
    return;
  reference->to = g_hash_table_lookup (table->by_name, reference->column);
  if (reference->to == NULL)
    fault (parser, pending, "%s has no column “%s”", table->name, reference->column);
}

static gboolean
walk_column (const SlipGenPending *pending, const SlipGenColumn *column, GPtrArray *all);

static gboolean
walk_references (const SlipGenColumn *column, GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      const SlipGenPending *other = g_ptr_array_index (all, i);

      if (other->column == column && other->reference->to != NULL
          && !walk_column (other, other->reference->to, all))
        return FALSE;
    }
  return TRUE;
}

/* States: 0 not seen, 1 on the way, 2 done. */
static gboolean
walk_column (const SlipGenPending *pending, const SlipGenColumn *column, GPtrArray *all)
{
  SlipGenColumn *mine = (SlipGenColumn *)column;
  gboolean good;

  if (mine->state != 0)
    return mine->state == 2;
  mine->state = 1;
  good = walk_references (column, all);
  mine->state = 2;
  return good;
}

static void
check_circles (SlipGenParser *parser)
{
  for (guint i = 0; i < parser->references->len; i++)
    {
      SlipGenPending *pending = g_ptr_array_index (parser->references, i);

      if (pending->reference->to != NULL && pending->column != NULL && pending->column->state == 0)
        {
          pending->column->state = 1;
          if (!walk_references (pending->column, parser->references))
            fault (parser, pending, "columns read one another in a circle");
          pending->column->state = 2;
        }
    }
}

static void
check_dates (SlipGenParser *parser)
{
  for (guint i = 0; i < parser->references->len; i++)
    {
      SlipGenPending *pending = g_ptr_array_index (parser->references, i);
      const SlipGenColumn *to = pending->reference->to;

      if (pending->date && to != NULL && to->value != NULL && !slip_gen_class_is_date (to->value))
        fault (parser, pending, "%s.%s is no date", to->table->name, to->name);
    }
}

void
slip_gen_resolve (SlipGenParser *parser)
{
  guint before;

  resolve_parents (parser);
  resolve_picks (parser);
  for (guint i = 0; i < parser->references->len; i++)
    resolve_reference (parser, g_ptr_array_index (parser->references, i));
  before = parser->faults->len;
  check_circles (parser);
  if (parser->faults->len == before)
    check_dates (parser);
}
