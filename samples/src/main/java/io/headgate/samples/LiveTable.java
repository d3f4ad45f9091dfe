package io.headgate.samples;

import java.io.PrintWriter;
import java.util.List;

/** A table that is drawn again: in its place on a terminal, elsewhere below the last one. One thread. */
final class LiveTable {

    private final PrintWriter out;
    private final boolean terminal;
    private int drawn;

    LiveTable(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void show(List<String> lines) {
        StringBuilder text = new StringBuilder();
        if (drawn > 0) {
            text.append(terminal ? "\u001b[" + drawn + "F\u001b[J" : "\n");
        }
        lines.forEach(line -> text.append(line).append('\n'));
        out.print(text);
        out.flush();
        drawn = lines.size();
    }
}
