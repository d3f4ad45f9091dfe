package io.headgate.gateway;

/** What event loops wait with. */
public enum Transport {
    /** Epoll where its native library is on the class path and the system has it, else NIO. */
    AUTO,
    /** Java's own selectors; works everywhere. */
    NIO,
    /** Linux epoll; fails at start where it is not available. */
    EPOLL,
    /** Linux io_uring; fails at start where it is not available. */
    IO_URING
}
