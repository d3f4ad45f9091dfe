package io.headgate.rewrite;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import org.junit.jupiter.api.Nested;

class RewriteContractTest {

    /** A path that the edit is not about. */
    @Nested
    class OfOtherPaths extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Rewrite.path(PathEdit.stripPrefix("/api"));
        }
    }

    @Nested
    class OfPathsAndHosts extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Rewrite.path(PathEdit.addPrefix("/v1")).andThen(Rewrite.host("(.*)", "new.$1"))::apply;
        }

        @Override
        protected boolean rewrites() {
            return true;
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }

    /** Removals of what is not there. */
    @Nested
    class OfFieldsThatAreNotThere extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return FieldEdits.create().remove("x-gone").onRequests();
        }
    }

    @Nested
    class OfReplies extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return FieldEdits.create().remove("x-gone").onReplies();
        }

        @Override
        protected boolean allocates() {
            return true; // an operator
        }
    }

    /** Requests that are in the right place. */
    @Nested
    class OfRedirectsThatPass extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Redirect.of(308).withPath(PathEdit.stripPrefix("/old"));
        }

        @Override
        protected boolean allocates() {
            return true; // the place it is in is written down to be compared
        }
    }
}
