/* SPDX-License-Identifier: MIT */

/* Key kinds, looked up when first asked for and kept. A key of another account, which may not be
 * described, stays "encrypted": it is never guessed. */

#include "config.h"

#include "slip-key-kinds.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-task.h"

struct _SlipKeyKinds
{
  GObject parent_instance;

  SlipEnvironment *environment; /* owned */
  GHashTable *kinds;            /* owned; key ARN → translated text, borrowed */
};

G_DEFINE_FINAL_TYPE (SlipKeyKinds, slip_key_kinds, G_TYPE_OBJECT)

static guint signal_changed;

typedef struct
{
  SlipEnvironment *environment;
  char *key;
  char *region;
  const char *kind;
} Lookup;

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;

  g_object_unref (lookup->environment);
  g_free (lookup->key);
  g_free (lookup->region);
  g_free (lookup);
}

static gboolean
describe_key (SlipJob *job, gpointer data, GError **error)
{
  Lookup *lookup = data;
  g_autoptr (SlipAwsClient) client = slip_environment_ref_client (lookup->environment, error);
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) input_node = NULL;
  g_autoptr (JsonNode) output = NULL;
  SlipAwsCall call = {.service = "kms", .operation = "DescribeKey"};
  const char *manager;

  if (client == NULL)
    return FALSE;
  json_object_set_string_member (input, "KeyId", lookup->key);
  input_node = slip_json_new_object (json_object_ref (input));
  call.region = lookup->region;
  call.input = input_node;
  call.priority = SLIP_AWS_PRIORITY_BROWSE;
  output = slip_aws_client_call (client, &call, NULL, cancellable, error);
  if (output == NULL)
    return FALSE;
  manager = slip_json_string (slip_json_object (slip_json_node_object (output), "KeyMetadata"),
                              "KeyManager");
  if (g_strcmp0 (manager, "CUSTOMER") == 0)
    lookup->kind = N_ ("customer key");
  else if (g_strcmp0 (manager, "AWS") == 0)
    lookup->kind = N_ ("AWS managed key");
  return TRUE;
}

static void
described_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipKeyKinds *self = owner;
  Lookup *lookup = data;

  if (error != NULL || lookup->kind == NULL)
    return;
  g_hash_table_insert (self->kinds, g_strdup (lookup->key), (gpointer)_ (lookup->kind));
  g_signal_emit (self, signal_changed, 0);
}

static void
slip_key_kinds_finalize (GObject *object)
{
  SlipKeyKinds *self = SLIP_KEY_KINDS (object);

  g_clear_object (&self->environment);
  g_hash_table_unref (self->kinds);
  G_OBJECT_CLASS (slip_key_kinds_parent_class)->finalize (object);
}

static void
slip_key_kinds_class_init (SlipKeyKindsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_key_kinds_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_KEY_KINDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
slip_key_kinds_init (SlipKeyKinds *self)
{
  self->kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

SlipKeyKinds *
slip_key_kinds_new (SlipEnvironment *environment)
{
  SlipKeyKinds *self = g_object_new (SLIP_TYPE_KEY_KINDS, NULL);

  self->environment = g_object_ref (environment);
  return self;
}

const char *
slip_key_kinds_describe (SlipKeyKinds *self, const char *key, const char *region)
{
  const char *kind;
  Lookup *lookup;
  g_autoptr (SlipJob) job = NULL;

  g_return_val_if_fail (SLIP_IS_KEY_KINDS (self), NULL);

  if (key == NULL)
    return _ ("encrypted");
  kind = g_hash_table_lookup (self->kinds, key);
  if (kind != NULL)
    return kind;

  /* Marks the key as asked for, also when the answer is a refusal. */
  g_hash_table_insert (self->kinds, g_strdup (key), (gpointer)_ ("encrypted"));
  lookup = g_new0 (Lookup, 1);
  lookup->environment = g_object_ref (self->environment);
  lookup->key = g_strdup (key);
  lookup->region = g_strdup (region);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Reading an encryption key"), describe_key,
                       described_cb, lookup, lookup_free);
  return g_hash_table_lookup (self->kinds, key);
}
