/* SPDX-License-Identifier: MIT */
/* Where a ledger's private key lives: in the Secret Service, or in a file for the user alone. Called
 * by the ledger when it is created and opened. Nothing here may wait for a person: a run at night
 * goes on without a keyring, and a test or a server has none. */

#include "slip-ledger-key.h"
#include "slip-file.h"
#include "slip-ledger-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <libsecret/secret.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_MAX 4096
#define SERVICE_TIMEOUT_S 3
#define MAX_SERVICE_TIMEOUT_S 600

static const SecretSchema key_schema = {
    "org.slipway.LedgerKey",
    SECRET_SCHEMA_NONE,
    {{"verifier", SECRET_SCHEMA_ATTRIBUTE_STRING}, {NULL, 0}},
};

/* Cancels a libsecret call that takes too long; the calls themselves have no timeout. */
typedef struct
{
  GCancellable *cancellable;
  GThread *thread;
  GMutex lock;
  GCond ended_changed;
  gboolean ended;
} Deadline;

/* Seconds; SLIPWAY_LEDGER_KEY_SECONDS for slow machines and checkers. */
static guint64
patience (void)
{
  const char *text = g_getenv ("SLIPWAY_LEDGER_KEY_SECONDS");
  guint64 seconds = SERVICE_TIMEOUT_S;

  if (text != NULL
      && !g_ascii_string_to_unsigned (text, 10, 1, MAX_SERVICE_TIMEOUT_S, &seconds, NULL))
    g_message ("SLIPWAY_LEDGER_KEY_SECONDS is “%s”, no number of seconds from 1 to %d: the Secret "
               "Service gets %d s",
               text, MAX_SERVICE_TIMEOUT_S, SERVICE_TIMEOUT_S);
  return seconds;
}

static gpointer
deadline_thread (gpointer data)
{
  Deadline *deadline = data;
  gint64 end = g_get_monotonic_time () + (gint64)patience () * G_USEC_PER_SEC;

  slip_ledger_lock (&deadline->lock);
  while (!deadline->ended)
    {
      if (!slip_ledger_wait_until (&deadline->ended_changed, &deadline->lock, end))
        break;
    }
  if (!deadline->ended)
    g_cancellable_cancel (deadline->cancellable);
  slip_ledger_unlock (&deadline->lock);
  return NULL;
}

static void
deadline_begin (Deadline *deadline)
{
  deadline->cancellable = g_cancellable_new ();
  deadline->ended = FALSE;
  g_mutex_init (&deadline->lock);
  g_cond_init (&deadline->ended_changed);
  deadline->thread = g_thread_new ("ledger-key", deadline_thread, deadline);
}

static void
deadline_end (Deadline *deadline)
{
  slip_ledger_lock (&deadline->lock);
  deadline->ended = TRUE;
  g_cond_signal (&deadline->ended_changed);
  slip_ledger_unlock (&deadline->lock);
  g_thread_join (deadline->thread);
  g_clear_object (&deadline->cancellable);
  g_mutex_clear (&deadline->lock);
  g_cond_clear (&deadline->ended_changed);
}

static char *
key_path (const char *path)
{
  return g_strconcat (path, ".key", NULL);
}

static gboolean
has_session_bus (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  /* Without either, GDBus would start a bus of its own through dbus-launch. */
  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_file_test (socket, G_FILE_TEST_EXISTS);
}

/* Whether somebody provides the Secret Service already. One that is only activatable is not started:
 * outside of a graphical session that may hang or ask for a password. */
static gboolean
has_secret_service (GCancellable *cancellable)
{
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GVariant) reply = NULL;
  gboolean owned = FALSE;

  if (g_strcmp0 (g_getenv ("SLIPWAY_LEDGER_KEY"), "file") == 0 || !has_session_bus ())
    return FALSE;
  /* No bus, or a bus that does not answer, is the same as no service: the file takes its place. */
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, cancellable, NULL);
  if (bus == NULL)
    return FALSE;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
      g_variant_new ("(s)", "org.freedesktop.secrets"), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, cancellable, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(b)", &owned);
  return owned;
}

