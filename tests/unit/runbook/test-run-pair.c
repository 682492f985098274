/* SPDX-License-Identifier: MIT */
/* A step that wants a second person: when they are asked, what is taken for their answer, and what is
 * refused. Who made a proof, and how old it is, STS says: that is tested with the rehearsal. */

#include "run-fixture.h"

#include "slip-cosign.h"
#include "slip-json.h"

#include <glib/gstdio.h>
#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, fixture_tear_down)

#define TRIED(pairing)                                                                             \
  "{\"id\":\"Open\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":\"PT1S\"},\"confirm\":{"     \
  "\"how\":\"attest\",\"ask\":\"{{ Database }} was tried\",\"when\":\"step\",\"maxAgeMinutes\":"   \
  "30,\"pairing\":\"" pairing "\"}}"

#define OTHER "{\"id\":\"Other\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":\"PT1S\"}}"

/* Whose names are those of people: the role's trust policy says so. */
static JsonNode *
answer (gpointer fixture, const char *operation, JsonObject *input, GError **error)
{
  g_assert_cmpstr (operation, ==, "GetRole");
  return fixture_json (
      "{\"Role\":{\"AssumeRolePolicyDocument\":\"{\\\"Statement\\\":[{\\\"Effect\\\":"
      "\\\"Allow\\\",\\\"Action\\\":\\\"sts:AssumeRole\\\",\\\"Principal\\\":{\\\"AWS\\\":"
      "\\\"*\\\"},\\\"Condition\\\":{\\\"StringEquals\\\":{\\\"sts:RoleSessionName\\\":"
      "\\\"${aws:username}\\\"}}}]}\"}}");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture_set_up (fixture, data);
  fixture->answer = answer;
}

/* The run as it waits for the second person; the first one has given their word. */
static SlipRunFold *
go_to_the_question (Fixture *fixture)
{
  SlipRunFold *fold;

  fixture_plan (fixture, TRIED ("always") "," OTHER);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Open", "I tried it");
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_APPROVAL);
  g_assert_true (fold->need_cosign);
  g_assert_cmpstr (slip_run_fold_find (fold, "Open")->asked_says, ==, "api was tried");
  return fold;
}

/* What slip_cosign_make_for_step() writes; the script's STS takes who made it, and what it is bound to,
 * from the proof. */
static char *
make (SlipRunFold *fold, const SlipCosignQuestion *question, const char *who, gboolean signed_so)
{
  const SlipFoldStep *step = slip_run_fold_find (fold, "Open");
  const SlipCosignQuestion asked = {fold->id, step->id, step->asked_says, step->asked_after};
  g_autofree char *digest = slip_cosign_question_digest (fold->plan, signed_so ? question : &asked);

  return g_strdup_printf (
      "{\"schema\":\"" SLIP_COSIGN_STEP_SCHEMA "\",\"plan\":\"%s\",\"run\":\"%s\",\"step\":\"%s\","
      "\"says\":\"%s\",\"after\":\"%s\",\"by\":\"ben@desk\",\"proof\":\"%s|%s step %s %s\"}",
      fold->plan_hash, question->run, question->step, question->says, question->after, who,
      fold->plan_hash, signed_so ? question->step : asked.step, digest);
}

static SlipCosignQuestion
question_of (SlipRunFold *fold)
{
  const SlipFoldStep *step = slip_run_fold_find (fold, "Open");
  const SlipCosignQuestion question = {fold->id, step->id, step->asked_says, step->asked_after};

  return question;
}

static char *
make_good (SlipRunFold *fold, const char *who)
{
  const SlipCosignQuestion question = question_of (fold);

  return make (fold, &question, who, TRUE);
}

static void
refuses (Fixture *fixture, const char *text, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_runner_control (fixture->runner, SLIP_RUNNER_COSIGN, NULL, text, &error));
  g_assert_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED);
  if (strstr (error->message, why) == NULL)
    g_error ("“%s” does not say “%s”", error->message, why);
}

static void
waits_for_a_second_person (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autoptr (SlipRunFold) done = NULL;
  g_autofree char *text = make_good (asked, "ben");

  g_assert_nonnull (strstr (asked->message, "breakglass/alice, that api was tried"));
  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, text);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (done, "step.cosigned", "Open"), ==, 1);
  g_assert_cmpuint (fixture_entries (done, "step.attested", "Open"), ==, 1);
  g_assert_true (g_str_has_suffix (slip_run_fold_find (done, "Open")->cosigned_by, "/ben"));
}

