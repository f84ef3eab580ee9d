package io.spikelet.job.cli;

import com.sun.security.auth.module.UnixSystem;
import java.io.File;
import org.apache.hadoop.security.UserGroupInformation;

/** Containers run with user ids that are not in the passwd file, and Hadoop fails for a user without a name. */
final class LoginName {
    private LoginName() {}

    /** Gives the user of this process a name for Hadoop, {@code HADOOP_USER_NAME} or made of the number, if it has none. */
    static void useNumberWithoutName() {
        if (File.separatorChar != '/') {
            return;
        }
        UnixSystem user = new UnixSystem();
        if (user.getUsername() == null) {
            String given = System.getenv("HADOOP_USER_NAME");
            UserGroupInformation.setLoginUser(
                    UserGroupInformation.createRemoteUser(given == null ? "user-" + user.getUid() : given));
        }
    }
}
