/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-job.h"
#include "slip-resource.h"

G_BEGIN_DECLS

/**
 * SlipEstateState:
 * @SLIP_ESTATE_EMPTY: never asked
 * @SLIP_ESTATE_LOADING: some regions have not answered yet; what is there is partial
 * @SLIP_ESTATE_COMPLETE: all regions answered in full
 * @SLIP_ESTATE_PARTIAL: some part failed; what is there is not all
 */
typedef enum
{
  SLIP_ESTATE_EMPTY,
  SLIP_ESTATE_LOADING,
  SLIP_ESTATE_COMPLETE,
  SLIP_ESTATE_PARTIAL,
} SlipEstateState;

/**
 * SlipEstateKind:
 * @SLIP_ESTATE_DATABASES: global clusters with their members, then other clusters; instances below
 * @SLIP_ESTATE_SNAPSHOTS: cluster snapshots, grouped by cluster, newest first
 * @SLIP_ESTATE_VAULTS: AWS Backup vaults, recovery points below, newest first
 * @SLIP_ESTATE_TABLES: DynamoDB tables, indexes and replicas below
 * @SLIP_ESTATE_TASKS: ECS clusters, services below, tasks below these
 * @SLIP_ESTATE_PIPELINES: OpenSearch ingestion pipelines
 * @SLIP_ESTATE_ALARMS: CloudWatch alarms, those that ring first
 * @SLIP_ESTATE_TERRAFORM: Terraform states of the workspace file's roots, resources below
 * @SLIP_ESTATE_N_KINDS: how many kinds there are
 *
 * What a list lists. Later kinds are one more row of the table in slip-estate-kinds.c.
 */
typedef enum
{
  SLIP_ESTATE_DATABASES,
  SLIP_ESTATE_SNAPSHOTS,
  SLIP_ESTATE_VAULTS,
  SLIP_ESTATE_TABLES,
  SLIP_ESTATE_TASKS,
  SLIP_ESTATE_PIPELINES,
  SLIP_ESTATE_ALARMS,
  SLIP_ESTATE_TERRAFORM,
  SLIP_ESTATE_N_KINDS,
} SlipEstateKind;

/**
 * slip_estate_kind_get_name:
 *
 * Returns: a stable word such as "snapshots", for files, page ids and the command line
 */
const char *slip_estate_kind_get_name (SlipEstateKind kind);

/**
 * slip_estate_kind_get_title:
 *
 * Returns: its name for people, translated
 */
const char *slip_estate_kind_get_title (SlipEstateKind kind);

/**
 * slip_estate_kind_find:
 * @name: (nullable): a word such as "snapshots"
 * @kind: (out): the kind of that name
 *
 * Returns: whether there is one
 */
gboolean slip_estate_kind_find (const char *name, SlipEstateKind *kind);

/**
 * SlipEstatePart:
 * @label: what was asked, such as "eu-west-1 manual"
 * @state: how it stands
 * @items: how many came so far
 * @message: (nullable): why it is not complete
 * @unreached: whether that is because nobody answered
 *
 * One of the parallel listings behind a list.
 */
typedef struct
{
  char *label;
  SlipEstateState state;
  guint items;
  char *message;
  gboolean unreached;
} SlipEstatePart;

/**
 * SlipEstateCopy:
 * @id: the other recovery point's ARN
 * @vault: the ARN of the vault that holds it
 * @is_original: whether the other one is the original, otherwise it is a copy
 *
 * One end of a link between a recovery point and its copy.
 */
typedef struct
{
  const char *id;    /* interned */
  const char *vault; /* interned */
  gboolean is_original;
} SlipEstateCopy;

#define SLIP_TYPE_ESTATE_LIST (slip_estate_list_get_type ())

/**
 * SlipEstateList:
 *
 * A #GListModel of #SlipResource: the roots of one tree of one environment. It is empty until
 * refreshed; listings run in parallel by region and type on the I/O pool and land page by page.
 * A refresh changes only what differs, and keeps the objects of what stays. Main thread.
 *
 * Properties to bind: `state` (#SlipEstateState), `summary` (one line: "14 snapshots · 2 of 2 listings · complete"),
 * `n-total` (uint; leaves of the tree).
 */
G_DECLARE_FINAL_TYPE (SlipEstateList, slip_estate_list, SLIP, ESTATE_LIST, GObject)

SlipEstateList *slip_estate_list_new (SlipEnvironment *environment, SlipEstateKind kind);

SlipEnvironment *slip_estate_list_get_environment (SlipEstateList *self);
SlipEstateKind slip_estate_list_get_kind (SlipEstateList *self);
SlipEstateState slip_estate_list_get_state (SlipEstateList *self);
const char *slip_estate_list_get_summary (SlipEstateList *self);
guint slip_estate_list_get_n_total (SlipEstateList *self);

/**
 * slip_estate_list_get_parts:
 *
 * Returns: (transfer none) (element-type SlipEstatePart): the listings behind it; `notify::summary`
 *   tells of changes
 */
GPtrArray *slip_estate_list_get_parts (SlipEstateList *self);

/**
 * slip_estate_list_refresh:
 * @self: a list
 *
 * Begins to list anew, unless that goes on already.
 *
 * Returns: (transfer full): the job of the refresh that goes on, to show and to cancel
 */
SlipJob *slip_estate_list_refresh (SlipEstateList *self);

/**
 * slip_estate_list_find:
 * @self: a list
 * @id: a resource's id
 *
 * Returns: (transfer none) (nullable): that resource, at any level
 */
SlipResource *slip_estate_list_find (SlipEstateList *self, const char *id);

/**
 * slip_estate_list_get_copies:
 * @self: a list
 * @id: a recovery point's ARN
 *
 * Which recovery points are copies of one, or what one is a copy of, as this account's copy jobs tell.
 * AWS keeps jobs for thirty days, and those of copies to another account in the first one only.
 *
 * Returns: (transfer none) (nullable) (element-type SlipEstateCopy): the links, %NULL for none
 */
GPtrArray *slip_estate_list_get_copies (SlipEstateList *self, const char *id);

/**
 * slip_estate_list_set_cache_folder:
 * @self: a list that was not refreshed yet
 * @folder: a folder; made when it is not there
 *
 * Keeps what is listed in files of @folder, so that the next start can show it, marked with its age,
 * before AWS answers. Reads them now, on a worker; writes them after each complete listing. They
 * hold answers of Describe calls only, no secrets. A broken file is as good as none.
 */
void slip_estate_list_set_cache_folder (SlipEstateList *self, const char *folder);

/**
 * slip_estate_list_get_cached_at:
 *
 * Returns: when what is shown was listed, microseconds since the epoch, if it comes from the cache;
 *   0 once AWS has answered
 */
gint64 slip_estate_list_get_cached_at (SlipEstateList *self);

/**
 * slip_estate_list_get_asked_at:
 * @self: a list
 *
 * Returns: when its last refresh began, whatever came of it, microseconds since the epoch; 0 for never
 */
gint64 slip_estate_list_get_asked_at (SlipEstateList *self);

/**
 * slip_estate_list_get_listed_at:
 * @self: a list
 *
 * A row may be as old as this: it is the moment AWS was asked, not that of its last answer.
 *
 * Returns: when what is shown was listed, microseconds since the epoch; 0 before the first listing
 *   ended, or brought anything
 */
gint64 slip_estate_list_get_listed_at (SlipEstateList *self);

G_END_DECLS
