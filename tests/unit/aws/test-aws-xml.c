/* SPDX-License-Identifier: MIT */

/* The XML reader and what it refuses, times in every form that services use, and values as text. */

#include <string.h>

#include "slip-aws-error.h"
#include "slip-aws-time.h"
#include "slip-aws-xml.h"

/* Writes the tokens of a document in one line, and the error behind them. */
static char *
tokens (const char *text, gsize length)
{
  SlipAwsXmlReader reader;
  g_autoptr (GError) error = NULL;
  GString *out = g_string_new (NULL);
  SlipAwsXmlToken token;

  slip_aws_xml_reader_init (&reader, text, length, &error);
  do
    {
      token = slip_aws_xml_reader_next (&reader);
      if (token == SLIP_AWS_XML_START)
        g_string_append_printf (out, "<%.*s>", (int)reader.name_length, reader.name);
      else if (token == SLIP_AWS_XML_TEXT)
        g_string_append_printf (out, "%.*s|", (int)reader.text_length, reader.text);
      else if (token == SLIP_AWS_XML_END)
        g_string_append (out, "</>");
    }
  while (token != SLIP_AWS_XML_EOF && token != SLIP_AWS_XML_ERROR);
  g_assert_cmpint (token == SLIP_AWS_XML_ERROR, ==, error != NULL);
  if (error != NULL)
    {
      g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
      g_string_append_printf (out, " %s", error->message);
    }
  slip_aws_xml_reader_clear (&reader);
  return g_string_free (out, FALSE);
}

static void
assert_tokens (const char *text, const char *expected)
{
  g_autofree char *got = tokens (text, strlen (text));
  g_assert_cmpstr (got, ==, expected);
}

static void
test_reads (void)
{
  assert_tokens ("<a/>", "<a></>");
  assert_tokens ("<?xml version=\"1.0\"?>\n<!-- c --><a x='1'>t</a >\n", "<a>t|</>");
  assert_tokens ("<n:a xmlns:n=\"u\"><n:b/>x</n:a>", "<a><b></>x|</>");
  assert_tokens ("<a>1 &lt; 2 &amp;&#65;&#x1F418;</a>", "<a>1 < 2 &A\xF0\x9F\x90\x98|</>");
  assert_tokens ("<a>x<![CDATA[<&]]>y</a>", "<a>x|<&|y|</>");
  assert_tokens ("\xEF\xBB\xBF<a>\r\nb\rc</a>", "<a>\nb\nc|</>");
}

static void
test_refuses (void)
{
  assert_tokens ("", " XML 1:1: there is no element");
  assert_tokens ("text", " XML 1:1: text outside of the document's element");
  assert_tokens ("<a>", "<a> XML 1:4: the text ends inside an element");
  assert_tokens ("<a>\n<b></a>", "<a>\n|<b> XML 2:6: an element ends under another name");
  assert_tokens ("<a></ab>", "<a> XML 1:7: an element ends under another name");
  assert_tokens ("<a/><b/>", "<a></> XML 1:6: a second element beside the document's");
  assert_tokens ("<a/>x", "<a></> XML 1:5: text outside of the document's element");
  assert_tokens ("<a b=1/>", " XML 1:6: malformed attribute");
  assert_tokens ("<a b=\"<\"/>", " XML 1:7: malformed attribute");
  assert_tokens ("<a>&bogus;</a>", "<a> XML 1:4: unknown or malformed entity");
  assert_tokens ("<a>&#0;</a>", "<a> XML 1:4: unknown or malformed entity");
  assert_tokens ("<a>&#xD800;</a>", "<a> XML 1:4: unknown or malformed entity");
  assert_tokens ("<a>&amp</a>", "<a> XML 1:4: unknown or malformed entity");
  assert_tokens ("<a><![CDATA[x</a>", "<a> XML 1:4: CDATA without an end");
  assert_tokens ("<a><!-- x</a>", "<a> XML 1:4: a comment without an end");
  assert_tokens ("<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>",
                 " XML 1:1: document types are not accepted");
  assert_tokens ("</a>", " XML 1:1: an end without a beginning");
  assert_tokens ("<", " XML 1:2: malformed element");
  assert_tokens ("<a>\xFF</a>", " XML 1:4: the text is not UTF-8, or holds a NUL");
}

