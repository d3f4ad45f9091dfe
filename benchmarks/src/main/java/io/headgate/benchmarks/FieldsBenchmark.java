package io.headgate.benchmarks;

import io.headgate.http.Fields;
import io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The fields of a browser's request: twelve, read and edited. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FieldsBenchmark {

    private static final AsciiString EIGHTH = AsciiString.cached("sec-fetch-site");
    private static final AsciiString ABSENT = AsciiString.cached("x-request-id");

    private static final String[] PAIRS = {
        "user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "accept-language", "en-US,en;q=0.5",
        "accept-encoding", "gzip, deflate, br, zstd",
        "referer", "https://example.org/list",
        "cookie", "session=0123456789abcdef; theme=dark",
        "upgrade-insecure-requests", "1",
        "sec-fetch-site", "same-origin",
        "sec-fetch-mode", "navigate",
        "sec-fetch-dest", "document",
        "priority", "u=0, i",
        "te", "trailers"
    };

    /** What names and values are made of: user code writes the one, codecs read the other. */
    public enum Text {
        /** {@link java.lang.String}. */
        STRING,
        /** {@link io.netty.util.AsciiString}. */
        ASCII
    }

    /** What names and values are made of. */
    @Param
    public Text text = Text.STRING;

    private Fields fields = Fields.empty();

    /** Makes the fields. */
    @Setup
    public void makeFields() {
        CharSequence[] pairs = PAIRS.clone();
        if (text == Text.ASCII) {
            pairs = new CharSequence[PAIRS.length];
            for (int i = 0; i < PAIRS.length; i++) {
                pairs[i] = AsciiString.of(PAIRS[i]);
            }
        }
        fields = Fields.of(pairs);
    }

    /** Reads the eighth field. */
    @Benchmark
    public @Nullable String getEighth() {
        return fields.get(EIGHTH);
    }

    /** Looks for a field that is not there. */
    @Benchmark
    public @Nullable String getAbsent() {
        return fields.get(ABSENT);
    }

    /** Copies all fields and sets one more. */
    @Benchmark
    public Fields toBuilderAndSet() {
        return fields.toBuilder().set(ABSENT, "0123456789abcdef").build();
    }
}
