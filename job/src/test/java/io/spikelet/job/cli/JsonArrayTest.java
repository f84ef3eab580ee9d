package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonArrayTest {
    @TempDir
    private Path folder;

    @Test
    void readsTokenIds() throws IOException {
        assertThat(JsonArray.tokenIds(file("[0, 7,\n319]\n"), 320)).containsExactly(0, 7, 319);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[320]           | element 0 is 320",
                "[1, -1]         | element 1 is -1",
                "[1, 2.0]        | element 1 is 2.0",
                "[1, \"2\"]      | element 1 is 2",
                "[1, null]       | element 1 is null",
                "[99999999999]   | element 0 is 99999999999",
                "[[1, 2]]        | element 0 is [",
                "{\"ids\": [1]}  | it does not begin with [",
                "[1, 2           | line 1",
                "[1, 2] 3        | something follows the array",
                "[1, nan]        | line 1",
                "[]              | holds no token ids",
            })
    void refusesWhateverIsNotAnArrayOfTokenIds(String json, String problem) throws IOException {
        Path file = file(json);

        assertThatThrownBy(() -> JsonArray.tokenIds(file, 320))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(problem);
    }

    @Test
    void refusesAnEmptyFile() throws IOException {
        Path file = file("");

        assertThatThrownBy(() -> JsonArray.tokenIds(file, 320)).hasMessageContaining("does not begin with [");
    }

    @Test
    void aMissingFileKeepsItsName() {
        assertThatThrownBy(() -> JsonArray.tokenIds(folder.resolve("missing.json"), 320))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("missing.json");
    }

    @Test
    void readsStringsWithEscapesAndCharactersBeyondTheBmp() throws IOException {
        List<String> texts = new ArrayList<>();
        JsonArray.strings(file("[\"\", \"a\\nb\", \"\\ud83d\\ude00é\"]"), element -> texts.add(element.getText()));

        assertThat(texts).containsExactly("", "a\nb", "😀é");
    }

    @Test
    void refusesAnElementThatIsNotAString() throws IOException {
        Path file = file("[\"a\", 7]");

        assertThatThrownBy(() -> JsonArray.strings(file, element -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("element 1 is 7, not a string");
    }

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("input.json"), json);
    }
}
