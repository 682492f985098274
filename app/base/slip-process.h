/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipProcessLine:
 * @line: one line that the program printed, valid UTF-8, without its end; not redacted
 * @is_error: whether it came on standard error; always %FALSE with a log file
 * @data: as given
 *
 * Called on the thread that runs the program, while it runs.
 */
typedef void (*SlipProcessLine) (const char *line, gboolean is_error, gpointer data);

/**
 * SlipProcess:
 * @argv: (array zero-terminated=1): program and arguments; no shell sees them. Never holds a secret:
 *   everybody on the machine can read it
 * @envp: (nullable) (array zero-terminated=1): the whole environment, `NAME=value`; the one place for
 *   secrets. %NULL for this process's own
 * @folder: (nullable): where it runs
 * @log: (nullable): a file, made with mode 0600, to which both streams are appended. The program then
 *   outlives this process unharmed, because no pipe breaks under it; for programs that must not be
 *   killed by the death of their parent
 * @timeout_s: seconds until it is ended; 0 for none
 * @grace_s: seconds between the interrupt and the kill when it is ended; 0 kills at once
 * @max_bytes: the most that is kept of each stream
 * @drop: whether what goes beyond @max_bytes is dropped; else it is an error
 * @prompts: (nullable) (array zero-terminated=1): what on standard error, or on its terminal, means that
 *   it waits for a person, in lower case
 * @terminal: whether it gets a terminal, as standard input and to open as `/dev/tty`. Nobody sits there:
 *   what it asks is met by @answer, or ends it
 * @answer: (nullable): with @terminal, typed there once, with an Enter, when it asks one of @answered
 * @answered: (nullable) (array zero-terminated=1): of @prompts, those that @answer is for
 * @on_line: (nullable): told each line
 * @on_slow: (nullable): called once when it still runs after @slow_s, on the thread that runs it
 * @slow_s: seconds
 * @data: for @on_line and @on_slow
 *
 * A program to run. It gets a session of its own, so that it has no terminal to ask on but one that
 * @terminal gives it, empty standard input otherwise, and may not write core dumps.
 */
typedef struct
{
  const char *const *argv;
  char **envp;
  const char *folder;
  const char *log;
  guint timeout_s;
  guint grace_s;
  gsize max_bytes;
  gboolean drop;
  const char *const *prompts;
  gboolean terminal;
  const char *answer;
  const char *const *answered;
  SlipProcessLine on_line;
  void (*on_slow) (gpointer data);
  guint slow_s;
  gpointer data;
} SlipProcess;

/**
 * SlipProcessResult:
 * @started: whether it ran at all; what did not start did nothing
 * @status: its exit status, or the negative number of the signal that ended it
 * @out: what it printed; with a log file, what both streams got. Ends with a NUL
 * @length: bytes of @out
 * @err: what it printed on standard error, valid UTF-8; not redacted
 * @dropped: whether something of either stream was dropped
 * @prompt: (nullable): the line with which it asked a person, and was ended for
 */
typedef struct
{
  gboolean started;
  int status;
  char *out;
  gsize length;
  char *err;
  gboolean dropped;
  char *prompt;
} SlipProcessResult;

/**
 * slip_process_run:
 * @process: what to run
 * @result: (out): how it ended; to be cleared also after an error
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Runs a program to its end. Ended early, by the deadline, a question, too much output or
 * @cancellable, it is ended with everything that it has started and has not left its process group.
 * Blocks; any worker thread.
 *
 * Returns: whether it came to an end by itself, well or not; %FALSE with %SLIP_BASE_ERROR_PROCESS when
 *   it cannot be started, %SLIP_BASE_ERROR_TIMEOUT, %SLIP_BASE_ERROR_TOO_LARGE,
 *   %SLIP_BASE_ERROR_CANCELLED or %SLIP_BASE_ERROR_IO
 */
gboolean slip_process_run (const SlipProcess *process,
                           SlipProcessResult *result,
                           GCancellable *cancellable,
                           GError **error);

/**
 * slip_process_result_clear:
 * @result: a result
 *
 * Overwrites what the program printed, then frees it.
 */
void slip_process_result_clear (SlipProcessResult *result);

/**
 * slip_process_environ:
 * @names: (nullable) (array zero-terminated=1): variables to pass on besides
 *
 * The environment for a program that is none of ours: what every program needs (`PATH`, `HOME`,
 * locale, temporary folder, proxies and certificates), and nothing that would lend it credentials.
 *
 * Returns: (transfer full) (array zero-terminated=1): `NAME=value`
 */
char **slip_process_environ (const char *const *names);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipProcessResult, slip_process_result_clear)

G_END_DECLS
