package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.JsonFields;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.SamplerPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** SpikeGPT (arXiv 2302.13939). Stateless and thread-safe. */
public final class SpikeGpt implements ModelFamily {
    /** The one instance. */
    public static final ModelFamily FAMILY = new SpikeGpt();

    private SpikeGpt() {}

    @Override
    public String architecture() {
        return "spikegpt";
    }

    @Override
    public List<String> variants() {
        return Profile.labels();
    }

    /** A manifest sets every field; there are no defaults. */
    @Override
    public FamilyConfig config(String variant, JsonFields fields) {
        Map<String, Object> values = new LinkedHashMap<>();
        ConfigurationFields.INTEGERS.forEach(field -> values.put(field, (long) fields.smallInteger(field)));
        ConfigurationFields.NUMBERS.forEach(field -> values.put(field, (double) fields.single(field)));
        ConfigurationFields.WORDS.forEach(field -> values.put(field, fields.text(field)));
        ConfigurationFields.FLAGS.forEach(field -> values.put(field, fields.flag(field)));
        SpikeGptConfig config = ConfigurationFields.resolve(values);
        if (!config.variant().equals(variant)) {
            throw new IllegalArgumentException(
                    "the variant is " + variant + ", but profile and embedding are those of " + config.variant());
        }
        return config;
    }

    @Override
    public List<SamplerPolicy> samplers() {
        return List.of(SpikeGptSampler.values());
    }

    @Override
    public List<String> ablations() {
        return List.of();
    }
}
