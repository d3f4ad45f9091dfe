package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

/** What every row of the security catalogue has in common. */
final class SecurityRig {

    private SecurityRig() {}

    static Rig start(Pair pair) throws Exception {
        return Rig.of(pair, Path.FUSED)
                .settings(s -> s.linger(java.time.Duration.ofMillis(30)))
                .start();
    }

    /** Nothing of the attack has reached the upstream, and the next client is served at once. */
    static void assertHarmless(Rig rig) throws Exception {
        assertThat(rig.upstream.requests).as("requests at the upstream").hasValue(0);
        if (rig.upstream instanceof H1Peer h1) {
            assertThat(h1.received()).as("bytes at the upstream").isZero();
        } else {
            assertThat(rig.upstream.connections)
                    .as("connections of the upstream")
                    .hasValueLessThan(2);
        }
        MuxBodiesTest.next(rig, rig.client());
        assertThat(rig.upstream.requests).as("requests at the upstream").hasValue(1);
    }
}