static char *
read_service (const char *verifier, GCancellable *cancellable)
{
  g_autoptr (SecretService) service = NULL;
  g_autoptr (GHashTable) attributes = NULL;
  GList *items;
  char *text = NULL;

  if (!has_secret_service (cancellable))
    return NULL;
  service = secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, cancellable, NULL);
  if (service == NULL)
    return NULL;
  attributes = secret_attributes_build (&key_schema, "verifier", verifier, NULL);
  /* Without SECRET_SEARCH_UNLOCK a locked collection yields no secret instead of a prompt. */
  items = secret_service_search_sync (service, &key_schema, attributes,
                                      SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS, cancellable,
                                      NULL);
  for (GList *l = items; l != NULL && text == NULL; l = l->next)
    {
      SecretValue *value = secret_item_get_secret (l->data);

      if (value == NULL)
        continue;
      text = g_strdup (secret_value_get_text (value));
      secret_value_unref (value);
    }
  g_list_free_full (items, g_object_unref);
  return text;
}

/* Whether the key was stored, and can be had back. On %FALSE the caller uses the file: why the
 * service would not do does not matter to anybody. */
static gboolean
write_service (SlipLedgerSigner *signer, const char *text, GCancellable *cancellable)
{
  const char *verifier = slip_ledger_signer_get_verifier (signer);
  g_autoptr (SecretService) service = NULL;
  g_autoptr (SecretCollection) collection = NULL;
  g_autoptr (SecretItem) item = NULL;
  g_autoptr (GHashTable) attributes = NULL;
  g_autofree char *label = NULL;
  g_autofree char *back = NULL;
  SecretValue *value;
  gboolean stored;

  if (!has_secret_service (cancellable))
    return FALSE;
  service = secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, cancellable, NULL);
  if (service == NULL)
    return FALSE;
  collection = secret_collection_for_alias_sync (service, SECRET_COLLECTION_DEFAULT,
                                                 SECRET_COLLECTION_NONE, cancellable, NULL);
  if (collection == NULL || secret_collection_get_locked (collection))
    return FALSE;
  attributes = secret_attributes_build (&key_schema, "verifier", verifier, NULL);
  label = g_strdup_printf ("Slipway audit log key (%s)", slip_ledger_signer_get_name (signer));
  value = secret_value_new (text, -1, "text/plain");
  item = secret_item_create_sync (collection, &key_schema, attributes, label, value,
                                  SECRET_ITEM_CREATE_REPLACE, cancellable, NULL);
  secret_value_unref (value);
  if (item == NULL)
    return FALSE;
  back = read_service (verifier, cancellable);
  stored = g_strcmp0 (back, text) == 0;
  if (back != NULL)
    OPENSSL_cleanse (back, strlen (back));
  return stored;
}

static void
set_errno (GError **error, const char *what, const char *path)
{
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY, "%s %s: %s", what, path,
               g_strerror (errno));
}

/* The mode is looked at on the open file, so that nothing can be swapped in between. */
static gboolean
check_key_file (int fd, const char *path, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    {
      set_errno (error, "cannot read signing key", path);
      return FALSE;
    }
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
                   "signing key %s is not a regular file", path);
      return FALSE;
    }
  if ((info.st_mode & 077) != 0)
    {
      g_set_error (
          error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
          "signing key %s may be read or changed by others (mode %04o). If nobody else had "
          "it, make it yours alone: chmod 600 %s",
          path, (guint)info.st_mode & 07777, path);
      return FALSE;
    }
  return TRUE;
}

