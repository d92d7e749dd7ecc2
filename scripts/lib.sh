# Sourced by the other scripts: what each needs on the machine, installed where it may be.

say() { printf '%s\n' "$*" >&2; }

need_dotnet() {
    command -v dotnet >/dev/null && return
    say "The .NET 10 SDK is not installed. Get it from https://dotnet.microsoft.com/download, then run this again."
    exit 1
}

has_postgres() {
    command -v initdb >/dev/null && command -v pg_ctl >/dev/null && return
    local directory
    for directory in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin /usr/local/pgsql/bin; do
        [ -x "$directory/initdb" ] && [ -x "$directory/pg_ctl" ] && return
    done
    return 1
}

# install_packages MISSING PREPARE PACKAGE...: from Debian; MISSING is a sentence without its full stop, PREPARE what root does first
install_packages() {
    local missing="$1" prepare="$2" root=""
    shift 2
    if [ "$(id -u)" -ne 0 ]; then
        if sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
            root="sudo"
        else
            say "$missing, and installing takes root. Run this once, then try again:"
            say "    apt-get update && apt-get install --yes --no-install-recommends $*"
            exit 1
        fi
    fi

    say "Installing $* with apt-get ..."
    $root env DEBIAN_FRONTEND=noninteractive bash -euc "
        apt-get update --quiet --quiet
        $prepare
        apt-get install --yes --quiet --quiet --no-install-recommends $* >/dev/null
    " >&2 || { say "$missing, and apt-get could not install it."; exit 1; }
}

# PostgreSQL's server programs; not a server: Debian's package would set one up, and it is told not to.
need_postgres() {
    has_postgres && return
    if ! command -v apt-get >/dev/null; then
        say "PostgreSQL's server programs are not installed. Install them ('brew install postgresql' on macOS,"
        say "'dnf install postgresql-server postgresql-contrib' on Fedora), then run this again."
        exit 1
    fi
    local no_cluster=/etc/postgresql-common/createcluster.d/apikeys.conf
    install_packages "PostgreSQL's server programs are not installed" "
        mkdir -p ${no_cluster%/*}
        echo 'create_main_cluster = false' > $no_cluster
        trap 'rm -f $no_cluster' EXIT
    " postgresql
    has_postgres || { say "apt-get installed postgresql, but initdb and pg_ctl are not where they are looked for."; exit 1; }
}

# need_command COMMAND MISSING PACKAGE...
need_command() {
    command -v "$1" >/dev/null && return
    local missing="$2"
    shift 2
    command -v apt-get >/dev/null || { say "$missing. Install $*, then run this again."; exit 1; }
    install_packages "$missing" "" "$@"
}

# What root does before packages whose services must not be started, as Debian's are.
no_services="
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
"

# The pooler that tests stand behind; not a service.
need_pgbouncer() {
    local program
    for program in /usr/sbin/pgbouncer /usr/bin/pgbouncer /opt/homebrew/bin/pgbouncer; do
        [ -x "$program" ] && return
    done
    command -v apt-get >/dev/null || { say "pgbouncer is not installed. Install it, then run this again."; exit 1; }
    install_packages "pgbouncer is not installed" "$no_services" pgbouncer
}

# The gateway whose recipe is measured; not a service.
need_nginx() {
    { [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null; } && return
    command -v apt-get >/dev/null || { say "nginx is not installed. Install it, then run this again."; exit 1; }
    install_packages "nginx is not installed" "$no_services" nginx
}

# The gateways whose recipes are tested; not services.
need_gateways() {
    local missing="" name file
    while read -r name file; do
        compgen -G "$file" >/dev/null || missing="$missing $name"
    done <<'END'
nginx /usr/sbin/nginx
caddy /usr/bin/caddy
haproxy /usr/sbin/haproxy
apache2 /usr/sbin/apache2
libapache2-mod-auth-openidc /usr/lib/apache2/modules/mod_auth_openidc.so
lua-socket /usr/share/lua/5.*/socket/http.lua
END
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || { say "Their tests will fail: gateways are not installed, as Debian has them:$missing."; return 0; }
    # shellcheck disable=SC2086 # a list of names
    install_packages "Gateways are not installed" "$no_services" $missing
}

# The browser that the console is tested in, with letters to draw.
need_chromium() {
    local program
    for program in chromium chromium-browser google-chrome; do
        command -v "$program" >/dev/null && return
    done
    for program in "/Applications/Chromium.app" "/Applications/Google Chrome.app"; do
        [ -d "$program" ] && return
    done
    command -v apt-get >/dev/null || { say "Chromium is not installed. Install it or Google Chrome, then run this again."; exit 1; }
    install_packages "Chromium is not installed" "" chromium fonts-liberation
}

need_node() { need_command npm "Node.js is not installed" nodejs npm; }

need_spin() {
    need_command spin "Spin is not installed" spin
    need_command gcc "A C compiler is not installed" gcc libc6-dev
}

# The load generator of the benches, and what pins it to a core.
need_wrk() {
    command -v taskset >/dev/null || { say "taskset is not installed: this bench pins processes to cores, which takes Linux and util-linux."; exit 1; }
    need_command wrk "wrk is not installed" wrk
}
