package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ProfilesTest {

    @Test
    void onceShowsWhatTheProfileDoesAndExits0() {
        Run run = Run.of("profiles", "--once", "--listen", "127.0.0.1:0");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsSubsequence(
                        "explain GET /books/1?full",
                        "route 0 {route=read book}: taken",
                        "explain GET /nowhere",
                        "ok   split 90/10: 400 x GET /books/1 -> {200=400, v1=",
                        "ok   retries: 40 x PUT /books/1",
                        "ok   timeout of 100 ms: GET /authors/7, which nobody answers -> {504=1}",
                        "ok   split now 50/50",
                        "ok   v2 is broken: 400 x GET /books/1 -> {200=400, v1=400}",
                        "ok   a small budget: 60 x POST /reviews",
                        "route         requests   success  retries       p50")
                .doesNotContain("FAIL", "curl");
        assertThat(run.out().lines())
                .anyMatch(line -> line.matches("read book +1200 +100 % +\\d+ +[0-9.]+ ms"))
                .anyMatch(line -> line.matches("edit book +40 +100 % +\\d+ +[0-9.]+ ms"))
                .anyMatch(line -> line.matches("author +1 +0 % +0 .*"));
        assertThat(run.exitCode()).isZero();
    }
}
