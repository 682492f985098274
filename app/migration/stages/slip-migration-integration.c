/* SPDX-License-Identifier: MIT */
/* What people agree to before rows go into a target: one integration, known by a mark. Between their word and the load
 * somebody else may work in the same migration database; what stands there then is another one, and is not loaded. */

#include "slip-migration-integration.h"

#include "slip-migration-run-private.h"
#include "slip-stage-shown.h"

#include <string.h>

#define DIGITS 16

void
slip_migration_integration_free (SlipMigrationIntegration *self)
{
  if (self == NULL)
    return;
  g_free (self->mark);
  g_free (self->source);
  g_free (self);
}

char *
slip_migration_integration_to_text (const SlipMigrationIntegration *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_strdup_printf ("integration %s: %" G_GINT64_FORMAT " rows, source files %s", self->mark,
                          self->rows, self->source);
}

static gboolean
take_word (const char **at, const char *word)
{
  if (!g_str_has_prefix (*at, word))
    return FALSE;
  *at += strlen (word);
  return TRUE;
}

static char *
take_digits (const char **at)
{
  gsize length = strspn (*at, "0123456789abcdef");
  const char *begin = *at;

  if (length != DIGITS)
    return NULL;
  *at += length;
  return g_strndup (begin, length);
}

SlipMigrationIntegration *
slip_migration_integration_parse (const char *line)
{
  g_autoptr (SlipMigrationIntegration) self = g_new0 (SlipMigrationIntegration, 1);
  char *end = NULL;

  g_return_val_if_fail (line != NULL, NULL);

  if (!take_word (&line, "integration ") || (self->mark = take_digits (&line)) == NULL
      || !take_word (&line, ": ") || !g_ascii_isdigit (*line))
    return NULL;
  self->rows = g_ascii_strtoll (line, &end, 10);
  line = end;
  if (!take_word (&line, " rows, source files ") || (self->source = take_digits (&line)) == NULL
      || *line != '\0')
    return NULL;
  return g_steal_pointer (&self);
}

/* What the run has integrated; nothing (%NULL) while the stage is not done, or is left out. */
gboolean
slip_migration_run_look_integration (SlipMigrationRun *run,
                                     SlipMigrationIntegration **integration,
                                     GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "look what is integrated", error,
      "SELECT " SLIP_STAGE_SHOWN_MARK ", rows, left (r.landed, %D)\n"
      "  FROM slipway.run r JOIN slipway.stage ON run = r.id AND stage = 'integration'\n"
      "   AND stage.state = 'done' WHERE r.id = %D AND r.landed IS NOT NULL",
      (gint64)DIGITS, run->id);

  *integration = NULL;
  if (rows == NULL || slip_pg_rows_get_n_rows (rows) == 0)
    return rows != NULL;
  *integration = g_new0 (SlipMigrationIntegration, 1);
  (*integration)->mark = g_strdup (slip_pg_rows_get (rows, 0, 0));
  (*integration)->rows = slip_pg_rows_get_int (rows, 0, 1);
  (*integration)->source = g_strdup (slip_pg_rows_get (rows, 0, 2));
  return TRUE;
}

/* Before anything is loaded, and before what is loaded already is taken for it. */
gboolean
slip_migration_run_check_agreed (SlipMigrationRun *run, const char *stage, GError **error)
{
  const char *agreed = run->options->integration;
  g_autoptr (SlipMigrationIntegration) there = NULL;
  g_autofree char *told = NULL;

  if (agreed == NULL || !g_str_equal (stage, "load_to_target"))
    return TRUE;
  if (!slip_migration_run_look_integration (run, &there, error))
    return FALSE;
  if (there != NULL && g_str_equal (there->mark, agreed))
    return TRUE;
  run->refused = TRUE;
  told = there != NULL ? slip_migration_integration_to_text (there)
                       : g_strdup ("no integration that is done");
  SLIP_STAGE_ERROR (
      error, CHANGED,
      "what stands in run %" G_GINT64_FORMAT
      " now is %s, and integration %s was agreed to: somebody "
      "has run stages of it since. Nothing was loaded by it. Look at the counts again (slipwayctl "
      "migrate status), and have them agreed to anew: cancel the run that asked for it and plan it "
      "again, or run the stages from the first on, and give the integration that this tells",
      run->id, told, agreed);
  return FALSE;
}
