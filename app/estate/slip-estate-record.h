/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-list.h"

G_BEGIN_DECLS

/**
 * SlipEstateRecord:
 * @kind: what it is
 * @id: its id, unique in the list
 * @name: its name
 * @region: (nullable): its region
 * @status: (nullable): AWS's own status word
 * @detail: (nullable): one line beside the name
 * @parent_id: (nullable): the resource it stands below, or %NULL for the root
 * @parent_name: (nullable): if the parent is a group: its name; a group is made when it is missing
 * @adopts: (nullable) (array zero-terminated=1): ids that stand below this one, whatever they say
 * @text: the API's answer as compact JSON
 * @listing: (nullable): the listing it came from, if a cache is to keep it
 * @size: bytes, -1 when unknown
 * @created: microseconds since the epoch, 0 when unknown
 * @is_parent: whether rows stand below it now; kinds that always may have some need not say so
 *
 * One item of a listing on its way from a worker to the list. A plain value: made on one thread,
 * handed over, freed on the other.
 */
typedef struct
{
  SlipResourceKind kind;
  char *id;
  char *name;
  char *region;
  char *status;
  char *detail;
  char *parent_id;
  char *parent_name;
  char **adopts;
  char *text;
  const struct _SlipEstateListing *listing;
  gint64 size;
  gint64 created;
  gboolean is_parent;
} SlipEstateRecord;

/**
 * slip_estate_record_new:
 * @kind: what it is
 * @item: the API's answer
 * @region: (nullable): where
 * @id: (nullable): its id
 * @name: (nullable): its name
 *
 * Returns: (transfer full) (nullable): a record, or %NULL when the answer has no id or no name
 */
SlipEstateRecord *slip_estate_record_new (
    SlipResourceKind kind, JsonObject *item, const char *region, const char *id, const char *name);

/**
 * slip_estate_item_time:
 *
 * Returns: a member that holds a time, microseconds since the epoch; 0 when there is none
 */
gint64 slip_estate_item_time (JsonObject *item, const char *name);

void slip_estate_record_free (SlipEstateRecord *record);

/**
 * SlipEstateDescription:
 * @operation: the operation that describes, or %NULL at the end of a table
 * @argument: the member of its input that takes what is to be described
 * @member: (nullable): the item's member that goes there; %NULL when the item is a text itself
 * @batch: how many a call describes at once; 0 when @argument is a single text
 * @answer: the member of its output
 * @as: (nullable): the member of the item that keeps the answer; %NULL when the answer is the item
 * @is_optional: a refusal leaves the member out instead of failing the listing
 *
 * How a name becomes an item, for services that list only names.
 */
typedef struct
{
  const char *operation;
  const char *argument;
  const char *member;
  guint batch;
  const char *answer;
  const char *as;
  gboolean is_optional;
} SlipEstateDescription;

/**
 * SlipEstateListing:
 * @label: (nullable): behind the region in the part's label, such as "manual"; one of its own
 * @service: the API
 * @operation: its listing operation
 * @input: (nullable): its input as JSON text
 * @items: the member of a page that holds the items
 * @read: makes a record of one item, or %NULL when it does not belong here. What it needs must stand
 *   in the item, since a cache reads items alone
 * @read_more: (nullable): adds records of what the item contains
 * @describe: (nullable): descriptions of each item, one after the other
 * @below: (nullable): what is listed once for each item; ends with one without an operation
 * @given: for a listing below: the member of the item above that it is listed for
 * @given_as: and the member of the inputs that takes it
 * @list: (nullable): lists without AWS, instead of all of this but @read and @read_more
 *
 * One listing of a kind of list, made once a region.
 */
typedef struct _SlipEstateListing SlipEstateListing;
typedef struct _SlipEstateWalk SlipEstateWalk;
struct _SlipEstateListing
{
  const char *label;
  const char *service;
  const char *operation;
  const char *input;
  const char *items;
  SlipEstateRecord *(*read) (JsonObject *item, const char *region);
  void (*read_more) (JsonObject *item, const char *region, GPtrArray *records);
  const SlipEstateDescription *describe;
  const SlipEstateListing *below;
  const char *given;
  const char *given_as;
  JsonObject *(*list) (const SlipEstateWalk *walk, GError **error);
};

/**
 * SlipEstateKindInfo:
 * @name: a stable word such as "snapshots", for files, page ids and the command line
 * @title: for people, to be translated
 * @listing_title: the title of a job that lists, with %s for the environment; to be translated
 * @count: says how many of them there are, translated
 * @listings: what is asked
 * @n_listings: how many
 * @dup_places: (nullable): where it is asked, when that is not the environment's regions
 *
 * A kind of list. Each is one row of the table in slip-estate-kinds.c.
 */
typedef struct
{
  const char *name;
  const char *title;
  const char *listing_title;
  char *(*count) (guint n);
  const SlipEstateListing *listings;
  guint n_listings;
  char **(*dup_places) (SlipEnvironment *environment);
} SlipEstateKindInfo;

const SlipEstateKindInfo *slip_estate_kind_get (SlipEstateKind kind);

/**
 * slip_estate_listings:
 * @kind: a kind of list
 * @n_listings: (out): how many
 *
 * Returns: (array length=n_listings) (transfer none): its listings
 */
const SlipEstateListing *slip_estate_listings (SlipEstateKind kind, guint *n_listings);

/**
 * slip_estate_listing_find:
 * @listing: a listing
 * @label: a label
 *
 * Returns: (transfer none) (nullable): the listing of that label, @listing itself or one below it
 */
const SlipEstateListing *slip_estate_listing_find (const SlipEstateListing *listing,
                                                   const char *label);

/* The tables of each service. */
extern const SlipEstateListing slip_estate_databases[3];
extern const SlipEstateListing slip_estate_snapshots[4];
extern const SlipEstateListing slip_estate_vaults[2];
extern const SlipEstateListing slip_estate_tables[1];
extern const SlipEstateListing slip_estate_tasks[1];
extern const SlipEstateListing slip_estate_pipelines[1];
extern const SlipEstateListing slip_estate_alarms[2];
extern const SlipEstateListing slip_estate_terraform[1];

/* For the list only: makes a row and changes it. */
SlipResource *slip_resource_new (SlipEnvironment *environment, const SlipEstateRecord *record);

/**
 * slip_resource_update:
 * @self: a resource
 * @record: what AWS says of it now; the same id
 *
 * Notifies of what differs.
 *
 * Returns: whether its place among its siblings may be another one
 */
gboolean slip_resource_update (SlipResource *self, const SlipEstateRecord *record);

/**
 * slip_resource_get_store:
 *
 * Returns: (transfer none) (nullable): its children as a store that may be changed
 */
GListStore *slip_resource_get_store (SlipResource *self);

/**
 * slip_resource_make_store:
 *
 * Returns: (transfer none): the same, made when there was none
 */
GListStore *slip_resource_make_store (SlipResource *self);

/* Which listing saw it last, and in which refresh; the list's own book-keeping. */
void slip_resource_mark (SlipResource *self, guint part, guint generation);
guint slip_resource_get_part (SlipResource *self);
guint slip_resource_get_generation (SlipResource *self);
void slip_resource_set_parent (SlipResource *self, SlipResource *parent);
SlipResource *slip_resource_get_parent (SlipResource *self);

/**
 * slip_resource_compare:
 *
 * Returns: the order of siblings: by kind, then newest first for snapshots, recovery points and tasks,
 *   the worst state first for alarms, else by name
 */
int slip_resource_compare (gconstpointer a, gconstpointer b, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipEstateRecord, slip_estate_record_free)

G_END_DECLS
