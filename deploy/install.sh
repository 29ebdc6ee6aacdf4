#!/bin/sh
# Installs what the image holds into a new virtual environment: the run-time lock and our own wheels.
# The Dockerfile runs this, and so does the test of compose.yaml.
#   deploy/install.sh <bin folder with what installer.lock locks> <the new environment>
set -eu
cd "$(dirname "$0")/.."
tools=$1
environment=$2
wheels=$environment/wheels
# The root file system may be read-only: what Python would compile at each start is compiled here.
export UV_COMPILE_BYTECODE=1

"$tools/uv" venv --quiet --python "$tools/python" "$environment"
"$tools/uv" pip sync --quiet --python "$environment/bin/python" --no-build --require-hashes requirements/runtime.lock
for part in shared/attendance_contracts shared/attendance_runtime \
  services/register-service services/notification-service \
  services/escalation-service services/reporting-service; do
  "$tools/uv" build --quiet --wheel --no-build-isolation --python "$tools/python" --out-dir "$wheels" "$part"
done
"$tools/uv" pip install --quiet --python "$environment/bin/python" --no-deps --no-index "$wheels"/*.whl
rm -r "$wheels"
