#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# taskflow: the group of bench that runs taskflow.py; says what to install when something is missing, and installs nothing.
set -u

here=$(dirname "$0")
python=${PYTHON_SYSTEM:-/usr/bin/python3} # Debian's own: its packages belong to it
"$python" -c 'import taskflow.engines, sqlalchemy_utils, alembic' 2>/dev/null || {
    echo "taskflow: $python has no taskflow with its SQLite store; $here/README.md says what to install" >&2
    exit 77
}
exec "$python" "$here/taskflow.py" "${1:-100}"
