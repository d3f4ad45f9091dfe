package io.headgate.rpc.stream;

import io.headgate.http.Fields;

/**
 * Which caller a step of an upload belongs to, and which of that caller's attempts. A caller begins an attempt after it has given
 * the one before up, so what comes of an earlier one is a ghost that nobody listens to.
 *
 * @param caller chosen by chance for each upload that is begun; empty for callers that do not say it
 * @param number grows with each attempt of that caller
 */
record Attempt(String caller, long number) {

    static Attempt of(Fields fields) {
        String caller = fields.get(ResumeFields.CALLER);
        if (caller == null) {
            return new Attempt("", 0);
        }
        Upload.checkName(ResumeFields.CALLER, caller);
        return new Attempt(caller, ResumeFields.number(fields, ResumeFields.ATTEMPT));
    }

    boolean isOfSameCaller(Attempt other) {
        return caller.equals(other.caller);
    }
}
