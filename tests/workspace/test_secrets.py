"""Which files are never sent, by their names."""

from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.workspace.secrets import secret_rule


def check(path: str | PurePath, rule: str | None) -> None:
    """A file at this absolute path is kept back by this rule, or let through."""
    assert secret_rule(PurePosixPath(path) if isinstance(path, str) else path) == rule


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/w/.env", "*.env"),
        ("/w/.env.local", ".env.*"),
        ("/w/.env.production", ".env.*"),
        ("/w/docker/web.env", "*.env"),
        ("/w/.env-staging", ".env[-_]*"),
        ("/w/.envrc", ".envrc"),
        ("/w/worker/.dev.vars", ".dev.vars"),
        ("/w/.env.example", None),
        ("/w/.env.local.example", None),
        ("/w/.env.sample", None),
        ("/w/example.env", None),
        ("/w/environment.py", None),
        ("/w/env.d.ts", None),
    ],
)
def test_environment_files(path, rule):
    check(path, rule)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/w/id_rsa", "id_rsa*"),
        ("/w/id_ed25519_github", "id_ed25519*"),
        ("/w/id_ed25519.pub", None),
        ("/etc/ssh/ssh_host_rsa_key", "ssh_host_*_key"),
        ("/w/tls/server.pem", "*.pem"),
        ("/w/tls/server.key", "*.key"),
        ("/w/login.p12", "*.p12"),
        ("/w/login.pfx", "*.pfx"),
        ("/w/passwords.kdbx", "*.kdbx"),
        ("/w/release.keystore", "*.keystore"),
        ("/w/config/master.key", "*.key"),
        ("/w/backup.gpg", "*.gpg"),
        ("/w/keyboard.py", None),
        ("/w/public_key.go", None),
    ],
)
def test_private_keys(path, rule):
    check(path, rule)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/w/credentials", "credentials"),
        ("/w/credentials.json", "credentials.json"),
        ("/w/aws-credentials.json", "*[-_.]credentials.json"),
        ("/w/service-account.json", "service[-_]account*.json"),
        ("/w/prod-service-account-1.json", "*[-_]service[-_]account*.json"),
        ("/w/serviceAccountKey.json", "serviceaccount*.json"),
        ("/w/client_secret_1.apps.json", "client_secret*.json"),
        ("/w/app-firebase-adminsdk-1a2b.json", "*firebase-adminsdk*.json"),
        ("/home/me/.kaggle/kaggle.json", "kaggle.json"),
        ("/home/me/.config/stripe/config.toml", "**/.config/stripe/"),
        ("/home/me/.databrickscfg", ".databrickscfg"),
        ("/w/.netrc", ".netrc"),
        ("/w/.pgpass", ".pgpass"),
        ("/w/.npmrc", ".npmrc"),
        ("/w/.pypirc", ".pypirc"),
        ("/w/.htpasswd", ".htpasswd"),
        ("/w/.git-credentials", ".git-credentials"),
        ("/w/secrets.yaml", "secrets.y*ml"),
        ("/w/k8s/secret.yml", "secret.y*ml"),
        ("/w/.streamlit/secrets.toml", "secrets.toml"),
        ("/w/terraform.tfstate", "*.tfstate"),
        ("/w/terraform.tfstate.backup", "*.tfstate"),
        ("/w/prod.tfvars", "*.tfvars"),
        ("/w/main.tf", None),
        ("/home/me/.bash_history", ".*_history"),
    ],
)
def test_credentials(path, rule):
    check(path, rule)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/home/me/.ssh/config", ".ssh/"),
        ("/home/me/.ssh/keys/work", ".ssh/"),
        ("/home/me/.aws/credentials", "credentials"),
        ("/home/me/.aws/config", "**/.aws/config"),
        ("/home/me/.kube/config", "**/.kube/config"),
        ("/home/me/.docker/config.json", "**/.docker/config.json"),
        ("/home/me/.config/gcloud/any/thing.json", "**/.config/gcloud/"),
        ("/home/me/.m2/settings.xml", "**/.m2/settings.xml"),
        ("/run/secrets/db", "/run/secrets/"),
        ("/etc/shadow", "/etc/shadow"),
        ("/w/etc/shadow", None),
        ("/w/.aws/task-definition.json", None),
        ("/w/config.json", None),
        ("/w/.vscode/settings.json", None),
    ],
)
def test_places(path, rule):
    check(path, rule)


@pytest.mark.parametrize(
    "path",
    [
        "/w/credentials/views.py",
        "/w/.env/lib/site.py",
        "/w/secrets.py",
        "/w/secrets/vault.go",
        "/w/credentials.py",
        "/w/locales/en/auth.json",
        "/w/README.md",
        "/w/app.keys.ts",
    ],
)
def test_code_that_is_about_secrets_is_code(path):
    check(path, None)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/w/.ENV", "*.env"),
        ("/w/Server.PEM", "*.pem"),
        ("/home/me/.AWS/Config", "**/.aws/config"),
        ("/w/.env~", "*.env"),
        ("/w/#.netrc#", ".netrc"),
        ("/w/server.pem.bak", "*.pem"),
        ("/w/.npmrc.old~", ".npmrc"),
        ("/w/.env.example.bak", None),
        ("/w/old", None),
    ],
)
def test_other_spellings_and_copies_are_known(path, rule):
    check(path, rule)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (r"C:\Users\me\.ssh\config", ".ssh/"),
        (r"C:\Users\me\.AWS\config", "**/.aws/config"),
        (r"\\server\share\w\.env", "*.env"),
        (r"D:\w\.env.", "*.env"),
        (r"D:\w\main.py", None),
    ],
)
def test_windows_paths(path, rule):
    check(PureWindowsPath(path), rule)


@given(st.text(), st.sampled_from([PurePosixPath, PureWindowsPath]))
def test_no_path_whatever_raises(text, flavour):
    secret_rule(flavour("/") / text)


@given(st.text("abcXYZ/._-", max_size=30))
def test_no_folder_hides_a_secret(folder):
    assert secret_rule(PurePosixPath("/") / folder / ".env")
