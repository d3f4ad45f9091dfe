package io.headgate.function.store;

import java.time.Clock;

class MemoryFunctionStoreTest extends FunctionStoreContract {

    @Override
    protected FunctionStore open(Clock clock) {
        return MemoryFunctionStore.create(clock);
    }
}
