/* SPDX-License-Identifier: MIT */
/* The worker's side of a list: asks AWS for every region and type at once, makes plain records of
 * the answers and hands them over page by page. It knows nothing of rows and trees. */

#include "slip-estate-refresh.h"
#include "slip-estate-cache.h"
#include "slip-estate-walk.h"
#include "slip-handoff.h"
#include "slip-pool.h"

#include <glib/gi18n.h>

#define LISTING_THREADS 16
/* So long pages are merged before the main loop may do something else. */
#define SLICE_US 4000

struct _SlipEstateRefresh
{
  gatomicrefcount ref_count;
  SlipEnvironment *environment; /* owned */
  SlipEstateKind kind;
  const SlipEstateKindInfo *info;
  char **places; /* owned */
  char *cache_folder;
  const SlipEstateSink *sink;
  gpointer list; /* borrowed; main thread only; NULL once the list is gone */
};

/* One listing on a worker. */
typedef struct
{
  SlipEstateRefresh *refresh; /* owned */
  const SlipEstateListing *listing;
  const char *place; /* borrowed from the refresh */
  guint part;
  SlipAwsClient *client;     /* owned */
  GCancellable *cancellable; /* owned */
  GMutex mutex;
  GString *kept; /* owned, under mutex; items for the cache, or NULL */
} Part;

typedef struct _Message Message;
typedef void (*Deliver) (Message *message);

/* What goes to the main thread. */
struct _Message
{
  SlipEstateRefresh *refresh; /* owned */
  Deliver deliver;
  guint part;
  GPtrArray *records; /* owned, nullable */
  GError *error;      /* owned, nullable */
  gint64 cached_at;
};

static char **
dup_places (SlipEnvironment *environment, SlipEstateKind kind)
{
  const SlipEstateKindInfo *info = slip_estate_kind_get (kind);

  return info->dup_places != NULL ? info->dup_places (environment)
                                  : g_strdupv ((char **)slip_environment_get_regions (environment));
}

SlipEstateRefresh *
slip_estate_refresh_new (SlipEnvironment *environment,
                         SlipEstateKind kind,
                         const char *cache_folder,
                         const SlipEstateSink *sink,
                         gpointer list)
{
  SlipEstateRefresh *refresh = g_new0 (SlipEstateRefresh, 1);

  g_atomic_ref_count_init (&refresh->ref_count);
  refresh->environment = g_object_ref (environment);
  refresh->kind = kind;
  refresh->info = slip_estate_kind_get (kind);
  refresh->places = dup_places (environment, kind);
  refresh->cache_folder = g_strdup (cache_folder);
  refresh->sink = sink;
  refresh->list = list;
  return refresh;
}

SlipEstateRefresh *
slip_estate_refresh_ref (SlipEstateRefresh *refresh)
{
  g_atomic_ref_count_inc (&refresh->ref_count);
  return refresh;
}

void
slip_estate_refresh_unref (SlipEstateRefresh *refresh)
{
  SLIP_HANDOFF_GIVE (refresh);
  if (!g_atomic_ref_count_dec (&refresh->ref_count))
    return;
  SLIP_HANDOFF_TAKE (refresh);
  g_object_unref (refresh->environment);
  g_strfreev (refresh->places);
  g_free (refresh->cache_folder);
  g_free (refresh);
}

void
slip_estate_refresh_disconnect (SlipEstateRefresh *refresh)
{
  refresh->list = NULL;
}

static guint
count_parts (SlipEstateRefresh *refresh)
{
  return refresh->info->n_listings * g_strv_length (refresh->places);
}

guint
slip_estate_n_parts (SlipEnvironment *environment, SlipEstateKind kind)
{
  g_auto (GStrv) places = dup_places (environment, kind);

  return slip_estate_kind_get (kind)->n_listings * g_strv_length (places);
}

/* Parts are numbered region by region, in the order of the tables. */
static const SlipEstateListing *
listing_of_part (SlipEstateRefresh *refresh, guint part, const char **place)
{
  *place = refresh->places[part / refresh->info->n_listings];
  return &refresh->info->listings[part % refresh->info->n_listings];
}

char *
slip_estate_part_dup_label (SlipEnvironment *environment, SlipEstateKind kind, guint part)
{
  const SlipEstateKindInfo *info = slip_estate_kind_get (kind);
  g_auto (GStrv) places = dup_places (environment, kind);

  return g_strdup_printf ("%s %s", places[part / info->n_listings],
                          info->listings[part % info->n_listings].label);
}

static void
deliver_records (Message *message)
{
  SlipEstateRefresh *refresh = message->refresh;

  refresh->sink->records (refresh->list, message->part, message->records, message->cached_at);
}

static void
deliver_end (Message *message)
{
  message->refresh->sink->ended (message->refresh->list, message->part, message->error);
}

