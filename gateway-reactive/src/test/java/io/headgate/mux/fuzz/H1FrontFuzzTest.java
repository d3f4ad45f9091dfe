package io.headgate.mux.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.mux.internal.h1.H1Front;

/** What a client may send over HTTP/1.1. */
class H1FrontFuzzTest {

    @FuzzTest
    void clientSends(byte[] input) {
        Bench bench = new Bench(new Script(input), Bench.Protocol.HTTP_1);
        ScriptedService service = new ScriptedService(bench);
        H1Front.install(bench.firstWire().pipeline(), bench.context(service), null);
        Course course = new Course(bench, service);
        int cut = bench.script.next();
        while (bench.script.hasWire()) {
            bench.firstWire().arrive(bench.script.segment(cut));
            course.step();
        }
        course.end();
        course.checkReplies();
        course.checkUpstreams();
    }
}
