package io.headgate.sync.internal.wire;

import io.headgate.sync.internal.gob.Gob;
import io.headgate.sync.internal.gob.GobTime;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Writes the fields of one struct in rising order; zero values and those that are not sent are left out. */
final class StructWriter {

    private final int[] numbers;
    private final ByteBuf out;
    private int last = -1;

    StructWriter(int[] numbers, ByteBuf out) {
        this.numbers = numbers;
        this.out = out;
    }

    private boolean begins(int slot, boolean present) {
        int number = numbers[slot];
        if (!present || number < 0) {
            return false;
        }
        Gob.uint(out, number - last);
        last = number;
        return true;
    }

    void bool(int slot, boolean value) {
        if (begins(slot, value)) {
            out.writeByte(1);
        }
    }

    void uint(int slot, long value) {
        if (begins(slot, value != 0)) {
            Gob.uint(out, value);
        }
    }

    void sint(int slot, long value) {
        if (begins(slot, value != 0)) {
            Gob.sint(out, value);
        }
    }

    void string(int slot, String value) {
        if (begins(slot, !value.isEmpty())) {
            Gob.string(out, value);
        }
    }

    void strings(int slot, List<String> values) {
        if (begins(slot, !values.isEmpty())) {
            Gob.uint(out, values.size());
            for (String value : values) {
                Gob.string(out, value);
            }
        }
    }

    void time(int slot, GobTime value) {
        if (begins(slot, !value.isZero())) {
            value.write(out);
        }
    }

    void end() {
        out.writeByte(0);
    }
}
