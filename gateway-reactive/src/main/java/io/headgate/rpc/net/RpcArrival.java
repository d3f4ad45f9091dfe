package io.headgate.rpc.net;

import io.headgate.http.TlsInfo;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import org.jspecify.annotations.Nullable;

/**
 * A client that a server has accepted.
 *
 * @param connection calls back; its handshake has not ended yet, and what is called before then waits or is refused, as its
 *     dialect says
 * @param dialect what it speaks, or would where bytes are needed
 * @param tls what was agreed, and who the client is by its certificate; null in cleartext
 */
public record RpcArrival(
        RpcConnection connection, Dialect dialect, @Nullable TlsInfo tls) {}
