#!/bin/sh
# Installs on Debian or Ubuntu what has no wheel: RabbitMQ, Postfix, Dovecot, Chromium, a font and mail clients. Starts no daemon; may be run again.
set -eu

packages="chromium dovecot-imapd dovecot-lmtpd fonts-liberation openssl postfix rabbitmq-server swaks libnet-ssleay-perl libio-socket-ssl-perl"
policy=/usr/sbin/policy-rc.d

command -v apt-get >/dev/null || { echo "make services knows Debian and Ubuntu only; install yourself: $packages" >&2; exit 1; }
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "make services must be run as root" >&2; exit 1; }
  exec sudo sh "$0"
fi

missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || { echo "services: already installed"; exit 0; }

if [ ! -e "$policy" ]; then
  # 101: "action forbidden by policy"; Debian's packages then start nothing.
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# A list of names without spaces.
# shellcheck disable=SC2086
apt-get install -q -y --no-install-recommends $missing
