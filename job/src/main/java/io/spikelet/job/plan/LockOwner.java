package io.spikelet.job.plan;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The owner of an {@link OutputLock}.
 *
 * @param id of this hold and no other
 * @param machine tells processes with the same host name apart that cannot see each other, as in containers; empty where
 *     the system does not say
 * @param processStartedAt tells a process from a later one with the same number; empty where the system does not say
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record LockOwner(String id, String host, String machine, long process, String processStartedAt, String since) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    static LockOwner ofThisProcess() {
        ProcessHandle self = ProcessHandle.current();
        return new LockOwner(
                UUID.randomUUID().toString(),
                hostName(),
                thisMachine(),
                self.pid(),
                startOf(self),
                Instant.now().toString());
    }

    /** Whether there is an id, which may be a part of a file's name and lead nowhere else. */
    boolean isNamed() {
        return id != null && ID.matcher(id).matches();
    }

    /** Whether it was a process of this machine that has ended. */
    boolean isGone() {
        return hostName().equals(host)
                && thisMachine().equals(machine)
                && ProcessHandle.of(process)
                        .filter(ProcessHandle::isAlive)
                        .filter(found -> startOf(found).equals(processStartedAt))
                        .isEmpty();
    }

    private static String startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toString).orElse("");
    }

    static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "localhost";
        }
    }

    /** The boot id of the kernel and the PID namespace, where Linux provides them. */
    static String thisMachine() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip() + "/"
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
