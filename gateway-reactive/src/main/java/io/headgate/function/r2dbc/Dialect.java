package io.headgate.function.r2dbc;

import java.nio.ByteBuffer;

/** Where the two databases speak differently. */
enum Dialect {
    H2 {
        @Override
        String among(String query) {
            return "IN (" + query + ")";
        }

        @Override
        String inOrder(String name) {
            // H2 compares characters of UTF-16; the bytes of UTF-8 compare as code points do.
            return "STRINGTOUTF8(" + name + ")";
        }

        @Override
        String orderColumn() {
            return "name_order";
        }

        @Override
        Object bytes(byte[] bytes) {
            return bytes.length <= H2_VARBINARY ? bytes : ByteBuffer.wrap(bytes);
        }
    },

    POSTGRESQL {
        @Override
        String among(String query) {
            return "= ANY(ARRAY(" + query + "))";
        }

        @Override
        String inOrder(String name) {
            return name;
        }

        @Override
        String orderColumn() {
            return "name";
        }

        @Override
        Object bytes(byte[] bytes) {
            return bytes;
        }
    };

    /** What H2 takes as a value; what is longer must be streamed into the table. */
    private static final int H2_VARBINARY = 1 << 20;

    /** A condition: what is before it is one of a few that a query has. A plan that was made for any number reads a table whole. */
    abstract String among(String query);

    /** A name as it is compared with {@link #orderColumn}. */
    abstract String inOrder(String name);

    /** What lists are sorted by. */
    abstract String orderColumn();

    /** A value for a binary column. */
    abstract Object bytes(byte[] bytes);
}