static void
one_person_is_enough_where_nothing_is_protected (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) paired = NULL;
  g_autoptr (SlipRunFold) alone = NULL;

  fixture_plan (fixture, TRIED ("protected"));
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Open", "I tried it");
  paired = fixture_go (fixture);
  g_assert_true (paired->need_cosign);
  fixture_control (fixture, SLIP_RUNNER_CANCEL, NULL, NULL);
  fixture->open = TRUE;
  fixture_plan (fixture, TRIED ("protected"));
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Open", "I tried it");
  alone = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (alone->state, ==, SLIP_RUN_DONE);
}

/* The file says what it is for, and the proof must be bound to the same. */
static void
refuses_what_is_for_something_else (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  const SlipCosignQuestion right = question_of (asked);
  const struct
  {
    SlipCosignQuestion question;
    const char *why;
  } wrong[] = {
      {{"another", right.step, right.says, right.after}, "is for run another, not for"},
      {{right.run, "Other", right.says, right.after}, "is for step Other, not for Open"},
      {{right.run, right.step, "api was seen", right.after}, "is for the sentence api was seen"},
      {{right.run, right.step, right.says, "c0ffee"}, "is for what was asked after entry c0ffee"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const SlipCosignQuestion *other = &wrong[i].question;
      g_autofree char *text = make (asked, other, "ben", TRUE);
      g_autofree char *digest = slip_cosign_question_digest (asked->plan, other);
      g_autofree char *dressed
          = g_strdup_printf ("{\"schema\":\"" SLIP_COSIGN_STEP_SCHEMA
                             "\",\"plan\":\"%s\",\"run\":\"%s\",\"step\":\"%s\",\"says\":\"%s\","
                             "\"after\":\"%s\",\"proof\":\"ben|%s step %s %s\"}",
                             asked->plan_hash, right.run, right.step, right.says, right.after,
                             asked->plan_hash, other->step, digest);

      refuses (fixture, text, wrong[i].why);
      /* Made to look as what is asked, it is still bound to the other. */
      refuses (fixture, dressed, "is not bound to this");
    }
}

static void
refuses_a_plans_cosignature_for_a_step (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autofree char *of_plan = g_strdup_printf ("{\"schema\":\"" SLIP_COSIGN_SCHEMA
                                              "\",\"plan\":\"%s\",\"proof\":\"ben|%s\"}",
                                              asked->plan_hash, asked->plan_hash);
  const SlipCosignQuestion question = question_of (asked);
  g_autofree char *of_step = make (asked, &question, "ben", TRUE);
  g_autofree char *dressed = g_strdup_printf (
      "{\"schema\":\"" SLIP_COSIGN_STEP_SCHEMA
      "\",\"plan\":\"%s\",\"run\":\"%s\",\"step\":\"Open\",\"says\":\"%s\",\"after\":\"%s\","
      "\"proof\":\"ben|%s\"}",
      asked->plan_hash, question.run, question.says, question.after, asked->plan_hash);

  refuses (fixture, of_plan, "this cosigns a plan, and run");
  refuses (fixture, dressed, "is not bound to this");
  refuses (fixture, "{}", "this is no cosignature");
  fixture_plan_only (fixture, TRIED ("always") "," OTHER);
  refuses (fixture, of_step, "this cosigns step Open of a run, not the plan");
}

static void
refuses_the_first_person_and_another_account (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autofree char *first = make_good (asked, "alice");
  g_autofree char *elsewhere = make_good (asked, "222222222222/ben");

  refuses (fixture, first, "cannot be both the first and the second person");
  refuses (fixture, elsewhere, "is of account 222222222222");
}

/* Neither for another run, nor when the same is asked anew because it became too old. */
static void
counts_once_and_for_a_while (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autofree char *text = make_good (asked, "ben");
  g_autoptr (SlipRunFold) again = NULL;
  g_autofree char *anew = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, text);
  slip_clock_advance (fixture->clock, 31 * G_TIME_SPAN_MINUTE);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Open", "and again");
  again = fixture_go (fixture);
  g_assert_true (again->need_cosign);
  g_assert_nonnull (strstr (again->message, "does not count: it is too old"));
  refuses (fixture, text, "is for what was asked after entry");
  anew = make_good (again, "ben");
  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, anew);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

/* Whoever was killed behind the entry gives the same file again, wherever the run is then. */
static void
what_is_recorded_is_taken_as_given (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autofree char *text = make_good (asked, "ben");
  g_autofree char *other = make_good (asked, "carol");
  g_autoptr (SlipRunFold) done = NULL;

  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, text);
  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, text);
  fixture_append (fixture, "run.resumed", NULL, NULL);
  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, text);
  refuses (fixture, other, "only a plan that has not begun can be cosigned");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (done, "step.cosigned", "Open"), ==, 1);
  refuses (fixture, text, "is done");
}

