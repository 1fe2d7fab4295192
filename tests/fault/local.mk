# Faults: killed at random instants.
TESTS += tests/fault/kill.sh
EXTRA_DIST += tests/fault/kill.sh