static void
test_refuses_nul_and_depth (void)
{
  g_autofree char *nul = tokens ("<a>\0</a>", 8);
  g_assert_cmpstr (nul, ==, " XML 1:4: the text is not UTF-8, or holds a NUL");

  GString *deep = g_string_new (NULL);
  for (guint i = 0; i < 5000; i++)
    g_string_append (deep, "<a>");
  g_autofree char *got = tokens (deep->str, deep->len);
  g_assert_nonnull (strstr (got, "elements nest too deeply"));
  g_string_free (deep, TRUE);
}

/* A document that is cut anywhere is an error, never a shorter answer. */
static void
test_truncation_is_noticed (void)
{
  static const char text[] = "<a x=\"1\"><b>t&amp;u</b><!-- c --><c/><d><![CDATA[e]]></d></a>";

  for (gsize n = 0; n < sizeof text - 1; n++)
    {
      g_autofree char *got = tokens (text, n);
      g_assert_nonnull (strstr (got, " XML 1:"));
    }
  g_autofree char *whole = tokens (text, sizeof text - 1);
  g_assert_null (strstr (whole, " XML "));
}

static void
test_attributes (void)
{
  static const char text[] = "<a xmlns:Type=\"no\" y:Type = 'a&amp;b' Other=\"\"/>";
  SlipAwsXmlReader reader;
  g_autoptr (GError) error = NULL;

  slip_aws_xml_reader_init (&reader, text, strlen (text), &error);
  g_assert_cmpint (slip_aws_xml_reader_next (&reader), ==, SLIP_AWS_XML_START);
  g_autofree char *type = slip_aws_xml_reader_dup_attribute (&reader, "xsi:Type");
  g_autofree char *other = slip_aws_xml_reader_dup_attribute (&reader, "Other");
  g_autofree char *none = slip_aws_xml_reader_dup_attribute (&reader, "Oth");
  g_assert_cmpstr (type, ==, "a&b");
  g_assert_cmpstr (other, ==, "");
  g_assert_null (none);
  slip_aws_xml_reader_clear (&reader);
}

static void
test_written_text_returns (void)
{
  static const char text[] = "a<b>&\"'\r\n\t\xC2\x85\xE2\x80\xA8 \xC3\xA9 end ";
  GString *xml = g_string_new ("<a>");
  SlipAwsXmlReader reader;
  g_autoptr (GError) error = NULL;

  slip_aws_xml_append_text (xml, text);
  g_string_append (xml, "</a>");
  slip_aws_xml_reader_init (&reader, xml->str, xml->len, &error);
  slip_aws_xml_reader_next (&reader);
  g_autofree char *got = slip_aws_xml_reader_dup_text (&reader);
  g_assert_cmpstr (got, ==, text);
  slip_aws_xml_reader_clear (&reader);
  g_string_free (xml, TRUE);
}

