package io.headgate;

/**
 * The name of a place in a {@link Stack}: what a layer is there for, apart from how it does it.
 *
 * @param name lower-case words joined by dashes, for example {@code retry-budget}
 */
public record Role(String name) {

    /** Checks the name. */
    public Role {
        if (!name.matches("[a-z][a-z0-9]*(-[a-z0-9]+)*")) {
            throw new IllegalArgumentException("role: " + name + " (expected: lower-case words joined by dashes)");
        }
    }

    /**
     * The role of a name.
     *
     * @param name lower-case words joined by dashes
     * @return the role
     */
    public static Role of(String name) {
        return new Role(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
