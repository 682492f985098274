/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "slip-clock.h"

G_BEGIN_DECLS

#define SLIP_REHEARSAL_ERROR (slip_rehearsal_error_quark ())

/**
 * SlipRehearsalError:
 * @SLIP_REHEARSAL_ERROR_STATE: the state folder cannot be opened, is damaged, or belongs to another
 *   server that still runs
 * @SLIP_REHEARSAL_ERROR_SCENARIO: a scenario is malformed; the message begins with the place in it
 * @SLIP_REHEARSAL_ERROR_FAULT: a fault's description is malformed
 * @SLIP_REHEARSAL_ERROR_ADDRESS: the address to listen on is not a loopback address
 * @SLIP_REHEARSAL_ERROR_WORK: background work failed; the message says what and why
 *
 * Errors of the rehearsal folder. What a service answers to its client is a %SLIP_AWS_ERROR instead.
 */
typedef enum
{
  SLIP_REHEARSAL_ERROR_STATE,
  SLIP_REHEARSAL_ERROR_SCENARIO,
  SLIP_REHEARSAL_ERROR_FAULT,
  SLIP_REHEARSAL_ERROR_ADDRESS,
  SLIP_REHEARSAL_ERROR_WORK,
} SlipRehearsalError;

GQuark slip_rehearsal_error_quark (void);

/**
 * SlipWorld:
 *
 * Everything the rehearsal estate holds: resources, pending transitions, events, settings. The copy
 * in memory answers reads, the SQLite file in the state folder is the durable one. Belongs to the
 * main thread: only the main loop of the server and what it calls may touch it.
 *
 * Changes happen inside a transaction. The server opens one around every request and around every
 * transition, so a service function never does; an error answer rolls everything back, in memory too.
 */
typedef struct _SlipWorld SlipWorld;

/**
 * SlipWorldRecord:
 * @account: twelve digits, or "" for what belongs to none
 * @region: such as `eu-west-1`, or "" for what is global
 * @type: service and kind, such as `rds.cluster-snapshot`
 * @id: unique within the three above; listings are ordered by its bytes
 * @data: the resource; sealed: change a copy from slip_world_edit() and put that back
 *
 * One resource. Immutable; a change makes a new record.
 */
typedef struct
{
  const char *account;
  const char *region;
  const char *type;
  const char *id;
  JsonObject *data;
} SlipWorldRecord;

/**
 * slip_world_open:
 * @folder: the state folder; made when absent
 * @speed: durations are divided by it; 1 or more
 * @error: return location
 *
 * Opens the world in @folder, or makes an empty one, and locks the folder against a second server.
 *
 * Returns: (transfer full): the world, or %NULL with %SLIP_REHEARSAL_ERROR_STATE
 */
SlipWorld *slip_world_open (const char *folder, double speed, GError **error);

/**
 * slip_world_close:
 * @world: (transfer full): a world
 *
 * Waits for running background work, writes what is open, unlocks the folder and frees.
 */
void slip_world_close (SlipWorld *world);

const char *slip_world_get_folder (SlipWorld *world);
double slip_world_get_speed (SlipWorld *world);

/**
 * slip_world_set_clock:
 * @world: a world
 * @clock: where time comes from
 *
 * For tests that turn the time; follow with slip_world_tick().
 */
void slip_world_set_clock (SlipWorld *world, SlipClock *clock);

/**
 * slip_world_describe:
 * @world: a world
 *
 * Returns: (transfer full): how many resources there are of each type
 */
JsonObject *slip_world_describe (SlipWorld *world);

/**
 * slip_world_now:
 * @world: a world
 *
 * Returns: real time in microseconds since 1970-01-01T00:00:00Z; the same for one whole transaction
 */
gint64 slip_world_now (SlipWorld *world);

/**
 * slip_world_dup_now:
 * @world: a world
 *
 * Returns: (transfer full): slip_world_now() as `2026-11-21T06:30:00Z`
 */
char *slip_world_dup_now (SlipWorld *world);

/* --- Transactions: for the server, the seeds and tests, not for service functions --- */

