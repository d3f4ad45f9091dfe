package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.headgate.function.api.ApiClient.Answer;
import io.headgate.function.model.CallStatus;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The description and the API say the same. */
class OpenApiDocumentTest {

    private static final Set<String> VERBS = Set.of("get", "post", "put", "delete", "patch", "head", "options");
    private static final String IRI = "https://headgate.test/openapi.json";

    private final CallRig rig = new CallRig();
    private final FunctionsApi api = rig.builder().build();
    private final ApiClient client = new ApiClient(api);
    private final JsonNode document = client.get("/v2/openapi.json").json();
    private final SchemaRegistry schemas = SchemaRegistry.withDialect(
            Dialects.getOpenApi31(),
            builder -> builder.schemas(Map.of(IRI, document.toString()))
                    .schemaRegistryConfig(SchemaRegistryConfig.builder()
                            .formatAssertionsEnabled(true)
                            .build()));
    private final Set<String> succeeded = new TreeSet<>();

    private static Map<String, Set<String>> operations(JsonNode document) {
        Map<String, Set<String>> operations = new TreeMap<>();
        document.get("paths")
                .forEachEntry((path, item) -> item.forEachEntry((verb, operation) -> {
                    if (VERBS.contains(verb)) {
                        operations.computeIfAbsent(path, any -> new TreeSet<>()).add(verb.toUpperCase(Locale.ROOT));
                    }
                }));
        return operations;
    }

