package io.headgate.function.invoke;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import java.util.HashMap;
import java.util.Map;

/** What an instance is told by its environment, but for where it listens, which its driver adds. */
final class Environment {

    private Environment() {}

    /** Configuration of the application, of the function, and what neither of them can change. */
    static Map<String, String> of(App app, Fn fn, Map<String, String> ofOutput) {
        Map<String, String> all = new HashMap<>(app.config());
        all.putAll(fn.config());
        all.putAll(ofOutput);
        all.put("FN_APP_ID", app.id());
        all.put("FN_APP_NAME", app.name());
        all.put("FN_FN_ID", fn.id());
        all.put("FN_FN_NAME", fn.name());
        all.put("FN_NAME", fn.name());
        all.put("FN_FORMAT", "http-stream");
        all.put("FN_MEMORY", Integer.toString(fn.memoryMb()));
        all.put("FN_TMPSIZE", "0"); // no limit
        all.put("FN_TYPE", "sync");
        return all;
    }
}
