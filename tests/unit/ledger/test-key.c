/* SPDX-License-Identifier: MIT */
/* The signing key in a Secret Service, played by this test on a bus of its own: stored there and
 * found again, and never waited for when it is locked, silent or gone. */

#include "slip-ledger.h"
#include "slip-test-folder.h"

#include <gio/gio.h>
#include <libsecret/secret.h>
#include <string.h>

#define ROOT "/org/freedesktop/secrets"
#define COLLECTION ROOT "/collection/login"
#define ITEM COLLECTION "/1"
#define SESSION ROOT "/session/1"

static const char introspection[]
    = "<node>"
      "<interface name='org.freedesktop.Secret.Service'>"
      "<method name='OpenSession'><arg type='s' direction='in'/><arg type='v' direction='in'/>"
      "<arg type='v' direction='out'/><arg type='o' direction='out'/></method>"
      "<method name='ReadAlias'><arg type='s' direction='in'/><arg type='o' "
      "direction='out'/></method>"
      "<method name='SearchItems'><arg type='a{ss}' direction='in'/>"
      "<arg type='ao' direction='out'/><arg type='ao' direction='out'/></method>"
      "<method name='GetSecrets'><arg type='ao' direction='in'/><arg type='o' direction='in'/>"
      "<arg type='a{o(oayays)}' direction='out'/></method>"
      "<method name='Unlock'><arg type='ao' direction='in'/>"
      "<arg type='ao' direction='out'/><arg type='o' direction='out'/></method>"
      "<property name='Collections' type='ao' access='read'/></interface>"
      "<interface name='org.freedesktop.Secret.Collection'>"
      "<method name='CreateItem'><arg type='a{sv}' direction='in'/>"
      "<arg type='(oayays)' direction='in'/><arg type='b' direction='in'/>"
      "<arg type='o' direction='out'/><arg type='o' direction='out'/></method>"
      "<property name='Items' type='ao' access='read'/><property name='Label' type='s' "
      "access='read'/>"
      "<property name='Locked' type='b' access='read'/>"
      "<property name='Created' type='t' access='read'/>"
      "<property name='Modified' type='t' access='read'/></interface>"
      "<interface name='org.freedesktop.Secret.Item'>"
      "<property name='Attributes' type='a{ss}' access='read'/>"
      "<property name='Label' type='s' access='read'/>"
      "<property name='Locked' type='b' access='read'/>"
      "<property name='Created' type='t' access='read'/>"
      "<property name='Modified' type='t' access='read'/></interface>"
      "</node>";

/* Read by the service's thread; set by the test's while nobody calls. */
static gint locked;
static gint silent;
static gint unlock_asked;

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GDBusConnection *bus;
  GVariant *attributes; /* of the one item, NULL while there is none */
  GBytes *secret;
  GMutex lock;
  GCond ready_changed;
  gboolean ready;
} Keyring;

static GVariant *
secret_value (Keyring *keyring)
{
  return g_variant_new (
      "(o@ay@ays)", SESSION, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NULL, 0, 1),
      g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, keyring->secret, TRUE), "text/plain");
}

static void
open_session (GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *algorithm;
  g_autoptr (GVariant) input = NULL;

  g_variant_get (parameters, "(&sv)", &algorithm, &input);
  if (g_str_equal (algorithm, "plain"))
    g_dbus_method_invocation_return_value (
        invocation, g_variant_new ("(vo)", g_variant_new_string (""), SESSION));
  else
    g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                   G_DBUS_ERROR_NOT_SUPPORTED, "only plain");
}

static void
search_items (Keyring *keyring, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  static const char *const none[] = {NULL};
  static const char *const one[] = {ITEM, NULL};
  g_autoptr (GVariant) wanted = g_variant_get_child_value (parameters, 0);
  const char *verifier = "";
  const char *ours = NULL;
  gboolean found = keyring->attributes != NULL
                   && g_variant_lookup (keyring->attributes, "verifier", "&s", &ours)
                   && g_variant_lookup (wanted, "verifier", "&s", &verifier)
                   && g_str_equal (ours, verifier);
  gboolean is_locked = g_atomic_int_get (&locked) != 0;

  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(^ao^ao)", found && !is_locked ? one : none,
                                 found && is_locked ? one : none));
}

static void
get_secrets (Keyring *keyring, GDBusMethodInvocation *invocation)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{o(oayays)}"));
  if (g_atomic_int_get (&locked) == 0 && keyring->secret != NULL)
    g_variant_builder_add (&builder, "{o@(oayays)}", ITEM, secret_value (keyring));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a{o(oayays)})", &builder));
}

