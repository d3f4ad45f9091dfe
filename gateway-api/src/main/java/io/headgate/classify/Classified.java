package io.headgate.classify;

import org.jspecify.annotations.Nullable;

/** A failure that may know better than the {@linkplain Classifier#ofFailure general rules} what the call came to. */
public interface Classified {

    /**
     * What the call came to that failed so.
     *
     * @return one of a few constants, because its error becomes a label of metrics; null when the general rules do
     */
    @Nullable Classification classification();
}
