/* SPDX-License-Identifier: MIT */
/* Claims of slipway:editJson: the values named change, and not one byte else; in JSON and in files of
 * Terraform's variables; in the file that was planned for, and in no other. */

#include "run-fixture.h"

#include "actions/slip-edit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JSON                                                                                       \
  "{\n"                                                                                            \
  "  \"zeta\" :1.50,\t\"lpas_table_name\":   \"lpas-old\" ,\n"                                     \
  "  \"nested\": { \"list\": [ 1,\n  {\"lpas_table_name\": \"inner } \\\" ]\"} ] },\n"             \
  "  \"esc\\u0061ped\": true\r\n"                                                                  \
  "}\n\n"

static char *
apply (
    SlipEditFormat format, const char *text, const char *set, JsonArray **changes, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_parse (set, -1, NULL);

  return slip_edit_apply (format, text, json_node_get_object (node), changes, error);
}

static void
assert_edit (
    SlipEditFormat format, const char *text, const char *set, const char *from, const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) changes = NULL;
  g_autofree char *result = apply (format, text, set, &changes, &error);
  g_auto (GStrv) parts = g_strsplit (text, from, -1);
  g_autofree char *wanted = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  wanted = g_strconcat (parts[0], to, parts[1], NULL);
  g_assert_cmpstr (result, ==, wanted);
  g_assert_cmpuint (json_array_get_length (changes), ==, 1);
}

static void
assert_refused (SlipEditFormat format, const char *text, const char *set, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) changes = NULL;
  g_autofree char *result = apply (format, text, set, &changes, &error);

  g_assert_null (result);
  g_assert_nonnull (error);
  if (strstr (error->message, why) == NULL)
    g_error ("“%s” does not say “%s”", error->message, why);
}

static void
json_keeps_every_other_byte (void)
{
  assert_edit (SLIP_EDIT_JSON, JSON, "{\"$.lpas_table_name\":\"lpas-20261121\"}", "\"lpas-old\"",
               "\"lpas-20261121\"");
  assert_edit (SLIP_EDIT_JSON, JSON, "{\"$.nested.list[1].lpas_table_name\":\"x\"}",
               "\"inner } \\\" ]\"", "\"x\"");
  assert_edit (SLIP_EDIT_JSON, JSON, "{\"$['escaped']\":false}", "true", "false");
  assert_edit (SLIP_EDIT_JSON, JSON, "{\"$.nested.list[0]\":[2,{}]}", "1,\n", "[2,{}],\n");
}

static void
json_value_that_is_right_keeps_its_bytes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) changes = NULL;
  g_autofree char *result
      = apply (SLIP_EDIT_JSON, JSON, "{\"$.zeta\":1.5,\"$.escaped\":true}", &changes, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, JSON);
  g_assert_cmpuint (json_array_get_length (changes), ==, 0);
}

static void
json_changes_tell_line_and_both_values (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) changes = NULL;
  g_autofree char *result = apply (
      SLIP_EDIT_JSON, JSON,
      "{\"$.nested.list[1].lpas_table_name\":\"b\",\"$.lpas_table_name\":\"a\"}", &changes, &error);
  g_autoptr (JsonArray) diff = slip_edit_diff (JSON, result);

  g_assert_cmpuint (json_array_get_length (changes), ==, 2);
  g_assert_cmpint (slip_json_int (json_array_get_object_element (changes, 0), "line", 0), ==, 2);
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (changes, 0), "before"), ==,
                   "\"lpas-old\"");
  g_assert_cmpint (slip_json_int (json_array_get_object_element (changes, 1), "line", 0), ==, 4);
  g_assert_cmpuint (json_array_get_length (diff), ==, 6);
  g_assert_cmpstr (json_array_get_string_element (diff, 3), ==, "@@ line 4");
}

static void
json_refuses_what_it_cannot_prove (void)
{
  assert_refused (SLIP_EDIT_JSON, JSON, "{\"$.absent\":1}", "nothing at $.absent");
  assert_refused (SLIP_EDIT_JSON, JSON, "{\"$.nested.list[7]\":1}", "nothing at");
  assert_refused (SLIP_EDIT_JSON, JSON, "{\"$.zeta.deeper\":1}", "nothing at");
  assert_refused (SLIP_EDIT_JSON, JSON, "{\"$.nested\":1,\"$.nested.list\":2}", "part of another");
  assert_refused (SLIP_EDIT_JSON, "{\"a\":1,\"a\":2}", "{\"$.a\":3}", "cannot be read");
  assert_refused (SLIP_EDIT_JSON, "{\"a\":1} x", "{\"$.a\":3}", "cannot be read");
  assert_refused (SLIP_EDIT_JSON, JSON, "{\"$..zeta\":1}", "no path");
  assert_refused (SLIP_EDIT_JSON, JSON, "{\"$\":1}", "no path");
}

