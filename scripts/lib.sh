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

# PostgreSQL's server programs; not a server: Debian's package would set one up, and it is told not to.
need_postgres() {
    has_postgres && return
    local root=""
    if ! command -v apt-get >/dev/null; then
        say "PostgreSQL's server programs are not installed. Install them ('brew install postgresql' on macOS,"
        say "'dnf install postgresql-server postgresql-contrib' on Fedora), then run this again."
        exit 1
    elif [ "$(id -u)" -ne 0 ]; then
        if sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
            root="sudo"
        else
            say "PostgreSQL's server programs are not installed, and installing them takes root. Run this once, then try again:"
            say "    apt-get update && apt-get install --yes --no-install-recommends postgresql"
            exit 1
        fi
    fi

    say "Installing PostgreSQL's server programs with apt-get ..."
    local no_cluster=/etc/postgresql-common/createcluster.d/apikeys.conf
    $root env DEBIAN_FRONTEND=noninteractive bash -euc "
        apt-get update --quiet --quiet
        mkdir -p ${no_cluster%/*}
        echo 'create_main_cluster = false' > $no_cluster
        trap 'rm -f $no_cluster' EXIT
        apt-get install --yes --quiet --quiet --no-install-recommends postgresql >/dev/null
    " >&2
    has_postgres || { say "apt-get installed postgresql, but initdb and pg_ctl are not where they are looked for."; exit 1; }
}

# The load generator of the benches, and what pins it to a core.
need_wrk() {
    command -v taskset >/dev/null || { say "taskset is not installed: this bench pins processes to cores, which takes Linux and util-linux."; exit 1; }
    command -v wrk >/dev/null && return
    local root=""
    if ! command -v apt-get >/dev/null; then
        say "wrk is not installed. Get it from your packages or from https://github.com/wg/wrk, then run this again."
        exit 1
    elif [ "$(id -u)" -ne 0 ]; then
        if sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
            root="sudo"
        else
            say "wrk is not installed, and installing it takes root. Run this once, then try again:"
            say "    apt-get update && apt-get install --yes --no-install-recommends wrk"
            exit 1
        fi
    fi

    say "Installing wrk with apt-get ..."
    $root env DEBIAN_FRONTEND=noninteractive bash -euc "
        apt-get update --quiet --quiet
        apt-get install --yes --quiet --quiet --no-install-recommends wrk >/dev/null
    " >&2
}
