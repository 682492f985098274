/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-caller.h"
#include "slip-run-fold.h"
#include "slip-runner-private.h"

/* A run on a scripted AWS: a few snapshots in memory, a manual clock, and a queue of things that go
 * wrong. Every call that changes something is counted, and so is its effect. */

/* The execution that a scripted Systems Manager starts. */
#define AUTOMATION_ID "4105a4fc-f944-11e6-9d32-0a1b2c3d4e5f"

typedef enum
{
  FAULT_NONE,
  FAULT_BEFORE,    /* 500, nothing happened */
  FAULT_AFTER,     /* it happened, no answer came */
  FAULT_THROTTLE,  /* refused */
  FAULT_EXPIRED,   /* refused: the token expired */
  FAULT_TRANSPORT, /* a read that broke */
  FAULT_DENIED,    /* a refusal that stays */
  FAULT_BUSY,      /* InvalidDBClusterStateFault */
  FAULT_MISSING,   /* a read that does not show a snapshot yet */
} Fault;

typedef struct
{
  char *operation;
  Fault fault;
} Planned;

typedef struct
{
  char *folder;
  SlipLedger *ledger;
  SlipClock *clock;
  SlipRunCaller *caller;
  GQueue faults;         /* element-type Planned, in order, each for one call of its operation */
  GHashTable *snapshots; /* id → JsonObject as DescribeDBClusterSnapshots shows it */
  GHashTable *reads;     /* id → GINT_TO_POINTER, how often it was described */
  guint ready_after;     /* a snapshot is available at that many-th look */
  const char *state;     /* what a snapshot is in when it is neither creating nor available */
  GPtrArray *sent;       /* element-type utf8: operations with a change that were sent */
  GPtrArray *effects;    /* element-type utf8: those that had an effect */
  GPtrArray *tokens;     /* element-type utf8: idempotency tokens that came */
  char *account;         /* who we are */
  char *endpoint;
  const char *declared_account; /* what the workspace says */
  const char *declared_role;
  gint64 expiration; /* of the session */
  gint64 renewed;    /* the expiration after a renewal; 0 when renewing does not help */
  gboolean unlocked;
  guint unlocks;
  gboolean open;         /* the environment is not protected */
  const char *preflight; /* the plan's own guards, as JSON; NULL for none */
  const char *found;     /* what they found at planning, as JSON; NULL for none */
  void (*on_call) (gpointer fixture, const char *operation);
  /* answers in place of the script; NULL for the script */
  JsonNode *(*answer) (gpointer fixture, const char *operation, JsonObject *input, GError **error);
  gpointer data; /* of a test */
  SlipRunner *runner;
  char *run;
  GError *error; /* of the last go */
  char *told;    /* what its job said in the end, or NULL */
} Fixture;

void fixture_set_up (Fixture *fixture, gconstpointer data);
void fixture_tear_down (Fixture *fixture, gconstpointer data);

/* An answer, of its text. */
JsonNode *fixture_json (const char *text);

/* The next call of @operation goes wrong. */
void fixture_fault (Fixture *fixture, const char *operation, Fault fault);

/* Plans @steps (JSON array of steps; missing members are filled in), approves it unless told not to. */
void fixture_plan (Fixture *fixture, const char *steps);
void fixture_plan_only (Fixture *fixture, const char *steps);

/* As fixture_plan(), of a plan that was edited after it was checked, its hash computed again. */
void fixture_plan_edited (Fixture *fixture, const char *steps);

/* A step as the planner makes it of @action with @inputs; @more has further members (JSON). */
char *fixture_step (const char *id, const char *action, const char *inputs, const char *more);

/* One go; the returned fold is what the ledger then says. */
SlipRunFold *fixture_go (Fixture *fixture);
SlipRunFold *fixture_fold (Fixture *fixture);
void
fixture_control (Fixture *fixture, SlipRunnerControl control, const char *step, const char *text);

/* Writes an entry as a process would have that was killed behind it. */
void fixture_append (Fixture *fixture, const char *kind, const char *step, const char *data);
void
fixture_add_snapshot (Fixture *fixture, const char *id, const char *status, const char *source);
guint fixture_count (GPtrArray *list, const char *operation);
guint fixture_entries (SlipRunFold *fold, const char *kind, const char *step);

#define STEP_CREATE                                                                                \
  "{\"id\":\"Create\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","                       \
  "\"operation\":\"CreateDBClusterSnapshot\",\"effect\":\"change\",\"reversibility\":"             \
  "\"reversible\","                                                                                \
  "\"undo\":\"delete snapshot snap\",\"request\":{\"DBClusterSnapshotIdentifier\":\"snap\","       \
  "\"DBClusterIdentifier\":\"api\"},\"outputs\":[{\"Name\":\"Arn\",\"Selector\":"                  \
  "\"$.DBClusterSnapshot.DBClusterSnapshotArn\",\"Type\":\"String\"}],\"resume\":{\"rule\":"       \
  "\"R1\","                                                                                        \
  "\"service\":\"rds\",\"operation\":\"DescribeDBClusterSnapshots\",\"input\":"                    \
  "{\"DBClusterSnapshotIdentifier\":\"snap\"},\"select\":\"$.DBClusterSnapshots[0]\",\"absent\":"  \
  "[\"DBClusterSnapshotNotFoundFault\"],\"fingerprint\":{\"$.DBClusterIdentifier\":\"api\"}}}"
#define STEP_WAIT                                                                                  \
  "{\"id\":\"Wait\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"rds\","            \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"effect\":\"read\",\"minutes\":10,\"request\":"   \
  "{\"DBClusterSnapshotIdentifier\":\"snap\"},\"wait\":{\"selector\":"                             \
  "\"$.DBClusterSnapshots[0].Status\",\"ok\":[\"available\"],\"pending\":[\"creating\"],\"fail\":" \
  "[\"failed\"],\"poll\":30,\"deadline\":3600,\"progress\":"                                       \
  "\"$.DBClusterSnapshots[0].PercentProgress\"}}"
#define STEP_DELETE                                                                                \
  "{\"id\":\"Delete\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","                       \
  "\"operation\":\"DeleteDBClusterSnapshot\",\"effect\":\"final\",\"reversibility\":\"final\","    \
  "\"minutes\":1,\"request\":{\"DBClusterSnapshotIdentifier\":\"old\"},\"resume\":{\"rule\":"      \
  "\"R6\","                                                                                        \
  "\"service\":\"rds\",\"operation\":\"DescribeDBClusterSnapshots\",\"input\":"                    \
  "{\"DBClusterSnapshotIdentifier\":\"old\"},\"select\":\"$.DBClusterSnapshots[0]\",\"absent\":"   \
  "[\"DBClusterSnapshotNotFoundFault\"],\"deleting\":{\"$.Status\":[\"deleting\"]}}}"
