package io.headgate.ratelimit;

/** A limit and whom it counts together. */
record RateRule(RateLimit limit, RateKey key) {}
