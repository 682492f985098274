/* SPDX-License-Identifier: MIT */
/* Lists of words for generated data. All are made up here: names of nobody, towns that are on no map, and
 * domains under .example (RFC 2606). Every letter is in WINDOWS-1252 too. Changing a list changes the data of
 * every seed. */

#include "slip-generate-private.h"

static const char *const boats[] = {
    "Almost Ready",   "Barnacle Bess", "Cod Almighty",  "Dawn Treader's Cousin",
    "Ebb and Glow",   "Full Tilt",     "Grey Heron",    "Halcyon Days II",
    "In Irons",       "Joule",         "Knot Today",    "Little Auk",
    "Merry Dancer",   "Nine Lives",    "Out of Office", "Périgord",
    "Quite Contrary", "Rosinante",     "Sea Pink",      "Tern Again",
    "Undecided",      "Våg",           "Wet Feet",      "Yes Dear",
    "Zwölf",
};

static const char *const companies[] = {
    "Amberjack Chandlery Ltd",
    "Barnacle & Daughters",
    "Cormorant Trust",
    "Dogwatch Insurance",
    "Easting Partners",
    "Flotsam Holdings",
    "Gunwale Legal LLP",
    "High Tide Housing",
    "Isobar Services",
    "Jib & Co.",
    "Keelson Advisers",
    "Leeward Council",
    "Marlinspike Charity",
    "Nautilus Nominees",
    "Offing Solicitors",
    "Portside Mutual",
    "Quay & Quay",
    "Rudderless Rescue",
    "Stern Accountants",
    "Topsail Trading",
    "Underway Group",
    "Windward Works",
};

static const char *const domains[] = {
    "brackwater.example", "coldhaven.example", "fogness.example",    "harbour.example",
    "mail.example",       "post.example",      "whelkstone.example",
};

static const char *const forenames[] = {
    "Aldra",  "Bevin",  "Corra",  "Dessa",  "Edwy",    "Fenna",  "Garrick", "Hesper", "Ilva",
    "Jory",   "Kesta",  "Lorcan", "Maven",  "Nella",   "Osric",  "Petra",   "Quill",  "Rowena",
    "Saffi",  "Tamsyn", "Ulric",  "Verity", "Wystan",  "Xanthe", "Yestin",  "Zelda",  "Ansel",
    "Brida",  "Caddoc", "Delwyn", "Elspet", "Firmin",  "Gilda",  "Hollis",  "Isaude", "Jessamy",
    "Kenver", "Linnet", "Morwen", "Nevin",  "Ottilie", "Piran",  "Rhosyn",  "Selwyn", "Tegen",
    "Una",    "Vesper", "Winna",  "Yarrow", "Zennor",  "Ágota",  "Benoît",  "Chloë",  "Dagný",
    "Élodie", "Føyn",   "Göran",  "Håkon",  "Íñiga",   "Jörn",   "Mo",      "Ida",
};

static const char *const streets[] = {
    "Anchor Row",    "Bollard Street",     "Capstan Lane",    "Dory Close",      "Ebb Terrace",
    "Ferry Steps",   "Gantry Road",        "Halyard Way",     "Inlet Drive",     "Jetty Walk",
    "Kelp Gardens",  "Lantern Hill",       "Mizzen Court",    "Netmakers' Yard", "Oar Street",
    "Pontoon Road",  "Quarterdeck Mews",   "Ropewalk",        "Spinnaker Rise",  "Tiller Lane",
    "Undertow Path", "Victualler's Court", "Windlass Street", "Yardarm Place",
};

static const char *const surnames[] = {
    "Ashgrove",   "Barleymow",   "Cobbleton",    "Dunnockby",   "Eddlestow",   "Fernhallow",
    "Gorsefield", "Hazelrigg",   "Inkpenny",     "Jackdawson",  "Kettlewise",  "Larkmoor",
    "Mossbanker", "Netherpool",  "Oxlipton",     "Pebblewick",  "Quaymouth",   "Reedling",
    "Saltmarsh",  "Thistledon",  "Underhithe",   "Vellacombe",  "Withybrook",  "Yarnwick",
    "Zinnock",    "Appleyarrow", "Brackenby",    "Cuttlebar",   "Driftwell",   "Emberlow",
    "Foxgloving", "Guillemont",  "Heronsgate",   "Islewright",  "Juniperly",   "Keelhaven",
    "Lobstock",   "Mallowfen",   "Nettlecott",   "Ottershaw",   "Puffinton",   "Rushbeck",
    "Sanderling", "Teaselby",    "Umberstone",   "Waterlode",   "Yawlsman",    "Zephyrton",
    "O'Heronry",  "O'Quayle",    "Mac-Tidewell", "St. Breaker", "Van Mooring", "de la Barque",
    "D'Estuary",  "Bröderskär",  "Ålandson",     "Østerhavn",   "Muñozquay",   "Lefèvremer",
    "Çaylak",
};