#define HCL                                                                                        \
  "# destination_vault_arn = \"in a comment\"\n"                                                   \
  "/* destination_vault_arn = \"in another\"\n */\n"                                               \
  "policy = <<-EOT\n  destination_vault_arn = \"in a heredoc\"\n  EOT\n"                           \
  "text   = \"say \\\"hi\\\" ${upper(\"}\")} destination_vault_arn = \\\"x\\\"\"\n"                \
  "tags   = {\n  destination_vault_arn = \"in a map\" # } \n}\n"                                   \
  "destination_vault_arn   =   \"arn:old\"  # keep me\n"                                           \
  "days = 35 // thirty-five\n"                                                                     \
  "lock = false"

static void
hcl_finds_the_assignment_and_keeps_every_other_byte (void)
{
  assert_edit (SLIP_EDIT_HCL, HCL, "{\"destination_vault_arn\":\"arn:aws:backup:x:${y}\"}",
               "\"arn:old\"", "\"arn:aws:backup:x:$${y}\"");
  assert_edit (SLIP_EDIT_HCL, HCL, "{\"days\":14}", "35 //", "14 //");
  assert_edit (SLIP_EDIT_HCL, HCL, "{\"lock\":true}", "= false", "= true");
}

static void
hcl_refuses_ambiguity_and_expressions (void)
{
  assert_refused (SLIP_EDIT_HCL, HCL, "{\"policy\":\"x\"}", "more than a simple");
  assert_refused (SLIP_EDIT_HCL, HCL, "{\"text\":\"x\"}", "more than a simple");
  assert_refused (SLIP_EDIT_HCL, HCL, "{\"tags\":\"x\"}", "more than a simple");
  assert_refused (SLIP_EDIT_HCL, HCL, "{\"lock\":[1]}", "can be assigned");
  assert_refused (SLIP_EDIT_HCL, HCL, "{\"absent\":1}", "not assigned at the top level");
  assert_refused (SLIP_EDIT_HCL, "a = 1\na = 2\n", "{\"a\":3}", "assigned twice");
  assert_refused (SLIP_EDIT_HCL, "a = 1 + 2\n", "{\"a\":3}", "more than a simple");
  assert_refused (SLIP_EDIT_HCL, "a = \"x\" == var.b\n", "{\"a\":3}", "more than a simple");
  assert_refused (SLIP_EDIT_HCL, "block {\n a = 1\n}\n", "{\"a\":3}", "no file of variables");
  assert_refused (SLIP_EDIT_HCL, "a = \"open\n", "{\"a\":3}", "does not end");
  assert_refused (SLIP_EDIT_HCL, "b = [1\na = 2\n", "{\"a\":3}", "not closed");
  assert_refused (SLIP_EDIT_HCL, "b = <<EOT\nx\na = 1\n", "{\"a\":3}", "does not end");
  assert_refused (SLIP_EDIT_HCL, "b = 1 }\na = 1\n", "{\"a\":3}", "not opened");
}

/* ---- files */

