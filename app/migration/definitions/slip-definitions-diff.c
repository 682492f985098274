/* SPDX-License-Identifier: MIT */
/* What differs in meaning between two versions of definitions: for people who sign off a change, and see at once which
 * columns of which mapping come out differently. Compares facts; what a fact is stands in slip-definitions-facts.c. */

#include "config.h"

#include "slip-definitions-diff.h"
#include "slip-definitions-facts.h"

static const char *const part_names[] = {
    [SLIP_DEFINITIONS_PART_MAPPING] = "mapping",
    [SLIP_DEFINITIONS_PART_LOOKUP] = "lookup",
    [SLIP_DEFINITIONS_PART_TABLE_DEFINITION] = "table definition",
    [SLIP_DEFINITIONS_PART_TARGET_TABLE] = "target table",
    [SLIP_DEFINITIONS_PART_VALIDATION] = "validation",
    [SLIP_DEFINITIONS_PART_COPY_TABLE] = "copied table",
};

static const char *const kind_names[] = {
    [SLIP_DEFINITIONS_CHANGE_ADDED] = "added",
    [SLIP_DEFINITIONS_CHANGE_REMOVED] = "removed",
    [SLIP_DEFINITIONS_CHANGE_CHANGED] = "changed",
    [SLIP_DEFINITIONS_CHANGE_MOVED] = "moved",
};

typedef struct
{
  GPtrArray *changes; /* owned by the caller */
  SlipDefinitionsPart part;
  const char *name; /* of the record */
} Diff;

static SlipDefinitionsChange *
add (const Diff *diff, SlipDefinitionsChangeKind kind, const char *item, gboolean rows)
{
  SlipDefinitionsChange *change = g_new0 (SlipDefinitionsChange, 1);

  change->part = diff->part;
  change->kind = kind;
  change->name = g_strdup (diff->name);
  change->item = item != NULL && *item != '\0' ? g_strdup (item) : NULL;
  change->rows = rows;
  g_ptr_array_add (diff->changes, change);
  return change;
}

/* ---- properties of one item */

static const SlipFact *
find_fact (const SlipFactItem *item, const char *property)
{
  for (guint i = 0; i < item->facts->len; i++)
    {
      const SlipFact *fact = g_ptr_array_index (item->facts, i);

      if (g_str_equal (fact->property, property))
        return fact;
    }
  return NULL;
}

static void
diff_fact (const Diff *diff, const char *item, const SlipFact *before, const SlipFact *after)
{
  const SlipFact *any = after != NULL ? after : before;
  SlipDefinitionsChange *change;

  if (before != NULL && after != NULL && g_str_equal (before->value, after->value))
    return;
  change = add (diff, SLIP_DEFINITIONS_CHANGE_CHANGED, item, any->rows);
  change->property = g_strdup (any->property);
  change->before = g_strdup (before != NULL ? before->value : NULL);
  change->after = g_strdup (after != NULL ? after->value : NULL);
}

/* Facts of one item always come in the same order, so that it need not be looked at. */
static void
diff_item (const Diff *diff, const SlipFactItem *before, const SlipFactItem *after)
{
  for (guint i = 0; i < after->facts->len; i++)
    {
      const SlipFact *fact = g_ptr_array_index (after->facts, i);

      diff_fact (diff, after->name, find_fact (before, fact->property), fact);
    }
  for (guint i = 0; i < before->facts->len; i++)
    {
      const SlipFact *fact = g_ptr_array_index (before->facts, i);

      if (find_fact (after, fact->property) == NULL)
        diff_fact (diff, before->name, fact, NULL);
    }
}

/* ---- order */

/* Which of @n places, given as where each stood before, need not have moved: the longest run that still goes
 * upwards. What is not in it has moved, and that is the least that can be said. */
static gboolean *
find_still (const guint *places, guint n)
{
  gboolean *still = g_new0 (gboolean, n + 1);
  g_autofree guint *ends = g_new (guint, n + 1); /* by length: the run of it that ends lowest */
  g_autofree guint *previous = g_new (guint, n + 1);
  guint longest = 0;

  for (guint i = 0; i < n; i++)
    {
      guint low = 0, high = longest;

      while (low < high)
        {
          guint middle = (low + high) / 2;

          if (places[ends[middle]] < places[i])
            low = middle + 1;
          else
            high = middle;
        }
      previous[i] = low > 0 ? ends[low - 1] : n;
      ends[low] = i;
      longest = MAX (longest, low + 1);
    }
  for (guint last = longest > 0 ? ends[longest - 1] : n; last < n; last = previous[last])
    still[last] = TRUE;
  return still;
}

