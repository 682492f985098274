/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger-verify.h"
#include "slip-verify-note.h"
#include "slip-verify-reader.h"

#include <openssl/types.h>

G_BEGIN_DECLS

#define SLIP_VERIFY_HASH 32
#define SLIP_VERIFY_BASE64 44
#define SLIP_VERIFY_MAX_LEVELS 63
#define SLIP_VERIFY_ENTRY_START "{\"entry\":"
#define SLIP_VERIFY_SEAL_START "{\"checkpoint\":"

typedef struct
{
  guint8 bytes[SLIP_VERIFY_HASH];
} SlipVerifyDigest;

typedef struct
{
  gint64 seq;
  gint64 before; /* the entry that must come before this one, 0 for the first */
  SlipVerifyDigest leaf;
  const char *log;
  gsize log_length;
  const char *run;
  gsize run_length;
  const char *proof; /* comma-separated strings, NULL when there are none */
  gsize proof_length;
} SlipVerifyEntry;

typedef struct
{
  const char *path;
  SlipVerifyReport *report;
  SlipVerifyKey key;
  SlipVerifyReader reader;
  EVP_MD_CTX *hash;
  EVP_MD_CTX *digest; /* of the header and all leaves */
  SlipVerifyDigest levels[SLIP_VERIFY_MAX_LEVELS + 1];
  char *run; /* as escaped in the header, NULL for the whole log */
  char header_key[sizeof ((SlipVerifyReport *)NULL)->key];
  SlipVerifyDigest root;
  guint64 line;
  guint64 stated; /* entries, as the header has it */
  gint64 last;
} SlipVerify;

/* What decides, in slip-ledger-verify.c. */
gboolean slip_verify_starts_with (const char *line, gsize length, const char *start);
gboolean slip_verify_read_hash (const char *text, SlipVerifyDigest *hash);

/* `{"entry":…,"index":N,"leaf":"…"[,"proof":[…]]}`, to the byte, and its hash fits. */
gboolean
slip_verify_read_entry (SlipVerify *verify, const char *line, gsize length, SlipVerifyEntry *entry);
gboolean slip_verify_is_of_log (SlipVerify *verify, const SlipVerifyEntry *entry);
gboolean slip_verify_is_root (SlipVerify *verify);

/* What finds out, once something does not hold, what was done to the file; in slip-verify-blame.c.
 * Each sets the error and returns %FALSE. */
gboolean
slip_verify_fail (SlipVerify *verify, GError **error, SlipVerifyError code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* An entry that does not follow the one before it. */
gboolean slip_verify_fail_order (SlipVerify *verify, const SlipVerifyEntry *entry, GError **error);

/* A line that no ledger wrote: one too many, or one in a genuine one's place? */
gboolean slip_verify_fail_line (SlipVerify *verify, GError **error);

/* A genuine statement that does not fit the header: the header was edited, or it is that of another
 * export. */
gboolean slip_verify_fail_statement (SlipVerify *verify, const char *statement, GError **error);

/* The file ends without its seal. */
gboolean slip_verify_fail_end (SlipVerify *verify, GError **error);

G_END_DECLS
