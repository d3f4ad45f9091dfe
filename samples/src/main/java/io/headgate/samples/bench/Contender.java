package io.headgate.samples.bench;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Set;

/** One way to carry calls and raw streams. Each uses one thread for its connections at each end. */
interface Contender {

    /** For options and tables. */
    String name();

    /** What it can be measured on. */
    Set<Link> links();

    /** Opens an end that answers calls and downloads. */
    Host serve(Link link, SocketAddress where) throws IOException;

    /** Opens one connection to such an end; on {@link Link#LOCAL} to the one that this process serves. */
    Caller connect(Link link, SocketAddress where) throws IOException;

    /** The end that answers. */
    interface Host extends AutoCloseable {

        /** Where it really listens. */
        SocketAddress address();

        @Override
        void close();
    }

    /** The end that asks. Used by one thread, and for one thing at a time. */
    interface Caller extends AutoCloseable {

        /** Asks for a stream, drops its bytes as they come, and returns when all of them have come. */
        void download(Download what);

        /** Asks for a stream and takes next to nothing of it, until the connection is closed. */
        void stall(Download what);

        /** Makes calls until there are no more to make and all of them are answered. */
        void run(Calls calls);

        @Override
        void close();
    }
}
