package io.headgate.mux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Fields;
import io.headgate.mux.RequestException;
import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldRulesTest {

    private static FieldIntake intake(String... namesAndValues) {
        CharSequence[] entries = new CharSequence[namesAndValues.length];
        FieldIntake intake = FieldIntake.inPlaceOf(entries);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            intake.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return intake;
    }

    @ParameterizedTest
    @EnumSource(KnownField.class)
    void knownFieldsAreFoundInAnyCase(KnownField field) {
        if (field == KnownField.OTHER) {
            return;
        }
        assertThat(KnownField.of(field.text().toString())).isEqualTo(field);
        assertThat(KnownField.of(field.text().toUpperCase())).isEqualTo(field);
        assertThat(KnownField.of(AsciiString.of("y").concat(field.text().subSequence(1))))
                .isEqualTo(KnownField.OTHER);
    }

    @Test
    void endToEndFieldsAreKeptInOrder() {
        FieldIntake intake = intake("A", "1", "Host", "h", "b", "2", "Cookie", "c", "content-length", "3", "a", "4");
        assertThat(intake.fields())
                .isEqualTo(Fields.of("A", "1", "b", "2", "Cookie", "c", "content-length", "3", "a", "4"));
        assertThat(intake.seen()).isEqualTo(6);
        assertThat(intake.hosts()).isEqualTo(1);
        assertThat(intake.host()).hasToString("h");
        assertThat(intake.contentLengths()).isEqualTo(1);
        assertThat(intake.contentLength()).hasToString("3");
    }

    @Test
    void fieldsOfTheConnectionAndThoseItNominatesAreLeftOut() {
        FieldIntake intake = intake(
                "X-One",
                "1",
                "Connection",
                "x-one",
                "connection",
                "Close , x-two",
                "x-two",
                "2",
                "keep-alive",
                "5",
                "upgrade",
                "h2c",
                "transfer-encoding",
                "chunked",
                "x-three",
                "3");
        assertThat(intake.fields()).isEqualTo(Fields.of("x-three", "3"));
        assertThat(intake.close()).isTrue();
        assertThat(intake.keepAlive()).isFalse();
        assertThat(intake.transferEncodings()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "Content-Length", "cookie", "transfer-encoding", "Authorization"})
    void fieldsThatMustArriveCannotBeNominated(String name) {
        assertThatThrownBy(() -> intake("connection", name).fields())
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @Test
    void teKeepsTrailersOnly() {
        assertThat(intake("te", "gzip").fields()).isEqualTo(Fields.empty());
        assertThat(intake("te", "gzip, Trailers ; q=1").fields()).isEqualTo(Fields.of("te", "trailers"));
        assertThat(intake("te", "trailers", "connection", "te").fields()).isEqualTo(Fields.of("te", "trailers"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "content-length",
                "Transfer-Encoding",
                "host",
                "cookie",
                "Set-Cookie",
                "AUTHORIZATION",
                "te",
                "trailer",
                "x-forwarded-for",
                "content-type",
                "x-request-id",
                "connection"
            })
    void fieldsThatFrameOrRouteMayNotBeTrailers(String name) {
        assertThat(TrailerRules.isAllowed(name)).isFalse();
        TrailerRules.Intake intake = new TrailerRules.Intake();
        intake.add(name, "x");
        intake.add("grpc-status", "0");
        assertThat(intake.fields()).isEqualTo(Fields.of("grpc-status", "0"));
    }
}
