/* SPDX-License-Identifier: MIT */
/* Changes without a plan of which nobody knows whether they happened: every command that may change
 * something tells of them, and `slipwayctl ledger settle` closes them, as done when CloudTrail shows them
 * accepted, or by what a person states. */

#include "config.h"

#include "slip-cli.h"

#include "slip-caller-workspace.h"
#include "slip-open-call.h"

#include <glib/gi18n.h>

void
slip_cli_tell_open_calls (SlipLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) calls = slip_open_call_list (ledger, &error);

  /* Whoever reads or writes the log next tells what is wrong with it. */
  for (guint i = 0; calls != NULL && i < calls->len; i++)
    {
      g_autofree char *text = slip_open_call_describe (g_ptr_array_index (calls, i));

      g_printerr (_ ("note: %s\n"), text);
    }
}

static const SlipOpenCall *
find_call (GPtrArray *calls, const char *name)
{
  for (guint i = 0; i < calls->len; i++)
    {
      const SlipOpenCall *call = g_ptr_array_index (calls, i);
      g_autofree char *seq = g_strdup_printf ("%" G_GINT64_FORMAT, call->seq);

      if (g_str_equal (seq, name))
        return call;
    }
  return NULL;
}

static int
no_such_call (SlipLedger *ledger, GPtrArray *calls, const char *name)
{
  int status = slip_cli_usage_error (
      calls->len > 0 ? _ ("entry %s is no change without an outcome. These are:")
                     : _ ("entry %s is no change without an outcome; there is none. See slipwayctl "
                          "ledger list"),
      name);

  slip_cli_tell_open_calls (ledger);
  return status;
}

/* What CloudTrail says, when it says anything. */
static int
look (SlipCli *cli, const SlipOpenCall *call, SlipOpenCallFate *fate, char **why)
{
  g_autoptr (SlipWorkspace) workspace = slip_cli_load_workspace (cli);
  g_autoptr (SlipCaller) caller = NULL;
  g_autoptr (GError) error = NULL;

  if (workspace == NULL)
    return SLIP_CLI_USAGE;
  caller = slip_caller_new_for_workspace (workspace);
  if (slip_open_call_look (call, caller, fate, why, NULL, &error))
    return SLIP_CLI_OK;
  *fate = SLIP_OPEN_CALL_UNKNOWN;
  *why = g_strdup_printf (_ ("CloudTrail could not be asked: %s"), error->message);
  return SLIP_CLI_OK;
}

static int
settle (
    SlipLedger *ledger, const SlipOpenCall *call, gboolean did, const char *how, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!slip_open_call_settle (call, ledger, did, how, text, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  g_printerr (did ? _ ("noted: %s:%s did happen\n") : _ ("noted: %s:%s did not happen\n"),
              call->service, call->operation);
  return SLIP_CLI_OK;
}

static int
settle_by_looking (SlipCli *cli, SlipLedger *ledger, const SlipOpenCall *call)
{
  SlipOpenCallFate fate = SLIP_OPEN_CALL_UNKNOWN;
  g_autofree char *why = NULL;
  int status = look (cli, call, &fate, &why);

  if (status != SLIP_CLI_OK)
    return status;
  g_printerr ("%s\n", why);
  if (fate == SLIP_OPEN_CALL_DID)
    return settle (ledger, call, TRUE, "cloudtrail", why);
  g_printerr (_ ("slipwayctl: it is not settled. Look at what it would have changed, then say: "
                 "slipwayctl ledger settle %" G_GINT64_FORMAT
                 " did (or did-not) --note \"how you know\"\n"),
              call->seq);
  return SLIP_CLI_FAILED;
}

int
slip_cli_ledger_settle (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *note = NULL;
  const GOptionEntry entries[]
      = {{"note", 0, 0, G_OPTION_ARG_STRING, &note,
          N_ ("With did or did-not: how you know; goes into the audit log"), N_ ("TEXT")},
         {NULL}};
  g_autoptr (SlipLedger) ledger = NULL;
  g_autoptr (GPtrArray) calls = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  const SlipOpenCall *call;
  const char *said;
  int status;

  if (!slip_cli_parse (
          entries, "ledger settle ENTRY [did|did-not]",
          _ ("Closes a change of slipwayctl aws --allow-change whose answer never came. It is "
             "looked up in CloudTrail, which can show that it happened; that it did not, only you "
             "can say."),
          &argc, &argv, &status))
    return status;
  said = argc == 3 ? argv[2] : NULL;
  if (argc < 2 || argc > 3
      || (said != NULL && !g_str_equal (said, "did") && !g_str_equal (said, "did-not")))
    return slip_cli_usage_error (_ ("ledger settle needs an entry's number, and “did” or “did-not” "
                                    "when you know it"));
  path = slip_cli_ledger_path (cli, &error);
  ledger = path != NULL ? slip_ledger_open (path, &error) : NULL;
  calls = ledger != NULL ? slip_open_call_list (ledger, &error) : NULL;
  if (calls == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  call = find_call (calls, argv[1]);
  if (call == NULL)
    return no_such_call (ledger, calls, argv[1]);
  if (said != NULL)
    return settle (ledger, call, g_str_equal (said, "did"), "stated", note);
  return settle_by_looking (cli, ledger, call);
}
