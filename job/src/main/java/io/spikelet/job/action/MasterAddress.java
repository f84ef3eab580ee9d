package io.spikelet.job.action;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The addresses of a standalone master. Spark itself tries for a minute before it gives up. */
final class MasterAddress {
    private static final String SCHEME = "spark://";
    private static final int TIMEOUT_MILLIS = 5_000;

    private MasterAddress() {}

    /**
     * Refuses a standalone master at whose addresses nothing listens; other masters are left to Spark.
     *
     * @throws UsageException with each address and the reason
     */
    static void requireReachable(String master) {
        if (!master.startsWith(SCHEME)) {
            return;
        }
        List<String> reasons = new ArrayList<>();
        for (String address : master.substring(SCHEME.length()).split(",", -1)) {
            Optional<String> reason = unreachable(address);
            if (reason.isEmpty()) {
                return;
            }
            reasons.add(address + ": " + reason.get());
        }
        throw new UsageException("--master " + master + " is not reachable (" + String.join("; ", reasons)
                + "); start it, or correct the address");
    }

    /** Why nothing answers at an address, if nothing does. */
    private static Optional<String> unreachable(String address) {
        try {
            URI uri = new URI(SCHEME + address);
            if (uri.getHost() == null || uri.getPort() < 0) {
                return Optional.of("it is no HOST:PORT");
            }
            InetSocketAddress socket = new InetSocketAddress(uri.getHost().replaceAll("[\\[\\]]", ""), uri.getPort());
            if (socket.isUnresolved()) {
                return Optional.of("no machine of this name is known");
            }
            try (Socket connection = new Socket()) {
                connection.connect(socket, TIMEOUT_MILLIS);
                return Optional.empty();
            }
        } catch (URISyntaxException e) {
            return Optional.of("it is no HOST:PORT");
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
