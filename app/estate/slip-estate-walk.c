/* SPDX-License-Identifier: MIT */
/* Follows a listing of the tables on worker threads: its pages, the descriptions of what a service lists
 * only by name, and the listings below its items. Knows neither rows nor the main thread. */

#include "slip-estate-walk.h"
#include "slip-aws-error.h"
#include "slip-json.h"
#include "slip-pool.h"

#include <string.h>

#define THREADS 8

/* One listing that goes on. */
typedef struct
{
  const SlipEstateWalk *walk;
  const SlipEstateListing *listing;
  JsonObject *above; /* borrowed, nullable */
  GPtrArray *found;  /* owned, element-type JsonObject; what is listed below */
  GError *failure;   /* owned, nullable: the first of those that hid a part only */
  guint n_failures;
} Level;

typedef gboolean (*Work) (gpointer item, gpointer data, GError **error);

/* One of several that are done at once. */
typedef struct
{
  Work work;
  gpointer item;
  gpointer data;
} Piece;

GPtrArray *
slip_estate_records_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)slip_estate_record_free);
}

static void
note_failure (Level *level, GError *error)
{
  level->n_failures++;
  if (level->failure == NULL)
    level->failure = error;
  else
    g_error_free (error);
}

static gboolean
run_piece (SlipJob *job, gpointer data, GError **error)
{
  Piece *piece = data;

  return piece->work (piece->item, piece->data, error);
}

/* Does @work for every item, a few at once, and waits for all; failures are noted. */
static void
run_all (Level *level, SlipPool *pool, GPtrArray *items, Work work, gpointer data)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree Piece *pieces = g_new0 (Piece, MAX (items->len, 1));

  for (guint i = 0; i < items->len; i++)
    {
      SlipJob *job = slip_job_new ("");

      pieces[i] = (Piece){work, g_ptr_array_index (items, i), data};
      g_ptr_array_add (jobs, job);
      slip_pool_run (pool, job, run_piece, &pieces[i], NULL);
    }
  for (guint i = 0; i < items->len; i++)
    {
      GError *error;

      slip_job_wait (g_ptr_array_index (jobs, i));
      error = slip_job_dup_error (g_ptr_array_index (jobs, i));
      if (error != NULL)
        note_failure (level, error);
    }
}

/* A pool for each level, so that nobody waits in a pool for others of the same. */
static SlipPool *
below_pool (void)
{
  static SlipPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, slip_pool_new ("slip-below", THREADS));
  return pool;
}

static SlipPool *
describe_pool (void)
{
  static SlipPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, slip_pool_new ("slip-describe", THREADS));
  return pool;
}

static JsonObject *
input_of (Level *level, const char *text)
{
  const SlipEstateListing *listing = level->listing;
  g_autoptr (JsonNode) node = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  JsonObject *input = node != NULL ? json_node_dup_object (node) : json_object_new ();

  if (level->above != NULL && listing->given != NULL)
    json_object_set_string_member (input, listing->given_as,
                                   slip_json_string (level->above, listing->given));
  return input;
}

static JsonNode *
call (Level *level, const char *operation, JsonObject *input, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  SlipAwsCall request = {.service = level->listing->service,
                         .operation = operation,
                         .region = level->walk->place,
                         .priority = SLIP_AWS_PRIORITY_BROWSE,
                         .input = node};

  return slip_aws_client_call (level->walk->client, &request, NULL, level->walk->cancellable,
                               error);
}

/* Gone between the list and its description: then it is no part of the estate. */
static gboolean
is_gone (const GError *error)
{
  const char *code = slip_aws_error_get_code (error);

  return code != NULL && strstr (code, "NotFound") != NULL;
}

/* An item that is described one by one. */
typedef struct
{
  const char *name;
  JsonObject *item; /* owned, nullable */
} Described;

static gboolean
describe_with (Level *level,
               Described *described,
               const SlipEstateDescription *description,
               GError **error)
{
  JsonObject *input = input_of (level, NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonObject *answer;

  json_object_set_string_member (input, description->argument,
                                 description->member != NULL
                                     ? slip_json_string (described->item, description->member)
                                     : described->name);
  output = call (level, description->operation, input, &local_error);
  answer = output != NULL ? slip_json_object (slip_json_node_object (output), description->answer)
                          : NULL;
  if (answer != NULL && description->as != NULL)
    json_object_set_object_member (described->item, description->as, json_object_ref (answer));
  else if (answer != NULL)
    described->item = json_object_ref (answer);
  if (local_error == NULL || description->is_optional || is_gone (local_error))
    return answer != NULL;
  g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s: ", described->name);
  return FALSE;
}

static gboolean
describe_one (gpointer item, gpointer data, GError **error)
{
  Level *level = data;
  Described *described = item;
  g_autoptr (GError) local_error = NULL;

  for (const SlipEstateDescription *d = level->listing->describe; d->operation != NULL; d++)
    if (!describe_with (level, described, d, &local_error) && !d->is_optional)
      break;
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
described_free (gpointer data)
{
  Described *described = data;

  g_clear_pointer (&described->item, json_object_unref);
  g_free (described);
}

/* One by one, several at once. */
static void
describe_each (Level *level, JsonArray *names, GPtrArray *items)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (described_free);

  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      Described *described = g_new0 (Described, 1);

      described->name = json_array_get_string_element (names, i);
      g_ptr_array_add (all, described);
    }
  run_all (level, describe_pool (), all, describe_one, level);
  for (guint i = 0; i < all->len; i++)
    {
      Described *described = g_ptr_array_index (all, i);

      if (described->item != NULL)
        g_ptr_array_add (items, g_steal_pointer (&described->item));
    }
}

