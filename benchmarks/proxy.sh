# What the peers of a gateway benchmark that starts them from bash fragments have in common. To be sourced.
KIND=jvm
PAIRS="h1-h1 h1-h2 h2-h1 h2-h2"
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build() { mvn -q -B -f "$ROOT/pom.xml" -pl samples -am package -DskipTests; }
version() { echo "headgate $(sed -n 's:.*<version>\(.*\)</version>.*:\1:p' "$ROOT/pom.xml" | head -n 1)"; }

# Becomes the proxy sample with some more options.
proxy() {
    local scheme=http
    [ "$BACK" = h2 ] && scheme=h2c
    exec "$JAVA" $JAVA_OPTS -jar "$ROOT/samples/target/headgate-samples.jar" proxy \
        --listen "127.0.0.1:$PORT" --upstream "$scheme://127.0.0.1:$BACKEND_PORT" "$@"
}

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

# Taps a port, beside the gateway.
tap_beside() {
    local port=$1
    shift
    beside "$port" "$@" "$JAVA" -Xmx64m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
        -jar "$ROOT/samples/target/headgate-samples.jar" tap --gateway "127.0.0.1:$port" $TAP_OPTIONS
}
