package dev.holdfast.region.log;

import org.apache.rocketmq.logging.org.slf4j.ILoggerFactory;
import org.apache.rocketmq.logging.org.slf4j.IMarkerFactory;
import org.apache.rocketmq.logging.org.slf4j.Marker;
import org.apache.rocketmq.logging.org.slf4j.event.Level;
import org.apache.rocketmq.logging.org.slf4j.helpers.BasicMarkerFactory;
import org.apache.rocketmq.logging.org.slf4j.helpers.LegacyAbstractLogger;
import org.apache.rocketmq.logging.org.slf4j.helpers.NOPMDCAdapter;
import org.apache.rocketmq.logging.org.slf4j.spi.MDCAdapter;
import org.apache.rocketmq.logging.org.slf4j.spi.SLF4JServiceProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what RocketMQ's client logs through its own, renamed SLF4J to the real one. Its default, a
 * renamed Logback, writes files into the user's home.
 *
 * <p>Everything goes one level down and without stack traces: the client reports an absent broker
 * as an error every second, for us it is a condition that {@link RocketLog} reports once.
 */
public final class RocketLogging implements SLF4JServiceProvider {
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /** Called by RocketMQ's service loader. */
    public RocketLogging() {}

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> new Bridge(LoggerFactory.getLogger("org.apache.rocketmq." + name));
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0";
    }

    @Override
    public void initialize() {}

    private static final class Bridge extends LegacyAbstractLogger {
        private final transient Logger target;

        Bridge(Logger target) {
            this.target = target;
            this.name = target.getName();
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return target.isTraceEnabled();
        }

        @Override
        public boolean isInfoEnabled() {
            return target.isDebugEnabled();
        }

        @Override
        public boolean isWarnEnabled() {
            return target.isDebugEnabled();
        }

        @Override
        public boolean isErrorEnabled() {
            return target.isInfoEnabled();
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return Bridge.class.getName();
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String message,
                Object @Nullable [] arguments,
                @Nullable Throwable thrown) {
            var event =
                    switch (level) {
                        case ERROR -> target.atInfo();
                        case WARN, INFO -> target.atDebug();
                        case DEBUG, TRACE -> target.atTrace();
                    };
            if (arguments != null)
                for (Object argument : arguments) event = event.addArgument(argument);
            event.log(thrown == null ? message : message + ": " + thrown);
        }
    }
}
