/* SPDX-License-Identifier: MIT */
/* Files that a step is to edit: any text. Whatever can be edited keeps all bytes but the value's. The
 * first byte chooses the format. */

#include "actions/slip-edit.h"
#include "slip-json.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
try_one (SlipEditFormat format, const char *text, const char *path)
{
  g_autoptr (JsonObject) set = json_object_new ();
  g_autoptr (JsonArray) changes = NULL;
  g_autofree char *result = NULL;

  json_object_set_string_member (set, path, "v\"${\\\n");
  result = slip_edit_apply (format, text, set, &changes, NULL);
  if (result != NULL)
    json_array_unref (slip_edit_diff (text, result));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = NULL;

  if (size == 0)
    return 0;
  text = g_strndup ((const char *)data + 1, size - 1);
  if (data[0] == 'j')
    {
      try_one (SLIP_EDIT_JSON, text, "$.a");
      try_one (SLIP_EDIT_JSON, text, "$.a[1].b");
      try_one (SLIP_EDIT_JSON, text, "$['a'].b");
    }
  else
    try_one (SLIP_EDIT_HCL, text, "a");
  return 0;
}
