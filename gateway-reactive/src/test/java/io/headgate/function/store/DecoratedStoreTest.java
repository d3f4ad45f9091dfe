package io.headgate.function.store;

import java.time.Clock;
import java.util.List;

/** What is laid around a store changes nothing of what the store does. */
class DecoratedStoreTest extends FunctionStoreContract {

    @Override
    protected FunctionStore open(Clock clock) {
        FunctionStore observed = ObservedStore.of(MemoryFunctionStore.create(clock), (operation, nanos, outcome) -> {});
        StoreListener idle = new StoreListener() {};
        return Catalog.of(ListenedStore.of(observed, List.of(idle, idle))).store();
    }
}
