/* SPDX-License-Identifier: MIT */
/* The worker's side of a list: asks AWS for every region and type at once, makes plain records of
 * the answers and hands them over page by page. It knows nothing of rows and trees. */

#include "slip-estate-refresh.h"
#include "slip-file.h"
#include "slip-handoff.h"
#include "slip-json.h"
#include "slip-pool.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define CACHE_SCHEMA "org.slipway.cache/1"
#define MAX_CACHE_BYTES (256u * 1024 * 1024)
#define CACHE_BATCH 250
#define LISTING_THREADS 16

struct _SlipEstateRefresh
{
  gatomicrefcount ref_count;
  SlipEnvironment *environment; /* owned */
  SlipEstateKind kind;
  char *cache_folder;
  const SlipEstateSink *sink;
  gpointer list; /* borrowed; main thread only; NULL once the list is gone */
  guint n_items; /* atomic; what all listings found so far */
};

/* One listing on a worker. */
typedef struct
{
  SlipEstateRefresh *refresh; /* owned */
  const SlipEstateListing *listing;
  const char *region; /* borrowed from the environment */
  guint part;
  SlipAwsClient *client;     /* owned */
  GCancellable *cancellable; /* owned */
  GString *kept;             /* owned; items for the cache, or NULL */
} Part;

/* What goes to the main thread. */
typedef struct
{
  SlipEstateRefresh *refresh; /* owned */
  guint part;
  GPtrArray *records; /* owned, nullable */
  GError *error;      /* owned, nullable */
  gint64 cached_at;
} Message;

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
  g_free (refresh->cache_folder);
  g_free (refresh);
}

void
slip_estate_refresh_disconnect (SlipEstateRefresh *refresh)
{
  refresh->list = NULL;
}

guint
slip_estate_n_parts (SlipEnvironment *environment, SlipEstateKind kind)
{
  guint n_listings;

  slip_estate_listings (kind, &n_listings);
  return n_listings * g_strv_length ((char **)slip_environment_get_regions (environment));
}

/* Parts are numbered region by region, in the order of the tables. */
static const SlipEstateListing *
listing_of_part (SlipEstateRefresh *refresh, guint part, const char **region)
{
  guint n_listings;
  const SlipEstateListing *listings = slip_estate_listings (refresh->kind, &n_listings);

  *region = slip_environment_get_regions (refresh->environment)[part / n_listings];
  return &listings[part % n_listings];
}

char *
slip_estate_part_dup_label (SlipEnvironment *environment, SlipEstateKind kind, guint part)
{
  guint n_listings;
  const SlipEstateListing *listings = slip_estate_listings (kind, &n_listings);

  return g_strdup_printf ("%s %s", slip_environment_get_regions (environment)[part / n_listings],
                          listings[part % n_listings].label);
}

static Message *
message_new (SlipEstateRefresh *refresh, guint part)
{
  Message *message = g_new0 (Message, 1);

  message->refresh = slip_estate_refresh_ref (refresh);
  message->part = part;
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

static gboolean
deliver_records_cb (gpointer data)
{
  Message *message = data;
  SlipEstateRefresh *refresh = message->refresh;

  if (refresh->list != NULL)
    refresh->sink->records (refresh->list, message->part, message->records, message->cached_at);
  return G_SOURCE_REMOVE;
}

static gboolean
deliver_ended_cb (gpointer data)
{
  Message *message = data;
  SlipEstateRefresh *refresh = message->refresh;

  if (refresh->list != NULL)
    refresh->sink->ended (refresh->list, message->part, message->error);
  return G_SOURCE_REMOVE;
}

static gboolean
deliver_finished_cb (gpointer data)
{
  Message *message = data;
  SlipEstateRefresh *refresh = message->refresh;

  if (refresh->list != NULL)
    refresh->sink->finished (refresh->list);
  return G_SOURCE_REMOVE;
}

static void
hand_over_records (SlipEstateRefresh *refresh, guint part, GPtrArray *records, gint64 cached_at)
{
  Message *message = message_new (refresh, part);

  message->records = records;
  message->cached_at = cached_at;
  slip_handoff_invoke (NULL, deliver_records_cb, message, message_free);
}

static GPtrArray *
records_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)slip_estate_record_free);
}

static gboolean
take_page (JsonNode *page, gpointer data, GError **error)
{
  Part *part = data;
  JsonObject *object = slip_json_node_object (page);
  JsonArray *items = object != NULL ? slip_json_array (object, part->listing->items) : NULL;
  GPtrArray *records = records_new ();

  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    {
      JsonObject *item = slip_json_node_object (json_array_get_element (items, i));
      SlipEstateRecord *record = item != NULL ? part->listing->read (item, part->region) : NULL;

      if (record == NULL)
        continue;
      g_ptr_array_add (records, record);
      if (part->kept != NULL)
        g_string_append_printf (part->kept, "%s%s", part->kept->len > 0 ? ",\n" : "", record->text);
    }
  g_atomic_int_add (&part->refresh->n_items, records->len);
  hand_over_records (part->refresh, part->part, records, 0);
  return TRUE;
}

static char *
cache_path (SlipEstateRefresh *refresh, guint part)
{
  g_autofree char *label = slip_estate_part_dup_label (refresh->environment, refresh->kind, part);
  g_autofree char *name = g_strdup_printf (
      "%s-%s-%s-%s.json", slip_environment_get_name (refresh->environment),
      slip_environment_get_account (refresh->environment),
      slip_estate_kind_get_name (refresh->kind), g_strdelimit (label, " /", '-'));

  return g_build_filename (refresh->cache_folder, name, NULL);
}

