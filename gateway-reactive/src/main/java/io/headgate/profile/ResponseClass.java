package io.headgate.profile;

import java.util.Objects;

/**
 * What replies of some kind mean.
 *
 * @param condition which replies
 * @param isFailure whether they are failures
 */
public record ResponseClass(ResponseMatch condition, boolean isFailure) {

    /** Checks that there is a condition. */
    public ResponseClass {
        Objects.requireNonNull(condition, "condition");
    }
}
