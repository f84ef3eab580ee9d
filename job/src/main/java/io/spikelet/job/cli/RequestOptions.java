package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.plan.PromptTemplate;
import io.spikelet.job.plan.RequestSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options for turning rows into requests. */
final class RequestOptions {
    private static final int MOST_TEMPLATE_BYTES = 1 << 24;

    @Option(
            names = "--prompt-column",
            paramLabel = "NAME",
            defaultValue = "prompt",
            description = "Column with the prompts; default ${DEFAULT-VALUE}.")
    private String promptColumn;

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            description =
                    "Builds the prompts from columns, named in braces: \"Q: {question}\\nA:\". {{ and }} are literal "
                            + "braces, \\n, \\r, \\t and \\\\ escapes.")
    private String template;

    @Option(
            names = "--template-file",
            paramLabel = "FILE",
            description = "As --template, from a UTF-8 file without escapes; a line break at its end is ignored.")
    private Path templateFile;

    @Option(
            names = "--override-columns",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Columns named like options with _ for -, such as temperature, max_new_tokens or seed. A non-null value "
                            + "replaces the option for its row.")
    private List<String> overrideColumns = new ArrayList<>();

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "Completions per row, numbered by sample_index; default ${DEFAULT-VALUE}.")
    private int samples;

    @Option(
            names = "--deduplicate",
            description =
                    "Complete equal prompts once and copy the result; duplicate_of names the row. Random numbers then depend "
                            + "on the prompt instead of the row id.")
    private boolean deduplicate;

    String promptColumn() {
        return promptColumn;
    }

    RequestSpec spec() {
        return new RequestSpec(templateText().map(PromptTemplate::parse), overrideColumns, samples, deduplicate);
    }

    private Optional<String> templateText() {
        if (template != null && templateFile != null) {
            throw new UsageException("--template and --template-file are both given; give one");
        }
        if (templateFile == null) {
            return Optional.ofNullable(template).map(Escapes::resolve);
        }
        String text = BoundedFile.text(templateFile, MOST_TEMPLATE_BYTES, "--template-file");
        return Optional.of(text.replaceFirst("\\r?\\n\\z", ""));
    }
}
