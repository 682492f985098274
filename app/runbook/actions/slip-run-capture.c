/* SPDX-License-Identifier: MIT */
/* slipway:capture while running: reads what a restore loses, puts it back call by call, each with its
 * own intent and outcome, and compares. Putting back looks first and sends only what differs, so that
 * it may be cut off anywhere and begun again. */

#include "slip-run-local.h"

#include "slip-capture-read.h"
#include "slip-crash.h"
#include "slip-json.h"

/* So often it is looked whether a change has taken effect, BUSY_SECONDS apart, before it is sent again. */
#define SETTLE_LOOKS 30

/* Each round looks again; what a round leaves different is beyond a call. */
#define MAX_ROUNDS 3
#define BUSY_TRIES 40
#define BUSY_SECONDS 15

typedef struct
{
  SlipRunContext *context;
  JsonObject *table;
  const char *target;
  GHashTable *only;    /* owned; the fields that are needed, NULL: all */
  JsonObject *refused; /* owned; takes what may be done without and is not told, NULL: it fails */
  gboolean unsure;     /* a change of this round got no answer */
} Capture;

/* ---- reading */

static JsonNode *
call (gpointer data,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GError **error)
{
  return slip_run_engine_read_in (data, region, service, operation, input, SLIP_AWS_PRIORITY_RUN,
                                  error);
}

static JsonObject *
take (Capture *self, GError **error)
{
  SlipCaptureReader reader = {
      .call = call,
      .data = self->context,
      .region = slip_plan_step_get_region (self->context->plan),
      .only = self->only,
      .refused = self->refused,
  };

  return self->table == NULL ? slip_capture_read_global (&reader, self->target, error)
                             : slip_capture_read (&reader, self->table, self->target, error);
}

static JsonObject *
captured (Capture *self, GError **error)
{
  JsonNode *node = json_object_get_member (self->context->inputs, "Captured");
  JsonObject *object = slip_json_node_object (node);

  if (object != NULL && slip_json_object (object, "fields") != NULL
      && slip_json_string (object, "target") != NULL && slip_json_string (object, "arn") != NULL
      && g_strcmp0 (slip_json_string (object, "kind"), slip_json_string (self->table, "kind")) == 0)
    return object;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "Captured is not the Document of a capture of kind %s",
               slip_json_string (self->table, "kind"));
  return NULL;
}

/* ---- putting back */

static gboolean
is_ready (Capture *self, gboolean *ready, char **state, GError **error)
{
  JsonObject *spec = slip_json_object (self->table, "ready");
  g_autoptr (JsonObject) values = json_object_new ();
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (JsonNode) found = NULL;
  JsonArray *ok = spec != NULL ? slip_json_array (spec, "ok") : NULL;

  /* Some things take changes at any time. */
  *ready = spec == NULL;
  if (*ready)
    return TRUE;
  json_object_set_string_member (values, "target", self->target);
  input = slip_capture_expand (json_object_get_member (spec, "input"), values);
  answer = slip_run_engine_read (self->context, slip_json_string (spec, "service"),
                                 slip_json_string (spec, "operation"), input,
                                 SLIP_AWS_PRIORITY_WAIT, error);
  if (answer == NULL)
    return FALSE;
  found = slip_json_select (answer, slip_json_string (spec, "select"), NULL);
  *ready = FALSE;
  *state = found != NULL && JSON_NODE_HOLDS_VALUE (found) ? json_node_dup_string (found) : NULL;
  for (guint i = 0; *state != NULL && i < json_array_get_length (ok); i++)
    *ready = *ready || g_str_equal (*state, json_array_get_string_element (ok, i));
  return TRUE;
}

static gboolean
wait_until_ready (Capture *self, GError **error)
{
  for (;;)
    {
      g_autofree char *state = NULL;
      g_autofree char *detail = NULL;
      gboolean ready;

      if (!is_ready (self, &ready, &state, error))
        return FALSE;
      if (ready)
        return TRUE;
      detail = g_strdup_printf ("waits until %s, which is %s, takes changes", self->target, state);
      slip_job_set_detail (self->context->engine->job, detail);
      if (!slip_run_engine_sleep (self->context->engine, BUSY_SECONDS, error))
        return FALSE;
    }
}

static JsonObject *
entry_of (SlipCaptureChange *change)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "field", change->field);
  return data;
}

/* `InvalidDBClusterStateFault`, `ResourceInUseException`, and while another change is under way. */
static gboolean
is_busy (const GError *failure)
{
  const char *code = slip_aws_error_get_code (failure);

  return code != NULL
         && (g_str_equal (code, "ResourceInUseException")
             || g_str_equal (code, "LimitExceededException")
             || g_str_equal (code, "ConcurrentUpdateException")
             || (g_str_has_prefix (code, "Invalid") && g_strrstr (code, "State") != NULL));
}

/* One call with its intent and outcome. Sets @again when it was refused for now. Whether a call without
 * an answer had its effect is told by the next look at all fields. */
