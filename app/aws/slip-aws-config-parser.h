/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One value, and where it stands. */
typedef struct
{
  char *value;
  GHashTable *nested; /* key to value, of indented `key = value` lines below; or NULL */
  char *place;        /* file:line */
} SlipAwsConfigEntry;

/* Key to SlipAwsConfigEntry. */
typedef GHashTable SlipAwsConfigSection;

typedef enum
{
  SLIP_AWS_CONFIG_FILE,
  SLIP_AWS_CREDENTIALS_FILE,
} SlipAwsConfigKind;

/* Section kinds are told apart by the table they go to; other sections are read and dropped. */
typedef struct
{
  GHashTable *profiles; /* name to section */
  GHashTable *sso_sessions;
  GHashTable *services;
} SlipAwsConfigSections;

void slip_aws_config_sections_init (SlipAwsConfigSections *sections);
void slip_aws_config_sections_clear (SlipAwsConfigSections *sections);

/* Reads one file's text into @sections; @file is for messages. FALSE with SLIP_AWS_ERROR_CONFIG. */
gboolean slip_aws_config_parse (SlipAwsConfigSections *sections,
                                SlipAwsConfigKind kind,
                                const char *text,
                                gsize length,
                                const char *file,
                                GError **error);

G_END_DECLS
