package io.headgate.function.driver.process;

/** How large messages may be. */
record Caps(int requestHead, int replyHead, long replyBody) {

    static Caps of(ProcessDriverSpec spec) {
        return new Caps(spec.maxRequestHead(), spec.maxReplyHead(), spec.maxReplyBody());
    }
}
