package io.spikelet.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RedactionTest {
    @Test
    void valuesOfSecretPropertiesAreReplacedWhereverTheyTurnUp() {
        Redaction redaction = Redaction.of(List.of(
                "generate",
                "--conf",
                "spark.hadoop.fs.s3a.secret.key=abc/def+1",
                "--conf=spark.ssl.keyPassword=opensesame"));

        assertThat(redaction.value("spark.hadoop.fs.s3a.secret.key", "abc/def+1"))
                .isEqualTo(Redaction.REDACTED);
        assertThat(redaction.value("spark.sql.shuffle.partitions", "8")).isEqualTo("8");
        assertThat(redaction.text("cannot use abc/def+1, nor opensesame"))
                .isEqualTo("cannot use " + Redaction.REDACTED + ", nor " + Redaction.REDACTED);
        assertThat(redaction.value("spark.my.token", "x")).isEqualTo(Redaction.REDACTED);
    }

    @Test
    void sparksOwnPropertySaysWhichNamesAreSecret() {
        Redaction redaction =
                Redaction.of(List.of("--conf=spark.redaction.regex=(?i)pin", "--conf=spark.my.PIN=1234567"));

        assertThat(redaction.value("spark.my.PIN", "1234567")).isEqualTo(Redaction.REDACTED);
        assertThat(redaction.value("spark.secret", "shown")).isEqualTo("shown");
        assertThatThrownBy(() -> Redaction.of(List.of("--conf=spark.redaction.regex=(")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("spark.redaction.regex");
    }

    @Test
    void addressesLoseTheirPasswords() {
        assertThat(Redaction.addresses(
                        "{\"input\":\"s3a://key:se%2Fcret@bucket/in\",\"model\":\"hdfs://host:9000/m@n\"}"))
                .isEqualTo("{\"input\":\"s3a://key:" + Redaction.REDACTED
                        + "@bucket/in\",\"model\":\"hdfs://host:9000/m@n\"}");
    }
}
