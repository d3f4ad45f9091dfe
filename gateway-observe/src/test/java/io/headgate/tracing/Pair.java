package io.headgate.tracing;

/** What the client and the upstream speak. */
enum Pair {
    H1_H1("http", "http"),
    H1_H2("http", "h2c"),
    H2_H1("h2c", "http"),
    H2_H2("h2c", "h2c");

    final String front;
    final String back;

    Pair(String front, String back) {
        this.front = front;
        this.back = back;
    }
}
