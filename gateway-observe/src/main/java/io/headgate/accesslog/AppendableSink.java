package io.headgate.accesslog;

import java.io.Flushable;
import java.io.IOException;
import java.util.Objects;

/** Lines appended to something. */
record AppendableSink(Appendable out) implements AccessSink {

    AppendableSink {
        Objects.requireNonNull(out, "out");
    }

    @Override
    public void write(CharSequence line) throws IOException {
        out.append(line).append('\n');
    }

    @Override
    public void flush() throws IOException {
        if (out instanceof Flushable flushable) {
            flushable.flush();
        }
    }
}
