#!/usr/bin/env bash
# Runs in every pod: pod 0 is Ray's head and serves, the others lend their GPUs to it.
# NODES says how many there are, and VLLM_HOST_IP the pod's own address. The arguments are those of
# `vllm serve`.
set -euo pipefail

ray=(ray start --node-ip-address="$VLLM_HOST_IP" --object-store-memory=2000000000)

if [ "${HOSTNAME##*-}" != 0 ]; then
  # It ends when the head is gone, or not there yet; then it joins the next one.
  trap 'ray stop; exit 0' TERM
  while sleep 5; do
    "${ray[@]}" --address=codellama-0.codellama-peers:6379 --block &
    wait $! || true
  done
fi

"${ray[@]}" --head --port=6379
python3 - <<'PYTHON'
import os
import time

import ray

ray.init(address="auto")
while sum(node["Alive"] for node in ray.nodes()) < int(os.environ["NODES"]):
    time.sleep(5)
PYTHON
exec vllm serve "$@"
