package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import io.headgate.tls.TlsProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests for authorities that the certificate of their connection is not for; it has three names. */
class MuxMisdirectedTest {

    private static Rig rig(Pair pair) throws Exception {
        return Rig.of(pair, Path.FUSED).tls(TlsProvider.JDK).start();
    }

    private static ClientCall get(Client client, String authority) {
        if (client instanceof H2Client h2) {
            return h2.open(Msg.of(":method", "GET", ":scheme", "https", ":authority", authority, ":path", "/"), true);
        }
        H1Client h1 = (H1Client) client;
        h1.wire.write("GET / HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
        return h1.new Call(false, false);
    }

    @ParameterizedTest
    @CsvSource({
        "H1_H1, evil.example",
        "H1_H1, a.b.wild.example",
        "H1_H1, wild.example",
        "H1_H1, 127.0.0.1",
        "H1_H1, [::1]:443",
        "H2_H1, evil.example",
        "H2_H1, a.b.wild.example",
        "H2_H1, xtest.example",
    })
    void areAnsweredWith421AndTheConnectionGoesOn(Pair pair, String authority) throws Exception {
        try (Rig rig = rig(pair)) {
            Client client = rig.client();
            ClientCall misdirected = get(client, authority);
            assertThat(misdirected.reply().status()).isEqualTo(421);
            ClientCall next = get(client, "test.example");
            rig.take().ok("x");
            assertThat(next.reply().text()).isEqualTo("x");
            assertThat(rig.upstream.requests).hasValue(1);
            assertThat(rig.outcomes.await(2)).containsExactly(Outcome.REJECTED, Outcome.COMPLETE);
            assertThat(rig.outcomes.exchanges.get(0).exchange.head().authority())
                    .isEqualTo(authority);
        }
    }

    @ParameterizedTest
    @CsvSource({"H1_H1", "H2_H1"})
    void connectionsAreCoalescedForAllNamesOfTheirCertificate(Pair pair) throws Exception {
        try (Rig rig = rig(pair)) {
            Client client = rig.client();
            for (String authority : new String[] {
                "test.example", "OTHER.example:8443", "a.wild.example", "B.WILD.example.", "test.example"
            }) {
                ClientCall call = get(client, authority);
                UpstreamCall up = rig.take();
                assertThat(up.request.authority()).isEqualTo(authority);
                up.ok("x");
                assertThat(call.reply().status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"H1_H1", "H2_H1"})
    void uploadIsRefusedBeforeAnybodyReadsIt(Pair pair) throws Exception {
        try (Rig rig = rig(pair)) {
            Client client = rig.client();
            if (client instanceof H1Client h1) {
                h1.wire.write("POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 10\r\n\r\n01234");
                assertThat(h1.new Call(false, false).reply().status()).isEqualTo(421);
            } else {
                ClientCall call = ((H2Client) client)
                        .open(
                                Msg.of(
                                        ":method",
                                        "POST",
                                        ":scheme",
                                        "https",
                                        ":authority",
                                        "evil.example",
                                        ":path",
                                        "/"),
                                false);
                assertThat(call.reply().status()).isEqualTo(421);
            }
            assertThat(rig.upstream.requests).hasValue(0);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.REJECTED);
        }
    }

    @Test
    void schemeIsThatOfTheConnection() throws Exception {
        try (Rig rig = rig(Pair.H2_H2)) {
            H2Client client = rig.h2();
            ClientCall call = client.open(
                    Msg.of(":method", "GET", ":scheme", "http", ":authority", "test.example", ":path", "/"), true);
            UpstreamCall up = rig.take();
            assertThat(up.request.get(":scheme")).isEqualTo("https");
            assertThat(rig.outcomes.exchanges.get(0).exchange.head().scheme()).isEqualTo("https");
            up.ok("x");
            assertThat(call.reply().status()).isEqualTo(200);
        }
    }
}
