/* SPDX-License-Identifier: MIT */
/* Removes secrets from what is about to be logged, stored, exported or shown. It is the belt to the
 * braces of the API models' `sensitive` marks: it knows names and shapes of secrets, no services. */

#include "slip-redact.h"
#include "slip-json.h"

#include <string.h>

/* Compared without case, '-' and '_'. A name is secret when it ends with one of these. */
static const char *const secret_endings[] = {
    "password",           "passwd",         "passphrase",   "secretkey",    "secretaccesskey",
    "sessiontoken",       "securitytoken",  "secretstring", "secretbinary", "privatekey",
    "authtoken",          "bearertoken",    "accesstoken",  "refreshtoken", "authorization",
    "authorizationtoken", "tokencode",      "mfatoken",     "circletoken",  "clientsecret",
    "xamzsignature",      "xamzcredential", "plaintext",    "pgpassword",   "ssobearertoken",
};

/* Ends with one of the above, yet is no secret. */
static const char *const public_names[] = {
    "managemasteruserpassword",
    "resetmasterpassword",
    "allowpassword",
};

/* Says where a secret comes from, and is none: `{{ GetSecret.Password }}`. */
#define REFERENCE "\\{\\{\\s*[A-Za-z0-9_.:*\\[\\]-]+\\s*\\}\\}"

/* A JSON string, whole; and one within a string of JSON, where each quote of its own has more than one
 * backslash. One that does not end is secret to the end. */
#define TEXT "\"(?:[^\"\\\\]|\\\\.)*+(?:\"|$)"
#define ESCAPED_TEXT "\\\\\"(?:[^\"\\\\]|\\\\(?:\\\\\\\\)+\"|\\\\[^\"])*+(?:\\\\\"|(?=\")|$)"

/* What a pattern matches holds one of @marks, which are in lower case, in whatever case. */
typedef struct
{
  const char *pattern;
  const char *replacement;
  const char *marks[4];
} Rule;

static const Rule rules[] = {
    {"\\b(A3T[A-Z0-9]|AKIA|ASIA)([A-Z0-9]{12,17})\\b", "\\1[redacted]", {"akia", "asia", "a3t"}},
    {"((?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|Signature)(?:=|%3[Dd]))[^&\\s\"',]"
     "+",
     "\\1[redacted]",
     {"signature", "x-amz-"}},
    {"((?:x-amz-security-token|authorization|x-amz-sso_bearer_token)\\s*:\\s*)[^\\r\\n\"]+",
     "\\1[redacted]",
     {"x-amz-", "authorization"}},
    {"([a-z][a-z0-9+.-]*://[^/\\s:@\"]*:)[^@/\\s\"]+@", "\\1[redacted]@", {"://"}},
    {"((?:password|passwd|passphrase|pgpassword|secret_?access_?key|aws_secret_access_key|"
     "aws_session_token|session_?token|secret_?string|client_?secret|private_?key)"
     "(?:[\\\\\"']*)\\s*[=:]\\s*)"
     "(?!\\\\?\"" REFERENCE "\\\\?\"|'" REFERENCE "'|" REFERENCE "(?:[\\s,;&\"']|$))"
     "(?:\\[redacted\\]|\\{\\{[^{}]*\\}\\}[^\\s,;&\"']+|" ESCAPED_TEXT "|" TEXT
     "|'[^']*'|[^\\s,;&\"']+)",
     "\\1[redacted]",
     {"pass", "secret", "token", "private"}},
    {"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
     "[redacted]",
     {"-----begin "}},
};

static char *
plain_name (const char *name)
{
  char *plain = g_malloc (strlen (name) + 1);
  char *end = plain;

  for (; *name != '\0'; name++)
    if (*name != '-' && *name != '_' && *name != '.')
      *end++ = g_ascii_tolower (*name);
  *end = '\0';
  return plain;
}

