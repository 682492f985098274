/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-api-check.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Checks that look at the same answers: of one endpoint for one reference. */
typedef struct
{
  const SlipApiChecks *of; /* borrowed */
  GPtrArray *checks;       /* owned; borrowed elements */
  GPtrArray *paths;        /* owned; what to ask, one for each row of the target */
} SlipApiGroup;

void slip_api_group_free (SlipApiGroup *group);

/* slip-api-plan.c: all checks of the files, and their groups in order. */
gboolean
slip_api_plan (SlipMigration *migration, GPtrArray *checks, GPtrArray *groups, GError **error);

/* Paths of the group; checks that need none are given their state. */
gboolean slip_api_resolve (SlipMigration *migration,
                           SlipApiGroup *group,
                           SlipPg *pg,
                           SlipPg *target,
                           const char *run_date,
                           GError **error);

/* In an answer the begin of a text that was a number of more than a parser keeps: what follows are its digits. */
#define SLIP_API_WIDE "\x7f"

/* slip-api-client.c: the API, for one thread. */
typedef struct _SlipApiClient SlipApiClient;

SlipApiClient *slip_api_client_new (const SlipApiOptions *options);
void slip_api_client_free (SlipApiClient *self);

/* Logs in when there is somebody to. */
gboolean slip_api_client_login (SlipApiClient *self,
                                const char *path,
                                GCancellable *cancellable,
                                GError **error);

typedef struct
{
  JsonNode *json; /* owned; NULL for an answer without a match */
  char *message;  /* owned; why there is no answer, or NULL */
  guint status;
  guint tries;
  guint milliseconds;
} SlipApiAnswer;

void slip_api_answer_clear (SlipApiAnswer *answer);
void slip_api_client_get (SlipApiClient *self,
                          const char *path,
                          gboolean retry,
                          GCancellable *cancellable,
                          SlipApiAnswer *answer);

/* slip-api-judge.c: JSONPath, and what is the same. */
gboolean slip_api_locator_is_good (const char *locator, char **why);

/* Appends what @locator finds in @json to @values, as texts; with @count only how many. */
void slip_api_collect (GPtrArray *values, const char *locator, JsonNode *json, gboolean count);

/* Gives the check its actual values and its state. */
void slip_api_judge (SlipApiCheck *check, GPtrArray *values);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipApiAnswer, slip_api_answer_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipApiClient, slip_api_client_free)

#define SLIP_API_ERROR(error, code, ...)                                                           \
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_##code, __VA_ARGS__)

G_END_DECLS
