package io.headgate.function.async;

class MemoryCallStoreTest extends CallStoreContract {

    @Override
    protected CallStore open() {
        return new MemoryCallStore();
    }
}
