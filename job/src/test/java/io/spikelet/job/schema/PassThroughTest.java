package io.spikelet.job.schema;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class PassThroughTest {
    @Test
    void allNamesThatATableHasAreInOneMessage() {
        StructType input = new StructType()
                .add("Prompt_Tokens", "int")
                .add("group", "string")
                .add("seed", "int");

        assertThatThrownBy(() -> PassThrough.append(Tables.COMPLETIONS, Tables.COMPLETIONS_COLUMNS, input))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("columns Prompt_Tokens, seed have the names")
                .hasMessageContaining("--drop-columns Prompt_Tokens,seed");
    }
}
