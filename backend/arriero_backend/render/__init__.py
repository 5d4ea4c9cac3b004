"""The files that serve a model as it was planned: for Compose, Kubernetes, Prometheus and Grafana.

    plans -> values -> templates -> texts by path

`templates/` is laid out as what is written; backend/deploy/ is what it writes for 4 × 80 GB.
"""
