package dev.holdfast.drill.bench;

import dev.holdfast.core.replica.Change;
import dev.holdfast.device.Scope;
import dev.holdfast.device.Transaction;
import dev.holdfast.device.Write;
import dev.holdfast.drill.clinic.ClinicWrite;

/** The clinic's writes as an application makes them, through the device's SDK. */
final class SdkWrites {
    private SdkWrites() {}

    /** Returns once it is flushed. */
    static Write write(Scope scope, ClinicWrite write) {
        return scope.transaction(transaction -> {
            for (Change change : write.changes()) add(transaction, write, change);
        });
    }

    private static void add(Transaction transaction, ClinicWrite write, Change change) {
        String collection = write.document().collection();
        String id = write.document().id();
        var _ =
                switch (change) {
                    case Change.Put(var path, var value) ->
                            transaction.put(collection, id, path, value);
                    case Change.Unset(var path) -> transaction.unset(collection, id, path);
                    case Change.Increment(var path, var by) ->
                            transaction.increment(collection, id, path, by);
                    case Change.Add(var path, var element) ->
                            transaction.add(collection, id, path, element);
                    case Change.Remove(var path, var element) ->
                            transaction.remove(collection, id, path, element);
                    case Change.Delete() -> transaction.delete(collection, id);
                };
    }
}
