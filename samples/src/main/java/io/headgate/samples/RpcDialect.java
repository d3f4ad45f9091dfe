package io.headgate.samples;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;

/** The dialects as options name them. */
enum RpcDialect {
    HEADGATE(HeadgateWire.DIALECT),
    ZREPL(ZreplWire.DIALECT);

    private final Dialect dialect;

    RpcDialect(Dialect dialect) {
        this.dialect = dialect;
    }

    Dialect dialect() {
        return dialect;
    }
}
