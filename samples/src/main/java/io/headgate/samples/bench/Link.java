package io.headgate.samples.bench;

/** What lies between the two ends. */
public enum Link {
    /** TCP on the loopback interface, two processes. */
    TCP("TCP loopback"),
    /** A unix domain socket, two processes. */
    UNIX("unix socket"),
    /** Nothing: both ends live in one process. */
    LOCAL("in process");

    private final String title;

    Link(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