/* Also names the endpoint: what a rehearsal listed must never be shown as AWS's. */
static char *
cache_origin (SlipEstateRefresh *refresh)
{
  const char *url = slip_environment_get_endpoint_url (refresh->environment);

  return g_strdup_printf ("%s %s", slip_environment_get_account (refresh->environment),
                          url != NULL ? url : "aws");
}

static void
write_cache (Part *part)
{
  g_autofree char *path = cache_path (part->refresh, part->part);
  g_autofree char *origin = cache_origin (part->refresh);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  text = g_strdup_printf ("{\"schema\":\"" CACHE_SCHEMA
                          "\",\"origin\":\"%s\",\"saved\":%" G_GINT64_FORMAT
                          ",\"items\":[\n%s\n]}\n",
                          origin, g_get_real_time (), part->kept->str);
  /* The cache only makes the next start faster; a full disk must not fail the listing. */
  if (g_mkdir_with_parents (part->refresh->cache_folder, 0700) != 0
      || !slip_file_write_atomic (path, text, -1, 0600, &error))
    g_info ("the cache was not written: %s", error != NULL ? error->message : g_strerror (errno));
}

static gboolean
list_part (SlipJob *job, gpointer data, GError **error)
{
  Part *part = data;
  const SlipEstateListing *listing = part->listing;
  g_autoptr (JsonNode) input = NULL;
  SlipAwsCall call = {.service = listing->service,
                      .operation = listing->operation,
                      .region = part->region,
                      .priority = SLIP_AWS_PRIORITY_BROWSE};
  gboolean ok;

  if (listing->input != NULL)
    input = slip_json_parse (listing->input, -1, NULL);
  call.input = input;
  ok = slip_aws_client_list (part->client, &call, take_page, part, NULL, part->cancellable, error);
  if (ok && part->kept != NULL)
    write_cache (part);
  return ok;
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
  part->listing = listing_of_part (refresh, number, &part->region);
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
  Message *message = message_new (refresh, part);

  message->error = error;
  slip_handoff_invoke (NULL, deliver_ended_cb, message, message_free);
}

static void
fail_all (SlipEstateRefresh *refresh, const GError *error)
{
  guint n_parts = slip_estate_n_parts (refresh->environment, refresh->kind);

  for (guint i = 0; i < n_parts; i++)
    hand_over_end (refresh, i, g_error_copy (error));
}

static gboolean
run_parts (SlipEstateRefresh *refresh, SlipJob *job, SlipAwsClient *client, GError **error)
{
  guint n_parts = slip_estate_n_parts (refresh->environment, refresh->kind);
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

static void
tell_outcome (SlipEstateRefresh *refresh, SlipJob *job)
{
  guint n = (guint)g_atomic_int_get (&refresh->n_items);
  g_autofree char *outcome
      = g_strdup_printf (refresh->kind == SLIP_ESTATE_SNAPSHOTS
                             ? ngettext ("%u snapshot", "%u snapshots", n)
                             : ngettext ("%u cluster or instance", "%u clusters and instances", n),
                         n);

  slip_job_set_outcome (job, outcome);
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
  tell_outcome (refresh, job);
  slip_handoff_invoke (NULL, deliver_finished_cb, message_new (refresh, 0), message_free);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

SlipJob *
slip_estate_refresh_start (SlipEstateRefresh *refresh)
{
  g_autofree char *title
      = refresh->kind == SLIP_ESTATE_SNAPSHOTS
            ? g_strdup_printf (_ ("Listing snapshots of %s"),
                               slip_environment_get_title (refresh->environment))
            : g_strdup_printf (_ ("Listing databases of %s"),
                               slip_environment_get_title (refresh->environment));
  SlipJob *job = slip_job_new (title);

  slip_pool_run (slip_pool_get_io (), job, refresh_job, slip_estate_refresh_ref (refresh),
                 (GDestroyNotify)slip_estate_refresh_unref);
  return job;
}

static void
read_cached_items (SlipEstateRefresh *refresh, guint part, JsonArray *items, gint64 saved)
{
  const char *region;
  const SlipEstateListing *listing = listing_of_part (refresh, part, &region);
  GPtrArray *records = records_new ();

  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = slip_json_node_object (json_array_get_element (items, i));
      SlipEstateRecord *record = item != NULL ? listing->read (item, region) : NULL;

      if (record != NULL)
        g_ptr_array_add (records, record);
      if (records->len == CACHE_BATCH)
        {
          hand_over_records (refresh, part, records, saved);
          records = records_new ();
        }
    }
  hand_over_records (refresh, part, records, saved);
}

static void
read_cached_part (SlipEstateRefresh *refresh, guint part)
{
  g_autofree char *path = cache_path (refresh, part);
  g_autofree char *origin = cache_origin (refresh);
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_CACHE_BYTES, NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root;
  gsize length;
  const char *text;

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    return;
  text = g_bytes_get_data (bytes, &length);
  node = slip_json_parse (text, (gssize)length, NULL);
  root = slip_json_node_object (node);
  if (root == NULL || g_strcmp0 (slip_json_string (root, "schema"), CACHE_SCHEMA) != 0
      || g_strcmp0 (slip_json_string (root, "origin"), origin) != 0
      || slip_json_array (root, "items") == NULL || slip_json_int (root, "saved", 0) <= 0)
    return;
  read_cached_items (refresh, part, slip_json_array (root, "items"),
                     slip_json_int (root, "saved", 0));
}

static gboolean
cache_job (SlipJob *job, gpointer data, GError **error)
{
  SlipEstateRefresh *refresh = data;
  guint n_parts = slip_estate_n_parts (refresh->environment, refresh->kind);

  for (guint i = 0; i < n_parts; i++)
    read_cached_part (refresh, i);
  slip_handoff_invoke (NULL, deliver_finished_cb, message_new (refresh, 0), message_free);
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
