package io.headgate.tracing;

import io.headgate.http.HttpExchange;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;

/** Throws when the request says so: at the start of an observation of some name, or at the stop of all. */
final class BrokenHandler implements ObservationHandler<Observation.Context> {

    @Override
    public void onStart(Observation.Context context) {
        breakAt(context, context.getName() + " start");
    }

    @Override
    public void onStop(Observation.Context context) {
        breakAt(context, "stop");
    }

    private static void breakAt(Observation.Context context, String now) {
        HttpExchange exchange =
                context instanceof ExchangeContext server ? server.exchange() : ((AttemptContext) context).exchange();
        if (now.equals(exchange.head().fields().get("x-broken"))) {
            throw new IllegalStateException("on purpose, to be logged");
        }
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return true;
    }
}
