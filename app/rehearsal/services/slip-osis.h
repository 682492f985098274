/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

/* A pipeline's data is Pipeline as GetPipeline shows it, and `change`: {kind, started, status} of its
 * last change, and `desired`: what an update will change. */
#define OSIS_PIPELINE "osis.pipeline"

#define OSIS_CREATE_SECONDS 600
#define OSIS_UPDATE_SECONDS 480
#define OSIS_START_SECONDS 420
#define OSIS_STOP_SECONDS 180
#define OSIS_DELETE_SECONDS 120

typedef enum
{
  SLIP_OSIS_CREATE,
  SLIP_OSIS_UPDATE,
  SLIP_OSIS_START,
  SLIP_OSIS_STOP,
  SLIP_OSIS_DELETE,
} SlipOsisChange;

/* Puts a pipeline, with the change begun; its end is scheduled. Takes @data over. */
void slip_osis_begin (SlipWorld *world,
                      const char *account,
                      const char *region,
                      const char *name,
                      JsonObject *data,
                      SlipOsisChange change);

/* ChangeProgressStatuses' element for the last change, or NULL. */
JsonObject *slip_osis_show_progress (JsonObject *data);
void slip_osis_attach (SlipWorld *world);

G_END_DECLS