static void
deliver_finish (Message *message)
{
  message->refresh->sink->finished (message->refresh->list);
}

static Message *
message_new (SlipEstateRefresh *refresh, guint part, Deliver deliver)
{
  Message *message = g_new0 (Message, 1);

  message->refresh = slip_estate_refresh_ref (refresh);
  message->part = part;
  message->deliver = deliver;
  return message;
}

static void
message_free (gpointer data)
{
  Message *message = data;

  g_clear_pointer (&message->records, g_ptr_array_unref);
  g_clear_error (&message->error);
  slip_estate_refresh_unref (message->refresh);
  g_free (message);
}

/* Of all lists, in the order in which they came: each slice is one of the main loop's, whoever asked. */
static SlipHandoffQueue *
get_messages (void)
{
  static SlipHandoffQueue *messages;

  if (g_once_init_enter (&messages))
    g_once_init_leave (&messages, slip_handoff_queue_new (message_free));
  return messages;
}

/* Records that were told. Their memory is of the threads that made them, which hold its lock while they make more: there
 * they are freed, and what is left at the end while the main loop has nothing else to do. */
static SlipHandoffQueue *
get_spent (void)
{
  static SlipHandoffQueue *spent;

  if (g_once_init_enter (&spent))
    g_once_init_leave (&spent, slip_handoff_queue_new ((GDestroyNotify)g_ptr_array_unref));
  return spent;
}

static gboolean
free_spent (void)
{
  GPtrArray *records = slip_handoff_queue_try_pop (get_spent ());

  if (records == NULL)
    return FALSE;
  g_ptr_array_unref (records);
  return TRUE;
}

static gboolean
free_spent_cb (gpointer data)
{
  return free_spent () ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gint is_delivering;

static void deliver_soon (void);

static gboolean
deliver_cb (gpointer data)
{
  gint64 until = g_get_monotonic_time () + SLICE_US;
  Message *message;

  do
    {
      message = slip_handoff_queue_try_pop (get_messages ());
      if (message == NULL)
        break;
      if (message->refresh->list != NULL)
        message->deliver (message);
      if (message->records != NULL)
        slip_handoff_queue_push (get_spent (), g_steal_pointer (&message->records));
      else if (message->deliver == deliver_finish)
        g_idle_add_full (G_PRIORITY_LOW, free_spent_cb, NULL, NULL);
      message_free (message);
    }
  while (g_get_monotonic_time () < until);
  g_atomic_int_set (&is_delivering, FALSE);
  /* After the flag, so that what came in between is not left lying. */
  if (slip_handoff_queue_length (get_messages ()) > 0)
    deliver_soon ();
  return G_SOURCE_REMOVE;
}

static void
deliver_soon (void)
{
  if (g_atomic_int_compare_and_exchange (&is_delivering, FALSE, TRUE))
    slip_handoff_invoke (NULL, deliver_cb, NULL, NULL);
}

static void
hand_over (Message *message)
{
  slip_handoff_queue_push (get_messages (), message);
  deliver_soon ();
}

static void
hand_over_records (SlipEstateRefresh *refresh, guint part, GPtrArray *records, gint64 cached_at)
{
  Message *message = message_new (refresh, part, deliver_records);

  message->records = records;
  message->cached_at = cached_at;
  hand_over (message);
}

/* Called on several threads when a listing has others below it. */
static void
emit_cb (GPtrArray *records, gpointer data)
{
  Part *part = data;

  while (free_spent ())
    ;
  g_mutex_lock (&part->mutex);
  for (guint i = 0; i < records->len; i++)
    {
      const SlipEstateRecord *record = g_ptr_array_index (records, i);

      if (part->kept != NULL)
        slip_estate_cache_add (part->kept, part->listing, record);
    }
  g_mutex_unlock (&part->mutex);
  hand_over_records (part->refresh, part->part, records, 0);
}

static gboolean
list_part (SlipJob *job, gpointer data, GError **error)
{
  Part *part = data;
  SlipEstateRefresh *refresh = part->refresh;
  SlipEstateWalk walk
      = {refresh->environment, part->client, part->place, emit_cb, part, part->cancellable};

  if (!slip_estate_walk (&walk, part->listing, error))
    return FALSE;
  if (part->kept != NULL)
    {
      g_autofree char *label
          = slip_estate_part_dup_label (refresh->environment, refresh->kind, part->part);

      slip_estate_cache_write (refresh->cache_folder, refresh->environment, refresh->kind, label,
                               part->kept);
    }
  return TRUE;
}

static Part *
part_new (SlipEstateRefresh *refresh,
          guint number,
          SlipAwsClient *client,
          GCancellable *cancellable)
{
  Part *part = g_new0 (Part, 1);

  part->refresh = slip_estate_refresh_ref (refresh);
  part->part = number;
  part->listing = listing_of_part (refresh, number, &part->place);
  g_mutex_init (&part->mutex);
  part->client = g_object_ref (client);
  part->cancellable = g_object_ref (cancellable);
  if (refresh->cache_folder != NULL)
    part->kept = g_string_new (NULL);
  return part;
}

static void
part_free (gpointer data)
{
  Part *part = data;

  if (part->kept != NULL)
    g_string_free (part->kept, TRUE);
  g_mutex_clear (&part->mutex);
  g_object_unref (part->client);
  g_object_unref (part->cancellable);
  slip_estate_refresh_unref (part->refresh);
  g_free (part);
}

/* Not the pool of the waiting job itself, so that many lists cannot wait for each other's threads. */
static SlipPool *
listing_pool (void)
{
  static SlipPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, slip_pool_new ("slip-list", LISTING_THREADS));
  return pool;
}

