/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SLIP_REDACTED:
 *
 * What stands where a secret was.
 */
#define SLIP_REDACTED "[redacted]"

/**
 * slip_redact_name_is_secret:
 * @name: a member, header, column or variable name
 *
 * Returns: whether the value under such a name is a secret whatever a model says: passwords, secret
 *   keys, session tokens, SecretString and the like
 */
gboolean slip_redact_name_is_secret (const char *name);

/**
 * slip_redact_json:
 * @node: a value
 *
 * A value that is one reference of a runbook, `{{ Step.Output }}`, tells only where a secret comes from
 * and stays. Redacting again changes nothing.
 *
 * Returns: (transfer full): a copy with secrets replaced by %SLIP_REDACTED: by member name, and in
 *   strings as slip_redact_text() does
 */
JsonNode *slip_redact_json (JsonNode *node);

/**
 * slip_redact_text:
 * @text: any text: a log line, an error, a URL
 *
 * Returns: (transfer full): the text without secret access keys, session tokens, signatures,
 *   passwords in URLs and connection strings
 */
char *slip_redact_text (const char *text);

G_END_DECLS
