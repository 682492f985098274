/* SPDX-License-Identifier: MIT */
/* The check that no secret goes where everybody on the machine can read it: into the words of a command
 * line. What cannot be told from the document is refused when the program is about to start. */

#include "slip-check.h"

#include "slip-json.h"
#include "slip-redact.h"
#include "slip-template.h"

#include <string.h>

/* `$.Parameter.Value` → `Value` */
static gboolean
selects_secret (const char *selector)
{
  const char *dot = selector != NULL ? strrchr (selector, '.') : NULL;
  g_autofree char *last = dot != NULL ? g_strndup (dot + 1, strcspn (dot + 1, "[")) : NULL;

  return last != NULL && *last != '\0' && slip_redact_name_is_secret (last);
}

static JsonObject *
find_output (SlipCheckStep *step, const char *name)
{
  JsonArray *outputs = slip_json_array (step->object, "outputs");

  for (guint i = 0; outputs != NULL && i < json_array_get_length (outputs); i++)
    {
      JsonObject *output = slip_json_node_object (json_array_get_element (outputs, i));

      if (output != NULL && g_strcmp0 (slip_json_string (output, "Name"), name) == 0)
        return output;
    }
  return NULL;
}

/* `Step.Output`, and `Step.Output.member` of a secret that is a map, by the member's name. */
static gboolean
is_secret (SlipCheck *check, const char *reference)
{
  g_auto (GStrv) parts = g_strsplit (reference, ".", 3);
  SlipCheckStep *step
      = g_strv_length (parts) >= 2 ? g_hash_table_lookup (check->steps, parts[0]) : NULL;
  JsonObject *output = step != NULL ? find_output (step, parts[1]) : NULL;

  if (output == NULL || !selects_secret (slip_json_string (output, "Selector")))
    return FALSE;
  return parts[2] == NULL || slip_redact_name_is_secret (parts[2]);
}

static void
check_words (SlipCheck *check, SlipCheckStep *step, const char *input)
{
  JsonNode *words = json_object_get_member (step->inputs, input);
  g_autoptr (GPtrArray) references = words != NULL ? slip_template_list (words, NULL) : NULL;
  g_autofree char *path = g_strdup_printf ("%s.inputs.%s", step->path, input);

  for (guint i = 0; references != NULL && i < references->len; i++)
    if (is_secret (check, g_ptr_array_index (references, i)))
      slip_check_fault (
          check, path,
          "{{ %s }} is a secret, and everybody on the machine can read command lines. "
          "Hand it over in Environment",
          (const char *)g_ptr_array_index (references, i));
}

void
slip_check_secrets (SlipCheck *check)
{
  for (guint i = 0; i < check->all->len; i++)
    {
      SlipCheckStep *step = g_ptr_array_index (check->all, i);
      const char *action = step->action != NULL ? step->action->name : NULL;

      if (g_strcmp0 (action, "slipway:command") == 0)
        check_words (check, step, "Command");
      else if (g_strcmp0 (action, "slipway:terraform") == 0)
        {
          check_words (check, step, "Variables");
          check_words (check, step, "BackendConfig");
        }
    }
}
