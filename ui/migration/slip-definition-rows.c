/* SPDX-License-Identifier: MIT */

/* The lines of the definitions' page as objects of lists, and how their columns read. */

#include "config.h"

#include "slip-definition-rows.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-compared.h"

/* ---- a mapping or a lookup */

struct _SlipCovered
{
  GObject parent_instance;

  char *name;
  char *entity; /* NULL for a lookup */
  guint columns;
  guint mapped;
  guint complete;
  guint validated;
  gboolean independent;
  guint errors;
  guint warnings;
  gboolean checked;
  gboolean whole;
  gboolean is_lookup;
};

G_DEFINE_FINAL_TYPE (SlipCovered, slip_covered, G_TYPE_OBJECT)

static void
slip_covered_finalize (GObject *object)
{
  g_free (SLIP_COVERED (object)->name);
  g_free (SLIP_COVERED (object)->entity);
  G_OBJECT_CLASS (slip_covered_parent_class)->finalize (object);
}

static GParamSpec *counts_property;

static void
slip_covered_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_uint (value, SLIP_COVERED (object)->errors + SLIP_COVERED (object)->warnings);
}

static void
slip_covered_class_init (SlipCoveredClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_covered_finalize;
  G_OBJECT_CLASS (klass)->get_property = slip_covered_get_property;
  counts_property
      = g_param_spec_uint ("counts", NULL, NULL, 0, G_MAXUINT, 0,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1, counts_property);
}

static void
slip_covered_init (SlipCovered *self)
{
}

SlipCovered *
slip_covered_new (const SlipCoverage *coverage)
{
  SlipCovered *self = g_object_new (SLIP_TYPE_COVERED, NULL);

  self->name = g_strdup (coverage->mapping);
  self->entity = g_strdup (coverage->entity);
  self->columns = coverage->columns;
  self->mapped = coverage->mapped;
  self->complete = coverage->complete;
  self->validated = coverage->validated;
  self->independent = coverage->independent;
  return self;
}

SlipCovered *
slip_covered_new_lookup (const SlipLookup *lookup)
{
  SlipCovered *self = g_object_new (SLIP_TYPE_COVERED, NULL);

  self->is_lookup = TRUE;
  self->name = g_strdup (lookup->name);
  self->columns = lookup->entries->len;
  return self;
}

const char *
slip_covered_get_name (SlipCovered *self)
{
  g_return_val_if_fail (SLIP_IS_COVERED (self), NULL);
  return self->name;
}

void
slip_covered_count (SlipCovered *self, GHashTable *errors, GHashTable *warnings, gboolean whole)
{
  g_return_if_fail (SLIP_IS_COVERED (self));
  self->checked = errors != NULL && warnings != NULL;
  self->whole = whole;
  if (!self->checked)
    return;
  self->errors = GPOINTER_TO_UINT (g_hash_table_lookup (errors, self->name));
  self->warnings = GPOINTER_TO_UINT (g_hash_table_lookup (warnings, self->name));
}

/* Whether @other is the same line, perhaps with other numbers. */
static gboolean
take_over (SlipCovered *self, const SlipCovered *other)
{
  gboolean counts = self->columns != other->columns || self->mapped != other->mapped
                    || self->complete != other->complete || self->validated != other->validated
                    || self->independent != other->independent || self->errors != other->errors
                    || self->warnings != other->warnings || self->checked != other->checked
                    || self->whole != other->whole;

  if (!g_str_equal (self->name, other->name) || g_strcmp0 (self->entity, other->entity) != 0)
    return FALSE;
  self->columns = other->columns;
  self->mapped = other->mapped;
  self->complete = other->complete;
  self->validated = other->validated;
  self->independent = other->independent;
  self->errors = other->errors;
  self->warnings = other->warnings;
  self->checked = other->checked;
  self->whole = other->whole;
  if (counts)
    g_object_notify_by_pspec (G_OBJECT (self), counts_property);
  return TRUE;
}

void
slip_covered_put (GListStore *rows, GPtrArray *wanted)
{
  guint there = g_list_model_get_n_items (G_LIST_MODEL (rows));
  guint same = 0;

  for (; same < MIN (there, wanted->len); same++)
    {
      g_autoptr (SlipCovered) row = g_list_model_get_item (G_LIST_MODEL (rows), same);

      if (!take_over (row, g_ptr_array_index (wanted, same)))
        break;
    }
  if (same < there || same < wanted->len)
    g_list_store_splice (rows, same, there - same, wanted->pdata + same, wanted->len - same);
}

static char *
dup_name (gpointer item)
{
  return g_strdup (SLIP_COVERED (item)->name);
}

static char *
dup_entity (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  if (self->is_lookup)
    return g_strdup (_ ("lookup"));
  return g_strdup (self->entity != NULL ? self->entity : _ ("nothing uses it"));
}

static char *
dup_share (guint some, guint all)
{
  return all > 0 ? g_strdup_printf (_ ("%u of %u"), some, all) : g_strdup ("");
}

