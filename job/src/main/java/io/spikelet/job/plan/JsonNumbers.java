package io.spikelet.job.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.OptionalLong;

/** Numbers as tools write them: a whole number may have a fraction of zeros. */
public final class JsonNumbers {
    private static final int LONG_DIGITS = 19;

    private JsonNumbers() {}

    /** The whole number that a JSON number is, such as 4 for 4.0; none for a fraction, one that no long holds or another value. */
    public static OptionalLong whole(JsonNode value) {
        if (!value.isNumber() || (value.isFloatingPointNumber() && !Double.isFinite(value.doubleValue()))) {
            return OptionalLong.empty();
        }
        return whole(value.decimalValue());
    }

    /** The same of a number in a text. */
    public static OptionalLong whole(String text) {
        try {
            return text.length() > 2 * LONG_DIGITS ? OptionalLong.empty() : whole(new BigDecimal(text.strip()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong whole(BigDecimal value) {
        try {
            return OptionalLong.of(value.longValueExact());
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }
}
