package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

final class MasterAddressTest {
    @Test
    void aMasterAtWhoseAddressNothingListensIsRefusedWithTheAddress() throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            int port = listening.getLocalPort();
            MasterAddress.requireReachable("spark://127.0.0.1:" + port);
            MasterAddress.requireReachable("spark://127.0.0.1:1,127.0.0.1:" + port);
        }
        try (Socket silent = new Socket()) { // holds its port and does not listen
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            String address = "127.0.0.1:" + silent.getLocalPort();
            assertRefused("spark://" + address, address + ": ", "start it, or correct the address");
            assertRefused("spark://127.0.0.1:1," + address, "127.0.0.1:1: ", address + ": ");
        }
        assertRefused("spark://nowhere.invalid:7077", "no machine of this name is known");
        assertRefused("spark://127.0.0.1", "it is no HOST:PORT");
        assertRefused("spark://a b:1", "it is no HOST:PORT");
    }

    @Test
    void aMasterWithoutAnAddressIsLeftToSpark() {
        MasterAddress.requireReachable("local[2]");
        MasterAddress.requireReachable("yarn");
        MasterAddress.requireReachable("k8s://https://127.0.0.1:1");
    }

    private static void assertRefused(String master, String... parts) {
        assertThatThrownBy(() -> MasterAddress.requireReachable(master))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--master " + master + " is not reachable (")
                .hasMessageContainingAll(parts);
    }
}
