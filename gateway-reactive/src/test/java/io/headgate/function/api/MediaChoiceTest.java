package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaChoiceTest {

    private static String chosen(String... accept) {
        return MediaChoice.of(List.of(accept), "application/json", "text/plain");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/* | application/json",
                "application/* | application/json",
                "application/json, text/plain | application/json",
                "text/plain | text/plain",
                "TEXT/plain; charset=utf-8 | text/plain",
                "text/plain, */* | text/plain",
                "text/*;q=0.9, application/json;q=0.8 | text/plain",
                "application/json;q=0, */* | text/plain",
                "image/png, text/*;q=0.001 | text/plain",
                "text/plain;q=0.5, */*;q=0.5 | text/plain"
            })
    void choosesWhatIsLikedBest(String accept, String type) {
        assertThat(chosen(accept)).isEqualTo(type);
    }

    @Test
    void withoutAWishTheFirstIsChosen() {
        assertThat(chosen()).isEqualTo("application/json");
        assertThat(chosen("image/png", "text/plain")).isEqualTo("text/plain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"image/png", "text/html", "*/*;q=0", "application/json;q=0.0, text/*;q=0", "text", ""})
    void whatFitsNothingIsRefused(String accept) {
        assertThatThrownBy(() -> chosen(accept))
                .isInstanceOfSatisfying(
                        FunctionException.class,
                        error -> assertThat(error.kind()).isEqualTo(ErrorKind.NOT_ACCEPTABLE))
                .hasMessageContaining("(expected: application/json or text/plain)");
    }
}