static const char *const towns[] = {
    "Brackwater",    "Coldhaven",    "Dunlinmouth",   "Easterly-on-Sands", "Fogness",
    "Grebe Landing", "Haddow Creek", "Inchmarrow",    "Kittiwake Bay",     "Lower Shingle",
    "Marshend",      "North Spit",   "Oyster Reach",  "Plover Quay",       "Rookstrand",
    "Saltlode",      "Ternby",       "Upper Shingle", "Whelkstone",        "Ynys Glas",
};

static const char *const words[] = {
    "about",   "account", "again",   "all",     "also",   "and",     "another",  "answer",
    "asked",   "at",      "away",    "back",    "bank",   "because", "before",   "berth",
    "between", "boat",    "book",    "both",    "bring",  "brought", "call",     "came",
    "card",    "changed", "cheque",  "club",    "come",   "copy",    "could",    "day",
    "done",    "down",    "each",    "early",   "end",    "enough",  "enquired", "every",
    "father",  "few",     "first",   "for",     "form",   "found",   "from",     "gave",
    "go",      "good",    "had",     "harbour", "has",    "he",      "heard",    "held",
    "help",    "her",     "here",    "his",     "home",   "hope",    "if",       "in",
    "it",      "just",    "keep",    "kept",    "key",    "knows",   "last",     "late",
    "left",    "less",    "letter",  "line",    "list",   "long",    "made",     "many",
    "may",     "meeting", "message", "mind",    "month",  "more",    "moved",    "much",
    "must",    "name",    "near",    "new",     "next",   "no",      "not",      "note",
    "nothing", "now",     "of",      "office",  "old",    "on",      "once",     "one",
    "only",    "open",    "or",      "other",   "our",    "out",     "over",     "paid",
    "paper",   "part",    "pay",     "perhaps", "phoned", "place",   "please",   "promised",
    "put",     "rather",  "read",    "ready",   "reply",  "rest",    "right",    "said",
    "same",    "saw",     "season",  "second",  "sent",   "she",     "should",   "sign",
    "since",   "so",      "some",    "soon",    "spoke",  "still",   "stood",    "such",
    "than",    "that",    "the",     "their",   "then",   "there",   "they",     "thing",
    "this",    "though",  "time",    "to",      "today",  "told",    "too",      "took",
    "under",   "until",   "up",      "us",      "used",   "very",    "visit",    "waited",
    "wants",   "was",     "way",     "we",      "week",   "went",    "were",     "what",
    "when",    "where",   "which",   "while",   "who",    "will",    "wish",     "with",
    "without", "word",    "work",    "would",   "wrote",  "year",    "yes",      "yet",
    "you",
};

static const struct
{
  const char *name;
  const char *const *words;
  guint n;
} lists[] = {
    {"boats", boats, G_N_ELEMENTS (boats)},
    {"companies", companies, G_N_ELEMENTS (companies)},
    {"domains", domains, G_N_ELEMENTS (domains)},
    {"forenames", forenames, G_N_ELEMENTS (forenames)},
    {"streets", streets, G_N_ELEMENTS (streets)},
    {"surnames", surnames, G_N_ELEMENTS (surnames)},
    {"towns", towns, G_N_ELEMENTS (towns)},
    {"words", words, G_N_ELEMENTS (words)},
};

const char *const *
slip_gen_words_find (const char *name, guint *n)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_str_equal (lists[i].name, name))
      {
        *n = lists[i].n;
        return lists[i].words;
      }
  return NULL;
}

const char *
slip_gen_words_names (void)
{
  return "boats, companies, domains, forenames, streets, surnames, towns, words";
}
