/* SPDX-License-Identifier: MIT */
/* A view for people: one page that a change manager reads, prints and files. It loads nothing, runs
 * nothing, and every text from an entry is escaped; it quotes the root hash of the record. */

#include "slip-json.h"
#include "slip-ledger-export-private.h"
#include "slip-ledger-summary.h"

#include <string.h>

static const char page_start[]
    = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Audit log</title>\n<style>\n"
      "body{font:14px/1.45 system-ui,'Cantarell','Segoe UI',sans-serif;color:#222;background:#fff;"
      "margin:2em auto;max-width:78em;padding:0 1.5em}\n"
      "h1{font-size:1.7em;margin:0 0 .2em}h2{font-size:1.25em;margin:2em 0 .4em}"
      "h3{font-size:1em;margin:1.2em 0 .3em}\n"
      "table{border-collapse:collapse;width:100%;font-size:12px}\n"
      "th,td{text-align:left;vertical-align:top;padding:.3em .55em;border-bottom:1px solid #ddd}\n"
      "th{background:#f3f3f3;border-bottom:2px solid #bbb}thead{display:table-header-group}\n"
      "tr{break-inside:avoid}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25em 1.2em;"
      "margin:.5em 0}\n"
      "dt{color:#666}dd{margin:0;overflow-wrap:anywhere}code,pre{font:11px/1.4 'Source Code "
      "Pro',monospace;overflow-wrap:anywhere;white-space:pre-wrap}\n"
      "td{overflow-wrap:anywhere}summary{cursor:pointer;color:#555}pre{margin:.3em "
      "0;max-width:60em}\n"
      ".good{color:#1a7f37;font-weight:600}.bad{color:#b3261e;font-weight:600}"
      ".open{color:#8a5a00;font-weight:600}.note{color:#666}\n"
      "td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
      "td.good,td.bad,td.open,.time{white-space:nowrap;overflow-wrap:normal}\n"
      "@media print{body{margin:0;max-width:none;padding:0;font-size:10pt}details>pre{display:none}"
      "h2{break-after:avoid}@page{size:A4 landscape;margin:14mm}}\n"
      "</style>\n</head>\n<body>\n";

static void
write_text (FILE *out, const char *text)
{
  g_autofree char *escaped = NULL;

  if (text == NULL)
    return;
  escaped = g_markup_escape_text (text, -1);
  fputs (escaped, out);
}

static void
write_element (FILE *out, const char *name, const char *text)
{
  fprintf (out, "<%s>", name);
  write_text (out, text);
  fprintf (out, "</%s>", name);
}

static void
write_pair (FILE *out, const char *term, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  write_element (out, "dt", term);
  write_element (out, "dd", text);
  fputc ('\n', out);
}

/* `2026-11-21T06:30:00Z` in the workstation's zone: `2026-11-21 07:30:00 +01:00`. */
static char *
local_time (const char *time)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;
  gint64 us;

  if (time == NULL || !slip_time_parse (time, &us))
    return NULL;
  utc = g_date_time_new_from_unix_utc (us / G_USEC_PER_SEC);
  local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  return local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M:%S %:z") : NULL;
}

static void
write_time_pair (FILE *out, const char *term, const char *time)
{
  g_autofree char *local = local_time (time);
  g_autofree char *both = NULL;

  if (time == NULL)
    return;
  both = local != NULL ? g_strdup_printf ("%s (local %s)", time, local) : g_strdup (time);
  write_pair (out, term, both);
}

static void
write_outcome (FILE *out, const char *element, const char *outcome)
{
  const char *style = "open";

  if (g_strcmp0 (outcome, "done") == 0 || g_strcmp0 (outcome, "adopted") == 0
      || g_strcmp0 (outcome, "pass") == 0)
    style = "good";
  else if (g_strcmp0 (outcome, "failed") == 0 || g_strcmp0 (outcome, "block") == 0)
    style = "bad";
  fprintf (out, "<%s class=\"%s\">", element, style);
  write_text (out, outcome != NULL ? outcome : "not finished");
  fprintf (out, "</%s>", element);
}

