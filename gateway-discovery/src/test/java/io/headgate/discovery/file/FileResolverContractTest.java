package io.headgate.discovery.file;

import io.headgate.discovery.Json;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceAges;
import io.headgate.test.ResolverContract;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.scheduler.Scheduler;

class FileResolverContractTest extends ResolverContract {

    @TempDir
    private Path directory;

    @Override
    protected Source open(Scheduler timer) {
        Path file = directory.resolve("endpoints.json");
        SourceAges ages = SourceAges.create();
        Resolver resolver =
                FileResolver.of(file).withoutWatch().withScheduler(timer).withObserver(ages);
        return new Source() {
            private String content = "";
            private boolean broken;

            @Override
            public Resolver resolver() {
                return resolver;
            }

            @Override
            public void set(List<Endpoint> endpoints) {
                write(Json.of(name(), endpoints));
            }

            @Override
            public void absent() {
                write("{\"endpoints\": {}}");
            }

            @Override
            public boolean fails() {
                return true;
            }

            @Override
            public void breakDown() {
                broken = true;
                Replace.content(file, "{\"endpoints\": {");
            }

            @Override
            public void heal() {
                broken = false;
                write(content);
            }

            @Override
            public boolean isReleased() {
                return ages.all().isEmpty();
            }

            private void write(String changed) {
                content = changed;
                if (!broken) {
                    Replace.content(file, changed);
                }
            }
        };
    }
}
