package dev.holdfast.node.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.io.Console;
import java.io.OutputStream;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Where and how a process logs. To the standard error, since the standard output belongs to answers
 * that other programs read.
 */
public final class Logs {
    /** Local time, level, the trace where there is one, the class, the message. */
    private static final String LINE =
            "%d{HH:mm:ss.SSS} %-5level %logger{0}%replace( trace=%X{trace}){' trace=$', ''}: %msg%n";

    private Logs() {}

    /** Takes the place of whatever logging was set up; lines of {@code level} and above. */
    public static void start(LogFormat format, Level level) {
        start(format, level, System.err);
    }

    static void start(LogFormat format, Level level, OutputStream out) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Encoder<ILoggingEvent> encoder = encoder(format, context);
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(out);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level.isGreaterOrEqual(Level.INFO) ? level : Level.INFO);
        context.getLogger("dev.holdfast").setLevel(level);
        root.addAppender(appender);
    }

    private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
        return switch (format) {
            case JSON -> new JsonLines();
            case TEXT -> text(context);
            case AUTO -> terminal() ? text(context) : new JsonLines();
        };
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LINE);
        return encoder;
    }

    // On 25 it is null again, unless a property asks for the console of 22.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean terminal() {
        // None at all where input or output is a file or a pipe.
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
}
