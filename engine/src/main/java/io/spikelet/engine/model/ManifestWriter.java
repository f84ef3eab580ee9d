package io.spikelet.engine.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Writes {@code manifest.json}; equal manifests give equal bytes. Stateless. */
public final class ManifestWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ManifestWriter() {}

    /**
     * The file's content, UTF-8.
     *
     * @throws ModelFormatException if {@link ManifestReader} would refuse it
     */
    public static byte[] write(ModelManifest manifest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // One field per line, with the same line separator on every platform.
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator json = JSON.createGenerator(bytes).setPrettyPrinter(printer)) {
            json.writeStartObject();
            json.writeStringField("format", ModelManifest.FORMAT);
            json.writeNumberField("version", ModelManifest.VERSION);
            json.writeStringField("architecture", manifest.config().family().architecture());
            json.writeStringField("variant", manifest.config().variant());
            writeConfig(json, manifest.config());
            writeFiles(json, manifest);
            writeProvenance(json, manifest.provenance());
            json.writeArrayFieldStart("tensors");
            for (TensorEntry entry : manifest.tensors()) {
                writeTensor(json, entry);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("quantization");
            for (QuantizationEntry entry : manifest.quantization()) {
                json.writeStartObject();
                json.writeStringField("name", entry.name());
                json.writeNumberField("max_error", entry.maxError());
                json.writeNumberField("rms_error", entry.rmsError());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes.write('\n');
        byte[] content = bytes.toByteArray();
        ManifestReader.parse(
                content,
                ModelManifest.FILE,
                ModelFamilies.of(List.of(manifest.config().family())));
        return content;
    }

    private static void writeConfig(JsonGenerator json, FamilyConfig config) throws IOException {
        json.writeObjectFieldStart("config");
        for (Map.Entry<String, Object> field : config.fields().entrySet()) {
            json.writeFieldName(field.getKey());
            switch (field.getValue()) {
                case Integer number -> json.writeNumber(number);
                case Float number -> json.writeNumber(number);
                case Boolean flag -> json.writeBoolean(flag);
                case String text -> json.writeString(text);
                default ->
                    throw new IllegalArgumentException("config field " + field.getKey() + " is a "
                            + field.getValue().getClass().getSimpleName()
                            + "; it must be an Integer, a Float, a Boolean or a String");
            }
        }
        json.writeEndObject();
    }

    private static void writeFiles(JsonGenerator json, ModelManifest manifest) throws IOException {
        json.writeObjectFieldStart("weights");
        json.writeNumberField("bytes", manifest.weightsBytes());
        json.writeStringField("sha256", manifest.weightsSha256());
        json.writeEndObject();
        if (manifest.tokenizerSha256().isPresent()) {
            json.writeObjectFieldStart("tokenizer");
            json.writeStringField("sha256", manifest.tokenizerSha256().get());
            json.writeNumberField("vocabulary", manifest.tokenizerVocabulary().orElseThrow());
            json.writeEndObject();
        }
    }

    private static void writeProvenance(JsonGenerator json, Provenance provenance) throws IOException {
        json.writeObjectFieldStart("provenance");
        json.writeStringField("source", provenance.source());
        if (provenance.sourceSha256().isPresent()) {
            json.writeStringField("source_sha256", provenance.sourceSha256().get());
        }
        json.writeStringField("converter_version", provenance.converterVersion());
        json.writeEndObject();
    }

    private static void writeTensor(JsonGenerator json, TensorEntry entry) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", entry.name());
        json.writeArrayFieldStart("shape");
        for (int extent : entry.shape()) {
            json.writeNumber(extent);
        }
        json.writeEndArray();
        json.writeStringField("dtype", entry.dtype().label());
        json.writeStringField("layout", entry.layout().label());
        json.writeNumberField("offset", entry.offset());
        json.writeNumberField("length", entry.length());
        json.writeNumberField("scale_offset", entry.scaleOffset());
        json.writeEndObject();
    }
}
