/* SPDX-License-Identifier: MIT */
/* A planned step: a read-only face on its JSON object in the plan, with the few fields that are asked
 * for often taken out once. */

#include "slip-plan.h"

#include "slip-json.h"

struct _SlipPlanStep
{
  GObject parent_instance;
  JsonObject *object; /* owned; never changed */
  guint index;
  SlipAwsEffect effect;
  SlipReversibility reversibility;
  SlipResumeRule rule;
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_INDEX,
  PROP_TITLE,
  PROP_ENVIRONMENT,
  PROP_REGION,
  PROP_EFFECT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SlipPlanStep, slip_plan_step, G_TYPE_OBJECT)

static const char *const reversibility_names[] = {"read", "reversible", "recoverable", "final"};
static const char *const rule_names[] = {"R0", "R1", "R2", "R3", "R4", "R5", "R6"};

GType
slip_reversibility_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
          {SLIP_REVERSIBILITY_READ, "SLIP_REVERSIBILITY_READ", "read"},
          {SLIP_REVERSIBILITY_REVERSIBLE, "SLIP_REVERSIBILITY_REVERSIBLE", "reversible"},
          {SLIP_REVERSIBILITY_RECOVERABLE, "SLIP_REVERSIBILITY_RECOVERABLE", "recoverable"},
          {SLIP_REVERSIBILITY_FINAL, "SLIP_REVERSIBILITY_FINAL", "final"},
          {0, NULL, NULL},
      };

      g_once_init_leave (&type, g_enum_register_static ("SlipReversibility", values));
    }
  return type;
}

GType
slip_resume_rule_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
          {SLIP_RESUME_R0, "SLIP_RESUME_R0", "R0"}, {SLIP_RESUME_R1, "SLIP_RESUME_R1", "R1"},
          {SLIP_RESUME_R2, "SLIP_RESUME_R2", "R2"}, {SLIP_RESUME_R3, "SLIP_RESUME_R3", "R3"},
          {SLIP_RESUME_R4, "SLIP_RESUME_R4", "R4"}, {SLIP_RESUME_R5, "SLIP_RESUME_R5", "R5"},
          {SLIP_RESUME_R6, "SLIP_RESUME_R6", "R6"}, {0, NULL, NULL},
      };

      g_once_init_leave (&type, g_enum_register_static ("SlipResumeRule", values));
    }
  return type;
}

static int
find_name (const char *const *names, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (names[i], name) == 0)
      return (int)i;
  return -1;
}

const char *
slip_reversibility_get_name (SlipReversibility reversibility)
{
  g_return_val_if_fail ((guint)reversibility < G_N_ELEMENTS (reversibility_names), NULL);
  return reversibility_names[reversibility];
}

gboolean
slip_reversibility_parse (const char *name, SlipReversibility *reversibility)
{
  int found = find_name (reversibility_names, G_N_ELEMENTS (reversibility_names), name);

  if (found >= 0)
    *reversibility = (SlipReversibility)found;
  return found >= 0;
}

const char *
slip_resume_rule_get_name (SlipResumeRule rule)
{
  g_return_val_if_fail ((guint)rule < G_N_ELEMENTS (rule_names), NULL);
  return rule_names[rule];
}

gboolean
slip_resume_rule_parse (const char *name, SlipResumeRule *rule)
{
  int found = find_name (rule_names, G_N_ELEMENTS (rule_names), name);

  if (found >= 0)
    *rule = (SlipResumeRule)found;
  return found >= 0;
}

static void
slip_plan_step_finalize (GObject *object)
{
  SlipPlanStep *self = SLIP_PLAN_STEP (object);

  g_clear_pointer (&self->object, json_object_unref);
  G_OBJECT_CLASS (slip_plan_step_parent_class)->finalize (object);
}

static void
slip_plan_step_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SlipPlanStep *self = SLIP_PLAN_STEP (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, slip_plan_step_get_id (self));
      break;
    case PROP_INDEX:
      g_value_set_uint (value, self->index);
      break;
    case PROP_TITLE:
      g_value_set_string (value, slip_plan_step_get_title (self));
      break;
    case PROP_ENVIRONMENT:
      g_value_set_string (value, slip_plan_step_get_environment (self));
      break;
    case PROP_REGION:
      g_value_set_string (value, slip_plan_step_get_region (self));
      break;
    case PROP_EFFECT:
      g_value_set_string (value, slip_aws_effect_name (self->effect));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
