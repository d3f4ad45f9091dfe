package io.headgate.discovery;

import io.headgate.profile.Profile;

/**
 * What the owner of a service says about it, in a file or an entry of a set: the {@code spec} of a ServiceProfile of Linkerd as JSON, so
 * that what there is of those serves as it is.
 *
 * <pre>
 * {
 *   "routes": [
 *     {
 *       "name": "GET /orders/{id}",
 *       "condition": {"method": "GET", "pathRegex": "/orders/[^/]*"},
 *       "responseClasses": [{"condition": {"status": {"min": 500, "max": 599}}, "isFailure": true}],
 *       "isRetryable": true,
 *       "timeout": "300ms"
 *     }
 *   ],
 *   "retryBudget": {"retryRatio": 0.2, "minRetriesPerSecond": 10, "ttl": "10s"},
 *   "dstOverrides": [{"authority": "orders-v2.shop:8080", "weight": 100}, {"authority": "orders.shop:8080", "weight": 900}]
 * }
 * </pre>
 *
 * All may be left out but the condition of a route or class, the parts of a budget, and those of an override. A condition has one or more of
 * {@code method} and {@code pathRegex}, or for classes {@code status}, and of {@code all}, {@code any} (lists) and {@code not}; all that it has
 * must match. The name of a route is its label {@code route}. Times are written as Go writes them. What is not described here is
 * refused: a misspelt field must not be taken for one that is not there.
 */
public final class ProfileDocument {

    private ProfileDocument() {}

    /**
     * Reads a document.
     *
     * @param source where it is from, for messages
     * @param json the document in UTF-8
     * @return the profile
     * @throws DocumentException when it is not as described
     */
    public static Profile parse(String source, byte[] json) {
        return new ProfileParser(source).parse(json);
    }
}
