package io.spikelet.engine.model;

import io.spikelet.engine.message.Excerpt;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The checks that need the complete manifest: completeness, shapes, bounds, alignment and overlaps. */
final class ManifestChecks {
    private record Extent(String name, long start, long end) {}

    private final ModelManifest manifest;
    private final String where;
    private final List<Extent> extents = new ArrayList<>();

    private ManifestChecks(ModelManifest manifest, String where) {
        this.manifest = manifest;
        this.where = where;
    }

    static void check(ModelManifest manifest, String where) {
        ManifestChecks checks = new ManifestChecks(manifest, where);
        if (manifest.weightsBytes() < TensorEntry.TAIL_BYTES) {
            throw checks.wrong(
                    "weights.bytes is " + manifest.weightsBytes() + "; it must be at least " + TensorEntry.TAIL_BYTES);
        }
        checks.checkCompleteness();
        manifest.tensors().forEach(checks::checkPlace);
        checks.checkOverlaps();
        checks.checkQuantization();
    }

    private void checkCompleteness() {
        Map<String, TensorSpec> missing = new HashMap<>();
        manifest.config().tensors().forEach(spec -> missing.put(spec.name(), spec));
        Set<String> seen = new HashSet<>();
        for (TensorEntry entry : manifest.tensors()) {
            if (!seen.add(entry.name())) {
                throw wrong("the tensor " + Excerpt.of(entry.name()) + " is there twice");
            }
            TensorSpec spec = missing.remove(entry.name());
            if (spec == null) {
                throw wrong(
                        "the tensor " + Excerpt.of(entry.name()) + " does not belong to a model of this configuration");
            }
            if (!spec.shape().equals(entry.shape())) {
                throw wrong(entry.name() + " has shape " + Excerpt.of(entry.shape()) + "; the configuration says "
                        + spec.shape());
            }
            if (entry.dtype() == DType.W8A8) {
                checkW8A8(spec);
            }
            if ((entry.dtype() == DType.BITS) != (spec.layout() == Layout.BIT_ROWS)) {
                throw wrong(entry.name() + " is " + entry.dtype().label() + "; its layout is "
                        + spec.layout().label());
            }
            Layout layout = spec.layout(entry.dtype());
            if (layout != entry.layout()) {
                throw wrong(entry.name() + " has layout " + entry.layout().label() + "; this program reads it as "
                        + layout.label());
            }
            if (!spec.isMatrix() && entry.dtype() != DType.FLOAT32) {
                throw wrong(entry.name() + " is " + entry.dtype().label() + "; a vector is float32");
            }
        }
        if (!missing.isEmpty()) {
            throw wrong("missing tensors: "
                    + Excerpt.of(missing.keySet().stream().sorted().toList()));
        }
    }

    private void checkW8A8(TensorSpec spec) {
        if (!manifest.config().roundsInputs() || !spec.hasContinuousInput()) {
            throw wrong(spec.name() + " is " + DType.W8A8.label() + "; a tensor with layout "
                    + spec.layout().label() + " of this family is int8 or float32");
        }
        int inputs = spec.shape().getLast();
        if (inputs > W8A8Matrix.MAX_INPUTS) {
            throw wrong(spec.name() + " is " + DType.W8A8.label() + " with " + inputs + " inputs; at most "
                    + W8A8Matrix.MAX_INPUTS + " products sum up to an int");
        }
    }

    private void checkPlace(TensorEntry entry) {
        if (entry.length() != entry.expectedLength()) {
            throw wrong(entry.name() + " has length " + entry.length() + "; its shape needs " + entry.expectedLength());
        }
        addExtent(entry.name(), entry.offset(), entry.length());
        if (entry.quantized() != entry.dtype().isCode()) {
            throw wrong(entry.name() + " is " + entry.dtype().label() + " with scale_offset " + entry.scaleOffset()
                    + "; int8 needs scales, as w8a8 does, and float32 has none (" + TensorEntry.NO_SCALES + ")");
        }
        if (entry.quantized()) {
            addExtent(entry.name() + " (scales)", entry.scaleOffset(), entry.scaleLength());
        }
    }

    private void addExtent(String name, long start, long length) {
        if (start < 0 || start % TensorEntry.ALIGNMENT != 0) {
            throw wrong(name + " is at offset " + start + "; offsets are multiples of " + TensorEntry.ALIGNMENT);
        }
        // Subtractions only, because a sum with a malicious offset could overflow.
        long usable = manifest.weightsBytes() - TensorEntry.TAIL_BYTES;
        if (length > usable || start > usable - length) {
            throw wrong(name + " at offset " + start + " with " + length + " bytes runs past the end of weights.bin: "
                    + manifest.weightsBytes() + " bytes, the last " + TensorEntry.TAIL_BYTES + " of them padding");
        }
        extents.add(new Extent(name, start, start + length));
    }

    private void checkOverlaps() {
        extents.sort(Comparator.comparingLong(Extent::start));
        for (int i = 1; i < extents.size(); i++) {
            Extent before = extents.get(i - 1);
            Extent after = extents.get(i);
            if (after.start() < before.end()) {
                throw wrong(after.name() + " at offset " + after.start() + " overlaps " + before.name()
                        + ", which ends at " + before.end());
            }
        }
    }

    private void checkQuantization() {
        Map<String, TensorEntry> byName = manifest.tensorsByName();
        Set<String> seen = new HashSet<>();
        for (QuantizationEntry entry : manifest.quantization()) {
            TensorEntry tensor = byName.get(entry.name());
            if (tensor == null || !tensor.quantized() || !seen.add(entry.name())) {
                throw wrong("the quantization summary names " + Excerpt.of(entry.name())
                        + ", which is not a quantised tensor or is there twice");
            }
            if (entry.maxError() < 0 || entry.rmsError() < 0) {
                throw wrong("the quantization summary of " + entry.name() + " has a negative error");
            }
        }
    }

    private ModelFormatException wrong(String message) {
        return new ModelFormatException(where + ": " + message);
    }
}
