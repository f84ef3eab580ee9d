package io.spikelet.job.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.util.List;
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

    @Test
    void soAreThoseOfASummaryOnBothSidesOfItsGroups() {
        StructType groups = new StructType().add("Level", "string").add("nll", "string");

        assertThatThrownBy(() -> GroupColumns.between(
                        new StructType().add("level", "string"),
                        new StructType().add("nll", "double"),
                        "summary",
                        List.of("Level", "nll"),
                        groups,
                        "in.jsonl"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("columns Level, nll have the names of columns of the table summary");
    }

    @Test
    void namesAreComparedAsSparkComparesThem() {
        for (String[] pair : new String[][] {
            {"Tag", "tAG"}, {"\u00b5s", "\u03bcs"}, {"\u017feed", "seed"}, {"\u0130", "i\u0307"}, {"\u0130", "i"}
        }) {
            assertThat(FoldedName.of(pair[0])).as(pair[0]).isEqualTo(FoldedName.of(pair[1]));
        }
        assertThat(FoldedName.of("seed")).isNotEqualTo(FoldedName.of("seeds"));
        assertThat(FoldedName.of("\u00e9")).isNotEqualTo(FoldedName.of("e"));
    }
}
