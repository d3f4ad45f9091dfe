package io.headgate.tap;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import org.junit.jupiter.api.Nested;

class TapContractTest {

    @Nested
    class WhenNobodyObserves extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Tap.create().stage(TapPoint.INBOUND);
        }
    }

    @Nested
    class WhenWhoeverObservedHasLeft extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            Tap tap = Tap.create();
            Observer.of(tap, Taps.EVERYTHING).cancel();
            return tap.stage(TapPoint.INBOUND);
        }
    }

    @Nested
    class WhenNothingMatches extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            Tap tap = Tap.create();
            Observer.of(tap, TapRequest.of(1, TapMatch.EVERYTHING.negate()));
            return tap.stage(TapPoint.INBOUND);
        }

        @Override
        protected boolean allocates() {
            return true; // the call, which is looked at when it is subscribed
        }
    }

    @Nested
    class WhenAllIsSeen extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            Tap tap = Tap.create();
            Observer.of(tap, Taps.EVERYTHING.withHeaders(TapHeaders.SHOWN));
            return tap.stage(TapPoint.INBOUND);
        }

        @Override
        protected boolean rewrites() {
            return true; // bodies that are not of a connection are other objects, with the same content
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }

    @Nested
    class WhenAllIsSeenWithBodies extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            Tap tap = Tap.create();
            Observer.of(tap, Taps.EVERYTHING.withHeaders(TapHeaders.SHOWN).withBodyBytes(4));
            Observer.of(tap, Taps.EVERYTHING, 0); // stalled
            return tap.stage(TapPoint.INBOUND);
        }

        @Override
        protected boolean rewrites() {
            return true; // bodies are other objects, with the same content
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }
}