static void
write_head (SlipExporter *exporter)
{
  FILE *out = exporter->out;
  g_autofree char *covers = NULL;

  fputs (page_start, out);
  write_element (out, "h1", "Audit log");
  if (exporter->run != NULL)
    covers = g_strdup_printf ("run %s: %" G_GUINT64_FORMAT " of the ledger's %" G_GUINT64_FORMAT
                              " entries",
                              exporter->run, exporter->info.entries, exporter->info.size);
  else
    covers
        = g_strdup_printf ("the whole log, %" G_GUINT64_FORMAT " entries", exporter->info.entries);
  fputs ("\n<dl>\n", out);
  write_pair (out, "Covers", covers);
  write_time_pair (out, "Exported", exporter->info.exported);
  write_pair (out, "Log", exporter->origin);
  write_pair (out, "Root hash", exporter->info.root);
  fputs ("</dl>\n", out);
  if (exporter->info.entries == 0)
    fputs ("<p>Nothing was recorded in what this export covers.</p>\n", out);
}

static void
write_time_cell (FILE *out, const char *time)
{
  g_autofree char *local = local_time (time);

  fputs ("<td class=\"time\">", out);
  write_text (out, time);
  if (local != NULL)
    {
      fputs ("<br><span class=\"note\">", out);
      write_text (out, local);
      fputs ("</span>", out);
    }
  fputs ("</td>", out);
}

static void
write_guards (FILE *out, GPtrArray *guards)
{
  fputs ("<h3>Checked before</h3>\n<table><thead><tr><th>Check</th><th>Result</th><th>What was "
         "found</th></tr></thead><tbody>\n",
         out);
  for (guint i = 0; i < guards->len; i++)
    {
      const SlipSummaryGuard *guard = g_ptr_array_index (guards, i);

      fputs ("<tr>", out);
      write_element (out, "td", guard->title);
      write_outcome (out, "td", guard->state);
      write_element (out, "td", guard->message);
      fputs ("</tr>\n", out);
    }
  fputs ("</tbody></table>\n", out);
}

static void
write_step (FILE *out, guint number, const SlipSummaryStep *step)
{
  fprintf (out, "<tr><td>%u</td><td>", number);
  write_text (out, step->title != NULL ? step->title : step->id);
  if (step->detail != NULL)
    {
      fputs ("<br><span class=\"note\">", out);
      write_text (out, step->detail);
      fputs ("</span>", out);
    }
  fputs ("</td>", out);
  write_element (out, "td", step->operation);
  write_element (out, "td", step->region);
  if (step->started == NULL)
    fputs ("<td class=\"note\">not reached</td>", out);
  else
    write_outcome (out, "td", step->outcome);
  fputs ("<td><code>", out);
  write_text (out, step->request_id);
  fputs ("</code></td>", out);
  write_time_cell (out, step->started);
  write_time_cell (out, step->finished);
  fputs ("</tr>\n", out);
}

static void
write_steps (FILE *out, GPtrArray *steps)
{
  fputs ("<h3>What was done</h3>\n<table><thead><tr><th>#</th><th>Step</th><th>Call</th>"
         "<th>Region</th><th>Outcome</th><th>AWS request id</th><th>Started (UTC, local)</th>"
         "<th>Finished (UTC, local)</th></tr></thead><tbody>\n",
         out);
  for (guint i = 0; i < steps->len; i++)
    write_step (out, i + 1, g_ptr_array_index (steps, i));
  fputs ("</tbody></table>\n", out);
}

static void
write_run (FILE *out, const SlipSummaryRun *run)
{
  fputs ("<section>\n", out);
  write_element (out, "h2", run->title != NULL ? run->title : run->id);
  fputs ("\n<dl>\n", out);
  write_pair (out, "Run", run->id);
  write_pair (out, "Environment", run->environment);
  write_pair (out, "Account", run->account);
  if (run->overridden)
    write_pair (out, "Endpoint", "not AWS: calls went to another endpoint, such as a rehearsal's");
  write_pair (out, "Plan hash", run->plan_hash);
  write_pair (out, "Planned by", run->planned_by);
  for (guint i = 0; i < run->approved->len; i++)
    write_pair (out, "Approved by", g_ptr_array_index (run->approved, i));
  for (guint i = 0; i < run->actors->len; i++)
    write_pair (out, i == 0 ? "Acted" : "", g_ptr_array_index (run->actors, i));
  write_time_pair (out, "Started", run->started);
  write_time_pair (out, "Finished", run->finished);
  fputs ("<dt>Outcome</dt>", out);
  write_outcome (out, "dd", run->outcome);
  fputc ('\n', out);
  write_pair (out, "Message", run->message);
  fputs ("</dl>\n", out);
  if (run->guards->len > 0)
    write_guards (out, run->guards);
  if (run->steps->len > 0)
    write_steps (out, run->steps);
  fputs ("</section>\n", out);
}

