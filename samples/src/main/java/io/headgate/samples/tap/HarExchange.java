package io.headgate.samples.tap;

import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known of an exchange so far. */
final class HarExchange {

    private final Instant start;
    private final RequestInit request;
    private final Captured requestBody = new Captured();
    private final Captured responseBody = new Captured();
    private @Nullable ResponseInit response;
    private @Nullable ResponseEnd end;

    HarExchange(Instant start, RequestInit request) {
        this.start = start;
        this.request = request;
    }

    /** Returns how many bytes more this holds now. */
    int add(TapEvent event) {
        if (event instanceof ResponseInit seen) {
            response = seen;
        } else if (event instanceof ResponseEnd seen) {
            end = seen;
        } else if (event instanceof BodyData data) {
            return (data.ofRequest() ? requestBody : responseBody).add(data);
        }
        return 0;
    }

    Instant start() {
        return start;
    }

    RequestInit request() {
        return request;
    }

    @Nullable ResponseInit response() {
        return response;
    }

    /** Null as long as it goes on, or when its end was dropped. */
    @Nullable ResponseEnd end() {
        return end;
    }

    Captured requestBody() {
        return requestBody;
    }

    Captured responseBody() {
        return responseBody;
    }

    int size() {
        return requestBody.bytes.size() + responseBody.bytes.size();
    }

    /** The part of a body that was shown. */
    static final class Captured {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);
        private boolean isCut;

        int add(BodyData data) {
            boolean follows = data.offset() == bytes.size();
            isCut |= data.isCut() || !follows; // nothing is shown beyond a gap
            if (follows) {
                bytes.writeBytes(data.data());
                return data.data().length;
            }
            return 0;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        boolean isEmpty() {
            return bytes.size() == 0;
        }

        /** Whether this is all that has passed. */
        boolean isWhole(long passed) {
            return !isCut && bytes.size() == passed;
        }
    }
}
