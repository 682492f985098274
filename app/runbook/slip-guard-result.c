/* SPDX-License-Identifier: MIT */
/* What a guard found, as plans, the ledger and the preflight page hold it. */

#include "slip-guard.h"

#include "slip-json.h"
#include "slip-runbook-error.h"

struct _SlipGuardResult
{
  GObject parent_instance;
  JsonObject *object; /* owned; never changed */
  SlipGuardState state;
};

enum
{
  PROP_0,
  PROP_GUARD,
  PROP_TITLE,
  PROP_STATE,
  PROP_MESSAGE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SlipGuardResult, slip_guard_result, G_TYPE_OBJECT)

static const char *const state_names[] = {"pass", "warn", "block", "unprovable"};

GType
slip_guard_state_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
          {SLIP_GUARD_PASS, "SLIP_GUARD_PASS", "pass"},
          {SLIP_GUARD_WARN, "SLIP_GUARD_WARN", "warn"},
          {SLIP_GUARD_BLOCK, "SLIP_GUARD_BLOCK", "block"},
          {SLIP_GUARD_UNPROVABLE, "SLIP_GUARD_UNPROVABLE", "unprovable"},
          {0, NULL, NULL},
      };

      g_once_init_leave (&type, g_enum_register_static ("SlipGuardState", values));
    }
  return type;
}

const char *
slip_guard_state_get_name (SlipGuardState state)
{
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (state_names), NULL);
  return state_names[state];
}

static void
slip_guard_result_finalize (GObject *object)
{
  SlipGuardResult *self = SLIP_GUARD_RESULT (object);

  g_clear_pointer (&self->object, json_object_unref);
  G_OBJECT_CLASS (slip_guard_result_parent_class)->finalize (object);
}

static void
slip_guard_result_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SlipGuardResult *self = SLIP_GUARD_RESULT (object);

  switch (id)
    {
    case PROP_GUARD:
      g_value_set_string (value, slip_guard_result_get_guard (self));
      break;
    case PROP_TITLE:
      g_value_set_string (value, slip_guard_result_get_title (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (gint)self->state);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, slip_guard_result_get_message (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
slip_guard_result_class_init (SlipGuardResultClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = slip_guard_result_finalize;
  object_class->get_property = slip_guard_result_get_property;
  properties[PROP_GUARD] = g_param_spec_string ("guard", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, SLIP_TYPE_GUARD_STATE,
                                              SLIP_GUARD_UNPROVABLE, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
slip_guard_result_init (SlipGuardResult *self)
{
}

SlipGuardResult *
slip_guard_result_new_from_json (JsonObject *object, GError **error)
{
  const char *state = slip_json_string (object, "state");
  int found = -1;
  SlipGuardResult *self;

  for (guint i = 0; state != NULL && i < G_N_ELEMENTS (state_names); i++)
    if (g_str_equal (state_names[i], state))
      found = (int)i;
  if (found < 0 || slip_json_string (object, "guard") == NULL
      || slip_json_string (object, "title") == NULL || slip_json_string (object, "message") == NULL
      || slip_json_array (object, "evidence") == NULL)
    {
      g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                           "a guard's result lacks guard, title, state, message or evidence");
      return NULL;
    }
  self = g_object_new (SLIP_TYPE_GUARD_RESULT, NULL);
  self->object = json_object_ref (object);
  self->state = (SlipGuardState)found;
  return self;
}

JsonObject *
slip_guard_result_to_json (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return json_object_ref (self->object);
}

SlipGuardState
slip_guard_result_get_state (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), SLIP_GUARD_UNPROVABLE);
  return self->state;
}

const char *
slip_guard_result_get_guard (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_string (self->object, "guard");
}

const char *
slip_guard_result_get_title (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_string (self->object, "title");
}

const char *
slip_guard_result_get_message (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_string (self->object, "message");
}

const char *
slip_guard_result_get_difference (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_string (self->object, "difference");
}

const char *
slip_guard_result_get_difference_sha256 (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_string (self->object, "difference_sha256");
}

JsonArray *
slip_guard_result_get_evidence (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_array (self->object, "evidence");
}

const char *
slip_guard_result_get_environment (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_string (self->object, "environment");
}

const char *
slip_guard_result_get_step (SlipGuardResult *self)
{
  g_return_val_if_fail (SLIP_IS_GUARD_RESULT (self), NULL);
  return slip_json_string (self->object, "step");
}
