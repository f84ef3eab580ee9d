package io.spikelet.engine.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The format of {@code torch.save} before torch 1.6, still available as an option: pickles of a magic number, the
 * protocol, the machine and the object; then a list of keys, and for each key the number of elements and the storage.
 *
 * @param root the object
 * @param storages the bytes of each storage, by key
 */
record LegacyTorchFile(Object root, Map<String, MemorySegment> storages) {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final byte[] HEAD = head();
    private static final long PROTOCOL = 1001;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Protocol 2, then the number with a length of ten bytes. */
    private static byte[] head() {
        byte[] number = MAGIC.toByteArray();
        byte[] head = new byte[4 + number.length];
        head[0] = (byte) 0x80;
        head[1] = 2;
        head[2] = (byte) 0x8a;
        head[3] = (byte) number.length;
        for (int i = 0; i < number.length; i++) {
            head[4 + i] = number[number.length - 1 - i];
        }
        return head;
    }

    static boolean looksLikeOne(MemorySegment file) {
        return file.byteSize() > HEAD.length && file.asSlice(0, HEAD.length).mismatch(MemorySegment.ofArray(HEAD)) < 0;
    }

    /** @throws CheckpointFormatException if it is damaged, or uses a feature that no checkpoint of tensors needs */
    static LegacyTorchFile read(MemorySegment file) {
        long at = Unpickler.readFirst(file).length();
        Unpickler.Part protocol = Unpickler.readFirst(file.asSlice(at));
        at += protocol.length();
        if (!Long.valueOf(PROTOCOL).equals(protocol.value())) {
            throw new CheckpointFormatException(
                    "its protocol is not " + PROTOCOL + ", the only one that torch has written");
        }
        Unpickler.Part machine = Unpickler.readFirst(file.asSlice(at));
        at += machine.length();
        if (!(machine.value() instanceof Pickled.Dict dict)
                || !Boolean.TRUE.equals(dict.items().get("little_endian"))) {
            throw new CheckpointFormatException("its byte order is not little; save it on a little-endian machine");
        }
        Unpickler.Part object = Unpickler.readFirst(file.asSlice(at));
        at += object.length();
        Unpickler.Part keys = Unpickler.readFirst(file.asSlice(at));
        at += keys.length();
        if (!(keys.value() instanceof Pickled.Items list)) {
            throw new CheckpointFormatException("no list of storages follows its object: damaged");
        }
        Map<String, MemorySegment> storages = new LinkedHashMap<>();
        for (Object key : list.items()) {
            Pickled.Storage storage =
                    key instanceof String name ? object.storages().get(name) : null;
            if (storage == null) {
                throw new CheckpointFormatException("it has a storage that its object does not know: damaged");
            }
            long left = file.byteSize() - at - Long.BYTES;
            long count = left < 0 ? -1 : file.get(U64, at);
            // Division, so that a huge claimed count cannot overflow.
            if (count < 0 || count > left / storage.elements().bytes()) {
                throw new CheckpointFormatException("it ends within the storage " + storage.key() + ": truncated");
            }
            at += Long.BYTES;
            long bytes = count * storage.elements().bytes();
            if (storages.put(storage.key(), file.asSlice(at, bytes)) != null) {
                throw new CheckpointFormatException("it has the storage " + storage.key() + " twice: damaged");
            }
            at += bytes;
        }
        return new LegacyTorchFile(object.value(), storages);
    }
}
