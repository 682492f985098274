/* SPDX-License-Identifier: MIT */

/* Numbers of DynamoDB: decimal, up to 38 significant digits, magnitudes from 1E-130 to 9.9E+125,
 * written without an exponent and without zeros that say nothing. */

#include "slip-dynamodb-value.h"

#include <string.h>

#define MAX_DIGITS 38
#define MIN_EXPONENT (-129)
#define MAX_EXPONENT 126

/* 0.DIGITS × 10^exponent; no digits are zero. */
typedef struct
{
  gboolean negative;
  char digits[MAX_DIGITS + 1];
  int exponent;
} Number;

static void
refuse_text (const char *text, GError **error)
{
  slip_dynamodb_invalid (error, "The parameter cannot be converted to a numeric value: %s", text);
}

/* Collects the mantissa's digits without leading zeros and returns what follows them. */
static const char *
read_mantissa (const char *at, GString *digits, int *exponent)
{
  gboolean point = FALSE;
  gboolean any = FALSE;

  for (;; at++)
    {
      if (*at == '.' && !point)
        {
          point = TRUE;
          continue;
        }
      if (!g_ascii_isdigit (*at))
        break;
      any = TRUE;
      if (digits->len == 0 && *at == '0')
        *exponent -= point ? 1 : 0;
      else
        {
          g_string_append_c (digits, *at);
          *exponent += point ? 0 : 1;
        }
    }
  return any ? at : NULL;
}

static const char *
read_exponent (const char *at, int *exponent)
{
  gint64 value;
  char *end = NULL;

  if (*at != 'e' && *at != 'E')
    return at;
  at++;
  if (!g_ascii_isdigit (*at) && !((*at == '+' || *at == '-') && g_ascii_isdigit (at[1])))
    return NULL;
  value = g_ascii_strtoll (at, &end, 10);
  *exponent += (int)CLAMP (value, -100000, 100000);
  return end;
}

static gboolean
check_range (Number *number, const GString *digits, GError **error)
{
  if (digits->len > MAX_DIGITS)
    slip_dynamodb_invalid (error,
                           "Attempting to store more than 38 significant digits in a Number");
  else if (digits->len > 0 && number->exponent > MAX_EXPONENT)
    slip_dynamodb_invalid (error, "Number overflow. Attempting to store a number with magnitude "
                                  "larger than supported range");
  else if (digits->len > 0 && number->exponent < MIN_EXPONENT)
    slip_dynamodb_invalid (error, "Number underflow. Attempting to store a number with magnitude "
                                  "smaller than supported range");
  else
    return TRUE;
  return FALSE;
}

static gboolean
parse (const char *text, Number *number, GError **error)
{
  g_autoptr (GString) digits = g_string_new (NULL);
  const char *at = text;

  memset (number, 0, sizeof *number);
  number->negative = *at == '-';
  if (*at == '-' || *at == '+')
    at++;
  at = read_mantissa (at, digits, &number->exponent);
  if (at != NULL)
    at = read_exponent (at, &number->exponent);
  if (at == NULL || *at != '\0')
    {
      refuse_text (text, error);
      return FALSE;
    }
  while (digits->len > 0 && digits->str[digits->len - 1] == '0')
    g_string_truncate (digits, digits->len - 1);
  if (!check_range (number, digits, error))
    return FALSE;
  g_strlcpy (number->digits, digits->str, sizeof number->digits);
  if (digits->len == 0)
    {
      number->negative = FALSE;
      number->exponent = 0;
    }
  return TRUE;
}

static char *
format (const Number *number)
{
  GString *text = g_string_new (number->negative ? "-" : "");
  int length = (int)strlen (number->digits);

  if (length == 0)
    g_string_append_c (text, '0');
  else if (number->exponent <= 0)
    {
      g_string_append (text, "0.");
      for (int i = number->exponent; i < 0; i++)
        g_string_append_c (text, '0');
      g_string_append (text, number->digits);
    }
  else
    for (int i = 0; i < MAX (length, number->exponent); i++)
      {
        if (i == number->exponent)
          g_string_append_c (text, '.');
        g_string_append_c (text, i < length ? number->digits[i] : '0');
      }
  return g_string_free (text, FALSE);
}

char *
slip_dynamodb_number_normal (const char *text, GError **error)
{
  Number number;

  return parse (text, &number, error) ? format (&number) : NULL;
}

/* Sign, exponent, digits. Of negative numbers all is turned round, and an end mark greater than any
 * digit puts the shorter of two behind the longer. */
char *
slip_dynamodb_number_key (const char *text)
{
  Number number;
  GString *key;

  if (!parse (text, &number, NULL))
    return g_strdup ("");
  if (number.digits[0] == '\0')
    return g_strdup ("o");
  key = g_string_new (NULL);
  if (!number.negative)
    {
      g_string_printf (key, "p%03d%s", number.exponent + 500, number.digits);
      return g_string_free (key, FALSE);
    }
  g_string_printf (key, "n%03d", 499 - number.exponent);
  for (const char *digit = number.digits; *digit != '\0'; digit++)
    g_string_append_c (key, (char)('0' + '9' - *digit));
  g_string_append_c (key, '~');
  return g_string_free (key, FALSE);
}

static __int128
mantissa (const Number *number)
{
  __int128 value = 0;

  for (const char *digit = number->digits; *digit != '\0'; digit++)
    value = value * 10 + (*digit - '0');
  return number->negative ? -value : value;
}

/* Brings @value to the other's smaller exponent. 38 digits fit into 127 bits. */
static gboolean
scale (__int128 *value, int by)
{
  for (; by > 0 && *value != 0; by--)
    if (__builtin_mul_overflow (*value, (__int128)10, value))
      return FALSE;
  return TRUE;
}

static char *
format_sum (__int128 sum, int exponent)
{
  GString *text = g_string_new (NULL);
  gboolean negative = sum < 0;
  unsigned __int128 rest = negative ? -(unsigned __int128)sum : (unsigned __int128)sum;

  do
    g_string_prepend_c (text, (char)('0' + (int)(rest % 10)));
  while ((rest /= 10) > 0);
  if (negative)
    g_string_prepend_c (text, '-');
  g_string_append_printf (text, "e%d", exponent);
  return g_string_free (text, FALSE);
}

char *
slip_dynamodb_number_add (const char *a, const char *b, gboolean subtract, GError **error)
{
  Number left, right;
  g_autofree char *text = NULL;
  __int128 x, y, sum = 0;
  int low_left, low_right;

  if (!parse (a, &left, error) || !parse (b, &right, error))
    return NULL;
  x = mantissa (&left);
  y = subtract ? -mantissa (&right) : mantissa (&right);
  low_left = left.exponent - (int)strlen (left.digits);
  low_right = right.exponent - (int)strlen (right.digits);
  if (!scale (&x, low_left - low_right) || !scale (&y, low_right - low_left)
      || __builtin_add_overflow (x, y, &sum))
    return slip_dynamodb_invalid (
        error, "Attempting to store more than 38 significant digits in a Number");
  text = format_sum (sum, MIN (low_left, low_right));
  return slip_dynamodb_number_normal (text, error);
}
