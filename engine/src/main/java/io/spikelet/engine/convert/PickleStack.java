package io.spikelet.engine.convert;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stack and memo of an {@link Unpickler}, both bounded. */
final class PickleStack {
    private static final int MAX_VALUES = 1 << 20;

    private final List<Object> values = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private int pushed;

    void push(Object value) {
        // Counts everything ever pushed, which bounds what collections can hold as well.
        if (++pushed > MAX_VALUES * 4 || values.size() == MAX_VALUES) {
            throw new CheckpointFormatException(
                    "the pickle holds too many values; a checkpoint has far fewer than " + MAX_VALUES);
        }
        values.add(value);
    }

    Object pop() {
        if (values.isEmpty() || values.getLast() == Pickled.Marker.MARK) {
            throw underflow();
        }
        return values.removeLast();
    }

    Object peek() {
        if (values.isEmpty() || values.getLast() == Pickled.Marker.MARK) {
            throw underflow();
        }
        return values.getLast();
    }

    /** Everything above the topmost mark, which is removed as well. */
    List<Object> popToMark() {
        int mark = values.lastIndexOf(Pickled.Marker.MARK);
        if (mark < 0) {
            throw underflow();
        }
        List<Object> above = values.subList(mark + 1, values.size());
        List<Object> items = new ArrayList<>(above);
        above.clear();
        values.removeLast();
        return items;
    }

    List<Object> pop(int count) {
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.addFirst(pop());
        }
        return items;
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    void memoize(int index) {
        if (index < 0 || index >= MAX_VALUES) {
            throw new CheckpointFormatException("the pickle uses memo slot " + Integer.toUnsignedString(index)
                    + "; slots go up to " + (MAX_VALUES - 1));
        }
        memo.put(index, peek());
    }

    /** Protocol 4 numbers memo slots by their count. */
    void memoizeNext() {
        memoize(memo.size());
    }

    Object recall(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw new CheckpointFormatException(
                    "the pickle reads memo slot " + Integer.toUnsignedString(index) + ", which is empty: damaged");
        }
        return value;
    }

    private static CheckpointFormatException underflow() {
        return new CheckpointFormatException("the pickle takes a value that it did not put: damaged");
    }
}