slip_plan_step_class_init (SlipPlanStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = slip_plan_step_finalize;
  object_class->get_property = slip_plan_step_get_property;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_INDEX] = g_param_spec_uint ("index", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_ENVIRONMENT] = g_param_spec_string ("environment", NULL, NULL, NULL, flags);
  properties[PROP_REGION] = g_param_spec_string ("region", NULL, NULL, NULL, flags);
  properties[PROP_EFFECT] = g_param_spec_string ("effect", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
slip_plan_step_init (SlipPlanStep *self)
{
}

/* What every reader of a plan may rely on. */
static const char *
find_lack (JsonObject *object)
{
  static const char *const texts[] = {
      "id", "name", "title", "action", "environment", "account", "region", "onFailure", "onCancel",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (slip_json_string (object, texts[i]) == NULL)
      return texts[i];
  if (slip_json_object (object, "inputs") == NULL)
    return "inputs";
  if (slip_json_object (object, "resume") == NULL)
    return "resume";
  if (slip_json_string (object, "service") != NULL
      && (slip_json_string (object, "operation") == NULL
          || slip_json_object (object, "request") == NULL))
    return "request";
  return NULL;
}

SlipPlanStep *
slip_plan_step_new_from_json (JsonObject *object, guint index, GError **error)
{
  g_autoptr (SlipPlanStep) self = NULL;
  const char *lack;

  g_return_val_if_fail (object != NULL, NULL);
  self = g_object_new (SLIP_TYPE_PLAN_STEP, NULL);
  lack = find_lack (object);
  if (lack == NULL
      && !slip_resume_rule_parse (slip_json_string (slip_json_object (object, "resume"), "rule"),
                                  &self->rule))
    lack = "resume.rule";
  if (lack == NULL
      && !slip_aws_effect_from_name (slip_json_string (object, "effect"), &self->effect))
    lack = "effect";
  if (lack == NULL
      && !slip_reversibility_parse (slip_json_string (object, "reversibility"),
                                    &self->reversibility))
    lack = "reversibility";
  if (lack != NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "step %u of the plan has no valid %s", index + 1, lack);
      return NULL;
    }
  self->object = json_object_ref (object);
  self->index = index;
  return g_steal_pointer (&self);
}

static const char *
get_string (const SlipPlanStep *self, const char *name)
{
  return slip_json_string (self->object, name);
}

const char *
slip_plan_step_get_id (const SlipPlanStep *self)
{
  return get_string (self, "id");
}

guint
slip_plan_step_get_index (const SlipPlanStep *self)
{
  return self->index;
}

const char *
slip_plan_step_get_name (const SlipPlanStep *self)
{
  return get_string (self, "name");
}

const char *
slip_plan_step_get_title (const SlipPlanStep *self)
{
  return get_string (self, "title");
}

const char *
slip_plan_step_get_action (const SlipPlanStep *self)
{
  return get_string (self, "action");
}

const char *
slip_plan_step_get_environment (const SlipPlanStep *self)
{
  return get_string (self, "environment");
}

const char *
slip_plan_step_get_account (const SlipPlanStep *self)
{
  return get_string (self, "account");
}

const char *
slip_plan_step_get_region (const SlipPlanStep *self)
{
  return get_string (self, "region");
}

const char *
slip_plan_step_get_service (const SlipPlanStep *self)
{
  return get_string (self, "service");
}

const char *
slip_plan_step_get_operation (const SlipPlanStep *self)
{
  return get_string (self, "operation");
}

JsonNode *
slip_plan_step_get_request (const SlipPlanStep *self)
{
  return json_object_get_member (self->object, "request");
}

gboolean
slip_plan_step_is_request_complete (const SlipPlanStep *self)
{
  return slip_json_bool (self->object, "requestComplete", TRUE);
}

JsonObject *
slip_plan_step_get_inputs (const SlipPlanStep *self)
{
  return slip_json_object (self->object, "inputs");
}

JsonArray *
slip_plan_step_get_outputs (const SlipPlanStep *self)
{
  return slip_json_array (self->object, "outputs");
}

gboolean
slip_plan_step_is_failed_at_planning (const SlipPlanStep *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN_STEP ((SlipPlanStep *)self), FALSE);
  return slip_json_bool (self->object, "failedAtPlanning", FALSE);
}

JsonObject *
slip_plan_step_get_expect (const SlipPlanStep *self)
{
  return slip_json_object (self->object, "expect");
}

