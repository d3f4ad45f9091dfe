package io.headgate.mux.fuzz;

import static io.headgate.mux.fuzz.HeadOracle.ensure;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.mux.internal.h2.H2Front;
import io.netty.handler.codec.http2.Http2Headers;

/** What a client may send over HTTP/2; what is forwarded goes over HTTP/1.1, where more can be smuggled. */
class H2FrontFuzzTest {

    private static final int RAW = 1;
    private static final int NO_SETTINGS = 2;

    @FuzzTest
    void clientSends(byte[] input) throws Exception {
        Bench bench = new Bench(new Script(input), Bench.Protocol.HTTP_1);
        ScriptedService service = new ScriptedService(bench);
        H2Front.install(bench.firstWire().pipeline(), bench.context(service), null);
        Course course = new Course(bench, service);
        int cut = bench.script.next();
        int mode = bench.script.next();
        H2Composer composer = new H2Composer(bench.script, false);
        if ((mode & RAW) == 0) {
            bench.firstWire().arrive(composer.opening((mode & NO_SETTINGS) == 0));
            course.step();
        }
        while (bench.script.hasWire()) {
            bench.firstWire().arrive((mode & RAW) == 0 ? composer.next() : bench.script.segment(cut));
            if (cut == 0 || (cut & 1) == 1) {
                course.step();
            }
        }
        course.end();
        course.checkUpstreams();
        checkReplies(bench);
    }

    private static void checkReplies(Bench bench) throws Exception {
        H2Reader reader = new H2Reader(bench.firstWire().written(), false);
        long replies = reader.streams.values().stream()
                .filter(stream -> stream.head() != null && !isTooLarge(stream.head()))
                .count();
        ensure(replies <= bench.seen.size(), "replies without a request", replies);
    }

    /** What the codec itself answers to a header list that is too long. */
    private static boolean isTooLarge(Http2Headers head) {
        return "431".contentEquals(head.status());
    }
}