static gboolean
send (Capture *self, SlipCaptureChange *change, gboolean *again, GError **error)
{
  SlipRunContext *context = self->context;
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op
      = slip_aws_model_lookup_operation (change->service, change->operation, &model, error);
  g_autofree char *name = g_strconcat (change->service, ":", change->operation, NULL);
  g_auto (SlipAwsCallInfo) info = {0};
  SlipAwsCall call = {
      .service = change->service,
      .operation = change->operation,
      .region = slip_plan_step_get_region (context->plan),
      .input = change->request,
      .priority = SLIP_AWS_PRIORITY_RUN,
  };
  g_autoptr (JsonNode) shown = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) local = NULL;
  gboolean unknown;

  *again = FALSE;
  if (op == NULL || !slip_aws_model_check_error (model, op, change->request, error)
      || !slip_run_engine_check (context->engine, error))
    return FALSE;
  shown = slip_aws_model_redact (op, change->request, FALSE);
  if (!slip_run_local_intent (context, name, json_object_ref (json_node_get_object (shown)), error))
    return FALSE;
  answer = slip_run_caller_call (context->engine->caller,
                                 slip_plan_step_get_environment (context->plan), &call, &info, NULL,
                                 &local);
  slip_crash_point ("answered");
  if (answer != NULL)
    {
      context->changed = TRUE;
      return slip_run_local_settle (context, name, "part", change->field, entry_of (change), error);
    }
  *again = is_busy (local);
  unknown = g_error_matches (local, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME);
  context->changed = context->changed || unknown;
  self->unsure = self->unsure || unknown;
  if (!slip_run_local_settle (context, name, unknown ? "unknown" : "absent", local->message,
                              entry_of (change), error))
    return FALSE;
  if (*again || unknown)
    return TRUE;
  if (slip_run_error_is_sign_in (local))
    {
      *again = TRUE;
      return slip_run_engine_sign_in (context->engine,
                                      slip_plan_step_get_environment (context->plan), context->step,
                                      local->message, error);
    }
  /* It may need what got no answer before it: the next look tells. */
  if (self->unsure)
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s of %s: ", change->field,
                              self->target);
  return FALSE;
}

static gboolean
put_back (Capture *self, SlipCaptureChange *change, GError **error)
{
  gboolean again = TRUE;

  for (guint tries = 0; again && tries < BUSY_TRIES; tries++)
    {
      if (!wait_until_ready (self, error) || !send (self, change, &again, error))
        return FALSE;
      if (again && !slip_run_engine_sleep (self->context->engine, BUSY_SECONDS, error))
        return FALSE;
    }
  if (!again)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s of %s: it stays busy",
               change->field, self->target);
  return FALSE;
}