void slip_world_begin (SlipWorld *world);

/**
 * slip_world_commit:
 * @world: a world in a transaction
 * @error: return location
 *
 * Returns: whether the transaction's changes are in the file; with %FALSE they are rolled back
 */
gboolean slip_world_commit (SlipWorld *world, GError **error);
void slip_world_rollback (SlipWorld *world);

/**
 * SlipWorldWatchFunc:
 *
 * Called outside of a transaction.
 */
typedef void (*SlipWorldWatchFunc) (SlipWorld *world, gpointer data);

/**
 * slip_world_watch:
 * @world: a world
 * @type: a type of records
 * @func: (nullable): what is called after each commit that changed one of them
 * @data: for @func
 *
 * There is one watch; another one takes its place.
 */
void slip_world_watch (SlipWorld *world, const char *type, SlipWorldWatchFunc func, gpointer data);

/**
 * slip_world_get_changes:
 * @world: a world
 *
 * Returns: how many changes of resources and schedule the open transaction holds
 */
guint slip_world_get_changes (SlipWorld *world);

/* --- Resources --- */

/**
 * slip_world_get:
 * @world: a world
 * @account: account
 * @region: region
 * @type: type
 * @id: id
 *
 * Returns: (transfer none) (nullable): the resource; valid until it is changed or removed
 */
const SlipWorldRecord *slip_world_get (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id);

/**
 * slip_world_edit:
 *
 * Returns: (transfer full) (nullable): a deep copy of the resource's data, to change and give to
 *   slip_world_put()
 */
JsonObject *slip_world_edit (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id);

/**
 * slip_world_put:
 * @world: a world
 * @account: account
 * @region: region
 * @type: type
 * @id: id
 * @data: (transfer full): the resource; sealed by this call
 *
 * Adds or replaces a resource.
 */
void slip_world_put (SlipWorld *world,
                     const char *account,
                     const char *region,
                     const char *type,
                     const char *id,
                     JsonObject *data);

/**
 * slip_world_remove:
 *
 * Removes a resource and the transitions that wait for it.
 *
 * Returns: whether there was one
 */
gboolean slip_world_remove (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id);

/**
 * SlipWorldFunc:
 * @record: a resource
 * @data: as given
 *
 * Must not put or remove resources of the type that is walked.
 *
 * Returns: %FALSE to stop
 */
typedef gboolean (*SlipWorldFunc) (const SlipWorldRecord *record, gpointer data);

/**
 * slip_world_foreach:
 * @world: a world
 * @account: (nullable): only of this account
 * @region: (nullable): only of this region
 * @type: of this type
 * @after: (nullable): only ids behind this one; needs @account and @region
 * @func: called in the order of account, region, id
 * @data: for @func
 */
void slip_world_foreach (SlipWorld *world,
                         const char *account,
                         const char *region,
                         const char *type,
                         const char *after,
                         SlipWorldFunc func,
                         gpointer data);

/**
 * slip_world_list:
 *
 * The resources that slip_world_foreach() would visit; use it where the walk changes them.
 *
 * Returns: (transfer container) (element-type SlipWorldRecord): held by the array
 */
GPtrArray *
slip_world_list (SlipWorld *world, const char *account, const char *region, const char *type);

guint
slip_world_count (SlipWorld *world, const char *account, const char *region, const char *type);

/* --- Settings and quotas --- */

/**
 * slip_world_get_setting:
 *
 * Returns: (transfer none) (nullable): a durable setting of the server itself, such as a port
 */
const char *slip_world_get_setting (SlipWorld *world, const char *name);
void slip_world_set_setting (SlipWorld *world, const char *name, const char *value);

/**
 * slip_world_get_quota:
 * @world: a world
 * @account: account
 * @region: region
 * @name: service and quota, such as `rds.manual-cluster-snapshots`
 * @fallback: AWS's default
 *
 * Returns: the scenario's value for account and region, else for the account, else @fallback
 */
gint64 slip_world_get_quota (
    SlipWorld *world, const char *account, const char *region, const char *name, gint64 fallback);

