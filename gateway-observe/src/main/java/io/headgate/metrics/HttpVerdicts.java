package io.headgate.metrics;

import io.headgate.classify.Classification;
import java.util.Arrays;

/**
 * Numbers for what calls come to. Classifiers use a few constants, which are found by comparing references; one that makes new
 * ones all the time is compared by value, and what is more than there is room for is {@link #OTHER}.
 */
final class HttpVerdicts {

    static final Classification OTHER = new Classification(false, Classification.NO_GRPC_STATUS, "other");

    private final int limit;
    private final Runnable overflow;
    private volatile Classification[] known = {OTHER, Classification.SUCCESS, Classification.FAILURE};

    /**
     * Knows success and failure.
     *
     * @param overflow is told of a verdict for which there is no room, each time
     */
    HttpVerdicts(int limit, Runnable overflow) {
        this.limit = limit;
        this.overflow = overflow;
    }

    int limit() {
        return limit;
    }

    Classification at(int index) {
        return known[index];
    }

    /** The number of a verdict, below the limit; 0 for those that do not fit. */
    int indexOf(Classification verdict) {
        Classification[] seen = known;
        for (int i = 1; i < seen.length; i++) {
            if (seen[i] == verdict) {
                return i;
            }
        }
        return byValue(verdict);
    }

    private int byValue(Classification verdict) {
        int index = find(known, verdict);
        return index > 0 ? index : add(verdict);
    }

    private synchronized int add(Classification verdict) {
        int index = find(known, verdict);
        if (index > 0) {
            return index;
        }
        int size = known.length;
        if (size >= limit) {
            overflow.run();
            return 0;
        }
        Classification[] more = Arrays.copyOf(known, size + 1);
        more[size] = verdict;
        known = more;
        return size;
    }

    private static int find(Classification[] in, Classification verdict) {
        for (int i = 1; i < in.length; i++) {
            if (in[i].equals(verdict)) {
                return i;
            }
        }
        return 0;
    }
}
