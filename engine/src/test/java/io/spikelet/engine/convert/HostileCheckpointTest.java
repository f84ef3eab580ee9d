package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files made to cost much: each is refused at a cost in proportion to its size, and the message is short. */
final class HostileCheckpointTest {
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** An entry without the two names that every tensor has takes three tokens of JSON in 13 characters. */
    @Test
    void aHeaderOfAMillionEmptyEntriesIsRefused() {
        String header = IntStream.range(0, 1_200_000)
                .mapToObj(i -> "\"" + (1_000_000 + i) + "\":{}")
                .collect(Collectors.joining(",", "{", "}"));

        assertHeaderRefused(header);
    }

    @Test
    void aHeaderWithMillionsOfObjectsInItsMetadataIsRefused() {
        assertHeaderRefused("{\"__metadata__\":{\"a\":[" + "{},".repeat(5_300_000) + "{}]}}");
    }

    private static void assertHeaderRefused(String header) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        assertThat(text.length).as("the largest header that is read").isBetween(15_000_000, 16 << 20);
        MemorySegment file = MemorySegment.ofArray(ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array());

        long before = THREAD.getCurrentThreadAllocatedBytes();
        CheckpointFormatException refusal = catchThrowableOfType(
                CheckpointFormatException.class, () -> SafeTensors.read(file, "model.safetensors"));
        long allocated = THREAD.getCurrentThreadAllocatedBytes() - before;

        assertThat(refusal.getMessage())
                .startsWith("the safetensors header of model.safetensors is not valid JSON: ")
                .hasSizeLessThan(2000);
        assertThat(allocated / text.length)
                .as("bytes allocated for each byte of the header")
                .isLessThan(16);
    }

    /** 32 MB that every member shares would be read 60,000 times. */
    @Test
    @Timeout(60)
    void membersThatAreAllTheSameBytesAreRefusedUnread() {
        byte[] shared = new byte[32 << 20];
        byte[] zip = sharing(shared, 60_000);

        CheckpointFormatException refusal = catchThrowableOfType(
                CheckpointFormatException.class, () -> ZipDirectory.read(MemorySegment.ofArray(zip), "checkpoint.pt"));

        assertThat(refusal.getMessage())
                .contains("checkpoint.pt", "archive/data/0 and archive/data/1 overlap")
                .hasSizeLessThan(2000);
    }

    /** A zip archive of one stored member and a directory in which it has many names. */
    private static byte[] sharing(byte[] content, int names) {
        int local = 30 + 1 + content.length;
        ByteBuffer zip = ByteBuffer.allocate(local + names * 80 + 22).order(ByteOrder.LITTLE_ENDIAN);
        zip.putInt(0x04034b50).position(18);
        zip.putInt(content.length).putInt(content.length).putShort((short) 1).putShort((short) 0);
        zip.put((byte) 'x').put(content);
        for (int i = 0; i < names; i++) {
            byte[] name = ("archive/data/" + i).getBytes(StandardCharsets.US_ASCII);
            int entry = zip.position();
            zip.putInt(0x02014b50).position(entry + 20);
            zip.putInt(content.length).putInt(content.length).putShort((short) name.length);
            zip.position(entry + 46); // its header is at byte 0
            zip.put(name);
        }
        int end = zip.position();
        zip.putInt(0x06054b50).position(end + 10);
        zip.putShort((short) names).putInt(end - local).putInt(local).putShort((short) 0);
        return Arrays.copyOf(zip.array(), zip.position());
    }

    /** Whatever a pickle says to fill a message with, the message is short. */
    @Test
    void messagesDoNotGrowWithThePickle() {
        String name = "n".repeat(250);
        String text = "X\0\0\u0001\0" + "t".repeat(1 << 16);
        for (String pickle : new String[] {
            "\u0080\2c" + name + "\n" + name + "\n.",
            "\u0080\2}(" + text + "]" + "]".repeat(84_000),
            "\u0080\2(ctorch\nFloatStorage\n" + text + "K\1K\1tQ.",
            "\u0080\2ctorch._utils\n_rebuild_tensor_v2\n(" + text.repeat(8) + "tR.",
            "\u0080\2" + text + "\u0094".repeat(84_000) + "h\7b."
        }) {
            CheckpointFormatException refusal = catchThrowableOfType(
                    CheckpointFormatException.class,
                    () -> Unpickler.read(MemorySegment.ofArray(pickle.getBytes(StandardCharsets.ISO_8859_1))));

            assertThat(refusal).as(pickle.substring(0, 60)).isNotNull();
            assertThat(refusal.getMessage()).isNotBlank().hasSizeLessThan(2000);
        }
    }
}
