/* SPDX-License-Identifier: MIT */
/* The error domain of the migration folder. A server's refusal keeps every field of its own message,
 * so that callers decide by SQLSTATE and a person reads detail, context and the way out. */

#include "slip-migration-error.h"

#include <string.h>

typedef struct
{
  SlipServerWords words; /* its texts are owned */
  char *statement;
  char *said;    /* of the message, all that is the server's */
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
  to->raised = from->raised;
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
  dest->said = g_strdup (src->said);
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
  g_free (priv->said);
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

static char *
compose (const SlipServerWords *words)
{
  GString *text = g_string_new (NULL);

  append_sentence (text, ": ", words->primary);
  append_sentence (text, ". ", words->detail);
  append_sentence (text, ". ", words->hint);
  g_string_append_printf (text, " (SQLSTATE %s", words->sqlstate);
  if (words->constraint != NULL)
    g_string_append_printf (text, ", constraint %s", words->constraint);
  append_sentence (text, "; ", words->context);
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

GError *
slip_migration_error_new_server (const char *where,
                                 const char *statement,
                                 const SlipServerWords *words)
{
  g_return_val_if_fail (where != NULL, NULL);
  g_return_val_if_fail (words != NULL && words->sqlstate != NULL && words->primary != NULL, NULL);

  g_autofree char *said = compose (words);
  gboolean cancelled = g_str_equal (words->sqlstate, "57014");
  GError *error = g_error_new (
      SLIP_MIGRATION_ERROR,
      cancelled ? SLIP_MIGRATION_ERROR_CANCELLED : SLIP_MIGRATION_ERROR_DATABASE, "%s%s%s%s", where,
      statement != NULL ? ", " : "", statement != NULL ? statement : "", said);
  SlipMigrationErrorPrivate *priv = slip_migration_error_get_private (error);

  copy_words (&priv->words, words);
  priv->statement = g_strdup (statement);
  priv->said = g_steal_pointer (&said);
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

/* What is in quotes from the first to the last: a value may have quotes in it. */
static char *
dup_without_quoted (const char *text)
{
  const char *begin = strchr (text, '"');
  const char *end = begin != NULL ? strrchr (begin + 1, '"') : NULL;

  return end != NULL ? g_strdup_printf ("%.*s“…”%s", (int)(begin - text), text, end + 1)
                     : g_strdup (text);
}

/* Whether a message has names and no values: of a constraint (class 23), of what the server itself is short of or waits for, and
 * of the words of a statement that it cannot read, which it points at. What is looked for by a value, as a function does that puts
 * a statement together, stands nowhere in a statement of ours. */
static gboolean
names_no_value (const SlipServerWords *words)
{
  static const char *const classes[] = {"08", "23", "25", "40", "53", "55", "57", "58", NULL};
  const char class[]
      = {words->sqlstate[0], words->sqlstate[0] != '\0' ? words->sqlstate[1] : '\0', '\0'};

  return g_strv_contains (classes, class) || (g_str_equal (class, "42") && words->position > 0);
}

/* Others say values in quotes or behind a colon: invalid input syntax for type integer: "abc"; date field value out of range:
 * 1983-04-99. */
static char *
dup_without_value (const SlipServerWords *words)
{
  const char *colon = strstr (words->primary, ": ");
  g_autofree char *before = NULL;

  if (words->raised || g_str_has_prefix (words->sqlstate, "P0"))
    return g_strdup ("“…”");
  if (names_no_value (words))
    return g_strdup (words->primary);
  /* In another language than English quotes are others. */
  if (!g_str_is_ascii (words->primary))
    return g_strdup ("“…”");
  if (colon == NULL)
    return dup_without_quoted (words->primary);
  before = g_strndup (words->primary, (gsize)(colon - words->primary));
  if (strchr (before, '"') == NULL || g_str_equal (words->sqlstate, "22021"))
    return g_strdup_printf ("%s: “…”", before);
  return dup_without_quoted (words->primary);
}

static const char *
leave_out (const char *words)
{
  return words != NULL && *words != '\0' ? "“…”" : NULL;
}

char *
slip_migration_error_dup_untold (const GError *error)
{
  const SlipMigrationErrorPrivate *priv = peek (error);
  g_autoptr (GString) text = NULL;
  g_autofree char *primary = NULL;
  g_autofree char *said = NULL;
  SlipServerWords words;

  g_return_val_if_fail (error != NULL, NULL);

  if (priv == NULL)
    return g_strdup (error->message);
  if (priv->said == NULL)
    return slip_migration_dup_untold (error->message);
  words = priv->words;
  words.primary = primary = dup_without_value (&words);
  words.detail = leave_out (words.detail);
  words.context = leave_out (words.context);
  if (words.raised)
    {
      words.hint = leave_out (words.hint);
      words.constraint = leave_out (words.constraint);
    }
  said = compose (&words);
  text = g_string_new (error->message);
  /* Who wrote another message around it left none of the server's words as they were. */
  if (g_string_replace (text, priv->said, said, 0) == 0)
    g_string_assign (text, said + strlen (": "));
  return slip_migration_dup_untold (text->str);
}
