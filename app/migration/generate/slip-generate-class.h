/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-generate-private.h"

G_BEGIN_DECLS

/* A class while it is read, and what reads each that needs no other column's. */
typedef struct
{
  SlipGenParser *parser;
  JsonObject *object;
  SlipGenTable *table;
  SlipGenColumn *column;
} SlipGenReading;

gboolean slip_gen_need (SlipGenReading *reading, const char *name);
SlipGenReference *
slip_gen_read_reference (SlipGenReading *reading, const char *name, gboolean date);

void slip_gen_parse_constant (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_serial (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_number (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_money (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_date (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_time (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_codes (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_list (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_text (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_pattern (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_phone (SlipGenReading *reading, SlipGenClass *self);
void slip_gen_parse_nothing (SlipGenReading *reading, SlipGenClass *self);

G_END_DECLS
