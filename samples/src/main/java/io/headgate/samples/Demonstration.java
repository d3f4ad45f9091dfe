package io.headgate.samples;

import static io.headgate.http.HttpVersion.HTTP_1_1;
import static io.headgate.http.HttpVersion.HTTP_2;

import io.headgate.http.HttpVersion;
import io.headgate.samples.DemoClient.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Sends a few requests through the gateway of the quickstart and prints what becomes of each. */
final class Demonstration {

    private static final int EXCERPT = 100;

    private record Step(HttpVersion version, String method, String path, String body, Answer expected) {

        /** The reply may say more than expected: errors have an id. */
        boolean isMetBy(Answer answer) {
            return answer.status() == expected.status()
                    && answer.servedOver().equals(expected.servedOver())
                    && answer.body().contains(expected.body());
        }
    }

    private static final List<Step> STEPS = List.of(
            get(HTTP_1_1, "/orders/42", "HTTP/1.1", "orders answers GET /orders/42"),
            get(HTTP_1_1, "/users/7?full=1", "HTTP/2", "users answers GET /users/7?full=1"),
            get(HTTP_2, "/orders/42", "HTTP/1.1", "orders answers GET /orders/42"),
            get(HTTP_2, "/users/7", "HTTP/2", "users answers GET /users/7"),
            post(HTTP_1_1, "/users", "HTTP/2", "users answers POST /users with a new one"),
            post(HTTP_2, "/orders", "HTTP/1.1", "orders answers POST /orders with a new one"),
            new Step(HTTP_1_1, "GET", "/nowhere", "", new Answer(404, "-", "path: /nowhere")));

    private final DemoClient client;
    private final PrintWriter out;

    Demonstration(DemoClient client, PrintWriter out) {
        this.client = client;
        this.out = out;
    }

    private static Step get(HttpVersion version, String path, String servedOver, String body) {
        return new Step(version, "GET", path, "", new Answer(200, servedOver, body));
    }

    private static Step post(HttpVersion version, String path, String servedOver, String body) {
        return new Step(version, "POST", path, "a new one", new Answer(200, servedOver, body));
    }

    /** Returns whether every request got the reply that it should. */
    boolean run() throws InterruptedException {
        out.printf("%-4s  %-16s  %-20s  %-6s  %8s  %s%n", "", "path", "client -> upstream", "status", "time", "body");
        boolean allMet = true;
        for (Step step : STEPS) {
            allMet &= run(step);
        }
        return allMet;
    }

    private boolean run(Step step) throws InterruptedException {
        long start = System.nanoTime();
        Answer answer;
        try {
            answer = client.send(step.version(), step.method(), step.path(), step.body());
        } catch (IOException | RuntimeException e) {
            answer = new Answer(0, "-", e.toString());
        }
        out.printf(
                Locale.ROOT,
                "%-4s  %-16s  %-20s  %6d  %5.1f ms  %s%n",
                step.method(),
                step.path(),
                step.version() + " -> " + answer.servedOver(),
                answer.status(),
                (System.nanoTime() - start) / 1e6,
                excerpt(answer.body()));
        boolean met = step.isMetBy(answer);
        if (!met) {
            out.println("      expected " + step.expected());
        }
        return met;
    }

    private static String excerpt(String body) {
        String line = body.strip().replaceAll("\\s+", " ");
        return line.length() <= EXCERPT ? line : line.substring(0, EXCERPT) + "...";
    }
}
