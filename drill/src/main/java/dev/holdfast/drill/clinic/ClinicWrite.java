package dev.holdfast.drill.clinic;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.Change;
import java.util.List;

/** What somebody at the clinic does to one document; becomes one operation. */
public record ClinicWrite(DocumentId document, List<Change> changes) {
    public ClinicWrite {
        changes = List.copyOf(changes);
    }

    /**
     * What is added to the document's counter of visits; 0 where the write is about other fields.
     */
    public long visits() {
        long sum = 0;
        for (Change change : changes) {
            if (change instanceof Change.Increment(String path, long by)
                    && path.equals(ClinicData.VISITS)) sum += by;
        }
        return sum;
    }
}
