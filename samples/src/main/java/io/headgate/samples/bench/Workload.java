package io.headgate.samples.bench;

/** What is measured at a time. */
sealed interface Workload {

    /** The order for so many bytes, or calls. */
    String order(long amount);

    /** The smallest amount that says anything. */
    long least();

    /** The amount that is really done when so much is asked for. */
    long whole(long amount);

    /** A raw stream to a sink that drops it. */
    record Stream(Source source, int frame) implements Workload {

        @Override
        public String order(long amount) {
            return "download " + source + " " + frame + " " + amount;
        }

        @Override
        public long least() {
            return 4L * frame;
        }

        @Override
        public long whole(long amount) {
            return Download.of(source, frame, amount).bytes();
        }
    }

    /** Small calls on one connection. */
    record Small(int inFlight, int bytes) implements Workload {

        @Override
        public String order(long amount) {
            return "calls " + amount + " " + inFlight + " " + bytes;
        }

        @Override
        public long least() {
            return 4L * inFlight;
        }

        @Override
        public long whole(long amount) {
            return amount;
        }
    }
}
