package io.headgate.route;

import java.util.Objects;

/**
 * Which paths a route is about. What is written here is checked when a table is built, which names the route.
 *
 * <p>A path is compared segment by segment, as it is: the mux has given it its canonical spelling
 * ({@code PathPolicy.CANONICAL}), and a pattern must be spelled so, too. The query is no part of it. {@code /a} and
 * {@code /a/} are two paths.
 */
public sealed interface PathMatch {

    /** Every path, and the targets that are none: {@code *} of OPTIONS and those of CONNECT. */
    PathMatch ANY = new Any();

    /**
     * One path.
     *
     * @param path such as {@code /orders}; braces in it are braces
     * @return the match
     */
    static PathMatch exact(String path) {
        return new Exact(path);
    }

    /**
     * A path and all below it: {@code /api} matches {@code /api}, {@code /api/} and {@code /api/x}, not {@code /apix}.
     *
     * @param template starts with a slash and does not end with one, but for {@code /}, which is all paths; segments may be
     *     parameters
     * @return the match
     */
    static PathMatch prefix(String template) {
        return new Prefix(template);
    }

    /**
     * Paths of a form: {@code /users/{id}} matches {@code /users/7}, and <code>/files/{path...}</code> all below
     * {@code /files/}, with what follows that slash, which may be nothing. A parameter is a whole segment that is not empty.
     *
     * @param template segments that are text or parameters
     * @return the match; without parameters that of one path
     */
    static PathMatch template(String template) {
        return new Template(template);
    }

    /** Every path. */
    record Any() implements PathMatch {
        @Override
        public String toString() {
            return "any path";
        }
    }

    /**
     * One path.
     *
     * @param path the path
     */
    record Exact(String path) implements PathMatch {

        /** Checks that it is there. */
        public Exact {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /**
     * A path and all below it.
     *
     * @param template the path
     */
    record Prefix(String template) implements PathMatch {

        /** Checks that it is there. */
        public Prefix {
            Objects.requireNonNull(template, "template");
        }

        @Override
        public String toString() {
            return template + " and below";
        }
    }

    /**
     * Paths of a form.
     *
     * @param template the form
     */
    record Template(String template) implements PathMatch {

        /** Checks that it is there. */
        public Template {
            Objects.requireNonNull(template, "template");
        }

        @Override
        public String toString() {
            return template;
        }
    }
}
