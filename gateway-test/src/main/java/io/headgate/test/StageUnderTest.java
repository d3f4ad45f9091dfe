package io.headgate.test;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A stage between callers and a next service that are driven by hand, and what it says of itself. */
abstract class StageUnderTest {

    /** Longer than any stage waits for anything. */
    static final Duration GRACE = Duration.ofMinutes(1);

    /** Of the replies of the next service. */
    static final Fields HEADER = Fields.of("x-reply", "yes");

    private static final int MANY_ATTEMPTS = 100;

    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final ScriptedService next = ScriptedService.create();
    private final List<Caller> callers = new ArrayList<>();

    private @Nullable VirtualClock clock;
    private @Nullable Service<HttpExchange, HttpReply> service;

    StageUnderTest() {}

    /**
     * The stage under test, in the state in which it lets {@link #exchange} through. Called once for each check, on the
     * thread of the test.
     *
     * @return a new stage
     */
    protected abstract Stage<HttpExchange, HttpReply> stage();

    /**
     * An exchange that the stage lets through. Called once for each call that a check makes, on the thread that makes it.
     *
     * @param body the body; takes ownership
     * @return the exchange with that body; a POST to {@code /} unless overridden
     */
    protected HttpExchange exchange(Body body) {
        return TestExchange.post("/", body);
    }

    /**
     * The role that {@link Service#describe} of the wrapped service must name.
     *
     * @return the role, or null when the stage has none of its own
     */
    protected @Nullable Role role() {
        return null;
    }

    /**
     * Tells that the stage changes the exchange, the reply or how either ends, even for {@link #exchange}. Then content
     * is not compared; who ends what, and how often, still is.
     *
     * @return false unless overridden
     */
    protected boolean rewrites() {
        return false;
    }

    /**
     * Tells that the stage calls the next service again after a failure. Then the checks let attempts fail until the
     * stage gives up, with time passing.
     *
     * @return false unless overridden
     */
    protected boolean retries() {
        return false;
    }

    /**
     * Tells that the stage keeps the body of the request for another attempt. Then a reader that has had enough is no reason
     * to tell the client so before there is a reply.
     *
     * @return what {@link #retries} says unless overridden
     */
    protected boolean keepsBody() {
        return retries();
    }

    /**
     * Tells that the stage has work to do for {@link #exchange}, and pays for it. Stages that can be idle leave this alone
     * and are measured.
     *
     * @return false unless overridden
     */
    protected boolean allocates() {
        return false;
    }

    /**
     * How long a timer of the stage may go on after the last call that needed it: coarse timers look after many calls at once
     * and go away by themselves.
     *
     * @return zero unless overridden: a timer goes with its call
     */
    protected Duration timerGrain() {
        return Duration.ZERO;
    }

    @BeforeEach
    void wrapNext() {
        clock = VirtualClock.install();
        service = stage().wrap(next);
    }

    @AfterEach
    void releaseEverything() {
        try {
            callers.forEach(Caller::end);
            allocator.assertNoLeaks();
        } finally {
            clock().close();
        }
    }

    Service<HttpExchange, HttpReply> service() {
        return Objects.requireNonNull(service, "service");
    }

    VirtualClock clock() {
        return Objects.requireNonNull(clock, "clock");
    }

    /** How many timers are left when those that are allowed to be late have gone. */
    int timersLeft() {
        clock().advance(timerGrain());
        return clock().pending();
    }

    /** Makes a call that the stage lets through. */
    Caller call() {
        return call(exchange(Body.of(allocator.utf8("ping"))));
    }

    /** Makes a call, which ends with the check at the latest. */
    Caller call(HttpExchange exchange) {
        Caller caller = Caller.call(service(), exchange);
        callers.add(caller);
        return caller;
    }

    /** Lets the next service reply with a head; its body is driven by hand. */
    static ScriptedBody reply(ScriptedService.Call call) {
        return call.reply(200, HEADER);
    }

    /** Lets attempts fail, with time passing, until the caller is answered. */
    void failUntilGivenUp(Caller caller, RuntimeException failure) {
        for (int i = 0; i < MANY_ATTEMPTS && !caller.isAnswered(); i++) {
            next.calls().stream().filter(ScriptedService.Call::isInFlight).forEach(attempt -> attempt.fail(failure));
            clock().advance(GRACE);
        }
    }
}
