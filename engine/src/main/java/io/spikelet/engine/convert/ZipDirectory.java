package io.spikelet.engine.convert;

import io.spikelet.engine.message.Excerpt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The members of a mapped zip archive, as slices of the mapping. {@code java.util.zip} gives streams only, while
 * tensors need random access to members of any size. Only uncompressed ("stored") members are read; ZIP64 is supported.
 */
final class ZipDirectory {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int CENTRAL_SIGNATURE = 0x02014b50;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END64_SIGNATURE = 0x06064b50;
    private static final int LOCATOR64_SIGNATURE = 0x07064b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64_BYTES = 20;
    private static final int MAX_COMMENT = 65535;
    private static final int ZIP64_EXTRA = 1;
    private static final long ABSENT_32 = 0xFFFFFFFFL;
    private static final int MAX_MEMBERS = 1 << 20;

    private record Central(long start, long size, long members) {}

    private final MemorySegment file;
    private final String where;
    private final Map<String, Checkpoint.Member> members = new LinkedHashMap<>();

    private ZipDirectory(MemorySegment file, String where) {
        this.file = file;
        this.where = where;
    }

    /** Whether a file begins like a zip archive. */
    static boolean looksLikeZip(MemorySegment file) {
        return file.byteSize() >= 4 && (file.get(U32, 0) == LOCAL_SIGNATURE || file.get(U32, 0) == END_SIGNATURE);
    }

    /** Reads the central directory; every member is checked to lie inside the file. */
    static Map<String, Checkpoint.Member> read(MemorySegment file, String where) {
        ZipDirectory directory = new ZipDirectory(file, where);
        directory.readMembers(directory.central());
        directory.checkOverlaps();
        return directory.members;
    }

    private Central central() {
        long end = endRecord()
                .orElseThrow(() -> wrong("it has no zip directory at its end: the file is truncated; copy it again"));
        long members = u16(end + 10);
        long size = u32(end + 12);
        long start = u32(end + 16);
        if (members == 0xFFFF || size == ABSENT_32 || start == ABSENT_32) {
            long locator = end - LOCATOR64_BYTES;
            if (locator < 0 || u32(locator) != LOCATOR64_SIGNATURE) {
                throw wrong("its ZIP64 directory is missing");
            }
            long end64 = u64(locator + 8);
            checkRange(end64, END64_BYTES, "ZIP64 directory end");
            if (u32(end64) != END64_SIGNATURE) {
                throw wrong("its ZIP64 directory is damaged");
            }
            members = u64(end64 + 32);
            size = u64(end64 + 40);
            start = u64(end64 + 48);
        }
        checkRange(start, size, "zip directory");
        if (members < 0 || members > MAX_MEMBERS) {
            throw wrong("it claims " + members + " members; at most " + MAX_MEMBERS + " are read");
        }
        return new Central(start, size, members);
    }

