/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbom: what is in the project, as CycloneDX 1.5 JSON. No time and no chance in it: same project,
 * same bytes.
 */
#ifndef DOWNLOAD_SBOM_H
#define DOWNLOAD_SBOM_H

#include <jansson.h>
#include <tdev/err.h>

#define SBOM_NAME "sbom.cdx.json"

/**
 * hashes  list of {path, sha256} of the project's files; the serial number is made of them
 * parts   list of {name, version}: the components; may be NULL
 * Returns new: the text, a JSON string; NULL: told in err.
 */
json_t *sbom_text(const char *name, const json_t *hashes, const json_t *parts, struct td_err *err);

#endif
