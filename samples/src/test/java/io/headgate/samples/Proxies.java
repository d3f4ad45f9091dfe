package io.headgate.samples;

import io.headgate.http.ExchangeObserver;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Starts the proxy sample in this process, as its command line would. */
final class Proxies {

    private Proxies() {}

    static Running start(String upstream, String... options) {
        return start(ExchangeObserver.Factory.NONE, upstream, options);
    }

    static Running start(ExchangeObserver.Factory observers, String upstream, String... options) {
        return proxy(upstream, options).start(new Observed(ObservedSpec.NOTHING), observers);
    }

    static Running start(Observed observed, String upstream, String... options) {
        return proxy(upstream, options).start(observed);
    }

    private static Proxy proxy(String upstream, String... options) {
        List<String> args = new ArrayList<>(
                List.of("proxy", "--listen", "127.0.0.1:0", "--event-loops", "1", "--upstream", upstream));
        args.addAll(List.of(options));
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        CommandLine samples = Main.samples(nowhere, nowhere);
        samples.parseArgs(args.toArray(String[]::new));
        return (Proxy) samples.getSubcommands().get("proxy").getCommandSpec().userObject();
    }
}
