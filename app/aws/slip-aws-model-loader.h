/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model-private.h"

G_BEGIN_DECLS

/**
 * SlipAwsLoader:
 * @model: what is being built
 * @shapes: (nullable): the JSON of the named shapes; borrowed
 * @named: name → SlipAwsShape
 * @pending: names of shapes that are known but not filled in; and, each behind a %NULL, shapes that are
 *   filled in but not yet indexed
 * @error: (nullable): the first fault
 *
 * The state of loading one model, between the two files that do it.
 */
typedef struct
{
  SlipAwsModel *model;
  JsonObject *shapes;
  GHashTable *named;
  GQueue pending;
  GError *error;
} SlipAwsLoader;

/* Memory and strings that live as long as the model. */
gpointer slip_aws_loader_allocate (SlipAwsLoader *loader, gsize size);
const char *slip_aws_loader_keep (SlipAwsLoader *loader, const char *text);

/* Keeps the first fault; loading stops at the next occasion. */
void slip_aws_loader_fault (SlipAwsLoader *loader, const char *format, ...) G_GNUC_PRINTF (2, 3);

SlipAwsShape *slip_aws_loader_named_shape (SlipAwsLoader *loader, const char *name);

/* @context names an inline shape after the place where it stands. */
SlipAwsMember *slip_aws_loader_new_member (
    SlipAwsLoader *loader, JsonObject *object, const char *name, const char *context, guint depth);

/* Fills in and indexes all shapes that anything refers to. */
void slip_aws_loader_fill_pending (SlipAwsLoader *loader);

gboolean slip_aws_loader_array_has (JsonArray *array, const char *text);

G_END_DECLS