static void
create_item (Keyring *keyring, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) properties = g_variant_get_child_value (parameters, 0);
  g_autoptr (GVariant) secret = g_variant_get_child_value (parameters, 1);
  g_autoptr (GVariant) bytes = g_variant_get_child_value (secret, 2);

  g_clear_pointer (&keyring->attributes, g_variant_unref);
  g_clear_pointer (&keyring->secret, g_bytes_unref);
  keyring->attributes = g_variant_lookup_value (
      properties, "org.freedesktop.Secret.Item.Attributes", G_VARIANT_TYPE ("a{ss}"));
  keyring->secret = g_variant_get_data_as_bytes (bytes);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(oo)", ITEM, "/"));
}

static void
call_cb (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  Keyring *keyring = data;
  static const char *const none[] = {NULL};

  /* A keyring that never answers; the caller must not wait for it. */
  if (g_atomic_int_get (&silent) != 0)
    {
      g_object_unref (invocation);
      return;
    }
  if (g_str_equal (method, "OpenSession"))
    open_session (parameters, invocation);
  else if (g_str_equal (method, "ReadAlias"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", COLLECTION));
  else if (g_str_equal (method, "SearchItems"))
    search_items (keyring, parameters, invocation);
  else if (g_str_equal (method, "GetSecrets"))
    get_secrets (keyring, invocation);
  else if (g_str_equal (method, "CreateItem"))
    create_item (keyring, parameters, invocation);
  else
    {
      g_atomic_int_set (&unlock_asked, 1);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(^aoo)", none, "/"));
    }
}

static GVariant *
property_cb (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *property,
             GError **error,
             gpointer data)
{
  Keyring *keyring = data;
  static const char *const collections[] = {COLLECTION, NULL};
  static const char *const items[] = {ITEM, NULL};
  static const char *const none[] = {NULL};

  if (g_str_equal (property, "Collections"))
    return g_variant_new_objv (collections, -1);
  if (g_str_equal (property, "Items"))
    return g_variant_new_objv (keyring->secret != NULL ? items : none, -1);
  if (g_str_equal (property, "Attributes"))
    return keyring->attributes != NULL ? g_variant_ref (keyring->attributes)
                                       : g_variant_new ("a{ss}", NULL);
  if (g_str_equal (property, "Label"))
    return g_variant_new_string ("label");
  if (g_str_equal (property, "Locked"))
    return g_variant_new_boolean (g_atomic_int_get (&locked) != 0);
  return g_variant_new_uint64 (1);
}

static gpointer
keyring_thread (gpointer data)
{
  Keyring *keyring = data;
  static const GDBusInterfaceVTable vtable = {call_cb, property_cb, NULL, {NULL}};
  static const char *const paths[] = {ROOT, COLLECTION, ITEM};
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);
  g_autoptr (GVariant) reply = NULL;

  g_main_context_push_thread_default (keyring->context);
  keyring->bus = g_dbus_connection_new_for_address_sync (
      g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  g_assert_nonnull (keyring->bus);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_cmpuint (g_dbus_connection_register_object (keyring->bus, paths[i],
                                                         node->interfaces[i], &vtable, keyring,
                                                         NULL, NULL),
                      !=, 0);
  reply = g_dbus_connection_call_sync (
      keyring->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", "org.freedesktop.secrets", 0), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (reply);
  g_mutex_lock (&keyring->lock);
  keyring->ready = TRUE;
  g_cond_signal (&keyring->ready_changed);
  g_mutex_unlock (&keyring->lock);
  g_main_loop_run (keyring->loop);
  g_dbus_connection_close_sync (keyring->bus, NULL, NULL);
  g_clear_object (&keyring->bus);
  g_main_context_pop_thread_default (keyring->context);
  return NULL;
}

typedef struct
{
  char *folder;
  char *path;
  char *key_file;
  Keyring keyring;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  Keyring *keyring = &fixture->keyring;

  fixture->folder = g_dir_make_tmp ("slip-key-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "ledger.db", NULL);
  fixture->key_file = g_strconcat (fixture->path, ".key", NULL);
  g_atomic_int_set (&locked, 0);
  g_atomic_int_set (&silent, 0);
  g_atomic_int_set (&unlock_asked, 0);
  g_mutex_init (&keyring->lock);
  g_cond_init (&keyring->ready_changed);
  keyring->context = g_main_context_new ();
  keyring->loop = g_main_loop_new (keyring->context, FALSE);
  keyring->thread = g_thread_new ("keyring", keyring_thread, keyring);
  g_mutex_lock (&keyring->lock);
  while (!keyring->ready)
    g_cond_wait (&keyring->ready_changed, &keyring->lock);
  g_mutex_unlock (&keyring->lock);
}

static void
end_keyring (Keyring *keyring)
{
  if (keyring->thread == NULL)
    return;
  g_main_loop_quit (keyring->loop);
  g_thread_join (g_steal_pointer (&keyring->thread));
  secret_service_disconnect ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  Keyring *keyring = &fixture->keyring;

  end_keyring (keyring);
  g_main_loop_unref (keyring->loop);
  g_main_context_unref (keyring->context);
  g_clear_pointer (&keyring->attributes, g_variant_unref);
  g_clear_pointer (&keyring->secret, g_bytes_unref);
  g_mutex_clear (&keyring->lock);
  g_cond_clear (&keyring->ready_changed);
  g_assert_true (slip_test_remove_folder (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->key_file);
}

static SlipLedger *
open_or_die (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  SlipLedger *ledger = slip_ledger_open (fixture->path, &error);

  g_assert_no_error (error);
  return ledger;
}

static void
must_seal (SlipLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *note = slip_ledger_checkpoint (ledger, &error);

  g_assert_no_error (error);
  g_assert_nonnull (note);
}

static void
must_not_seal (SlipLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *note = slip_ledger_checkpoint (ledger, &error);

  g_assert_null (note);
  g_assert_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY);
  g_test_message ("%s", error->message);
}

static void
test_stored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autofree char *secret = NULL;

  must_seal (ledger);
  g_assert_false (g_file_test (fixture->key_file, G_FILE_TEST_EXISTS));
  g_assert_nonnull (fixture->keyring.secret);
  secret = g_strndup (g_bytes_get_data (fixture->keyring.secret, NULL),
                      g_bytes_get_size (fixture->keyring.secret));
  g_assert_true (g_str_has_prefix (secret, "PRIVATE+KEY+slipway/"));
  g_clear_object (&ledger);
  ledger = open_or_die (fixture);
  must_seal (ledger);
}

static void
test_locked_at_creation (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = NULL;

  g_atomic_int_set (&locked, 1);
  ledger = open_or_die (fixture);
  must_seal (ledger);
  g_assert_true (g_file_test (fixture->key_file, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_atomic_int_get (&unlock_asked), ==, 0);
}

static void
test_locked_later (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);
  g_autoptr (JsonObject) entry = json_object_new ();

  g_clear_object (&ledger);
  g_atomic_int_set (&locked, 1);
  ledger = open_or_die (fixture);
  g_assert_true (slip_ledger_append (ledger, entry, NULL, NULL));
  must_not_seal (ledger);
  /* Nobody is asked to unlock it, and once somebody has, it goes on. */
  g_assert_cmpint (g_atomic_int_get (&unlock_asked), ==, 0);
  g_atomic_int_set (&locked, 0);
  must_seal (ledger);
}

static void
test_silent (Fixture *fixture, gconstpointer data)
{
  g_autofree char *patience = g_strdup (g_getenv ("SLIPWAY_LEDGER_KEY_SECONDS"));
  gint64 start = g_get_monotonic_time ();
  g_autoptr (SlipLedger) ledger = NULL;

  g_setenv ("SLIPWAY_LEDGER_KEY_SECONDS", "1", TRUE);
  g_atomic_int_set (&silent, 1);
  ledger = open_or_die (fixture);
  must_seal (ledger);
  g_assert_true (g_file_test (fixture->key_file, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
  if (patience != NULL)
    g_setenv ("SLIPWAY_LEDGER_KEY_SECONDS", patience, TRUE);
  else
    g_unsetenv ("SLIPWAY_LEDGER_KEY_SECONDS");
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = open_or_die (fixture);

  g_clear_object (&ledger);
  end_keyring (&fixture->keyring);
  ledger = open_or_die (fixture);
  must_not_seal (ledger);
}

static void
test_forced_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipLedger) ledger = NULL;

  g_setenv ("SLIPWAY_LEDGER_KEY", "file", TRUE);
  ledger = open_or_die (fixture);
  g_unsetenv ("SLIPWAY_LEDGER_KEY");
  g_assert_null (fixture->keyring.secret);
  g_assert_true (g_file_test (fixture->key_file, G_FILE_TEST_EXISTS));
}

#define ADD(name, test) g_test_add ("/ledger/key/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_autoptr (GTestDBus) bus = NULL;
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  int status;

  g_unsetenv ("SLIPWAY_LEDGER_KEY");
  g_test_init (&argc, &argv, NULL);
  if (daemon == NULL)
    {
      g_print ("1..0 # SKIP dbus-daemon is not installed\n");
      return 0;
    }
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  ADD ("is_kept_in_the_secret_service", test_stored);
  ADD ("is_kept_in_a_file_when_the_keyring_is_locked", test_locked_at_creation);
  ADD ("that_is_locked_later_delays_only_the_seal", test_locked_later);
  ADD ("does_not_wait_for_a_keyring_that_never_answers", test_silent);
  ADD ("that_is_out_of_reach_delays_only_the_seal", test_gone);
  ADD ("is_kept_in_a_file_when_told_so", test_forced_file);
  status = g_test_run ();
  /* The connection that the ledger used is a singleton: let it go with the bus. */
  g_test_dbus_stop (bus);
  return status;
}
