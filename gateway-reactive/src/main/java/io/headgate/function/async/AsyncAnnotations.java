package io.headgate.function.async;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.CallAnnotations;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import org.jspecify.annotations.Nullable;

/** What functions and triggers say of their asynchronous calls. What is not a number in its range is as if it were not there. */
final class AsyncAnnotations {

    private AsyncAnnotations() {}

    /** That of the trigger wins. */
    static int priority(Fn fn, @Nullable Trigger trigger) {
        int ofFunction = number(fn.annotations(), CallAnnotations.ASYNC_PRIORITY, QueuedCall.MAX_PRIORITY, 0);
        return trigger == null
                ? ofFunction
                : number(trigger.annotations(), CallAnnotations.ASYNC_PRIORITY, QueuedCall.MAX_PRIORITY, ofFunction);
    }

    static int attempts(Fn fn, AsyncSettings settings) {
        return number(fn.annotations(), AsyncRetries.ANNOTATION, AsyncRetries.MOST, settings.maxAttempts() - 1) + 1;
    }

    private static int number(Annotations annotations, String key, int most, int otherwise) {
        String text = annotations.get(key);
        if (text == null || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return otherwise;
        }
        int number = Integer.parseInt(text);
        return number <= most ? number : otherwise;
    }
}
