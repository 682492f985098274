/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipAwsType:
 *
 * What a shape's values are. In JSON: structures and maps are objects, lists arrays, timestamps
 * ISO 8601 strings in UTC, blobs base64 strings; integers and longs are integers, floats and doubles
 * numbers (or "NaN", "Infinity", "-Infinity"); a document is any value.
 */
typedef enum
{
  SLIP_AWS_TYPE_STRING,
  SLIP_AWS_TYPE_STRUCTURE,
  SLIP_AWS_TYPE_LIST,
  SLIP_AWS_TYPE_MAP,
  SLIP_AWS_TYPE_BOOLEAN,
  SLIP_AWS_TYPE_INTEGER,
  SLIP_AWS_TYPE_LONG,
  SLIP_AWS_TYPE_FLOAT,
  SLIP_AWS_TYPE_DOUBLE,
  SLIP_AWS_TYPE_TIMESTAMP,
  SLIP_AWS_TYPE_BLOB,
  SLIP_AWS_TYPE_DOCUMENT,
} SlipAwsType;

/**
 * SlipAwsLocation:
 *
 * Where a member travels in the REST protocols.
 */
typedef enum
{
  SLIP_AWS_LOCATION_BODY,
  SLIP_AWS_LOCATION_URI,
  SLIP_AWS_LOCATION_QUERY,
  SLIP_AWS_LOCATION_HEADER,
  SLIP_AWS_LOCATION_HEADERS,
  SLIP_AWS_LOCATION_STATUS,
} SlipAwsLocation;

typedef enum
{
  SLIP_AWS_TIME_DEFAULT,
  SLIP_AWS_TIME_ISO8601,
  SLIP_AWS_TIME_RFC822,
  SLIP_AWS_TIME_UNIX,
} SlipAwsTimeFormat;

/**
 * SLIP_AWS_SHAPE_MAX_MEMBERS:
 *
 * How many members a structure may have. The largest that AWS has is far below.
 */
#define SLIP_AWS_SHAPE_MAX_MEMBERS 512

typedef struct _SlipAwsShape SlipAwsShape;
typedef struct _SlipAwsMember SlipAwsMember;

/**
 * SlipAwsMember:
 * @name: its name in JSON above the wire; %NULL for the element of a list
 * @wire: its name on the wire; the same pointer as @name when the model names no other, %NULL when
 *   there is no name either
 * @query_name: (nullable): the ec2 protocol's own name
 * @namespace_uri: (nullable): XML namespace
 * @namespace_prefix: (nullable): its prefix
 * @shape: what it holds
 * @index: of a structure's member, its place among them
 *
 * A use of a shape: a member of a structure, the element of a list, the key or value of a map, or the
 * input or output of an operation. Holds the traits of the shape with those of the use laid over
 * them. Immutable.
 */
struct _SlipAwsMember
{
  const char *name;
  const char *wire;
  const char *query_name;
  const char *namespace_uri;
  const char *namespace_prefix;
  const SlipAwsShape *shape;
  guint16 index;
  guint location : 3;    /* SlipAwsLocation */
  guint time_format : 2; /* SlipAwsTimeFormat */
  guint required : 1;
  guint sensitive : 1;
  guint flattened : 1;
  guint streaming : 1;
  guint idempotency_token : 1;
  guint host_label : 1;
  guint xml_attribute : 1;
  guint json_value : 1;
  guint event_stream : 1;
  guint on_wire : 1; /* found by slip_aws_shape_find_wire() */
  guint renamed : 1; /* the model gives a locationName, even if it equals @name */
};

/**
 * SlipAwsShape:
 * @name: its name in the model; for an inline shape where it stands, "CreateDBClusterInput"
 * @type: what its values are
 * @members: (array length=n_members): the members of a structure, in the model's order
 * @element: (nullable): the element of a list
 * @key: (nullable): the key of a map
 * @value: (nullable): the value of a map
 * @payload: (nullable): the member that is the whole body in the REST protocols
 * @document: (nullable): the name of the XML element when the whole body is of this shape
 * @error_code: (nullable): for exceptions, the code on the wire when the model tells one
 *
 * A type of a service. Immutable; may contain itself.
 */
struct _SlipAwsShape
{
  const char *name;
  SlipAwsType type;
  SlipAwsMember **members;
  guint n_members;
  const SlipAwsMember *element;
  const SlipAwsMember *key;
  const SlipAwsMember *value;
  const SlipAwsMember *payload;
  const char *document;
  const char *error_code;
  guint http_status;
  guint is_union : 1;
  guint is_exception : 1;
  guint has_required : 1;
  /*< private >*/
  const SlipAwsMember **by_name; /* sorted by name */
  const SlipAwsMember **by_wire; /* those that a body may hold, sorted by wire name */
  guint n_wire;
  guint n_body; /* those that stand nowhere else */
};

/**
 * slip_aws_shape_find_member:
 * @shape: a shape
 * @name: a member's name above the wire
 *
 * Returns: (transfer none) (nullable): the member
 */
const SlipAwsMember *slip_aws_shape_find_member (const SlipAwsShape *shape, const char *name);

/**
 * slip_aws_shape_find_wire:
 * @shape: a shape
 * @wire: a member's name on the wire, in the body
 * @length: its bytes, or -1 when it ends with a NUL
 *
 * Returns: (transfer none) (nullable): the member
 */
const SlipAwsMember *
slip_aws_shape_find_wire (const SlipAwsShape *shape, const char *wire, gssize length);

/**
 * slip_aws_shape_find_element:
 * @shape: a shape
 * @element: the local name of an XML element
 * @length: its bytes, or -1 when it ends with a NUL
 *
 * Like slip_aws_shape_find_wire(), but knows that the elements of a flattened list may also come under
 * the name that the model gives to the list's element.
 *
 * Returns: (transfer none) (nullable): the member
 */
const SlipAwsMember *
slip_aws_shape_find_element (const SlipAwsShape *shape, const char *element, gssize length);

/**
 * slip_aws_type_name:
 * @type: a type
 *
 * Returns: (transfer none): "structure", "list", …, as in a model
 */
const char *slip_aws_type_name (SlipAwsType type);

G_END_DECLS
