/* SPDX-License-Identifier: MIT */
/* Claims of the workspace file: what is good is read, what is not is told whole and with its place. */

#include "slip-estate-error.h"
#include "slip-json.h"
#include "slip-workspace.h"

#include <string.h>

#define GOOD                                                                                       \
  "{\"schema\":\"org.slipway.workspace/1\",\"name\":\"Sirius\",\"environments\":["                 \
  "{\"name\":\"production\",\"title\":\"Production\",\"account\":\"111111111111\","                \
  "\"regions\":[\"eu-west-1\",\"eu-west-2\"],\"profile\":\"production\",\"role\":\"breakglass\","  \
  "\"protected\":true,\"rehearsal\":{\"speed\":60},\"aws_config\":\"aws/config\","                 \
  "\"settings\":{\"database\":\"api\"}},"                                                          \
  "{\"name\":\"development\",\"account\":\"222222222222\",\"regions\":[\"eu-west-1\"]}]}"

static void
test_reads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipWorkspace) workspace
      = slip_workspace_new_from_text (GOOD, -1, "/w/workspace.json", &error);
  SlipEnvironment *production;
  SlipEnvironment *development;

  g_assert_no_error (error);
  g_assert_cmpstr (slip_workspace_get_name (workspace), ==, "Sirius");
  g_assert_cmpuint (g_list_model_get_n_items (slip_workspace_get_environments (workspace)), ==, 2);
  production = slip_workspace_find (workspace, "production");
  g_assert_nonnull (production);
  g_assert_true (slip_environment_is_protected (production));
  g_assert_true (slip_environment_is_rehearsal (production));
  g_assert_cmpfloat (slip_environment_get_speed (production), ==, 60);
  g_assert_cmpstr (slip_environment_get_regions (production)[1], ==, "eu-west-2");
  g_assert_cmpstr (slip_json_string (slip_environment_get_settings (production), "database"), ==,
                   "api");
  development = slip_workspace_find_account (workspace, "222222222222");
  g_assert_cmpstr (slip_environment_get_title (development), ==, "development");
  g_assert_false (slip_environment_is_protected (development));
  g_assert_false (slip_environment_is_rehearsal (development));
  g_assert_null (slip_environment_get_role (development));
  g_assert_null (slip_workspace_find (workspace, "staging"));
}

/* Each fault stands in one file, so that one reading must find them all. */
static void
test_tells_all_faults (void)
{
  static const char text[]
      = "{\"schema\":\"org.slipway.workspace/2\",\"colour\":1,\"environments\":["
        "{\"name\":\"a b\",\"account\":1,\"regions\":[],\"protected\":\"yes\",\"regin\":\"x\"},"
        "{\"name\":\"x\",\"account\":\"12345\",\"regions\":[\"mars\",7],"
        "\"endpoint_url\":\"ftp://x\",\"rehearsal\":{\"speed\":0.5,\"sped\":1}},"
        "7,"
        "{\"name\":\"y\",\"account\":\"111111111111\",\"regions\":[\"eu-west-1\"]},"
        "{\"name\":\"y\",\"account\":\"111111111111\",\"regions\":[\"eu-west-1\",\"eu-west-1\"],"
        "\"terraform\":[{\"name\":\"n\",\"path\":\"p\"},{\"name\":\"n\",\"path\":\"q\"},"
        "{\"name\":\"m\"},8]}]}";
  static const char *const wanted[] = {
      "$.schema: is “org.slipway.workspace/2”",
      "$: unknown member “colour”",
      "$.environments[0]: “name” is “a b”",
      "$.environments[0]: “account” must be 12 digits",
      "$.environments[0]: “regions” must name at least one",
      "$.environments[0]: “protected” must be true or false",
      "$.environments[0]: unknown member “regin”",
      "$.environments[1]: “account” is “12345”",
      "$.environments[1]: regions[0] must be a region",
      "$.environments[1]: regions[1] must be a region",
      "$.environments[1]: “endpoint_url” is “ftp://x”",
      "$.environments[1]: “rehearsal.speed” must be",
      "$.environments[1]: unknown member “sped”",
      "$.environments[2]: must be an object",
      "$.environments[4]: regions[1]: “eu-west-1” is given twice",
      "$.environments[4].terraform[1]: the name “n” is taken",
      "$.environments[4].terraform[2]: member “path” is missing",
      "$.environments[4].terraform[3]: must be an object",
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_workspace_new_from_text (text, -1, "/w/workspace.json", &error));
  g_assert_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_WORKSPACE);
  g_assert_nonnull (strstr (error->message, "/w/workspace.json"));
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (strstr (error->message, wanted[i]) == NULL)
      g_error ("no “%s” in: %s", wanted[i], error->message);
}

#define WITH_MIGRATIONS(list)                                                                      \
  "{\"schema\":\"org.slipway.workspace/1\",\"environments\":[{\"name\":\"y\",\"account\":"         \
  "\"111111111111\",\"regions\":[\"eu-west-1\"]}],\"migrations\":[" list "]}"

