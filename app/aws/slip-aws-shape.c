/* SPDX-License-Identifier: MIT */

/* Lookups in a shape. Members are kept in sorted arrays rather than hash tables, because names on the
 * wire come without a terminating NUL, and most structures are small. */

#include "slip-aws-shape.h"

#include <string.h>

typedef const char *(*NameFunc) (const SlipAwsMember *member);

static const char *
get_name (const SlipAwsMember *member)
{
  return member->name;
}

static const char *
get_wire (const SlipAwsMember *member)
{
  return member->wire;
}

static int
compare (const char *text, gsize length, const char *name)
{
  int order = strncmp (text, name, length);
  return order != 0 ? order : name[length] == '\0' ? 0 : -1;
}

static const SlipAwsMember *
find (const SlipAwsMember **sorted, guint n, NameFunc func, const char *text, gssize length)
{
  gsize size = length < 0 ? strlen (text) : (gsize)length;
  guint low = 0;
  guint high = n;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      int order = compare (text, size, func (sorted[middle]));
      if (order == 0)
        return sorted[middle];
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

const SlipAwsMember *
slip_aws_shape_find_member (const SlipAwsShape *shape, const char *name)
{
  return find (shape->by_name, shape->n_members, get_name, name, -1);
}

const SlipAwsMember *
slip_aws_shape_find_wire (const SlipAwsShape *shape, const char *wire, gssize length)
{
  return find (shape->by_wire, shape->n_wire, get_wire, wire, length);
}

const SlipAwsMember *
slip_aws_shape_find_element (const SlipAwsShape *shape, const char *element, gssize length)
{
  const SlipAwsMember *found = slip_aws_shape_find_wire (shape, element, length);
  gsize size = length < 0 ? strlen (element) : (gsize)length;

  for (guint i = 0; found == NULL && i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      const SlipAwsMember *part = member->shape->element;
      if (member->flattened && !member->renamed && part != NULL && part->renamed
          && compare (element, size, part->wire) == 0)
        found = member;
    }
  return found;
}

const char *
slip_aws_type_name (SlipAwsType type)
{
  static const char *const names[] = {
      "string", "structure", "list",   "map",       "boolean", "integer",
      "long",   "float",     "double", "timestamp", "blob",    "document",
  };
  return names[type];
}
