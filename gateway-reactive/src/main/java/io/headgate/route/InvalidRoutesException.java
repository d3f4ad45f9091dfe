package io.headgate.route;

import java.util.List;
import java.util.stream.Collectors;

/** Routes of which no table can be made. Its message names the first few of them. */
public final class InvalidRoutesException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private static final int NAMED = 10;

    private final transient List<RouteProblem> problems;

    InvalidRoutesException(List<RouteProblem> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    private static String message(List<RouteProblem> problems) {
        String named =
                problems.stream().limit(NAMED).map(RouteProblem::toString).collect(Collectors.joining("\n"));
        return problems.size() <= NAMED ? named : named + "\nand " + (problems.size() - NAMED) + " more";
    }

    /**
     * All that is wrong.
     *
     * @return one or more
     */
    public List<RouteProblem> problems() {
        return problems;
    }
}
