package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which files are read. */
final class InputFilesTest extends InputCasesTest {
    private static final String ROW = "{\"prompt\": \"And the king said\"}";

    @Test
    void directoriesGiveColumnsOfTextsAndAFileBesideThemIsReadToo() {
        write("in/zone=007/x.jsonl", "{\"id\": \"a\", \"prompt\": \"x\"}");
        write("in/zone=1e3/part=a%2Fb/x.jsonl", "{\"id\": \"b\", \"prompt\": \"x\"}");
        write("in/y.jsonl", "{\"id\": \"c\", \"prompt\": \"x\"}");

        assertThat(texts(spec(folder.resolve("in")), "row_id", "zone", "part"))
                .containsExactly("a|007|null", "b|1e3|a/b", "c|null|null");
        assertThat(texts(spec(fixture("a15")), "row_id", "zone", "day", "lang"))
                .containsExactly("007|007|2024-01-01|a/b", "010|010|2024-01-02|a/b");
        assertThat(texts(spec(fixture("a15deep")), "row_id", "zone", "part")).contains("d1|1|null");
        write("null/zone=__HIVE_DEFAULT_PARTITION__/x.jsonl", "{\"id\": \"a\", \"prompt\": \"x\", \"zone\": 5}");
        write("null/zone=01.50/x.jsonl", "{\"id\": \"b\", \"prompt\": \"x\"}");
        assertThat(texts(spec(folder.resolve("null")), "row_id", "zone")).containsExactly("a|null", "b|01.50");
    }

    @Test
    void dataThatSparkWouldSkipIsRefusedByName() {
        write("in/part-0.jsonl", ROW);
        write("in/_part-1.jsonl", ROW);
        write("in/.part-2.jsonl.gz", ROW);
        write("in/_more/part-3.jsonl", ROW);
        write("copied/part-0.jsonl", ROW);
        write("copied/part-1.jsonl._COPYING_", ROW);

        assertRefused(
                spec(folder.resolve("in")), "_part-1.jsonl", ".part-2.jsonl.gz", "_more/part-3.jsonl", "rename them");
        assertRefused(spec(folder.resolve("copied")), "part-1.jsonl._COPYING_");
        assertRefused(spec(fixture("a10/_x.txt")), "_x.txt", "rename");
        assertRefused(spec(fixture("a10/.dotted.jsonl")), ".dotted.jsonl");
        assertRefused(
                spec(fixture("a10")),
                "_hidden.jsonl",
                ".dotted.jsonl",
                "_x.txt",
                "_x.parquet",
                "_dir/x.jsonl",
                "rename them");
        for (InputFormat format : InputFormat.values()) {
            assertRefused(of(fixture("a10/_x.txt"), format), "_x.txt", "rename");
        }
        write("parts/zone=1/y.jsonl", ROW);
        write("parts/zone=1/_x.csv.gz", ROW);
        write("parts/.more/x.jsonl", ROW);
        assertRefused(spec(folder.resolve("parts")), "zone=1/_x.csv.gz", ".more/x.jsonl");
    }

    @Test
    void hiddenDataIsRefusedWhateverItsExtension() {
        write("in/part-0.jsonl", ROW);
        write("in/_index.md", "x");
        write("in/_more/part-1", ROW);

        assertRefused(spec(folder.resolve("in")), "_index.md", "_more/part-1", "rename them");
    }

    @Test
    void aLinkThatLeadsNowhereOrBackIsRefused() throws IOException {
        write("in/zone=1/part-0.jsonl", ROW);
        Files.createSymbolicLink(folder.resolve("in/zone=1/again=1"), folder.resolve("in"));
        assertRefused(spec(folder.resolve("in")), "again=1", "leads back");

        Files.delete(folder.resolve("in/zone=1/again=1"));
        Files.createSymbolicLink(folder.resolve("in/zone=1/part-2.jsonl"), folder.resolve("in/zone=1/part-0.jsonl"));
        assertThat(ids(limited(folder.resolve("in"), 1))).hasSize(1);

        Files.createSymbolicLink(folder.resolve("in/zone=1/part-1.jsonl"), folder.resolve("gone.jsonl"));
        assertRefused(spec(folder.resolve("in")), "part-1.jsonl", "target does not exist");
        assertRefused(spec(folder.resolve("in/zone=1/part-*.jsonl")), "part-1.jsonl", "target does not exist");
        assertThat(ids(limited(folder.resolve("in/zone=1/part-[02].jsonl"), 1))).hasSize(1);
    }

    @Test
    void whatIsNoRegularFileIsRefused() {
        assertRefused(limited(Path.of("/dev/null"), 1), "null", "no regular file");
    }

    @Test
    void directoriesWhoseNamesDifferInCaseAreTwoColumns() {
        write("in/Zone=1/x.jsonl", "{\"id\": \"a\", \"prompt\": \"x\"}");
        write("in/zone=2/x.jsonl", "{\"id\": \"b\", \"prompt\": \"x\"}");

        assertThat(texts(spec(folder.resolve("in")), "row_id", "Zone", "zone_2"))
                .containsExactly("a|1|null", "b|null|2");
    }

