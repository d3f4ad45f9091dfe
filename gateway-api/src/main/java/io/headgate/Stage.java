package io.headgate;

import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.SynchronousSink;
import reactor.util.context.Context;

/**
 * One concern of a gateway: a function that wraps a service and returns the wrapped one.
 *
 * <p>A stage is applied once, when a stack is built, never per request. At request time the wrapped service calls the
 * next one in tail position, so an idle stage costs a read and a call and allocates nothing. A stage that finds at build
 * time that it has nothing to do returns {@code next} itself. Stages compose with {@link #andThen}: {@code a.andThen(b)}
 * puts {@code b} around {@code a}.
 *
 * <p>The wrapped service answers {@link Service#status} and {@link Service#closeAsync} for what it wraps, too. The
 * factories here see to that; a lambda in the place of the wrapped service cannot.
 *
 * <p>Each stage keeps the contract that {@code StageContract} of the test kit checks: cancel reaches {@code next} exactly
 * once, buffers have one owner, errors pass unchanged unless handling them is the point of the stage.
 *
 * @param <I> the input of the service
 * @param <O> the output of the service
 */
@FunctionalInterface
public interface Stage<I, O> extends UnaryOperator<Service<I, O>> {

    /**
     * Wraps a service. Called once per built stack, possibly on any thread.
     *
     * @param next the service to call
     * @return the wrapped service, or {@code next} itself when there is nothing to do
     */
    Service<I, O> wrap(Service<I, O> next);

    /** Same as {@link #wrap}. */
    @Override
    default Service<I, O> apply(Service<I, O> next) {
        return wrap(next);
    }

    /**
     * The stage that does nothing; {@link Stack} leaves it out.
     *
     * @param <I> the input
     * @param <O> the output
     * @return always the same instance
     */
    @SuppressWarnings("unchecked") // identity is the same function for all types
    static <I, O> Stage<I, O> identity() {
        return (Stage<I, O>) Identity.INSTANCE;
    }

    /**
     * A stage that edits the input on the way in. Costs one call; allocates only what the edit allocates.
     *
     * @param edit the edit; an exception that it throws fails the call
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    static <I, O> Stage<I, O> onInput(UnaryOperator<I> edit) {
        Objects.requireNonNull(edit, "edit");
        return next -> new Layer<>("on-input", next) {
            @Override
            public Mono<O> call(I input) {
                return next.call(edit.apply(input));
            }
        };
    }

    /**
     * A stage that edits the output on the way out, as {@link Mono#map} does.
     *
     * @param edit the edit; must not return null. When it throws, the call fails and the output goes to the discard hook
     *     of the subscriber, as everything does that an operator drops
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    static <I, O> Stage<I, O> onOutput(UnaryOperator<O> edit) {
        Objects.requireNonNull(edit, "edit");
        BiConsumer<O, SynchronousSink<O>> handler = (output, sink) -> {
            try {
                sink.next(edit.apply(output));
            } catch (RuntimeException e) {
                Operators.onDiscard(output, Context.of(sink.contextView()));
                sink.error(e);
            }
        };
        return next -> new Layer<>("on-output", next) {
            @Override
            public Mono<O> call(I input) {
                return next.call(input).handle(handler);
            }
        };
    }

    /**
     * The readable form: the body of the stage as one lambda that is given the input and the next service.
     *
     * @param body what to do; calls the next service no more than once unless it is a retrier
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    static <I, O> Stage<I, O> around(BiFunction<I, Service<I, O>, Mono<O>> body) {
        Objects.requireNonNull(body, "body");
        return next -> new Layer<>("around", next) {
            @Override
            public Mono<O> call(I input) {
                return body.apply(input, next);
            }
        };
    }

    /**
     * Applies a stage only to the inputs that a predicate picks; the others go straight to the next service.
     *
     * @param predicate the choice, made once per call
     * @param stage the stage to apply
     * @param <I> the input
     * @param <O> the output
     * @return the stage; identity stays identity
     */
    static <I, O> Stage<I, O> when(Predicate<? super I> predicate, Stage<I, O> stage) {
        Objects.requireNonNull(predicate, "predicate");
        Objects.requireNonNull(stage, "stage");
        return next -> {
            Service<I, O> picked = stage.wrap(next);
            return picked == next
                    ? next
                    : new Layer<>("when", picked) {
                        @Override
                        public Mono<O> call(I input) {
                            return (predicate.test(input) ? picked : next).call(input);
                        }
                    };
        };
    }

    /**
     * A stage that is turned on and off while it is in use. Switched stages directly above each other in a stack cost one
     * call and one read while they are off, all of them together, and allocate nothing.
     *
     * @param control says for each call whether the stage has an effect; looked at once, when the call begins
     * @param stage the stage to apply, wrapped once, whether it is on or off
     * @param <I> the input
     * @param <O> the output
     * @return the stage; identity stays identity
     */
    static <I, O> Stage<I, O> switched(Switch control, Stage<I, O> stage) {
        Objects.requireNonNull(control, "control");
        Objects.requireNonNull(stage, "stage");
        return next -> SwitchedRun.wrap(control, stage, next);
    }

    /**
     * Mounts a ready-made Reactor operator, for example one of Resilience4j. The operator is applied anew for each
     * subscription, so an operator that keeps state in its application does not share it between calls.
     *
     * @param operator the operator
     * @param <I> the input
     * @param <O> the output
     * @return the stage
     */
    static <I, O> Stage<I, O> operator(Function<? super Mono<O>, ? extends Mono<O>> operator) {
        Objects.requireNonNull(operator, "operator");
        return next -> new Layer<>("operator", next) {
            @Override
            public Mono<O> call(I input) {
                return next.call(input).transformDeferred(operator);
            }
        };
    }
}
