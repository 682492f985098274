/* SPDX-License-Identifier: MIT */
/* Changes that belong to no run and of which nobody knows whether they happened, because their process
 * was killed between intent and outcome, or lived on without an answer: which there are, what AWS says
 * of them, and how a person closes them. Sending them is slip-cli-change.c's
 * business. */

#include "slip-open-call.h"

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-redact.h"
#include "slip-run-entry.h"
#include "slip-run-fold.h"
#include "slip-run.h"

#include <string.h>

/* CloudTrail's times are whole seconds, and the two clocks are not one. */
#define SLACK_USEC (5 * 60 * G_USEC_PER_SEC)

/* Pages of 50 events that are read, the newest first, at two a second. */
#define MAX_PAGES 40

void
slip_open_call_free (SlipOpenCall *call)
{
  g_return_if_fail (call != NULL);

  g_free (call->actor);
  g_free (call->environment);
  g_free (call->account);
  g_free (call->region);
  g_free (call->service);
  g_free (call->operation);
  g_clear_pointer (&call->request, json_node_unref);
  g_free (call->tag);
  g_free (call);
}

SlipOpenCall *
slip_open_call_copy (const SlipOpenCall *call)
{
  SlipOpenCall *copy;

  g_return_val_if_fail (call != NULL, NULL);

  copy = g_memdup2 (call, sizeof *call);
  copy->actor = g_strdup (call->actor);
  copy->environment = g_strdup (call->environment);
  copy->account = g_strdup (call->account);
  copy->region = g_strdup (call->region);
  copy->service = g_strdup (call->service);
  copy->operation = g_strdup (call->operation);
  copy->request = call->request != NULL ? json_node_ref (call->request) : NULL;
  copy->tag = g_strdup (call->tag);
  return copy;
}

char *
slip_open_call_new_tag (void)
{
  g_autofree char *uuid = g_uuid_string_random ();

  return g_strconcat ("call/", uuid, NULL);
}

SlipRunLock *
slip_open_call_lock (SlipLedger *ledger, const char *tag, GError **error)
{
  g_autofree char *folder = NULL;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && tag != NULL, NULL);

  folder = slip_run_lock_folder (ledger);
  return slip_run_lock_take_once (folder, tag, "the process that sends it", error);
}

/* ---- which there are */

static SlipOpenCall *
open_call_new (JsonObject *entry, const char *lock_folder)
{
  SlipOpenCall *call = g_new0 (SlipOpenCall, 1);
  JsonObject *data = slip_json_object (entry, "data");
  JsonNode *request = json_object_get_member (entry, "request");
  const char *operation = slip_json_string (entry, "operation");
  const char *colon = operation != NULL ? strchr (operation, ':') : NULL;

  call->seq = slip_json_int (entry, "seq", 0);
  call->time = slip_run_entry_get_time (entry);
  call->actor = slip_run_entry_dup_actor (entry);
  call->environment = g_strdup (slip_json_string (entry, "environment"));
  call->account = g_strdup (slip_json_string (entry, "account"));
  call->region = g_strdup (slip_json_string (entry, "region"));
  call->service = colon != NULL ? g_strndup (operation, (gsize)(colon - operation)) : g_strdup ("");
  call->operation = g_strdup (colon != NULL ? colon + 1 : operation);
  call->request = request != NULL ? json_node_ref (request) : NULL;
  call->tag = data != NULL ? g_strdup (slip_json_string (data, "tag")) : NULL;
  call->in_flight = call->tag != NULL && slip_run_lock_is_held (lock_folder, call->tag);
  return call;
}

typedef struct
{
  GPtrArray *calls;
  char *lock_folder;
} Listing;

/* Earlier versions did not say of which intent an outcome is: it is of the last one before it. */
static gboolean
is_outcome_of (JsonObject *entry, const SlipOpenCall *call)
{
  JsonObject *data = slip_json_object (entry, "data");
  gint64 intent = data != NULL ? slip_json_int (data, "intent", 0) : 0;
  g_autofree char *operation = NULL;

  if (intent != 0)
    return intent == call->seq;
  operation = g_strconcat (call->service, ":", call->operation, NULL);
  return call->tag == NULL && call->seq < slip_json_int (entry, "seq", 0)
         && g_strcmp0 (slip_json_string (entry, "operation"), operation) == 0
         && g_strcmp0 (slip_json_string (entry, "environment"), call->environment) == 0;
}

static void
note_outcome (const SlipLedgerEntry *entry, Listing *listing)
{
  gboolean unknown
      = g_strcmp0 (slip_json_string (entry->object, "outcome"), SLIP_CALL_OUTCOME_UNKNOWN) == 0;

  for (guint i = listing->calls->len; i > 0; i--)
    {
      SlipOpenCall *call = g_ptr_array_index (listing->calls, i - 1);

      if (!is_outcome_of (entry->object, call))
        continue;
      call->lost = unknown;
      if (!unknown)
        g_ptr_array_remove_index (listing->calls, i - 1);
      break;
    }
}

