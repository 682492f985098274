/* SPDX-License-Identifier: MIT */

/* Page after page of a list. Reading an answer of a hundred items takes about as long as getting it, so
 * as soon as an answer is there the next page is asked for, on a thread of a pool, while this one is
 * read. Where the next page is, is a guess then; a page that was guessed wrong is thrown away. How pages
 * name each other is slip-aws-pages.c. */

#include "slip-aws-client-private.h"

#include "slip-aws-pages.h"
#include "slip-handoff.h"
#include "slip-json.h"
#include "slip-pool.h"

/* More would only wait in memory for the one who takes them. */
#define PAGES_AHEAD 2
#define THREADS 16

typedef struct
{
  SlipAwsClient *client;
  const SlipAwsCall *call;
  GCancellable *stop; /* owned */
  gint taken;         /* pages; atomic */
} List;

typedef struct _Page Page;

struct _Page
{
  List *list;
  gint number;
  SlipJob *job;     /* owned; NULL on the calling thread */
  JsonNode *input;  /* owned, nullable */
  JsonNode *output; /* owned; NULL with an error */
  GError *error;    /* owned */
  SlipAwsCallInfo info;
  Page *next; /* owned; asked for ahead, or NULL */
};

static Page *
page_new (List *list, gint number, JsonNode *input)
{
  Page *page = g_new0 (Page, 1);

  page->list = list;
  page->number = number;
  page->input = input != NULL ? slip_json_copy (input) : NULL;
  return page;
}

/* Without the next one. */
static void
page_free (Page *page)
{
  g_clear_object (&page->job);
  g_clear_pointer (&page->input, json_node_unref);
  g_clear_pointer (&page->output, json_node_unref);
  g_clear_error (&page->error);
  slip_aws_call_info_clear (&page->info);
  g_free (page);
}

static void
wait_for (Page *page)
{
  if (page->job == NULL)
    return;
  slip_job_wait (page->job);
  SLIP_HANDOFF_TAKE (page);
}

/* Their jobs must have ended, since they look at the list. */
static void
free_all (Page *page)
{
  while (page != NULL)
    {
      Page *next;

      wait_for (page);
      next = page->next;
      page_free (page);
      page = next;
    }
}

/* Its jobs wait for nothing but AWS, so that lists cannot wait for each other's threads. */
static SlipPool *
get_pool (void)
{
  static SlipPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, slip_pool_new ("slip-pages", THREADS));
  return pool;
}

static void get_page (Page *page);

static gboolean
page_job (SlipJob *job, gpointer data, GError **error)
{
  SLIP_HANDOFF_TAKE (data);
  get_page (data);
  SLIP_HANDOFF_GIVE (data);
  return TRUE;
}

static void
peek_cb (const SlipAwsOperation *op, const SlipAwsResponse *response, gpointer data)
{
  Page *page = data;
  g_autoptr (JsonNode) input = NULL;
  gsize length = 0;
  const char *text = response->body != NULL ? g_bytes_get_data (response->body, &length) : NULL;

  if (page->next != NULL || page->number >= g_atomic_int_get (&page->list->taken) + PAGES_AHEAD
      || slip_aws_operation_effect (op) != SLIP_AWS_EFFECT_READ || text == NULL)
    return;
  input = slip_aws_pages_peek (op, page->input, text, length);
  if (input == NULL)
    return;
  page->next = page_new (page->list, page->number + 1, input);
  page->next->job = slip_job_new (op->name);
  SLIP_HANDOFF_GIVE (page->next);
  slip_pool_run (get_pool (), page->next->job, page_job, page->next, NULL);
}

static void
get_page (Page *page)
{
  SlipAwsCall call = *page->list->call;

  call.input = page->input;
  page->output = slip_aws_client_run_call (page->list->client, &call, peek_cb, page, &page->info,
                                           page->list->stop, &page->error);
}

/* The page of @input: the one that was asked for ahead, or when that is another, one asked for now. */
static Page *
go_on (List *list, Page *page, JsonNode *input)
{
  Page *next = g_steal_pointer (&page->next);

  if (next != NULL && slip_json_equal (next->input, input))
    return next;
  free_all (next);
  next = page_new (list, page->number + 1, input);
  get_page (next);
  return next;
}

static void
take_info (Page *page, SlipAwsCallInfo *info)
{
  if (info == NULL)
    return;
  slip_aws_call_info_clear (info);
  *info = page->info;
  page->info = (SlipAwsCallInfo){0};
}

/* Returns whether the list goes on; when it does not, @ok tells whether that is well. */
static gboolean
take_page (Page *page,
           SlipAwsPages *pages,
           SlipAwsPageFunc func,
           gpointer data,
           gboolean *ok,
           GError **error)
{
  GError *local = NULL;

  *ok = FALSE;
  if (page->output == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&page->error));
      return FALSE;
    }
  if (!func (page->output, data, &local))
    {
      *ok = local == NULL;
      if (local != NULL)
        g_propagate_error (error, local);
      return FALSE;
    }
  *ok = slip_aws_pages_follow (pages, page->output, error);
  return *ok && !slip_aws_pages_is_done (pages);
}

static void
cancelled_cb (GCancellable *cancellable, GCancellable *stop)
{
  g_cancellable_cancel (stop);
}

gboolean
slip_aws_client_list (SlipAwsClient *self,
                      const SlipAwsCall *call,
                      SlipAwsPageFunc func,
                      gpointer data,
                      SlipAwsCallInfo *info,
                      GCancellable *cancellable,
                      GError **error)
{
  const SlipAwsOperation *op
      = slip_aws_model_lookup_operation (call->service, call->operation, NULL, error);
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  List list = {self, call, stop, 0};
  g_autoptr (SlipAwsPages) pages = NULL;
  gulong handler = 0;
  gboolean ok;
  Page *page;

  if (op == NULL)
    return FALSE;
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), stop, NULL);
  pages = slip_aws_pages_new (op, call->input);
  page = page_new (&list, 0, call->input);
  get_page (page);
  while (TRUE)
    {
      Page *next;

      wait_for (page);
      take_info (page, info);
      if (!take_page (page, pages, func, data, &ok, error))
        break;
      g_atomic_int_inc (&list.taken);
      next = go_on (&list, page, slip_aws_pages_get_input (pages));
      page_free (page);
      page = next;
    }
  g_cancellable_cancel (stop);
  free_all (page);
  g_cancellable_disconnect (cancellable, handler);
  return ok;
}
