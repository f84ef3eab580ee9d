package io.spikelet.engine.token;

import java.util.Arrays;

/** A binary min-heap of primitive keys. Not thread-safe. */
public final class MergeQueue {
    private long[] heap = new long[64];
    private int size;

    public boolean isEmpty() {
        return size == 0;
    }

    public void add(long key) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            if (heap[parent] <= key) {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = key;
    }

    /** The smallest key, without removing it; the queue must not be empty. */
    public long smallest() {
        return heap[0];
    }

    /** Removes and returns the smallest key. */
    public long remove() {
        long smallest = heap[0];
        long last = heap[--size];
        int hole = 0;
        for (int child = 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= last) {
                break;
            }
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = last;
        return smallest;
    }
}
