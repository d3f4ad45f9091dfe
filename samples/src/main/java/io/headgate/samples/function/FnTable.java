package io.headgate.samples.function;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Entities in columns, a line each. */
public final class FnTable {

    private static final String GAP = "  ";

    private final List<String> fields;
    private final List<List<String>> rows = new ArrayList<>();

    private FnTable(List<String> fields) {
        this.fields = fields;
        rows.add(fields);
    }

    /**
     * A table.
     *
     * @param entities what to show, a row each
     * @param fields which of their fields; what is missing is a dash
     */
    public static FnTable of(List<JsonNode> entities, String... fields) {
        FnTable table = new FnTable(List.of(fields));
        entities.forEach(table::add);
        return table;
    }

    private void add(JsonNode entity) {
        rows.add(fields.stream().map(field -> text(entity.path(field))).toList());
    }

    private static String text(JsonNode value) {
        String text = value.asString("").replaceAll("\\p{Cntrl}", " ");
        return text.isEmpty() ? "-" : text;
    }

    /** The heading and a line for each entity. */
    public List<String> lines() {
        List<Integer> widths = IntStream.range(0, fields.size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .boxed()
                .toList();
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, List<Integer> widths) {
        return IntStream.range(0, row.size())
                .mapToObj(column -> row.get(column)
                        + " ".repeat(widths.get(column) - row.get(column).length()))
                .collect(Collectors.joining(GAP))
                .stripTrailing();
    }
}