JsonObject *
slip_plan_step_get_known (const SlipPlanStep *self)
{
  return slip_json_object (self->object, "known");
}

SlipAwsEffect
slip_plan_step_get_effect (const SlipPlanStep *self)
{
  return self->effect;
}

SlipReversibility
slip_plan_step_get_reversibility (const SlipPlanStep *self)
{
  return self->reversibility;
}

SlipResumeRule
slip_plan_step_get_resume_rule (const SlipPlanStep *self)
{
  return self->rule;
}

JsonObject *
slip_plan_step_get_resume (const SlipPlanStep *self)
{
  return slip_json_object (self->object, "resume");
}

JsonObject *
slip_plan_step_get_wait (const SlipPlanStep *self)
{
  return slip_json_object (self->object, "wait");
}

const char *
slip_plan_step_get_undo (const SlipPlanStep *self)
{
  return get_string (self, "undo");
}

JsonObject *
slip_plan_step_get_confirm (const SlipPlanStep *self)
{
  return slip_json_object (self->object, "confirm");
}

const char *
slip_plan_step_get_why (const SlipPlanStep *self)
{
  return get_string (self, "why");
}

const char *
slip_plan_step_get_confirmed_by (const SlipPlanStep *self)
{
  return get_string (self, "confirmedBy");
}

const char *
slip_plan_step_get_if_it_fails (const SlipPlanStep *self)
{
  return get_string (self, "ifItFails");
}

JsonObject *
slip_plan_step_get_hints (const SlipPlanStep *self)
{
  return slip_json_object (self->object, "hints");
}

JsonArray *
slip_plan_step_get_notes (const SlipPlanStep *self)
{
  return slip_json_array (self->object, "notes");
}

double
slip_plan_step_get_minutes (const SlipPlanStep *self)
{
  return slip_json_double (self->object, "minutes", 0);
}

double
slip_plan_step_get_gib (const SlipPlanStep *self)
{
  return slip_json_double (self->object, "gib", 0);
}

guint
slip_plan_step_get_runs (const SlipPlanStep *self)
{
  return (guint)MAX (0, slip_json_int (slip_json_object (self->object, "forecast"), "runs", 0));
}

double
slip_plan_step_get_p90_minutes (const SlipPlanStep *self)
{
  return slip_json_double (slip_json_object (self->object, "forecast"), "p90",
                           slip_plan_step_get_minutes (self));
}

/* What was measured of ours is as long in a rehearsal. What a document guesses is of AWS' pace in all. */
static double
get_ours (const SlipPlanStep *self)
{
  double minutes = slip_plan_step_get_minutes (self);

  return CLAMP (slip_json_double (slip_json_object (self->object, "forecast"), "ours", 0), 0,
                MAX (minutes, 0));
}

double
slip_plan_step_get_seconds (const SlipPlanStep *self, double speed)
{
  double ours = get_ours (self);

  return (ours + (slip_plan_step_get_minutes (self) - ours) / MAX (speed, 1)) * 60;
}

gint64
slip_plan_step_get_timeout (const SlipPlanStep *self)
{
  return slip_json_int (self->object, "timeoutSeconds", 0);
}

guint
slip_plan_step_get_max_attempts (const SlipPlanStep *self)
{
  return (guint)CLAMP (slip_json_int (self->object, "maxAttempts", 1), 1, 10);
}

const char *
slip_plan_step_get_next (const SlipPlanStep *self)
{
  return get_string (self, "next");
}

const char *
slip_plan_step_get_on_failure (const SlipPlanStep *self)
{
  return get_string (self, "onFailure");
}

const char *
slip_plan_step_get_on_cancel (const SlipPlanStep *self)
{
  return get_string (self, "onCancel");
}

gboolean
slip_plan_step_is_critical (const SlipPlanStep *self)
{
  return slip_json_bool (self->object, "isCritical", TRUE);
}

gboolean
slip_plan_step_is_conditional (const SlipPlanStep *self)
{
  return slip_json_bool (self->object, "conditional", FALSE);
}

JsonArray *
slip_plan_step_get_guards (const SlipPlanStep *self)
{
  return slip_json_array (self->object, "guards");
}

JsonArray *
slip_plan_step_get_body (const SlipPlanStep *self)
{
  return slip_json_array (self->object, "body");
}

JsonObject *
slip_plan_step_get_json (const SlipPlanStep *self)
{
  return self->object;
}
