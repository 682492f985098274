/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/* What the files of the RDS service share. A record's data is an object with the member `shape`, the
 * resource exactly as the API shows it, and beside it what only the server knows. */

#define SLIP_RDS_CLUSTER "rds.cluster"
#define SLIP_RDS_INSTANCE "rds.instance"
#define SLIP_RDS_SNAPSHOT "rds.cluster-snapshot"
#define SLIP_RDS_GLOBAL "rds.global-cluster"
#define SLIP_RDS_BACKUP "rds.cluster-automated-backup"
#define SLIP_RDS_CLUSTER_GROUP "rds.cluster-parameter-group"
#define SLIP_RDS_GROUP "rds.parameter-group"
#define SLIP_RDS_SUBNETS "rds.subnet-group"
/* A security group that the scenario knows; there is no EC2 to ask. */
#define SLIP_RDS_SECURITY_GROUP "rds.security-group"
/* Who may see a snapshot of another account: account is the target's, id `OWNER/SNAPSHOT`. */
#define SLIP_RDS_SHARE "rds.share"
/* Stands for every account in a snapshot's list; such shares are filed under the account "". */
#define SLIP_RDS_EVERYBODY "all"

/**
 * SlipRdsKind:
 * @type: the record's type
 * @arn_part: how its ARN names it: `cluster`, `db`, …
 * @id_member: the member of the shape that names it
 * @arn_member: the member with its ARN
 * @parameter: the request parameter that names it, for messages
 * @missing_code: the code of a not-found answer
 * @missing_text: its message; `%s` is the name
 * @global: whether it belongs to no region
 */
typedef struct
{
  const char *type;
  const char *arn_part;
  const char *id_member;
  const char *arn_member;
  const char *parameter;
  const char *missing_code;
  const char *missing_text;
  gboolean global;
} SlipRdsKind;

/**
 * slip_rds_kind:
 * @type: a record's type
 *
 * Returns: (transfer none): what is known of that kind of resource
 */
const SlipRdsKind *slip_rds_kind (const char *type);
const SlipRdsKind *slip_rds_kind_of_arn_part (const char *arn_part);

/* --- Errors --- */

/**
 * slip_rds_fail:
 * @error: return location
 * @code: the code on the wire; its HTTP status comes from a table
 *
 * Returns: %NULL
 */
gpointer slip_rds_fail (GError **error, const char *code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/**
 * slip_rds_refuse:
 * @message: the whole message
 *
 * slip_rds_fail() for checks.
 *
 * Returns: %FALSE
 */
gboolean slip_rds_refuse (GError **error, const char *code, const char *message);

/* --- Names --- */

/**
 * slip_rds_check_name:
 * @value: what a client would like to call something
 * @parameter: the request's parameter, for the message
 * @max_length: most characters
 *
 * Returns: (transfer full): the name in lower case, or %NULL with InvalidParameterValue
 */
char *
slip_rds_check_name (const char *value, const char *parameter, guint max_length, GError **error);
char *slip_rds_arn (const char *type, const char *account, const char *region, const char *id);

/**
 * SlipRdsName:
 *
 * What a request names: a bare name of the caller's account and region, or an ARN.
 */
typedef struct
{
  char *account;
  char *region;
  char *id;
  gboolean is_arn;
} SlipRdsName;

void slip_rds_name_clear (SlipRdsName *name);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipRdsName, slip_rds_name_clear)

/**
 * slip_rds_parse_name:
 * @value: a name or an ARN
 * @type: what it must name
 * @name: (out): its parts, lower case
 *
 * Returns: %FALSE with InvalidParameterValue when @value is an ARN of something else
 */
gboolean slip_rds_parse_name (SlipServiceContext *ctx,
                              const char *value,
                              const char *type,
                              SlipRdsName *name,
                              GError **error);

/**
 * slip_rds_find:
 * @value: a name or an ARN of the caller's account and region
 *
 * Returns: (transfer none): the resource, or %NULL with the kind's own not-found code
 */
const SlipWorldRecord *
slip_rds_find (SlipServiceContext *ctx, const char *value, const char *type, GError **error);

/* --- Editing --- */

/**
 * SlipRdsEdit:
 *
 * A resource that is being changed. Nothing happens until slip_rds_edit_save().
 */
typedef struct
{
  SlipWorld *world;
  const char *type;
  char *account;
  char *region;
  char *id;
  JsonObject *data;
  JsonObject *shape; /* borrowed from data */
} SlipRdsEdit;

/**
 * slip_rds_edit:
 *
 * Returns: (transfer full) (nullable): the resource to change, %NULL when there is none
 */
SlipRdsEdit *slip_rds_edit (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id);
SlipRdsEdit *slip_rds_edit_record (SlipWorld *world, const SlipWorldRecord *record);
SlipRdsEdit *slip_rds_edit_transition (SlipWorld *world, const SlipTransition *transition);

/**
 * slip_rds_edit_new:
 *
 * Returns: (transfer full): an empty new resource
 */
SlipRdsEdit *slip_rds_edit_new (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id);

/**
 * slip_rds_edit_save:
 * @edit: (transfer full): a changed resource
 */