    /** Searches backwards, because a comment of variable length may follow the record. */
    private Optional<Long> endRecord() {
        long last = file.byteSize() - END_BYTES;
        for (long at = last; at >= 0 && at >= last - MAX_COMMENT; at--) {
            if (u32(at) == END_SIGNATURE && at + END_BYTES + u16(at + 20) == file.byteSize()) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    private void readMembers(Central central) {
        long at = central.start();
        long end = central.start() + central.size();
        for (long i = 0; i < central.members(); i++) {
            if (end - at < CENTRAL_BYTES || u32(at) != CENTRAL_SIGNATURE) {
                throw wrong("entry " + i + " of its zip directory is damaged");
            }
            int nameLength = u16(at + 28);
            int extraLength = u16(at + 30);
            long next = at + CENTRAL_BYTES + nameLength + extraLength + u16(at + 32);
            if (next > end) {
                throw wrong("entry " + i + " of its zip directory runs past the directory");
            }
            byte[] name = file.asSlice(at + CENTRAL_BYTES, nameLength).toArray(ValueLayout.JAVA_BYTE);
            readMember(at, new String(name, StandardCharsets.UTF_8), at + CENTRAL_BYTES + nameLength, extraLength);
            at = next;
        }
    }

    /** Refuses members that share bytes, which could make a small file as expensive as a large one. */
    private void checkOverlaps() {
        List<Checkpoint.Member> sorted = members.values().stream()
                .filter(member -> member.content().byteSize() > 0)
                .sorted(Comparator.comparingLong(this::start))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            Checkpoint.Member before = sorted.get(i - 1);
            if (start(sorted.get(i)) < start(before) + before.content().byteSize()) {
                throw wrong("its members " + Excerpt.of(before.name()) + " and "
                        + Excerpt.of(sorted.get(i).name()) + " overlap");
            }
        }
    }

    private long start(Checkpoint.Member member) {
        return member.content().address() - file.address();
    }

    private void readMember(long entry, String name, long extra, int extraLength) {
        if ((u16(entry + 8) & 1) != 0 || u16(entry + 10) != 0) {
            throw wrong("its member " + Excerpt.of(name)
                    + " is compressed or encrypted; torch.save stores members as they are");
        }
        long stored = u32(entry + 20);
        long size = u32(entry + 24);
        long header = u32(entry + 42);
        Zip64Fields zip64 = new Zip64Fields(extra, extraLength, name);
        size = zip64.resolve(size);
        stored = zip64.resolve(stored);
        header = zip64.resolve(header);
        if (stored != size) {
            throw wrong("its member " + Excerpt.of(name) + " has " + stored + " stored bytes for a size of " + size);
        }
        checkRange(header, LOCAL_BYTES, "member " + Excerpt.of(name));
        if (u32(header) != LOCAL_SIGNATURE) {
            throw wrong("the header of its member " + Excerpt.of(name) + " is damaged");
        }
        long start = header + LOCAL_BYTES + u16(header + 26) + u16(header + 28);
        checkRange(start, size, "member " + Excerpt.of(name));
        Checkpoint.Member member = new Checkpoint.Member(name, file.asSlice(start, size), u32(entry + 16));
        if (members.putIfAbsent(name, member) != null) {
            throw wrong("its member " + Excerpt.of(name) + " is there twice");
        }
    }

    /** The 64-bit values of a member, in the fixed order of the 32-bit values that they replace. */
    private final class Zip64Fields {
        private final String name;
        private long at = -1;
        private long end = -1;

        Zip64Fields(long extra, int extraLength, String name) {
            this.name = name;
            long limit = extra + extraLength;
            for (long field = extra; field + 4 <= limit; field += 4 + u16(field + 2)) {
                if (u16(field) == ZIP64_EXTRA) {
                    at = field + 4;
                    end = Math.min(limit, at + u16(field + 2));
                    return;
                }
            }
        }

        long resolve(long value32) {
            if (value32 != ABSENT_32) {
                return value32;
            }
            if (at < 0 || end - at < Long.BYTES) {
                throw wrong("the ZIP64 sizes of its member " + Excerpt.of(name) + " are missing");
            }
            at += Long.BYTES;
            return u64(at - Long.BYTES);
        }
    }

    private void checkRange(long start, long size, String what) {
        if (start < 0 || size < 0 || start > file.byteSize() || size > file.byteSize() - start) {
            throw wrong("its " + what + " claims bytes " + start + " + " + size + "; the file has " + file.byteSize()
                    + ": truncated or damaged");
        }
    }

    private int u16(long at) {
        return Short.toUnsignedInt(file.get(U16, at));
    }

    private long u32(long at) {
        return Integer.toUnsignedLong(file.get(U32, at));
    }

    private long u64(long at) {
        return file.get(U64, at);
    }

    private CheckpointFormatException wrong(String message) {
        return new CheckpointFormatException("cannot read " + where + ": " + message);
    }
}