/* Who is about to answer does not do it in vain because the process began anew. */
static void
asks_the_same_when_it_is_resumed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autofree char *text = make_good (asked, "ben");
  g_autoptr (SlipRunFold) resumed = fixture_go (fixture);
  g_autoptr (SlipRunFold) done = NULL;

  g_assert_cmpstr (slip_run_fold_find (asked, "Open")->asked, ==,
                   slip_run_fold_find (resumed, "Open")->asked);
  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, text);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

/* Whoever cosigned gives the first word too, later: that is one person again. */
static void
one_person_does_not_give_both_words (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autofree char *text = make_good (asked, "ben");
  g_autoptr (JsonObject) entry = slip_run_entry_new (
      "step.attested", fixture->run, "Open", "arn:aws:sts::111111111111:assumed-role/other/ben");
  g_autoptr (SlipRunFold) again = NULL;
  g_autoptr (GError) error = NULL;

  fixture_control (fixture, SLIP_RUNNER_COSIGN, NULL, text);
  slip_ledger_append (fixture->ledger, entry, NULL, &error);
  g_assert_no_error (error);
  again = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (slip_run_fold_find (again, "Other")->state, ==, SLIP_RUN_STEP_PLANNED);
}

/* Everybody who may write the file can put an entry into it. */
static void
unsigned_cosignature_does_not_count (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  g_autofree char *path = slip_ledger_dup_path (fixture->ledger);
  g_autofree char *key = g_strconcat (path, ".key", NULL);
  g_autofree char *away = g_strconcat (key, ".away", NULL);
  g_autoptr (JsonObject) entry = slip_run_entry_new ("step.cosigned", fixture->run, "Open", NULL);
  g_autoptr (SlipLedger) other = NULL;
  g_autoptr (SlipRunFold) forged = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *told = slip_run_entry_data (entry);

  json_object_set_string_member (told, "asked_sha256", slip_run_fold_find (asked, "Open")->asked);
  json_object_set_string_member (told, "cosigned_by",
                                 "arn:aws:sts::111111111111:assumed-role/breakglass/ben");
  g_assert_cmpint (g_rename (key, away), ==, 0);
  other = slip_ledger_open (path, &error);
  g_assert_no_error (error);
  slip_ledger_append (other, entry, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_rename (away, key), ==, 0);
  forged = fixture_go (fixture);
  g_assert_cmpint (forged->state, ==, SLIP_RUN_NEEDS_APPROVAL);
  g_assert_nonnull (strstr (forged->message, "bears no signature"));
}

/* On the second person's own desk: a sentence that the plan does not have is not vouched for. */
static void
vouches_only_for_what_the_plan_asks (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_to_the_question (fixture);
  const SlipCosignQuestion right = question_of (asked);
  const struct
  {
    const char *step;
    const char *says;
    gboolean fits;
  } cases[] = {
      {"Open", "api was tried", TRUE},      {"Open", "api was tried [api@111]", TRUE},
      {"Open", "api was not tried", FALSE}, {"Open", "api was tried, or so", FALSE},
      {"Open", "nobody minds", FALSE},      {"Other", "api was tried", FALSE},
      {"Absent", "api was tried", FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const SlipCosignQuestion question = {right.run, cases[i].step, cases[i].says, right.after};
      g_autoptr (GError) error = NULL;

      if (slip_cosign_check_question (asked->plan, &question, &error) != cases[i].fits)
        g_error ("%s: %s", cases[i].step, cases[i].says);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/pair/waits_for_a_second_person", waits_for_a_second_person);
  ADD ("/run/pair/one_person_is_enough_where_nothing_is_protected",
       one_person_is_enough_where_nothing_is_protected);
  ADD ("/run/pair/refuses_what_is_for_something_else", refuses_what_is_for_something_else);
  ADD ("/run/pair/refuses_a_plans_cosignature_for_a_step", refuses_a_plans_cosignature_for_a_step);
  ADD ("/run/pair/refuses_the_first_person_and_another_account",
       refuses_the_first_person_and_another_account);
  ADD ("/run/pair/counts_once_and_for_a_while", counts_once_and_for_a_while);
  ADD ("/run/pair/what_is_recorded_is_taken_as_given", what_is_recorded_is_taken_as_given);
  ADD ("/run/pair/asks_the_same_when_it_is_resumed", asks_the_same_when_it_is_resumed);
  ADD ("/run/pair/one_person_does_not_give_both_words", one_person_does_not_give_both_words);
  ADD ("/run/pair/unsigned_cosignature_does_not_count", unsigned_cosignature_does_not_count);
  ADD ("/run/pair/vouches_only_for_what_the_plan_asks", vouches_only_for_what_the_plan_asks);
  return g_test_run ();
}
