/* SPDX-License-Identifier: MIT */

/* GetRandomPassword. */

#include "slip-secretsmanager-private.h"

#include "slip-json.h"

#define DEFAULT_LENGTH 32
#define MAX_LENGTH 4096

typedef struct
{
  const char *exclude; /* member of the input that leaves the class out */
  const char *letters;
} Class;

static const Class classes[] = {
    {"ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"},
    {"ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"ExcludeNumbers", "0123456789"},
    {"ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
};

static char *
without (const char *letters, const char *excluded)
{
  GString *left = g_string_new (NULL);

  for (const char *letter = letters; *letter != '\0'; letter++)
    if (excluded == NULL || strchr (excluded, *letter) == NULL)
      g_string_append_c (left, *letter);
  return g_string_free (left, FALSE);
}

static void
shuffle (char *text)
{
  for (gsize i = strlen (text); i > 1; i--)
    {
      gsize other = (gsize)g_random_int_range (0, (gint32)i);
      char letter = text[i - 1];

      text[i - 1] = text[other];
      text[other] = letter;
    }
}

JsonNode *
slip_secret_random_password (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  gint64 length = slip_json_int (input, "PasswordLength", DEFAULT_LENGTH);
  const char *excluded = slip_json_string (input, "ExcludeCharacters");
  gboolean each = slip_json_bool (input, "RequireEachIncludedType", TRUE);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GString) password = g_string_new (NULL);
  g_autofree char *rest = NULL;
  JsonObject *output;

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autofree char *letters = without (classes[i].letters, excluded);
      g_autofree char *one = NULL;

      if (slip_json_bool (input, classes[i].exclude, FALSE) || *letters == '\0')
        continue;
      g_string_append (all, letters);
      one = each ? slip_random_id (NULL, 1, letters) : g_strdup ("");
      g_string_append (password, one);
    }
  if (slip_json_bool (input, "IncludeSpace", FALSE)
      && (excluded == NULL || !strchr (excluded, ' ')))
    g_string_append_c (all, ' ');
  if (length < 1 || length > MAX_LENGTH || (gsize)length < password->len || all->len == 0)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "The password length or its character types leave no password");
  rest = slip_random_id (NULL, (guint)length - (guint)password->len, all->str);
  g_string_append (password, rest);
  shuffle (password->str);
  output = json_object_new ();
  json_object_set_string_member (output, "RandomPassword", password->str);
  return slip_json_new_object (output);
}