static void
add_move (const Diff *diff, const char *item, const char *before, const char *after, gboolean rows)
{
  SlipDefinitionsChange *change = add (diff, SLIP_DEFINITIONS_CHANGE_MOVED, item, rows);

  change->before = g_strdup (before);
  change->after = g_strdup (after);
}

/* @before and @after: names of what both have. @single: the names are records, not items of one. */
static void
diff_order (Diff *diff, GPtrArray *before, GPtrArray *after, gboolean rows, gboolean single)
{
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree guint *places = g_new0 (guint, after->len + 1);
  g_autofree gboolean *still = NULL;

  for (guint i = 0; i < before->len; i++)
    g_hash_table_insert (index, g_ptr_array_index (before, i), GUINT_TO_POINTER (i));
  for (guint i = 0; i < after->len; i++)
    places[i] = GPOINTER_TO_UINT (g_hash_table_lookup (index, g_ptr_array_index (after, i)));
  still = find_still (places, after->len);
  for (guint i = 0; i < after->len; i++)
    {
      const char *name = g_ptr_array_index (after, i);

      if (still[i])
        continue;
      if (single)
        diff->name = name;
      add_move (diff, single ? NULL : name,
                places[i] > 0 ? g_ptr_array_index (before, places[i] - 1) : NULL,
                i > 0 ? g_ptr_array_index (after, i - 1) : NULL, rows);
    }
}

/* ---- one record */

static GPtrArray *
common_items (const SlipFacts *of, const SlipFacts *with)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < of->items->len; i++)
    {
      const SlipFactItem *item = g_ptr_array_index (of->items, i);

      if (item->ordered && g_hash_table_contains (with->index, item->name))
        g_ptr_array_add (names, item->name);
    }
  return names;
}

static void
diff_record (Diff *diff, const SlipFacts *before, const SlipFacts *after)
{
  g_autoptr (GPtrArray) old_order = common_items (before, after);
  g_autoptr (GPtrArray) new_order = common_items (after, before);

  diff->name = after->name;
  for (guint i = 0; i < after->items->len; i++)
    {
      const SlipFactItem *item = g_ptr_array_index (after->items, i);
      const SlipFactItem *old = g_hash_table_lookup (before->index, item->name);

      if (old != NULL)
        diff_item (diff, old, item);
      else
        {
          SlipDefinitionsChange *change
              = add (diff, SLIP_DEFINITIONS_CHANGE_ADDED, item->name, item->rows);
          const SlipFact *value = find_fact (item, "value");

          change->after = g_strdup (value != NULL ? value->value : NULL);
        }
    }
  for (guint i = 0; i < before->items->len; i++)
    {
      const SlipFactItem *item = g_ptr_array_index (before->items, i);
      const SlipFact *value = find_fact (item, "value");

      if (!g_hash_table_contains (after->index, item->name))
        add (diff, SLIP_DEFINITIONS_CHANGE_REMOVED, item->name, item->rows)->before
            = g_strdup (value != NULL ? value->value : NULL);
    }
  diff_order (diff, old_order, new_order, after->order, FALSE);
}

/* ---- one kind */

static GHashTable *
index_records (GPtrArray *records)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < records->len; i++)
    {
      SlipFacts *facts = g_ptr_array_index (records, i);

      g_hash_table_insert (index, facts->name, facts);
    }
  return index;
}

static GPtrArray *
common_records (GPtrArray *of, GHashTable *with)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < of->len; i++)
    {
      const SlipFacts *facts = g_ptr_array_index (of, i);

      if (g_hash_table_contains (with, facts->name))
        g_ptr_array_add (names, facts->name);
    }
  return names;
}

static char *
dup_size (const SlipFacts *facts)
{
  guint n = 0;

  for (guint i = 0; i < facts->items->len; i++)
    n += ((const SlipFactItem *)g_ptr_array_index (facts->items, i))->ordered ? 1 : 0;
  return n > 0 ? g_strdup_printf ("%u %s", n, facts->plural) : NULL;
}

