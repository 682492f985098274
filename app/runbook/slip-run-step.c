/* SPDX-License-Identifier: MIT */
/* One step of a run as the window binds it: a thin object over the fold's record, which notifies
 * when the fold has moved. Made and kept by SlipRun; lives on the main thread. */

#include "slip-run-private.h"

struct _SlipRunStep
{
  GObject parent_instance;
  SlipFoldStep *step; /* counted */
  SlipRunStepState shown_state;
  char *shown_detail;
  double shown_progress;
  guint shown_entries;
};

enum
{
  PROP_ID = 1,
  PROP_TITLE,
  PROP_STATE,
  PROP_DETAIL,
  PROP_PROGRESS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SlipRunStep, slip_run_step, G_TYPE_OBJECT)

static void
slip_run_step_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SlipRunStep *self = SLIP_RUN_STEP (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->step->id);
      break;
    case PROP_TITLE:
      g_value_set_string (value, slip_run_step_get_title (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (gint)self->step->state);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, self->step->detail);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->step->progress);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
slip_run_step_finalize (GObject *object)
{
  SlipRunStep *self = SLIP_RUN_STEP (object);

  slip_fold_step_unref (self->step);
  g_free (self->shown_detail);
  G_OBJECT_CLASS (slip_run_step_parent_class)->finalize (object);
}

static void
slip_run_step_class_init (SlipRunStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = slip_run_step_get_property;
  object_class->finalize = slip_run_step_finalize;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, SLIP_TYPE_RUN_STEP_STATE,
                                              SLIP_RUN_STEP_PLANNED, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1, 1, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  /**
   * SlipRunStep::changed:
   *
   * The step has new ledger entries.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_run_step_init (SlipRunStep *self)
{
  self->shown_progress = -1;
}

SlipRunStep *
slip_run_step_new (SlipFoldStep *step)
{
  SlipRunStep *self = g_object_new (SLIP_TYPE_RUN_STEP, NULL);

  self->step = g_rc_box_acquire (step);
  self->shown_state = step->state;
  self->shown_detail = g_strdup (step->detail);
  self->shown_progress = step->progress;
  self->shown_entries = step->entries->len;
  return self;
}

SlipFoldStep *
slip_run_step_get_fold (SlipRunStep *self)
{
  return self->step;
}

void
slip_run_step_changed (SlipRunStep *self)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  if (self->shown_state != self->step->state)
    g_object_notify_by_pspec (object, properties[PROP_STATE]);
  if (g_strcmp0 (self->shown_detail, self->step->detail) != 0)
    g_object_notify_by_pspec (object, properties[PROP_DETAIL]);
  if (self->shown_progress < self->step->progress || self->shown_progress > self->step->progress)
    g_object_notify_by_pspec (object, properties[PROP_PROGRESS]);
  self->shown_state = self->step->state;
  g_free (self->shown_detail);
  self->shown_detail = g_strdup (self->step->detail);
  self->shown_progress = self->step->progress;
  g_object_thaw_notify (object);
  if (self->shown_entries == self->step->entries->len)
    return;
  self->shown_entries = self->step->entries->len;
  g_signal_emit (self, signals[CHANGED], 0);
}

#define GETTER(type, name, fallback, value)                                                        \
  SLIP_RUN_DEFINE_GETTER (SlipRunStep, slip_run_step, SLIP_IS_RUN_STEP, type, name, fallback, value)

GETTER (const char *, id, NULL, self->step->id)

const char *
slip_run_step_get_title (SlipRunStep *self)
{
  const char *title;

  g_return_val_if_fail (SLIP_IS_RUN_STEP (self), NULL);

  title = slip_plan_step_get_title (self->step->plan_step);
  return title != NULL ? title : self->step->id;
}

GETTER (SlipPlanStep *, plan_step, NULL, self->step->plan_step)
GETTER (SlipRunStepState, state, SLIP_RUN_STEP_PLANNED, self->step->state)
GETTER (const char *, detail, NULL, self->step->detail)
GETTER (double, progress, -1, self->step->progress)
GETTER (gint64, started, 0, self->step->started)
GETTER (gint64, finished, 0, self->step->finished)
GETTER (gint64, deadline, 0, self->step->deadline)
GETTER (JsonNode *, request, NULL, self->step->request)
GETTER (JsonNode *, response, NULL, self->step->response)
GETTER (const char *, request_sha256, NULL, self->step->request_sha256)
GETTER (const char *, request_id, NULL, self->step->request_id)
GETTER (JsonObject *, outputs, NULL, self->step->outputs)
GETTER (const char *, actor, NULL, self->step->actor)
GETTER (const char *,
        cosigned_by,
        NULL,
        self->step->cosigned != 0 ? self->step->cosigned_by : NULL)
GETTER (GPtrArray *, entries, NULL, self->step->entries)
