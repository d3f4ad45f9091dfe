package io.headgate.mux.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** What an upstream may send over HTTP/2. */
class H2BackFuzzTest {

    private static final int RAW = 1;
    private static final int NO_SETTINGS = 2;

    @FuzzTest
    void upstreamSends(byte[] input) throws Exception {
        Bench bench = new Bench(new Script(input), Bench.Protocol.HTTP_2);
        Callers callers = new Callers(bench);
        int cut = bench.script.next();
        int mode = bench.script.next();
        callers.call();
        H2Composer composer = new H2Composer(bench.script, true);
        int opened = 0;
        while (bench.script.hasWire()) {
            if (opened < bench.upstreams.size()) {
                opened = bench.upstreams.size();
                arrive(bench, composer.opening((mode & NO_SETTINGS) == 0));
            }
            arrive(bench, (mode & RAW) == 0 ? composer.next() : bench.script.segment(cut));
            if (cut == 0 || (cut & 1) == 1) {
                callers.step();
            }
        }
        callers.step();
        callers.step();
        callers.end();
        for (Wire wire : bench.upstreams) {
            new H2Reader(wire.written(), true);
        }
    }

    private static void arrive(Bench bench, byte[] segment) {
        if (!bench.upstreams.isEmpty()) {
            bench.upstreams.get(bench.upstreams.size() - 1).arrive(segment);
            bench.turn();
        }
    }
}
