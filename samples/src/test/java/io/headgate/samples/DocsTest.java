package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What pages refer to is there: other pages, their sections, and the tests that are said to show something. */
class DocsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

    @Test
    void linksLeadToPagesAndTheirSections() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link : matches(LINK, read(page))) {
                if (!link.group(1).contains(":") && !leadsSomewhere(page, link.group(1))) {
                    dead.add(ROOT.relativize(page) + ": " + link.group(1));
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    private static boolean leadsSomewhere(Path page, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        return Files.exists(target) && (hash < 0 || sections(target).contains(link.substring(hash + 1)));
    }

    private static List<String> sections(Path page) {
        return matches(HEADING, FENCED.matcher(read(page)).replaceAll("")).stream()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                .map(title ->
                        title.replaceAll("[^\\p{L}\\p{N}_\\- ]", "").strip().replace(' ', '-'))
                .toList();
    }

    @Test
    void testsThatPagesNameAreThere() throws IOException {
        Map<String, Path> tests = testClasses();
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult named : matches(TEST, read(page))) {
                Path file = tests.get(named.group(1));
                String method = named.group(2);
                if (file == null || (method != null && !read(file).contains(" " + method + "("))) {
                    missing.add(ROOT.relativize(page) + ": " + named.group());
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static Map<String, Path> testClasses() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(tests -> all(tests, "Test.java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""), file -> file, (a, b) -> a));
        }
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = Stream.concat(Stream.of(ROOT.resolve("README.md")), all(ROOT.resolve("docs"), ".md"))
                .toList();
        assertThat(pages).hasSizeGreaterThan(50);
        return pages;
    }

    private static Stream<Path> all(Path folder, String ending) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }
}
