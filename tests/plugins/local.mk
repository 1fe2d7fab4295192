# SPDX-License-Identifier: Apache-2.0
# Plugins made for tests. misfit.c, with one -D each, is a library for every way to be refused; tests/unit/test_plugin_load.c
# lays them out. steps is an agent for tests of durable runs, wild one for tests of isolation; both are laid out in
# BUILD/tests/plugins-tree.

check_LTLIBRARIES += tests/plugins/misfit_good.la
tests_plugins_misfit_good_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_good_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_plugins_misfit_good_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_good_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_good_la_LIBADD = $(TD_PLUGIN_LIBADD)

# Notes of the stamp. Those that the note refuses would end who opened them.
check_LTLIBRARIES += tests/plugins/misfit_note.la
tests_plugins_misfit_note_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_note_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_NOTE_MINOR=TD_ABI_MINOR
tests_plugins_misfit_note_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_note_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_note_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_note_minor.la
tests_plugins_misfit_note_minor_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_note_minor_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_NOTE_MINOR=TD_ABI_MINOR+1 '-DMISFIT_OPEN=abort()'
tests_plugins_misfit_note_minor_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_note_minor_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_note_minor_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_note_time.la
tests_plugins_misfit_note_time_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_note_time_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_NOTE_MINOR=TD_ABI_MINOR -DMISFIT_TIME=4 '-DMISFIT_OPEN=abort()'
tests_plugins_misfit_note_time_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_note_time_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_note_time_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_note_lie.la
tests_plugins_misfit_note_lie_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_note_lie_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_NOTE_MINOR=TD_ABI_MINOR -DMISFIT_MINOR=TD_ABI_MINOR-1
tests_plugins_misfit_note_lie_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_note_lie_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_note_lie_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_no_entry.la
tests_plugins_misfit_no_entry_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_no_entry_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_ENTRY=td_entrance
tests_plugins_misfit_no_entry_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_no_entry_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_no_entry_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_magic.la
tests_plugins_misfit_magic_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_magic_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_MAGIC=0x12345678
tests_plugins_misfit_magic_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_magic_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_magic_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_major.la
tests_plugins_misfit_major_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_major_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_MAJOR=2
tests_plugins_misfit_major_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_major_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_major_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_minor.la
tests_plugins_misfit_minor_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_minor_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_MINOR=TD_ABI_MINOR+1
tests_plugins_misfit_minor_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_minor_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_minor_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_pointer.la
tests_plugins_misfit_pointer_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_pointer_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_POINTER=4
tests_plugins_misfit_pointer_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_pointer_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_pointer_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_time.la
tests_plugins_misfit_time_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_time_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_TIME=4
tests_plugins_misfit_time_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_time_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_time_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_off.la
tests_plugins_misfit_off_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_off_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_OFF=4
tests_plugins_misfit_off_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_off_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_off_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_jansson.la
tests_plugins_misfit_jansson_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_jansson_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_JANSSON=9
tests_plugins_misfit_jansson_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_jansson_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_jansson_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_err.la
tests_plugins_misfit_err_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_err_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_ERR=64
tests_plugins_misfit_err_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_err_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_err_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_flags.la
tests_plugins_misfit_flags_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_flags_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_FLAGS=1
tests_plugins_misfit_flags_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_flags_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_flags_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_undefined.la
tests_plugins_misfit_undefined_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_undefined_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_UNDEFINED
tests_plugins_misfit_undefined_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_undefined_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir) $(TD_SANITIZE)
tests_plugins_misfit_undefined_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_no_descriptor.la
tests_plugins_misfit_no_descriptor_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_no_descriptor_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_DESCRIPTOR=NULL
tests_plugins_misfit_no_descriptor_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_no_descriptor_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_no_descriptor_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_small.la
tests_plugins_misfit_small_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_small_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_SIZE=8
tests_plugins_misfit_small_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_small_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_small_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_big.la
tests_plugins_misfit_big_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_big_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_SIZE=70000
tests_plugins_misfit_big_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_big_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_big_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_grown.la
tests_plugins_misfit_grown_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_grown_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_SIZE=4096
tests_plugins_misfit_grown_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_grown_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_grown_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_name.la
tests_plugins_misfit_name_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_name_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_NAME='"y"'
tests_plugins_misfit_name_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_name_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_name_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_version.la
tests_plugins_misfit_version_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_version_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_VERSION='"2.0.0"'
tests_plugins_misfit_version_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_version_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_version_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_pattern.la
tests_plugins_misfit_pattern_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_pattern_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_KIND=TD_KIND_PATTERN
tests_plugins_misfit_pattern_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_pattern_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_pattern_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_storage.la
tests_plugins_misfit_storage_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_storage_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_KIND=TD_KIND_STORAGE
tests_plugins_misfit_storage_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_storage_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_storage_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_no_agent.la
tests_plugins_misfit_no_agent_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_no_agent_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_AGENT=NULL
tests_plugins_misfit_no_agent_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_no_agent_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_no_agent_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_state.la
tests_plugins_misfit_state_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_state_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_STATE=0x10000000
tests_plugins_misfit_state_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_state_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_state_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_no_action.la
tests_plugins_misfit_no_action_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_no_action_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_ACTIONS=NULL
tests_plugins_misfit_no_action_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_no_action_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_no_action_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_more_action.la
tests_plugins_misfit_more_action_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_more_action_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_ACTIONS=TD_ACTION("echo",echo),TD_ACTION("sing",echo)'
tests_plugins_misfit_more_action_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_more_action_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_more_action_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_twice_action.la
tests_plugins_misfit_twice_action_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_twice_action_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_ACTIONS=TD_ACTION("echo",echo),TD_ACTION("echo",echo)'
tests_plugins_misfit_twice_action_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_twice_action_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_twice_action_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_empty_action.la
tests_plugins_misfit_empty_action_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_empty_action_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_ACTIONS=TD_ACTION("echo",NULL)'
tests_plugins_misfit_empty_action_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_empty_action_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_empty_action_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_no_binding.la
tests_plugins_misfit_no_binding_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_no_binding_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_BINDINGS=NULL
tests_plugins_misfit_no_binding_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_no_binding_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_no_binding_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_more_binding.la
tests_plugins_misfit_more_binding_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_more_binding_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_BINDINGS=TD_BIND_INT(struct misfit,limit),TD_BIND_REAL(struct misfit,share)'
tests_plugins_misfit_more_binding_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_more_binding_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_more_binding_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_twice_binding.la
tests_plugins_misfit_twice_binding_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_twice_binding_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_BINDINGS=TD_BIND_INT(struct misfit,limit),TD_BIND_INT(struct misfit,limit)'
tests_plugins_misfit_twice_binding_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_twice_binding_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_twice_binding_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_wrong_binding.la
tests_plugins_misfit_wrong_binding_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_wrong_binding_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_BINDINGS=TD_BIND_DURATION(struct misfit,limit)'
tests_plugins_misfit_wrong_binding_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_wrong_binding_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_wrong_binding_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_outside_binding.la
tests_plugins_misfit_outside_binding_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_outside_binding_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_STATE=4
tests_plugins_misfit_outside_binding_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_outside_binding_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_outside_binding_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_abort.la
tests_plugins_misfit_abort_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_abort_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_OPEN=abort()'
tests_plugins_misfit_abort_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_abort_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_abort_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_exit.la
tests_plugins_misfit_exit_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_exit_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_OPEN=_exit(7)'
tests_plugins_misfit_exit_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_exit_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_exit_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_mute.la
tests_plugins_misfit_mute_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_mute_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_MUTE=0
tests_plugins_misfit_mute_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_mute_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_mute_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_mute_fail.la
tests_plugins_misfit_mute_fail_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_mute_fail_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMISFIT_MUTE=-1
tests_plugins_misfit_mute_fail_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_mute_fail_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_mute_fail_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_endless.la
tests_plugins_misfit_endless_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_endless_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_OPEN=for(;;)pause()'
tests_plugins_misfit_endless_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_endless_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_endless_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/misfit_bridge.la
tests_plugins_misfit_bridge_la_SOURCES = tests/plugins/misfit.c
tests_plugins_misfit_bridge_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) '-DMISFIT_ACTIONS=TD_ACTION("*",answer_any)'
tests_plugins_misfit_bridge_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_misfit_bridge_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_misfit_bridge_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/steps/steps.la
tests_plugins_steps_steps_la_SOURCES = tests/plugins/steps/steps.c
tests_plugins_steps_steps_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_plugins_steps_steps_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_steps_steps_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_steps_steps_la_LIBADD = $(TD_PLUGIN_LIBADD)
EXTRA_DIST += tests/plugins/steps/plugin.yaml

