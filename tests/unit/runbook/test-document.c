/* SPDX-License-Identifier: MIT */
/* The claims of the document reader: places, YAML's traps, and what hostile texts come to. */

#include "slip-document.h"
#include "slip-json.h"

#include <string.h>

static SlipDocument *
read_text (const char *text, GPtrArray **faults)
{
  *faults = slip_faults_new ();
  return slip_document_parse (text, -1, *faults);
}

static void
assert_refused (const char *text, const char *words)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipDocument) document = read_text (text, &faults);
  g_autofree char *told = slip_faults_to_text (faults);

  g_assert_null (document == NULL ? NULL : faults->len > 0 ? NULL : document);
  g_assert_cmpuint (faults->len, >, 0);
  if (strstr (told, words) == NULL)
    g_error ("expected “%s” in: %s", words, told);
}

static void
test_places (void)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipDocument) document
      = read_text ("a: 1\nsteps:\n  - name: x\n    inputs:\n      Api: Foo\n", &faults);
  guint line;
  guint column;

  g_assert_nonnull (document);
  slip_document_locate (document, "$.steps[0].inputs.Api", &line, &column);
  g_assert_cmpuint (line, ==, 5);
  g_assert_cmpuint (column, ==, 7);
  slip_document_locate (document, "$.steps[0].inputs.Nothing.Below", &line, &column);
  g_assert_cmpuint (line, ==, 4);
}

static void
test_json_has_places (void)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipDocument) document = read_text ("{\n\t\"a\": {\n\t\t\"b\": true}}", &faults);
  guint line;
  guint column;

  g_assert_nonnull (document);
  slip_document_locate (document, "$.a.b", &line, &column);
  g_assert_cmpuint (line, ==, 3);
}

static void
assert_string (const char *text, const char *wanted)
{
  g_autofree char *yaml = g_strdup_printf ("v: %s\n", text);
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipDocument) document = read_text (yaml, &faults);
  JsonObject *root;

  g_assert_nonnull (document);
  root = json_node_get_object (slip_document_get_root (document));
  g_assert_cmpstr (slip_json_string (root, "v"), ==, wanted);
}

static void
test_plain_scalars (void)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipDocument) document
      = read_text ("i: 42\nn: -1.5\nt: true\nz: null\nbig: 99999999999999999999\n", &faults);
  JsonObject *root = json_node_get_object (slip_document_get_root (document));

  g_assert_cmpint (slip_json_int (root, "i", 0), ==, 42);
  g_assert_cmpfloat (slip_json_double (root, "n", 0), ==, -1.5);
  g_assert_true (slip_json_bool (root, "t", FALSE));
  g_assert_true (json_object_get_null_member (root, "z"));
  g_assert_cmpstr (slip_json_string (root, "big"), ==, "99999999999999999999");
  assert_string ("012345678901", "012345678901");
  assert_string ("yes", "yes");
  assert_string ("0x1f", "0x1f");
  assert_string ("2026-11-21", "2026-11-21");
  assert_string ("'7'", "7");
}

static void
test_refusals (void)
{
  assert_refused ("a: 1\na: 2\n", "2:1: $.a: the key a is given twice");
  assert_refused ("a: {{ x }}\n", "in quotes");
  assert_refused ("a: 1\n---\nb: 2\n", "second document");
  assert_refused ("", "empty");
  assert_refused ("a: !!binary aGk=\n", "tag");
  assert_refused ("base: &b {x: 1}\nc:\n  <<: *b\n", "merge keys");
  assert_refused ("a: *nothing\n", "alias *nothing");
  assert_refused ("a: &a [*a]\n", "alias *a");
  assert_refused ("a: [1, 2\nb: 3\n", "$");
  assert_refused ("a: \"x\\0y\"\n", "NUL");
  assert_refused ("{\"a\": 01}", "1:");
  assert_refused ("{\"a\": 1, \"a\": 2}", "a");
  assert_refused ("{\"a\": 1} x", "1:");
}

static void
test_deep_nesting (void)
{
  g_autoptr (GString) text = g_string_new ("a: ");

  for (guint i = 0; i < 10000; i++)
    g_string_append_c (text, '[');
  assert_refused (text->str, "deeper than 64");
}

static void
test_alias_bomb (void)
{
  g_autoptr (GString) text = g_string_new ("l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");

  for (guint i = 1; i < 12; i++)
    {
      g_string_append_printf (text, "l%u: &l%u [", i, i);
      for (guint j = 0; j < 10; j++)
        g_string_append_printf (text, "%s*l%u", j > 0 ? ", " : "", i - 1);
      g_string_append (text, "]\n");
    }
  assert_refused (text->str, "with its aliases written out");
}

static void
test_aliases_are_copies (void)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipDocument) document = read_text ("a: &x {k: [1]}\nb: *x\n", &faults);
  JsonObject *root = json_node_get_object (slip_document_get_root (document));

  g_assert_true (
      slip_json_equal (json_object_get_member (root, "a"), json_object_get_member (root, "b")));
  g_assert_true (slip_json_object (root, "a") != slip_json_object (root, "b"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/knows_where_everything_stands", test_places);
  g_test_add_func ("/document/json_has_places_too", test_json_has_places);
  g_test_add_func ("/document/plain_scalars_keep_what_they_say", test_plain_scalars);
  g_test_add_func ("/document/refuses_what_two_readers_would_read_differently", test_refusals);
  g_test_add_func ("/document/refuses_deep_nesting", test_deep_nesting);
  g_test_add_func ("/document/refuses_alias_bombs", test_alias_bomb);
  g_test_add_func ("/document/aliases_are_copies", test_aliases_are_copies);
  return g_test_run ();
}
