package io.headgate.function.invoke;

import io.headgate.http.Fields;
import io.netty.util.AsciiString;

/** Adds what every function is told of its call; nobody else has a say in it. */
final class ContractFields {

    private static final AsciiString DEADLINE = AsciiString.cached("Fn-Deadline");

    private ContractFields() {}

    /**
     * The fields as they are sent.
     *
     * @param deadline until when the call may run
     */
    static Fields of(Fields fields, String callId, AsciiString deadline) {
        CharSequence[] entries = new CharSequence[(fields.size() + 2) * 2];
        entries[0] = ReplyFields.CALL_ID;
        entries[1] = callId;
        entries[2] = DEADLINE;
        entries[3] = deadline;
        int size = 2;
        for (int i = 0; i < fields.size(); i++) {
            CharSequence name = fields.name(i);
            if (!AsciiString.contentEqualsIgnoreCase(name, ReplyFields.CALL_ID)
                    && !AsciiString.contentEqualsIgnoreCase(name, DEADLINE)) {
                entries[size * 2] = name;
                entries[size * 2 + 1] = fields.value(i);
                size++;
            }
        }
        return Fields.ofValidated(entries, size);
    }
}
