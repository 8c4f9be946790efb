package dev.holdfast.region;

import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.log.Log;
import dev.holdfast.region.log.LogReader;
import dev.holdfast.region.log.LogRecord;
import java.util.ArrayList;
import java.util.List;

/** A log in memory that can fail, and that nobody reads. */
public final class ListLog implements Log {
    public final List<LogRecord> records = new ArrayList<>();
    public AppendResult answer = new AppendResult.Stored();

    @Override
    public AppendResult append(List<LogRecord> appended) {
        if (answer instanceof AppendResult.Stored) records.addAll(appended);
        return answer;
    }

    @Override
    public LogReader reader(String group) {
        throw new UnsupportedOperationException("nobody reads here");
    }

    @Override
    public void close() {}
}
