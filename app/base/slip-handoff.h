/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* GLib's own locks are futexes that ThreadSanitizer cannot see in an uninstrumented library. Every
 * object that changes threads passes through this file, which tells the sanitizer so. */
#if defined(__SANITIZE_THREAD__)
#define SLIP_HANDOFF_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLIP_HANDOFF_TSAN 1
#endif
#endif

#ifdef SLIP_HANDOFF_TSAN
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#define SLIP_HANDOFF_GIVE(p) __tsan_release ((void *)(p))
#define SLIP_HANDOFF_TAKE(p) __tsan_acquire ((void *)(p))
#else
#define SLIP_HANDOFF_GIVE(p) ((void)(p))
#define SLIP_HANDOFF_TAKE(p) ((void)(p))
#endif

/**
 * slip_handoff_invoke:
 * @context: (nullable): the context to run in, or %NULL for the default main context
 * @func: called once in @context; what it returns is ignored
 * @data: given to @func, and owned by the hand-off until then
 * @notify: (nullable): frees @data, in @context, after @func
 *
 * Runs @func in @context. Unlike g_main_context_invoke() it never runs in the caller's own stack,
 * so that a caller which holds a lock cannot meet itself. Any thread.
 */
void
slip_handoff_invoke (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify notify);

/**
 * SlipHandoffQueue:
 *
 * A thread-safe queue of pointers between threads, in order. Reference counted.
 */
typedef struct _SlipHandoffQueue SlipHandoffQueue;

SlipHandoffQueue *slip_handoff_queue_new (GDestroyNotify item_free);
SlipHandoffQueue *slip_handoff_queue_ref (SlipHandoffQueue *queue);
void slip_handoff_queue_unref (SlipHandoffQueue *queue);

/**
 * slip_handoff_queue_push:
 * @queue: a queue
 * @item: (transfer full) (not nullable): the item
 *
 * Appends @item. Any thread.
 */
void slip_handoff_queue_push (SlipHandoffQueue *queue, gpointer item);

/**
 * slip_handoff_queue_pop:
 * @queue: a queue
 *
 * Waits for the next item. Any thread but the main one.
 *
 * Returns: (transfer full): the item
 */
gpointer slip_handoff_queue_pop (SlipHandoffQueue *queue);

/**
 * slip_handoff_queue_try_pop:
 * @queue: a queue
 *
 * Returns: (transfer full) (nullable): the next item, or %NULL at once when there is none
 */
gpointer slip_handoff_queue_try_pop (SlipHandoffQueue *queue);

/**
 * slip_handoff_queue_timed_pop:
 * @queue: a queue
 * @timeout_us: how long to wait, in microseconds
 *
 * Returns: (transfer full) (nullable): the next item, or %NULL when none came in time
 */
gpointer slip_handoff_queue_timed_pop (SlipHandoffQueue *queue, guint64 timeout_us);

/**
 * slip_handoff_queue_length:
 * @queue: a queue
 *
 * Returns: how many items wait just now; a hint, since other threads go on
 */
guint slip_handoff_queue_length (SlipHandoffQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipHandoffQueue, slip_handoff_queue_unref)

G_END_DECLS
