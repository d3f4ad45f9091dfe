package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.api.ApiClient.Answer;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.function.store.ValidatedStore;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The table of paths, verbs, statuses and errors. */
class FunctionsApiTest {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:00.120Z");

    private final FunctionStore store = ValidatedStore.of(MemoryFunctionStore.create(Clock.fixed(NOW, ZoneOffset.UTC)));
    private final ApiClient client =
            new ApiClient(FunctionsApi.builder(store).version("1.2.3").build());

    private String app(String name) {
        Answer answer = client.post("/v2/apps", "{'name':'" + name + "'}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.id();
    }

    private String fn(String appId, String name) {
        Answer answer = client.post("/v2/fns", "{'app_id':'" + appId + "','name':'" + name + "','image':'node:hello'}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.id();
    }

    private Answer trigger(String appId, String fnId, String name, String source) {
        return client.post(
                "/v2/triggers",
                "{'app_id':'" + appId + "','fn_id':'" + fnId + "','name':'" + name + "','type':'http','source':'"
                        + source + "'}");
    }

    private static void isError(Answer answer, int status, String messageStart) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.fields().get("content-type")).isEqualTo("application/json; charset=utf-8");
        assertThat(answer.message()).startsWith(messageStart);
        assertThat(answer.json().size()).isEqualTo(1);
    }

    private static List<String> names(Answer answer) {
        List<String> names = new ArrayList<>();
        answer.at("/items").forEach(item -> names.add(item.get("name").stringValue()));
        return names;
    }

    @Test
    void anApplicationIsMadeLookedUpChangedAndRemoved() {
        Answer made = client.post(
                "/v2/apps",
                "{'name':'shop','config':{'B':'2','A':'1'},'annotations':{'x':{'b':1,'a':[ null ]}},'syslog_url':'tcp://log:514',"
                        + "'created_at':'ignored','shape':'ignored','unknown':{'deep':[1,2]}}");
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.fields().get("content-type")).isEqualTo("application/json; charset=utf-8");
        assertThat(made.text())
                .isEqualTo(("{'id':'" + made.id() + "','name':'shop','config':{'A':'1','B':'2'},"
                                + "'annotations':{'x':{'b':1,'a':[null]}},'syslog_url':'tcp://log:514',"
                                + "'created_at':'2026-11-21T18:00:00.120Z','updated_at':'2026-11-21T18:00:00.120Z'}")
                        .replace('\'', '"'));
        String path = "/v2/apps/" + made.id();
        assertThat(client.get(path).text()).isEqualTo(made.text());

        Answer changed = client.put(
                path,
                "{'id':'" + made.id() + "','name':'shop','config':{'A':'','C':'3'},'annotations':{'x':null,'y':1},"
                        + "'syslog_url':''}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.at("/config").toString()).isEqualTo("{\"B\":\"2\",\"C\":\"3\"}");
        assertThat(changed.at("/annotations").toString()).isEqualTo("{\"y\":1}");
        assertThat(changed.json().has("syslog_url")).isFalse();
        Answer gone = client.delete(path);
        assertThat(gone.status()).isEqualTo(204);
        assertThat(gone.text()).isEmpty();
        isError(client.get(path), 404, "app_id: ");
        isError(client.delete(path), 404, "app_id: ");
        isError(client.put(path, "{}"), 404, "app_id: ");
    }

    @Test
    void whatAnApplicationMayNotBeIsRefused() {
        String id = app("shop");
        isError(client.post("/v2/apps", "{'name':'shop'}"), 409, "name: ");
        isError(client.post("/v2/apps", "{'id':'X','name':'a'}"), 400, "id: ");
        isError(client.post("/v2/apps", "{}"), 400, "name: ");
        isError(client.post("/v2/apps", "{'name':'a b'}"), 400, "name: ");
        isError(client.post("/v2/apps", "{'name':'a','syslog_url':'http://x'}"), 400, "syslog_url: ");
        isError(client.post("/v2/apps", "{'name':'a','annotations':{'k':null}}"), 400, "annotations.k: ");
        isError(client.post("/v2/apps", "{'name':'a','config':{'k':1}}"), 400, "config.k: ");
        isError(client.post("/v2/apps", ""), 400, "body: ");
        isError(client.put("/v2/apps/" + id, "{'name':'other'}"), 409, "name: ");
        isError(client.put("/v2/apps/" + id, "{'id':'other'}"), 400, "id: ");
        assertThat(client.post("/v2/apps", "{'id':'','name':'b'}").status()).isEqualTo(200);
    }

