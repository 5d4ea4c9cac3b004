"""Files that hold secrets by their very nature: a path in, the rule that keeps it back out.

They are known by their names alone, so nothing is read. No setting lifts these rules.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from arriero.workspace.rules import as_text, keeping_back

# Rules for a file's own name. Folders may have such a name too (Go has packages `credentials`),
# so these rules see no folders. The last rule that matches decides.
NAMES = """
# Environment files; the examples that repositories carry are no secrets.
.env
.env.*
.env[-_]*
*.env
.envrc
.flaskenv
.dev.vars
!.env*.example
!.env*.sample
!.env*.template
!.env*.dist
!example.env
!sample.env
!template.env

# Private keys and the stores they are kept in.
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
!id_*.pub
ssh_host_*_key
*.pem
*.key
*.ppk
*.p8
*.p12
*.pfx
*.pkcs12
*.jks
*.jceks
*.bks
*.keystore
*.kdb
*.kdbx
*.pkcs8
*.agekey
*.gpg
*.pgp
*.ovpn
secring.*
key.properties
keystore.properties

# Passwords and tokens of programs.
credentials
credentials.json
credentials.y*ml
credentials.toml
credentials.xml
credentials.ini
credentials.csv
credentials.txt
.credentials
.credentials.json
*[-_.]credentials.json
*.tfrc.json
client_secret*.json
service[-_]account*.json
serviceaccount*.json
*[-_]service[-_]account*.json
application_default_credentials.json
*firebase-adminsdk*.json
kaggle.json
.netrc
_netrc
.pgpass
pgpass.conf
.my.cnf
.mylogin.cnf
.npmrc
.yarnrc.yml
.pypirc
.git-credentials
.htpasswd
.htdigest
.dockercfg
.dockerconfigjson
.s3cfg
.boto
.passwd-s3fs
.vault-token
.vault_pass*
.vault-password*
.terraformrc
terraform.rc
.databrickscfg
.sentryclirc
.cdsapirc
.ngrok*.yml
ngrok.yml
.msmtprc
.fetchmailrc
rclone.conf
kubeconfig
*.kubeconfig
local.settings.json

# Secrets that say so, and what infrastructure tools keep theirs in.
secret.y*ml
secret.json
secret.toml
secrets.y*ml
secrets.json
secrets.toml
secrets.ini
secrets.properties
*.secret
*.secrets
*.tfstate
*.tfstate.*
*.tfvars
*.tfvars.json

# What was typed into shells and consoles.
.*_history
"""

# Rules for the whole path, from the root of the file system.
PLACES = """
.ssh/
.gnupg/
.password-store/
.azure/
**/.aws/config
**/.aws/sso/
**/.aws/cli/
**/.config/gcloud/
**/.config/gh/hosts.yml
**/.config/op/
**/.kube/config
**/.kube/cache/
**/.docker/config.json
**/.oci/config
**/.composer/auth.json
**/.gradle/gradle.properties
**/.m2/settings.xml
**/.m2/settings-security.xml
**/.cache/huggingface/token
**/.cache/huggingface/stored_tokens
**/.config/doctl/
**/.config/hub
**/.config/stripe/
**/.netlify/config.json
**/.snowsql/
**/.twilio-cli/
**/.vercel/auth.json
**/.local/share/keyrings/
**/Library/Keychains/
**/containers/auth.json
/etc/shadow
/etc/gshadow
/run/secrets/
/var/run/secrets/
"""

# What editors and people append to a name when they keep a copy, and what Windows ignores there.
COPY = re.compile(r"(?:~|[ .]|\.(?:bak|backup|old|orig|save|sw[a-p]))+$", re.IGNORECASE)


def secret_rule(path: PurePath) -> str | None:
    """Return the rule that knows a file, given by its absolute path, as one of secrets."""
    name = COPY.sub("", path.name.strip("#"))
    return keeping_back(NAMES, name) or keeping_back(PLACES, as_text(path))
