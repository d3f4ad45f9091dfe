package io.headgate.tracing;

import io.headgate.forward.Networks;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.tracing.TraceFormat.Wish;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides from the head of a request whether it is traced. Allocates nothing.
 *
 * @param share of those whose clients say nothing
 * @param formats how clients may say it
 * @param trusted who is believed, or null for everybody
 * @param dice what is below the share is picked
 */
record Sampler(
        double share, List<TraceFormat> formats, @Nullable Networks trusted, DoubleSupplier dice) {

    boolean trusts(HttpExchange exchange) {
        return trusted == null || trusted.contains(exchange.connection().remoteAddress());
    }

    boolean picks(HttpExchange exchange, boolean believed) {
        if (share == 1) {
            return true;
        }
        Wish wish = believed ? wish(exchange.head().fields()) : Wish.NONE;
        return wish == Wish.NONE ? dice.getAsDouble() < share : wish == Wish.SAMPLED;
    }

    private Wish wish(Fields fields) {
        for (int i = 0; i < formats.size(); i++) {
            Wish wish = formats.get(i).wish(fields);
            if (wish != Wish.NONE) {
                return wish;
            }
        }
        return Wish.NONE;
    }

    @Override
    public String toString() {
        return "share " + share + " by " + formats + (trusted == null ? "" : " from " + trusted);
    }
}