static char *
dup_mapped (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  return self->is_lookup
             ? g_strdup_printf (ngettext ("%u code", "%u codes", self->columns), self->columns)
             : dup_share (self->mapped, self->columns);
}

static char *
dup_complete (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  return self->is_lookup ? g_strdup ("") : dup_share (self->complete, self->columns);
}

static char *
dup_validated (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  return self->is_lookup
             ? g_strdup ("")
             : slip_compared_dup_columns (self->validated, self->columns, self->independent);
}

static char *
dup_counts (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  if (self->errors > 0)
    return g_strdup_printf (ngettext ("%u error", "%u errors", self->errors), self->errors);
  if (self->warnings > 0)
    return g_strdup_printf (ngettext ("%u warning", "%u warnings", self->warnings), self->warnings);
  if (self->checked && !self->whole)
    return g_strdup (_ ("checked in part"));
  return g_strdup (self->checked ? _ ("nothing found") : _ ("checking…"));
}

static SlipTone
get_count_tone (gpointer item)
{
  SlipCovered *self = SLIP_COVERED (item);

  if (self->errors > 0)
    return SLIP_TONE_BAD;
  if (self->warnings > 0)
    return SLIP_TONE_WARNING;
  if (self->checked && !self->whole)
    return SLIP_TONE_NEUTRAL;
  return self->checked ? SLIP_TONE_GOOD : SLIP_TONE_BUSY;
}

const SlipColumn slip_covered_columns[SLIP_COVERED_N_COLUMNS] = {
    {.title = N_ ("Mapping or lookup"), .width_chars = 22, .expand = TRUE, .text = dup_name},
    {.title = N_ ("Check"), .width_chars = 14, .text = dup_counts, .tone = get_count_tone},
    {.title = N_ ("Entity"), .width_chars = 14, .text = dup_entity},
    {.title = N_ ("Mapped"), .width_chars = 9, .text = dup_mapped},
    {.title = N_ ("Signed off"), .width_chars = 9, .text = dup_complete},
    {.title = N_ ("Validated"), .width_chars = 16, .text = dup_validated},
};

/* ---- a finding */

struct _SlipFound
{
  GObject parent_instance;

  const SlipFinding *finding; /* of the list that the page keeps */
};

G_DEFINE_FINAL_TYPE (SlipFound, slip_found, G_TYPE_OBJECT)

static void
slip_found_class_init (SlipFoundClass *klass)
{
}

static void
slip_found_init (SlipFound *self)
{
}

SlipFound *
slip_found_new (const SlipFinding *finding)
{
  SlipFound *self = g_object_new (SLIP_TYPE_FOUND, NULL);

  self->finding = finding;
  return self;
}

const SlipFinding *
slip_found_get_finding (SlipFound *self)
{
  g_return_val_if_fail (SLIP_IS_FOUND (self), NULL);
  return self->finding;
}

/* A finding's file names the mapping or lookup that it is in. */
char *
slip_found_dup_subject (const SlipFinding *finding)
{
  g_autofree char *base = g_path_get_basename (finding->file);

  if (g_str_has_suffix (base, ".json"))
    base[strlen (base) - strlen (".json")] = '\0';
  if (g_str_has_suffix (base, "_mapping"))
    base[strlen (base) - strlen ("_mapping")] = '\0';
  return g_steal_pointer (&base);
}

static const SlipFinding *
get (gpointer item)
{
  return SLIP_FOUND (item)->finding;
}

static char *
dup_severity (gpointer item)
{
  switch (get (item)->severity)
    {
    case SLIP_SEVERITY_ERROR:
      return g_strdup (_ ("error"));
    case SLIP_SEVERITY_WARNING:
      return g_strdup (_ ("warning"));
    case SLIP_SEVERITY_NOTE:
      break;
    }
  return g_strdup (_ ("note"));
}

static SlipTone
get_severity_tone (gpointer item)
{
  switch (get (item)->severity)
    {
    case SLIP_SEVERITY_ERROR:
      return SLIP_TONE_BAD;
    case SLIP_SEVERITY_WARNING:
      return SLIP_TONE_WARNING;
    case SLIP_SEVERITY_NOTE:
      break;
    }
  return SLIP_TONE_NEUTRAL;
}

static char *
dup_where (gpointer item)
{
  const SlipFinding *finding = get (item);

  return g_strdup_printf ("%s%s%s", finding->file, finding->path != NULL ? " " : "",
                          finding->path != NULL ? finding->path : "");
}

static char *
dup_message (gpointer item)
{
  const SlipFinding *finding = get (item);

  return g_strdup_printf ("%s%s%s", finding->message, finding->advice != NULL ? ". " : "",
                          finding->advice != NULL ? finding->advice : "");
}

const SlipColumn slip_found_columns[SLIP_FOUND_N_COLUMNS] = {
    {.title = N_ ("Finding"), .width_chars = 9, .text = dup_severity, .tone = get_severity_tone},
    {.title = N_ ("What"), .width_chars = 30, .expand = TRUE, .text = dup_message, .wraps = TRUE},
    {.title = N_ ("File and path"), .width_chars = 30, .expand = TRUE, .text = dup_where},
};
