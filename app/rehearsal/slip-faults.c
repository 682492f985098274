/* SPDX-License-Identifier: MIT */

/* What goes wrong on purpose: a list of faults, each with patterns that say which calls or
 * transitions it strikes and how often. The server asks it at each point where something may go
 * wrong; scenarios and the control endpoint fill it. */

#include "slip-faults.h"

#include "slip-json.h"

struct _SlipFaults
{
  GPtrArray *faults; /* element-type SlipFault, in the order set */
  gint64 last_id;
};

static const char *const kind_names[] = {
    [SLIP_FAULT_THROTTLE] = "throttle",
    [SLIP_FAULT_ERROR_BEFORE] = "error-before",
    [SLIP_FAULT_ERROR_AFTER] = "error-after",
    [SLIP_FAULT_DROP] = "drop",
    [SLIP_FAULT_DROP_AFTER] = "drop-after",
    [SLIP_FAULT_TRUNCATE] = "truncate",
    [SLIP_FAULT_EXPIRED_TOKEN] = "expired-token",
    [SLIP_FAULT_SLOW] = "slow",
    [SLIP_FAULT_CLOCK_SKEW] = "clock-skew",
    [SLIP_FAULT_STUCK] = "stuck",
    [SLIP_FAULT_FAIL] = "fail",
};

static const char *const string_members[]
    = {"service",    "operation", "account", "region", "principal",
       "transition", "resource",  "code",    "message"};
static const char *const number_members[] = {"probability", "seconds"};
static const char *const whole_members[] = {"after", "times", "status"};

/* An hour's delay outlasts every client; ten years of skew outlast every certificate. */
#define MAX_SLOW_S 3600.0
#define MAX_SKEW_S (10 * 365 * 86400.0)

const char *
slip_fault_kind_name (SlipFaultKind kind)
{
  return kind_names[kind];
}

static int
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    if (g_strcmp0 (name, kind_names[i]) == 0)
      return (int)i;
  return -1;
}

static gboolean
is_in (const char *const *names, gsize count, const char *name)
{
  for (gsize i = 0; i < count; i++)
    if (g_str_equal (names[i], name))
      return TRUE;
  return FALSE;
}

static gboolean
refuse (GError **error, const char *member, const char *problem)
{
  g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_FAULT, "fault: %s %s", member,
               problem);
  return FALSE;
}

static gboolean
check_member (const char *name, JsonNode *node, GError **error)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (is_in (string_members, G_N_ELEMENTS (string_members), name))
    return type == G_TYPE_STRING || refuse (error, name, "is not a string");
  if (is_in (number_members, G_N_ELEMENTS (number_members), name))
    return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE || refuse (error, name, "is not a number");
  if (is_in (whole_members, G_N_ELEMENTS (whole_members), name))
    return type == G_TYPE_INT64 || refuse (error, name, "is not a whole number");
  return g_str_equal (name, "kind") || refuse (error, name, "is not a member of a fault");
}

/* Only a clock can go backwards. */
static gboolean
check_seconds (JsonObject *object, GError **error)
{
  gboolean skews = find_kind (slip_json_string (object, "kind")) == SLIP_FAULT_CLOCK_SKEW;
  double seconds = slip_json_double (object, "seconds", 0);

  if (skews && !(seconds >= -MAX_SKEW_S && seconds <= MAX_SKEW_S))
    return refuse (error, "seconds", "is more than ten years");
  if (!skews && seconds < 0)
    return refuse (error, "seconds", "is negative");
  if (!skews && !(seconds <= MAX_SLOW_S))
    return refuse (error, "seconds", "is more than an hour");
  return TRUE;
}

static gboolean
check_ranges (JsonObject *object, GError **error)
{
  double probability = slip_json_double (object, "probability", 1);
  gint64 status = slip_json_int (object, "status", 500);

  if (probability < 0 || probability > 1)
    return refuse (error, "probability", "is not between 0 and 1");
  if (status < 400 || status > 599)
    return refuse (error, "status", "is not between 400 and 599");
  if (slip_json_int (object, "after", 0) < 0)
    return refuse (error, "after", "is negative");
  if (slip_json_int (object, "times", 1) < 0)
    return refuse (error, "times", "is negative");
  return check_seconds (object, error);
}

gboolean
slip_faults_check (JsonObject *object, GError **error)
{
  g_autoptr (GList) members = json_object_get_members (object);
  const char *kind = slip_json_string (object, "kind");

  if (kind == NULL)
    return refuse (error, "kind", "is missing");
  if (find_kind (kind) < 0)
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_FAULT,
                   "fault: kind %s is unknown", kind);
      return FALSE;
    }
  for (GList *member = members; member != NULL; member = member->next)
    if (!check_member (member->data, json_object_get_member (object, member->data), error))
      return FALSE;
  return check_ranges (object, error);
}

static void
fault_free (gpointer data)
{
  SlipFault *fault = data;

  g_free (fault->service);
  g_free (fault->operation);
  g_free (fault->account);
  g_free (fault->region);
  g_free (fault->principal);
  g_free (fault->transition);
  g_free (fault->resource);
  g_free (fault->code);
  g_free (fault->message);
  g_free (fault);
}

SlipFaults *
slip_faults_new (void)
{
  SlipFaults *faults = g_new0 (SlipFaults, 1);

  faults->faults = g_ptr_array_new_with_free_func (fault_free);
  return faults;
}

void
slip_faults_free (SlipFaults *faults)
{
  g_ptr_array_unref (faults->faults);
  g_free (faults);
}

