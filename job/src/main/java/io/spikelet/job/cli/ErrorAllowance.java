package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many rows may fail before a job that finished exits with {@link ExitStatus#ROWS_FAILED}.
 *
 * @param text as given: a number of rows, or a share of all with a percent sign; null allows all but every row
 */
record ErrorAllowance(String text) {
    private static final Pattern NUMBER_OR_SHARE = Pattern.compile("(\\d{1,18})|(\\d{1,3}(?:\\.\\d+)?)%");
    private static final double HUNDRED = 100;

    ErrorAllowance {
        if (text != null) {
            Matcher matcher = NUMBER_OR_SHARE.matcher(text);
            if (!matcher.matches() || (matcher.group(2) != null && Double.parseDouble(matcher.group(2)) > HUNDRED)) {
                throw new UsageException("--max-errors is " + text
                        + "; it must be a number of rows, at least 0, or a share of them from 0% to 100%");
            }
        }
    }

    boolean isExceeded(long failed, long rows) {
        if (text == null) {
            return failed > 0 && failed == rows;
        }
        return text.endsWith("%")
                ? failed * HUNDRED > Double.parseDouble(text.substring(0, text.length() - 1)) * rows
                : failed > Long.parseLong(text);
    }
}
