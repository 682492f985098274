/* SPDX-License-Identifier: MIT */
/* A caller for the length of one planning: several guards and steps read the same thing, and should
 * see the same answer. */

#include "slip-json.h"
#include "slip-planner-private.h"

typedef struct
{
  SlipCaller *caller;
  GMutex lock;
  GHashTable *answers; /* request → JsonNode */
} Cache;

static JsonNode *
call (gpointer data,
      const char *environment,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GCancellable *cancellable,
      GError **error)
{
  Cache *cache = data;
  g_autofree char *text = input != NULL ? slip_json_canonical (input, NULL) : g_strdup ("");
  g_autofree char *key
      = g_strjoin ("\n", environment, region != NULL ? region : "", service, operation, text, NULL);
  JsonNode *answer;

  g_mutex_lock (&cache->lock);
  answer = g_hash_table_lookup (cache->answers, key);
  if (answer != NULL)
    answer = slip_json_copy (answer);
  g_mutex_unlock (&cache->lock);
  if (answer != NULL)
    return answer;
  answer = slip_caller_call (cache->caller, environment, region, service, operation, input,
                             cancellable, error);
  if (answer == NULL)
    return NULL;
  g_mutex_lock (&cache->lock);
  g_hash_table_replace (cache->answers, g_steal_pointer (&key), slip_json_copy (answer));
  g_mutex_unlock (&cache->lock);
  return answer;
}

static void
cache_free (gpointer data)
{
  Cache *cache = data;

  slip_caller_unref (cache->caller);
  g_mutex_clear (&cache->lock);
  g_hash_table_unref (cache->answers);
  g_free (cache);
}

SlipCaller *
slip_caller_new_cached (SlipCaller *caller)
{
  Cache *cache = g_new0 (Cache, 1);

  cache->caller = slip_caller_ref (caller);
  g_mutex_init (&cache->lock);
  cache->answers
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_node_unref);
  return slip_caller_new_over (caller, call, cache, cache_free);
}
