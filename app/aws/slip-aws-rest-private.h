/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-protocol-private.h"

G_BEGIN_DECLS

/* Between the client's and the server's side of the REST protocols. */
gboolean slip_aws_rest_write_headers (const SlipAwsShape *shape,
                                      JsonObject *object,
                                      SlipAwsHeaders *headers,
                                      GError **error);
gboolean slip_aws_rest_read_headers (const SlipAwsShape *shape,
                                     const SlipAwsHeaders *headers,
                                     JsonObject *into,
                                     GError **error);
JsonNode *slip_aws_rest_read_header (const SlipAwsMember *member, const char *text, GError **error);
JsonNode *slip_aws_rest_read_header_map (const SlipAwsMember *member,
                                         const SlipAwsHeaders *headers);

G_END_DECLS
