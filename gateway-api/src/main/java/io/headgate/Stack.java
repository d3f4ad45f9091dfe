package io.headgate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * An immutable, ordered list of named layers above an endpoint: the template from which the service of each target is
 * built.
 *
 * <p>A stack grows from the endpoint upward: {@link #push} adds the layer nearest to the client. Order is the order of
 * the code; a layer is found again by its {@link Role}, never by a number. Each push says why the layer sits where it
 * sits, and {@link #describe} prints the stack as a request meets it.
 *
 * <p>Stacks are values: every method returns a new stack, and any thread may use them.
 *
 * @param <T> the target that services are built for
 * @param <I> the input of the services
 * @param <O> the output of the services
 */
public final class Stack<T, I, O> {

    private record Layer<T, I, O>(Role role, String why, Function<? super T, Stage<I, O>> stage) {}

    private final ServiceFactory<T, I, O> endpoint;
    private final List<Layer<T, I, O>> layers; // from the endpoint upward

    private Stack(ServiceFactory<T, I, O> endpoint, List<Layer<T, I, O>> layers) {
        this.endpoint = endpoint;
        this.layers = List.copyOf(layers);
    }

    /**
     * The stack of an endpoint alone.
     *
     * @param endpoint builds the innermost service of a target
     * @param <T> the target
     * @param <I> the input
     * @param <O> the output
     * @return the stack
     */
    public static <T, I, O> Stack<T, I, O> of(ServiceFactory<T, I, O> endpoint) {
        return new Stack<>(Objects.requireNonNull(endpoint, "endpoint"), List.of());
    }

    /**
     * Adds a layer that is the same for all targets, nearest to the client.
     *
     * @param role its name; not yet in the stack
     * @param why one line: what it must stay above or below
     * @param stage the stage
     * @return the larger stack
     */
    public Stack<T, I, O> push(Role role, String why, Stage<I, O> stage) {
        Objects.requireNonNull(stage, "stage");
        return pushFor(role, why, target -> stage);
    }

    /**
     * Adds a layer whose stage depends on the target, nearest to the client.
     *
     * @param role its name; not yet in the stack
     * @param why one line: what it must stay above or below
     * @param stage makes the stage of a target; returns {@link Stage#identity} for targets without the concern
     * @return the larger stack
     */
    public Stack<T, I, O> pushFor(Role role, String why, Function<? super T, Stage<I, O>> stage) {
        return insert(layers.size(), role, why, stage);
    }

    /**
     * Adds a layer directly below another: a request meets the other layer first, then this one.
     *
     * @param other a role in the stack
     * @param role the new name; not yet in the stack
     * @param why one line: what it must stay above or below
     * @param stage the stage
     * @return the larger stack
     */
    public Stack<T, I, O> insertBelow(Role other, Role role, String why, Stage<I, O> stage) {
        Objects.requireNonNull(stage, "stage");
        return insert(indexOf(other), role, why, target -> stage);
    }

    /**
     * Adds a layer directly above another: a request meets this layer first, then the other one.
     *
     * @param other a role in the stack
     * @param role the new name; not yet in the stack
     * @param why one line: what it must stay above or below
     * @param stage the stage
     * @return the larger stack
     */
    public Stack<T, I, O> insertAbove(Role other, Role role, String why, Stage<I, O> stage) {
        Objects.requireNonNull(stage, "stage");
        return insert(indexOf(other) + 1, role, why, target -> stage);
    }

    /**
     * Puts another stage in the place of a role; the reason for the place stays.
     *
     * @param role a role in the stack
     * @param stage the stage that takes the place
     * @return the changed stack
     */
    public Stack<T, I, O> replace(Role role, Stage<I, O> stage) {
        Objects.requireNonNull(stage, "stage");
        List<Layer<T, I, O>> changed = new ArrayList<>(layers);
        changed.replaceAll(layer -> layer.role.equals(role) ? new Layer<>(role, layer.why, target -> stage) : layer);
        indexOf(role); // a role that is not there is a mistake, not a no-op
        return new Stack<>(endpoint, changed);
    }

    /**
     * Takes a layer out.
     *
     * @param role a role in the stack
     * @return the smaller stack
     */
    public Stack<T, I, O> remove(Role role) {
        List<Layer<T, I, O>> changed = new ArrayList<>(layers);
        changed.remove(indexOf(role));
        return new Stack<>(endpoint, changed);
    }

    /**
     * Builds the service of a target: the endpoint, wrapped by each layer, wrapped by one guard that turns an exception
     * thrown by any of them into a failed {@code Mono}.
     *
     * @param target the target
     * @return the service
     */
    public Service<I, O> make(T target) {
        Service<I, O> service = endpoint.create(target);
        for (Layer<T, I, O> layer : layers) {
            Service<I, O> next = service;
            service = Objects.requireNonNull(layer.stage.apply(target), () -> "stage of role " + layer.role)
                    .wrap(next);
        }
        return new Guard<>(service, describe());
    }

    /**
     * Prints the stack as a request meets it, one line per layer with its role and the reason for its place.
     *
     * @return the text, without a line break at the end
     */
    public String describe() {
        StringBuilder text = new StringBuilder();
        for (int i = layers.size() - 1; i >= 0; i--) {
            Layer<T, I, O> layer = layers.get(i);
            text.append(layer.role).append(" - ").append(layer.why).append('\n');
        }
        return text.append("endpoint").toString();
    }

    @Override
    public String toString() {
        return describe();
    }

    private Stack<T, I, O> insert(int index, Role role, String why, Function<? super T, Stage<I, O>> stage) {
        Objects.requireNonNull(why, "why");
        Objects.requireNonNull(stage, "stage");
        for (Layer<T, I, O> layer : layers) {
            if (layer.role.equals(role)) {
                throw new IllegalArgumentException(
                        "role: " + role + " (expected: a role that is not yet in the stack)");
            }
        }
        List<Layer<T, I, O>> changed = new ArrayList<>(layers);
        changed.add(index, new Layer<>(role, why, stage));
        return new Stack<>(endpoint, changed);
    }

    private int indexOf(Role role) {
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i).role.equals(role)) {
                return i;
            }
        }
        throw new IllegalArgumentException("role: " + role + " (expected: one of "
                + layers.stream().map(layer -> layer.role.name()).toList() + ")");
    }

    /** The outermost service: lifts what the layers throw, once, so that none of them has to. */
    private record Guard<I, O>(Service<I, O> next, String description) implements Service<I, O> {

        @Override
        public Mono<O> call(I input) {
            try {
                return next.call(input);
            } catch (RuntimeException e) {
                return Mono.error(e);
            }
        }

        @Override
        public Status status() {
            return next.status();
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return next.closeAsync(grace);
        }

        @Override
        public String describe() {
            return description;
        }

        @Override
        public String toString() {
            return description;
        }
    }
}
