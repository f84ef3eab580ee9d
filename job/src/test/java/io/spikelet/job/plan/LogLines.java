package io.spikelet.job.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What a class writes to the log. */
final class LogLines extends AbstractAppender {
    private final List<String> lines = new ArrayList<>();

    private LogLines() {
        super("lines", null, null, false, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
        lines.add(event.getMessage().getFormattedMessage());
    }

    /** Warnings of a class while something is done. */
    static List<String> during(Class<?> writer, Runnable work) {
        Logger logger = (Logger) LogManager.getLogger(writer);
        Level before = logger.getLevel();
        LogLines appender = new LogLines();
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.WARN);
        try {
            work.run();
        } finally {
            logger.removeAppender(appender);
            logger.setLevel(before);
        }
        return appender.lines;
    }
}