/* A skew or a stuck state lasts until it is removed; anything else happens once unless told. */
static gint64
default_times (SlipFaultKind kind, JsonObject *object)
{
  if (kind == SLIP_FAULT_STUCK || kind == SLIP_FAULT_CLOCK_SKEW
      || json_object_has_member (object, "probability"))
    return 0;
  return 1;
}

gint64
slip_faults_add (SlipFaults *faults, JsonObject *object, GError **error)
{
  SlipFault *fault;
  gint64 times;

  if (!slip_faults_check (object, error))
    return 0;
  fault = g_new0 (SlipFault, 1);
  fault->id = ++faults->last_id;
  fault->kind = (SlipFaultKind)find_kind (slip_json_string (object, "kind"));
  fault->service = g_strdup (slip_json_string (object, "service"));
  fault->operation = g_strdup (slip_json_string (object, "operation"));
  fault->account = g_strdup (slip_json_string (object, "account"));
  fault->region = g_strdup (slip_json_string (object, "region"));
  fault->principal = g_strdup (slip_json_string (object, "principal"));
  fault->transition = g_strdup (slip_json_string (object, "transition"));
  fault->resource = g_strdup (slip_json_string (object, "resource"));
  fault->code = g_strdup (slip_json_string (object, "code"));
  fault->message = g_strdup (slip_json_string (object, "message"));
  fault->skip = slip_json_int (object, "after", 0);
  times = slip_json_int (object, "times", default_times (fault->kind, object));
  fault->times = times == 0 ? -1 : times;
  fault->probability = slip_json_double (object, "probability", 1);
  fault->seconds = slip_json_double (object, "seconds", 0);
  fault->status = (guint)slip_json_int (object, "status", 0);
  g_ptr_array_add (faults->faults, fault);
  return fault->id;
}

guint
slip_faults_remove (SlipFaults *faults, gint64 id)
{
  guint removed = 0;

  for (guint i = faults->faults->len; i > 0; i--)
    if (id == 0 || ((SlipFault *)faults->faults->pdata[i - 1])->id == id)
      {
        g_ptr_array_remove_index (faults->faults, i - 1);
        removed++;
      }
  return removed;
}

static gboolean
matches (const char *pattern, const char *value)
{
  return pattern == NULL || (value != NULL && g_pattern_match_simple (pattern, value));
}

static gboolean
strikes (SlipFault *fault)
{
  if (fault->times == 0)
    return FALSE;
  if (fault->skip > 0)
    {
      fault->skip--;
      return FALSE;
    }
  if (fault->probability < 1 && g_random_double () >= fault->probability)
    return FALSE;
  if (fault->times > 0)
    fault->times--;
  fault->hits++;
  return TRUE;
}

const SlipFault *
slip_faults_match_call (SlipFaults *faults,
                        SlipFaultKind kind,
                        const char *service,
                        const char *operation,
                        const char *account,
                        const char *region,
                        const char *principal)
{
  for (guint i = 0; i < faults->faults->len; i++)
    {
      SlipFault *fault = faults->faults->pdata[i];

      if (fault->kind == kind && matches (fault->service, service)
          && matches (fault->operation, operation) && matches (fault->account, account)
          && matches (fault->region, region) && matches (fault->principal, principal)
          && strikes (fault))
        return fault;
    }
  return NULL;
}

/* The transition's kind begins with the service's name: "rds.snapshot-available". */
static gboolean
matches_service (const char *pattern, const char *kind)
{
  g_autofree char *service = g_strndup (kind, strcspn (kind, "."));

  return matches (pattern, service);
}

const SlipFault *
slip_faults_match_transition (SlipFaults *faults,
                              SlipFaultKind kind,
                              const SlipTransition *transition)
{
  for (guint i = 0; i < faults->faults->len; i++)
    {
      SlipFault *fault = faults->faults->pdata[i];

      if (fault->kind != kind || !matches (fault->transition, transition->kind)
          || !matches (fault->resource, transition->id)
          || !matches (fault->account, transition->account)
          || !matches (fault->region, transition->region)
          || !matches_service (fault->service, transition->kind))
        continue;
      if (kind == SLIP_FAULT_STUCK)
        {
          fault->hits++;
          return fault;
        }
      if (strikes (fault))
        return fault;
    }
  return NULL;
}

double
slip_faults_get_skew (SlipFaults *faults)
{
  double skew = 0;

  for (guint i = 0; i < faults->faults->len; i++)
    {
      const SlipFault *fault = faults->faults->pdata[i];

      if (fault->kind == SLIP_FAULT_CLOCK_SKEW)
        skew += fault->seconds;
    }
  return skew;
}

static void
set_string (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static JsonObject *
fault_to_json (const SlipFault *fault)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", fault->id);
  json_object_set_string_member (object, "kind", kind_names[fault->kind]);
  set_string (object, "service", fault->service);
  set_string (object, "operation", fault->operation);
  set_string (object, "account", fault->account);
  set_string (object, "region", fault->region);
  set_string (object, "principal", fault->principal);
  set_string (object, "transition", fault->transition);
  set_string (object, "resource", fault->resource);
  set_string (object, "code", fault->code);
  set_string (object, "message", fault->message);
  json_object_set_int_member (object, "after", fault->skip);
  if (fault->times >= 0)
    json_object_set_int_member (object, "left", fault->times);
  json_object_set_double_member (object, "probability", fault->probability);
  json_object_set_double_member (object, "seconds", fault->seconds);
  json_object_set_int_member (object, "hits", fault->hits);
  return object;
}

JsonArray *
slip_faults_to_json (SlipFaults *faults)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < faults->faults->len; i++)
    json_array_add_object_element (list, fault_to_json (faults->faults->pdata[i]));
  return list;
}