check_LTLIBRARIES += tests/plugins/wild/wild.la
tests_plugins_wild_wild_la_SOURCES = tests/plugins/wild/escape.c tests/plugins/wild/wild.c tests/plugins/wild/wild.h
tests_plugins_wild_wild_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_plugins_wild_wild_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_wild_wild_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS) -lpthread
tests_plugins_wild_wild_la_LIBADD = $(TD_PLUGIN_LIBADD)
EXTRA_DIST += tests/plugins/wild/plugin.yaml

# Laid out by the tests themselves.
check_LTLIBRARIES += tests/plugins/turn/turn1.la
tests_plugins_turn_turn1_la_SOURCES = tests/plugins/turn/turn.c
tests_plugins_turn_turn1_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DTURN=1
tests_plugins_turn_turn1_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_turn_turn1_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_turn_turn1_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/turn/turn2.la
tests_plugins_turn_turn2_la_SOURCES = tests/plugins/turn/turn.c
tests_plugins_turn_turn2_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DTURN=2
tests_plugins_turn_turn2_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_turn_turn2_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_turn_turn2_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/turn/turn3.la
tests_plugins_turn_turn3_la_SOURCES = tests/plugins/turn/turn.c
tests_plugins_turn_turn3_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DTURN=3
tests_plugins_turn_turn3_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_turn_turn3_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_turn_turn3_la_LIBADD = $(TD_PLUGIN_LIBADD)

