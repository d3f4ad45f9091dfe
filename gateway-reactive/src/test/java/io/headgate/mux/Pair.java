package io.headgate.mux;

/** Who speaks what: the client, then the upstream. */
enum Pair {
    H1_H1(Proto.H1, Proto.H1),
    H1_H2(Proto.H1, Proto.H2),
    H2_H1(Proto.H2, Proto.H1),
    H2_H2(Proto.H2, Proto.H2);

    /** A protocol of one side. */
    enum Proto {
        H1,
        H2
    }

    final Proto front;
    final Proto back;

    Pair(Proto front, Proto back) {
        this.front = front;
        this.back = back;
    }

    boolean h1Front() {
        return front == Proto.H1;
    }

    boolean h1Back() {
        return back == Proto.H1;
    }
}
