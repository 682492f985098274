/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SlipTone:
 * @SLIP_TONE_NEUTRAL: says nothing of good or bad
 * @SLIP_TONE_GOOD: as it should be
 * @SLIP_TONE_BUSY: on its way
 * @SLIP_TONE_WARNING: a person should look
 * @SLIP_TONE_BAD: failed
 * @SLIP_TONE_STOPPED: ended on purpose
 * @SLIP_TONE_UNKNOWN: cannot be told
 *
 * What a status means: decides icon and colour. The text always stands beside, since colour alone
 * says nothing to many people.
 */
typedef enum
{
  SLIP_TONE_NEUTRAL,
  SLIP_TONE_GOOD,
  SLIP_TONE_BUSY,
  SLIP_TONE_WARNING,
  SLIP_TONE_BAD,
  SLIP_TONE_STOPPED,
  SLIP_TONE_UNKNOWN,
} SlipTone;

#define SLIP_TYPE_STATUS (slip_status_get_type ())

/**
 * SlipStatus:
 *
 * An icon and a word.
 */
G_DECLARE_FINAL_TYPE (SlipStatus, slip_status, SLIP, STATUS, GtkWidget)

GtkWidget *slip_status_new (void);

/**
 * slip_status_new_cell:
 * @chars: the least width of the word
 * @natural_chars: its width when there is room
 *
 * Returns: (transfer floating): a status for a cell of a long list, see slip_cell_new()
 */
GtkWidget *slip_status_new_cell (int chars, int natural_chars);

/**
 * slip_status_set_chars:
 * @chars: the least width of the word
 * @natural_chars: its width when there is room
 *
 * Of what slip_status_new_cell() made.
 */
void slip_status_set_chars (SlipStatus *self, int chars, int natural_chars);
void slip_status_set (SlipStatus *self, SlipTone tone, const char *text);
const char *slip_status_get_text (SlipStatus *self);

/**
 * slip_status_set_width_chars:
 * @chars: the least width of the word; a longer one is cut with an ellipsis, and its tooltip tells it whole. Without
 *   this the word is never cut
 */
void slip_status_set_width_chars (SlipStatus *self, int chars);

/**
 * slip_status_set_lines:
 * @chars: the least width
 * @lines: how many lines it takes at most
 *
 * For a line of a page that may have to tell of a warning or an error: it takes as many lines as it needs, and what has no
 * room even so is told whole by its tooltip. Not for one that stands in a cell.
 */
void slip_status_set_lines (SlipStatus *self, int chars, int lines);

/**
 * slip_status_set_wrap:
 * @max_chars: how many characters a line has at most
 *
 * Lets a long text, such as an error's, take several lines. Not for one that stands in a cell.
 */
void slip_status_set_wrap (SlipStatus *self, int max_chars);

/**
 * slip_tone_of_aws_status:
 * @status: (nullable): a status word of AWS, such as `available` or `ACTIVE`
 *
 * Returns: what it means; a word that is not known counts as on its way, as the runner's waits do
 */
SlipTone slip_tone_of_aws_status (const char *status);
const char *slip_tone_get_icon (SlipTone tone);
const char *slip_tone_get_css_class (SlipTone tone);

G_END_DECLS
