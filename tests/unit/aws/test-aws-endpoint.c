/* SPDX-License-Identifier: MIT */

/* Which host a service of a region has, and which override wins. */

#include "slip-aws-endpoint.h"
#include "slip-aws-error.h"

static void
clear_variables (void)
{
  static const char *const names[]
      = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_RDS", "AWS_ENDPOINT_URL_SECRETS_MANAGER",
         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_unsetenv (names[i]);
}

static SlipAwsEndpoint *
resolve (SlipAwsEndpoints *endpoints, const char *service, const char *region)
{
  g_autoptr (GError) error = NULL;
  SlipAwsModel *model = slip_aws_model_get (service, &error);
  SlipAwsEndpoint *endpoint;

  g_assert_no_error (error);
  endpoint = slip_aws_endpoints_resolve (endpoints, model, region, &error);
  g_assert_no_error (error);
  return endpoint;
}

static void
assert_url (SlipAwsEndpoints *endpoints,
            const char *service,
            const char *region,
            const char *url,
            const char *signing_region,
            const char *signing_name)
{
  g_autoptr (SlipAwsEndpoint) endpoint = resolve (endpoints, service, region);
  g_autofree char *actual = slip_aws_endpoint_dup_url (endpoint);

  g_assert_cmpstr (actual, ==, url);
  g_assert_cmpstr (endpoint->signing_region, ==, signing_region);
  g_assert_cmpstr (endpoint->signing_name, ==, signing_name);
}

static void
test_own (void)
{
  g_autoptr (SlipAwsEndpoints) endpoints = NULL;
  g_autofree char *fingerprint = NULL;

  clear_variables ();
  endpoints = slip_aws_endpoints_new (NULL, NULL, NULL);
  assert_url (endpoints, "rds", "eu-west-1", "https://rds.eu-west-1.amazonaws.com", "eu-west-1",
              "rds");
  assert_url (endpoints, "sts", "eu-west-2", "https://sts.eu-west-2.amazonaws.com", "eu-west-2",
              "sts");
  assert_url (endpoints, "iam", "eu-west-1", "https://iam.amazonaws.com", "us-east-1", "iam");
  assert_url (endpoints, "iam", NULL, "https://iam.amazonaws.com", "us-east-1", "iam");
  assert_url (endpoints, "iam", "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn",
              "cn-north-1", "iam");
  assert_url (endpoints, "iam", "us-gov-east-1", "https://iam.us-gov.amazonaws.com",
              "us-gov-west-1", "iam");
  assert_url (endpoints, "s3", "us-east-1", "https://s3.us-east-1.amazonaws.com", "us-east-1",
              "s3");
  assert_url (endpoints, "ecr", "eu-west-1", "https://api.ecr.eu-west-1.amazonaws.com", "eu-west-1",
              "ecr");
  assert_url (endpoints, "pricing", "eu-west-2", "https://api.pricing.eu-central-1.amazonaws.com",
              "eu-central-1", "pricing");
  assert_url (endpoints, "elbv2", "cn-north-1",
              "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn", "cn-north-1",
              "elasticloadbalancing");
  assert_url (endpoints, "monitoring", "eu-west-1", "https://monitoring.eu-west-1.amazonaws.com",
              "eu-west-1", "monitoring");
  g_assert_false (slip_aws_endpoints_is_overridden (endpoints));
  fingerprint = slip_aws_endpoints_dup_fingerprint (endpoints);
  g_assert_cmpstr (fingerprint, ==, "aws");
}

static void
test_precedence (void)
{
  g_autoptr (SlipAwsConfig) config
      = slip_aws_config_new_from_text ("[profile p]\nendpoint_url = http://profile\nservices = s\n"
                                       "[services s]\nrds =\n endpoint_url = http://section-rds\n"
                                       "secrets_manager =\n endpoint_url = http://section-sm\n",
                                       -1, NULL, 0, NULL);
  g_autoptr (SlipAwsEndpoints) profile = NULL;
  g_autoptr (SlipAwsEndpoints) variable = NULL;
  g_autoptr (SlipAwsEndpoints) global = NULL;
  g_autoptr (SlipAwsEndpoints) explicit = NULL;
  g_autoptr (SlipAwsEndpoints) ignored = NULL;
  g_autoptr (SlipAwsEndpoints) ignored_explicit = NULL;

  clear_variables ();
  profile = slip_aws_endpoints_new (config, "p", NULL);
  assert_url (profile, "rds", "eu-west-1", "http://section-rds", "eu-west-1", "rds");
  assert_url (profile, "secretsmanager", "eu-west-1", "http://section-sm", "eu-west-1",
              "secretsmanager");
  assert_url (profile, "sts", "eu-west-1", "http://profile", "eu-west-1", "sts");
  g_setenv ("AWS_ENDPOINT_URL_RDS", "http://variable-rds", TRUE);
  variable = slip_aws_endpoints_new (config, "p", NULL);
  assert_url (variable, "rds", "eu-west-1", "http://variable-rds", "eu-west-1", "rds");
  assert_url (variable, "secretsmanager", "eu-west-1", "http://section-sm", "eu-west-1",
              "secretsmanager");
  g_setenv ("AWS_ENDPOINT_URL", "http://variable:80/", TRUE);
  global = slip_aws_endpoints_new (config, "p", NULL);
  assert_url (global, "rds", "eu-west-1", "http://variable-rds", "eu-west-1", "rds");
  assert_url (global, "secretsmanager", "eu-west-1", "http://variable", "eu-west-1",
              "secretsmanager");
  explicit = slip_aws_endpoints_new (config, "p", "https://[::1]:8443/base/");
  assert_url (explicit, "rds", "eu-west-1", "https://[::1]:8443/base", "eu-west-1", "rds");
  g_setenv ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", TRUE);
  ignored = slip_aws_endpoints_new (config, "p", NULL);
  assert_url (ignored, "rds", "eu-west-1", "https://rds.eu-west-1.amazonaws.com", "eu-west-1",
              "rds");
  ignored_explicit = slip_aws_endpoints_new (config, "p", "http://127.0.0.1:1");
  assert_url (ignored_explicit, "rds", "eu-west-1", "http://127.0.0.1:1", "eu-west-1", "rds");
  g_assert_true (slip_aws_endpoints_is_overridden (ignored_explicit));
  g_assert_false (slip_aws_endpoints_is_overridden (ignored));
  clear_variables ();
}