static void
take_objects (JsonArray *array, GPtrArray *items)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *item = slip_json_node_object (json_array_get_element (array, i));

      if (item != NULL)
        g_ptr_array_add (items, json_object_ref (item));
    }
}

/* As many in a call as the service takes. */
static void
describe_batches (Level *level, JsonArray *names, GPtrArray *items)
{
  const SlipEstateDescription *description = level->listing->describe;
  guint n = json_array_get_length (names);

  for (guint first = 0; first < n; first += description->batch)
    {
      JsonObject *input = input_of (level, NULL);
      JsonArray *batch = json_array_new ();
      g_autoptr (JsonNode) output = NULL;
      GError *error = NULL;

      for (guint i = first; i < MIN (first + description->batch, n); i++)
        json_array_add_string_element (batch, json_array_get_string_element (names, i));
      json_object_set_array_member (input, description->argument, batch);
      output = call (level, description->operation, input, &error);
      if (output == NULL)
        note_failure (level, error);
      else
        take_objects (slip_json_array (slip_json_node_object (output), description->answer), items);
    }
}

void
slip_estate_walk_read (const SlipEstateListing *listing,
                       JsonObject *item,
                       const char *place,
                       GPtrArray *records)
{
  SlipEstateRecord *record = listing->read (item, place);

  if (record == NULL)
    return;
  record->listing = listing;
  g_ptr_array_add (records, record);
  if (listing->read_more != NULL)
    listing->read_more (item, place, records);
}

static gboolean
take_page (JsonNode *page, gpointer data, GError **error)
{
  Level *level = data;
  const SlipEstateListing *listing = level->listing;
  JsonObject *object = slip_json_node_object (page);
  JsonArray *array = object != NULL ? slip_json_array (object, listing->items) : NULL;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  GPtrArray *records = slip_estate_records_new ();

  if (array != NULL && listing->describe == NULL)
    take_objects (array, items);
  else if (array != NULL && listing->describe->batch > 0)
    describe_batches (level, array, items);
  else if (array != NULL)
    describe_each (level, array, items);
  for (guint i = 0; i < items->len; i++)
    {
      JsonObject *item = g_ptr_array_index (items, i);

      slip_estate_walk_read (listing, item, level->walk->place, records);
      if (listing->below != NULL)
        g_ptr_array_add (level->found, json_object_ref (item));
    }
  level->walk->emit (records, level->walk->data);
  return TRUE;
}

static gboolean walk_level (Level *level, GError **error);

static gboolean
walk_below (gpointer item, gpointer data, GError **error)
{
  const Level *upper = data;
  Level level = {.walk = upper->walk, .above = item};
  gboolean ok = TRUE;

  for (const SlipEstateListing *l = upper->listing->below; l->operation != NULL; l++)
    {
      g_autoptr (GError) local_error = NULL;

      level.listing = l;
      if (walk_level (&level, &local_error))
        continue;
      if (ok)
        g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s of %s: ", l->label,
                                    slip_json_string (item, l->given));
      ok = FALSE;
    }
  return ok;
}

static gboolean
end_level (Level *level, gboolean listed, GError **error)
{
  g_clear_pointer (&level->found, g_ptr_array_unref);
  if (level->failure == NULL)
    return listed;
  if (listed && level->n_failures > 1)
    g_prefix_error (&level->failure, "%u refused, the first is ", level->n_failures);
  if (listed)
    g_propagate_error (error, g_steal_pointer (&level->failure));
  g_clear_error (&level->failure);
  level->n_failures = 0;
  return FALSE;
}

static gboolean
walk_level (Level *level, GError **error)
{
  const SlipEstateListing *listing = level->listing;
  g_autoptr (JsonNode) input = slip_json_new_object (input_of (level, listing->input));
  SlipAwsCall request = {.service = listing->service,
                         .operation = listing->operation,
                         .region = level->walk->place,
                         .priority = SLIP_AWS_PRIORITY_BROWSE,
                         .input = input};
  gboolean listed;

  level->found = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  listed = slip_aws_client_list (level->walk->client, &request, take_page, level, NULL,
                                 level->walk->cancellable, error);
  if (level->found->len > 0)
    run_all (level, below_pool (), level->found, walk_below, level);
  return end_level (level, listed, error);
}

static gboolean
walk_elsewhere (const SlipEstateWalk *walk, const SlipEstateListing *listing, GError **error)
{
  g_autoptr (JsonObject) item = listing->list (walk, error);
  GPtrArray *records;

  if (item == NULL)
    return FALSE;
  records = slip_estate_records_new ();
  slip_estate_walk_read (listing, item, walk->place, records);
  walk->emit (records, walk->data);
  return TRUE;
}

gboolean
slip_estate_walk (const SlipEstateWalk *walk, const SlipEstateListing *listing, GError **error)
{
  Level level = {.walk = walk, .listing = listing};

  return listing->list != NULL ? walk_elsewhere (walk, listing, error) : walk_level (&level, error);
}
