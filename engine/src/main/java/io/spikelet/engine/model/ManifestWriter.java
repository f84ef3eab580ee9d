package io.spikelet.engine.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes {@code manifest.json}; the same manifest always gives the same bytes. Stateless. */
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
        // One field a line whatever the platform's line separator is.
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator json = JSON.createGenerator(bytes).setPrettyPrinter(printer)) {
            json.writeStartObject();
            json.writeStringField("format", ModelManifest.FORMAT);
            json.writeNumberField("version", ModelManifest.VERSION);
            json.writeStringField("architecture", ModelManifest.ARCHITECTURE);
            json.writeStringField("variant", manifest.config().variant().label());
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
        ManifestReader.parse(content, ModelManifest.FILE);
        return content;
    }

    private static void writeConfig(JsonGenerator json, ModelConfig config) throws IOException {
        json.writeObjectFieldStart("config");
        json.writeNumberField("vocab_size", config.vocabSize());
        json.writeNumberField("embed_dim", config.embedDim());
        json.writeNumberField("n_layers", config.layers());
        json.writeNumberField("n_heads", config.heads());
        json.writeNumberField("head_dim", config.headDim());
        json.writeNumberField("intermediate_dim", config.intermediateDim());
        json.writeNumberField("max_seq_len", config.maxSeqLen());
        json.writeNumberField("spike_threshold", config.spikeThreshold());
        json.writeNumberField("leak_factor", config.leakFactor());
        json.writeNumberField("rope_theta", config.ropeTheta());
        json.writeNumberField("sparse_attn_window", config.window());
        json.writeNumberField("n_global_anchors", config.anchors());
        json.writeBooleanField("enable_sparse_attn", config.sparseAttention());
        json.writeBooleanField("enable_dynamic_prior", config.dynamicPrior());
        if (config.variant() == Variant.V194M) {
            json.writeBooleanField("enable_entropy_exit", config.entropyExit());
            json.writeNumberField("entropy_exit_threshold", config.entropyExitThreshold());
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