/* --- Schedule --- */

/**
 * SlipTransition:
 * @sequence: its number
 * @due_us: when it is due, real time
 * @kind: service and name, such as `rds.snapshot-available`
 * @account: of the resource
 * @region: of the resource
 * @type: of the resource
 * @id: of the resource
 * @payload: (nullable): as given, sealed
 * @fail: (nullable): a fault wants this transition to end badly: the reason to show. The handler
 *   puts the resource into its failed state.
 *
 * Something that happens to a resource later.
 */
typedef struct
{
  gint64 sequence;
  gint64 due_us;
  char *kind;
  char *account;
  char *region;
  char *type;
  char *id;
  JsonObject *payload;
  const char *fail;
} SlipTransition;

/**
 * SlipTransitionFunc:
 *
 * Lets a transition happen, in a transaction of its own, on the main thread. A resource that is gone
 * by then is no error.
 */
typedef void (*SlipTransitionFunc) (SlipWorld *world, const SlipTransition *transition);

/**
 * slip_world_handle:
 * @world: a world
 * @kind: a transition's kind
 * @func: what happens
 *
 * For a service's `attach`, each time the server starts.
 */
void slip_world_handle (SlipWorld *world, const char *kind, SlipTransitionFunc func);

/**
 * slip_world_schedule:
 * @world: a world in a transaction
 * @seconds: how long AWS takes; divided by the speed
 * @kind: a kind that slip_world_handle() knows
 * @account: of the resource
 * @region: of the resource
 * @type: of the resource
 * @id: of the resource
 * @payload: (transfer full) (nullable): for the handler
 *
 * Lets something happen to a resource later. Durable: a server that was killed goes on with it.
 */
void slip_world_schedule (SlipWorld *world,
                          double seconds,
                          const char *kind,
                          const char *account,
                          const char *region,
                          const char *type,
                          const char *id,
                          JsonObject *payload);

/**
 * slip_world_unschedule:
 * @kind: (nullable): only of this kind
 *
 * Drops waiting transitions of a resource, and background work that has not begun. Work that has
 * begun ends without waiting for its time.
 */
void slip_world_unschedule (SlipWorld *world,
                            const char *kind,
                            const char *account,
                            const char *region,
                            const char *type,
                            const char *id);

/**
 * slip_world_is_scheduled:
 *
 * Returns: whether a transition or work of @kind waits or runs for the resource
 */
gboolean slip_world_is_scheduled (SlipWorld *world,
                                  const char *kind,
                                  const char *account,
                                  const char *region,
                                  const char *type,
                                  const char *id);

/**
 * SlipWorldVerdict:
 * @SLIP_WORLD_HAPPENS: the transition happens
 * @SLIP_WORLD_STUCK: it does not happen yet
 * @SLIP_WORLD_FAILS: it ends badly
 */
typedef enum
{
  SLIP_WORLD_HAPPENS,
  SLIP_WORLD_STUCK,
  SLIP_WORLD_FAILS,
} SlipWorldVerdict;

/**
 * SlipWorldJudgeFunc:
 * @transition: what is due
 * @reason: (out) (transfer full): why it fails, with %SLIP_WORLD_FAILS
 *
 * Asked about every transition and every finished work just before it happens.
 */
typedef SlipWorldVerdict (*SlipWorldJudgeFunc) (const SlipTransition *transition,
                                                char **reason,
                                                gpointer data);

/**
 * slip_world_set_judge:
 * @world: a world
 * @judge: (nullable): the faults' say in what happens
 * @data: for @judge
 */
void slip_world_set_judge (SlipWorld *world, SlipWorldJudgeFunc judge, gpointer data);

/**
 * slip_world_run:
 * @world: a world whose services are attached
 *
 * Begins to let transitions happen, in the default main context, and starts work that an earlier
 * server left.
 */
void slip_world_run (SlipWorld *world);

/**
 * slip_world_stop:
 * @world: a world
 *
 * Lets nothing more happen: cancels background work and waits for its threads. What was cancelled is
 * begun again at the next start.
 */
