package io.headgate.mux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.mux.RequestException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadRulesTest {

    private static void assertRefused(int status, ThrowingCallable check) {
        assertThatThrownBy(check)
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    @Test
    void methodIsATokenButNotOneThatTunnelsOrTraces() {
        assertThatCode(() -> HeadRules.checkMethod("M-SEARCH")).doesNotThrowAnyException();
        assertRefused(400, () -> HeadRules.checkMethod(""));
        assertRefused(400, () -> HeadRules.checkMethod("GE T"));
        assertRefused(501, () -> HeadRules.checkMethod("CONNECT"));
        assertRefused(405, () -> HeadRules.checkMethod("TRACE"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "//", "/a%2fb?c=%7e&d", "/;x='()*", "/?a?b", "/..;/%00"})
    void targetsThatArePathsPass(String target) {
        assertThatCode(() -> HeadRules.checkTarget("GET", target)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "*", "http://a/", "/ ", "/\t", "/#", "/<", "/%", "/%2", "/%g0", "/\u007f", "/\u00e9"})
    void targetsThatAreNoPathsAreRefused(String target) {
        assertRefused(400, () -> HeadRules.checkTarget("GET", target));
    }

    @Test
    void asteriskIsForOptions() {
        assertThatCode(() -> HeadRules.checkTarget("OPTIONS", "*")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b:80", "a:", "127.0.0.1:65535", "[::1]", "[::1]:80", "xn--a.b", "a_b"})
    void authoritiesPass(String authority) {
        assertThatCode(() -> HeadRules.checkAuthority(authority)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":80",
                "a:0",
                "a:65536",
                "a:x",
                "a:+1",
                "u@a",
                "a/b",
                "a b",
                "a?b",
                "[::1",
                "[]",
                "[::1]x",
                "[::g]:1",
                "a:1:2",
                "a\\b",
                "a:000080"
            })
    void whatIsNoAuthorityIsRefused(String authority) {
        assertRefused(400, () -> HeadRules.checkAuthority(authority));
    }

    @Test
    void schemeIsOneOfTwo() {
        assertThatCode(() -> HeadRules.checkScheme("https")).doesNotThrowAnyException();
        assertRefused(400, () -> HeadRules.checkScheme("HTTP"));
        assertRefused(400, () -> HeadRules.checkScheme("ftp"));
    }

    @Test
    void expectationIsContinueOrNone() {
        assertThatCode(() -> HeadRules.checkExpectation(null)).doesNotThrowAnyException();
        assertThatCode(() -> HeadRules.checkExpectation("100-Continue")).doesNotThrowAnyException();
        assertRefused(417, () -> HeadRules.checkExpectation("100-continue, x"));
    }

    @Test
    void messagesShowNoControlCharacters() {
        assertThatThrownBy(() -> HeadRules.checkTarget("GET", "/\r\nevil")).hasMessageContaining("/??evil");
    }
}