    @Test
    void whatOtherProgramsLeaveBesideDataIsNoData() {
        write("in/part-0.jsonl", ROW);
        write("in/_SUCCESS", "");
        write("in/.part-0.jsonl.crc", "x");
        write("in/._part-0.jsonl", "x");
        write("in/_temporary/0/part-0.jsonl", ROW);

        assertThat(ids(spec(folder.resolve("in")))).hasSize(1);
    }

    @Test
    void aPathThatExistsIsTakenAsItStandsThere() {
        write("a?b/x.jsonl", ROW);
        write("axb/x.jsonl", ROW);
        write("run[1].jsonl", ROW);
        write("run1.jsonl", ROW, ROW);
        write("{x,y}/run.jsonl", ROW);
        write("zone=1*/run.jsonl", ROW);

        assertThat(ids(spec(folder.resolve("a?b")))).hasSize(1);
        assertThat(ids(spec(folder.resolve("run[1].jsonl")))).hasSize(1);
        assertThat(ids(spec(folder.resolve("{x,y}")))).hasSize(1);
        assertThat(ids(spec(fixture("a11/data[1].jsonl")))).hasSize(2);
        assertThat(ids(spec(fixture("a12/10:30 log.jsonl")))).hasSize(2);
        assertThat(ids(spec(fixture("a12/2024-05-01T10:30:00")))).hasSize(2);
        assertThat(ids(spec(fixture("a13/sp ace é 100% #1 +&")))).hasSize(2);
        assertThat(ids(limited(folder.resolve("a?b"), 1))).hasSize(1);
    }

    @Test
    void onlyWhereNothingHasTheNameItIsAGlob() {
        write("a1b/x.jsonl", ROW);
        write("a2b/x.jsonl", ROW, ROW);
        write("a2b/[x].jsonl", ROW);

        assertThat(ids(spec(folder.resolve("a?b")))).hasSize(4);
        assertThat(ids(spec(folder.resolve("a[1]b/*.jsonl")))).hasSize(1);
        assertThat(ids(limited(folder.resolve("a?b"), 3))).hasSize(3);
        assertRefused(spec(folder.resolve("a?c")), "a?c", "does not exist");
    }

    @Test
    void aGlobLeavesOutWhatProgramsLeaveAndReadsBesideColons() {
        write("in/zone=007/part-0.jsonl", ROW);
        write("in/zone=007/_SUCCESS", "");
        write("in/zone=007/.part-0.jsonl.crc", "x");
        write("in/zone=1/y.jsonl", ROW);
        write("in/10:30", "x");

        assertThat(ids(spec(folder.resolve("in/zone=007/*")))).hasSize(1);
        assertThat(ids(spec(folder.resolve("in/zone=007/{part-0,y}.jsonl")))).hasSize(1);
        assertThat(texts(spec(folder.resolve("in/{zone=0*,nothing}/*.jsonl")), "zone"))
                .containsExactly("007");
        assertThat(texts(spec(folder.resolve("in/zone=*")), "zone")).containsExactly("007", "1");
        write("in/zone=1/_part-1.jsonl", ROW);
        assertRefused(spec(folder.resolve("in/zone=1/*")), "_part-1.jsonl", "rename");
    }

    @Test
    void aFileThatIsARowHasItsPathAsItsId() {
        Path texts = fixture("a20/texts");
        write("more/b/x.txt", "x");
        write("more/a/x.txt", "y");

        assertThat(ids(of(texts, InputFormat.FILES))).containsExactly("harbour.txt", "harvest.txt");
        assertThat(ids(of(texts.resolve("harbour.txt"), InputFormat.FILES))).containsExactly("harbour.txt");
        assertThat(ids(of(folder.resolve("more/*"), InputFormat.FILES))).containsExactly("a/x.txt", "b/x.txt");
    }

    @Test
    void theLimitReadsNoFileThatItNeedsNoRowOf() {
        write("in/a.jsonl", "{\"id\": \"a1\", \"prompt\": \"x\"}", "", "{\"id\": \"a2\", \"prompt\": \"x\"}");
        write("in/b.jsonl", "{\"id\": \"b1\", \"prompt\": \"x\"}", "{\"id\": \"b2\", \"prompt\": \"x\"}");
        write("in/c.jsonl", "{\"id\": \"c1\", \"prompt\": \"x\"}");

        assertThat(ids(limited(folder.resolve("in"), 1))).containsExactly("a1");
        assertThat(ids(limited(folder.resolve("in"), 3))).containsExactly("a1", "a2", "b1");
        assertThat(ids(limited(folder.resolve("in"), 5))).hasSize(5);
        assertThat(ids(limited(folder.resolve("in"), 9))).hasSize(5);
        assertThat(read(limited(folder.resolve("in"), 1)).partitioned(1).inputFiles())
                .as("files that one row is read from")
                .hasSize(1);
    }
}
