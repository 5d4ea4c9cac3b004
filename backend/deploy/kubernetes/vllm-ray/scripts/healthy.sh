#!/usr/bin/env bash
# Pod 0 is well when vLLM is; the others when they are in Ray's cluster.
set -euo pipefail

if [ "${HOSTNAME##*-}" = 0 ]; then
  curl --fail --silent --output /dev/null http://127.0.0.1:8000/health
else
  ray health-check --address codellama-0.codellama-peers:6379
fi