EXTRA_DIST += tests/plugins/turn/plugin.yaml

# An agent whose state is kept, with each version of that.
check_LTLIBRARIES += tests/plugins/tally/tally1.la
tests_plugins_tally_tally1_la_SOURCES = tests/plugins/tally/tally.c
tests_plugins_tally_tally1_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DTALLY=1
tests_plugins_tally_tally1_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_tally_tally1_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_tally_tally1_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/tally/tally2.la
tests_plugins_tally_tally2_la_SOURCES = tests/plugins/tally/tally.c
tests_plugins_tally_tally2_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DTALLY=2
tests_plugins_tally_tally2_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_tally_tally2_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_tally_tally2_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/tally/tally3.la
tests_plugins_tally_tally3_la_SOURCES = tests/plugins/tally/tally.c
tests_plugins_tally_tally3_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DTALLY=3
tests_plugins_tally_tally3_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_tally_tally3_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_tally_tally3_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/tally/tally9.la
tests_plugins_tally_tally9_la_SOURCES = tests/plugins/tally/tally.c
tests_plugins_tally_tally9_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DTALLY=9
tests_plugins_tally_tally9_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_tally_tally9_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_tally_tally9_la_LIBADD = $(TD_PLUGIN_LIBADD)

EXTRA_DIST += tests/plugins/tally/plugin.yaml
check_LTLIBRARIES += tests/plugins/moody/moody.la
tests_plugins_moody_moody_la_SOURCES = tests/plugins/moody/moody.c
tests_plugins_moody_moody_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DMOODY_RESET
tests_plugins_moody_moody_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_moody_moody_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_moody_moody_la_LIBADD = $(TD_PLUGIN_LIBADD)

# The same without a function to reset it.
check_LTLIBRARIES += tests/plugins/moody/gloomy.la
tests_plugins_moody_gloomy_la_SOURCES = tests/plugins/moody/moody.c
tests_plugins_moody_gloomy_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_plugins_moody_gloomy_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_moody_gloomy_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_moody_gloomy_la_LIBADD = $(TD_PLUGIN_LIBADD)

EXTRA_DIST += tests/plugins/moody/plugin.yaml

# A program for tests of td_program, and of the bridge exec.
check_PROGRAMS += tests/plugins/talker
tests_plugins_talker_SOURCES = tests/plugins/talker.c
tests_plugins_talker_LDADD = $(JANSSON_LIBS)

# A server for tests of the bridge http.
check_PROGRAMS += tests/plugins/server
tests_plugins_server_SOURCES = tests/plugins/server.c
tests_plugins_server_LDADD = $(SSL_LIBS)

check_DATA += tests/plugins-tree/stamp
tests/plugins-tree/stamp: tests/plugins/steps/steps.la tests/plugins/steps/plugin.yaml \
    tests/plugins/wild/wild.la tests/plugins/wild/plugin.yaml
	$(AM_V_GEN)for name in steps wild; do \
	    to=tests/plugins-tree/$$name; $(MKDIR_P) $$to && \
	    cp $(srcdir)/tests/plugins/$$name/plugin.yaml $$to/plugin.yaml.new && \
	    cp tests/plugins/$$name/.libs/$$name.so $$to/$$name.so.new && \
	    chmod u+w $$to/plugin.yaml.new && \
	    mv $$to/plugin.yaml.new $$to/plugin.yaml && mv $$to/$$name.so.new $$to/$$name.so || exit 1; \
	done
	@touch $@
CLEANFILES += tests/plugins-tree/stamp tests/plugins-tree/steps/plugin.yaml tests/plugins-tree/steps/steps.so \
    tests/plugins-tree/wild/plugin.yaml tests/plugins-tree/wild/wild.so

# Who uses others in roles, and one of those.
check_LTLIBRARIES += tests/plugins/letter/letter.la
tests_plugins_letter_letter_la_SOURCES = tests/plugins/letter/letter.c
tests_plugins_letter_letter_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_plugins_letter_letter_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_letter_letter_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_letter_letter_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/plugins/post/post.la
tests_plugins_post_post_la_SOURCES = tests/plugins/post/post.c
tests_plugins_post_post_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_plugins_post_post_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_plugins_post_post_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_plugins_post_post_la_LIBADD = $(TD_PLUGIN_LIBADD)

EXTRA_DIST += tests/plugins/letter/plugin.yaml tests/plugins/letter/conform.yaml tests/plugins/post/plugin.yaml