/* In one pass: SQLite reads each entry of the log to tell of what kind it is. */
static gboolean
note (const SlipLedgerEntry *entry, gpointer data)
{
  const char *kind = slip_json_string (entry->object, "kind");
  Listing *listing = data;

  if (g_strcmp0 (kind, SLIP_CALL_INTENT_KIND) == 0)
    g_ptr_array_add (listing->calls, open_call_new (entry->object, listing->lock_folder));
  else if (g_strcmp0 (kind, SLIP_CALL_OUTCOME_KIND) == 0
           || g_strcmp0 (kind, SLIP_CALL_SETTLED_KIND) == 0)
    note_outcome (entry, listing);
  return TRUE;
}

GPtrArray *
slip_open_call_list (SlipLedger *ledger, GError **error)
{
  g_autoptr (GPtrArray) calls
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_open_call_free);
  g_autofree char *folder = NULL;
  SlipLedgerFilter filter = {.kind = "call.*"};
  Listing listing = {calls, NULL};

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger), NULL);

  folder = slip_run_lock_folder (ledger);
  listing.lock_folder = folder;
  return slip_ledger_foreach (ledger, &filter, note, &listing, error) ? g_steal_pointer (&calls)
                                                                      : NULL;
}

char *
slip_open_call_tell (const SlipOpenCall *call)
{
  g_autofree char *time = NULL;

  g_return_val_if_fail (call != NULL, NULL);

  time = slip_time_format (call->time);
  if (call->in_flight)
    return g_strdup_printf (
        "%s:%s of %s in %s, by %s, is being sent (entry %" G_GINT64_FORMAT " of the audit log)",
        call->service, call->operation, time, call->environment, call->actor, call->seq);
  return g_strdup_printf (
      "whether %s:%s of %s in %s, by %s, happened is not known: %s (entry %" G_GINT64_FORMAT
      " of the audit log)",
      call->service, call->operation, time, call->environment, call->actor,
      call->lost ? "no answer came that tells it" : "its process ended before the answer came",
      call->seq);
}

char *
slip_open_call_describe (const SlipOpenCall *call)
{
  g_autofree char *told = slip_open_call_tell (call);

  g_return_val_if_fail (call != NULL, NULL);

  if (call->in_flight)
    return g_strdup_printf ("%s. Wait for its end", told);
  return g_strdup_printf ("%s. Look, and close it: slipwayctl ledger settle %" G_GINT64_FORMAT,
                          told, call->seq);
}

/* ---- what AWS says */

typedef struct
{
  JsonObject *accepted; /* owned: an event without an error */
  GString *refusals;    /* what the others say */
  guint refused;
  gboolean all; /* all events were read */
} Seen;