/* AWS shows a thing available, with its old settings, for a while before a change of it begins. */
static gboolean
wait_until_same (Capture *self, JsonObject *before, JsonArray *except, GError **error)
{
  for (guint looks = 0; looks < SETTLE_LOOKS; looks++)
    {
      g_autoptr (JsonObject) after = wait_until_ready (self, error) ? take (self, error) : NULL;
      g_autoptr (GPtrArray) changes = NULL;
      g_autofree char *detail = NULL;

      if (after == NULL)
        return FALSE;
      changes = slip_capture_changes (self->table, before, after, except);
      if (changes->len == 0)
        return TRUE;
      detail = g_strdup_printf ("waits until %u settings of %s take effect", changes->len,
                                self->target);
      slip_job_set_detail (self->context->engine->job, detail);
      if (!slip_run_engine_sleep (self->context->engine, BUSY_SECONDS, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
reapply (Capture *self, GError **error)
{
  JsonObject *before = captured (self, error);
  JsonArray *except = slip_json_array (self->context->inputs, "Except");
  JsonArray *applied = json_array_new ();
  guint rounds = 0;
  guint left;

  /* What no call puts back need not be told. */
  self->only = slip_capture_list_applied (self->table, except);
  self->context->outputs = json_object_new ();
  json_object_set_array_member (self->context->outputs, "Applied", applied);
  self->context->changed = self->context->step->sends > 0;
  do
    {
      g_autoptr (JsonObject) after
          = before != NULL && wait_until_ready (self, error) ? take (self, error) : NULL;
      g_autoptr (GPtrArray) changes = NULL;

      if (after == NULL)
        return FALSE;
      changes = slip_capture_changes (self->table, before, after, except);
      left = changes->len;
      self->unsure = FALSE;
      for (guint i = 0; i < changes->len && rounds < MAX_ROUNDS; i++)
        {
          SlipCaptureChange *change = g_ptr_array_index (changes, i);

          if (!put_back (self, change, error))
            return FALSE;
          if (rounds == 0)
            json_array_add_string_element (applied, change->field);
        }
      if (left > 0 && rounds < MAX_ROUNDS && !wait_until_same (self, before, except, error))
        return FALSE;
    }
  while (left > 0 && rounds++ < MAX_ROUNDS);
  self->context->detail = g_strdup_printf ("%u settings put back", json_array_get_length (applied));
  if (!self->context->changed)
    self->context->outcome = "unchanged";
  if (left == 0)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%u settings of %s do not become what they were, although AWS took the calls", left,
               self->target);
  return FALSE;
}

/* ---- capturing and comparing */

static gboolean
capture (Capture *self, GError **error)
{
  JsonObject *document = take (self, error);
  JsonNode *node;

  if (document == NULL)
    return FALSE;
  node = slip_json_new_object (document);
  if (!slip_run_context_take_result (self->context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_member (self->context->outputs, "Document", json_node_ref (node));
  self->context->detail = g_strdup_printf (
      "%u settings captured", json_object_get_size (slip_json_object (document, "fields")));
  return TRUE;
}

static char *
list_unexplained (JsonObject *comparison, JsonArray *names)
{
  JsonArray *rows = slip_json_array (comparison, "fields");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;

      if (slip_json_bool (row, "same", FALSE) || slip_json_string (row, "explained") != NULL)
        continue;
      before = slip_json_to_text (json_object_get_member (row, "before"), FALSE);
      after = slip_json_to_text (json_object_get_member (row, "after"), FALSE);
      json_array_add_string_element (names, slip_json_string (row, "field"));
      if (text->len < 1500)
        g_string_append_printf (text, "%s%s was %s and is %s", text->len > 0 ? "; " : "",
                                slip_json_string (row, "field"), before, after);
    }
  return g_string_free (text, FALSE);
}

/* Why what differs may, and what is not known to differ; (transfer full). Adds the names of the latter to
 * @unread. */
static JsonObject *
explain (Capture *self, GString *unread)
{
  JsonObject *given = slip_json_object (self->context->inputs, "Explain");
  JsonObject *all = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *why;

  json_object_iter_init_ordered (&iter, given != NULL ? given : all);
  while (json_object_iter_next_ordered (&iter, &name, &why))
    json_object_set_member (all, name, slip_json_copy (why));
  json_object_iter_init_ordered (&iter, self->refused);
  while (json_object_iter_next_ordered (&iter, &name, &why))
    {
      g_autofree char *text
          = g_strdup_printf ("could not be compared: %s", slip_json_node_string (why));

      json_object_set_string_member (all, name, text);
      g_string_append_printf (unread, "%s%s",
                              unread->len > 0 ? ", " : "; could not be compared: ", name);
    }
  return all;
}

static gboolean
diff (Capture *self, GError **error)
{
  JsonObject *before = captured (self, error);
  g_autoptr (JsonObject) after = NULL;
  g_autoptr (JsonObject) why = NULL;
  g_autoptr (GString) unread = g_string_new (NULL);
  JsonObject *comparison;
  JsonArray *names;
  JsonNode *node;
  g_autofree char *text = NULL;

  self->refused = json_object_new ();
  after = before != NULL ? take (self, error) : NULL;
  if (after == NULL)
    return FALSE;
  why = explain (self, unread);
  comparison = slip_capture_compare (self->table, before, after, why);
  node = slip_json_new_object (comparison);
  if (!slip_run_context_take_result (self->context, node, json_node_ref (node), error))
    return FALSE;
  names = json_array_new ();
  text = list_unexplained (comparison, names);
  json_object_set_member (self->context->outputs, "Comparison", json_node_ref (node));
  json_object_set_array_member (self->context->outputs, "Unexplained", names);
  self->context->detail = g_strdup_printf (
      "%d the same, %d explained, %d not explained%s", (int)slip_json_int (comparison, "same", 0),
      (int)slip_json_int (comparison, "explained", 0),
      (int)slip_json_int (comparison, "unexplained", 0), unread->str);
  if (json_array_get_length (names) == 0)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s is not what was captured, and nothing explains it: %s", self->target, text);
  return FALSE;
}

static void
capture_clear (Capture *self)
{
  g_clear_pointer (&self->only, g_hash_table_unref);
  g_clear_pointer (&self->refused, json_object_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Capture, capture_clear)

static gboolean
run (SlipRunContext *context, GError **error)
{
  const char *mode = slip_json_string (context->inputs, "Mode");
  g_auto (Capture) self = {
      .context = context,
      .table = slip_capture_table_find (slip_json_string (context->inputs, "Kind")),
      .target = slip_json_string (context->inputs, "Target"),
  };

  if ((self.table == NULL
       && (g_strcmp0 (slip_json_string (context->inputs, "Kind"), SLIP_CAPTURE_GLOBAL) != 0
           || g_strcmp0 (mode, "capture") != 0))
      || self.target == NULL || mode == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "step %s captures nothing known",
                   context->step->id);
      return FALSE;
    }
  if (g_str_equal (mode, "reapply"))
    return reapply (&self, error);
  return g_str_equal (mode, "diff") ? diff (&self, error) : capture (&self, error);
}

const SlipRunAction slip_run_action_capture = {
    .name = "slipway:capture",
    .run = run,
};