static void
hand_over_end (SlipEstateRefresh *refresh, guint part, GError *error)
{
  Message *message = message_new (refresh, part, deliver_end);

  message->error = error;
  hand_over (message);
}

static void
fail_all (SlipEstateRefresh *refresh, const GError *error)
{
  guint n_parts = count_parts (refresh);

  for (guint i = 0; i < n_parts; i++)
    hand_over_end (refresh, i, g_error_copy (error));
}

static gboolean
run_parts (SlipEstateRefresh *refresh, SlipJob *job, SlipAwsClient *client, GError **error)
{
  guint n_parts = count_parts (refresh);
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < n_parts; i++)
    {
      g_autofree char *label = slip_estate_part_dup_label (refresh->environment, refresh->kind, i);
      SlipJob *part_job = slip_job_new (label);

      g_ptr_array_add (jobs, part_job);
      slip_pool_run (listing_pool (), part_job, list_part,
                     part_new (refresh, i, client, cancellable), part_free);
    }
  for (guint i = 0; i < n_parts; i++)
    {
      GError *part_error;

      slip_job_wait (g_ptr_array_index (jobs, i));
      part_error = slip_job_dup_error (g_ptr_array_index (jobs, i));
      if (part_error != NULL && first == NULL)
        first = g_error_copy (part_error);
      hand_over_end (refresh, i, part_error);
      slip_job_set_progress (job, (i + 1.0) / n_parts);
    }
  if (first != NULL)
    g_propagate_error (error, g_steal_pointer (&first));
  return error == NULL || *error == NULL;
}

static gboolean
refresh_job (SlipJob *job, gpointer data, GError **error)
{
  SlipEstateRefresh *refresh = data;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (SlipAwsClient) client
      = slip_environment_ref_client (refresh->environment, &local_error);

  if (client == NULL)
    fail_all (refresh, local_error);
  else
    run_parts (refresh, job, client, &local_error);
  hand_over (message_new (refresh, 0, deliver_finish));
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

SlipJob *
slip_estate_refresh_start (SlipEstateRefresh *refresh)
{
  g_auto (GStrv) halves = g_strsplit (_ (refresh->info->listing_title), "%s", 2);
  g_autofree char *title = g_strjoinv (slip_environment_get_title (refresh->environment), halves);
  SlipJob *job = slip_job_new (title);

  slip_pool_run (slip_pool_get_io (), job, refresh_job, slip_estate_refresh_ref (refresh),
                 (GDestroyNotify)slip_estate_refresh_unref);
  return job;
}

typedef struct
{
  SlipEstateRefresh *refresh;
  guint part;
} CachedPart;

static void
cached_cb (GPtrArray *records, gint64 saved, gpointer data)
{
  CachedPart *cached = data;

  hand_over_records (cached->refresh, cached->part, records, saved);
}

static void
read_cached_part (SlipEstateRefresh *refresh, guint part)
{
  g_autofree char *label = slip_estate_part_dup_label (refresh->environment, refresh->kind, part);
  CachedPart cached = {refresh, part};
  const char *place;
  const SlipEstateListing *listing = listing_of_part (refresh, part, &place);

  slip_estate_cache_read (refresh->cache_folder, refresh->environment, refresh->kind, label,
                          listing, place, cached_cb, &cached);
}

static gboolean
cache_job (SlipJob *job, gpointer data, GError **error)
{
  SlipEstateRefresh *refresh = data;
  guint n_parts = count_parts (refresh);

  for (guint i = 0; i < n_parts; i++)
    read_cached_part (refresh, i);
  hand_over (message_new (refresh, 0, deliver_finish));
  return TRUE;
}

SlipJob *
slip_estate_refresh_start_cached (SlipEstateRefresh *refresh)
{
  SlipJob *job = slip_job_new (_ ("Reading the last listing"));

  slip_pool_run (slip_pool_get_io (), job, cache_job, slip_estate_refresh_ref (refresh),
                 (GDestroyNotify)slip_estate_refresh_unref);
  return job;
}
