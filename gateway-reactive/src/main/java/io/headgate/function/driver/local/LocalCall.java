package io.headgate.function.driver.local;

import io.headgate.http.Fields;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a function of this process is called with.
 *
 * @param fields the headers, {@code fn-call-id} and {@code fn-deadline} among them
 * @param input the payload, whole; the function's to keep
 * @param environment of the instance: the configuration, and what the contract says of the function
 */
public record LocalCall(Fields fields, byte[] input, Map<String, String> environment) {

    /**
     * The payload as text.
     *
     * @return the input read as UTF-8
     */
    public String text() {
        return new String(input, StandardCharsets.UTF_8);
    }
}
