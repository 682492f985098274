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
 * @size_gib: -1 when unknown
 * @created: microseconds since the epoch, 0 when unknown
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
  gint64 size_gib;
  gint64 created;
} SlipEstateRecord;

void slip_estate_record_free (SlipEstateRecord *record);

/**
 * SlipEstateListing:
 * @label: (nullable): behind the region in the part's label, such as "manual"
 * @service: the API
 * @operation: its listing operation
 * @input: (nullable): its input as JSON text
 * @items: the member of a page that holds the items
 * @read: makes a record of one item, or %NULL when it does not belong here
 *
 * One listing of a kind of list, made once a region. The whole table is in slip-estate-kinds.c.
 */
typedef struct
{
  const char *label;
  const char *service;
  const char *operation;
  const char *input;
  const char *items;
  SlipEstateRecord *(*read) (JsonObject *item, const char *region);
} SlipEstateListing;

/**
 * slip_estate_listings:
 * @kind: a kind of list
 * @n_listings: (out): how many
 *
 * Returns: (array length=n_listings) (transfer none): its listings
 */
const SlipEstateListing *slip_estate_listings (SlipEstateKind kind, guint *n_listings);

/**
 * slip_estate_kind_get_name:
 *
 * Returns: a stable word such as "snapshots", for files and the command line
 */
const char *slip_estate_kind_get_name (SlipEstateKind kind);

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

/* Which listing saw it last, and in which refresh; the list's own book-keeping. */
void slip_resource_mark (SlipResource *self, guint part, guint generation);
guint slip_resource_get_part (SlipResource *self);
guint slip_resource_get_generation (SlipResource *self);
void slip_resource_set_parent (SlipResource *self, SlipResource *parent);
SlipResource *slip_resource_get_parent (SlipResource *self);

/**
 * slip_resource_compare:
 *
 * Returns: the order of siblings: by kind, then newest first for snapshots, else by name
 */
int slip_resource_compare (gconstpointer a, gconstpointer b, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipEstateRecord, slip_estate_record_free)

G_END_DECLS
