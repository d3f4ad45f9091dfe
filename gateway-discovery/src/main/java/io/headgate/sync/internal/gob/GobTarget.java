package io.headgate.sync.internal.gob;

import org.jspecify.annotations.Nullable;

/** Gets the fields of one struct that its shape has and the sender has sent. */
@FunctionalInterface
public interface GobTarget {

    /**
     * A field is there: its value must be read, no more and no less.
     *
     * @param slot the number of the field in the shape
     * @param element how elements are read, for a list of structs
     * @param in has the value
     */
    void field(int slot, @Nullable GobPlan element, GobDecoder in);
}
