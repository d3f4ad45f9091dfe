package io.headgate.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.8, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "fd00::/8, fd12::1, true",
        "fd00::/8, fe80::1, false",
        "::/0, 2001:db8::1, true",
        "::/0, 203.0.113.9, false",
        "2001:db8::1, 2001:db8::1, true"
    })
    void knowsWhatIsIn(String network, String address, boolean in) throws Exception {
        assertThat(Networks.of(network).contains(InetAddress.getByName(address)))
                .isEqualTo(in);
    }

    @Test
    void anIpv4AddressInTheFormOfIpv6IsTheIpv4Address() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        mapped[15] = 1;
        InetAddress address = Inet6Address.getByAddress(null, mapped, 0);

        assertThat(address).isInstanceOf(Inet6Address.class);
        assertThat(Networks.of("10.0.0.0/8").contains(address)).isTrue();
        assertThat(Networks.of("::/0").contains(address)).isFalse();
    }

    @Test
    void nobodyIsInNone() throws Exception {
        assertThat(Networks.NONE.contains(InetAddress.getByName("127.0.0.1"))).isFalse();
        assertThat(Networks.of()).isSameAs(Networks.NONE);
    }

    @Test
    void whatHasNoAddressIsInNoNetwork() {
        Networks everybody = Networks.of("0.0.0.0/0", "::/0");

        assertThat(everybody.contains((InetSocketAddress) null)).isFalse();
        assertThat(everybody.contains(UnixDomainSocketAddress.of("/run/proxy.sock")))
                .isFalse();
        assertThat(everybody.contains(InetSocketAddress.createUnresolved("shop.example", 1)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0/8",
                "::1/129",
                "localhost",
                "::ffff:10.0.0.0/104",
                "10.0.0.0/8/8",
                "fd00::/ 8"
            })
    void refusesWhatIsNoNetwork(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.of(text))
                .withMessageStartingWith("network: " + text + " (expected: ");
    }
}