void slip_rds_edit_save (SlipRdsEdit *edit);
void slip_rds_edit_free (SlipRdsEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRdsEdit, slip_rds_edit_free)

/**
 * slip_rds_rename:
 * @edit: (transfer full): a resource
 * @id: its new name
 *
 * Puts the resource under another name, with name and ARN in its shape.
 */
void slip_rds_rename (SlipRdsEdit *edit, const char *id);

JsonObject *slip_rds_shape (const SlipWorldRecord *record);
const char *slip_rds_get (const SlipWorldRecord *record, const char *member);
gboolean slip_rds_is (const SlipWorldRecord *record, const char *member, const char *value);

/* --- JSON --- */

typedef struct
{
  const char *input;
  const char *shape; /* NULL: the same */
} SlipRdsMember;

/**
 * slip_rds_copy_members:
 * @members: ends with a %NULL input
 *
 * Copies what is there from a request to a shape.
 */
void slip_rds_copy_members (JsonObject *input, JsonObject *shape, const SlipRdsMember *members);
void slip_rds_set_default (JsonObject *object, const char *name, const char *value);
void slip_rds_set_default_int (JsonObject *object, const char *name, gint64 value);
void slip_rds_set_default_bool (JsonObject *object, const char *name, gboolean value);
void slip_rds_set_now (SlipWorld *world, JsonObject *object, const char *name);
JsonArray *slip_rds_strings (const char *const *strings);

/**
 * slip_rds_wrap:
 * @name: the output's member
 * @object: (transfer full): its value
 */
JsonNode *slip_rds_wrap (const char *name, JsonObject *object);

/**
 * slip_rds_require_status:
 * @allowed: (array zero-terminated=1): states in which the operation is allowed
 * @code: the code otherwise
 *
 * States gate operations.
 */
gboolean slip_rds_require_status (const SlipWorldRecord *record,
                                  const char *const *allowed,
                                  const char *code,
                                  GError **error);

/* --- Lists --- */

/**
 * SlipRdsFilter:
 * @name: the filter's name in the API
 * @member: the shape's member it compares
 */
typedef struct
{
  const char *name;
  const char *member;
} SlipRdsFilter;

typedef JsonObject *(*SlipRdsViewFunc) (SlipWorld *world, const SlipWorldRecord *record);
typedef gboolean (*SlipRdsMatchFunc) (SlipServiceContext *ctx,
                                      const SlipWorldRecord *record,
                                      JsonObject *input);

/**
 * SlipRdsListing:
 * @type: what is listed
 * @output: the output's member with the list
 * @id_parameter: (nullable): the input's member that names one
 * @filters: ends with a %NULL name
 * @match: (nullable): further conditions
 * @view: (nullable): the resource as it is shown now; %NULL for the shape as it is
 */
typedef struct
{
  const char *type;
  const char *output;
  const char *id_parameter;
  const SlipRdsFilter *filters;
  SlipRdsMatchFunc match;
  SlipRdsViewFunc view;
} SlipRdsListing;

/**
 * slip_rds_list:
 *
 * Serves a Describe operation: one by name, or pages of all that match.
 */
JsonNode *slip_rds_list (SlipServiceContext *ctx,
                         JsonObject *input,
                         const SlipRdsListing *listing,
                         GError **error);
gboolean slip_rds_page_size (JsonObject *input, guint *size, GError **error);
gboolean slip_rds_check_filters (JsonObject *input, const SlipRdsFilter *filters, GError **error);
gboolean
slip_rds_filters_match (JsonObject *input, const SlipRdsFilter *filters, JsonObject *shape);
char *slip_rds_marker (JsonObject *input, GError **error);

/**
 * slip_rds_list_fixed:
 * @output: the output's member
 * @items: (transfer full): all there is
 *
 * Pages over a list that is made anew each time.
 */
JsonNode *
slip_rds_list_fixed (JsonObject *input, const char *output, JsonArray *items, GError **error);

/* --- Events --- */

void slip_rds_event (SlipWorld *world,
                     const SlipWorldRecord *record,
                     const char *category,
                     const char *format,
                     ...) G_GNUC_PRINTF (4, 5);

/* --- Keys --- */

/**
 * slip_rds_resolve_key:
 * @key_id: (nullable): what the request says; %NULL for the AWS managed key
 *
 * Returns: (transfer full): the key's ARN, or %NULL with KMSKeyNotAccessibleFault
 */
char *slip_rds_resolve_key (SlipServiceContext *ctx, const char *key_id, GError **error);

/**
 * slip_rds_key_usable:
 * @arn: a key's ARN
 *
 * Returns: whether the caller may decrypt with it now
 */
gboolean slip_rds_key_usable (SlipServiceContext *ctx, const char *arn);

/* --- Tags --- */

/**
 * slip_rds_check_tags:
 *
 * Returns: %FALSE with InvalidParameterValue for reserved names and too many tags
 */
gboolean slip_rds_check_tags (JsonArray *tags, GError **error);
JsonArray *slip_rds_tags (const SlipWorldRecord *record);
void slip_rds_set_tags (SlipRdsEdit *edit, JsonArray *tags);

G_END_DECLS