    @Test
    void everyPathAndMethodIsDescribedAndNoOther() {
        assertThat(operations(document)).isEqualTo(api.routes().described());
        assertThat(document.get("openapi").stringValue()).startsWith("3.1.");
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryOperationHasAName() {
        List<String> references = new ArrayList<>();
        document.findValuesAsString("$ref", references);
        assertThat(references).isNotEmpty().allSatisfy(reference -> {
            assertThat(reference).startsWith("#/");
            assertThat(document.at(reference.substring(1)).isObject())
                    .as(reference)
                    .isTrue();
        });
        List<String> names = new ArrayList<>();
        document.findValuesAsString("operationId", names);
        assertThat(names).doesNotHaveDuplicates().hasSize((int)
                operations(document).values().stream().mapToLong(Set::size).sum());
    }

    @Test
    void everyParameterOfAPathIsDescribed() {
        document.get("paths").forEachEntry((path, item) -> {
            Set<String> described = new HashSet<>();
            item.path("parameters")
                    .forEach(parameter -> described.add(
                            document.at(parameter.get("$ref").stringValue().substring(1))
                                    .get("name")
                                    .stringValue()));
            Set<String> used = new HashSet<>();
            for (String segment : path.split("/")) {
                if (segment.startsWith("{")) {
                    used.add(segment.substring(1, segment.length() - 1));
                }
            }
            assertThat(described).as(path).isEqualTo(used);
        });
    }

    /** Asks, and checks what comes back by its description. */
    private Answer ask(String method, String target, @Nullable String json, String... fields) {
        byte[] body = json == null ? null : json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Answer answer = client.call(method, target, body, fields);
        ApiRoutes.PathRoutes route = api.routes().find(ApiRoutes.segments(target.replaceAll("\\?.*", "")));
        String template = route.template();
        String pointer =
                "/paths/" + template.replace("~", "~0").replace("/", "~1") + "/" + method.toLowerCase(Locale.ROOT);
        JsonNode responses = document.at(pointer).get("responses");
        String status = responses.has("" + answer.status()) ? "" + answer.status() : "default";
        JsonNode response = responses.get(status);
        assertThat(response)
                .as(method + " " + template + " " + answer.status() + " " + answer.text())
                .isNotNull();
        if (answer.status() < 300) {
            succeeded.add(method + " " + template);
            if (json != null && document.at(pointer).has("requestBody")) {
                conforms(
                        pointer + "/requestBody/content/application~1json/schema",
                        new String(body, StandardCharsets.UTF_8));
            }
        }
        String place = pointer + "/responses/" + status;
        if (response.has("$ref")) {
            place = response.get("$ref").stringValue().substring(1);
            response = document.at(place);
        }
        String type = answer.fields().get("content-type");
        JsonNode content = response.path("content");
        if (type == null) {
            assertThat(content.isMissingNode()).as(place).isTrue();
        } else if (!content.has("*/*")) {
            String media = type.replaceAll(";.*", "");
            assertThat(content.has(media)).as(place + " " + media).isTrue();
            if (media.equals("application/json")) {
                conforms(place + "/content/application~1json/schema", answer.text());
            }
        }
        return answer;
    }

    private void conforms(String pointer, String json) {
        Schema schema = schemas.getSchema(
                SchemaLocation.of(IRI + "#" + pointer.replace("{", "%7B").replace("}", "%7D")));
        assertThat(schema.validate(json, InputFormat.JSON))
                .as(pointer + " of " + json)
                .isEmpty();
        JsonNode described = document.at(pointer);
        while (described.has("$ref")) {
            described = document.at(described.get("$ref").stringValue().substring(1));
        }
        JsonNode properties = described.get("properties");
        if (properties != null) {
            assertThat(properties.propertyNames())
                    .containsAll(JsonMapper.shared().readTree(json).propertyNames());
        }
    }

    @Test
    void everyOperationAnswersAsItIsDescribed() {
        String appId = ask("POST", "/v2/apps", "{'name':'bank','syslog_url':'udp://a:1','annotations':{'a':[1]}}")
                .id();
        String app = "/v2/apps/" + appId;
        ask("POST", "/v2/apps", "{'name':'bank'}");
        ask("POST", "/v2/apps", "{'name':''}");
        ask("POST", "/v2/apps", "{}", "origin", "http://evil.example");
        ask("POST", "/v2/apps", "x", "content-type", "text/plain");
        ask("POST", "/v2/apps", " ".repeat(1 << 20) + "{}");
        ask("GET", "/v2/apps?per_page=1", null);
        ask("GET", "/v2/apps?cursor=a", null);
        ask("GET", app, null);
        ask("PUT", app, "{'config':{'a':'1'},'syslog_url':null}");
        ask("PUT", app, "{'name':'other'}");

        String fnId = ask("POST", "/v2/fns", "{'app_id':'" + appId + "','name':'f','image':'i','memory':64}")
                .id();
        String fn = "/v2/fns/" + fnId;
        ask("POST", "/v2/fns", "{'app_id':'NONE','name':'f','image':'i'}");
        ask("GET", "/v2/fns?app_id=" + appId, null);
        ask("GET", "/v2/fns", null);
        ask("GET", fn, null);
        ask("PUT", fn, "{'timeout':60,'annotations':{'a':null}}");
        ask("PUT", fn, "{'timeout':0}");

        String triggerId = ask(
                        "POST",
                        "/v2/triggers",
                        "{'app_id':'" + appId + "','fn_id':'" + fnId
                                + "','name':'t','type':'http','source':'/a/{b}/*'}")
                .id();
        String trigger = "/v2/triggers/" + triggerId;
        ask("GET", "/v2/triggers?app_id=" + appId, null);
        ask("GET", trigger, null);
        ask("PUT", trigger, "{'source':'/b'}");
        ask("DELETE", trigger, null);
        ask("DELETE", trigger, null);
        ask("DELETE", fn, null);
        ask("GET", fn, null);
        ask("DELETE", app, null);
        ask("GET", "/", null);
        ask("GET", "/version", null);
        ask("GET", "/v2/openapi.json", null);
        askForCalls();

        Set<String> all = new TreeSet<>();
        operations(document).forEach((path, verbs) -> verbs.forEach(verb -> all.add(verb + " " + path)));
        assertThat(succeeded).isEqualTo(all);
    }

    private void askForCalls() {
        rig.queued("c1", 0);
        rig.queued("c2", 1);
        ask("GET", rig.path, null);
        ask("GET", rig.path + "?status=x", null);
        ask("GET", rig.path + "/c1", null);
        ask("GET", rig.path + "/NONE", null);
        ask("GET", rig.path + "/c1/log", null);
        ask("DELETE", rig.path + "/c1", null);
        ask("DELETE", rig.path + "/c1", null);
        rig.ended(rig.leased(2), 3, CallStatus.ERROR, null, "");
        ask("GET", rig.path + "/c2", null);
        ask("POST", rig.path + "/c2/revive", null);
        ask("POST", rig.path + "/c2/revive", null);
        rig.ended(
                rig.leased(90),
                91,
                CallStatus.SUCCESS,
                CallRig.result(200, Fields.of("content-type", "a/b"), "x"),
                "log");
        ask("GET", rig.path + "/c2/result", null);
        ask("GET", rig.path + "/c2/log", null);
        ask("GET", rig.path + "/c2/log", null, "accept", "text/plain");
        ask("GET", rig.path + "/c2/log", null, "accept", "a/b");
    }

    @Test
    void whatExtensionsAddIsDescribedAsWell() {
        FunctionsApi extended = rig.builder()
                .endpoint("GET", "/apps/{app_id}/usage", request -> Mono.just(HttpReply.of(204)))
                .endpoint("PATCH", "/apps/{app_id}", request -> Mono.just(HttpReply.of(204)))
                .build();

        JsonNode described = new ApiClient(extended).get("/v2/openapi.json").json();

        assertThat(operations(described)).isEqualTo(extended.routes().described());
        assertThat(described
                        .at("/paths/~1v2~1apps~1{app_id}~1usage/get/parameters/0/name")
                        .stringValue())
                .isEqualTo("app_id");
    }
}
