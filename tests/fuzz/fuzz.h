/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz: the entry every fuzz target has. clang's -fsanitize=fuzzer calls it with inputs of its own;
 * driver.c calls it with the files it is given, so that old findings and seeds are replayed by any
 * compiler.
 */
#ifndef TDEV_TESTS_FUZZ_H
#define TDEV_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** Takes any bytes. Returns 0; a finding is an abort or what a sanitizer says. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