static void
test_times_are_read (void)
{
  static const struct
  {
    const char *text;
    gint64 time_us;
  } cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-21T06:30:00Z", G_GINT64_CONSTANT (1795242600000000)},
      {"2026-11-21t06:30:00.5z", G_GINT64_CONSTANT (1795242600500000)},
      {"2026-11-21T07:30:00.123456789+01:00", G_GINT64_CONSTANT (1795242600123456)},
      {"2026-11-21T05:30:00-0100", G_GINT64_CONSTANT (1795242600000000)},
      {"2026-11-21T06:30:00", G_GINT64_CONSTANT (1795242600000000)},
      {"2026-11-21", G_GINT64_CONSTANT (1795219200000000)},
      {"1795242600", G_GINT64_CONSTANT (1795242600000000)},
      {"1795242600.25", G_GINT64_CONSTANT (1795242600250000)},
      {"1.7952426E9", G_GINT64_CONSTANT (1795242600000000)},
      {"-1.5", -1500000},
      {"Sat, 21 Nov 2026 06:30:00 GMT", G_GINT64_CONSTANT (1795242600000000)},
      {"Sat, 21 Nov 2026 06:30:00.100 GMT", G_GINT64_CONSTANT (1795242600100000)},
      {"1 Jan 1970 01:00:00 +0100", 0},
  };
  static const char *const bad[] = {
      "",
      "yesterday",
      "2026-13-01T00:00:00Z",
      "2026-02-30T00:00:00Z",
      "2025-02-29T00:00:00Z",
      "2026-11-21T24:00:00Z",
      "2026-11-21T06:30:00Zx",
      "0000-01-01T00:00:00Z",
      "1e30",
      "nan",
      "1e",
      "--1",
      "Sat, 21 Foo 2026 06:30:00 GMT",
      "2026-11-21T06:30:00+99:00",
  };
  gint64 time_us = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].text);
      g_assert_true (slip_aws_time_read (cases[i].text, &time_us));
      g_assert_cmpint (time_us, ==, cases[i].time_us);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_false (slip_aws_time_read (bad[i], &time_us));
    }
}

/* Every day from the year 1 to 9999 in steps of 11 days, against GLib's calendar. */
static void
test_dates_agree_with_glib (void)
{
  for (gint64 day = -719162; day < 2932896; day += 11)
    {
      gint64 seconds = day * 86400 + 86399;
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (seconds);
      g_autofree char *iso = slip_aws_time_write (seconds * 1000000, SLIP_AWS_TIME_ISO8601);
      g_autofree char *http = slip_aws_time_write (seconds * 1000000, SLIP_AWS_TIME_RFC822);
      g_autofree char *want_iso = g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ");
      g_autofree char *padded = g_strdup_printf (
          "%0*d%s", 20 - (int)strlen (want_iso) > 0 ? 20 - (int)strlen (want_iso) : 1, 0, want_iso);
      gint64 back = 0;
      g_assert_cmpstr (iso, ==, strlen (want_iso) < 20 ? padded : want_iso);
      g_assert_true (slip_aws_time_read (iso, &back));
      g_assert_cmpint (back, ==, seconds * 1000000);
      g_assert_true (slip_aws_time_read (http, &back));
      g_assert_cmpint (back, ==, seconds * 1000000);
      static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
      g_assert_true (g_str_has_prefix (http, days[g_date_time_get_day_of_week (date) - 1]));
    }
}

static void
test_times_are_written (void)
{
  static const struct
  {
    gint64 time_us;
    SlipAwsTimeFormat format;
    const char *text;
  } cases[] = {
      {0, SLIP_AWS_TIME_ISO8601, "1970-01-01T00:00:00Z"},
      {1500, SLIP_AWS_TIME_ISO8601, "1970-01-01T00:00:00.001500Z"},
      {-1000, SLIP_AWS_TIME_ISO8601, "1969-12-31T23:59:59.999Z"},
      {250000, SLIP_AWS_TIME_UNIX, "0.250"},
      {-1500000, SLIP_AWS_TIME_UNIX, "-1.500000"},
      {1999999, SLIP_AWS_TIME_RFC822, "Thu, 01 Jan 1970 00:00:01 GMT"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = slip_aws_time_write (cases[i].time_us, cases[i].format);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/xml/reads_what_services_write", test_reads);
  g_test_add_func ("/aws/xml/refuses_with_line_and_column", test_refuses);
  g_test_add_func ("/aws/xml/refuses_nul_and_depth", test_refuses_nul_and_depth);
  g_test_add_func ("/aws/xml/truncation_is_noticed_anywhere", test_truncation_is_noticed);
  g_test_add_func ("/aws/xml/attributes", test_attributes);
  g_test_add_func ("/aws/xml/written_text_returns", test_written_text_returns);
  g_test_add_func ("/aws/time/reads_every_form", test_times_are_read);
  g_test_add_func ("/aws/time/writes_every_form", test_times_are_written);
  g_test_add_func ("/aws/time/dates_agree_with_glib", test_dates_agree_with_glib);
  return g_test_run ();
}
