package io.headgate.mux.fuzz;

import static io.headgate.mux.fuzz.HeadOracle.ensure;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.IdentityHashMap;
import java.util.Map;

/** What an upstream may send over HTTP/1.1. */
class H1BackFuzzTest {

    @FuzzTest
    void upstreamSends(byte[] input) {
        Bench bench = new Bench(new Script(input), Bench.Protocol.HTTP_1);
        Callers callers = new Callers(bench);
        Map<Wire, Integer> requests = new IdentityHashMap<>();
        int cut = bench.script.next();
        callers.call();
        while (bench.script.hasWire()) {
            if (!bench.upstreams.isEmpty()) {
                Wire wire = bench.upstreams.get(bench.upstreams.size() - 1);
                wire.arrive(bench.script.segment(cut));
            } else {
                bench.script.segment(cut);
            }
            callers.step();
            bench.upstreams.forEach(wire -> checkReuse(wire, requests));
        }
        callers.step();
        callers.step();
        callers.end();
    }

    /** A connection is used again only when what came in before was replies to their last byte. */
    private static void checkReuse(Wire wire, Map<Wire, Integer> requests) {
        if (!wire.hasNews()) {
            return;
        }
        int begun = begun(wire.written());
        Integer before = requests.put(wire, begun);
        if (before == null || begun <= 1 || begun == before) {
            return;
        }
        StrictHttp1 sent = new StrictHttp1(wire.written());
        StrictHttp1 answered = new StrictHttp1(wire.delivered());
        for (int i = 1; i < begun; i++) {
            String request = sent.request().start();
            int status = 0;
            while (status < 200) {
                try {
                    status = answered.reply(request.startsWith("HEAD ")).status();
                } catch (AssertionError | IndexOutOfBoundsException e) {
                    return; // spelt in another way than the strict reader knows, but not than RFC 9112 allows
                }
            }
        }
        ensure(!answered.hasMore(), "bytes left over before a connection was used again", answered.position());
    }

    private static int begun(byte[] written) {
        StrictHttp1 reader = new StrictHttp1(written);
        int requests = 0;
        while (reader.hasMore()) {
            if (!reader.request().all("upgrade").isEmpty()) {
                return 1;
            }
            requests++;
        }
        return requests;
    }
}