static void
diff_whole (Diff *diff, const SlipFacts *facts, SlipDefinitionsChangeKind kind)
{
  const SlipFactItem *record = g_ptr_array_index (facts->items, 0);
  SlipDefinitionsChange *change;

  diff->name = facts->name;
  change = add (diff, kind, NULL, record->rows);
  *(kind == SLIP_DEFINITIONS_CHANGE_ADDED ? &change->after : &change->before) = dup_size (facts);
}

static void
diff_part (GPtrArray *changes,
           SlipDefinitions *before,
           SlipDefinitions *after,
           SlipDefinitionsPart part)
{
  Diff diff = {changes, part, NULL};
  g_autoptr (GPtrArray) old_records = slip_definitions_facts (before, part);
  g_autoptr (GPtrArray) new_records = slip_definitions_facts (after, part);
  g_autoptr (GHashTable) old_index = index_records (old_records);
  g_autoptr (GHashTable) new_index = index_records (new_records);
  g_autoptr (GPtrArray) old_order = common_records (old_records, new_index);
  g_autoptr (GPtrArray) new_order = common_records (new_records, old_index);

  for (guint i = 0; i < new_records->len; i++)
    {
      const SlipFacts *facts = g_ptr_array_index (new_records, i);
      const SlipFacts *old = g_hash_table_lookup (old_index, facts->name);

      if (old != NULL)
        diff_record (&diff, old, facts);
      else
        diff_whole (&diff, facts, SLIP_DEFINITIONS_CHANGE_ADDED);
    }
  for (guint i = 0; i < old_records->len; i++)
    {
      const SlipFacts *facts = g_ptr_array_index (old_records, i);

      if (!g_hash_table_contains (new_index, facts->name))
        diff_whole (&diff, facts, SLIP_DEFINITIONS_CHANGE_REMOVED);
    }
  /* The order of `tables.json` is that of loading; of the others nothing depends on it. */
  diff_order (&diff, old_order, new_order, part == SLIP_DEFINITIONS_PART_TARGET_TABLE, TRUE);
}

/* ---- public */

GPtrArray *
slip_definitions_diff (SlipDefinitions *before, SlipDefinitions *after)
{
  GPtrArray *changes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_definitions_change_free);

  g_return_val_if_fail (SLIP_IS_DEFINITIONS (before), changes);
  g_return_val_if_fail (SLIP_IS_DEFINITIONS (after), changes);

  for (guint part = 0; part < G_N_ELEMENTS (part_names); part++)
    diff_part (changes, before, after, (SlipDefinitionsPart)part);
  return changes;
}

char *
slip_definitions_change_to_text (const SlipDefinitionsChange *change)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (change != NULL, g_string_free (text, FALSE));

  g_string_printf (text, "%s %s: ", part_names[change->part], change->name);
  if (change->item != NULL)
    g_string_append_printf (text, "%s%s", change->item, change->property != NULL ? ": " : " ");
  if (change->property != NULL)
    {
      g_string_append_printf (text, "%s ", change->property);
      g_string_append_printf (text, change->before != NULL ? "“%s” → " : "%s → ",
                              change->before != NULL ? change->before : "unset");
      g_string_append_printf (text, change->after != NULL ? "“%s”" : "%s",
                              change->after != NULL ? change->after : "unset");
      return g_string_free (text, FALSE);
    }
  g_string_append (text, kind_names[change->kind]);
  if (change->kind == SLIP_DEFINITIONS_CHANGE_MOVED)
    {
      if (change->after != NULL)
        g_string_append_printf (text, " behind %s", change->after);
      else
        g_string_append (text, " to the front");
    }
  else if (change->before != NULL || change->after != NULL)
    g_string_append_printf (text, " (%s)", change->after != NULL ? change->after : change->before);
  return g_string_free (text, FALSE);
}

const char *
slip_definitions_part_get_name (SlipDefinitionsPart part)
{
  g_return_val_if_fail ((gsize)part < G_N_ELEMENTS (part_names), NULL);

  return part_names[part];
}

const char *
slip_definitions_change_kind_get_name (SlipDefinitionsChangeKind kind)
{
  g_return_val_if_fail ((gsize)kind < G_N_ELEMENTS (kind_names), NULL);

  return kind_names[kind];
}

void
slip_definitions_change_free (SlipDefinitionsChange *change)
{
  if (change == NULL)
    return;
  g_free (change->name);
  g_free (change->item);
  g_free (change->property);
  g_free (change->before);
  g_free (change->after);
  g_free (change);
}
