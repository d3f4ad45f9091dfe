package io.headgate.discovery.linkerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkerdSettingsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void limitsMustNotFall() {
        ReceiveLimits limits = new ReceiveLimits(SECOND, SECOND, SECOND);

        assertThatThrownBy(() -> limits.withFirst(Duration.ofSeconds(2))).hasMessageContaining("idle: PT1S");
        assertThatThrownBy(() -> limits.withIdle(Duration.ofSeconds(2))).hasMessageContaining("lifetime: PT1S");
        assertThatThrownBy(() -> limits.withIdle(null).withFirst(Duration.ofSeconds(2)))
                .hasMessageContaining("lifetime: PT1S");
        assertThatThrownBy(() -> ReceiveLimits.NONE.withFirst(Duration.ZERO)).hasMessageContaining("first: PT0S");
        assertThat(limits.withIdle(null).withLifetime(null).withFirst(null)).isEqualTo(ReceiveLimits.NONE);
    }

    @Test
    void numbersMustMakeSense() {
        LinkerdSettings settings = LinkerdSettings.DEFAULTS;

        assertThatThrownBy(() -> settings.withMaxStreams(0)).hasMessage("maxStreams: 0 (expected: at least 1)");
        assertThatThrownBy(() -> settings.withMaxMessageBytes(0))
                .hasMessage("maxMessageBytes: 0 (expected: at least 1)");
        assertThatThrownBy(() -> settings.withBackoff(SECOND, Duration.ofMillis(999)))
                .hasMessageContaining("backoff: PT1S to PT0.999S");
    }

    @Test
    void suffixesAreComparedLabelByLabel() {
        Suffixes cluster = new Suffixes(List.of("Svc.Cluster.Local."));
        assertThat(List.of("orders.shop.svc.cluster.local:80", "svc.cluster.local", "a.SVC.cluster.local.:80"))
                .allMatch(cluster::has);
        assertThat(List.of("xsvc.cluster.local:80", "svc.cluster.local.example", "local", "", "[::1]:80"))
                .noneMatch(cluster::has);

        assertThat(List.of("a:1", "[::1]:80", "")).allMatch(new Suffixes(List.of("."))::has);
        assertThat(new Suffixes(List.of()).has("a:80")).isFalse();
    }
}