static void
test_reads_migrations (void)
{
  static const char text[] = WITH_MIGRATIONS (
      "{\"name\":\"club\",\"definitions\":\"example\",\"source\":\"/data/source\","
      "\"migration_db\":\"postgresql://me@host/work\",\"target_db\":\"service=club\","
      "\"run_date\":\"2022-06-15\",\"environment\":\"y\"},"
      "{\"name\":\"other\",\"title\":\"The Other\",\"definitions\":\"/o\",\"sidecar\":\"o.json\","
      "\"migration_db\":\"dbname=a\",\"target_db\":\"dbname=b\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipWorkspace) workspace
      = slip_workspace_new_from_text (text, -1, "/w/workspace.json", &error);
  SlipMigrationProject *club;
  SlipMigrationProject *other;

  g_assert_no_error (error);
  g_assert_cmpuint (slip_workspace_get_migrations (workspace)->len, ==, 2);
  club = slip_workspace_find_migration (workspace, "club");
  g_assert_cmpstr (club->title, ==, "club");
  g_assert_cmpstr (club->definitions, ==, "/w/example");
  g_assert_cmpstr (club->source, ==, "/data/source");
  g_assert_null (club->sidecar);
  g_assert_cmpstr (club->migration_db, ==, "postgresql://me@host/work");
  g_assert_cmpstr (club->run_date, ==, "2022-06-15");
  g_assert_cmpstr (club->environment, ==, "y");
  other = slip_workspace_find_migration (workspace, "other");
  g_assert_cmpstr (other->title, ==, "The Other");
  g_assert_cmpstr (other->sidecar, ==, "/w/o.json");
  g_assert_null (other->environment);
  g_assert_null (slip_workspace_find_migration (workspace, "third"));
}

static void
test_refuses_migrations_that_are_wrong (void)
{
  static const char text[] = WITH_MIGRATIONS (
      "{\"name\":\"club\",\"definitions\":\"e\",\"migration_db\":\"dbname=a password=hush\","
      "\"target_db\":\"postgresql://me:hush@host/b\",\"environment\":\"z\",\"run_date\":\"today\"},"
      "{\"name\":\"one\",\"definitions\":\"e\",\"migration_db\":\"a\",\"target_db\":\"b\"},"
      "{\"name\":\"one\",\"definitions\":\"e\",\"migration_db\":\"a\",\"target_db\":\"b\"},"
      "{\"name\":\"two\",\"colour\":1},7");
  static const char *const wanted[] = {
      "$.migrations[0]: “migration_db” holds a password",
      "$.migrations[0]: “target_db” holds a password",
      "$.migrations[0]: “environment” is “z”, and there is no environment of that name",
      "$.migrations[0]: “run_date” is “today”",
      "$.migrations[2]: the name “one” is taken",
      "$.migrations[3]: unknown member “colour”",
      "$.migrations[3]: member “definitions” is missing",
      "$.migrations[3]: member “target_db” is missing",
      "$.migrations[4]: must be an object",
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_workspace_new_from_text (text, -1, "/w/workspace.json", &error));
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (strstr (error->message, wanted[i]) == NULL)
      g_error ("no “%s” in: %s", wanted[i], error->message);
  g_assert_null (strstr (error->message, "hush"));
}

static void
test_refuses_what_is_no_workspace (void)
{
  static const char *const texts[] = {
      "",
      "[]",
      "{}",
      "{\"schema\":\"org.slipway.workspace/1\",\"environments\":[]}",
      "{\"schema\":\"org.slipway.workspace/1\",\"environments\":{}}",
      "{\"schema\":\"org.slipway.workspace/1\"",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (slip_workspace_new_from_text (texts[i], -1, "w.json", &error));
      g_assert_error (error, SLIP_ESTATE_ERROR, SLIP_ESTATE_ERROR_WORKSPACE);
    }
}

static void
test_same_name_twice (void)
{
  static const char text[]
      = "{\"schema\":\"org.slipway.workspace/1\",\"environments\":["
        "{\"name\":\"y\",\"account\":\"111111111111\",\"regions\":[\"eu-west-1\"]},"
        "{\"name\":\"y\",\"account\":\"222222222222\",\"regions\":[\"eu-west-1\"]}]}";
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_workspace_new_from_text (text, -1, "w.json", &error));
  g_assert_nonnull (strstr (error->message, "$.environments[1]: the name “y” is taken"));
}

static void
test_missing_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_workspace_load ("/no/such/workspace.json", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "/no/such/workspace.json"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workspace/migrations/reads", test_reads_migrations);
  g_test_add_func ("/workspace/migrations/refuses_wrong_ones_and_shows_no_password",
                   test_refuses_migrations_that_are_wrong);
  g_test_add_func ("/workspace/reads_environments", test_reads);
  g_test_add_func ("/workspace/tells_all_faults_at_once", test_tells_all_faults);
  g_test_add_func ("/workspace/refuses_what_is_none", test_refuses_what_is_no_workspace);
  g_test_add_func ("/workspace/refuses_one_name_twice", test_same_name_twice);
  g_test_add_func ("/workspace/names_a_missing_file", test_missing_file);
  return g_test_run ();
}
