package io.headgate.profile;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How large a regular expression becomes when its counted repetitions are written out, which is what RE2 does when it compiles:
 * {@code ((a{1000}){1000}){1000}} would take all memory. Looked at before that. What is no valid expression may come out anyhow.
 */
final class RegexSize {

    private static final long MOST = Integer.MAX_VALUE;

    private final String regex;
    private final Deque<Long> outer = new ArrayDeque<>(); // what was before each open group
    private int at;
    private long before; // in the group that is open
    private long last; // the part that a repetition would be about

    private RegexSize(String regex) {
        this.regex = regex;
    }

    /** How many parts there are, roughly; at most 2^31 - 1. */
    static long of(String regex) {
        return new RegexSize(regex).size();
    }

    private long size() {
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            switch (c) {
                case '\\' -> escape();
                case '[' -> characters();
                case '{' -> repetition();
                case '(' -> {
                    begin(0);
                    outer.push(before);
                    before = 0;
                }
                case ')' -> {
                    last = sum(before, last);
                    before = outer.isEmpty() ? 0 : outer.pop();
                }
                default -> begin(1);
            }
        }
        long all = sum(before, last);
        for (long open : outer) {
            all = sum(all, open);
        }
        return all;
    }

    private void begin(long size) {
        before = sum(before, last);
        last = size;
    }

    private static long sum(long a, long b) {
        return Math.min(MOST, a + b);
    }

    private void escape() {
        begin(1);
        if (regex.startsWith("Q", at)) {
            int end = regex.indexOf("\\E", at);
            begin(end < 0 ? regex.length() - at : end - at);
            last = 1;
            at = end < 0 ? regex.length() : end;
        }
        at = Math.min(regex.length(), at + 1 + (regex.startsWith("\\E", at) ? 1 : 0));
    }

    private void characters() {
        begin(1);
        at += regex.startsWith("^", at) ? 1 : 0;
        at += regex.startsWith("]", at) ? 1 : 0; // the first one is a character
        while (at < regex.length() && regex.charAt(at) != ']') {
            int named = regex.startsWith("[:", at) ? regex.indexOf(":]", at) : -1;
            at = named > 0 ? named + 2 : at + (regex.charAt(at) == '\\' ? 2 : 1);
        }
        at = Math.min(regex.length(), at + 1);
    }

    /** The larger number counts. Braces without numbers are characters. */
    private void repetition() {
        int end = regex.indexOf('}', at);
        long times = 1;
        long number = 0;
        for (int i = at; i < end; i++) {
            int digit = Character.digit(regex.charAt(i), 10);
            if (digit < 0 && regex.charAt(i) != ',') {
                begin(1);
                return;
            }
            number = digit < 0 ? 0 : Math.min(MOST, number * 10 + digit);
            times = Math.max(times, number);
        }
        last = Math.min(MOST, last * times);
        at = end < 0 ? at : end + 1;
    }
}