    @Test
    void aFunctionIsMadeLookedUpChangedAndRemovedWithItsTriggers() {
        String appId = app("shop");
        Answer made = client.post("/v2/fns", "{'app_id':'" + appId + "','name':'pay','image':'node:pay'}");
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.text())
                .isEqualTo(("{'id':'" + made.id() + "','name':'pay','app_id':'" + appId
                                + "','image':'node:pay','memory':128,'timeout':30,'idle_timeout':30,'config':{},"
                                + "'annotations':{'fnproject.io/fn/invokeEndpoint':'http://test.headgate.io/invoke/"
                                + made.id()
                                + "'},'created_at':'2026-11-21T18:00:00.120Z','updated_at':'2026-11-21T18:00:00.120Z'}")
                        .replace('\'', '"'));
        String path = "/v2/fns/" + made.id();
        assertThat(client.get(path).text()).isEqualTo(made.text());
        assertThat(client.get("/v2/fns?app_id=" + appId).at("/items/0")).isEqualTo(made.json());
        String triggerPath =
                "/v2/triggers/" + trigger(appId, made.id(), "t", "/pay").id();

        Answer changed = client.put(
                path,
                made.text().replace("\"memory\":128", "\"memory\":256").replace("\"timeout\":30", "\"timeout\":300"));

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.at("/memory").intValue()).isEqualTo(256);
        assertThat(changed.at("/timeout").intValue()).isEqualTo(300);
        assertThat(changed.at("/annotations").isEmpty())
                .as("sent back and not kept")
                .isTrue();
        assertThat(client.delete(path).status()).isEqualTo(204);
        isError(client.get(path), 404, "fn_id: ");
        isError(client.get(triggerPath), 404, "trigger_id: ");
    }

    @Test
    void whatAFunctionMayNotBeIsRefused() {
        String appId = app("shop");
        String id = fn(appId, "pay");
        String other = "{'app_id':'" + appId + "','name':'b','image':'i'";
        isError(client.get("/v2/fns"), 400, "app_id: missing");
        isError(client.post("/v2/fns", "{'name':'a','image':'i'}"), 400, "app_id: ");
        isError(client.post("/v2/fns", "{'app_id':'NONE','name':'a','image':'i'}"), 404, "app_id: ");
        isError(client.post("/v2/fns", "{'app_id':'NONE','name':'a b','image':'i'}"), 400, "name: ");
        isError(client.post("/v2/fns", "{'app_id':'" + appId + "','name':'pay','image':'i'}"), 409, "name: ");
        isError(client.post("/v2/fns", "{'app_id':'" + appId + "','name':'b'}"), 400, "image: ");
        isError(client.post("/v2/fns", other + ",'memory':0}"), 400, "memory: ");
        isError(client.post("/v2/fns", other + ",'memory':8193}"), 400, "memory: ");
        isError(client.post("/v2/fns", other + ",'timeout':301}"), 400, "timeout: ");
        isError(client.post("/v2/fns", other + ",'idle_timeout':3601}"), 400, "idle_timeout: ");
        isError(client.put("/v2/fns/" + id, "{'timeout':0}"), 400, "timeout: ");
        isError(client.put("/v2/fns/" + id, "{'id':'other','memory':256}"), 400, "id: ");
        assertThat(client.get("/v2/fns/" + id).at("/memory").intValue())
                .as("not changed")
                .isEqualTo(128);
        assertThat(client.put("/v2/fns/" + id, "{'name':'other'}").status()).isEqualTo(409);
    }

    @Test
    void aTriggerIsMadeLookedUpChangedAndRemoved() {
        String appId = app("shop");
        String fnId = fn(appId, "pay");
        String otherFnId = fn(appId, "give");
        Answer made = trigger(appId, fnId, "t", "/pay");
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.text())
                .isEqualTo(("{'id':'" + made.id() + "','name':'t','app_id':'" + appId + "','fn_id':'" + fnId
                                + "','type':'http','source':'/pay','annotations':{'fnproject.io/trigger/httpEndpoint':"
                                + "'http://test.headgate.io/t/shop/pay'},"
                                + "'created_at':'2026-11-21T18:00:00.120Z','updated_at':'2026-11-21T18:00:00.120Z'}")
                        .replace('\'', '"'));
        String path = "/v2/triggers/" + made.id();
        assertThat(client.get(path).text()).isEqualTo(made.text());
        assertThat(client.get("/v2/triggers?app_id=" + appId).at("/items/0")).isEqualTo(made.json());

        Answer changed = client.put(
                path,
                "{'name':'u','fn_id':'" + otherFnId + "','source':'/give','type':'ignored','annotations':{'a':1}}");

        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(changed.at("/source").stringValue()).isEqualTo("/give");
        assertThat(changed.at("/fn_id").stringValue()).isEqualTo(otherFnId);
        assertThat(changed.at("/type").stringValue()).isEqualTo("http");
        assertThat(changed.at("/annotations").toString()).isEqualTo("{\"a\":1}");
        assertThat(client.delete(path).status()).isEqualTo(204);
        isError(client.get(path), 404, "trigger_id: ");
    }

    @Test
    void whatATriggerMayNotBeIsRefused() {
        String appId = app("shop");
        String otherAppId = app("bank");
        String fnId = fn(appId, "pay");
        String otherFnId = fn(otherAppId, "pay");
        String id = trigger(appId, fnId, "t", "/pay").id();
        isError(client.get("/v2/triggers"), 400, "app_id: missing");
        isError(client.get("/v2/triggers?fn_id=" + fnId), 400, "app_id: missing");
        isError(trigger("NONE", fnId, "a", "/a"), 404, "app_id: ");
        isError(trigger(appId, "NONE", "a", "/a"), 404, "fn_id: ");
        isError(trigger(appId, otherFnId, "a", "/a"), 400, "fn_id: ");
        isError(trigger(appId, fnId, "a", "/pay"), 409, "source: ");
        isError(trigger(appId, fnId, "t", "/a"), 409, "name: ");
        isError(trigger(appId, fnId, "a", "a"), 400, "source: ");
        isError(
                client.post(
                        "/v2/triggers",
                        "{'app_id':'" + appId + "','fn_id':'" + fnId + "','name':'a','source':'/a','type':'queue'}"),
                400,
                "type: ");
        trigger(appId, fnId, "other", "/other");
        isError(client.put("/v2/triggers/" + id, "{'source':'/other'}"), 409, "source: ");
        isError(client.put("/v2/triggers/" + id, "{'fn_id':'" + otherFnId + "'}"), 400, "fn_id: ");
        isError(client.put("/v2/triggers/" + id, "{'id':'other','source':'/new'}"), 400, "id: ");
        assertThat(client.get("/v2/triggers/" + id).at("/source").stringValue())
                .as("not changed")
                .isEqualTo("/pay");
    }

    @Test
    void triggersAreListedByFunctionAndName() {
        String appId = app("shop");
        String pay = fn(appId, "pay");
        String give = fn(appId, "give");
        trigger(appId, pay, "b", "/b");
        trigger(appId, pay, "a", "/a");
        trigger(appId, give, "c", "/c");

        String all = "/v2/triggers?app_id=" + appId;
        assertThat(names(client.get(all))).containsExactly("a", "b", "c");
        assertThat(names(client.get(all + "&fn_id=" + pay))).containsExactly("a", "b");
        assertThat(names(client.get(all + "&fn_id=" + pay + "&name=b"))).containsExactly("b");
        assertThat(client.get("/v2/triggers?app_id=NONE").text()).isEqualTo("{\"items\":[]}");
        assertThat(client.get("/v2/fns?app_id=NONE").text()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void listsComeInPagesSortedByNameAndAFullLastPageLeadsToAnEmptyOne() {
        for (String name : List.of("d", "b", "a", "c")) {
            app(name);
        }
        Answer first = client.get("/v2/apps?per_page=2");
        assertThat(names(first)).containsExactly("a", "b");
        String cursor = first.at("/next_cursor").stringValue();
        assertThat(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8))
                .isEqualTo("b");
        assertThat(cursor).doesNotContain("=");

        Answer second = client.get("/v2/apps?cursor=" + cursor + "&per_page=2");
        assertThat(names(second)).containsExactly("c", "d");
        Answer third = client.get(
                "/v2/apps?per_page=2&cursor=" + second.at("/next_cursor").stringValue());
        assertThat(third.text()).isEqualTo("{\"items\":[]}");
        assertThat(client.get("/v2/apps?per_page=5").json().has("next_cursor")).isFalse();
        assertThat(names(client.get("/v2/apps?name=c"))).containsExactly("c");
        assertThat(names(client.get("/v2/apps?name="))).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({"'', 30", "0, 30", "-1, 30", "x, 30", "1.5, 30", "99999999999, 30", "31, 31", "100, 100", "101, 100"})
    void pagesAreOfASizeThatMakesSense(String perPage, int size) {
        for (int i = 0; i < 102; i++) {
            app("app-" + i);
        }

        assertThat(names(client.get("/v2/apps?per_page=" + perPage))).hasSize(size);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cursor=%21", "cursor=a", "cursor=w-8", "cursor=YQ&cursor=YQ", "name=%ff", "%ff=1"})
    void aBadQueryIsTheFaultOfWhoAsks(String query) {
        isError(
                client.get("/v2/apps?" + query),
                400,
                query.startsWith("%") ? "query: " : query.replaceAll("=.*", ": "));
    }

    @Test
    void whatIsNotThereIsSaidInJson() {
        isError(client.get("/v2/nothing"), 404, "path: /v2/nothing (expected: one of the API)");
        isError(client.get("/v2/apps/"), 404, "path: ");
        isError(client.get("/v1/apps"), 404, "path: ");
        isError(client.get("/v2"), 404, "path: ");
        isError(client.get("/shutdown"), 404, "path: ");
        isError(client.get("/v2/apps/%ff"), 400, "path: ");
        isError(client.get("/v2/apps/%2F"), 404, "app_id: ");
        isError(client.call("OPTIONS", "*", null), 404, "path: ");
        isError(client.get("/v2/apps/NONE"), 404, "app_id: ");
    }

    @Test
    void aMethodThatAPathDoesNotHaveIsSaidWithThoseThatItHas() {
        Answer apps = client.call("PATCH", "/v2/apps", null);
        isError(apps, 405, "method: PATCH (expected: GET, HEAD, POST)");
        assertThat(apps.fields().get("allow")).isEqualTo("GET, HEAD, POST");
        assertThat(client.call("POST", "/v2/fns/x", null).fields().get("allow")).isEqualTo("GET, HEAD, PUT, DELETE");
        assertThat(client.call("OPTIONS", "/version", null).fields().get("allow"))
                .isEqualTo("GET, HEAD");
        assertThat(client.call("HEAD", "/v2/apps", null).status()).isEqualTo(200);
    }

    @Test
    void callsAreGoneWhereTheyAreNotKept() {
        String fnId = fn(app("shop"), "pay");
        for (String path : List.of("/calls", "/calls/c", "/calls/c/log", "/calls/c/result")) {
            isError(client.get("/v2/fns/" + fnId + path), 410, "calls: ");
        }
    }

    @Test
    void theServerSaysWhoItIs() {
        assertThat(client.get("/").status()).isEqualTo(200);
        assertThat(client.get("/version").text()).isEqualTo("{\"version\":\"1.2.3\"}");
        assertThat(client.get("/v2/openapi.json").at("/info/version").stringValue())
                .isEqualTo("1.2.3");
    }

    @Test
    void bodiesThatAreSaidToBeSomethingElseAreNotRead() {
        byte[] json = "{\"name\":\"a\"}".getBytes(StandardCharsets.UTF_8);
        for (String type :
                List.of("text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1")) {
            isError(client.call("POST", "/v2/apps", json, "content-type", type), 415, "content-type: ");
        }
        isError(client.call("POST", "/v2/apps", json, "content-encoding", "gzip"), 415, "content-encoding: ");
        assertThat(client.call("POST", "/v2/apps", json, "content-type", "Application/JSON; charset=\"UTF-8\"")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void itCanBeMountedBelowAPathAndTellWhereFunctionsAreCalled() {
        FunctionsApi.Builder builder = FunctionsApi.builder(store).prefix("/faas");
        ApiClient mounted = new ApiClient(builder.build());
        String appId = app("\u00e4-shop");
        String fnId = fn(appId, "pay");
        trigger(appId, fnId, "t", "/pay/{id}");

        assertThat(mounted.get("/faas").status()).isEqualTo(200);
        assertThat(mounted.get("/faas/version").status()).isEqualTo(200);
        assertThat(mounted.get("/v2/apps").status()).isEqualTo(404);
        assertThat(mounted.get("/faasv2/apps").status()).isEqualTo(404);
        assertThat(mounted.get("/faas/v2/openapi.json").at("/servers/0/url").stringValue())
                .isEqualTo("/faas");
        assertThat(invokeUrl(mounted.get("/faas/v2/fns/" + fnId)))
                .isEqualTo("http://test.headgate.io/faas/invoke/" + fnId);
        ApiClient known = new ApiClient(
                builder.publicUrl(URI.create("https://fn.example/base/")).build());
        assertThat(invokeUrl(known.get("/faas/v2/fns/" + fnId))).isEqualTo("https://fn.example/base/invoke/" + fnId);
        assertThat(known.get("/faas/v2/triggers?app_id=" + appId)
                        .at("/items/0/annotations/fnproject.io~1trigger~1httpEndpoint")
                        .stringValue())
                .isEqualTo("https://fn.example/base/t/%C3%A4-shop/pay/{id}");
    }

    private static String invokeUrl(Answer answer) {
        JsonNode url = answer.at("/annotations/fnproject.io~1fn~1invokeEndpoint");
        return url.stringValue();
    }
}
