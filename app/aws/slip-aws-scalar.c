/* SPDX-License-Identifier: MIT */

/* Single values between JSON above the wire and text on it, for every protocol that carries text: form
 * bodies, XML, headers, paths and query strings. */

#include "slip-aws-scalar.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "slip-aws-error.h"
#include "slip-aws-time.h"
#include "slip-json.h"

gboolean
slip_aws_scalar_is_special (const char *text)
{
  static const char *const names[] = {"NaN", "Infinity", "-Infinity", NULL};
  return g_strv_contains (names, text);
}

static GType
value_type (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
}

gboolean
slip_aws_scalar_to_time (JsonNode *node, gint64 *time_us)
{
  switch (value_type (node))
    {
    case G_TYPE_STRING:
      return slip_aws_time_read (json_node_get_string (node), time_us);
    case G_TYPE_INT64:
    case G_TYPE_DOUBLE:
      return slip_aws_time_from_seconds (json_node_get_double (node), time_us);
    default:
      return FALSE;
    }
}

/* The shortest text that reads back as the same number. */
static char *
double_to_text (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("NaN");
  if (isinf (value))
    return g_strdup (value > 0 ? "Infinity" : "-Infinity");
  for (int precision = 15; precision <= 17; precision++)
    {
      char format[8];
      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  return g_strdup (text);
}

static char *
number_to_text (JsonNode *node)
{
  GType type = value_type (node);

  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  if (type == G_TYPE_DOUBLE)
    return double_to_text (json_node_get_double (node));
  if (type == G_TYPE_STRING && slip_aws_scalar_is_special (json_node_get_string (node)))
    return json_node_dup_string (node);
  return NULL;
}

char *
slip_aws_scalar_to_text (const SlipAwsMember *member,
                         JsonNode *node,
                         SlipAwsTimeFormat format,
                         GError **error)
{
  SlipAwsType type = member->shape->type;
  gint64 time_us = 0;
  char *text = NULL;

  switch (type)
    {
    case SLIP_AWS_TYPE_STRING:
    case SLIP_AWS_TYPE_BLOB:
      if (value_type (node) == G_TYPE_STRING)
        text = json_node_dup_string (node);
      break;
    case SLIP_AWS_TYPE_BOOLEAN:
      if (value_type (node) == G_TYPE_BOOLEAN)
        text = g_strdup (json_node_get_boolean (node) ? "true" : "false");
      break;
    case SLIP_AWS_TYPE_INTEGER:
    case SLIP_AWS_TYPE_LONG:
      if (value_type (node) == G_TYPE_INT64)
        text = number_to_text (node);
      break;
    case SLIP_AWS_TYPE_FLOAT:
    case SLIP_AWS_TYPE_DOUBLE:
      text = number_to_text (node);
      break;
    case SLIP_AWS_TYPE_TIMESTAMP:
      if (slip_aws_scalar_to_time (node, &time_us))
        text = slip_aws_time_write (time_us, member->time_format != SLIP_AWS_TIME_DEFAULT
                                                 ? (SlipAwsTimeFormat)member->time_format
                                                 : format);
      break;
    default:
      break;
    }
  if (text == NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s: the value is not a %s",
                 member->name != NULL ? member->name : member->shape->name,
                 slip_aws_type_name (type));
  return text;
}

static JsonNode *
integer_from_text (const char *text)
{
  char *end = NULL;
  JsonNode *node = NULL;

  errno = 0;
  gint64 value = g_ascii_strtoll (text, &end, 10);
  if (end == text || errno != 0)
    return NULL;
  while (g_ascii_isspace (*end))
    end++;
  if (*end != '\0')
    return NULL;
  node = json_node_new (JSON_NODE_VALUE);
  json_node_set_int (node, value);
  return node;
}

static JsonNode *
double_from_text (const char *text)
{
  char *end = NULL;
  JsonNode *node = NULL;

  if (slip_aws_scalar_is_special (text))
    return slip_json_new_string (text);
  double value = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (value))
    return NULL;
  node = json_node_new (JSON_NODE_VALUE);
  json_node_set_double (node, value);
  return node;
}

static JsonNode *
boolean_from_text (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  json_node_set_boolean (node, g_ascii_strcasecmp (text, "true") == 0 || strcmp (text, "1") == 0);
  return node;
}

/* Base64 may come in lines. */
static JsonNode *
blob_from_text (const char *text)
{
  g_autofree char *packed = g_malloc (strlen (text) + 1);
  gsize n = 0;

  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isalnum (*p) || *p == '+' || *p == '/' || *p == '=')
      packed[n++] = *p;
    else if (!g_ascii_isspace (*p))
      return NULL;
  packed[n] = '\0';
  return n % 4 == 0 ? slip_json_new_string (packed) : NULL;
}

JsonNode *
slip_aws_scalar_new_time (gint64 time_us)
{
  g_autofree char *iso
      = slip_aws_time_write (time_us - ((time_us % 1000) + 1000) % 1000, SLIP_AWS_TIME_ISO8601);
  return slip_json_new_string (iso);
}

static JsonNode *
time_from_text (const char *text)
{
  gint64 time_us = 0;
  return slip_aws_time_read (text, &time_us) ? slip_aws_scalar_new_time (time_us) : NULL;
}

JsonNode *
slip_aws_scalar_from_text (const SlipAwsMember *member, const char *text, GError **error)
{
  SlipAwsType type = member->shape->type;
  JsonNode *node = NULL;

  if (type == SLIP_AWS_TYPE_STRING)
    node = slip_json_new_string (text);
  else if (type == SLIP_AWS_TYPE_BLOB)
    node = blob_from_text (text);
  else if (type == SLIP_AWS_TYPE_BOOLEAN)
    node = boolean_from_text (text);
  else if (type == SLIP_AWS_TYPE_INTEGER || type == SLIP_AWS_TYPE_LONG)
    node = integer_from_text (text);
  else if (type == SLIP_AWS_TYPE_FLOAT || type == SLIP_AWS_TYPE_DOUBLE)
    node = double_from_text (text);
  else if (type == SLIP_AWS_TYPE_TIMESTAMP)
    node = time_from_text (text);
  if (node == NULL)
    {
      g_autofree char *shown
          = g_utf8_strlen (text, -1) > 60 ? g_utf8_substring (text, 0, 60) : g_strdup (text);
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL, "%s: '%s' is not a %s",
                   member->name != NULL ? member->name : member->shape->name, shown,
                   slip_aws_type_name (type));
    }
  return node;
}
