package io.headgate.samples;

import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.profile.ProfileRouter;
import io.headgate.profile.RouteStats;
import io.headgate.retry.BudgetSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;

/** Real traffic that shows what a profile does: each line says what was asked, and what came back. */
final class ProfilesDemonstration {

    private static final int READS = 400;
    private static final int EDITS = 40;
    private static final int REVIEWS = 60;
    private static final long NANOS = 1_000_000_000L;

    private final DemoClient client;
    private final ProfileRouter router;
    private final BooksProfile profile;
    private final BooksUpstreams upstreams;
    private final PrintWriter out;
    private boolean allMet = true;

    ProfilesDemonstration(
            DemoClient client, ProfileRouter router, BooksProfile profile, BooksUpstreams upstreams, PrintWriter out) {
        this.client = client;
        this.router = router;
        this.profile = profile;
        this.upstreams = upstreams;
        this.out = out;
    }

    /** Returns whether all was as expected. */
    boolean run() throws IOException, InterruptedException {
        labels();
        out.println();
        profile.split(90, 10);
        split("90/10", 2, 18);
        retries();
        timeout();
        profile.split(50, 50);
        split("now 50/50", 37, 63);
        brokenSide();
        budget();
        return allMet;
    }

    private void labels() {
        explain("GET", "/books/1?full", "{route=read book}: taken");
        explain("PUT", "/books/1", "{route=edit book}: taken");
        explain("GET", "/authors/7", "{route=author}: taken");
        explain("GET", "/nowhere", "default route");
    }

    private void explain(String method, String target, String expected) {
        String why =
                router.explain(RequestHead.of(method, "books.example", target)).toString();
        out.println("explain " + method + " " + target);
        why.lines().forEach(line -> out.println("     " + line));
        allMet &= why.contains(expected);
    }

    /** Bounds of five standard deviations: chance breaks them once in a million runs. */
    private void split(String name, int least, int most) throws IOException, InterruptedException {
        Tally tally = send(READS, "GET", "/books/1");
        int share = Math.round(100f * tally.count("v2") / READS);
        check(
                "split " + name + ": " + READS + " x GET /books/1 -> " + tally + ", " + share + " % by v2",
                tally.count("200") == READS && share >= least && share <= most);
    }

    private void retries() throws IOException, InterruptedException {
        Tally tally = send(EDITS, "PUT", "/books/1");
        long retries = retries("edit book");
        check(
                "retries: " + EDITS + " x PUT /books/1, of which upstreams fail one in five -> " + tally + " with "
                        + retries + " retries",
                tally.count("200") == EDITS && retries > 0);
    }

    private void timeout() throws IOException, InterruptedException {
        Tally tally = send(1, "GET", "/authors/7");
        check("timeout of 100 ms: GET /authors/7, which nobody answers -> " + tally, tally.count("504") == 1);
    }

    private void brokenSide() throws IOException, InterruptedException {
        upstreams.breakSecond(true);
        int before = upstreams.seenBySecond();
        Tally tally = send(READS, "GET", "/books/1");
        int attempts = upstreams.seenBySecond() - before;
        upstreams.breakSecond(false);
        check(
                "v2 is broken: " + READS + " x GET /books/1 -> " + tally + "; v2 was tried " + attempts
                        + " times, then its breaker opened and the split left it out",
                tally.count("200") == READS && tally.count("v1") == READS && attempts < READS / 10);
    }

    private void budget() throws IOException, InterruptedException {
        profile.saveRetries();
        long start = System.nanoTime();
        Tally tally = send(REVIEWS, "POST", "/reviews");
        long retries = retries("review");
        long most = mostRetries(REVIEWS, (System.nanoTime() - start) / NANOS + 1);
        check(
                "a small budget: " + REVIEWS + " x POST /reviews, of which upstreams fail two in three -> " + tally
                        + " with " + retries + " retries of at most " + most,
                retries > 0 && retries <= most && tally.count("503") > 0);
    }

    private static long mostRetries(int calls, long seconds) {
        BudgetSettings budget = BooksProfile.SMALL_BUDGET;
        return (long) (calls * budget.ratio())
                + budget.minPerSecond() * (budget.ttl().toSeconds() + seconds);
    }

    private long retries(String label) {
        return router.stats().routes().stream()
                .filter(stats -> is(stats, label))
                .mapToLong(stats -> stats.attempts() - stats.calls())
                .sum();
    }

    private static boolean is(RouteStats stats, String label) {
        return stats.route() != null && label.equals(stats.route().labels().get(BooksProfile.LABEL));
    }

    private Tally send(int times, String method, String path) throws IOException, InterruptedException {
        Tally tally = new Tally();
        for (int i = 0; i < times; i++) {
            tally.add(client.send(HttpVersion.HTTP_2, method, path, ""));
        }
        return tally;
    }

    private void check(String line, boolean met) {
        out.println((met ? "ok   " : "FAIL ") + line);
        allMet &= met;
    }

    /** How often each status came, and each version. */
    private static final class Tally {

        private final Map<String, Integer> counts = new TreeMap<>();

        void add(DemoClient.Answer answer) {
            counts.merge(String.valueOf(answer.status()), 1, Integer::sum);
            if (answer.body().startsWith("v")) {
                counts.merge(answer.body().substring(0, 2), 1, Integer::sum);
            }
        }

        int count(String what) {
            return counts.getOrDefault(what, 0);
        }

        @Override
        public String toString() {
            return counts.toString();
        }
    }
}
