/* SPDX-License-Identifier: MIT */
/* The error domain of the migration folder. A server's refusal keeps every field of its own message,
 * so that callers decide by SQLSTATE and a person reads detail, context and the way out. */

#include "slip-migration-error.h"

#include <string.h>

typedef struct
{
  SlipServerWords words; /* its texts are owned */
  char *statement;
  char *lasting; /* the message without what was so only then, or NULL when it is all of it */
  gboolean closed;
} SlipMigrationErrorPrivate;

static void
copy_words (SlipServerWords *to, const SlipServerWords *from)
{
  to->sqlstate = g_strdup (from->sqlstate);
  to->primary = g_strdup (from->primary);
  to->detail = g_strdup (from->detail);
  to->hint = g_strdup (from->hint);
  to->context = g_strdup (from->context);
  to->table = g_strdup (from->table);
  to->column = g_strdup (from->column);
  to->constraint = g_strdup (from->constraint);
  to->position = from->position;
}

static void
slip_migration_error_private_init (SlipMigrationErrorPrivate *priv)
{
}

static void
slip_migration_error_private_copy (const SlipMigrationErrorPrivate *src,
                                   SlipMigrationErrorPrivate *dest)
{
  copy_words (&dest->words, &src->words);
  dest->statement = g_strdup (src->statement);
  dest->lasting = g_strdup (src->lasting);
  dest->closed = src->closed;
}

static void
slip_migration_error_private_clear (SlipMigrationErrorPrivate *priv)
{
  g_free ((char *)priv->words.sqlstate);
  g_free ((char *)priv->words.primary);
  g_free ((char *)priv->words.detail);
  g_free ((char *)priv->words.hint);
  g_free ((char *)priv->words.context);
  g_free ((char *)priv->words.table);
  g_free ((char *)priv->words.column);
  g_free ((char *)priv->words.constraint);
  g_free (priv->statement);
  g_free (priv->lasting);
}

G_DEFINE_EXTENDED_ERROR (SlipMigrationError, slip_migration_error)

static void
append_sentence (GString *text, const char *before, const char *words)
{
  if (words == NULL || *words == '\0')
    return;
  g_string_append_printf (text, "%s%s", before, words);
  if (text->str[text->len - 1] == '.')
    g_string_truncate (text, text->len - 1);
}

GError *
slip_migration_error_new_server (const char *where,
                                 const char *statement,
                                 const SlipServerWords *words)
{
  g_return_val_if_fail (where != NULL, NULL);
  g_return_val_if_fail (words != NULL && words->sqlstate != NULL && words->primary != NULL, NULL);

  g_autoptr (GString) text = g_string_new (where);
  gboolean cancelled = g_str_equal (words->sqlstate, "57014");

  if (statement != NULL)
    g_string_append_printf (text, ", %s", statement);
  append_sentence (text, ": ", words->primary);
  append_sentence (text, ". ", words->detail);
  append_sentence (text, ". ", words->hint);
  g_string_append_printf (text, " (SQLSTATE %s", words->sqlstate);
  if (words->constraint != NULL)
    g_string_append_printf (text, ", constraint %s", words->constraint);
  append_sentence (text, "; ", words->context);
  g_string_append_c (text, ')');

  GError *error = g_error_new_literal (
      SLIP_MIGRATION_ERROR,
      cancelled ? SLIP_MIGRATION_ERROR_CANCELLED : SLIP_MIGRATION_ERROR_DATABASE, text->str);
  SlipMigrationErrorPrivate *priv = slip_migration_error_get_private (error);
  copy_words (&priv->words, words);
  priv->statement = g_strdup (statement);
  return error;
}

GError *
slip_migration_error_new_gone (const char *message, gboolean closed)
{
  GError *error;
  SlipMigrationErrorPrivate *priv;

  g_return_val_if_fail (message != NULL, NULL);

  error = g_error_new_literal (SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION, message);
  priv = slip_migration_error_get_private (error);
  priv->closed = closed;
  return error;
}

static const SlipMigrationErrorPrivate *
peek (const GError *error)
{
  if (error == NULL || error->domain != SLIP_MIGRATION_ERROR)
    return NULL;
  return slip_migration_error_get_private (error);
}

const char *
slip_migration_error_get_sqlstate (const GError *error)
{
  const SlipMigrationErrorPrivate *priv = peek (error);
  return priv != NULL ? priv->words.sqlstate : NULL;
}