static gboolean
fold (SlipExporter *exporter,
      gint64 seq,
      const char *text,
      gsize length,
      const SlipTreeHash *leaf,
      gpointer data,
      GError **error)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, (gssize)length, error);

  if (node == NULL)
    return FALSE;
  slip_summary_add (data, json_node_get_object (node));
  return TRUE;
}

/* What steps told as tables stands before the entries, under the step's own name. */
static gboolean
write_told (SlipExporter *exporter,
            gint64 seq,
            const char *text,
            gsize length,
            const SlipTreeHash *leaf,
            gpointer data,
            GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *title = NULL;
  JsonObject *entry;
  const char *step;

  /* Most entries have none, and parsing is what costs. */
  if (strstr (text, "\"Tables\"") == NULL)
    return TRUE;
  node = slip_json_parse (text, (gssize)length, error);
  if (node == NULL)
    return FALSE;
  entry = json_node_get_object (node);
  step = slip_json_string (entry, "step");
  title = g_strdup_printf ("Told by %s (entry %" G_GINT64_FORMAT ")",
                           step != NULL ? step : "a step", seq);
  slip_export_write_tables (exporter->out, title, entry);
  return TRUE;
}

static gboolean
write_entry (SlipExporter *exporter,
             gint64 seq,
             const char *text,
             gsize length,
             const SlipTreeHash *leaf,
             gpointer data,
             GError **error)
{
  static const char *const columns[] = {"kind", "run", "step", "operation", "outcome"};
  g_autoptr (JsonNode) node = slip_json_parse (text, (gssize)length, error);
  FILE *out = exporter->out;
  g_autofree char *actor = NULL;
  g_autofree char *pretty = NULL;
  JsonObject *entry;

  if (node == NULL)
    return FALSE;
  entry = json_node_get_object (node);
  actor = slip_summary_actor (entry);
  pretty = slip_json_to_text (node, TRUE);
  fprintf (out, "<tr><td>%" G_GINT64_FORMAT "</td>", seq);
  write_element (out, "td", slip_json_string (entry, "time"));
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (exporter->run == NULL || !g_str_equal (columns[i], "run"))
      write_element (out, "td", slip_json_string (entry, columns[i]));
  write_element (out, "td", actor);
  fputs ("<td><details><summary>entry</summary><pre>", out);
  write_text (out, pretty);
  fputs ("</pre></details></td></tr>\n", out);
  return TRUE;
}

static void
write_tail (SlipExporter *exporter)
{
  FILE *out = exporter->out;

  fputs ("<h2>How to verify</h2>\n<p>This page is a view. The record is the JSON Lines export of "
         "the same log, which is signed. Whoever has that file and the public key below can verify "
         "it, without the workstation it comes from:</p>\n<pre>slipwayctl ledger verify FILE.jsonl "
         "--key '",
         out);
  write_text (out, exporter->key);
  fputs ("'</pre>\n<p>The page and the record belong together when they quote the same root hash, "
         "or when the log of the record, which may have grown, has the above entries. The tree is "
         "that of RFC 6962 over canonical JSON (RFC 8785), the checkpoint a C2SP tlog-checkpoint: "
         "other verifiers of transparency logs read it too. Compare the AWS request ids with "
         "CloudTrail, which the workstation cannot change.</p>\n<dl>\n",
         out);
  write_pair (out, "Public key", exporter->key);
  write_pair (out, "Root hash", exporter->info.root);
  fputs ("</dl>\n</body>\n</html>\n", out);
}

gboolean
slip_export_html (SlipExporter *exporter, GError **error)
{
  g_autoptr (SlipSummary) summary = slip_summary_new ();

  if (!slip_exporter_each (exporter, fold, summary, error))
    return FALSE;
  write_head (exporter);
  for (guint i = 0; i < summary->runs->len; i++)
    write_run (exporter->out, g_ptr_array_index (summary->runs, i));
  if (!slip_exporter_each (exporter, write_told, NULL, error))
    return FALSE;
  fputs ("<h2>Entries</h2>\n<table><thead><tr><th>Seq</th><th>Time (UTC)</th><th>Kind</th>",
         exporter->out);
  if (exporter->run == NULL)
    fputs ("<th>Run</th>", exporter->out);
  fputs ("<th>Step</th><th>Call</th><th>Outcome</th><th>Who</th><th></th></tr></thead><tbody>\n",
         exporter->out);
  if (!slip_exporter_each (exporter, write_entry, NULL, error))
    return FALSE;
  fputs ("</tbody></table>\n", exporter->out);
  write_tail (exporter);
  return TRUE;
}