void slip_world_stop (SlipWorld *world);

/**
 * slip_world_tick:
 * @world: a world outside a transaction
 *
 * Lets everything happen that is due now. The running world does so by itself; call it after a fault
 * was removed or a test's clock was turned.
 */
void slip_world_tick (SlipWorld *world);

/**
 * slip_world_describe_schedule:
 * @world: a world
 *
 * Returns: (transfer full): waiting transitions and work, soonest first
 */
JsonArray *slip_world_describe_schedule (SlipWorld *world);

/* --- Background work: slow things (PostgreSQL) on worker threads --- */

/**
 * SlipWorkFunc:
 * @folder: the state folder
 * @work: what to do; a copy of its own
 * @cancellable: cancelled when the server stops
 * @error: return location
 *
 * Runs on a worker thread and must not touch the world. It may run again after a crash, so it first
 * clears away what an earlier try left.
 *
 * Returns: (transfer full) (nullable): what the done function shall know; %NULL with @error set when
 *   it failed, %NULL without when there is nothing to tell
 */
typedef JsonObject *(*SlipWorkFunc) (const char *folder,
                                     const SlipTransition *work,
                                     GCancellable *cancellable,
                                     GError **error);

/**
 * SlipWorkDoneFunc:
 * @world: the world, in a transaction
 * @work: what was done
 * @result: (nullable): what the work returned
 * @error: (nullable): why it failed
 *
 * Takes the outcome in, on the main thread.
 */
typedef void (*SlipWorkDoneFunc) (SlipWorld *world,
                                  const SlipTransition *work,
                                  JsonObject *result,
                                  const GError *error);

/**
 * slip_world_handle_work:
 *
 * For a service's `attach`, each time the server starts.
 */
void slip_world_handle_work (SlipWorld *world,
                             const char *kind,
                             SlipWorkFunc run,
                             SlipWorkDoneFunc done);

/**
 * slip_world_start_work:
 * @world: a world in a transaction
 * @seconds: how long AWS takes at least, divided by the speed: the done function is not called
 *   before, however quick the work was
 * @kind: a kind that slip_world_handle_work() knows
 * @account: of the resource
 * @region: of the resource
 * @type: of the resource
 * @id: of the resource
 * @payload: (transfer full) (nullable): for the functions
 *
 * Starts work on a worker thread as soon as the transaction is committed. Durable: begun again when
 * the server was killed meanwhile. Works of one resource (account, region, type, id) run one after
 * another, others side by side.
 */
void slip_world_start_work (SlipWorld *world,
                            double seconds,
                            const char *kind,
                            const char *account,
                            const char *region,
                            const char *type,
                            const char *id,
                            JsonObject *payload);

/* --- Events --- */

/**
 * SlipWorldEvent:
 * @sequence: grows with time
 * @time_us: when
 * @source_type: such as `db-cluster-snapshot`
 * @source_id: the resource's name
 * @source_arn: its ARN, or ""
 * @category: such as `backup`, or several, separated by commas
 * @message: a sentence
 */
typedef struct
{
  gint64 sequence;
  gint64 time_us;
  const char *source_type;
  const char *source_id;
  const char *source_arn;
  const char *category;
  const char *message;
} SlipWorldEvent;

void slip_world_add_event (SlipWorld *world,
                           const char *account,
                           const char *region,
                           const char *service,
                           const char *source_type,
                           const char *source_id,
                           const char *source_arn,
                           const char *category,
                           const char *message);

typedef gboolean (*SlipWorldEventFunc) (const SlipWorldEvent *event, gpointer data);

/**
 * slip_world_foreach_event:
 * @since_us: not older than this
 * @after: only sequences behind this one; 0 for all
 *
 * Visits events of a service in an account and region, oldest first.
 */
void slip_world_foreach_event (SlipWorld *world,
                               const char *account,
                               const char *region,
                               const char *service,
                               gint64 since_us,
                               gint64 after,
                               SlipWorldEventFunc func,
                               gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipWorld, slip_world_close)

G_END_DECLS