/* %NULL without an error when there is no such file. */
static SlipLedgerSigner *
read_file (const char *path, GError **error)
{
  char text[KEY_FILE_MAX];
  SlipLedgerSigner *signer = NULL;
  gssize n = -1;
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);

  if (fd < 0)
    {
      if (errno != ENOENT)
        set_errno (error, "cannot read signing key", path);
      return NULL;
    }
  if (check_key_file (fd, path, error))
    {
      n = read (fd, text, sizeof text - 1);
      if (n < 0)
        set_errno (error, "cannot read signing key", path);
    }
  close (fd);
  if (n < 0)
    return NULL;
  text[n] = '\0';
  signer = slip_ledger_signer_parse (g_strchomp (text), error);
  OPENSSL_cleanse (text, sizeof text);
  if (signer == NULL)
    g_prefix_error (error, "signing key %s ", path);
  return signer;
}

static gboolean
write_file (const char *path, const char *text, GError **error)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_autoptr (GError) local = NULL;
  gboolean written = slip_file_write_atomic (path, line, -1, 0600, &local);

  OPENSSL_cleanse (line, strlen (line));
  if (!written)
    g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY, "cannot store signing key: %s",
                 local->message);
  return written;
}

/* `slipway/HOST/RANDOM`: readable in an export, different for every ledger. */
static char *
new_name (void)
{
  g_autofree char *host = g_strdup (g_get_host_name ());
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *plain = NULL;

  for (char *p = host; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '.' && *p != '_')
      *p = '-';
  if (strlen (host) > 64)
    host[64] = '\0';
  plain = g_strdup_printf ("%.8s%.4s%.4s", uuid, uuid + 9, uuid + 24);
  return g_strdup_printf ("slipway/%s/%s", host, plain);
}

static SlipLedgerSigner *
create_stored (const char *file, GError **error)
{
  g_autofree char *name = new_name ();
  g_autoptr (SlipLedgerSigner) signer = slip_ledger_signer_generate (name, error);
  g_autofree char *text = NULL;
  gboolean stored;
  Deadline deadline;

  if (signer == NULL)
    return NULL;
  text = slip_ledger_signer_to_text (signer);
  deadline_begin (&deadline);
  stored = write_service (signer, text, deadline.cancellable);
  deadline_end (&deadline);
  if (!stored)
    stored = write_file (file, text, error);
  OPENSSL_cleanse (text, strlen (text));
  return stored ? g_steal_pointer (&signer) : NULL;
}

SlipLedgerSigner *
slip_ledger_key_create (const char *path, GError **error)
{
  g_autofree char *file = key_path (path);
  g_autoptr (GError) local = NULL;
  SlipLedgerSigner *signer = read_file (file, &local);

  if (signer != NULL)
    return signer;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return create_stored (file, error);
}

static SlipLedgerSigner *
load_from_service (const char *verifier)
{
  SlipLedgerSigner *signer = NULL;
  g_autofree char *text = NULL;
  Deadline deadline;

  deadline_begin (&deadline);
  text = read_service (verifier, deadline.cancellable);
  deadline_end (&deadline);
  if (text == NULL)
    return NULL;
  /* A damaged item counts as a missing one: the caller's message says where to look. */
  signer = slip_ledger_signer_parse (text, NULL);
  OPENSSL_cleanse (text, strlen (text));
  return signer;
}

SlipLedgerSigner *
slip_ledger_key_load (const char *path, const char *verifier, gboolean *missing, GError **error)
{
  g_autofree char *file = key_path (path);
  g_autoptr (GError) local = NULL;
  g_autoptr (SlipLedgerSigner) signer = read_file (file, &local);

  *missing = FALSE;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (signer == NULL)
    signer = load_from_service (verifier);
  if (signer == NULL)
    {
      *missing = TRUE;
      g_set_error (
          error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
          "the signing key of ledger %s is neither in %s nor in an unlocked Secret Service. "
          "Unlock the keyring, or put the file back",
          path, file);
      return NULL;
    }
  if (!g_str_equal (slip_ledger_signer_get_verifier (signer), verifier))
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
                   "signing key %s is not the key of ledger %s, whose public key is %s", file, path,
                   verifier);
      return NULL;
    }
  return g_steal_pointer (&signer);
}
