package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A user whose number no file of users knows, in a JVM of a user namespace. */
@Timeout(120)
final class LoginNameTest {
    private static final String NUMBER = "54321";

    @Test
    void aUserWithoutANameHasOneForHadoop() throws IOException, InterruptedException {
        assumeTrue(
                run(List.of(), "id", "-u").equals(NUMBER),
                "skipped: unshare makes no user namespace here, so no user without a name can be tried");

        assertThat(run(List.of(), java("hadoop")))
                .as("what Hadoop does by itself")
                .contains("NullPointerException");
        assertThat(run(List.of(), java("spikelet"))).endsWith("user-" + NUMBER);
        assertThat(run(List.of("HADOOP_USER_NAME=etl"), java("spikelet"))).endsWith("etl");
    }

    private static String[] java(String word) {
        return new String[] {
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--add-exports=jdk.security.auth/com.sun.security.auth.module=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            User.class.getName(),
            word
        };
    }

    private static String run(List<String> environment, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("unshare", "--user", "--map-user=" + NUMBER, "env"));
        command.addAll(environment);
        command.addAll(List.of(words));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return said;
        } catch (IOException e) { // no such program
            return e.toString();
        }
    }

    /** Prints the user's name for Hadoop. */
    static final class User {
        private User() {}

        public static void main(String[] words) throws IOException {
            if (words[0].equals("spikelet")) {
                LoginName.useNumberWithoutName();
            }
            System.out.println(UserGroupInformation.getCurrentUser().getShortUserName());
        }
    }
}
