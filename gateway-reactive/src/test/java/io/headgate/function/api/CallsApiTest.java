package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.api.ApiClient.Answer;
import io.headgate.function.model.CallStatus;
import io.headgate.http.Fields;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallsApiTest {

    private final CallRig rig = new CallRig();
    private final ApiClient client = rig.client;

    private static void isError(Answer answer, int status, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.message()).startsWith(message);
    }

    private List<String> ids(String query) {
        List<String> ids = new ArrayList<>();
        client.get(rig.path + query)
                .at("/items")
                .forEach(item -> ids.add(item.get("id").stringValue()));
        return ids;
    }

    @Test
    void aCallIsLookedUpFromQueuedToEnded() {
        rig.queued("c1", 0);
        assertThat(client.get(rig.path + "/c1").text())
                .isEqualTo(("{'id':'c1','app_id':'" + rig.appId + "','fn_id':'" + rig.fnId
                                + "','type':'async','status':'queued','attempts':0,"
                                + "'created_at':'2026-11-21T18:00:00.000Z','due_at':'2026-11-21T18:00:00.000Z'}")
                        .replace('\'', '"'));
        isError(client.get(rig.path + "/c1/result"), 404, "result: none, the call is queued");
        assertThat(client.get(rig.path + "/c1/log").at("/log").stringValue()).isEmpty();

        rig.ended(rig.leased(1), 2, CallStatus.ERROR, null, "oh\n");

        Answer ended = client.get(rig.path + "/c1");
        assertThat(ended.at("/status").stringValue()).isEqualTo("error");
        assertThat(ended.at("/attempts").intValue()).isEqualTo(1);
        assertThat(ended.at("/error").stringValue()).isEqualTo("it failed");
        assertThat(ended.at("/completed_at").stringValue()).isEqualTo("2026-11-21T18:00:02.000Z");
        isError(client.get(rig.path + "/c1/result"), 404, "result: none, the call is error");
    }

    @Test
    void aResultIsAnsweredAsTheFunctionGaveItWithoutRightsOfTheApi() {
        rig.queued("c1", 0);
        Fields fields = Fields.of(
                "Content-Type",
                "text/html",
                "X-A",
                "1",
                "X-A",
                "2",
                "Set-Cookie",
                "a=b",
                "Connection",
                "close",
                "fn-call-id",
                "forged");
        rig.ended(rig.leased(1), 2, CallStatus.SUCCESS, CallRig.result(418, fields, "<h1>tea</h1>"), "");

        Answer result = client.get(rig.path + "/c1/result");

        assertThat(result.status()).isEqualTo(418);
        assertThat(result.text()).isEqualTo("<h1>tea</h1>");
        assertThat(result.fields())
                .isEqualTo(Fields.of(
                        "Content-Type",
                        "text/html",
                        "X-A",
                        "1",
                        "X-A",
                        "2",
                        "fn-call-id",
                        "c1",
                        "content-security-policy",
                        "sandbox",
                        "x-content-type-options",
                        "nosniff",
                        "cache-control",
                        "no-store"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"application/json | application/json; charset=utf-8", "text/plain | text/plain; charset=utf-8"})
    void aLogComesAsIsAccepted(String accept, String type) {
        rig.queued("c1", 0);
        rig.ended(rig.leased(1), 2, CallStatus.SUCCESS, null, "one\ntwo\n");

        Answer log = client.get(rig.path + "/c1/log", "accept", accept);

        assertThat(log.fields().get("content-type")).isEqualTo(type);
        assertThat(log.fields().get("vary")).isEqualTo("accept");
        String text = accept.equals("text/plain") ? log.text() : log.at("/log").stringValue();
        assertThat(text).isEqualTo("one\ntwo\n");
        assertThat(client.get(rig.path + "/c1/log").at("/call_id").stringValue())
                .isEqualTo("c1");
        isError(client.get(rig.path + "/c1/log", "accept", "image/png"), 406, "accept: image/png");
    }

    @Test
    void whatIsNotThereIsSaidFunctionFirst() {
        isError(client.get("/v2/fns/NONE/calls"), 404, "fn_id: NONE");
        isError(client.get("/v2/fns/NONE/calls/NONE"), 404, "fn_id: NONE");
        isError(client.get("/v2/fns/NONE/calls/NONE/log"), 404, "fn_id: NONE");
        isError(client.get(rig.path + "/NONE"), 404, "call: NONE");
        isError(client.get(rig.path + "/NONE/result"), 404, "call: NONE");
        isError(client.get(rig.path + "/NONE/log"), 404, "call: NONE");
        isError(client.delete(rig.path + "/NONE"), 404, "call: NONE");
        isError(client.post(rig.path + "/NONE/revive", ""), 404, "call: NONE");
        assertThat(client.get(rig.path).text()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void callsOutliveTheirFunction() {
        rig.queued("c1", 0);
        rig.ended(rig.leased(1), 2, CallStatus.SUCCESS, CallRig.result(200, Fields.empty(), "paid"), "oh\n");
        rig.queued("c2", 0);
        client.delete("/v2/apps/" + rig.appId);

        assertThat(ids("")).containsExactly("c2", "c1");
        assertThat(client.get(rig.path + "/c1").at("/status").stringValue()).isEqualTo("success");
        assertThat(client.get(rig.path + "/c1/result").text()).isEqualTo("paid");
        assertThat(client.get(rig.path + "/c1/log").at("/log").stringValue()).isEqualTo("oh\n");
        assertThat(client.delete(rig.path + "/c2").status()).isEqualTo(204);
        isError(client.post(rig.path + "/c1/revive", ""), 404, "fn_id: ");
        isError(client.get(rig.path + "/c3"), 404, "fn_id: ");
        isError(client.get(rig.path + "?status=timeout"), 404, "fn_id: ");
    }

    @Test
    void cachesKeepNothing() {
        rig.queued("c1", 0);
        Fields fields = Fields.of("cache-control", "public, max-age=3600");
        rig.ended(rig.leased(1), 2, CallStatus.SUCCESS, CallRig.result(200, fields, "paid"), "");

        for (String path : List.of("/v2/apps", rig.path + "/c1/result", rig.path + "/c9", "/nowhere", "/version")) {
            assertThat(client.get(path).fields().all("cache-control")).as(path).containsExactly("no-store");
        }
    }

    @Test
    void callsAreListedNewestFirstInPagesByStatusAndTime() {
        for (int i = 1; i <= 5; i++) {
            rig.queued("c" + i, i);
        }
        rig.ended(rig.leased(1), 8, CallStatus.SUCCESS, null, "");

        assertThat(ids("")).containsExactly("c5", "c4", "c3", "c2", "c1");
        assertThat(ids("?status=success")).containsExactly("c1");
        long start = CallRig.NOW.getEpochSecond();
        assertThat(ids("?from_time=" + (start + 2) + "&to_time=" + (start + 4))).containsExactly("c3", "c2");
        Answer first = client.get(rig.path + "?per_page=3");
        assertThat(ids("?per_page=3&cursor=" + first.at("/next_cursor").stringValue()))
                .containsExactly("c2", "c1");
        isError(client.get(rig.path + "?status=lost"), 400, "status: lost (expected: one of [queued, running");
        isError(client.get(rig.path + "?from_time=yesterday"), 400, "from_time: yesterday");
        isError(client.get(rig.path + "?to_time=99999999999999999"), 400, "to_time: ");
        isError(client.get(rig.path + "?cursor=%21"), 400, "cursor: ");
    }

    @Test
    void aCallThatWaitsIsCalledOffAndOthersAreNot() {
        rig.queued("c1", 0);
        rig.queued("c2", 1);
        assertThat(client.delete(rig.path + "/c1").status()).isEqualTo(204);
        isError(client.delete(rig.path + "/c1"), 409, "status: cancelled (expected: queued)");
        rig.leased(59);
        isError(client.delete(rig.path + "/c2"), 409, "status: running (expected: queued)");
        assertThat(client.get(rig.path + "/c1").at("/status").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void aDeadLetterIsPutBackAndOthersAreNot() {
        rig.queued("c1", 0);
        isError(client.post(rig.path + "/c1/revive", ""), 409, "status: queued (expected: error or timeout)");
        rig.ended(rig.leased(1), 2, CallStatus.TIMEOUT, null, "");

        Answer revived = client.post(rig.path + "/c1/revive", "");

        assertThat(revived.status()).isEqualTo(200);
        assertThat(revived.at("/status").stringValue()).isEqualTo("queued");
        assertThat(revived.at("/due_at").stringValue()).isEqualTo("2026-11-21T18:01:00.000Z");
        assertThat(rig.leased(60).call().id()).isEqualTo("c1");
    }
}
