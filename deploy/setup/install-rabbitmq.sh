#!/bin/sh
# Installs Debian's RabbitMQ without starting, now or at the next boot, the node that the package would run by itself.
# Run as root by ./plut up; the local stack then starts a private node of its own.
set -eu
export DEBIAN_FRONTEND=noninteractive

# While packages are being set up, Debian asks this file whether a service may be started. It refuses only these two,
# and only as long as this script lives, so that one left behind by a power cut harms nobody.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM HUP
    cat >"$policy" <<POLICY
#!/bin/sh
[ -d /proc/$$ ] || exit 0
case "\$1" in rabbitmq-server*|epmd*) exit 101 ;; esac
exit 0
POLICY
    chmod 755 "$policy"
fi

apt() {
    apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@"
}

dpkg --configure -a
apt update || echo "the package lists could not be refreshed; trying with those that are here"
apt install -y --no-install-recommends rabbitmq-server

if [ -d /run/systemd/system ]; then
    systemctl disable --now rabbitmq-server.service || true
fi
