#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same of a plugin that runs in a process of its own.
TURN_ISOLATED=1
. "${TEST_SRCDIR}/tests/e2e/84-hot-plug.sh"
