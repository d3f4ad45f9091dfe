package io.headgate.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Lines that came, until somebody wants them as they come. Any thread. */
final class Heard {

    private final List<String> lines = new ArrayList<>();
    private Consumer<String> listener = lines::add;

    synchronized void add(String line) {
        listener.accept(line);
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    synchronized void to(Consumer<String> changed) {
        listener = changed;
    }
}
