package io.spikelet.engine.convert;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes pickles as {@code torch.save} does, and as an attacker might: maps become dicts, lists tuples, {@link Tensor}
 * the calls that rebuild one, and {@link Opcodes} themselves.
 */
final class PickleWriter {
    /** A tensor over a storage. */
    record Tensor(
            String storageClass,
            String key,
            long count,
            long offset,
            List<Long> shape,
            List<Long> strides,
            boolean parameter) {}

    /** An OrderedDict with the {@code _metadata} attribute of a module's state dict. */
    record StateDict(Map<?, ?> items) {}

    /** Literal bytes of a pickle. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Opcodes(byte[] bytes) {
        static Opcodes of(String latin1) {
            return new Opcodes(latin1.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int protocol;

    private PickleWriter(int protocol) {
        this.protocol = protocol;
    }

    /** A pickle of protocol 2, or of 4 with its framing, memo and name opcodes. */
    static byte[] write(Object root, int protocol) {
        PickleWriter writer = new PickleWriter(protocol);
        writer.value(root);
        byte[] body = writer.out.toByteArray();
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, (byte) protocol});
        if (protocol >= 4) {
            pickle.write(0x95);
            pickle.writeBytes(little(8).putLong(body.length + 1).array());
        }
        pickle.writeBytes(body);
        pickle.write('.');
        return pickle.toByteArray();
    }

    private void value(Object value) {
        switch (value) {
            case Opcodes opcodes -> out.writeBytes(opcodes.bytes());
            case String text -> text(text);
            case Boolean flag -> out.write(flag ? 0x88 : 0x89);
            case Double number -> {
                out.write('G');
                out.writeBytes(ByteBuffer.allocate(8).putDouble(number).array());
            }
            case Long number -> {
                out.write(0x8a);
                out.write(8);
                out.writeBytes(little(8).putLong(number).array());
            }
            case List<?> items -> {
                out.write('(');
                items.forEach(this::value);
                out.write('t');
            }
            case Map<?, ?> items -> {
                out.write('}');
                setItems(items);
            }
            case StateDict dict -> {
                orderedDict();
                setItems(dict.items());
                value(Map.of("_metadata", Map.of("", Map.of("version", 1L))));
                out.write('b');
            }
            case Tensor tensor -> tensor(tensor);
            default -> throw new IllegalArgumentException("cannot pickle " + value);
        }
    }

    private void tensor(Tensor tensor) {
        if (tensor.parameter()) {
            name("torch._utils", "_rebuild_parameter");
            out.write('(');
        }
        name("torch._utils", "_rebuild_tensor_v2");
        out.write('(');
        out.write('(');
        text("storage");
        name("torch", tensor.storageClass());
        text(tensor.key());
        text("cpu");
        value(tensor.count());
        out.write('t');
        out.write('Q');
        value(tensor.offset());
        value(tensor.shape());
        value(tensor.strides());
        value(false);
        orderedDict();
        out.write('t');
        out.write('R');
        if (tensor.parameter()) {
            value(true);
            orderedDict();
            out.write('t');
            out.write('R');
        }
    }

    private void orderedDict() {
        name("collections", "OrderedDict");
        out.write(')');
        out.write('R');
    }

    private void setItems(Map<?, ?> items) {
        out.write('(');
        items.forEach((key, item) -> {
            value(key);
            value(item);
        });
        out.write('u');
    }

    private void name(String module, String name) {
        if (protocol >= 4) {
            text(module);
            text(name);
            out.write(0x93);
            out.write(0x94);
        } else {
            out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (protocol >= 4 && bytes.length < 256) {
            out.write(0x8c);
            out.write(bytes.length);
        } else {
            out.write('X');
            out.writeBytes(little(4).putInt(bytes.length).array());
        }
        out.writeBytes(bytes);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
