package io.spikelet.engine.convert;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.PickleWriter.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A golden checkpoint taken apart, to be changed and written as a torch archive again. */
final class TorchFixture {
    /** Upstream configuration fields. */
    final Map<String, Object> config;

    /** State dict: {@link Tensor}s, or whatever a test puts there. */
    final Map<String, Object> state = new LinkedHashMap<>();

    /** Archive members other than the pickle, without the archive's prefix. */
    final Map<String, byte[]> members = new LinkedHashMap<>();

    int protocol = 2;

    private TorchFixture(Map<String, Object> config) {
        this.config = config;
    }

    static TorchFixture of(String golden) throws IOException {
        Map<String, Object> config = ConfigFile.read(Fixtures.golden(golden + "/config.json"));
        TorchFixture fixture = new TorchFixture(config);
        for (SourceTensor tensor : Checkpoints.safeTensors(Fixtures.golden(golden + "/model.safetensors"))
                .values()) {
            String type = tensor.type() == ElementType.BOOL ? "BoolStorage" : "FloatStorage";
            fixture.put(tensor.name(), type, tensor.storage().toArray(ValueLayout.JAVA_BYTE), tensor.shape());
        }
        return fixture;
    }

    /** Adds or replaces a contiguous tensor. */
    void put(String name, String storageClass, byte[] storage, List<Long> shape) {
        String key = String.valueOf(members.size());
        members.put("data/" + key, storage);
        int bytes = ElementType.ofStorageClass(storageClass).orElseThrow().bytes();
        List<Long> strides = SourceTensor.rowMajor(name, shape);
        state.put(name, new Tensor(storageClass, key, storage.length / bytes, 0, shape, strides, false));
    }

    Tensor tensor(String name) {
        return (Tensor) state.get(name);
    }

    /** The float32 elements of a contiguous tensor. */
    float[] floats(String name) {
        ByteBuffer bytes = ByteBuffer.wrap(members.get("data/" + tensor(name).key()));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    /** Writes {@code {"config": …, "model": …}}. */
    Path write(Path file) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("config", config);
        root.put("model", state);
        return write(file, root);
    }

    Path write(Path file, Object root) {
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("archive/data.pkl", PickleWriter.write(root, protocol));
        members.forEach((name, content) -> all.put("archive/" + name, content));
        all.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        try {
            return Files.write(file, zip(all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A zip archive of stored members. */
    static byte[] zip(Map<String, byte[]> members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(member.getValue());
                ZipEntry entry = new ZipEntry(member.getKey());
                entry.setSize(member.getValue().length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(member.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** A zip archive of one stored member with every size and place in ZIP64 fields, as beyond 4 GB. */
    static byte[] zip64(String name, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        int local = 30 + nameBytes.length + content.length;
        int central = 46 + nameBytes.length + 28;
        ByteBuffer zip = ByteBuffer.allocate(local + central + 56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
        zip.putInt(0x04034b50).putShort((short) 45).putShort((short) 0).putShort((short) 0);
        zip.putInt(0).putInt((int) crc.getValue()).putInt(content.length).putInt(content.length);
        zip.putShort((short) nameBytes.length)
                .putShort((short) 0)
                .put(nameBytes)
                .put(content);
        zip.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putShort((short) 0);
        zip.putShort((short) 0)
                .putInt(0)
                .putInt((int) crc.getValue())
                .putInt(-1)
                .putInt(-1);
        zip.putShort((short) nameBytes.length).putShort((short) 28).putShort((short) 0);
        zip.putShort((short) 0).putShort((short) 0).putInt(0).putInt(-1).put(nameBytes);
        zip.putShort((short) 1).putShort((short) 24);
        zip.putLong(content.length).putLong(content.length).putLong(0);
        zip.putInt(0x06064b50)
                .putLong(44)
                .putShort((short) 45)
                .putShort((short) 45)
                .putInt(0)
                .putInt(0);
        zip.putLong(1).putLong(1).putLong(central).putLong(local);
        zip.putInt(0x07064b50).putInt(0).putLong(local + central).putInt(1);
        zip.putInt(0x06054b50).putShort((short) 0).putShort((short) 0);
        zip.putShort((short) -1).putShort((short) -1).putInt(-1).putInt(-1).putShort((short) 0);
        return zip.array();
    }

    /** All names of a folder, to see that nothing was left behind. */
    static List<String> names(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (var files = Files.list(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }
}
