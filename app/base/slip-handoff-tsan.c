/* SPDX-License-Identifier: MIT */
/* Only in the thread sanitizer's lane: stands before GLib's own locks, queues and reference counts and
 * tells the sanitizer what they order. GLib is not built with the sanitizer and locks with futexes,
 * which it cannot see, so that every guarded field would be reported otherwise. */

#include "slip-handoff.h"

#ifdef SLIP_HANDOFF_TSAN

#include <dlfcn.h>
#include <gio/gio.h>

/* The function of the same name in the next library. */
#define NEXT(name)                                                                                 \
  ({                                                                                               \
    static __typeof__ (&name) next_##name;                                                         \
    __typeof__ (&name) found_##name = __atomic_load_n (&next_##name, __ATOMIC_ACQUIRE);            \
    if (found_##name == NULL)                                                                      \
      {                                                                                            \
        found_##name = (__typeof__ (&name))dlsym (RTLD_NEXT, #name);                               \
        __atomic_store_n (&next_##name, found_##name, __ATOMIC_RELEASE);                           \
      }                                                                                            \
    found_##name;                                                                                  \
  })

void (g_mutex_lock) (GMutex *mutex)
{
  NEXT (g_mutex_lock) (mutex);
  SLIP_HANDOFF_TAKE (mutex);
}

gboolean (g_mutex_trylock) (GMutex *mutex)
{
  gboolean locked = NEXT (g_mutex_trylock) (mutex);

  if (locked)
    SLIP_HANDOFF_TAKE (mutex);
  return locked;
}

void (g_mutex_unlock) (GMutex *mutex)
{
  SLIP_HANDOFF_GIVE (mutex);
  NEXT (g_mutex_unlock) (mutex);
}

void (g_rec_mutex_lock) (GRecMutex *mutex)
{
  NEXT (g_rec_mutex_lock) (mutex);
  SLIP_HANDOFF_TAKE (mutex);
}

void (g_rec_mutex_unlock) (GRecMutex *mutex)
{
  SLIP_HANDOFF_GIVE (mutex);
  NEXT (g_rec_mutex_unlock) (mutex);
}

void (g_cond_wait) (GCond *cond, GMutex *mutex)
{
  SLIP_HANDOFF_GIVE (mutex);
  NEXT (g_cond_wait) (cond, mutex);
  SLIP_HANDOFF_TAKE (mutex);
}

gboolean (g_cond_wait_until) (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  SLIP_HANDOFF_GIVE (mutex);
  signalled = NEXT (g_cond_wait_until) (cond, mutex, end_time);
  SLIP_HANDOFF_TAKE (mutex);
  return signalled;
}

void (g_async_queue_push) (GAsyncQueue *queue, gpointer data)
{
  SLIP_HANDOFF_GIVE (queue);
  NEXT (g_async_queue_push) (queue, data);
}

gpointer (g_async_queue_pop) (GAsyncQueue *queue)
{
  gpointer data = NEXT (g_async_queue_pop) (queue);

  SLIP_HANDOFF_TAKE (queue);
  return data;
}

/* Whoever drops the last reference comes after everybody who dropped another. */
gboolean (g_atomic_ref_count_dec) (gatomicrefcount *arc)
{
  gboolean last;

  SLIP_HANDOFF_GIVE (arc);
  last = NEXT (g_atomic_ref_count_dec) (arc);
  if (last)
    SLIP_HANDOFF_TAKE (arc);
  return last;
}

void (g_object_unref) (gpointer object)
{
  SLIP_HANDOFF_GIVE (object);
  SLIP_HANDOFF_TAKE (object);
  NEXT (g_object_unref) (object);
}

void (g_task_return_pointer) (GTask *task, gpointer result, GDestroyNotify result_destroy)
{
  SLIP_HANDOFF_GIVE (task);
  NEXT (g_task_return_pointer) (task, result, result_destroy);
}

void (g_task_return_boolean) (GTask *task, gboolean result)
{
  SLIP_HANDOFF_GIVE (task);
  NEXT (g_task_return_boolean) (task, result);
}

void (g_task_return_error) (GTask *task, GError *error)
{
  SLIP_HANDOFF_GIVE (task);
  NEXT (g_task_return_error) (task, error);
}

gpointer (g_task_propagate_pointer) (GTask *task, GError **error)
{
  SLIP_HANDOFF_TAKE (task);
  return NEXT (g_task_propagate_pointer) (task, error);
}

gboolean (g_task_propagate_boolean) (GTask *task, GError **error)
{
  SLIP_HANDOFF_TAKE (task);
  return NEXT (g_task_propagate_boolean) (task, error);
}

#endif
