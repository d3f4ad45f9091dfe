package io.headgate.samples;

import io.headgate.samples.function.FnReply;
import io.headgate.samples.function.FnTable;
import java.io.PrintWriter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How {@code fn} shows what it was told.
 *
 * @param out where
 */
record FnOutput(PrintWriter out) {

    void line(String text) {
        out.println(text);
    }

    void entity(JsonNode entity) {
        out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(entity));
    }

    void table(FnTable table) {
        table.lines().forEach(out::println);
    }

    /** As it is, on lines of its own. */
    void body(FnReply reply) {
        String text = reply.text();
        out.print(text);
        if (!text.isEmpty() && !text.endsWith("\n")) {
            out.println();
        }
        out.flush();
    }
}