static void
test_fingerprint_follows_the_map (void)
{
  g_autoptr (SlipAwsEndpoints) a = slip_aws_endpoints_new (NULL, NULL, "http://127.0.0.1:1");
  g_autoptr (SlipAwsEndpoints) same = slip_aws_endpoints_new (NULL, NULL, "http://127.0.0.1:1/");
  g_autoptr (SlipAwsEndpoints) other = slip_aws_endpoints_new (NULL, NULL, "http://127.0.0.1:2");
  g_autofree char *one = slip_aws_endpoints_dup_fingerprint (a);
  g_autofree char *two = slip_aws_endpoints_dup_fingerprint (same);
  g_autofree char *three = slip_aws_endpoints_dup_fingerprint (other);
  g_autofree char *summary = slip_aws_endpoints_dup_summary (a);

  g_assert_cmpstr (one, ==, two);
  g_assert_cmpstr (one, !=, three);
  g_assert_cmpstr (summary, ==, "all: http://127.0.0.1:1");
}

static void
assert_fault (SlipAwsEndpoints *endpoints, const char *region, int code)
{
  g_autoptr (GError) error = NULL;
  SlipAwsModel *model = slip_aws_model_get ("rds", NULL);

  g_assert_null (slip_aws_endpoints_resolve (endpoints, model, region, &error));
  g_assert_error (error, SLIP_AWS_ERROR, code);
}

static void
test_faults (void)
{
  static const char *const urls[] = {"nonsense",        "ftp://host",      "http://",
                                     "http://u:p@host", "http://host?x=y", "http://host:99999"};
  g_autoptr (SlipAwsConfig) config
      = slip_aws_config_new_from_text ("[profile p]\nservices = gone\n", -1, NULL, 0, NULL);
  g_autoptr (SlipAwsEndpoints) own = slip_aws_endpoints_new (NULL, NULL, NULL);
  g_autoptr (SlipAwsEndpoints) no_section = slip_aws_endpoints_new (config, "p", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (SlipAwsEndpoints) endpoints = slip_aws_endpoints_new (NULL, NULL, urls[i]);

      assert_fault (endpoints, "eu-west-1", SLIP_AWS_ERROR_ENDPOINT);
    }
  assert_fault (own, "evil.example/", SLIP_AWS_ERROR_ENDPOINT);
  assert_fault (own, NULL, SLIP_AWS_ERROR_CONFIG);
  assert_fault (no_section, "eu-west-1", SLIP_AWS_ERROR_CONFIG);
}

static void
test_buckets (void)
{
  g_autoptr (SlipAwsEndpoints) own = slip_aws_endpoints_new (NULL, NULL, NULL);
  g_autoptr (SlipAwsEndpoint) virtual_host = resolve (own, "s3", "eu-west-1");
  g_autoptr (SlipAwsEndpoint) in_path = resolve (own, "s3", "eu-west-1");
  g_autoptr (SlipAwsRequest) plain = slip_aws_request_new ("GET", "/my-bucket/a/b");
  g_autoptr (SlipAwsRequest) dotted = slip_aws_request_new ("GET", "/my.bucket/a/b");

  slip_aws_endpoint_place_bucket (virtual_host, plain, FALSE);
  g_assert_cmpstr (virtual_host->host, ==, "my-bucket.s3.eu-west-1.amazonaws.com");
  g_assert_cmpstr (plain->path, ==, "/a/b");
  slip_aws_endpoint_place_bucket (in_path, dotted, FALSE);
  g_assert_cmpstr (in_path->host, ==, "s3.eu-west-1.amazonaws.com");
  g_assert_cmpstr (dotted->path, ==, "/my.bucket/a/b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  clear_variables ();
  g_test_add_func ("/endpoint/own", test_own);
  g_test_add_func ("/endpoint/precedence", test_precedence);
  g_test_add_func ("/endpoint/fingerprint_follows_the_map", test_fingerprint_follows_the_map);
  g_test_add_func ("/endpoint/faults", test_faults);
  g_test_add_func ("/endpoint/buckets", test_buckets);
  return g_test_run ();
}
