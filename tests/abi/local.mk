# SPDX-License-Identifier: Apache-2.0
# The recorded numbers of the plugin border. Needs nothing but the SDK's headers.
check_PROGRAMS += tests/abi/test_abi
TESTS += tests/abi/test_abi
tests_abi_test_abi_SOURCES = tests/abi/test_abi.c
