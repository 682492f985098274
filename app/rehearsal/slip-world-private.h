/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-clock.h"
#include "slip-world-store.h"
#include "slip-world.h"

G_BEGIN_DECLS

typedef struct _SlipWorldSchedule SlipWorldSchedule;

struct _SlipWorld
{
  char *folder;
  double speed;
  SlipClock *clock;
  SlipWorldStore *store;
  GTree *buckets;       /* Bucket, owned, is its own key: type, account, region */
  GHashTable *settings; /* name → value */
  GPtrArray *undo;      /* element-type Undo: newest last */
  GHashTable *undo_settings;
  SlipWorldSchedule *schedule;
  char *watched_type; /* owned; NULL while nobody watches */
  SlipWorldWatchFunc watch;
  gpointer watch_data;
  gint64 transaction_now;
  guint changes;
  gboolean in_transaction;
  gboolean touched; /* a record of the watched type changes in this transaction */
};

struct _SlipWorldSchedule
{
  SlipWorld *world;
  GHashTable *handlers; /* kind → SlipTransitionFunc */
  SlipWorldJudgeFunc judge;
  gpointer judge_data;
  guint timer;
  gboolean running;
  gboolean ticking;

  /* slip-world-work.c */
  GHashTable *work_handlers; /* kind → WorkHandler */
  GPtrArray *works;          /* element-type Work: waiting, running or finished; oldest first */
  GThreadPool *threads;
  GCancellable *cancellable;
  gint64 last_work; /* sequence of the newest work taken from the table */
};

/* slip-world-schedule.c */
SlipWorldSchedule *slip_world_schedule_new (SlipWorld *world);
void slip_world_schedule_free (SlipWorldSchedule *schedule);
void slip_world_schedule_committed (SlipWorldSchedule *schedule);
gboolean slip_world_schedule_has (SlipWorld *world, gint64 sequence);
void slip_world_schedule_insert (SlipWorld *world,
                                 gboolean work,
                                 double seconds,
                                 const char *kind,
                                 const char *account,
                                 const char *region,
                                 const char *type,
                                 const char *id,
                                 JsonObject *payload);
SlipWorldVerdict slip_world_schedule_judge (SlipWorldSchedule *schedule,
                                            const SlipTransition *transition,
                                            char **reason);
SlipTransition *slip_transition_from_row (sqlite3_stmt *row);
void slip_transition_free (SlipTransition *transition);

/* slip-world-work.c */
void slip_world_work_init (SlipWorldSchedule *schedule);
void slip_world_work_stop (SlipWorldSchedule *schedule);
void slip_world_work_clear (SlipWorldSchedule *schedule);
void slip_world_work_start_new (SlipWorldSchedule *schedule);
void slip_world_work_hurry (SlipWorldSchedule *schedule, gint64 sequence);
gboolean slip_world_work_is_running (SlipWorldSchedule *schedule, gint64 sequence);
gboolean slip_world_work_finish_due (SlipWorldSchedule *schedule, gint64 now);
gint64 slip_world_work_next_due (SlipWorldSchedule *schedule, gint64 looked);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipTransition, slip_transition_free)

G_END_DECLS
