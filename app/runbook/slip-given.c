/* SPDX-License-Identifier: MIT */
/* What a command line says beforehand, and how long a word holds. A word that nobody said must not get into the audit
 * log: one that was said answers one question, and not the next of that name five hours later. */

#include "slip-given.h"

#include "slip-json.h"

#include <string.h>

/* How long a word holds when the document does not say. */
#define WORD_MINUTES 60

struct _SlipGiven
{
  GHashTable *spent; /* element-type utf8, borrowed, by address */
  gint64 said;
};

gint64
slip_given_minutes (SlipPlanStep *step)
{
  JsonObject *confirm = slip_plan_step_get_confirm (step);
  JsonObject *resume = slip_plan_step_get_resume (step);
  gint64 fallback
      = resume != NULL ? slip_json_int (resume, "maxAgeMinutes", WORD_MINUTES) : WORD_MINUTES;

  return confirm != NULL ? slip_json_int (confirm, "maxAgeMinutes", fallback) : fallback;
}

SlipGiven *
slip_given_new (gint64 said)
{
  SlipGiven *self = g_new0 (SlipGiven, 1);

  self->spent = g_hash_table_new (NULL, NULL);
  self->said = said;
  return self;
}

void
slip_given_free (SlipGiven *self)
{
  g_hash_table_unref (self->spent);
  g_free (self);
}

static const char *
text_for (const char *item, const char *name)
{
  gsize length = strlen (name);

  if (g_str_equal (item, name))
    return "";
  return g_str_has_prefix (item, name) && item[length] == '=' ? item + length + 1 : NULL;
}

const char *
slip_given_take (SlipGiven *self, char **list, const char *name, SlipPlanStep *step, gint64 now)
{
  /* As of other words: a clock that stepped back does not make it last longer. */
  if (ABS (now - self->said) > slip_given_minutes (step) * 60 * G_USEC_PER_SEC)
    return NULL;
  for (char **item = list; item != NULL && *item != NULL; item++)
    {
      const char *text = text_for (*item, name);

      if (text != NULL && g_hash_table_add (self->spent, *item))
        return text;
    }
  return NULL;
}
