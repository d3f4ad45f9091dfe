package io.headgate;

/**
 * A typed name of an attribute. Keys are compared by identity: two keys of the same name are two keys, so libraries
 * cannot collide. Keep a key in a constant.
 *
 * @param <V> the type of the values
 */
public final class Key<V> {

    private final String name;

    private Key(String name) {
        this.name = name;
    }

    /**
     * A new key, different from every other.
     *
     * @param name for people; shown in {@link #toString}
     * @param <V> the type of the values
     * @return the key
     */
    public static <V> Key<V> of(String name) {
        return new Key<>(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
