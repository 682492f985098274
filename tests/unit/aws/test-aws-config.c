/* SPDX-License-Identifier: MIT */

/* The shared configuration files: what wins, what nests, and that every fault names file and line. */

#include "slip-aws-config.h"
#include "slip-aws-error.h"

#include <glib/gstdio.h>
#include <string.h>

static SlipAwsConfig *
parse (const char *config, const char *credentials)
{
  g_autoptr (GError) error = NULL;
  SlipAwsConfig *self = slip_aws_config_new_from_text (config, -1, credentials, -1, &error);

  g_assert_no_error (error);
  return self;
}

static void
test_sections (void)
{
  g_autoptr (SlipAwsConfig) config = parse ("\xef\xbb\xbf# a comment\r\n"
                                            "[default]\r\n"
                                            "region = eu-west-1 ; nearest\r\n"
                                            "\r\n"
                                            "[profile  \"my prod\" ] # quoted\n"
                                            "REGION=eu-west-2\n"
                                            "role_arn = arn:aws:iam::1:role/a#b\n"
                                            "[stray]\n"
                                            "region = nowhere\n"
                                            "[plugins]\n"
                                            "x = y\n",
                                            NULL);
  g_auto (GStrv) profiles = slip_aws_config_list_profiles (config);
  g_autofree char *joined = g_strjoinv (",", profiles);

  g_assert_cmpstr (joined, ==, "default,my prod");
  g_assert_cmpstr (slip_aws_config_get (config, "default", "region"), ==, "eu-west-1");
  g_assert_cmpstr (slip_aws_config_get (config, "my prod", "region"), ==, "eu-west-2");
  g_assert_cmpstr (slip_aws_config_get (config, "my prod", "role_arn"), ==,
                   "arn:aws:iam::1:role/a#b");
  g_assert_false (slip_aws_config_has_profile (config, "stray"));
  g_assert_null (slip_aws_config_get (config, "default", "output"));
}

static void
test_credentials_win (void)
{
  g_autoptr (SlipAwsConfig) config
      = parse ("[profile a]\naws_access_key_id = CONFIG\nregion = eu-west-1\n",
               "[a]\naws_access_key_id = CREDENTIALS\n[b]\naws_access_key_id = B\n");

  g_assert_cmpstr (slip_aws_config_get (config, "a", "aws_access_key_id"), ==, "CREDENTIALS");
  g_assert_cmpstr (slip_aws_config_get (config, "a", "region"), ==, "eu-west-1");
  g_assert_true (slip_aws_config_has_profile (config, "b"));
}

static void
test_nested (void)
{
  g_autoptr (SlipAwsConfig) config = parse ("[profile a]\n"
                                            "s3 =\n"
                                            "  addressing_style = path\n"
                                            "  ; a comment between\n"
                                            "\n"
                                            "  max_concurrent_requests = 20 # many\n"
                                            "services = local\n"
                                            "[services local]\n"
                                            "rds =\n"
                                            "  endpoint_url = http://127.0.0.1:1\n"
                                            "secrets_manager = \n"
                                            "\tendpoint_url = http://127.0.0.1:2\n"
                                            "[sso-session corp]\n"
                                            "sso_region = eu-west-1\n",
                                            NULL);
  g_auto (GStrv) keys = slip_aws_config_list_service_keys (config, "local");

  g_assert_cmpstr (slip_aws_config_get_nested (config, "a", "s3", "addressing_style"), ==, "path");
  g_assert_cmpstr (slip_aws_config_get_nested (config, "a", "s3", "max_concurrent_requests"), ==,
                   "20");
  g_assert_cmpstr (slip_aws_config_get_service (config, "local", "rds", "endpoint_url"), ==,
                   "http://127.0.0.1:1");
  g_assert_cmpstr (slip_aws_config_get_service (config, "local", "secrets_manager", "endpoint_url"),
                   ==, "http://127.0.0.1:2");
  g_assert_cmpuint (g_strv_length (keys), ==, 2);
  g_assert_cmpstr (slip_aws_config_get_sso_session (config, "corp", "sso_region"), ==, "eu-west-1");
}

static void
test_continued_value (void)
{
  g_autoptr (SlipAwsConfig) config = parse ("[profile a]\nnote = one\n  two\n  three\n", NULL);

  g_assert_cmpstr (slip_aws_config_get (config, "a", "note"), ==, "one\ntwo\nthree");
}

static void
test_faults_name_their_line (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
      {"region = x\n", "config:1: expected a [section] before the first key"},
      {"[profile a\n", "config:1: the section has no closing ]"},
      {"\n\n[]\n", "config:3: the section has no name"},
      {"[profile ]x\n", "config:1: unexpected text behind the section's ]"},
      {"[profile a]\nregion\n", "config:2: expected key = value"},
      {"[profile a]\n= x\n", "config:2: the value has no key"},
      {"[profile a]\n  region = x\n", "config:2: an indented line belongs to no key"},
      {"[profile a]\ns3 =\n  what\n", "config:3: expected key = value"},
      {"[profile a]\nx = \xff\xfe\n", "config:2: not UTF-8 text"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (slip_aws_config_new_from_text (cases[i].text, -1, NULL, 0, &error));
      g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_nul_byte (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_aws_config_new_from_text ("[a]\nx = \0y\n", 11, NULL, 0, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CONFIG);
}

static void
test_files_and_variables (void)
{
  g_autofree char *dir = g_dir_make_tmp ("slip-config-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "config", NULL);
  g_autofree char *absent = g_build_filename (dir, "absent", NULL);
  g_autofree char *region = NULL;
  g_autofree char *own = NULL;
  g_autofree char *profile = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsConfig) config = NULL;

  g_assert_true (g_file_set_contents (path, "[profile p]\nregion = eu-west-3\n", -1, NULL));
  g_setenv ("AWS_CONFIG_FILE", path, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", absent, TRUE);
  config = slip_aws_config_load (NULL, NULL, &error);
  g_assert_no_error (error);
  own = slip_aws_config_dup_region (config, "p", TRUE);
  g_assert_cmpstr (own, ==, "eu-west-3");
  g_setenv ("AWS_REGION", "ap-south-1", TRUE);
  region = slip_aws_config_dup_region (config, "p", TRUE);
  g_assert_cmpstr (region, ==, "ap-south-1");
  g_unsetenv ("AWS_REGION");
  g_setenv ("AWS_PROFILE", "p", TRUE);
  profile = slip_aws_config_dup_profile (NULL);
  g_assert_cmpstr (profile, ==, "p");
  g_unsetenv ("AWS_PROFILE");
  g_remove (path);
  g_rmdir (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/sections", test_sections);
  g_test_add_func ("/config/credentials_file_wins", test_credentials_win);
  g_test_add_func ("/config/nested_values", test_nested);
  g_test_add_func ("/config/continued_value", test_continued_value);
  g_test_add_func ("/config/faults_name_their_line", test_faults_name_their_line);
  g_test_add_func ("/config/refuses_nul", test_nul_byte);
  g_test_add_func ("/config/files_and_variables", test_files_and_variables);
  return g_test_run ();
}