static void
seen_clear (Seen *seen)
{
  g_clear_pointer (&seen->accepted, json_object_unref);
  if (seen->refusals != NULL)
    g_string_free (seen->refusals, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

/* More refusals than these are only counted. */
#define REFUSALS_TOLD 4

static void
note_event (Seen *seen, JsonObject *event)
{
  const char *code = slip_json_string (event, "errorCode");

  if (code == NULL && seen->accepted == NULL)
    seen->accepted = json_object_ref (event);
  if (code != NULL && seen->refused++ < REFUSALS_TOLD)
    g_string_append_printf (seen->refusals, "%s%s at %s", seen->refusals->len > 0 ? ", " : "", code,
                            slip_json_string (event, "eventTime"));
}

/* The events of the call: its tag is in the user agent that CloudTrail keeps. All sendings share it. */
static void
note_events (Seen *seen, JsonNode *output, const SlipOpenCall *call)
{
  JsonArray *events = slip_json_array (slip_json_node_object (output), "Events");

  for (guint i = 0; events != NULL && i < json_array_get_length (events); i++)
    {
      JsonObject *event = slip_json_node_object (json_array_get_element (events, i));
      const char *text = event != NULL ? slip_json_string (event, "CloudTrailEvent") : NULL;
      g_autoptr (JsonNode) record = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
      JsonObject *object = slip_json_node_object (record);
      const char *agent = object != NULL ? slip_json_string (object, "userAgent") : NULL;

      if (agent != NULL && strstr (agent, call->tag) != NULL)
        note_event (seen, object);
    }
}

static JsonNode *
make_lookup (const SlipOpenCall *call, const char *next_token)
{
  JsonObject *input = json_object_new ();
  JsonObject *attribute = json_object_new ();
  JsonArray *attributes = json_array_new ();
  g_autofree char *start = slip_time_format (call->time - SLACK_USEC);

  json_object_set_string_member (attribute, "AttributeKey", "EventName");
  json_object_set_string_member (attribute, "AttributeValue", call->operation);
  json_array_add_object_element (attributes, attribute);
  json_object_set_array_member (input, "LookupAttributes", attributes);
  json_object_set_string_member (input, "StartTime", start);
  slip_run_entry_set_text (input, "NextToken", next_token);
  return slip_json_new_object (input);
}

/* Only an event that was accepted proves anything. One that was refused is of one sending: another may
 * have been accepted, and CloudTrail is late. */
static void
judge (const Seen *seen, const SlipOpenCall *call, SlipOpenCallFate *fate, char **why)
{
  *fate = seen->accepted != NULL ? SLIP_OPEN_CALL_DID : SLIP_OPEN_CALL_UNKNOWN;
  if (seen->accepted != NULL)
    *why = g_strdup_printf ("CloudTrail event %s of %s: accepted",
                            slip_json_string (seen->accepted, "eventID"),
                            slip_json_string (seen->accepted, "eventTime"));
  else if (seen->refused > 0)
    *why = g_strdup_printf (
        "CloudTrail shows %s refused %u times: %s. That does not prove that it did not happen: it "
        "may "
        "have been sent once more, and CloudTrail takes about a quarter of an hour",
        call->operation, seen->refused, seen->refusals->str);
  else
    *why = g_strdup_printf ("CloudTrail does not show %s%s. That proves nothing: it takes about a "
                            "quarter of an hour, and does not keep every call",
                            call->operation,
                            seen->all ? "" : " among the newest events of its name");
}

gboolean
slip_open_call_look (const SlipOpenCall *call,
                     SlipCaller *caller,
                     SlipOpenCallFate *fate,
                     char **why,
                     GCancellable *cancellable,
                     GError **error)
{
  g_auto (Seen) seen = {.refusals = g_string_new (NULL)};
  g_autofree char *token = NULL;

  g_return_val_if_fail (call != NULL && caller != NULL && fate != NULL && why != NULL, FALSE);

  if (call->tag == NULL || call->environment == NULL)
    {
      *fate = SLIP_OPEN_CALL_UNKNOWN;
      *why = g_strdup ("an earlier version sent it, without what CloudTrail would know it by");
      return TRUE;
    }
  for (guint page = 0; page < MAX_PAGES && seen.accepted == NULL && !seen.all; page++)
    {
      g_autoptr (JsonNode) input = make_lookup (call, token);
      g_autoptr (JsonNode) output
          = slip_caller_call (caller, call->environment, call->region, "cloudtrail", "LookupEvents",
                              input, cancellable, error);

      if (output == NULL)
        return FALSE;
      note_events (&seen, output, call);
      g_free (token);
      token = g_strdup (slip_json_string (slip_json_node_object (output), "NextToken"));
      seen.all = token == NULL;
    }
  judge (&seen, call, fate, why);
  return TRUE;
}

/* ---- closing */

static gboolean
is_open (const SlipOpenCall *call, SlipLedger *ledger, gboolean *open, GError **error)
{
  g_autoptr (GPtrArray) calls = slip_open_call_list (ledger, error);

  *open = FALSE;
  for (guint i = 0; calls != NULL && i < calls->len; i++)
    *open = *open || ((SlipOpenCall *)g_ptr_array_index (calls, i))->seq == call->seq;
  return calls != NULL;
}

static JsonObject *
make_settled (const SlipOpenCall *call, gboolean did, const char *how, const char *text)
{
  JsonObject *entry = slip_run_entry_new_of_call (SLIP_CALL_SETTLED_KIND, NULL);
  JsonObject *data = slip_run_entry_data (entry);
  g_autofree char *operation = g_strconcat (call->service, ":", call->operation, NULL);
  g_autofree char *redacted = text != NULL ? slip_redact_text (text) : NULL;

  slip_run_entry_set_text (entry, "environment", call->environment);
  slip_run_entry_set_text (entry, "account", call->account);
  slip_run_entry_set_text (entry, "region", call->region);
  json_object_set_string_member (entry, "operation", operation);
  json_object_set_string_member (entry, "outcome", did ? "did" : "did-not");
  json_object_set_int_member (data, "intent", call->seq);
  json_object_set_string_member (data, "how", how);
  slip_run_entry_set_text (data, "text", redacted);
  return entry;
}

gboolean
slip_open_call_settle (const SlipOpenCall *call,
                       SlipLedger *ledger,
                       gboolean did,
                       const char *how,
                       const char *text,
                       GError **error)
{
  g_autoptr (SlipRunLock) lock = NULL;
  g_autoptr (JsonObject) entry = NULL;
  gboolean open;

  g_return_val_if_fail (call != NULL && SLIP_IS_LEDGER (ledger) && how != NULL, FALSE);

  if (call->tag != NULL)
    {
      lock = slip_open_call_lock (ledger, call->tag, error);
      if (lock == NULL)
        return FALSE;
    }
  if (!is_open (call, ledger, &open, error))
    return FALSE;
  if (!open)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY,
                   "entry %" G_GINT64_FORMAT " has its outcome already", call->seq);
      return FALSE;
    }
  entry = make_settled (call, did, how, text);
  return slip_ledger_append (ledger, entry, NULL, error);
}