const SlipServerWords *
slip_migration_error_get_words (const GError *error)
{
  const SlipMigrationErrorPrivate *priv = peek (error);
  return priv != NULL && priv->words.sqlstate != NULL ? &priv->words : NULL;
}

const char *
slip_migration_error_get_statement (const GError *error)
{
  const SlipMigrationErrorPrivate *priv = peek (error);
  return priv != NULL ? priv->statement : NULL;
}

gboolean
slip_migration_error_is_closed (const GError *error)
{
  const SlipMigrationErrorPrivate *priv = peek (error);
  return priv != NULL && priv->closed;
}

void
slip_migration_error_add_passing (GError *error, const char *words)
{
  SlipMigrationErrorPrivate *priv;

  g_return_if_fail (error != NULL && error->domain == SLIP_MIGRATION_ERROR && words != NULL);

  priv = slip_migration_error_get_private (error);
  if (priv->lasting == NULL)
    priv->lasting = g_strdup (error->message);
  g_autofree char *message = g_steal_pointer (&error->message);
  error->message = g_strdup_printf ("%s. %s", message, words);
}

const char *
slip_migration_error_get_lasting (const GError *error)
{
  const SlipMigrationErrorPrivate *priv = peek (error);

  g_return_val_if_fail (error != NULL, NULL);

  return priv != NULL && priv->lasting != NULL ? priv->lasting : error->message;
}

/* ---- values in messages */

char *
slip_migration_dup_told (const char *value)
{
  GString *told = g_string_new (value);

  g_string_replace (told, "“", "\"", 0);
  g_string_replace (told, "”", "\"", 0);
  g_strdelimit (told->str, "\r\n", ' ');
  g_string_prepend (told, "“");
  g_string_append (told, "”");
  return g_string_free (told, FALSE);
}

char *
slip_migration_dup_untold (const char *message)
{
  GString *text = g_string_new (NULL);
  const char *from = message;
  const char *open;

  g_return_val_if_fail (message != NULL, g_string_free (text, FALSE));

  while ((open = strstr (from, "“")) != NULL)
    {
      const char *close = strstr (open, "”");

      g_string_append_len (text, from, open - from);
      g_string_append (text, "“…”");
      from = close != NULL ? close + strlen ("”") : open + strlen (open);
    }
  g_string_append (text, from);
  return g_string_free (text, FALSE);
}

static void
leave_out (GString *text, const char *words)
{
  g_autofree char *found = g_strdup (words);

  if (found == NULL)
    return;
  if (g_str_has_suffix (found, "."))
    found[strlen (found) - 1] = '\0';
  if (*found != '\0')
    g_string_replace (text, found, "“…”", 0);
}

/* invalid input syntax for type integer: "abc"; value "99999999999" is out of range. Names stand in such quotes as well, but not
 * behind a colon or the word value. */
static char *
dup_without_value (const SlipServerWords *words)
{
  static const char *const before[] = {": \"", "value \""};

  if (g_str_has_prefix (words->sqlstate, "P0"))
    return g_strdup ("“…”");
  for (gsize i = 0; i < G_N_ELEMENTS (before); i++)
    {
      const char *found = strstr (words->primary, before[i]);
      const char *end = found != NULL ? strrchr (found, '"') : NULL;

      if (found != NULL && end > found + strlen (before[i]) - 1)
        return g_strdup_printf ("%.*s“…”%s", (int)(found + strlen (before[i]) - 1 - words->primary),
                                words->primary, end + 1);
    }
  return g_strdup (words->primary);
}

char *
slip_migration_error_dup_untold (const GError *error)
{
  const SlipServerWords *words = slip_migration_error_get_words (error);
  g_autoptr (GString) text = NULL;
  g_autofree char *primary = NULL;

  g_return_val_if_fail (error != NULL, NULL);

  if (error->domain != SLIP_MIGRATION_ERROR)
    return g_strdup (error->message);
  if (words == NULL)
    return slip_migration_dup_untold (error->message);
  text = g_string_new (error->message);
  leave_out (text, words->detail);
  leave_out (text, words->context);
  primary = dup_without_value (words);
  g_string_replace (text, words->primary, primary, 0);
  return slip_migration_dup_untold (text->str);
}
