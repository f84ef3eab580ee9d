package io.spikelet.engine.convert;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickle of a torch checkpoint, protocols 2 to 5. It knows the opcodes that {@code torch.save} emits for
 * dictionaries, numbers, strings and tensors, resolves the names in {@link PickleNames}, and refuses everything else.
 * It only builds descriptions and executes nothing.
 */
final class Unpickler {
    private final PickleInput in;
    private final PickleStack stack = new PickleStack();
    private final Map<String, Pickled.Storage> storages = new LinkedHashMap<>();

    /**
     * One of several consecutive pickles.
     *
     * @param storages the storages that it refers to, by key
     * @param length of the pickle in bytes
     */
    record Part(Object value, Map<String, Pickled.Storage> storages, long length) {}

    private Unpickler(MemorySegment pickle) {
        in = new PickleInput(pickle);
    }

    /** The value that the pickle holds. */
    static Object read(MemorySegment pickle) {
        Unpickler unpickler = new Unpickler(pickle);
        Object value = unpickler.run();
        if (!unpickler.in.atEnd()) {
            throw damagedEnd();
        }
        return value;
    }

    /** The value of the pickle at the beginning of some bytes. */
    static Part readFirst(MemorySegment bytes) {
        Unpickler unpickler = new Unpickler(bytes.asSlice(0, Math.min(bytes.byteSize(), PickleInput.MAX_BYTES)));
        Object value = unpickler.run();
        return new Part(value, unpickler.storages, unpickler.in.position());
    }

    private static CheckpointFormatException damagedEnd() {
        return new CheckpointFormatException("the pickle has data after its end: damaged");
    }

    private Object run() {
        if (in.atEnd() || in.unsignedByte() != 0x80) {
            throw new CheckpointFormatException("the pickle does not begin with a protocol number");
        }
        int protocol = in.unsignedByte();
        if (protocol < 2 || protocol > 5) {
            throw new CheckpointFormatException("the pickle has protocol " + protocol + "; 2 to 5 are read");
        }
        for (int opcode = in.unsignedByte(); opcode != '.'; opcode = in.unsignedByte()) {
            if (!scalar(opcode) && !collection(opcode) && !memo(opcode) && !object(opcode)) {
                throw new CheckpointFormatException(String.format(
                        "the pickle has opcode 0x%02x at byte %d, which torch.save does not emit for"
                                + " tensors; refused",
                        opcode, in.position() - 1));
            }
        }
        Object result = stack.pop();
        if (!stack.isEmpty()) {
            throw damagedEnd();
        }
        return result;
    }

    private boolean scalar(int opcode) {
        switch (opcode) {
            case 'N' -> stack.push(Pickled.Marker.NONE);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'K' -> stack.push((long) in.unsignedByte());
            case 'M' -> stack.push((long) in.unsignedShort());
            case 'J' -> stack.push((long) in.signedInt());
            case 0x8a -> pushInteger(in.integer(in.unsignedByte()));
            case 'G' -> stack.push(in.bigEndianDouble());
            case 0x8c -> stack.push(in.text(in.unsignedByte()));
            case 'X' -> stack.push(in.text(Integer.toUnsignedLong(in.signedInt())));
            case 0x8d -> stack.push(in.text(in.signedLong()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean collection(int opcode) {
        switch (opcode) {
            case '(' -> stack.push(Pickled.Marker.MARK);
            case ')' -> stack.push(new Pickled.Tuple(List.of()));
            case 't' -> stack.push(new Pickled.Tuple(stack.popToMark()));
            case 0x85 -> stack.push(new Pickled.Tuple(stack.pop(1)));
            case 0x86 -> stack.push(new Pickled.Tuple(stack.pop(2)));
            case 0x87 -> stack.push(new Pickled.Tuple(stack.pop(3)));
            case ']' -> stack.push(new Pickled.Items(new ArrayList<>()));
            case 'a' -> append(stack.pop(1));
            case 'e' -> append(stack.popToMark());
            case '}' -> stack.push(new Pickled.Dict(false, new LinkedHashMap<>()));
            case 's' -> setItems(stack.pop(2));
            case 'u' -> setItems(stack.popToMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memo(int opcode) {
        switch (opcode) {
            case 'q' -> stack.memoize(in.unsignedByte());
            case 'r' -> stack.memoize(in.signedInt());
            case 0x94 -> stack.memoizeNext();
            case 'h' -> stack.push(stack.recall(in.unsignedByte()));
            case 'j' -> stack.push(stack.recall(in.signedInt()));
            case 0x95 -> in.signedLong();
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int opcode) {
        switch (opcode) {
            case 'c' -> {
                String module = in.line();
                stack.push(PickleNames.resolve(module, in.line()));
            }
            case 0x93 -> {
                List<Object> names = stack.pop(2);
                if (!(names.getFirst() instanceof String module) || !(names.getLast() instanceof String name)) {
                    throw new CheckpointFormatException("the pickle names something without a name: damaged");
                }
                stack.push(PickleNames.resolve(module, name));
            }
            case 'R' -> {
                List<Object> call = stack.pop(2);
                stack.push(PickleNames.call(call.getFirst(), call.getLast()));
            }
            case 'Q' -> {
                Pickled.Storage storage = PickleNames.storage(stack.pop());
                storages.putIfAbsent(storage.key(), storage);
                stack.push(storage);
            }
            case 'b' -> {
                // The attributes of a state dict (_metadata) say nothing about tensors.
                stack.pop();
                if (!(stack.peek() instanceof Pickled.Dict dict) || !dict.ordered()) {
                    throw new CheckpointFormatException("the pickle sets attributes of something that has none");
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void pushInteger(BigInteger value) {
        stack.push(value.bitLength() < Long.SIZE ? (Object) value.longValue() : value);
    }

    private void append(List<Object> items) {
        if (!(stack.peek() instanceof Pickled.Items list)) {
            throw new CheckpointFormatException("the pickle appends to something that is no list: damaged");
        }
        list.items().addAll(items);
    }

    private void setItems(List<Object> items) {
        if (!(stack.peek() instanceof Pickled.Dict dict) || items.size() % 2 != 0) {
            throw new CheckpointFormatException("the pickle sets items of something that is no dict: damaged");
        }
        for (int i = 0; i < items.size(); i += 2) {
            PickleNames.put(dict, items.get(i), items.get(i + 1));
        }
    }
}
