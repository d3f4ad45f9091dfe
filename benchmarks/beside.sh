# For peers that need a client of their own, such as one that taps. To be sourced.

# Says a port of loopback that is free.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Runs a command as soon as a port of loopback is open, again whenever it ends, and no longer than this process, which becomes the gateway. It
# is no child of it, because what the children of a gateway use is counted as its own.
beside() {
    local port=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    (setsid bash -c '
        gateway=$1 port=$2
        shift 2
        (
            until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.2; done
            while :; do "$@" >/dev/null; sleep 0.2; done
        ) &
        while kill -0 "$gateway" 2>/dev/null; do sleep 0.5; done
        kill -KILL -- "-$$"
    ' beside "$$" "$port" "$@" </dev/null >"$WORKDIR/beside.log" 2>&1 &)
}
