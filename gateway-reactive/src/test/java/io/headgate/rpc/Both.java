package io.headgate.rpc;

import org.jspecify.annotations.Nullable;

/** The two sides of a connection under test; {@code lose} breaks the byte stream below them, where there is one. */
public record Both(
        RpcConnection client,
        RpcConnection server,
        @Nullable Runnable lose) {}
