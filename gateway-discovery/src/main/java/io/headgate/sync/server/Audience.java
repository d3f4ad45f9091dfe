package io.headgate.sync.server;

import io.netty.channel.EventLoop;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Who is told of one set, by event loop. Any thread. */
final class Audience implements Runnable {

    private volatile Row[] rows = {};

    Row row(EventLoop loop) {
        Row there = find(loop);
        return there == null ? add(loop) : there;
    }

    private @Nullable Row find(EventLoop loop) {
        for (Row row : rows) {
            if (row.isOf(loop)) {
                return row;
            }
        }
        return null;
    }

    private synchronized Row add(EventLoop loop) {
        Row there = find(loop);
        if (there != null) {
            return there;
        }
        Row row = new Row(loop);
        Row[] more = Arrays.copyOf(rows, rows.length + 1);
        more[rows.length] = row;
        rows = more;
        return row;
    }

    /** Something was published. */
    @Override
    public void run() {
        for (Row row : rows) {
            row.call();
        }
    }
}