static char *
write_file (Fixture *fixture, const char *name, const char *text)
{
  char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static char *
read_file (const char *path)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
plan_edit (Fixture *fixture, const char *path, const char *set)
{
  g_autofree char *inputs = g_strdup_printf ("{\"File\":\"%s\",\"Set\":%s}", path, set);
  g_autofree char *step = fixture_step ("Edit", "slipway:editJson", inputs, NULL);

  fixture_plan (fixture, step);
}

static void
file_gets_the_value_and_a_backup (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "terraform.tfvars.json", JSON);
  g_autofree char *link = g_build_filename (fixture->folder, "link.json", NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *after = NULL;
  g_autofree char *backup = NULL;
  SlipFoldStep *step;
  struct stat info;

  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_cmpint (symlink (path, link), ==, 0);
  plan_edit (fixture, link, "{\"$.lpas_table_name\":\"lpas-new\"}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  step = slip_run_fold_find (fold, "Edit");
  after = read_file (path);
  g_assert_nonnull (strstr (after, "\"lpas_table_name\":   \"lpas-new\" ,"));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0640);
  backup = read_file (slip_json_string (step->outputs, "Backup"));
  g_assert_cmpstr (backup, ==, JSON);
  g_assert_cmpint (g_stat (slip_json_string (step->outputs, "Backup"), &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

/* Where the value stands only parameters tell: a member's name is no place for a reference. */
static void
one_value_is_told_by_path_and_value (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "terraform.tfvars.json", JSON);
  g_autofree char *inputs = g_strdup_printf (
      "{\"File\":\"%s\",\"Path\":\"$.nested.list[1].lpas_table_name\",\"Value\":\"b\"}", path);
  g_autofree char *step = fixture_step ("Edit", "slipway:editJson", inputs, NULL);
  g_autofree char *after = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, step);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  after = read_file (path);
  g_assert_nonnull (strstr (after, "{\"lpas_table_name\": \"b\"}"));
  g_assert_nonnull (strstr (after, "\"lpas_table_name\":   \"lpas-old\" ,"));
}

static void
wishes_are_told_in_one_way (void)
{
  static const char *const both[] = {
      "{\"Set\":{\"a\":1},\"Path\":\"a\",\"Value\":1}",
      "{\"Path\":\"a\"}",
      "{\"Value\":1}",
      "{}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_autoptr (JsonNode) inputs = slip_json_parse (both[i], -1, NULL);

      g_assert_null (slip_edit_wishes (json_node_get_object (inputs)));
    }
}

static void
plan_shows_the_lines_that_will_differ (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "dev.tfvars", HCL);
  g_autoptr (SlipRunFold) fold = NULL;
  JsonObject *request;
  JsonArray *diff;

  plan_edit (fixture, path, "{\"days\":14}");
  fold = fixture_fold (fixture);
  request = json_node_get_object (
      slip_plan_step_get_request (slip_plan_find_step (fold->plan, "Edit")));
  diff = slip_json_array (request, "diff");
  g_assert_cmpuint (json_array_get_length (diff), ==, 3);
  g_assert_cmpstr (json_array_get_string_element (diff, 1), ==, "-days = 35 // thirty-five");
  g_assert_cmpstr (json_array_get_string_element (diff, 2), ==, "+days = 14 // thirty-five");
  g_assert_cmpuint (strlen (slip_json_string (request, "sha256")), ==, 64);
}

static void
file_changed_since_the_plan_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "terraform.tfvars.json", JSON);
  g_autofree char *other = NULL;
  g_autofree char *after = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  plan_edit (fixture, path, "{\"$.lpas_table_name\":\"lpas-new\"}");
  other = write_file (fixture, "terraform.tfvars.json", "{\"lpas_table_name\": \"theirs\"}\n");
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "was changed since the plan"));
  after = read_file (path);
  g_assert_cmpstr (after, ==, "{\"lpas_table_name\": \"theirs\"}\n");
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Edit"), ==, 0);
}

/* As a process leaves it that was killed behind the write: intent, new file, no outcome. */
static void
killed_after_the_write_is_adopted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "dev.tfvars", HCL);
  g_autofree char *state = NULL;
  g_autofree char *text = NULL;
  g_autoptr (SlipRunFold) first = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *request;
  JsonArray *changes = NULL;

  plan_edit (fixture, path, "{\"days\":14}");
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  text = apply (SLIP_EDIT_HCL, HCL, "{\"days\":14}", &changes, &error);
  g_assert_no_error (error);
  json_array_unref (changes);
  entry = slip_run_entry_new ("step.intent", fixture->run, "Edit", NULL);
  request = json_object_new ();
  state = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  json_object_set_string_member (request, "becomes_sha256", state);
  json_object_set_object_member (entry, "request", request);
  slip_ledger_append (fixture->ledger, entry, NULL, &error);
  g_assert_no_error (error);
  g_free (write_file (fixture, "dev.tfvars", text));
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Edit"), ==, 1);
}

#define ADD(func)                                                                                  \
  g_test_add ("/run/edit/" #func, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
#define ADD_PURE(func) g_test_add_func ("/edit/" #func, func)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_PURE (json_keeps_every_other_byte);
  ADD_PURE (wishes_are_told_in_one_way);
  ADD (one_value_is_told_by_path_and_value);
  ADD_PURE (json_value_that_is_right_keeps_its_bytes);
  ADD_PURE (json_changes_tell_line_and_both_values);
  ADD_PURE (json_refuses_what_it_cannot_prove);
  ADD_PURE (hcl_finds_the_assignment_and_keeps_every_other_byte);
  ADD_PURE (hcl_refuses_ambiguity_and_expressions);
  ADD (file_gets_the_value_and_a_backup);
  ADD (plan_shows_the_lines_that_will_differ);
  ADD (file_changed_since_the_plan_is_refused);
  ADD (killed_after_the_write_is_adopted);
  return g_test_run ();
}