gboolean
slip_redact_name_is_secret (const char *name)
{
  g_autofree char *plain = NULL;
  gsize length;

  g_return_val_if_fail (name != NULL, FALSE);

  plain = plain_name (name);
  for (gsize i = 0; i < G_N_ELEMENTS (public_names); i++)
    if (g_str_equal (plain, public_names[i]))
      return FALSE;
  length = strlen (plain);
  for (gsize i = 0; i < G_N_ELEMENTS (secret_endings); i++)
    {
      gsize n = strlen (secret_endings[i]);

      if (n <= length && memcmp (plain + length - n, secret_endings[i], n) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_reference (JsonNode *value)
{
  return JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING
         && g_regex_match_simple ("^" REFERENCE "$", json_node_get_string (value),
                                  G_REGEX_DOLLAR_ENDONLY, 0);
}

static GRegex *const *
compiled_rules (void)
{
  static GRegex **compiled;

  if (g_once_init_enter (&compiled))
    {
      GRegex **regexes = g_new0 (GRegex *, G_N_ELEMENTS (rules));

      for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
        {
          g_autoptr (GError) error = NULL;

          regexes[i] = g_regex_new (
              rules[i].pattern, G_REGEX_CASELESS | G_REGEX_DOTALL | G_REGEX_OPTIMIZE, 0, &error);
          if (regexes[i] == NULL)
            g_error ("redaction rule %" G_GSIZE_FORMAT ": %s", i, error->message);
        }
      g_once_init_leave (&compiled, regexes);
    }
  return compiled;
}

static gboolean
may_hold_key (const char *text)
{
  static const char begin[] = "-----begin ";

  for (text = strstr (text, "-----"); text != NULL; text = strstr (text + 1, "-----"))
    if (g_ascii_strncasecmp (text, begin, strlen (begin)) == 0)
      return TRUE;
  return FALSE;
}

/* Most strings hold none of these; a cheap look saves the regular expressions. */
static gboolean
may_hold_secret (const char *text)
{
  return strpbrk (text, ":=") != NULL || strstr (text, "AKIA") != NULL
         || strstr (text, "ASIA") != NULL || strstr (text, "A3T") != NULL || may_hold_key (text);
}

/* As the expressions compare, in no locale: a Turkish I is an i here. Of text that is not ASCII they are asked
 * themselves, since they take the Kelvin sign for a k. */
static char *
dup_lower (const char *text)
{
  return g_str_is_ascii (text) ? g_ascii_strdown (text, -1) : NULL;
}

static gboolean
may_match (const Rule *rule, const char *lower)
{
  for (gsize i = 0; lower != NULL && i < G_N_ELEMENTS (rule->marks); i++)
    if (rule->marks[i] != NULL && strstr (lower, rule->marks[i]) != NULL)
      return TRUE;
  return lower == NULL;
}

char *
slip_redact_text (const char *text)
{
  GRegex *const *regexes = compiled_rules ();
  g_autofree char *lower = NULL;
  char *result;

  g_return_val_if_fail (text != NULL, NULL);

  result = g_utf8_make_valid (text, -1);
  if (!may_hold_secret (result))
    return result;
  lower = dup_lower (result);
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (GError) error = NULL;
      char *next;

      if (!may_match (&rules[i], lower))
        continue;
      next = g_regex_replace (regexes[i], result, -1, 0, rules[i].replacement, 0, &error);

      /* A match that gives up (backtracking limit) must not let the text through. */
      g_free (result);
      if (next == NULL)
        return g_strdup (SLIP_REDACTED);
      result = next;
      g_free (lower);
      lower = dup_lower (result);
    }
  return result;
}

static JsonNode *
redact_string (const char *text)
{
  g_autofree char *redacted = slip_redact_text (text);

  return slip_json_new_string (redacted);
}

static JsonNode *
redact_object (JsonObject *object)
{
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      gboolean secret = slip_redact_name_is_secret (name) && !JSON_NODE_HOLDS_NULL (value)
                        && json_node_get_value_type (value) != G_TYPE_BOOLEAN
                        && !is_reference (value);

      if (secret)
        json_object_set_string_member (result, name, SLIP_REDACTED);
      else
        json_object_set_member (result, name, slip_redact_json (value));
    }
  return slip_json_new_object (result);
}

static JsonNode *
redact_array (JsonArray *array)
{
  JsonArray *result = json_array_sized_new (json_array_get_length (array));

  for (guint i = 0; i < json_array_get_length (array); i++)
    json_array_add_element (result, slip_redact_json (json_array_get_element (array, i)));
  return slip_json_new_array (result);
}

JsonNode *
slip_redact_json (JsonNode *node)
{
  g_return_val_if_fail (node != NULL, NULL);

  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return redact_object (json_node_get_object (node));
    case JSON_NODE_ARRAY:
      return redact_array (json_node_get_array (node));
    case JSON_NODE_VALUE:
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        return redact_string (json_node_get_string (node));
      return json_node_copy (node);
    case JSON_NODE_NULL:
    default:
      return json_node_copy (node);
    }
}
