#!/bin/sh
# Makes what the containers are handed: keys of each role, passwords, and certificates of an authority of our own.
# Run once, as root, beside a Docker daemon:
#
#   docker/setup.sh mail.example.org staff.example.org:9443 smtp://user:password@relay.example.org:587
#
# Everything lands in docker/secrets/ (never committed) and docker/.env. What exists is kept.
set -eu
umask 077
[ $# -eq 3 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
cd "$(dirname "$0")"
[ "$(id -u)" -eq 0 ] || { echo "setup.sh must run as root: it gives files to the containers' users" >&2; exit 2; }
public=$1 staff=$2 relay=$3
app=10001 database=999 proxy=101

mkdir -p secrets/tls secrets/keys secrets/wrap
chmod 755 secrets secrets/tls secrets/keys secrets/wrap

# The relay on this machine finds sockets and maps of Secure Mail here; what is made in it belongs to Postfix's group too.
mkdir -p run/maps
chown $app:"$(getent group postfix | cut -d: -f3 | grep . || echo $app)" run run/maps
chmod 2750 run run/maps

give() { # file, user: readable by that container alone
  chown "$2:$2" "$1"
  chmod 400 "$1"
}

authority() {
  [ -e secrets/tls/ca.key ] && return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Secure Mail, this deployment" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout secrets/tls/ca.key -out secrets/tls/ca.crt 2>/dev/null
  chmod 444 secrets/tls/ca.crt
}

certificate() { # file, host, user
  [ -e "secrets/tls/$1.crt" ] && return
  extensions=$(mktemp)
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$2" >"$extensions"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "secrets/tls/$1.key" 2>/dev/null |
    openssl x509 -req -CA secrets/tls/ca.crt -CAkey secrets/tls/ca.key -days 825 -extfile "$extensions" -out "secrets/tls/$1.crt" 2>/dev/null
  rm -f "$extensions"
  give "secrets/tls/$1.key" "$3"
  chmod 444 "secrets/tls/$1.crt"
}

secret() { # file, user, text
  [ -e "secrets/$1" ] && return
  printf '%s\n' "$3" >"secrets/$1"
  give "secrets/$1" "$2"
}

authority
certificate web "${public%%:*}" $proxy
certificate staff "${staff%%:*}" $proxy
certificate smtp "${public%%:*}" $app
certificate postgres postgres $database
certificate redis redis $database

if [ ! -e secrets/database_url ]; then
  password=$(openssl rand -hex 32)
  secret postgres_password $database "$password"
  secret database_url $app "postgresql+psycopg://secure_mail:$password@postgres/secure_mail?sslmode=verify-full&sslrootcert=/run/secrets/ca"
fi
if [ ! -e secrets/broker_url ]; then
  password=$(openssl rand -hex 32)
  secret redis.conf $database "port 0
tls-port 6379
tls-cert-file /run/secrets/redis_cert
tls-key-file /run/secrets/redis_key
tls-auth-clients no
requirepass $password
dir /data
appendonly yes"
  secret broker_url $app "rediss://:$password@redis:6379/0?ssl_cert_reqs=required&ssl_ca_certs=/run/secrets/ca"
fi
secret relay_url $app "$relay"
secret imap_accounts $app "" # one account a line (docs/how-to/imap.md)

if [ ! -e secrets/keys/public.json ]; then
  docker build --tag secure-mail:local --file Dockerfile ..
  # As root, so that it may write here; the daemon hands the files to the roles' user below.
  pin=$(docker run --rm --network none --user 0:0 --volume "$PWD/secrets/keys:/etc/secure-mail/keys" secure-mail:local keys init |
    sed -n 's/^SECURE_MAIL_KEY_PIN=//p')
  [ -n "$pin" ] || { echo "keys init told no SECURE_MAIL_KEY_PIN" >&2; exit 1; }
  printf 'PUBLIC_HOST=%s\nSTAFF_HOST=%s\nKEY_PIN=%s\n' "$public" "$staff" "$pin" >.env
  mv secrets/keys/*.wrap secrets/wrap/
  for file in secrets/keys/*.key secrets/wrap/*.wrap; do
    chown $app:$app "$file"
    chmod 600 "$file"
  done
  chown 0:0 secrets/keys/root.key secrets/wrap/root.wrap
  chmod 444 secrets/keys/public.json
fi

if [ ! -e secrets/keys/lmtp.key ] || [ ! -e secrets/keys/imap.key ]; then
  # Keys that were made before these doors were: each gets a file with the secrets that every door shares.
  docker build --tag secure-mail:local --file Dockerfile ..
  wrap=$(mktemp)
  printf 'web=%s\n' "$(cat secrets/wrap/web.wrap)" >"$wrap"
  chown 0:0 secrets/keys/web.key
  docker run --rm --network none --user 0:0 --volume "$PWD/secrets/keys:/etc/secure-mail/keys" --volume "$wrap:/run/key_wrap:ro" \
    --env "SECURE_MAIL_KEY_PIN=$(sed -n 's/^KEY_PIN=//p' .env)" --env SECURE_MAIL_KEY_WRAP_FILE=/run/key_wrap secure-mail:local keys init --add
  rm -f "$wrap"
  mv secrets/keys/*.wrap secrets/wrap/
  chown $app:$app secrets/keys/web.key
  for file in secrets/keys/lmtp.key secrets/keys/imap.key secrets/wrap/lmtp.wrap secrets/wrap/imap.wrap; do
    chown $app:$app "$file"
    chmod 600 "$file"
  done
fi

cat <<TEXT
Ready: docker compose --file docker/compose.yaml up --detach
Move away from this machine: docker/secrets/keys/root.key with docker/secrets/wrap/root.wrap (new keys need them), and docker/secrets/tls/ca.key.
For the public, put certificates that browsers know in place of docker/secrets/tls/{web,staff,smtp}.{crt,key}.
TEXT
