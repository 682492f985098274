/* SPDX-License-Identifier: MIT */
/* Claims of slipway:editSecret, on a scripted Secrets Manager: only what is named changes, the version of
 * before is kept, nothing is put twice, and the secret is nowhere on disk. */

#include "run-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define BEFORE "{\"username\":\"root\",\"password\":\"hidden-pw\",\"host\":\"old\",\"port\":5432}"

typedef struct
{
  char *current;
  char *previous;
  char *token; /* of the last put */
  guint puts;
} Store;

static JsonNode *
version (const char *id, const char *text)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "VersionId", id);
  json_object_set_string_member (object, "SecretString", text);
  return slip_json_new_object (object);
}

static JsonNode *
answer (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  Fixture *fixture = data;
  Store *store = fixture->data;
  gboolean previous = g_strcmp0 (slip_json_string (input, "VersionStage"), "AWSPREVIOUS") == 0;

  g_assert_cmpstr (slip_json_string (input, "SecretId"), ==, "rds-api");
  if (g_str_equal (operation, "GetSecretValue"))
    return previous ? version ("v1", store->previous)
                    : version (store->puts > 0 ? "v2" : "v1", store->current);
  g_assert_cmpstr (operation, ==, "PutSecretValue");
  g_assert_nonnull (slip_json_string (input, "ClientRequestToken"));
  if (g_strcmp0 (store->token, slip_json_string (input, "ClientRequestToken")) != 0)
    {
      store->puts++;
      g_free (store->token);
      store->token = g_strdup (slip_json_string (input, "ClientRequestToken"));
      g_free (store->previous);
      store->previous = store->current;
      store->current = g_strdup (slip_json_string (input, "SecretString"));
    }
  return version ("v2", "");
}

static void
begin (Fixture *fixture, Store *store, const char *text, const char *set)
{
  g_autofree char *inputs = g_strdup_printf ("{\"SecretId\":\"rds-api\",\"Set\":%s}", set);
  g_autofree char *step = fixture_step (
      "Edit", "slipway:editSecret", inputs,
      "{\"service\":\"secretsmanager\",\"operation\":\"PutSecretValue\",\"effect\":\"change\","
      "\"request\":{\"SecretId\":\"rds-api\"},\"resume\":{\"rule\":\"R2\"}}");

  store->current = g_strdup (text);
  fixture->answer = answer;
  fixture->data = store;
  fixture_plan (fixture, step);
}

static void
clear (Store *store)
{
  g_free (store->current);
  g_free (store->previous);
  g_free (store->token);
}

static gboolean
is_on_disk (Fixture *fixture, const char *text)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->folder, 0, NULL);
  const char *name;
  gboolean found = FALSE;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
      g_autofree char *content = NULL;
      gsize length;

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR)
          && g_file_get_contents (path, &content, &length, NULL))
        found = found || memmem (content, length, text, strlen (text)) != NULL;
    }
  return found;
}

static void
changes_only_what_is_named (Fixture *fixture, gconstpointer data)
{
  Store store = {0};
  g_autoptr (SlipRunFold) fold = NULL;
  JsonObject *outputs;

  begin (fixture, &store, BEFORE, "{\"host\":\"new\"}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (
      store.current, ==,
      "{\"username\":\"root\",\"password\":\"hidden-pw\",\"host\":\"new\",\"port\":5432}");
  g_assert_cmpstr (store.previous, ==, BEFORE);
  outputs = slip_run_fold_find (fold, "Edit")->outputs;
  g_assert_cmpstr (slip_json_string (outputs, "VersionId"), ==, "v2");
  g_assert_cmpstr (slip_json_string (outputs, "PreviousVersionId"), ==, "v1");
  g_assert_true (is_on_disk (fixture, "rds-api"));
  g_assert_false (is_on_disk (fixture, "hidden-pw"));
  clear (&store);
}

static void
lost_answer_puts_nothing_twice (Fixture *fixture, gconstpointer data)
{
  Store store = {0};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &store, BEFORE, "{\"host\":\"new\"}");
  fixture_fault (fixture, "PutSecretValue", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (store.puts, ==, 1);
  g_assert_cmpstr (store.previous, ==, BEFORE);
  clear (&store);
}

static void
as_desired_is_left_alone (Fixture *fixture, gconstpointer data)
{
  Store store = {0};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &store, BEFORE, "{\"host\":\"old\",\"port\":5432}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (store.puts, ==, 0);
  clear (&store);
}

static void
assert_refused (Fixture *fixture, const char *text, const char *set, const char *why)
{
  Store store = {0};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &store, text, set);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, why));
  g_assert_null (strstr (fixture->error->message, "hidden-pw"));
  g_assert_cmpuint (store.puts, ==, 0);
  clear (&store);
}

/* Secrets of clusters and of instances name what they belong to differently. */
static void
changes_what_is_there_of_the_rest (Fixture *fixture, gconstpointer data)
{
  Store store = {0};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &store, "{\"host\":\"old\",\"dbInstanceIdentifier\":\"api-0\"}",
         "{\"host\":\"new\"},\"SetIfThere\":{\"dbInstanceIdentifier\":\"api-restored-0\","
         "\"dbClusterIdentifier\":\"api-restored\"}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (store.current, ==,
                   "{\"host\":\"new\",\"dbInstanceIdentifier\":\"api-restored-0\"}");
  g_assert_cmpuint (store.puts, ==, 1);
  clear (&store);
}

static void
misspelt_member_is_refused (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, BEFORE, "{\"hots\":\"new\"}", "has no member hots");
}

static void
what_is_no_object_is_refused (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, "plain hidden-pw", "{\"host\":\"new\"}", "holds no JSON object");
}

#define TEST(name)                                                                                 \
  g_test_add ("/run/edit_secret/" #name, Fixture, NULL, fixture_set_up, name, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST (changes_only_what_is_named);
  TEST (lost_answer_puts_nothing_twice);
  TEST (as_desired_is_left_alone);
  TEST (changes_what_is_there_of_the_rest);
  TEST (misspelt_member_is_refused);
  TEST (what_is_no_object_is_refused);
  return g_test_run ();
}
