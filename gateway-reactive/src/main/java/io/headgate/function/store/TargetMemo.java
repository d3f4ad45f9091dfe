package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Remembers what was last put together of the same parts, so that a lookup that finds them all allocates nothing. */
final class TargetMemo {

    private volatile @Nullable Made last;

    /** A target and the answer that it is. */
    private record Made(Target target, Mono<Target> answer) {

        boolean isOf(App app, Fn fn) {
            return target.app() == app && target.fn() == fn;
        }
    }

    Mono<Target> target(App app, Fn fn, @Nullable Trigger trigger) {
        Made made = last;
        if (made == null || !made.isOf(app, fn)) {
            Target target = new Target(app, fn, trigger, Map.of());
            made = new Made(target, Mono.just(target));
            last = made;
        }
        return made.answer;
    }
}
