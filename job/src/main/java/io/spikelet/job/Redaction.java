package io.spikelet.job;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Keeps secrets out of what is printed and stored: values of Spark properties whose names {@code spark.redaction.regex}
 * finds, wherever they turn up, and passwords in addresses.
 */
public final class Redaction {
    /** Stands where a secret stood, as in Spark's own pages. */
    public static final String REDACTED = "*********(redacted)";

    private static final String PREFIX = "spark.";
    /** Options of commands: tokens are their business, and no secrets. */
    private static final String OPTIONS = "spark.spikelet.";

    private static final String REGEX = "spark.redaction.regex";

    /** Spark's default. */
    private static final String DEFAULT_REGEX = "(?i)secret|password|token|access[.]?key";

    /** Shorter values are found in innocent words. */
    private static final int SHORTEST_SECRET = 4;

    private static final Pattern PASSWORD_IN_ADDRESS =
            Pattern.compile("(?<=[A-Za-z0-9+.-]://)([^/@:\\s\"]{0,256}):[^/@\\s\"]{1,512}@");

    private final Pattern names;
    private final Set<String> secrets;

    private Redaction(Pattern names, Set<String> secrets) {
        this.names = names;
        this.secrets = secrets;
    }

    /**
     * For a command.
     *
     * @param arguments of the command line, of which {@code --conf NAME=VALUE} count; Spark's own configuration is added
     * @throws UsageException if the property is no regular expression
     */
    public static Redaction of(List<String> arguments) {
        Map<String, String> conf = new TreeMap<>();
        for (String property : System.getProperties().stringPropertyNames()) { // where spark-submit puts its own
            if (property.startsWith(PREFIX)) {
                conf.put(property, System.getProperty(property));
            }
        }
        for (String argument : arguments) {
            String pair = argument.startsWith("--conf=") ? argument.substring("--conf=".length()) : argument;
            int equals = pair.indexOf('=');
            if (pair.startsWith(PREFIX) && equals > 0) {
                conf.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        Pattern names = pattern(conf.getOrDefault(REGEX, DEFAULT_REGEX));
        Set<String> secrets = new LinkedHashSet<>();
        conf.forEach((name, value) -> {
            if (isSecret(names, name) && value.length() >= SHORTEST_SECRET) {
                secrets.add(value);
            }
        });
        return new Redaction(names, secrets);
    }

    private static Pattern pattern(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new UsageException(REGEX + " is no regular expression: " + e.getDescription(), e);
        }
    }

    /** The value of a Spark property, unless it is secret. */
    public String value(String property, String value) {
        return isSecret(names, property) ? REDACTED : text(value);
    }

    private static boolean isSecret(Pattern names, String property) {
        return !property.startsWith(OPTIONS) && names.matcher(property).find();
    }

    /** A text without the secrets that this knows. */
    public String text(String text) {
        String out = text;
        for (String secret : secrets) {
            out = out.replace(secret, REDACTED);
        }
        return addresses(out);
    }

    /** A text in which addresses such as {@code s3a://key:secret@bucket/} have no passwords. */
    public static String addresses(String text) {
        return PASSWORD_IN_ADDRESS.matcher(text).replaceAll("$1:" + REDACTED + "@");
    }
}
