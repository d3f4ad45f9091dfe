package io.headgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.dispatch.DispatchStats.QueueStats;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FunctionsPageTest {

    private static final App SHOP = new App(
            "APP1",
            "shop",
            Map.of("PASSWORD", "hunter2"),
            App.named("shop").annotations(),
            null,
            App.named("shop").createdAt(),
            App.named("shop").updatedAt());

    private static Workload workload(String name) {
        return Workload.of(SHOP, Fn.of("APP1", name, "node:" + name), FnLimits.DEFAULTS);
    }

    @Test
    void showsWhoWaitsWhichInstancesThereAreAndWhatIsLeft() throws Exception {
        DispatchStats stats = new DispatchStats(
                MachineBudget.of(1024, 2),
                256 * 1024 * 1024,
                500,
                7,
                List.of(
                        new QueueStats(workload("pay"), 3, 1, 1, 0, 0, 2, 0, 40),
                        new QueueStats(workload("list"), 0, 0, 0, 1, 4, 0, 1, 9)));
        try (AdminRig rig = new AdminRig(Admin.builder().functions("main", () -> stats))) {
            String page = rig.get("/functions").toString();
            assertThat(page)
                    .startsWith(
                            "{\"functions\":[{\"name\":\"main\",\"memoryBytes\":{\"used\":268435456,\"budget\":1073741824},"
                                    + "\"cpuMillis\":{\"used\":500,\"budget\":2000},\"evictions\":7,\"waiting\":3,"
                                    + "\"instances\":{\"wait\":1,\"start\":1,\"idle\":1,\"paused\":4,\"busy\":2,\"stopping\":1},"
                                    + "\"queues\":[{\"app\":\"shop\",\"fn\":\"list\",")
                    .endsWith(
                            "\"waiting\":3,\"instances\":{\"wait\":1,\"start\":1,\"idle\":0,\"paused\":0,\"busy\":2,\"stopping\":0},"
                                    + "\"granted\":40}]}]}")
                    .doesNotContain("hunter2");
            assertThat(rig.get("/").toString()).contains("\"/functions\"");
        }
    }

    @Test
    void isNotThereWithoutFunctions() throws Exception {
        try (AdminRig rig = new AdminRig(Admin.builder())) {
            rig.problem(404, "GET", "/functions");
        }
    }
}
